import { textBlock } from './card.ts';
import type { Column, ColumnSet, Element, Tone } from './card.ts';

/** A word on a ground of its colour; the word alone says all of it. */
export interface Badge {
  readonly word: string;
  readonly tone: Tone;
}

/** A badge at the left of what it is about. @param items what stands beside it. */
export function badged(badge: Badge, items: readonly Element[]): ColumnSet {
  const column: Column = {
    type: 'Column',
    width: 'auto',
    style: badge.tone,
    verticalContentAlignment: 'center',
    items: [textBlock(badge.word, { weight: 'bolder' })],
  };
  return { type: 'ColumnSet', columns: [column, { type: 'Column', width: 'stretch', verticalContentAlignment: 'center', items }] };
}
