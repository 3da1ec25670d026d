import type { Vocabulary } from './content.ts';
import type { Phrase } from './protocol.ts';

/** One word of a text. `word` is lower case, its synonyms joined and a single slip of the keyboard mended; offsets are UTF-16 units of the text. */
export interface Token {
  readonly word: string;
  readonly raw: string;
  readonly start: number;
  readonly end: number;
  /** What stands before it: a comma, or the end of a clause. */
  readonly after: 'word' | 'comma' | 'clause';
}

export interface ReadText {
  readonly text: string;
  readonly tokens: readonly Token[];
}

/** A term found in a text. `negated`: the text says that it is not so ("no pacemaker", "PE ruled out"). */
export interface Hit extends Phrase {
  readonly term: string;
  readonly negated: boolean;
  /** Index of its first token and of the token behind its last. */
  readonly from: number;
  readonly to: number;
}

const WORD = /[\p{L}\p{N}]+(?:[.'’]\p{N}+)?/gu;

function plainTokens(text: string): Token[] {
  const tokens: Token[] = [];
  let last = 0;
  for (const match of text.matchAll(WORD)) {
    const gap = text.slice(last, match.index);
    const after = /[;:!?\n—]|\.(?=\s|$)| - |\bbut\b/u.test(gap) ? 'clause' : /,/u.test(gap) ? 'comma' : 'word';
    last = match.index + match[0].length;
    tokens.push({ word: match[0].toLowerCase(), raw: match[0], start: match.index, end: last, after });
  }
  return tokens;
}

/** Reads a text once; every search below works on the result. */
export function readText(text: string, vocabulary: Vocabulary): ReadText {
  const known = knownWords(vocabulary);
  const tokens = plainTokens(text).map((token) => ({ ...token, word: canonical(token.word, vocabulary, known) }));
  return { text, tokens };
}

function canonical(word: string, vocabulary: Vocabulary, known: ReadonlyMap<number, readonly string[]> | null): string {
  const same = vocabulary.same[word];
  if (same !== undefined) return same;
  if (known === null || word.length < 7 || !/^\p{L}+$/u.test(word)) return word;
  if (known.get(word.length)?.includes(word) === true) return word;
  for (const length of [word.length, word.length - 1, word.length + 1]) {
    const mended = known.get(length)?.find((other) => oneSlip(word, other));
    if (mended !== undefined) return vocabulary.same[mended] ?? mended;
  }
  return word;
}

/** Do two words differ by one letter put in, left out, replaced (long words only), or by two that changed places? The first letter must agree. */
function oneSlip(a: string, b: string): boolean {
  if (a === b || a[0] !== b[0] || Math.abs(a.length - b.length) > 1) return false;
  let i = 0;
  while (i < a.length && i < b.length && a[i] === b[i]) i += 1;
  if (a.length > b.length) return a.slice(i + 1) === b.slice(i);
  if (a.length < b.length) return a.slice(i) === b.slice(i + 1);
  // A replaced letter makes another word of a short one (stubbed, stabbed).
  return (a.length >= 9 && a.slice(i + 1) === b.slice(i + 1)) || (a[i] === b[i + 1] && a[i + 1] === b[i] && a.slice(i + 2) === b.slice(i + 2));
}

const wordsByVocabulary = new WeakMap<Vocabulary, ReadonlyMap<number, readonly string[]>>();
function knownWords(vocabulary: Vocabulary): ReadonlyMap<number, readonly string[]> {
  const kept = wordsByVocabulary.get(vocabulary);
  if (kept !== undefined) return kept;
  const byLength = new Map<number, string[]>();
  for (const word of new Set(vocabulary.spelling)) {
    const list = byLength.get(word.length) ?? [];
    list.push(word);
    byLength.set(word.length, list);
  }
  wordsByVocabulary.set(vocabulary, byLength);
  return byLength;
}

interface Compiled {
  readonly term: string;
  /** Each word; one that ended with * matches whatever begins with it. */
  readonly words: readonly { readonly word: string; readonly prefix: boolean }[];
}
const compiledLists = new WeakMap<readonly string[], readonly Compiled[]>();

function compile(terms: readonly string[], vocabulary: Vocabulary): readonly Compiled[] {
  const kept = compiledLists.get(terms);
  if (kept !== undefined) return kept;
  const made = terms.map((term) => ({
    term,
    words: plainTokens(term).map((token) => {
      const prefix = term[token.end] === '*';
      return { word: prefix ? token.word : canonical(token.word, vocabulary, null), prefix };
    }),
  }));
  compiledLists.set(terms, made);
  return made;
}

const wordSets = new WeakMap<ReadText, ReadonlySet<string>>();

function wordsIn(read: ReadText): ReadonlySet<string> {
  const kept = wordSets.get(read);
  if (kept !== undefined) return kept;
  const words = new Set(read.tokens.map((token) => token.word));
  wordSets.set(read, words);
  return words;
}

/** Every place where one of the terms stands, in the order of the text. A term is words as typed; `*` at a word's end matches any ending. */
export function findTerms(read: ReadText, terms: readonly string[], vocabulary: Vocabulary): Hit[] {
  const hits: Hit[] = [];
  for (const { term, words } of compile(terms, vocabulary)) {
    const [first] = words;
    if (first === undefined || (!first.prefix && !wordsIn(read).has(first.word))) continue;
    for (let from = 0; from + words.length <= read.tokens.length; from += 1) {
      if (!words.every((wanted, i) => fits(read.tokens[from + i], wanted))) continue;
      const to = from + words.length;
      const start = read.tokens[from]?.start ?? 0;
      const end = read.tokens[to - 1]?.end ?? start;
      hits.push({ term, text: read.text.slice(start, end), start, end, from, to, negated: isNegated(read, from, to, vocabulary) });
    }
  }
  return hits.sort((a, b) => a.start - b.start || b.end - a.end);
}

/** As findTerms, without what the text denies. */
export function affirmed(read: ReadText, terms: readonly string[], vocabulary: Vocabulary): Hit[] {
  return findTerms(read, terms, vocabulary).filter((hit) => !hit.negated);
}

function fits(token: Token | undefined, wanted: { readonly word: string; readonly prefix: boolean }): boolean {
  if (token === undefined) return false;
  return wanted.prefix ? token.word.startsWith(wanted.word) || token.raw.toLowerCase().startsWith(wanted.word) : token.word === wanted.word;
}

/** After NegEx: a cue before, within the clause, or one just behind. A comma ends its reach unless an "or" further on makes it a list. */
function isNegated(read: ReadText, from: number, to: number, vocabulary: Vocabulary): boolean {
  const { tokens } = read;
  let commas = 0;
  for (let i = from; i > 0 && from - i < vocabulary.negation.reach; i -= 1) {
    const token = tokens[i];
    if (token === undefined || token.after === 'clause') break;
    if (token.after === 'comma') commas += 1;
    const cue = cueEndingAt(tokens, i - 1, vocabulary.negation.before, vocabulary);
    if (cue > 0) return commas === 0 || isList(tokens, from);
    if (cueEndingAt(tokens, i - 1, vocabulary.negation.ends, vocabulary) > 0) break;
  }
  for (let i = to; i < tokens.length && i - to < 3; i += 1) {
    const token = tokens[i];
    if (token === undefined || token.after !== 'word') break;
    if (vocabulary.negation.behind.some((cue) => plainTokens(cue).every((word, k) => tokens[i + k]?.raw.toLowerCase() === word.word))) return true;
  }
  return false;
}

function isList(tokens: readonly Token[], from: number): boolean {
  for (let i = from; i < tokens.length; i += 1) {
    const token = tokens[i];
    if (token === undefined || (i > from && token.after === 'clause')) return false;
    if (token.word === 'or' || token.word === 'nor') return true;
  }
  return false;
}

function cueEndingAt(tokens: readonly Token[], last: number, cues: readonly string[], vocabulary: Vocabulary): number {
  for (const { words } of compile(cues, vocabulary)) {
    const first = last - words.length + 1;
    if (first >= 0 && words.every((wanted, i) => tokens[first + i]?.raw.toLowerCase() === wanted.word || tokens[first + i]?.word === wanted.word)) {
      return words.length;
    }
  }
  return 0;
}

/** The sentence (or line) around an offset: what is cited as evidence. */
export function sentenceAround(text: string, start: number, end: number): string {
  const before = text.slice(0, start);
  const from = Math.max(0, ...[...before.matchAll(/[.;!?](?=\s)|\n/gu)].map((match) => match.index + 1));
  const rest = text.slice(end);
  const stop = /[.;!?](?=\s|$)|\n/u.exec(rest);
  return text.slice(from, stop === null ? text.length : end + stop.index + 1).trim();
}

/** Days that a text names as a length of time ("x5 days", "3d ago", "12 wks", "since yesterday"); empty when it names none. */
export function durationsInDays(text: string): number[] {
  const unit: Readonly<Record<string, number>> = { h: 1 / 24, d: 1, w: 7, m: 30, y: 365 };
  const found = [
    ...text.matchAll(
      /(?<![\p{L}\d.])x?\s?(\d+(?:\.\d+)?)\s*-?\s*(hours?|hrs?|h|days?|d|weeks?|wks?|wk|w|months?|mos?|mths?|years?|yrs?|y)(?![\p{L}\d])/giu,
    ),
  ];
  const days = found.map((match) => Number(match[1]) * (unit[(match[2] ?? '').charAt(0).toLowerCase()] ?? 0));
  if (/\b(?:yest|yesterday|last night)\b/iu.test(text)) days.push(1);
  if (/\b(?:today|this morning|tonight)\b/iu.test(text)) days.push(0);
  return days;
}
