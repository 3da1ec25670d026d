import { common, known } from './vocabulary.ts';

/** Words that are mended must be as long as this: a short word is one slip away from too many others. */
const shortest = 4;
/** From this length two slips are mended. */
const longForTwo = 9;

const byFirst = new Map<string, string[]>();
for (const word of known) byFirst.set(word.charAt(0), [...(byFirst.get(word.charAt(0)) ?? []), word]);
const fixed = new Set([...known, ...common]);

/** The word of the vocabulary that was meant, where a slip of the keyboard or of dictation is the only difference; else the word itself. */
export function mended(word: string): string {
  if (word.length < shortest || fixed.has(word) || !/^[a-z]+$/u.test(word)) return word;
  const squeezed = word.replace(/(.)\1{2,}/gu, '$1$1');
  if (fixed.has(squeezed)) return squeezed;
  const once = word.replace(/(.)\1{2,}/gu, '$1');
  if (once !== word && fixed.has(once)) return once;
  const plural = word.endsWith('s') && fixed.has(word.slice(0, -1));
  if (plural) return word;
  const most = word.length >= longForTwo ? 2 : 1;
  // A slip in the first letter is seldom, save that two letters changed places.
  const near = [...(byFirst.get(word.charAt(0)) ?? []), ...(byFirst.get(word.charAt(1)) ?? [])];
  let best = word;
  let least = most + 1;
  for (const other of near) {
    if (Math.abs(other.length - word.length) > most || other.length < shortest) continue;
    const slips = distance(word, other, least);
    // In a word of four letters only a swap or a doubled letter is surely a slip.
    if (slips < least && (word.length > shortest || sameLetters(word, other))) {
      least = slips;
      best = other;
    }
  }
  return best;
}

function sameLetters(one: string, other: string): boolean {
  return [...new Set(one)].sort().join('') === [...new Set(other)].sort().join('');
}

/** Damerau-Levenshtein, one swap of neighbours counting as one; `enough` where it is that far or farther. */
function distance(a: string, b: string, enough: number): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a.charAt(i - 1) === b.charAt(j - 1);
      let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a.charAt(i - 1) === b.charAt(j - 2) && a.charAt(i - 2) === b.charAt(j - 1)) cost = Math.min(cost, at(before, j - 2) + 1);
      row.push(cost);
    }
    if (Math.min(...row) >= enough) return enough;
    before = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
