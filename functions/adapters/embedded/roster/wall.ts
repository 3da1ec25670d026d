import { fromWallBy, offsetAt } from '#core/zone.js';

export const DAY_MS = 86_400_000;

/** A clock on a wall somewhere: what it shows is written as if it were UTC, in milliseconds. */
export interface WallClock {
  /** Milliseconds ahead of UTC. @param moment Unix time in milliseconds */
  offsetAt(moment: number): number;
}

/** A time of a file: what the clock shows, whose clock, and when that is. */
export interface Time {
  readonly wall: number;
  readonly clock: WallClock;
  readonly moment: number;
  /** A whole day of the site's zone. */
  readonly isDate: boolean;
}

export const utc: WallClock = { offsetAt: () => 0 };

/** When the clock shows this: as core/zone has it for a time that occurs twice or never. */
export function toMoment(clock: WallClock, wall: number): number {
  if (clock === utc) return wall;
  const before = clock.offsetAt(wall - DAY_MS);
  // Far from any change of the clocks there is nothing to choose from.
  return before === clock.offsetAt(wall + DAY_MS) ? wall - before : fromWallBy(wall, (moment) => clock.offsetAt(moment));
}

export function toWall(clock: WallClock, moment: number): number {
  return moment + clock.offsetAt(moment);
}

/** One a zone, for as long as the process runs: there are some six hundred zones. */
const clocks = new Map<string, WallClock | null>();
const MOST_NAMES = 1000;
const MOST_DAYS = 20_000;

/** Null: there is no such zone. @param name IANA */
export function zoneClock(name: string): WallClock | null {
  const known = clocks.get(name);
  if (known !== undefined) return known;
  if (clocks.size >= MOST_NAMES) clocks.clear();
  const made = isZone(name) ? clockOf(name) : null;
  clocks.set(name, made);
  return made;
}

/** A roster asks for many days of one zone: a day whose ends have one offset has it throughout, and asking Intl for each time would cost more than the rest. */
function clockOf(zone: string): WallClock {
  const days = new Map<number, number>();
  const atStart = (day: number): number => {
    const known = days.get(day);
    if (known !== undefined) return known;
    if (days.size >= MOST_DAYS) days.clear();
    const found = offsetAt(day * DAY_MS, zone);
    days.set(day, found);
    return found;
  };
  return {
    offsetAt(moment) {
      const day = Math.floor(moment / DAY_MS);
      const offset = atStart(day);
      return offset === atStart(day + 1) ? offset : offsetAt(moment, zone);
    },
  };
}

function isZone(name: string): boolean {
  if (!/^[A-Za-z]/u.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
