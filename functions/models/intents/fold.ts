import { numbersIn } from './dictated.ts';
import type { FoundNumber } from './dictated.ts';
import { mended } from './slips.ts';
import { shortForms } from './vocabulary.ts';

/** A text made plain: lower case, no accents, short forms written out; case numbers alone are in upper case and in one piece. */
export interface Folded {
  readonly text: string;
  /** The words of the original that stand at these places of the folded text. */
  original(start: number, end: number): string;
}

/** What was written, without mark-up, our own mention and invisible marks. Quotation marks and dashes of all kinds become plain ones. */
export function cleaned(text: string): string {
  return text
    .replace(/<at(?:\s[^<>]*)?>\s*radloop\s*<\/at>/giu, ' ')
    .replace(/<\/?at(?:\s[^<>]*)?>/giu, '')
    .normalize('NFKC')
    .replace(/[\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFEFF]/gu, '')
    .replace(/[‘’‚´`]/gu, "'")
    .replace(/[“”„«»]/gu, '"')
    .replace(/[—−]/gu, '–')
    .replace(/@\s*(?:radloop|rad\s?loop)\b/giu, ' ')
    .trim();
}

/** @param mend Are slips of the keyboard mended? Never for what acts at once. */
export function fold(text: string, mend: boolean): Folded {
  const words = [...text.matchAll(/[\p{L}\p{N}\p{M}]+(?:'[\p{L}]+)*/gu)].map((match) => ({
    raw: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }));
  const numbers = new Map<number, FoundNumber>(numbersIn(text, words, mend).map((found) => [found.from, found]));
  let out = '';
  const starts: number[] = [];
  const ends: number[] = [];
  const put = (said: string, start: number, end: number): void => {
    out += said;
    for (let i = 0; i < said.length; i += 1) {
      starts.push(start);
      ends.push(end);
    }
  };
  let last = 0;
  for (let i = 0; i < words.length; i += 1) {
    const found = numbers.get(i);
    const first = words[i];
    const final = words[found === undefined ? i : found.to - 1];
    if (first === undefined || final === undefined) break;
    between(text, last, first.start, put);
    put(found === undefined ? plainWord(first.raw, mend) : found.number, first.start, final.end);
    last = final.end;
    if (found !== undefined) i = found.to - 1;
  }
  between(text, last, text.length, put);
  return { text: out, original: (start, end) => text.slice(starts[start] ?? text.length, ends[Math.max(end - 1, start)] ?? text.length).trim() };
}

/** What stands between two words: spaces become one, marks stay. */
function between(text: string, from: number, to: number, put: (said: string, start: number, end: number) => void): void {
  let spaced = false;
  for (let i = from; i < to; i += 1) {
    const mark = text.charAt(i);
    if (mark === '\n') put('\n', i, i + 1);
    else if (!/\s/u.test(mark)) put(mark, i, i + 1);
    else if (!spaced) put(' ', i, i + 1);
    spaced = /\s/u.test(mark);
  }
}

function plainWord(raw: string, mend: boolean): string {
  const lower = raw.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');
  const short = shortForms[lower];
  if (short !== undefined) return short;
  const contracted = /^(.+)'(s|re|m|ll|ve|d|t)$/u.exec(lower);
  if (contracted !== null) return longForm(contracted[1] ?? '', contracted[2] ?? '', mend);
  return mend ? mended(lower) : lower;
}

function longForm(stem: string, tail: string, mend: boolean): string {
  switch (tail) {
    case 't': {
      const verb = stem === 'can' ? 'can' : stem === 'won' ? 'will' : stem === 'shan' ? 'shall' : stem.replace(/n$/u, '');
      return `${verb} not`;
    }
    case 's':
      return /^(?:what|who|where|when|how|that|it|he|she|there|here|why|let|which|anything)$/u.test(stem)
        ? stem === 'let' ? 'let us' : `${stem} is`
        : `${mend ? mended(stem) : stem}'s`; // prettier-ignore
    case 're':
      return `${stem} are`;
    case 'm':
      return `${stem} am`;
    case 'll':
      return `${stem} will`;
    case 've':
      return `${stem} have`;
    default:
      return `${stem} would`;
  }
}
