import type { ReportLanguage, SayingKind } from '#domain/content.js';
import type { Patterns } from './pattern.ts';

/** Kinds of saying as bits of one number. */
export const bit: Readonly<Record<SayingKind, number>> = {
  negated: 1, uncertain: 2, historical: 4, resolved: 8, stable: 16, hypothetical: 32, other: 64, question: 128, fresh: 256, acute: 512, open: 1024,
}; // prettier-ignore
const every = 2047;

interface Trigger {
  readonly kind: number;
  readonly reach: 'on' | 'back' | 'both' | 'sentence';
  readonly within: number;
  readonly first: boolean;
  readonly last: boolean;
  /** Said of the whole list in front of it. */
  readonly list: boolean;
  /** It denies by itself ("not present before"): nothing in it takes it back. */
  readonly denies: boolean;
  /** A denial belongs to it ("no longer seen"). */
  readonly holdsDenial: boolean;
}

/** What the language's patterns mean, by their number. */
export interface Triggers {
  readonly says: ReadonlyMap<number, readonly Trigger[]>;
  readonly pseudo: ReadonlySet<number>;
  /** The kinds that end there. */
  readonly ends: ReadonlyMap<number, number>;
  readonly anew: ReadonlySet<number>;
}

export function triggersOf(language: ReportLanguage, patterns: Patterns): Triggers {
  const says = new Map<number, Trigger[]>();
  for (const { kind, reach, within, first, last, list, says: sayings } of language.triggers)
    for (const saying of sayings) {
      const id = patterns.seek(saying);
      const denies = /\bnot\b/u.test(saying);
      const trigger = {
        kind: bit[kind],
        reach,
        within: within ?? Infinity,
        first: first ?? false,
        last: last ?? false,
        list: list ?? false,
        denies,
        holdsDenial: /\b(?:not?|never|without|neither|none|nor)\b/u.test(saying),
      };
      says.set(id, [...(says.get(id) ?? []), trigger]);
    }
  const ends = new Map<number, number>();
  for (const { kinds: of, says: sayings } of language.ends)
    for (const saying of sayings) {
      const id = patterns.seek(saying);
      ends.set(id, of === undefined ? every : of.reduce((mask, kind) => mask | bit[kind], ends.get(id) ?? 0));
    }
  return {
    says, ends,
    pseudo: new Set(language.pseudo.map((one) => patterns.seek(one))),
    anew: new Set(language.anew.map((one) => patterns.seek(one))),
  }; // prettier-ignore
}
