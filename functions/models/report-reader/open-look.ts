import { codeOf, codeOfWord, mixed } from './features.ts';
import type { Seen } from './features.ts';
import stored from './open-weights.json' with { type: 'json' };
import { decoded, probable } from './second-look.ts';
import type { Learned } from './second-look.ts';
import { bit } from './triggers.ts';

/** A sentence whose probability to leave something grave open is at least this is asked about, where a report states and asks nothing. Chosen by cross-validation (MODEL-CARD). */
export const askedFrom = 0.2;

/** How probable it is that a sentence leaves a finding of category 1 open, by its number among those heard. */
export type OpenLook = (seen: Seen) => (heard: number) => number;

/** A logistic regression over the words of a sentence and of the two beside it: what doubts in words that no rule knows. */
export function openLookWith({ bias, weights }: Learned): OpenLook {
  return (seen) => {
    const features = openFeaturesOf(seen);
    return (heard) => {
      const all = features(heard);
      return probable(bias, all.reduce((sum, feature) => sum + (weights[feature] ?? 0), 0), all.length); // prettier-ignore
    };
  };
}

const kinds = { word: 32, pair: 33, three: 34, apart: 35, first: 36, last: 37, beside: 38, shape: 39, mention: 40, flag: 41 } as const;
/** Words by which two of a pair may stand apart. */
const mostApart = 5;
/** What stands for the words of a finding of category 1, and of 2. */
const [finding, lesser] = [8, 9];
const end = 7;

/** What a sentence and its neighbours say, as numbers; of a finding its category alone, and what the rules made of it. */
export function openFeaturesOf({ text, heard, stated }: Seen): (at: number) => readonly number[] {
  const grave = Map.groupBy(stated.filter(({ row }) => row.category < 3), (one) => one.heard); // prettier-ignore
  const words = heard.map(({ tokens }, at) => {
    const own = new Map<number, number>();
    for (const { row, parts } of grave.get(at) ?? [])
      for (const { from, to } of parts) for (let t = from; t < to; t += 1) own.set(t, row.category === 1 ? finding : (own.get(t) ?? lesser));
    const all = tokens.map((token, t) => own.get(t) ?? codeOfWord(token));
    return all.filter((word, i) => (word !== finding && word !== lesser) || all[i - 1] !== word);
  });
  return (at) => {
    const said = words[at] ?? [];
    const sentence = heard[at]?.sentence;
    const found = new Set<number>();
    const add = (kind: keyof typeof kinds, a: number, b = 0, how = 0): unknown => found.add(mixed(kinds[kind], how, a, b));
    add('shape', codeOf(sentence?.section.kind ?? ''));
    add('shape', Math.min(6, said.length >> 2), 0, 1);
    add('shape', codeOf(text.charAt((sentence?.end ?? 0) - 1)), 0, 2);
    add('shape', at === 0 ? 0 : at === heard.length - 1 ? 2 : 1, 0, 3);
    for (const { row, assertion, flags } of grave.get(at) ?? []) {
      add('mention', codeOf(assertion), row.category);
      add('mention', 0, 0, 1);
      for (const flag of Object.values(bit)) if ((flags & flag) !== 0) add('flag', flag);
    }
    for (const [i, word] of said.entries()) {
      const next = said[i + 1] ?? end;
      add('word', word);
      add('pair', word, next);
      add('three', word, Math.imul(next, 0x01000193) ^ (said[i + 2] ?? end));
      for (let by = 2; by <= mostApart && i + by < said.length; by += 1) add('apart', word, said[i + by]);
      if (i < 3) add('first', word, 0, i);
      if (i >= said.length - 3) add('last', word, 0, said.length - i);
    }
    for (const by of [-1, 1]) for (const word of words[at + by] ?? []) add('beside', word, 0, by + 1);
    return [...found];
  };
}

export const openLook: OpenLook = openLookWith(decoded(stored));
