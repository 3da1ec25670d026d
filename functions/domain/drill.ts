import { z } from 'zod/v4';
import { orderKey } from '#core/ids.js';
import type { OrderKey } from '#core/ids.js';
import { epochOf, instant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { offsetAt } from '#core/zone.js';
import { target } from './critical.ts';
import type { ClinicalService } from './critical.ts';
import { addDays, dayIn, weekdayOf } from './on-call-time.ts';
import type { Day } from './on-call-time.ts';

const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/u, 'expected a time of day such as 08:00');

/** When a service has agreed to be called for drills: by the clock on the site's wall; one that ends before it begins ends on the day after. */
const agreement = z
  .object({
    /** Id of a service of on-call.json that has wards. */
    service: z.string(),
    days: z.array(z.enum(WEEK)).min(1),
    from: timeOfDay,
    until: timeOfDay,
    /** Who has agreed for the service, as people know them. */
    agreedBy: z.string().min(1).max(200),
    agreedOn: z.iso.date(),
  })
  .refine(({ from, until }) => from !== until, { path: ['until'], error: 'expected another time than "from"' });
export type Agreement = z.infer<typeof agreement>;

const minutes = z.number().positive();

/** drills.json: which services are called for drills, and when. */
export const drillRules = z.object({
  version: z.string().min(1),
  source: z.string().min(1),
  /** Null: nobody has checked it. */
  reviewedBy: z.string().min(1).nullable(),
  reviewedOn: z.iso.date().nullable(),
  /** From the sending, by category: what nobody has closed by then ends by itself. */
  endsAfterMinutes: z.object({ 1: minutes, 2: minutes }),
  agreed: z.array(agreement),
});
export type DrillRules = z.infer<typeof drillRules>;

/** What the service has agreed to for this moment; null: nothing. @param zone IANA */
export function agreedAt({ agreed }: DrillRules, service: string, at: Instant, zone: string): Agreement | null {
  const today = dayIn(at, zone);
  const time = new Date(epochOf(at) + offsetAt(epochOf(at), zone)).toISOString().slice(11, 16);
  const isOn = ({ days }: Agreement, day: Day): boolean => days.some((one) => one === WEEK[weekdayOf(day)]);
  const covers = (one: Agreement): boolean =>
    one.from < one.until
      ? isOn(one, today) && one.from <= time && time < one.until
      : (isOn(one, today) && one.from <= time) || (isOn(one, addDays(today, -1)) && time < one.until);
  return agreed.find((one) => one.service === service && covers(one)) ?? null;
}

/** On what one drill rests. */
export const drillTerms = z.object({
  service: z.string(),
  /** Who had agreed to its time; null: it is outside of what was agreed. */
  agreed: z.object({ by: z.string(), on: z.iso.date() }).nullable(),
  /** Why it is made all the same. */
  reason: z.string().min(1).max(1000).nullable(),
  endsAfterMinutes: minutes,
});
export type DrillTerms = z.infer<typeof drillTerms>;

/** What ends a drill before it is closed. */
export const drillEnd = z.enum(['real-alert', 'stopped', 'time', 'not-sent']);
export type DrillEnd = z.infer<typeof drillEnd>;

const count = z.number().int();

/** What came of a drill, by what people are and never by who. No free text. */
export const drillRecord = drillTerms.omit({ reason: true }).extend({
  /** Level 0: the failsafe. `nobody`: what nobody stood for. */
  steps: z.array(z.object({ level: count, at: instant, people: count, nobody: z.array(target) })),
  /** `chat`, or a paging channel: messages that it took, and that it did not. `logged`: lines in the log, which reach nobody; left out: there were none. */
  ways: z.array(z.object({ way: z.string(), taken: count, failed: count, logged: count.optional() })),
  ended: z.object({ at: instant, why: drillEnd }).nullable(),
});
export type DrillRecord = z.infer<typeof drillRecord>;

/** The key under which a drill is one case. */
export function drillKey(service: string, at: Instant): OrderKey {
  return orderKey.parse(`drill|${service}|${at}`);
}

/** What is wrong with drills.json beside its shape. @param services of on-call.json */
export function drillFaults({ agreed }: DrillRules, services: readonly ClinicalService[]): readonly string[] {
  return agreed.flatMap(({ service }, index) => {
    const known = services.find(({ id }) => id === service);
    const where = `drills.json: agreed.${index}.service`;
    if (known === undefined) return [`${where}: expected the id of a service of on-call.json, got "${service}"`];
    return known.pointsOfCare.length === 0 ? [`${where}: "${service}" has no pointsOfCare in on-call.json: nobody on it is called by where a patient is`] : []; // prettier-ignore
  });
}
