import { z } from 'zod/v4';
import { personId } from '#core/ids.js';
import { addMinutes, epochOf, instant, toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Roster } from './roster.ts';

const DAY_MS = 86_400_000;
/** It is said so long before it begins. */
export const AHEAD_MINUTES = 24 * 60;
/** How far its end is looked for, and its beginning where it has begun. */
const LOOK_DAYS = 8;

/**
 * What is wanting though the hours may be filled. unusable-roster: its file can't be used; no-roster, no-level: nobody was ever named; old-roster: older than the site's
 * limit; unknown-person: not of people.json; no-second-channel: nothing but Teams and mail reaches them; no-app: they have not installed Radloop in Teams.
 */
export const lackKinds = ['unusable-roster', 'no-roster', 'no-level', 'old-roster', 'unknown-person', 'no-second-channel', 'no-app'] as const;

export const onCallLack = z.object({
  why: z.enum(lackKinds),
  /** Null: of the whole service. */
  level: z.number().int().nullable(),
  /** Null: of nobody by name. */
  person: personId.nullable(),
  /** From then on somebody might be called. */
  from: instant,
});
export type OnCallLack = z.infer<typeof onCallLack>;

/** Hours at which a level of a service has nobody on call, or what else is wanting of a service. */
export const onCallGap = z.object({
  service: z.string(),
  /** 1 is called first; 0: all of it. */
  level: z.number().int(),
  from: instant,
  /** Null: not within days. */
  to: instant.nullable(),
  /** Left out (as before there were any): hours without anybody. Else all that is wanting of the service. */
  lacks: z.array(onCallLack).optional(),
});
export type OnCallGap = z.infer<typeof onCallGap>;

/** One that coordinators were told of. `paged`: what of it they were called about, as `beginningBy` names it. */
export const toldGap = onCallGap.extend({ paged: z.array(z.string()) });

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

/** Has it other hours, or is something else wanting? Where both have begun it does not matter when. */
export function hasOtherHours(before: OnCallGap, after: OnCallGap, now: Instant): boolean {
  if (before.lacks !== undefined || after.lacks !== undefined) return lackKeys(before, now).join() !== lackKeys(after, now).join();
  return before.to !== after.to || (before.from !== after.from && (before.from > now || after.from > now));
}

function lackKeys({ lacks = [] }: OnCallGap, now: Instant): readonly string[] {
  return lacks.map((one) => `${lackKey(one)}|${one.from > now ? one.from : ''}`).toSorted();
}

/** What begins by then, by a name that is the same at each look. */
export function beginningBy({ from, lacks }: OnCallGap, by: Instant): readonly string[] {
  if (lacks === undefined) return from <= by ? ['hours'] : [];
  return lacks.filter((one) => one.from <= by).map(lackKey);
}

function lackKey({ why, level, person }: OnCallLack): string {
  return `${why}|${level ?? ''}|${person ?? ''}`;
}
