/** A word of a sentence, or two that were dictated apart. Offsets count UTF-16 units of the raw text. */
export interface Token {
  readonly start: number;
  readonly end: number;
  /** As patterns are compared with it: lower case, American spelling, singular. */
  readonly word: string;
  /** What stands before it since the last word. */
  readonly before: 'space' | 'comma' | 'colon' | 'mark';
  /** Largest measure that begins here, in millimetres; 0: none. */
  millimetres: number;
  /** Numbers of the word lists that the word is in. */
  lists: readonly number[];
  /** Numbers of the patterns that are sought everywhere and may begin here. */
  begins: readonly number[];
}

/** Words longer than this are no words; what follows is not read. */
const longestWord = 40;

const irregular: Readonly<Record<string, string>> = {
  emboli: 'embolus', thrombi: 'thrombus', metastases: 'metastasis', haematomata: 'hematoma', vertebrae: 'vertebra', diagnoses: 'diagnosis', testes: 'testis',
  bronchi: 'bronchus', foci: 'focus', calculi: 'calculus', stenoses: 'stenosis', gases: 'gas', mets: 'mets', gyri: 'gyrus', sulci: 'sulcus', uteri: 'uterus', lens: 'lens',
}; // prettier-ignore

/** One spelling for both sides of the ocean and for one or many; used alike on texts and on patterns, so it need not be a word. */
export function folded(raw: string): string {
  const known = memory.get(raw);
  if (known !== undefined) return known;
  if (memory.size > 20_000) memory.clear();
  const word = foldedAnew(raw);
  memory.set(raw, word);
  return word;
}

/** Words that were folded before; bounded, so that a text of ever new words can't fill it. */
const memory = new Map<string, string>();

function foldedAnew(raw: string): string {
  let word = raw.toLowerCase().replaceAll(/['’]/gu, '');
  if (word.length > longestWord) word = word.slice(0, longestWord);
  const known = irregular[word];
  if (known !== undefined) return known;
  if (word.length > 4) word = word.replaceAll('ae', 'e').replaceAll('oe', 'e').replaceAll('our', 'or');
  if (word.endsWith('centre')) word = `${word.slice(0, -2)}er`;
  return singular(word);
}

function singular(word: string): string {
  if (word.length <= 3 || !word.endsWith('s') || /(?:ss|us|is|as)$/u.test(word)) return word;
  if (word.endsWith('ies') && word.length > 5) return `${word.slice(0, -3)}y`;
  if (/(?:sses|xes|shes|ches)$/u.test(word)) return word.slice(0, -2);
  return word.slice(0, -1);
}

const letterOrDigit = /[\p{L}\p{N}]/u;
const digit = /[0-9]/u;

function isWordAt(text: string, i: number): boolean {
  const code = text.charCodeAt(i);
  if (code < 128) return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
  return letterOrDigit.test(text.charAt(i));
}

/** Words between `from` and `to`, without their lists. `w/o`, `r/o` and their like are one word, as is a question mark ("?PE"). */
export function wordsOf(text: string, from: number, to: number): Token[] {
  const tokens: Token[] = [];
  let before: Token['before'] = 'space';
  for (let i = from; i < to;) {
    if (!isWordAt(text, i)) {
      const mark = text.charAt(i);
      if (mark === ',') before = 'comma';
      else if (mark === ':') before = 'colon';
      else if ('()[]–—'.includes(mark) || (mark === '-' && text.charAt(i - 1) === ' ' && !isSign(text, i)))
        before = before === 'space' ? 'mark' : before;
      else if (mark === '?' && text.charAt(i - 1) !== '?') {
        tokens.push(token(i, i + 1, '?', before));
        before = 'space';
      } else if (isSign(text, i)) {
        tokens.push(token(i, i + 1, mark === '-' ? 'negative' : 'positive', before));
        before = 'space';
        i += text.charAt(i + 1) === 'v' ? 2 : 0;
      } else if (mark === '#' && isFracture(text, i)) {
        tokens.push(token(i, i + 1, 'fracture', before));
        before = 'space';
      }
      i += 1;
      continue;
    }
    const end = wordEnd(text, i, to);
    tokens.push(token(i, end, folded(text.slice(i, Math.min(end, i + longestWord))), before));
    before = 'space';
    i = end;
  }
  measure(tokens);
  return tokens;
}

/** "Hydrocephalus -ve", "DVT (-)". */
function isSign(text: string, at: number): boolean {
  if (text.charAt(at) !== '-' && text.charAt(at) !== '+') return false;
  const behind = text.slice(at + 1, at + 4);
  return (text.charAt(at - 1) === '(' && behind.startsWith(')')) || (behind.startsWith('ve') && !letterOrDigit.test(behind.charAt(2)));
}

/** "#NOF", "rib #", "temporal #.": neither "#3" nor "##". */
function isFracture(text: string, at: number): boolean {
  return !/[0-9#]/u.test(text.charAt(at + 1)) && text.charAt(at - 1) !== '#';
}

function token(start: number, end: number, word: string, before: Token['before']): Token {
  return { start, end, word, before, millimetres: 0, lists: [], begins: [] };
}

function wordEnd(text: string, start: number, to: number): number {
  let i = start;
  for (; i < to; i += 1) {
    if (isWordAt(text, i)) continue;
    const mark = text.charAt(i);
    const inWord = i + 1 < to && isWordAt(text, i + 1);
    if (!inWord) break;
    if (mark === "'" || mark === '’') continue;
    if (mark === '.' && digit.test(text.charAt(i - 1)) && digit.test(text.charAt(i + 1))) continue;
    // One letter before the stroke and one or two behind: w/o, r/o, s/p, d/w, c/w, h/o.
    if (mark === '/' && i === start + 1 && !digit.test(text.charAt(start)) && !isWordAt(text, i + 2)) continue;
    break;
  }
  return i;
}

const number = /^([0-9]+(?:\.[0-9]+)?)(mm|cm)?$/u;

/** Gives every number its length where a unit follows it, also across "x" ("3.5 x 2.1 cm"). */
function measure(tokens: readonly Token[]): void {
  let unit = 0;
  let reach = 0;
  for (let i = tokens.length - 1; i >= 0; i -= 1) {
    const one = tokens[i];
    if (one === undefined) continue;
    const scale = one.word === 'mm' || one.word === 'millimeter' ? 1 : one.word === 'cm' || one.word === 'centimeter' ? 10 : 0;
    if (scale > 0) {
      unit = scale;
      reach = 8;
      continue;
    }
    const match = number.exec(one.word);
    if (match !== null) {
      if (match[2] !== undefined) {
        unit = match[2] === 'mm' ? 1 : 10;
        reach = 8;
      }
      if (reach > 0) one.millimetres = Number(match[1]) * unit;
    } else if (!/^(?:x|by|ap|tv|cc|transverse|to)$/u.test(one.word)) reach = 0;
    reach -= 1;
  }
}
