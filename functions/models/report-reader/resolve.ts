import type { FindingClass, SectionKind } from '#domain/content.js';
import type { Assertion, CriticalFinding } from './reading.ts';
import { bit } from './triggers.ts';

/** One mention of a class, as its sentence states it. */
export interface Stated {
  readonly row: FindingClass;
  /** Number of its sentence. */
  readonly at: number;
  readonly flags: number;
  /** Its first word in the sentence. */
  readonly first: number;
  readonly section: SectionKind;
  readonly assertion: Assertion;
  readonly side: CriticalFinding['side'];
  /** Its sentence advises what to do. */
  readonly advises: boolean;
  /** It stands beside the title, where the question may be. */
  readonly beside: boolean;
  /** Its sentence speaks of a part of such findings. */
  readonly partly: boolean;
  /** Its sentence holds a measure. */
  readonly measured: boolean;
  readonly start: number;
  readonly end: number;
  /** Number of its sentence's words, and where it stands among them. */
  readonly heard: number;
  readonly parts: readonly { readonly from: number; readonly to: number }[];
  /** A second look takes it for not present: it states nothing. */
  readonly doubted?: true;
}

const rank: Readonly<Record<SectionKind, number>> = {
  impression: 0,
  addendum: 1,
  prelim: 2,
  findings: 3,
  recommendation: 4,
  question: 5,
  comparison: 5,
  technique: 5,
  other: 5,
};

/**
 * What the report as a whole states: one finding of a class, and what has to be asked.
 * @param cleared its impression says that there is nothing acute
 */
export function resolved(stated: readonly Stated[], cleared: boolean): { readonly critical: CriticalFinding[]; readonly asks: CriticalFinding[] } {
  // What is denied beside it doesn't name it: "no definite perforation, but a leak could be missed".
  // Nor does what no doubt is asked about.
  const names = ({ row, assertion }: Stated): boolean =>
    row.only === undefined && assertion !== 'negated' && !(assertion === 'uncertain' && row.uncertain === 'nothing');
  const named = new Set(stated.filter(names).map(({ at }) => at));
  const classes = new Map<FindingClass, Stated[]>();
  for (const one of stated) {
    if (one.row.only === 'doubted' && (one.assertion !== 'uncertain' || named.has(one.at))) continue;
    const known = classes.get(one.row);
    if (known === undefined) classes.set(one.row, [one]);
    else known.push(one);
  }
  const retracted = new Set(
    stated.filter(({ section, assertion }) => section === 'addendum' && assertion === 'negated').map(({ row }) => row.ruleId),
  );
  // What the report denies, its preliminary one and its first line don't state.
  const overruled = new Set(stated.filter(({ section, assertion }) => section !== 'prelim' && assertion === 'negated').map(({ row }) => row.ruleId));
  const concluded = concludedOf(stated, cleared);
  const present: { row: FindingClass; open: readonly Stated[]; doubted: readonly Stated[]; assertion: 'affirmed' | 'uncertain' }[] = [];
  for (const [row, mentions] of classes) {
    const settling = settlingOf(mentions);
    const denied = overruled.has(row.ruleId) || row.over.some((id) => overruled.has(id));
    const open = mentions.filter(
      (one) =>
        one.doubted !== true &&
        !settled(one, settling) &&
        !(denied && one.section === 'prelim') &&
        !(one.beside && overruled.has(row.ruleId)) &&
        !concluded(one),
    );
    const uncertain = open.filter(({ assertion }) => assertion === 'uncertain');
    const last = lastOf(uncertain);
    const affirmed = open.filter(
      (one) => (row.uncertain === 'counts' && one.assertion === 'uncertain') || (one.assertion === 'affirmed' && !isSignOf(one, last)),
    );
    const takenBack = retracted.has(row.ruleId) || row.over.some((id) => retracted.has(id));
    const again = affirmed.some(({ section }) => section === 'addendum');
    if (takenBack && !again) continue;
    if (affirmed.length > 0) present.push({ row, open: affirmed, doubted: uncertain, assertion: 'affirmed' });
    else if (row.uncertain === 'asks' && uncertain.length > 0) present.push({ row, open: uncertain, doubted: [], assertion: 'uncertain' });
  }
  const affirmed = present.filter(({ assertion }) => assertion === 'affirmed');
  const shown = present.filter((one) => !affirmed.some((other) => other.row.over.includes(one.row.ruleId) && mayBeOneSide(one.open, other.open)));
  // A finding that covers a general one may take its clause from it.
  const all = shown.map(({ row, open, doubted, assertion }) => {
    const covered = affirmed.filter((other) => assertion === 'affirmed' && row.over.includes(other.row.ruleId) && !shown.includes(other));
    const best = clearest(open);
    const places = [...open, ...covered.flatMap((other) => other.open)];
    const clauses = places.filter(({ section, row: of }) => section === best.section && of.category === row.category);
    return found(row, clearest([best, ...clauses]), [...places, ...doubted], assertion);
  });
  all.sort((a, b) => a.start - b.start || a.end - b.end);
  return { critical: all.filter(({ assertion }) => assertion === 'affirmed'), asks: all.filter(({ assertion }) => assertion === 'uncertain') };
}

/**
 * Whether the impression has denied what the findings state in passing: without a measure, neither as acute nor as new, and not a tube in the wrong place. "No new bleed", "no central embolus" and "no tension
 * pneumothorax" deny no bleed, embolus or pneumothorax.
 */
function concludedOf(stated: readonly Stated[], cleared: boolean): (one: Stated) => boolean {
  const special = new Set(stated.flatMap(({ row, at }) => row.over.map((id) => `${at} ${id}`)));
  const denied = new Map<string, { readonly category: number; readonly sides: Set<Stated['side']> }>();
  let open = false;
  for (const { row, at, flags, section, assertion, side, partly } of stated) {
    if (section !== 'impression') continue;
    open ||= row.category < 3 && (assertion === 'affirmed' || assertion === 'uncertain');
    if (assertion !== 'negated' || (flags & bit.fresh) !== 0 || partly || special.has(`${at} ${row.ruleId}`)) continue;
    const known = denied.get(row.ruleId) ?? { category: row.category, sides: new Set() };
    known.sides.add(side);
    denied.set(row.ruleId, known);
  }
  return ({ row, flags, section, assertion, side, measured }) => {
    if (
      section !== 'findings' ||
      assertion !== 'affirmed' ||
      measured ||
      row.category === 3 ||
      row.stable === 'counts' ||
      (flags & (bit.fresh | bit.acute)) !== 0
    )
      return false;
    if (cleared && !open) return true;
    return [row.ruleId, ...row.over].some((id) => {
      const denial = denied.get(id);
      return denial?.category === row.category && [null, 'both' as const, side].some((one) => denial.sides.has(one));
    });
  };
}

/** Said elsewhere to be unchanged or gone, and here nothing of it is new, nor what can't be excluded. */
function settled({ row, flags, side, at, section }: Stated, settling: readonly Stated[]): boolean {
  if ((flags & (bit.fresh | bit.acute | (row.category === 1 ? bit.open : 0))) !== 0) return false;
  return settling.some(
    (other) =>
      other.at !== at &&
      // Of category 3 the impression's word counts: a mass that is watched is still suspicious.
      (row.category < 3 || section !== 'impression' || other.section === 'impression') &&
      (other.side === side || other.side === null || side === null),
  );
}

/** Mentions that say unchanged or gone: of each side and place two sentences are enough, so that many of them cost no more. */
function settlingOf(mentions: readonly Stated[]): Stated[] {
  const kept = new Map<string, Stated[]>();
  for (const one of mentions) {
    // "The clot of 2021 had cleared. Filling defects are back": what is told of another time settles nothing.
    if (one.assertion !== 'stable' && (one.assertion !== 'resolved' || (one.flags & bit.historical) !== 0)) continue;
    const key = `${one.side} ${one.section}`;
    const same = kept.get(key) ?? [];
    if (same.length < 2 && same[0]?.at !== one.at) kept.set(key, [...same, one]);
  }
  return [...kept.values()].flat();
}

/** "Reduced enhancement raises the possibility of ischaemic bowel": the sign is as sure as what the same sentence makes of it. */
function isSignOf({ at, side, first }: Stated, last: ReadonlyMap<string, number>): boolean {
  const sides = side === null ? ['left', 'right', 'both', null] : [side, null];
  return sides.some((other) => (last.get(`${at} ${other}`) ?? -1) > first);
}

/** Of each sentence and side the first word of the last mention. */
function lastOf(mentions: readonly Stated[]): Map<string, number> {
  const last = new Map<string, number>();
  for (const { at, side, first } of mentions) last.set(`${at} ${side}`, Math.max(first, last.get(`${at} ${side}`) ?? -1));
  return last;
}

/** False where both say their sides, and say different ones: a tension pneumothorax on the left doesn't cover a plain one on the right. */
function mayBeOneSide(some: readonly Stated[], others: readonly Stated[]): boolean {
  const sides = new Set(others.map(({ side }) => side));
  return some.some(({ side }) => side === null || side === 'both' || sides.has(side) || sides.has(null) || sides.has('both'));
}

function clearest(mentions: readonly Stated[]): Stated {
  return [...mentions].sort((a, b) => Number(a.advises) - Number(b.advises) || rank[a.section] - rank[b.section] || a.start - b.start)[0] ?? never();
}

function never(): never {
  throw new RangeError('a class without a mention');
}

function found(row: FindingClass, best: Stated, places: readonly Stated[], assertion: 'affirmed' | 'uncertain'): CriticalFinding {
  const { start, end, side } = best;
  const seen = new Set([start]);
  const also: { start: number; end: number }[] = [];
  for (const place of places) {
    if (seen.has(place.start)) continue;
    seen.add(place.start);
    also.push({ start: place.start, end: place.end });
  }
  also.sort((a, b) => a.start - b.start);
  return { start, end, also, finding: row.name, category: row.category, classId: row.ruleId, side, assertion };
}
