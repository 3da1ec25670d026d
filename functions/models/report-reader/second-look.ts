import { featuresOf } from './features.ts';
import type { Seen } from './features.ts';
import type { Stated } from './resolve.ts';
import { bit } from './triggers.ts';
import stored from './weights.json' with { type: 'json' };

/** A weight is a character, this far from `zero`, in steps of `step`. */
export const encoding = { zero: 80, most: 44, step: 0.16 } as const;

export interface Learned {
  readonly bias: number;
  /** By feature. */
  readonly weights: Float64Array;
}

/** Marks as doubted what it takes for not present; it adds nothing and touches nothing else. */
export type Look = (seen: Seen) => readonly Stated[];

/** A mention whose probability to be present now is lower is doubted. Chosen by cross-validation (MODEL-CARD). */
export const doubtedBelow = 0.2;

/**
 * A second opinion on what the rules call stated, of categories 1 and 2, in words that they don't know: a logistic regression over the words around each mention. What has a measure,
 * is new, worse or acute, answers a field, or counts also unchanged (a tube in the wrong place) is never doubted, nor what is only asked about. What a sentence says of a finding and of a more general one it is doubted for both.
 */
export function lookWith({ bias, weights }: Learned, below = doubtedBelow): Look {
  return (seen) => {
    if (!seen.stated.some((one) => mayBeDoubted(one, seen))) return seen.stated;
    const features = featuresOf(seen);
    const sums = new WeakMap<readonly number[], number>();
    const sumOf = (group: readonly number[]): number => {
      const known = sums.get(group);
      if (known !== undefined) return known;
      let sum = 0;
      for (const feature of group) sum += weights[feature] ?? 0;
      sums.set(group, sum);
      return sum;
    };
    const best = new Map<string, number>();
    const named = ({ heard, row }: Stated): string[] => [row.ruleId, ...row.over].map((id) => `${heard} ${id}`);
    for (const one of seen.stated) {
      if (one.row.category === 3 || one.assertion !== 'affirmed') continue;
      const groups = features(one);
      const count = groups.reduce((all, group) => all + group.length, 0);
      const sum = groups.reduce((all, group) => all + sumOf(group), 0);
      const present = mayBeDoubted(one, seen) ? probable(bias, sum, count) : 1;
      for (const name of named(one)) best.set(name, Math.max(present, best.get(name) ?? 0));
    }
    return seen.stated.map((one) =>
      mayBeDoubted(one, seen) && named(one).every((name) => (best.get(name) ?? 1) < below) ? { ...one, doubted: true } : one,
    );
  };
}

/** By a logistic regression of which so many features are present. */
export function probable(bias: number, sum: number, count: number): number {
  return 1 / (1 + Math.exp(-bias - sum / Math.sqrt(Math.max(1, count))));
}

function mayBeDoubted({ row, assertion, measured, flags, heard: at, parts }: Stated, { heard }: Seen): boolean {
  if (row.category === 3 || row.stable === 'counts' || assertion !== 'affirmed' || measured || (flags & (bit.fresh | bit.acute)) !== 0) return false;
  return !parts.some(({ to }) => heard[at]?.tokens[to]?.before === 'colon');
}

/** What was learned, from how it is stored. */
export function decoded({ bias, rows }: { readonly bias: number; readonly rows: readonly string[] }): Learned {
  return { bias, weights: Float64Array.from(rows.join(''), (one) => (one.charCodeAt(0) - encoding.zero) * encoding.step) };
}

/** Of the weights. */
export const { version } = stored;

export const secondLook: Look = lookWith(decoded(stored));
