import type { Content, FindingClass, SectionKind } from '#domain/content.js';
import type { Seen } from './features.ts';
import { askedFrom } from './open-look.ts';
import type { OpenLook } from './open-look.ts';
import { PatternError } from './pattern.ts';
import type { Hit, Patterns } from './pattern.ts';
import type { Assertion, ReportReading } from './reading.ts';
import type { Sentence } from './sentences.ts';
import type { Token } from './words.ts';

export interface LeftOpen {
  readonly row: FindingClass;
  readonly says: ReadonlySet<number>;
  readonly harmless: ReadonlySet<number>;
}

/** @throws PatternError where its class is not among the findings, or a pattern is none */
export function leftOpenOf({ findings, reportLanguage: { leftOpen } }: Pick<Content, 'findings' | 'reportLanguage'>, patterns: Patterns): LeftOpen {
  const row = findings.find(({ ruleId }) => ruleId === leftOpen.finding);
  if (row === undefined) throw new PatternError(`reportLanguage.leftOpen.finding: no finding is called ${leftOpen.finding}`);
  const all = (sayings: readonly string[]): ReadonlySet<number> => new Set(sayings.map((one) => patterns.seek(one)));
  return { row, says: all(leftOpen.says), harmless: all(leftOpen.harmless) };
}

/** Whether a sentence that mentions nothing leaves something open, or speaks of what is harmless; null: neither. */
export function leavesOpen(
  { section }: Sentence,
  tokens: readonly Token[],
  hits: readonly Hit[],
  { says, harmless }: LeftOpen,
): 'open' | 'harmless' | null {
  if (hits.some(({ pattern }) => harmless.has(pattern))) return 'harmless';
  if (!spoken.has(section.kind) || supposing.test(`${tokens[0]?.word} ${tokens[1]?.word}`)) return null;
  return hits.some(({ pattern }) => says.has(pattern)) ? 'open' : null;
}

const spoken: ReadonlySet<SectionKind> = new Set<SectionKind>(['findings', 'impression', 'addendum']);
const supposing = /^(?:(?:if|should|were) |in case$)/u;

/** Whether the learned look is asked about a sentence. */
export function mayLeaveOpen({ section: { kind } }: Sentence): boolean {
  return spoken.has(kind) || kind === 'recommendation';
}

/** What the rules hardly ever say of what is left open: the learned look does not doubt it. */
const past: ReadonlySet<Assertion> = new Set<Assertion>(['stable', 'resolved', 'historical', 'other']);

type Found = Pick<ReportReading, 'critical' | 'asks'>;

/**
 * Asks about what is left open of which no class is understood: in a sentence that stands beside none in which something was found and, where that finds nothing either, wherever it is
 * probable by what was learned of other reports.
 * @param loose what the sentences that mention nothing leave open by their words
 */
export function withLoose(
  { critical, asks }: Found,
  loose: ReadonlyMap<Sentence, 'open' | 'harmless'>,
  seen: Seen,
  sentences: readonly Sentence[],
  { row }: LeftOpen,
  look: OpenLook | null,
): Found {
  const places = [...critical.filter(({ category }) => category < 3), ...asks].flatMap((one) => [one, ...one.also]);
  const found = numbersOf(places, sentences);
  const open = new Set(sentences.filter((one, at) => loose.get(one) === 'open' && ![at - 1, at, at + 1].some((i) => found.has(i))));
  if (places.length === 0 && open.size === 0 && !seen.cleared && look !== null) {
    const probable = look(seen);
    const over = new Set(seen.stated.filter(({ assertion }) => past.has(assertion)).map(({ heard }) => heard));
    for (const [i, { sentence }] of seen.heard.entries())
      if (mayLeaveOpen(sentence) && loose.get(sentence) !== 'harmless' && !over.has(i) && probable(i) >= askedFrom) open.add(sentence);
  }
  const [first, ...others] = [...open].toSorted((a, b) => a.start - b.start);
  if (first === undefined) return { critical, asks };
  const known = asks.findIndex(({ classId }) => classId === row.ruleId);
  if (known !== -1)
    return { critical, asks: asks.map((ask, i) => (i === known ? { ...ask, also: [...ask.also, ...[...open].map(({ start, end }) => ({ start, end }))].toSorted((a, b) => a.start - b.start) } : ask)) }; // prettier-ignore
  const { start, end } = first;
  const also = others.map((other) => ({ start: other.start, end: other.end }));
  const ask = { start, end, also, finding: row.name, category: row.category, classId: row.ruleId, side: null, assertion: 'uncertain' } as const;
  return { critical, asks: [...asks, ask].toSorted((a, b) => a.start - b.start || a.end - b.end) };
}

/** Numbers of the sentences that hold one of some places. */
function numbersOf(places: readonly { readonly start: number; readonly end: number }[], sentences: readonly Sentence[]): ReadonlySet<number> {
  const sorted = places.toSorted((a, b) => a.start - b.start);
  const numbers = new Set<number>();
  let next = 0;
  for (const [i, { start, end }] of sentences.entries()) {
    while ((sorted[next]?.end ?? Infinity) <= start) next += 1;
    if ((sorted[next]?.start ?? Infinity) < end) numbers.add(i);
  }
  return numbers;
}
