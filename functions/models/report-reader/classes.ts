import type { FindingClass, ReportLanguage } from '#domain/content.js';
import { PatternError } from './pattern.ts';
import type { Hit, Patterns } from './pattern.ts';
import type { Token } from './words.ts';

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
  const asked = (source: string): number => patterns.add(source);
  const all = (sayings: readonly string[]): number[] => sayings.flatMap((one) => part(one, language, asked));
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

function part(source: string, { groups }: ReportLanguage, add: (source: string) => number): number[] {
  const one = source.trim();
  if (!one.startsWith('@')) return [add(one)];
  const group = groups[one.slice(1)];
  if (group === undefined) throw new PatternError(`"${source}": no group is called ${one}`);
  return group.map(add);
}

function sayingOf(source: string, exam: readonly number[] | null, language: ReportLanguage, patterns: Patterns): Saying {
  const [said = '', ...without] = source.split(' - ');
  return {
    parts: said.split(' + ').map((one, i) => part(one, language, (source) => (i === 0 ? patterns.seek(source) : patterns.add(source)))),
    without: without.flatMap((one) => part(one, language, (source) => patterns.add(source))),
    exam,
  };
}

/** The places of a pattern in one sentence, in the order of the text. */
type PlacesOf = (pattern: number) => readonly Hit[];

/** What the sentence mentions that was last searched. @param about whether a pattern stands in exam, question or technique */
export function mentionsIn(
  tokens: readonly Token[],
  hits: readonly Hit[],
  { rows, byHead }: Classes,
  patterns: Patterns,
  about: (pattern: number) => boolean,
): Mention[] {
  const mentions: Mention[] = [];
  const heads = new Map<number, Hit[]>();
  for (const hit of hits) {
    if (!byHead.has(hit.pattern)) continue;
    const places = heads.get(hit.pattern);
    if (places === undefined) heads.set(hit.pattern, [hit]);
    else places.push(hit);
  }
  if (heads.size === 0) return mentions;
  const never = new Map<number, boolean>();
  const known = new Map<number, readonly Hit[]>(heads);
  const placesOf = (pattern: number): readonly Hit[] => {
    const places = known.get(pattern) ?? patterns.placesOf(pattern, tokens);
    known.set(pattern, places);
    return places;
  };
  const any = (of: readonly number[]): boolean => of.some((one) => placesOf(one).length > 0);
  for (const [pattern, places] of heads) {
    for (const { of, saying } of byHead.get(pattern) ?? []) {
      if (saying.exam?.some(about) === false) continue;
      const barred = never.get(of) ?? rows[of]?.without.some(({ says, unless }) => any(says) && !any(unless)) ?? false;
      never.set(of, barred);
      if (barred || any(saying.without)) continue;
      for (const head of places) {
        const parts = around(head, saying, placesOf);
        if (parts !== null) mentions.push({ of, parts });
      }
    }
  }
  return mentions;
}

function around(head: Hit, { parts }: Saying, placesOf: PlacesOf): Place[] | null {
  const found: Place[] = [head];
  for (let i = 1; i < parts.length; i += 1) {
    let best: Hit | null = null;
    for (const pattern of parts[i] ?? []) {
      const near = nearest(placesOf(pattern), head.from);
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
