import { epochOf, toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';

/** A day of the site's calendar, `2026-11-25`. Days sort as text. */
export type Day = string;

const MINUTE = 60_000;
const DAY_MS = 24 * 60 * MINUTE;

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

/**
 * When a clock on the wall shows this time of that day. A time that occurs twice is the first of the two; one that does not exist is read with the offset before
 * the gap (COMMANDS, time rules of rosters), so that no shift is lost in a night of a change of the clocks.
 * @param time `07:30`
 */
export function atWallTime(day: Day, time: string, zone: string): Instant {
  const wall = Date.parse(`${day}T${time}:00.000Z`);
  const [before, after] = [offsetAt(wall - DAY_MS, zone), offsetAt(wall + DAY_MS, zone)];
  const fitting = [wall - before, wall - after].filter((moment) => wall - moment === offsetAt(moment, zone));
  return toInstant(fitting.length === 0 ? wall - before : Math.min(...fitting));
}

function dayText(epoch: number): Day {
  return new Date(epoch).toISOString().slice(0, 10);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** How many milliseconds the zone is ahead of UTC at a moment. */
function offsetAt(moment: number, zone: string): number {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric' },
    });
  formats.set(zone, format);
  const parts = new Map(format.formatToParts(moment).map((part) => [part.type, Number(part.value)]));
  const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute')) - Math.floor(moment / MINUTE) * MINUTE;
}
