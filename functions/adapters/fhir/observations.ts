import type { Instant } from '#core/time.js';
import { epochOf } from '#core/time.js';
import type { Content } from '#domain/content.js';
import type { Measured } from '#domain/context.js';
import { CREATININE_CODES, EGFR_CODES, PREGNANCY_ANSWERS, PREGNANCY_CODES, WEIGHT_CODES } from './codes.ts';
import { at, conceptCodes, momentOf, newestFirst, numberAt, textAt } from './read.ts';

/** A value read from resources; `sure` is false when something newer or more was there that could not be read. */
export interface Reading<T> {
  readonly value: T;
  readonly sure: boolean;
}

const RESULT = ['final', 'amended', 'corrected', 'preliminary'];
const MOST_CREATININES = 5;
const DAY_MS = 86_400_000;

export function dateOfObservation(observation: unknown): string | null {
  return (
    textAt(observation, 'effectiveDateTime') ??
    textAt(observation, 'effectiveInstant') ??
    textAt(observation, 'effectivePeriod', 'end') ??
    textAt(observation, 'effectivePeriod', 'start') ??
    textAt(observation, 'issued')
  );
}

/** Results under one of the codes, newest first; of the same moment the better code first. Results that were never obtained are left out. */
function results(observations: readonly unknown[], codes: readonly string[]): readonly unknown[] {
  const rank = (observation: unknown): number => {
    const found = conceptCodes(at(observation, 'code')).map((code) => codes.indexOf(code));
    return Math.min(...found.filter((index) => index >= 0));
  };
  const wanted = observations.filter(
    (one) => Number.isFinite(rank(one)) && RESULT.includes(textAt(one, 'status') ?? '') && at(one, 'dataAbsentReason') === undefined,
  );
  return newestFirst(
    [...wanted].sort((a, b) => rank(a) - rank(b)),
    dateOfObservation,
  );
}

/**
 * A number with its unit. A value with a comparator is taken only where reading it as the bare number errs to the careful side (eGFR ">60" as 60).
 * @returns null when the result says no such number
 */
function measuredOf(observation: unknown, careful: '>' | '<' | null): Measured | null {
  const date = dateOfObservation(observation);
  const quantity = at(observation, 'valueQuantity');
  const unit = textAt(quantity, 'unit') ?? textAt(quantity, 'code') ?? '';
  const written = /^([<>]?)=?\s*(\d+(?:\.\d+)?)\s*(\S.*)?$/u.exec(textAt(observation, 'valueString') ?? '');
  const value = numberAt(quantity, 'value') ?? (written === null ? null : Number(written[2]));
  const comparator = (quantity === undefined ? written?.[1] : textAt(quantity, 'comparator')) ?? '';
  if (value === null || value < 0) return null;
  if (comparator !== '' && (careful === null || !comparator.startsWith(careful))) return null;
  return { value, unit: quantity === undefined ? (written?.[3] ?? '') : unit, date };
}

/** The newest result. When that can't be read, nothing: an older one would pass for it. */
function newest(observations: readonly unknown[], codes: readonly string[], careful: '>' | '<' | null): Reading<Measured | null> {
  const [first] = results(observations, codes);
  const value = first === undefined ? null : measuredOf(first, careful);
  return { value, sure: value !== null };
}

export function egfrOf(observations: readonly unknown[]): Reading<Measured | null> {
  return newest(observations, EGFR_CODES, '>');
}

const KILOGRAMS: Readonly<Record<string, number>> = { kg: 1, kilogram: 1, kilograms: 1, g: 0.001, gram: 0.001, grams: 0.001, '[lb_av]': 0.45359237, lb: 0.45359237, lbs: 0.45359237, pounds: 0.45359237 }; // prettier-ignore

/** In kilograms, rounded to 10 g; a weight in a unit that is not known is no weight. */
export function weightOf(observations: readonly unknown[]): Reading<Measured | null> {
  const { value } = newest(observations, WEIGHT_CODES, null);
  const factor = value === null ? undefined : KILOGRAMS[value.unit.toLowerCase()];
  if (value === null || factor === undefined || value.value === 0) return { value: null, sure: false };
  return { value: { value: Math.round(value.value * factor * 100) / 100, unit: 'kg', date: value.date }, sure: true };
}

/** The last five, newest first; not sure when there is none or the newest could not be read. */
export function creatinineOf(observations: readonly unknown[]): Reading<readonly Measured[]> {
  const read = results(observations, CREATININE_CODES).slice(0, MOST_CREATININES).map((one) => measuredOf(one, '<')); // prettier-ignore
  return { value: read.filter((one) => one !== null), sure: read[0] !== undefined && read[0] !== null };
}

/** How many days a statement holds (content, set `validity`, row `pregnancy-statement`). */
export interface PregnancyHolds {
  readonly pregnantDays: number;
  readonly notPregnantDays: number;
}

/** Without the row no statement holds. */
export function pregnancyHolds(rows: Content['validity']): PregnancyHolds {
  const numbers = rows.find(({ ruleId }) => ruleId === 'pregnancy-statement')?.numbers;
  return { pregnantDays: numbers?.['pregnant'] ?? 0, notPregnantDays: numbers?.['notPregnant'] ?? 0 };
}

/** The newest statement, if it is recent enough to hold; a "possibly" or "unknown" takes an older answer away. */
export function pregnancyOf(observations: readonly unknown[], now: Instant, holds: PregnancyHolds): Reading<boolean | null> {
  const [first] = results(observations, PREGNANCY_CODES);
  const said = pregnantBy(first);
  const moment = momentOf(first === undefined ? null : dateOfObservation(first));
  if (said === null || moment === null) return { value: null, sure: false };
  const days = (epochOf(now) - moment) / DAY_MS;
  const recent = days <= (said ? holds.pregnantDays : holds.notPregnantDays);
  return { value: recent ? said : null, sure: recent };
}

function pregnantBy(observation: unknown): boolean | null {
  const flag = at(observation, 'valueBoolean');
  if (typeof flag === 'boolean') return flag;
  const answers = conceptCodes(at(observation, 'valueCodeableConcept')).map((code) => PREGNANCY_ANSWERS[code]);
  const known = answers.filter((answer) => answer !== undefined);
  return known.length > 0 && known.every((answer) => answer === known[0]) ? (known[0] ?? null) : null;
}
