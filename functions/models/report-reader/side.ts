import type { Token } from './words.ts';

/** Words around a mention in which its side is looked for. */
const reach = 6;

/** The side nearest before a mention or in it, else behind it; `both` where it says so. Null: none is said. */
export function sideOf(tokens: readonly Token[], from: number, to: number): 'left' | 'right' | 'both' | null {
  for (let t = to - 1; t >= Math.max(0, from - reach); t -= 1) {
    const side = sideWord(tokens[t]?.word);
    if (side !== null) return side;
  }
  for (let t = to; t < Math.min(tokens.length, to + reach); t += 1) {
    const side = sideWord(tokens[t]?.word);
    if (side !== null) return side;
  }
  return null;
}

/** The side that a word names. */
export function sideWord(word: string | undefined): 'left' | 'right' | 'both' | null {
  switch (word) {
    case 'left':
    case 'l':
    case 'lt':
      return 'left';
    case 'right':
    case 'r':
    case 'rt':
      return 'right';
    case 'bilateral':
    case 'bilaterally':
    case 'both':
    case 'b/l':
      return 'both';
    default:
      return null;
  }
}
