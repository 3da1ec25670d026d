import type { About, Category, CriticalRule, Finding, LadderRule } from './critical.ts';

/** What of an alert chooses how it is communicated. */
export interface Chooses {
  readonly finding: Pick<Finding, 'category' | 'classId'>;
  readonly about: Pick<About, 'patientClass'>;
}

/** The row that says most of this alert: a class of finding counts before a class of patient, and that before none. Null: the category has no row. */
export function ruleFor(of: Chooses, rules: readonly CriticalRule[]): CriticalRule | null {
  return fitting(of, rules)[0] ?? null;
}

/** Rows that fit this alert and say equally much of it, when they are more than one: nobody could tell which counts. */
export function equallyFitting(of: Chooses, rules: readonly CriticalRule[]): readonly CriticalRule[] {
  const fits = fitting(of, rules);
  const alike = fits.filter((one) => rankOf(one) === rankOf(fits[0]));
  return alike.length > 1 ? alike : [];
}

function fitting({ finding, about: { patientClass } }: Chooses, rules: readonly CriticalRule[]): readonly CriticalRule[] {
  return rules
    .filter(({ category, classIds = [], patientClasses = [] }) => {
      if (category !== finding.category) return false;
      if (classIds.length > 0 && !classIds.includes(finding.classId)) return false;
      return patientClasses.length === 0 || (patientClass !== null && patientClasses.includes(patientClass));
    })
    .toSorted((a, b) => rankOf(b) - rankOf(a));
}

function rankOf(rule: CriticalRule | undefined): number {
  return (rule?.classIds?.length ? 2 : 0) + (rule?.patientClasses?.length ? 1 : 0);
}

/** The rows for every finding and every patient of a category: by them it is judged how long it took. */
export function generalRules<Rule extends Pick<CriticalRule, 'classIds' | 'patientClasses'>>(rules: readonly Rule[]): readonly Rule[] {
  return rules.filter(({ classIds = [], patientClasses = [] }) => classIds.length === 0 && patientClasses.length === 0);
}

/** An outpatient's ladder is that of everybody who is in no bed, discharged patients among them. */
export function ladderFor(patientClass: string | null, ladders: readonly LadderRule[]): LadderRule | null {
  const own = ladders.find(({ patientClasses }) => patientClass !== null && patientClasses.includes(patientClass));
  return own ?? ladders.find(({ patientClasses }) => patientClasses.length === 0) ?? null;
}

export interface CriticalRows {
  readonly critical: readonly CriticalRule[];
  readonly ladders: readonly LadderRule[];
}

/** Each kind of alert that any of these rows tells from others; `''` is a class of finding that none of them names. */
export function kindsIn(...sets: readonly CriticalRows[]): readonly Chooses[] {
  const rules = sets.flatMap(({ critical }) => critical);
  const classIds = [...new Set(['', ...rules.flatMap((rule) => rule.classIds ?? [])])];
  const named = [...rules, ...sets.flatMap(({ ladders }) => ladders)].flatMap((row) => row.patientClasses ?? []);
  const patientClasses = [null, ...new Set(named)];
  return CATEGORIES.flatMap((category) =>
    classIds.flatMap((classId) => patientClasses.map((patientClass) => ({ finding: { category, classId }, about: { patientClass } }))),
  );
}

const CATEGORIES: readonly Category[] = [1, 2, 3];
