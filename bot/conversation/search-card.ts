import { openButton } from '#cards/kit/ask.js';
import { adaptiveCard, paragraph, run, textBlock } from '#cards/kit/card.js';
import type { ColumnSet, Element } from '#cards/kit/card.js';
import { formatDate } from '#cards/kit/text.js';
import type { Match, Search } from '#ports/desk.js';
import type { RenderedCard } from '#ports/people.js';
import type { Talk } from '../words.ts';
import { kindIn, urgencyBadge } from './row-words.ts';

/**
 * Which of several patients is meant: two identifiers each, and beside them the button that opens their case, so that nobody presses another's. For the private
 * chat alone; what it says aloud names nobody.
 */
export function searchCard({ matches, more, complete }: Search, talk: Talk, language: 'en' | 'es'): RenderedCard {
  return adaptiveCard(talk.search.title, [
    textBlock(talk.search.title, { style: 'heading', weight: 'bolder' }),
    ...matches.map((match) => one(match, talk, language)),
    ...(more > 0 ? [textBlock(talk.search.more(more), { weight: 'bolder' })] : []),
    ...(complete ? [] : [textBlock(talk.search.notAll)]),
  ]);
}

function one(match: Match, talk: Talk, language: 'en' | 'es'): ColumnSet {
  const { caseNumber, revision } = match.row;
  const middle = { type: 'Column', verticalContentAlignment: 'center' } as const;
  return {
    type: 'ColumnSet',
    spacing: 'small',
    columns: [
      { ...middle, width: 'stretch', style: 'emphasis', items: lines(match, language) },
      { ...middle, width: 'auto', items: [{ type: 'ActionSet', actions: [openButton(talk.waiting.open, { caseNumber, revision })] }] },
    ],
  };
}

function lines({ row, name, birthDate, number }: Match, language: 'en' | 'es'): readonly Element[] {
  const born = birthDate === null ? null : formatDate(birthDate, language);
  const who = [name, born, number].filter((part) => part !== null && part !== '').join(' · ');
  const { word } = urgencyBadge(row.urgency, language);
  return [
    paragraph([run(who, { weight: 'bolder' }, 200)], 'none'),
    paragraph([run(`${row.caseNumber} · ${kindIn(row.kind, language)} · ${word}`, { isSubtle: true }, 200)], 'none'),
  ];
}
