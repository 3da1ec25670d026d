import type { FindingClass, ReportLanguage } from '#domain/content.js';
import { PatternError } from './pattern.ts';
import type { Hit, Patterns } from './pattern.ts';

/** One way to say a finding: each part is any of a few patterns, in any order, all within `nearWords`. */
interface Saying {
  readonly parts: readonly (readonly number[])[];
  readonly without: readonly number[];
  /** Patterns of exam, question or technique of which one must stand there; null: everywhere. */
  readonly exam: readonly number[] | null;
}

/** Parts of one saying stand at most so many words apart. */
const nearWords = 24;

/** Bars a class from a sentence that holds one of the first, unless it holds one of the second. */
interface Bar {
  readonly says: readonly number[];
  readonly unless: readonly number[];
}

interface Compiled {
  readonly row: FindingClass;
  readonly without: readonly Bar[];
  readonly expected: readonly number[];
}

export interface Classes {
  readonly rows: readonly Compiled[];
  /** Sayings by a pattern of their first part. */
  readonly byHead: ReadonlyMap<number, readonly { readonly of: number; readonly saying: Saying }[]>;
}

/** A place in a sentence that names a finding; not yet whether it is there. */
export interface Mention {
  readonly of: number;
  readonly parts: readonly Place[];
}

type Place = Pick<Hit, 'from' | 'to' | 'least'>;

/** @throws PatternError naming row and pattern */
export function classesOf(rows: readonly FindingClass[], language: ReportLanguage, patterns: Patterns): Classes {
  const byHead = new Map<number, { of: number; saying: Saying }[]>();
  const all = (sayings: readonly string[]): number[] => sayings.flatMap((one) => part(one, language, patterns));
  const compiled = rows.map((row, of): Compiled => {
    try {
      const put = (source: string, exam: readonly number[] | null): void => {
        const saying = sayingOf(source, exam, language, patterns);
        for (const head of saying.parts[0] ?? []) byHead.set(head, [...(byHead.get(head) ?? []), { of, saying }]);
      };
      for (const source of row.says) put(source, null);
      for (const { exam, says } of row.saysIn) for (const source of says) put(source, all(exam));
      const without = row.without.map((source): Bar => {
        const [says = '', ...unless] = source.split(' - ');
        return { says: all([says]), unless: all(unless) };
      });
      return { row, without, expected: all(row.expected) };
    } catch (error) {
      throw error instanceof PatternError ? new PatternError(`findings: ${row.ruleId}: ${error.message}`) : error;
    }
  });
  return { rows: compiled, byHead };
}

function part(source: string, { groups }: ReportLanguage, patterns: Patterns): number[] {
  const one = source.trim();
  if (!one.startsWith('@')) return [patterns.add(one)];
  const group = groups[one.slice(1)];
  if (group === undefined) throw new PatternError(`"${source}": no group is called ${one}`);
  return group.map((inner) => patterns.add(inner));
}

function sayingOf(source: string, exam: readonly number[] | null, language: ReportLanguage, patterns: Patterns): Saying {
  const [said = '', ...without] = source.split(' - ');
  return {
    parts: said.split(' + ').map((one) => part(one, language, patterns)),
    without: without.flatMap((one) => part(one, language, patterns)),
    exam,
  };
}

/** Places of one sentence by pattern, in the order of the text. */
export type Places = ReadonlyMap<number, readonly Hit[]>;

export function placesOf(hits: readonly Hit[]): Places {
  const places = new Map<number, Hit[]>();
  for (const hit of hits) {
    const known = places.get(hit.pattern);
    if (known === undefined) places.set(hit.pattern, [hit]);
    else known.push(hit);
  }
  return places;
}

/** What a sentence mentions. @param about patterns found in exam, question and technique */
export function mentionsIn(places: Places, { rows, byHead }: Classes, about: ReadonlySet<number>): Mention[] {
  const mentions: Mention[] = [];
  const never = new Map<number, boolean>();
  for (const [pattern, heads] of places) {
    for (const { of, saying } of byHead.get(pattern) ?? []) {
      if (saying.exam?.some((one) => about.has(one)) === false) continue;
      const barred = never.get(of) ?? rows[of]?.without.some(({ says, unless }) => any(says, places) && !any(unless, places)) ?? false;
      never.set(of, barred);
      if (barred || any(saying.without, places)) continue;
      for (const head of heads) {
        const parts = around(head, saying, places);
        if (parts !== null) mentions.push({ of, parts });
      }
    }
  }
  return mentions;
}

function any(patterns: readonly number[], places: Places): boolean {
  return patterns.some((one) => places.has(one));
}

function around(head: Hit, { parts }: Saying, places: Places): Place[] | null {
  const found: Place[] = [head];
  for (let i = 1; i < parts.length; i += 1) {
    let best: Hit | null = null;
    for (const pattern of parts[i] ?? []) {
      const near = nearest(places.get(pattern) ?? [], head.from);
      if (near !== null && (best === null || Math.abs(near.from - head.from) < Math.abs(best.from - head.from))) best = near;
    }
    if (best === null || Math.abs(best.from - head.from) > nearWords) return null;
    found.push(best);
  }
  return found;
}

/** The hit that begins nearest to a word; hits stand in the order of the text. */
function nearest(hits: readonly Hit[], at: number): Hit | null {
  let [low, high] = [0, hits.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((hits[middle]?.from ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  const [left, right] = [hits[low - 1], hits[low]];
  if (left === undefined || right === undefined) return left ?? right ?? null;
  return at - left.from < right.from - at ? left : right;
}
