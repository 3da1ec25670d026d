/**
 * A roster as somebody with a list of minutes and a pencil would work it out: no calendar library, no rule of a zone, only what the clock on the wall shows at each
 * minute. Shares nothing with what it judges.
 */
export interface NaiveShift {
  readonly person: string;
  readonly level: number;
  readonly isOverride: boolean;
  /** Day of the window (0 is the first) and minute of that day by the clock on the wall, at which it first begins. */
  readonly day: number;
  readonly minute: number;
  /** `wall`: so many minutes later by the clock on the wall (DTEND). `length`: so many days by it, then so many minutes by the stop-watch (DURATION). */
  readonly lasts: { readonly wall: number } | { readonly days: number; readonly minutes: number };
  /** Days of the window on which it begins, in order; the first is `day`. */
  readonly days: readonly number[];
  /** Of these, by their place: left out. */
  readonly without: readonly number[];
  /** Of these, by their place: begins so many minutes later by the clock on the wall, and lasts as long. */
  readonly moved: Readonly<Record<number, number>>;
}

export interface Window {
  /** What the clock on the wall shows at each minute from the first on: minutes since midnight of the window's first day. */
  readonly walls: readonly number[];
  /** Unix time in minutes of the first. */
  readonly first: number;
}

/** @param day first day, such as 2026-03-25 @param days how many */
export function windowOf(zone: string, day: string, days: number): Window {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' });
  const midnight = Date.parse(`${day}T00:00Z`) / 60_000;
  const shown = (minute: number): number => Date.parse(`${format.format(minute * 60_000).replace(', ', 'T')}Z`) / 60_000 - midnight;
  let first = midnight - 15 * 60;
  while (shown(first) < 0) first += 1;
  return { first, walls: Array.from({ length: days * 1440 }, (_, index) => shown(first + index)) };
}

/** The first minute at which the clock shows it; where it never does, as far after the last minute before as it would have been. */
function minuteOf({ walls }: Window, wall: number): number {
  const found = walls.indexOf(wall);
  if (found >= 0) return found;
  const later = walls.findIndex((shown) => shown > wall);
  const before = (later < 0 ? walls.length : later) - 1;
  return before + wall - (walls[before] ?? 0);
}

/** Who is on call at each minute of the window, by level. */
export function naiveAnswers(window: Window, shifts: readonly NaiveShift[]): readonly (readonly (readonly string[])[])[] {
  const spans = shifts.flatMap((shift) =>
    shift.days.flatMap((day, place) => (shift.without.includes(place) ? [] : [spanOf(window, shift, day, shift.moved[place] ?? 0)])),
  );
  const levels = [...new Set(shifts.map(({ level }) => level))].sort((a, b) => a - b);
  return window.walls.map((_, minute) =>
    levels.map((level) => {
      const here = spans.filter((one) => one.shift.level === level && one.from <= minute && minute < one.to);
      const instead = here.filter((one) => one.shift.isOverride);
      return [...new Set((instead.length > 0 ? instead : here).map((one) => one.shift.person))].sort();
    }),
  );
}

function spanOf(window: Window, shift: NaiveShift, day: number, later: number) {
  const wall = day * 1440 + shift.minute + later;
  const from = minuteOf(window, wall);
  if ('wall' in shift.lasts) return { shift, from, to: minuteOf(window, wall + shift.lasts.wall) };
  const { days, minutes } = shift.lasts;
  return { shift, from, to: (days === 0 ? from : minuteOf(window, wall + days * 1440)) + minutes };
}
