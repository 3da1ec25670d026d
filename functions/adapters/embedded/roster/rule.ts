import { DAY_MS } from './wall.ts';

/** An RRULE (RFC 5545 3.3.10), ready to be worked out for any year. Times are a clock's on a wall, in milliseconds as if they were UTC. */
export interface Rule {
  readonly freq: 'HOURLY' | 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
  readonly interval: number;
  readonly count: number | null;
  readonly until: Until | null;
  /** Monday is 0. */
  readonly weekStart: number;
  readonly months: readonly number[];
  readonly monthDays: readonly number[];
  readonly yearDays: readonly number[];
  /** `nth` 0: each of them. */
  readonly weekdays: readonly { readonly day: number; readonly nth: number }[];
  readonly hours: readonly number[];
  readonly minutes: readonly number[];
  readonly seconds: readonly number[];
  readonly positions: readonly number[];
}

/** The last start: by instant (UTC), or by the clock on the event's wall; a day counts as a whole. */
export type Until = { readonly moment: number } | { readonly wall: number };

const HOUR_MS = 3_600_000;

/**
 * When the rule falls in a year, in order, at and after `start`; COUNT and UNTIL are the caller's. It looks at each day of the year once, so no rule can keep it longer
 * than another, and a year costs the same however long ago the rule began. The iterator of ical.js 2.2.1, which reads the rule, does not come back from one that never
 * falls (FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30) and passes over BYSETPOS in weekly rules and INTERVAL beside BYMONTH; a test compares the two where both are right.
 */
export function startsIn(rule: Rule, start: number, year: number): readonly number[] {
  const [first, next] = [Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1)];
  if (next <= start) return [];
  // A week that is picked from may lie in two years.
  const isTorn = rule.positions.length > 0 && rule.freq === 'WEEKLY';
  const begin = new Date(start);
  const origin = periodsFrom(rule, begin, dayNumber(start));
  const periods = new Map<number, number[]>();
  const days = !isTorn ? daysOf(year) : [...daysOf(year - 1).slice(-7), ...daysOf(year), ...daysOf(year + 1).slice(0, 7)];
  for (const day of days) {
    const period = periodsFrom(rule, day.date, day.number) - origin;
    if ((rule.freq !== 'HOURLY' && period % rule.interval !== 0) || !isDayOf(rule, day, begin)) continue;
    const times = timesOf(rule, day.number * DAY_MS, start);
    const found = periods.get(period);
    if (found === undefined) periods.set(period, [...times]);
    else for (const time of times) found.push(time);
  }
  const picked = [...periods.values()].flatMap((times) => (rule.positions.length === 0 ? times : pick(times, rule.positions)));
  return picked.filter((time) => time >= start && time >= first && time < next).sort((a, b) => a - b);
}

/** Days, weeks, months or years since a fixed one: which of them it is that INTERVAL counts, and BYSETPOS picks from. */
function periodsFrom({ freq, weekStart }: Rule, date: Date, day: number): number {
  switch (freq) {
    case 'HOURLY':
    case 'DAILY':
      return day;
    case 'WEEKLY':
      // Day 0, 1 January 1970, was a Thursday.
      return Math.floor((day + 3 - weekStart) / 7);
    case 'MONTHLY':
      return date.getUTCFullYear() * 12 + date.getUTCMonth();
    case 'YEARLY':
      return date.getUTCFullYear();
    default:
      return freq satisfies never;
  }
}

interface Day {
  /** Since 1 January 1970. */
  readonly number: number;
  readonly date: Date;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  /** Monday is 0. */
  readonly weekday: number;
  readonly daysInMonth: number;
  readonly yearDay: number;
  readonly daysInYear: number;
}

/** The same for every rule. */
const years = new Map<number, readonly Day[]>();
const MOST_YEARS = 100;

function daysOf(year: number): readonly Day[] {
  const known = years.get(year);
  if (known !== undefined) return known;
  if (years.size >= MOST_YEARS) years.clear();
  const [first, next] = [dayNumber(Date.UTC(year, 0, 1)), dayNumber(Date.UTC(year + 1, 0, 1))];
  const found = Array.from({ length: next - first }, (_, index): Day => {
    const date = new Date((first + index) * DAY_MS);
    return {
      ...{ number: first + index, date, month: date.getUTCMonth() + 1, day: date.getUTCDate(), weekday: (date.getUTCDay() + 6) % 7 },
      ...{ daysInMonth: new Date(Date.UTC(year, date.getUTCMonth() + 1, 0)).getUTCDate(), yearDay: index + 1, daysInYear: next - first },
    };
  });
  years.set(year, found);
  return found;
}

function isDayOf(rule: Rule, on: Day, start: Date): boolean {
  const { freq, months, monthDays, yearDays, weekdays } = rule;
  const isFree = monthDays.length === 0 && yearDays.length === 0 && weekdays.length === 0;
  if (months.length > 0 && !months.includes(on.month)) return false;
  if (!fits(monthDays, on.day, on.daysInMonth) || !fits(yearDays, on.yearDay, on.daysInYear)) return false;
  if (weekdays.length > 0 && !weekdays.some(({ day, nth }) => day === on.weekday && isNth(rule, on, nth))) return false;
  // What the rule leaves open it has of its start.
  if (isFree && freq === 'WEEKLY') return on.weekday === (start.getUTCDay() + 6) % 7;
  if (isFree && (freq === 'MONTHLY' || freq === 'YEARLY') && on.day !== start.getUTCDate()) return false;
  return !(isFree && freq === 'YEARLY' && months.length === 0) || on.month === start.getUTCMonth() + 1;
}

/** Negative numbers count from the end. */
function fits(wanted: readonly number[], number: number, of: number): boolean {
  return wanted.length === 0 || wanted.includes(number) || wanted.includes(number - of - 1);
}

/** The second Monday: of the month, in a yearly rule without months of the year. */
function isNth({ freq, months }: Rule, on: Day, nth: number): boolean {
  if (nth === 0) return true;
  const [number, of] = freq === 'YEARLY' && months.length === 0 ? [on.yearDay, on.daysInYear] : [on.day, on.daysInMonth];
  return nth > 0 ? Math.ceil(number / 7) === nth : Math.ceil((of - number + 1) / 7) === -nth;
}

function timesOf({ freq, interval, hours, minutes, seconds }: Rule, day: number, start: number): readonly number[] {
  const begin = new Date(start);
  const ofHour = (minutes.length > 0 ? minutes : [begin.getUTCMinutes()]).flatMap((minute) =>
    (seconds.length > 0 ? seconds : [begin.getUTCSeconds()]).map((second) => minute * 60_000 + second * 1000),
  );
  const hoursOfDay = hours.length > 0 ? hours : freq === 'HOURLY' ? [...Array(24).keys()] : [begin.getUTCHours()];
  return hoursOfDay
    .filter((hour) => freq !== 'HOURLY' || (Math.floor(day / HOUR_MS) + hour - Math.floor(start / HOUR_MS)) % interval === 0)
    .flatMap((hour) => ofHour.map((time) => day + hour * HOUR_MS + time));
}

function pick(times: readonly number[], positions: readonly number[]): readonly number[] {
  const ordered = [...new Set(times)].sort((a, b) => a - b);
  return [...new Set(positions.flatMap((position) => ordered.at(position > 0 ? position - 1 : position) ?? []))];
}

function dayNumber(at: number): number {
  return Math.floor(at / DAY_MS);
}
