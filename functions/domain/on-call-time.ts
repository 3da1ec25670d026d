import { epochOf, toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { fromWall, offsetAt } from '#core/zone.js';

/** A day of the site's calendar, `2026-11-25`. Days sort as text. */
export type Day = string;

const DAY_MS = 86_400_000;

/** The day that it is in the zone. @param zone IANA name */
export function dayIn(at: Instant, zone: string): Day {
  return dayText(epochOf(at) + offsetAt(epochOf(at), zone));
}

export function addDays(day: Day, days: number): Day {
  return dayText(Date.parse(day) + days * DAY_MS);
}

/** Monday is 0. */
export function weekdayOf(day: Day): number {
  return (new Date(day).getUTCDay() + 6) % 7;
}

/** When a clock on the wall shows this time of that day; twice or never: as core/zone has it. @param time `07:30` */
export function atWallTime(day: Day, time: string, zone: string): Instant {
  return toInstant(fromWall(Date.parse(`${day}T${time}:00.000Z`), zone));
}

function dayText(epoch: number): Day {
  return new Date(epoch).toISOString().slice(0, 10);
}
