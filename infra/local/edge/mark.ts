// The Playground sends every typed message as its one current user, whoever typed it. The second person's page therefore ends the text with
// a mark that cannot be seen: the person's number in the directory, as zero-width characters between two U+2063.

const FENCE = '\u2063';
const ZERO = '\u200B';
const ONE = '\u200C';

/** The text with the mark of the person who stands at `index` in the directory. */
export function addMark(words: string, index: number): string {
  const bits = [...index.toString(2)].map((bit) => (bit === '1' ? ONE : ZERO)).join('');
  return `${words}${FENCE}${bits}${FENCE}`;
}

/** The text without its mark, and whose it was; undefined: no mark. */
export function takeMark(words: string): { readonly words: string; readonly index: number | undefined } {
  const found = /\u2063([\u200B\u200C]+)\u2063/u.exec(words);
  if (found?.[1] === undefined) return { words, index: undefined };
  const bits = [...found[1]].map((sign) => (sign === ONE ? '1' : '0')).join('');
  return { words: words.replace(found[0], '').trimEnd(), index: Number.parseInt(bits, 2) };
}
