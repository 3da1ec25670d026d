import type { Instant } from '#core/time.js';
import { minutesBetween } from '#core/time.js';
import type { RenderedCard } from '#ports/people.js';
import type { CaseRow } from '#ports/views.js';
import type { Talk } from '../words.ts';

/** Most rows: a table of this length still fits a telephone's screen and stays far under the size limit of a card. */
const mostRows = 15;
/** Weights of the columns: case, urgency, kind, waiting. */
const widths = [4, 4, 8, 5] as const;

/** What is waiting, as a small table: case number, urgency, kind and age only, so that it may stand in a channel. */
export function waitingCard(rows: readonly CaseRow[], now: Instant, waiting: Talk['waiting']): RenderedCard {
  const title = waiting.title(rows.length);
  const listed = rows.slice(0, mostRows).map((row) => [row.caseNumber, row.urgency, row.kind, waiting.minutes(minutesBetween(row.since, now))]);
  const rest = rows.length - listed.length;
  return {
    speak: title,
    card: {
      type: 'AdaptiveCard',
      $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
      version: '1.5',
      speak: title,
      body: [
        { type: 'TextBlock', text: title, weight: 'Bolder', size: 'Medium', wrap: true },
        {
          type: 'Table',
          firstRowAsHeader: true,
          showGridLines: false,
          columns: widths.map((width) => ({ width })),
          rows: [line(waiting.columns, 'Bolder'), ...listed.map((cells) => line(cells, 'Default'))],
        },
        ...(rest > 0 ? [{ type: 'TextBlock', text: waiting.more(rest), wrap: true }] : []),
        { type: 'TextBlock', text: waiting.hint, isSubtle: true, wrap: true, spacing: 'Medium' },
      ],
    },
  };
}

function line(cells: readonly string[], weight: 'Bolder' | 'Default') {
  // Rich text, because a TextBlock would read Markdown into what a workflow says.
  const textOf = (text: string) => ({ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text, weight }] });
  return { type: 'TableRow', cells: cells.map((text) => ({ type: 'TableCell', items: [textOf(text)] })) };
}
