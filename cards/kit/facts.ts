import { run, textBlock } from './card.ts';
import type { ColumnSet, Element, TextRun } from './card.ts';

/** One line of a table: a label of ours, and what is known. */
export interface FactRow {
  readonly label: string;
  readonly value: string | readonly TextRun[];
}

/** Pixels: the longest label ("Order numbers") fits, and at 320 px a value still has half of the width. */
const LABEL_WIDTH = '112px';

/** Label and value side by side. Not a FactSet: that one reads its values as Markdown. Rows without a value are left out. */
export function facts(rows: readonly FactRow[], mostCharacters = 400): readonly Element[] {
  return rows.flatMap(({ label, value }): ColumnSet[] => {
    const inlines = typeof value === 'string' ? [run(value, {}, mostCharacters)] : value;
    if (inlines.every((inline) => inline.text === '')) return [];
    return [
      {
        type: 'ColumnSet',
        spacing: 'small',
        columns: [
          { type: 'Column', width: LABEL_WIDTH, items: [textBlock(label, { isSubtle: true })] },
          { type: 'Column', width: 'stretch', items: [{ type: 'RichTextBlock', inlines: inlines.filter((inline) => inline.text !== '') }] },
        ],
      },
    ];
  });
}
