import { folded } from './words.ts';
import type { Token } from './words.ts';

/**
 * The language of patterns, over the words of one sentence. It has no nested repetition, so a sentence is read in time linear in its words.
 *
 * `a b`      these words one after the other
 * `a|b`      one of these words
 * `stem*`    a word that begins so
 * `a?`       with or without
 * `_3`       up to three other words, at most `_12`
 * `#name`    one word of a list of the language file
 * `>=8mm`    a measure of at least 8 mm
 */
interface Element {
  /** Word list that must hold the word; null: any words. */
  readonly list: number | null;
  readonly optional: boolean;
  readonly most: number;
}

/** Ways to read a pattern: what is optional at its end behind a gap is there with its gap, or neither is. */
type Pattern = readonly (readonly Element[])[];

/** Where a pattern stands: token numbers, `to` behind the last. */
export interface Hit {
  readonly pattern: number;
  readonly from: number;
  readonly to: number;
  /** Behind the last word of the shortest way to read it: "splenic rupture" of "splenic rupture with no fracture". */
  readonly least: number;
}

const { clz32 } = Math;

/** Words that a pattern may span: the set of its ends is the bits of one number. */
const widest = 30;
/** Letters of a word that was dictated as two, and of the first of the two at most. */
const [shortestJoined, longestFirst] = [7, 8];
/** Letters that a word must have for a slip in it to be mended. */
const shortestSlip = 7;

/** A pattern of the content that cannot be used. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

/** Which lists some words are in: those that have the mark. */
interface Held {
  readonly by: Uint32Array;
  readonly mark: number;
}

/** What is known of a word. */
interface Known extends Pick<Token, 'lists' | 'begins'> {
  /** Known words begin with it that may have been dictated apart. */
  readonly joins: boolean;
}

/** Compiles patterns, finds in a sentence at once those that are sought everywhere, and any other where it is asked for. */
export class Patterns {
  private readonly words: Readonly<Record<string, readonly string[]>>;
  private readonly denial: ReadonlySet<string>;
  private readonly clause: ReadonlySet<string>;
  private readonly numbers = new Map<string, number>();
  private readonly compiled: Pattern[] = [];
  /** The lists of which a sentence must hold a word for it to stand there. */
  private readonly needs: (readonly number[])[] = [];
  /** By list the last sentence that held a word of it. */
  private held: Held = { by: new Uint32Array(0), mark: 0 };
  private readonly sought = new Set<number>();
  /** Numbers of the patterns that are sought, by the list of the first word. */
  private readonly byFirst: number[][] = [];
  private readonly lists = new Map<string, number>();
  private readonly exact = new Map<string, number[]>();
  private readonly stems = new Map<string, number[]>();
  private readonly measures: { readonly list: number; readonly least: number }[] = [];
  private readonly seen = new Map<string, Known>();
  private beginnings: Set<string> | null = null;
  private slips: Map<string, string> | null = null;

  constructor(words: Readonly<Record<string, readonly string[]>>) {
    this.words = words;
    this.denial = new Set(words['denial']);
    this.clause = new Set(words['clause']);
  }

  /** The number of a pattern that is found in every sentence. @throws PatternError where it is not one */
  seek(source: string): number {
    const id = this.add(source);
    if (this.sought.has(id)) return id;
    this.sought.add(id);
    const way = this.compiled[id]?.[0] ?? [];
    for (const { list } of way.slice(0, way.findIndex(({ optional }) => !optional) + 1)) if (list !== null) (this.byFirst[list] ??= []).push(id);
    return id;
  }

  /** The number of a pattern that is looked for where it is asked for. @throws PatternError where it is not one */
  add(source: string): number {
    const known = this.numbers.get(source);
    if (known !== undefined) return known;
    const elements = source
      .trim()
      .split(/\s+/u)
      .map((word) => this.element(word, source));
    if (elements.every(({ optional }) => optional) || elements[0]?.list == null)
      throw new PatternError(`"${source}": must begin with a word and hold one that is not optional`);
    if (elements.reduce((sum, one) => sum + one.most, 0) > widest) throw new PatternError(`"${source}": spans more than ${widest} words`);
    const id = this.compiled.push(waysOf(elements)) - 1;
    this.needs[id] = elements.flatMap(({ list, optional }) => (optional || list === null ? [] : [list]));
    this.numbers.set(source, id);
    return id;
  }

  private element(source: string, pattern: string): Element {
    const gap = /^_([1-9]|1[0-2])$/u.exec(source);
    if (gap !== null) return { list: null, optional: true, most: Number(gap[1]) };
    const optional = source.endsWith('?') && source !== '?' && !source.endsWith('|?');
    const body = optional ? source.slice(0, -1) : source;
    return { list: this.list(body, pattern), optional, most: 1 };
  }

  private list(body: string, pattern: string): number {
    const known = this.lists.get(body);
    if (known !== undefined) return known;
    const id = this.lists.size;
    this.lists.set(body, id);
    for (const word of body.split('|').flatMap((one) => this.spelledOut(one, pattern))) {
      const least = /^>=([0-9]+)mm$/u.exec(word);
      if (least !== null) {
        this.measures.push({ list: id, least: Number(least[1]) });
        continue;
      }
      if (!/^(?:\?|[\p{L}\p{N}/.'’]+\*?)$/u.test(word)) throw new PatternError(`"${pattern}": "${word}" is no word`);
      const stem = word.endsWith('*');
      const plain = stem ? stemOf(word.slice(0, -1)) : folded(word);
      const into = stem ? this.stems : this.exact;
      into.set(plain, [...(into.get(plain) ?? []), id]);
    }
    return id;
  }

  private spelledOut(word: string, pattern: string): readonly string[] {
    if (!word.startsWith('#')) return [word];
    const list = this.words[word.slice(1)];
    if (list === undefined) throw new PatternError(`"${pattern}": no list of words is called ${word}`);
    return list;
  }

  /** Joins words that were dictated apart ("sub dural"), mends one slip in a long word, and says of each word which lists hold it. */
  recognise(tokens: readonly Token[]): Token[] {
    const out: Token[] = [];
    for (let i = 0; i < tokens.length; i += 1) {
      const one = tokens[i];
      if (one === undefined) continue;
      const next = tokens[i + 1];
      const known = this.known(one.word);
      const joined = known.joins && next?.before === 'space' ? `${one.word}${next.word}` : '';
      if (next !== undefined && joined.length >= shortestJoined && this.exact.has(joined)) {
        const { lists, begins } = this.known(joined);
        out.push({ ...one, end: next.end, word: joined, lists, begins });
        i += 1;
      } else {
        const { lists, begins } = one.millimetres > 0 ? this.withMeasure(one, known) : known;
        one.lists = lists;
        one.begins = begins;
        out.push(one);
      }
    }
    return out;
  }

  private withMeasure({ millimetres }: Token, { lists }: Known): Pick<Token, 'lists' | 'begins'> {
    return this.begun([...lists, ...this.measures.filter(({ least }) => millimetres >= least).map(({ list }) => list)]);
  }

  private begun(lists: readonly number[]): Pick<Token, 'lists' | 'begins'> {
    return { lists, begins: [...new Set(lists.flatMap((list) => this.byFirst[list]?.toSorted((a, b) => a - b) ?? []))] };
  }

  private known(word: string): Known {
    const known = this.seen.get(word);
    if (known !== undefined) return known;
    let lists = this.plainLists(word);
    if (lists.length === 0 && word.length >= shortestSlip) {
      const mended = this.mended(word);
      if (mended !== null) lists = this.plainLists(mended);
    }
    // Bounded, so that a text of ever new words can't fill the memory.
    if (this.seen.size > 20_000) this.seen.clear();
    const all = { ...this.begun(lists), joins: this.beginsOthers(word) };
    this.seen.set(word, all);
    return all;
  }

  private beginsOthers(word: string): boolean {
    if (this.beginnings === null) {
      this.beginnings = new Set<string>();
      for (const other of this.exact.keys())
        if (other.length >= shortestJoined) for (let n = 1; n <= longestFirst; n += 1) this.beginnings.add(other.slice(0, n));
    }
    return !/^[0-9]/u.test(word) && this.beginnings.has(word);
  }

  private plainLists(word: string): readonly number[] {
    const found = [...(this.exact.get(word) ?? [])];
    for (let length = 2; length <= word.length; length += 1) found.push(...(this.stems.get(word.slice(0, length)) ?? []));
    return found;
  }

  /** The known long word from which one letter was left out, added, changed or swapped behind the first; null: none. */
  private mended(word: string): string | null {
    this.slips ??= slipsOf(this.exact.keys());
    for (const less of [word, ...withoutOne(word)]) {
      const other = this.slips.get(less);
      if (other !== undefined && oneSlip(word, other)) return other;
    }
    return null;
  }

  /** Every place of every pattern that is sought, each the longest from where it begins. What is asked for afterwards is asked of this sentence. */
  find(tokens: readonly Token[]): Hit[] {
    const hits: Hit[] = [];
    this.hear(tokens);
    for (let from = 0; from < tokens.length; from += 1) {
      const within = this.withinOf(tokens, from);
      for (const pattern of tokens[from]?.begins ?? []) {
        // Most patterns lack one of their words, which is cheap to see.
        const hit = this.isHeld(pattern, this.held) ? this.at(pattern, tokens, from, within) : null;
        if (hit !== null) hits.push(hit);
      }
    }
    return hits;
  }

  /** Every place of one pattern, in the order of the text, in the sentence that `find` was last given. */
  placesOf(pattern: number, tokens: readonly Token[]): Hit[] {
    if (!this.isHeld(pattern, this.held)) return [];
    return tokens.flatMap((_, from) => this.at(pattern, tokens, from, this.withinOf(tokens, from)) ?? []);
  }

  /** Answers which patterns stand in one of some sentences. */
  within(sentences: readonly (readonly Token[])[]): (pattern: number) => boolean {
    const held = { by: new Uint32Array(this.lists.size), mark: 1 };
    for (const tokens of sentences) note(tokens, held);
    const known = new Map<number, boolean>();
    return (pattern) => {
      let stands = known.get(pattern);
      if (stands !== undefined) return stands;
      stands =
        this.isHeld(pattern, held) &&
        sentences.some((tokens) => tokens.some((_, from) => this.at(pattern, tokens, from, this.withinOf(tokens, from)) !== null));
      known.set(pattern, stands);
      return stands;
    };
  }

  private at(pattern: number, tokens: readonly Token[], from: number, within: number): Hit | null {
    const ends = this.endsOf(pattern, tokens, from) & within;
    if (ends === 0) return null;
    return { pattern, from, to: Math.min(from + 31 - clz32(ends), tokens.length), least: Math.min(from + 31 - clz32(ends & -ends), tokens.length) }; // prettier-ignore
  }

  private hear(tokens: readonly Token[]): void {
    const by = this.held.by.length < this.lists.size ? new Uint32Array(this.lists.size) : this.held.by;
    this.held = { by, mark: this.held.mark + 1 };
    note(tokens, this.held);
  }

  private isHeld(pattern: number, { by, mark }: Held): boolean {
    for (const list of this.needs[pattern] ?? []) if (by[list] !== mark) return false;
    return true;
  }

  /**
   * The ends, as bits, that a pattern may have from a word on. What begins with a denial ends before a clause of its own: "no embolus, the arteries are well seen" doesn't
   * say that no arteries are seen.
   */
  private withinOf(tokens: readonly Token[], from: number): number {
    if (!this.denial.has(tokens[from]?.word ?? '')) return -1;
    for (let n = 1; n <= widest; n += 1) {
      const next = tokens[from + n];
      if (next === undefined) return -1;
      if (next.before === 'comma' && this.clause.has(next.word)) return (1 << (n + 1)) - 1;
    }
    return -1;
  }

  /** Bit n: the pattern can end behind n words; 0: it does not stand there. */
  private endsOf(pattern: number, tokens: readonly Token[], from: number): number {
    let ends = 0;
    for (const way of this.compiled[pattern] ?? []) ends |= endsBy(way, tokens, from);
    return ends;
  }
}

function note(tokens: readonly Token[], { by, mark }: Held): void {
  for (const { lists } of tokens) for (const list of lists) by[list] = mark;
}

function endsBy(way: readonly Element[], tokens: readonly Token[], from: number): number {
  let ends = 1;
  for (const { list, optional, most } of way) {
    let next = optional ? ends : 0;
    if (list === null) for (let n = 1; n <= most; n += 1) next |= ends << n;
      else for (let rest = ends; rest !== 0; rest &= rest - 1) {
          const n = 31 - clz32(rest & -rest);
          if (tokens[from + n]?.lists.includes(list) === true) next |= 1 << (n + 1);
        } // prettier-ignore
    if (next === 0) return 0;
    ends = next;
  }
  return ends;
}

/** "empyema _3 necessitans?" does not reach over the words of "empyema is not seen". */
function waysOf(elements: readonly Element[]): Pattern {
  const gap = elements.findLastIndex(({ list }) => list === null);
  const rest = elements.slice(gap + 1);
  if (gap < 1 || rest.length === 0 || rest.some(({ optional }) => !optional)) return [elements];
  const head = elements.slice(0, gap);
  return [...waysOf(head), ...rest.map((one, i) => [...elements.slice(0, gap + 1), { ...one, optional: false }, ...rest.slice(i + 1)])];
}

function stemOf(source: string): string {
  const word = source.toLowerCase();
  return word.length > 4 ? word.replaceAll('ae', 'e').replaceAll('oe', 'e').replaceAll('our', 'or') : word;
}

function* withoutOne(word: string): Generator<string> {
  for (let i = 1; i < word.length; i += 1) yield word.slice(0, i) + word.slice(i + 1);
}

function slipsOf(known: Iterable<string>): Map<string, string> {
  const slips = new Map<string, string>();
  for (const word of known) {
    if (word.length < shortestSlip) continue;
    slips.set(word, word);
    for (const less of withoutOne(word)) if (!slips.has(less)) slips.set(less, word);
  }
  return slips;
}

const vowel = /[aeiouy]/u;

/** Same first letter, and one letter more, less, other, or two swapped. */
function oneSlip(a: string, b: string): boolean {
  if (a.charAt(0) !== b.charAt(0) || Math.abs(a.length - b.length) > 1) return false;
  let head = 0;
  while (head < a.length && a.charAt(head) === b.charAt(head)) head += 1;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a.charAt(a.length - 1 - tail) === b.charAt(b.length - 1 - tail)) tail += 1;
  const [left, right] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  const other = left.length === 1 && right.length === 1;
  // Of other letters only vowels are taken for a slip: "material" is not "maternal".
  return (
    (left.length <= 1 && right.length <= 1 && (!other || (vowel.test(left) && vowel.test(right)))) ||
    (left.length === 2 && right.length === 2 && left === right.charAt(1) + right.charAt(0))
  );
}
