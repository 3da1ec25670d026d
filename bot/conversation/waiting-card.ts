import { openButton } from '#cards/kit/ask.js';
import { adaptiveCard, paragraph, run, textBlock } from '#cards/kit/card.js';
import type { Column, ColumnSet } from '#cards/kit/card.js';
import type { Language } from '#core/language.js';
import type { Instant } from '#core/time.js';
import { minutesBetween } from '#core/time.js';
import type { RenderedCard } from '#ports/people.js';
import type { CaseRow } from '#ports/views.js';
import type { Talk } from '../words.ts';
import { kindIn, urgencyBadge } from './row-words.ts';

/** Most lines: a list of this length still reads on a telephone and stays far under the size limit of a card. */
const mostRows = 15;

/**
 * What is waiting, a line each with the button that opens it as a dialog: urgency, case number, kind and age only, so that it may stand in a channel.
 * @param rows the most urgent first
 */
export function waitingCard(rows: readonly CaseRow[], now: Instant, talk: Pick<Talk, 'waiting'>, language: Language): RenderedCard {
  const { waiting } = talk;
  const title = waiting.title(rows.length);
  const rest = rows.length - mostRows;
  return adaptiveCard(title, [
    textBlock(title, { style: 'heading', size: 'medium', weight: 'bolder' }),
    ...rows.slice(0, mostRows).map((row) => line(row, now, waiting, language)),
    ...(rest > 0 ? [textBlock(waiting.more(rest), { weight: 'bolder' })] : []),
    textBlock(waiting.hint, { isSubtle: true, size: 'small', spacing: 'medium' }),
  ]);
}

/** Pixels: the longest word, in either language, so that the lines stand under one another. */
const BADGE_WIDTH = '92px';

function line(row: CaseRow, now: Instant, waiting: Talk['waiting'], language: Language): ColumnSet {
  const { caseNumber, revision } = row;
  const age = waiting.minutes(minutesBetween(row.since, now)).replaceAll(' ', '\u00a0');
  const { word, tone } = urgencyBadge(row.urgency, language);
  const middle = { type: 'Column', verticalContentAlignment: 'center' } as const;
  const columns: Column[] = [
    { ...middle, width: BADGE_WIDTH, style: tone, items: [textBlock(word, { weight: 'bolder' })] },
    {
      ...middle,
      width: 'stretch',
      items: [
        paragraph([run(caseNumber, { fontType: 'monospace', weight: 'bolder' }), run(`  ·  ${age}`)], 'none'),
        paragraph([run(kindIn(row.kind, language), { isSubtle: true })], 'none'),
      ],
    },
    { ...middle, width: 'auto', items: [{ type: 'ActionSet', actions: [openButton(waiting.open, { caseNumber, revision })] }] },
  ];
  return { type: 'ColumnSet', columns, spacing: 'small' };
}
