import type { Sentence } from './sentences.ts';
import type { Stated } from './resolve.ts';
import { sideWord } from './side.ts';
import type { Token } from './words.ts';

/** The words of a sentence, or of one cut of a long one. */
export interface Heard {
  readonly sentence: Sentence;
  readonly tokens: readonly Token[];
}

/** A report as its sentences were read, before it is known what it states as a whole. */
export interface Seen {
  readonly text: string;
  readonly heard: readonly Heard[];
  readonly stated: readonly Stated[];
  /** Its impression says that there is nothing acute. */
  readonly cleared: boolean;
}

const { imul } = Math;

/** Features are numbers below this. */
export const size = 2 ** 17;
/** Words before and behind a mention that are looked at by their distance. */
const reach = 20;

const kinds = {
  before: 1, beside: 2, pair: 3, mark: 4, clause: 5, aside: 6, within: 7, sentence: 8, next: 9, end: 10, shape: 11, section: 12, place: 13, neighbour: 14, follows: 15, impression: 16,
  report: 17, first: 18,
} as const; // prettier-ignore

/**
 * What surrounds each mention, as numbers, and never the finding's own words: what is learned is how reports speak, not what is frequent. Its sentence, the two beside it and the
 * impression are looked at once for all their mentions, so that the work stays linear in the text.
 */
export function featuresOf({ text, heard, stated, cleared }: Seen): (one: Stated) => readonly (readonly number[])[] {
  const own = heard.map(({ tokens }) => new Uint8Array(tokens.length));
  for (const { heard: h, parts } of stated) for (const { from, to } of parts) own[h]?.fill(1, from, to);
  const words = heard.map(({ tokens }, h) => tokens.map((token, t) => (own[h]?.[t] === 1 ? finding : codeOfWord(token))));
  const flat = words.map((said) => said.filter((word, i) => word !== finding || said[i - 1] !== finding));
  const impression = heard.map(({ sentence }) => sentence.section.kind === 'impression' || sentence.section.kind === 'addendum');
  const concludes = heard.some(({ sentence }) => sentence.section.kind === 'impression');
  const concluded = new Set<number>();
  const add = (to: Set<number>, kind: keyof typeof kinds, a: number, b = 0, how = 0): unknown => to.add(mixed(kinds[kind], how, a, b));
  for (const [h, said] of flat.entries())
    if (impression[h] === true)
      for (const [i, word] of said.entries()) {
        add(concluded, 'impression', word);
        if (i > 0) add(concluded, 'impression', said[i - 1] ?? 0, word, 1);
      }
  const general = [mixed(kinds.report, 0, Number(cleared), 0), mixed(kinds.report, 1, Number(concludes), 0)];
  const outside = [...general, ...concluded];
  const sentences = new Map<number, readonly number[]>();

  function ofSentence(h: number): readonly number[] {
    const known = sentences.get(h);
    if (known !== undefined) return known;
    const found = new Set<number>();
    const section = heard[h]?.sentence.section;
    const kind = codeOf(section?.kind ?? '');
    const said = flat[h] ?? [];
    for (const [i, word] of said.entries()) {
      add(found, 'sentence', word);
      add(found, 'next', word, said[i + 1] ?? edge);
    }
    const mark = text.charAt((heard[h]?.sentence.end ?? 0) - 1);
    add(found, 'end', /[\p{L}\p{N}]/u.test(mark) ? 0 : codeOf(mark));
    add(found, 'shape', Math.min(5, (heard[h]?.tokens.length ?? 0) >> 2));
    add(found, 'section', kind, Number(concludes));
    add(found, 'section', kind, 0, 1);
    add(found, 'section', Number(section?.heading === ''), 0, 2);
    add(found, 'place', h === 0 || h === 1 ? h : h === heard.length - 1 ? 3 : 2);
    for (const by of [-1, 1]) {
      const other = flat[h + by];
      const same = heard[h + by]?.sentence.section.kind === section?.kind;
      if (other === undefined) add(found, 'neighbour', edge, 0, by + 1);
      for (const [i, word] of (other ?? []).entries()) {
        add(found, 'neighbour', word, 0, by + 1);
        add(found, 'follows', word, other?.[i + 1] ?? edge, by + 1);
        if (i < 3) add(found, 'first', word, i, by + 1 + Number(same));
      }
    }
    const all = [...found];
    sentences.set(h, all);
    return all;
  }

  return (one) => {
    const { heard: h, parts } = one;
    const said = words[h] ?? [];
    const tokens = heard[h]?.tokens ?? [];
    const from = Math.min(...parts.map((part) => part.from));
    const to = Math.max(...parts.map((part) => part.to));
    const found = new Set<number>();
    const at = (t: number): number => said[t] ?? (t < 0 ? begin : edge);
    for (const [step, first, last] of [
      [-1, from - 1, Math.max(-1, from - reach)],
      [1, to, Math.min(said.length, to + reach)],
    ] as const) {
      // prettier-ignore
      let clause = 0;
      for (let t = first, far = 1; step < 0 ? t >= last : t <= last; t += step, far += 1) {
        const how = bucket(far) * 2 + (step < 0 ? 0 : 1);
        const mark = tokens[step < 0 ? t + 1 : t]?.before ?? 'space';
        if (step > 0 && mark !== 'space') clause = 2;
        if (mark !== 'space') add(found, 'mark', codeOf(mark), 0, how);
        const inner = step < 0 && t === first ? finding : at(t + 1);
        add(found, 'before', at(t), 0, how);
        add(found, 'pair', at(t), inner, step < 0 ? 0 : 1);
        add(found, 'beside', at(t), inner, how);
        if (step < 0 && mark !== 'space') clause = 2;
        add(found, clause === 0 ? 'clause' : 'aside', at(t), 0, step < 0 ? 0 : 1);
      }
    }
    for (let t = from; t < to; t += 1) if (!parts.some((part) => t >= part.from && t < part.to)) add(found, 'within', at(t));
    for (const [i, is] of [one.measured, one.advises, one.beside, one.partly].entries()) add(found, 'shape', Number(is), 0, i + 1);
    return [[...found], ofSentence(h), impression[h] === true ? general : outside];
  };
}

function bucket(far: number): number {
  return far <= 2 ? far : far <= 4 ? 3 : far <= 8 ? 4 : 5;
}

/** A number for a word; every measure, number and side is the same one. */
export function codeOfWord({ word, millimetres }: Token): number {
  if (millimetres > 0) return measure;
  if (/^[0-9]/u.test(word)) return word.length >= 4 ? long : figure;
  return sideWord(word) === null ? codeOf(word) : side;
}

/** A number for a text. */
export function codeOf(word: string): number {
  let code = 0x811c9dc5;
  for (let i = 0; i < word.length; i += 1) code = imul(code ^ word.charCodeAt(i), 0x01000193);
  return code;
}

/** One feature of what a kind says of two words. */
export function mixed(kind: number, how: number, a: number, b: number): number {
  let code = imul(kind * 16 + how + 1, 0x9e3779b1);
  code = imul(code ^ (code >>> 15) ^ a, 0x85ebca6b);
  code = imul(code ^ (code >>> 13) ^ b, 0xc2b2ae35);
  return (code ^ (code >>> 16)) & (size - 1);
}

const [finding, measure, figure, long, side, begin, edge] = [1, 2, 3, 4, 5, 6, 7];
