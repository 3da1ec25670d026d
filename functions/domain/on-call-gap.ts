import { z } from 'zod/v4';
import { addMinutes, epochOf, instant, toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Roster } from './roster.ts';

const DAY_MS = 86_400_000;
/** It is said so long before it begins. */
const AHEAD_MINUTES = 24 * 60;
/** How far its end is looked for, and its beginning where it has begun. */
const LOOK_DAYS = 8;

/** Hours at which a level of a service has nobody on call. */
export const onCallGap = z.object({
  service: z.string(),
  /** 1 is called first. */
  level: z.number().int(),
  from: instant,
  /** Null: not within days. */
  to: instant.nullable(),
});
export type OnCallGap = z.infer<typeof onCallGap>;

/** Gaps that have begun or begin within a day, and levels whose last shift ends by then; the first first. @param services their ids */
export function gapsAhead(roster: Roster, services: readonly string[], now: Instant): readonly OnCallGap[] {
  const soon = addMinutes(now, AHEAD_MINUTES);
  return services
    .flatMap((service) => [...between(roster, service, now), ...afterTheLast(roster, service)])
    .filter(({ from, to }) => from <= soon && (to === null || to > now))
    .toSorted((a, b) => (a.from < b.from ? -1 : 1));
}

/** From the beginning of a day on: then whoever looks finds the same. */
function between(roster: Roster, service: string, now: Instant): readonly OnCallGap[] {
  const today = Math.floor(epochOf(now) / DAY_MS) * DAY_MS;
  const [begin, end] = [toInstant(today - LOOK_DAYS * DAY_MS), toInstant(today + LOOK_DAYS * DAY_MS)];
  return roster.gaps(service, begin, end).map((gap) => ({ ...gap, to: gap.to < end ? gap.to : null }));
}

/** What comes after the last shift is no gap between shifts. */
function afterTheLast(roster: Roster, service: string): readonly OnCallGap[] {
  return roster.named(service).flatMap(({ level, people }) => {
    const lasts = people.flatMap(({ last }) => last ?? []);
    return lasts.length < people.length || lasts.length === 0 ? [] : [{ service, level, from: toInstant(Math.max(...lasts)), to: null }];
  });
}

/** Do they share an hour of one level? Then one has become the other. */
export function isSameGap(one: OnCallGap, other: OnCallGap): boolean {
  if (one.service !== other.service || one.level !== other.level) return false;
  return (other.to === null || one.from < other.to) && (one.to === null || other.from < one.to);
}

/** Has it other hours? Where both have begun it does not matter when. */
export function hasOtherHours(before: OnCallGap, after: OnCallGap, now: Instant): boolean {
  return before.to !== after.to || (before.from !== after.from && (before.from > now || after.from > now));
}
