import type { LevelShifts, Named, Shift } from '#domain/roster.js';
import { RosterFault } from './calendar.ts';
import { byClock, endOf } from './event.ts';
import type { RosterEvent } from './event.ts';
import { startsIn } from './rule.ts';
import type { Rule } from './rule.ts';
import { DAY_MS, toMoment } from './wall.ts';
import type { Time } from './wall.ts';

/** Years of rules that one file may take to be read. A hospital's file needs a few hundred; each costs up to a millisecond. */
const MOST_YEARS_READ = 2000;
/** A COUNT that is not used up by then, or a rule that has not come again. */
const YEARS_AHEAD = 40;
/** Kept of each series: who is asked for is asked for now. */
const YEARS_KEPT = 15;

interface Span {
  readonly from: number;
  readonly to: number;
}

/** One event of the file with all its repetitions. */
interface Series {
  readonly event: RosterEvent;
  /** Those that are counted: the event itself, RDATE, and what a COUNT makes. */
  readonly fixed: readonly Span[];
  /** Those of rules without end or with UNTIL that begin in a year, by the clock of the event. */
  readonly inYear: (year: number) => readonly Span[];
  /** The first of them in these years, or the last in each of these years. */
  readonly first: (years: readonly number[], isFromEnd: boolean) => Span | null;
  readonly rules: readonly Rule[];
  /** The longest it can be, for looking back. */
  readonly longest: number;
}

/** What the events of one file come to, by level. @param faults what is wrong, one a line, is added to it */
export function levelsOf(events: readonly RosterEvent[], faults: string[]): readonly LevelShifts[] {
  const work: Work = { years: 0 };
  const bounded = inForce(events, faults).flatMap(({ event, removed }): Bounded[] => {
    try {
      const series = seriesOf(event, removed, work);
      const first = firstOf(series);
      return first === null ? [] : [{ series, first, last: lastOf(series) }];
    } catch (error) {
      if (!(error instanceof RosterFault)) throw error;
      faults.push(`${event.where}: ${error.message}`);
      return [];
    }
  });
  const numbers = [...new Set(bounded.map(({ series }) => series.event.level))].sort((a, b) => a - b);
  return numbers.map((level) => levelOf(level, bounded.filter(({ series }) => series.event.level === level))); // prettier-ignore
}

/** How many years of rules were looked at to read the file. */
interface Work {
  years: number;
}

interface Bounded {
  readonly series: Series;
  readonly first: number;
  /** Null: it goes on for ever. */
  readonly last: number | null;
}

/** Each event that is a shift, with the instants of it that others stand for; of two versions of one the later. */
function inForce(events: readonly RosterEvent[], faults: string[]): readonly { readonly event: RosterEvent; readonly removed: readonly Time[] }[] {
  const found: { event: RosterEvent; removed: readonly Time[] }[] = [];
  for (const all of Map.groupBy(events, ({ uid }) => uid).values()) {
    const newest = new Map<number | null, RosterEvent>();
    for (const event of all) {
      const key = event.replaces?.moment ?? null;
      const before = newest.get(key);
      if (before !== undefined && key === null && before.sequence === event.sequence)
        faults.push(`${event.where}: ${before.where} has the same UID: give each shift its own, or write RECURRENCE-ID`);
      if (before === undefined || event.sequence >= before.sequence) newest.set(key, event);
    }
    const removed = all.flatMap(({ replaces }) => replaces ?? []);
    for (const [key, event] of newest) if (!event.isCancelled) found.push({ event, removed: key === null ? removed : [] });
  }
  return found;
}

function seriesOf(event: RosterEvent, removed: readonly Time[], work: Work): Series {
  const { start, length, rules, more } = event;
  const isOut = leavesOut(start, [...event.except, ...removed]);
  const span = (at: Time, of = length): Span => ({ from: at.moment, to: endOf(at, of) });
  const counted = rules.filter(({ count }) => count !== null);
  const open = rules.filter(({ count }) => count === null);
  const times = new Map<number, Span>();
  const add = (at: Time, of = length): void => {
    if (!isOut(at) && !times.has(at.moment)) times.set(at.moment, span(at, of));
  };
  // The first shift is DTSTART, also of a rule that does not fall on it.
  add(start);
  for (const rule of counted) for (const wall of allOf(rule, start, work)) add(at(start, wall));
  for (const one of more) add(byClock(one.start, start.clock), one.length);
  const known = new Map<number, readonly Span[]>();
  const startsOf = (year: number): readonly number[] =>
    [...new Set(open.flatMap((rule) => startsIn(rule, start.wall, year).filter((wall) => isBeforeEnd(rule, start, wall))))].sort((a, b) => a - b);
  const spanAt = (wall: number): Span | null => {
    const one = at(start, wall);
    return isOut(one) || times.has(one.moment) ? null : span(one);
  };
  const inYear = (year: number): readonly Span[] => {
    const before = known.get(year);
    if (before !== undefined) return before;
    if (known.size >= YEARS_KEPT) known.clear();
    const found = startsOf(year).flatMap((wall) => spanAt(wall) ?? []);
    known.set(year, found);
    return found;
  };
  const first = (years: readonly number[], isFromEnd: boolean): Span | null => {
    for (const year of years) {
      countYear(work);
      const walls = isFromEnd ? startsOf(year).toReversed() : startsOf(year);
      for (const wall of walls) {
        const found = spanAt(wall);
        if (found !== null && isTime(found)) return found;
      }
    }
    return null;
  };
  for (let rule = 0; rule < open.length; rule += 1) countYear(work);
  const longest = (length.wall ?? 0) + length.exact + 2 * DAY_MS;
  return { event, fixed: [...times.values()], inYear, first, rules: open, longest };
}

function at({ clock, isDate }: Time, wall: number): Time {
  return { wall, clock, isDate, moment: toMoment(clock, wall) };
}

/** EXDATE and RECURRENCE-ID mean an instant; one that is a day means all of that day. */
function leavesOut({ isDate, clock }: Time, out: readonly Time[]): (at: Time) => boolean {
  const dayOf = ({ wall }: Time): number => Math.floor(wall / DAY_MS);
  const moments = new Set(out.filter((one) => isDate || !one.isDate).map(({ moment }) => moment));
  const days = new Set(isDate ? [] : out.filter((one) => one.isDate).map(dayOf));
  return (one) => moments.has(one.moment) || days.has(dayOf(byClock(one, clock)));
}

function isBeforeEnd({ until }: Rule, start: Time, wall: number): boolean {
  if (until === null) return true;
  return 'moment' in until ? at(start, wall).moment <= until.moment : wall <= until.wall;
}

/** DTSTART is the first that COUNT counts. */
function allOf(rule: Rule, start: Time, work: Work): readonly number[] {
  const walls: number[] = [start.wall];
  const begin = yearOf(start.wall);
  const wanted = rule.count ?? 0;
  for (let year = begin; walls.length < wanted; year += 1) {
    if (year > begin + YEARS_AHEAD) throw new RosterFault(`RRULE: COUNT=${wanted} takes more than ${YEARS_AHEAD} years: leave COUNT out`);
    countYear(work);
    for (const wall of startsIn(rule, start.wall, year)) if (wall > start.wall && walls.length < wanted) walls.push(wall);
  }
  return walls;
}

function countYear(work: Work): void {
  work.years += 1;
  if (work.years > MOST_YEARS_READ) throw new RosterFault('RRULE: the file has more repeated shifts than can be worked out: end those of past years');
}

function levelOf(level: number, bounded: readonly Bounded[]): LevelShifts {
  const lasts = bounded.map(({ last }) => last);
  const fixed = bounded.flatMap(({ series: { event, fixed: spans } }) => spans.filter(isTime).map((one) => shift(one, event)));
  const repeated = bounded.map(({ series }) => series).filter(({ rules }) => rules.length > 0);
  const covers = (from: number, to: number) => (one: Span): boolean => isTime(one) && one.from < to && one.to > from; // prettier-ignore
  return {
    ...{ level, people: namedIn(bounded) },
    first: bounded.reduce((least, { first }) => Math.min(least, first), Infinity),
    last: lasts.includes(null) ? null : lasts.reduce<number>((most, last) => Math.max(most, last ?? 0), 0),
    between: (from, to) => [
      ...fixed.filter(covers(from, to)),
      ...repeated.flatMap(
        ({ event, inYear, longest }) =>
        yearsBetween(from - longest, to + 2 * DAY_MS).flatMap((year) => inYear(year).filter(covers(from, to)).map((one) => shift(one, event))), // prettier-ignore
      ),
    ],
  };
}

/** Everybody once, with the shift that ends last. */
function namedIn(bounded: readonly Bounded[]): readonly Named[] {
  const found = new Map<string, Named>();
  for (const { series, last } of bounded) {
    const { person, where } = series.event;
    const before = found.get(person);
    if (before === undefined || (before.last !== null && (last === null || last > before.last))) found.set(person, { person, last, where });
  }
  return [...found.values()];
}

function shift({ from, to }: Span, { person, isOverride }: RosterEvent): Shift {
  return { from, to, person, isOverride };
}

/** One that begins at a time that does not exist may end before it would have begun. */
function isTime({ from, to }: Span): boolean {
  return from < to;
}

function firstOf({ fixed, rules, first, event }: Series): number | null {
  // Nothing that a rule says is earlier than DTSTART.
  const isPlain = rules.length === 0 || fixed.some((one) => isTime(one) && one.from === event.start.moment);
  const ahead = yearsBetween(event.start.wall, Date.UTC(yearOf(event.start.wall) + YEARS_AHEAD, 0));
  const inRules = isPlain ? null : first(ahead, false);
  const all = [...fixed, ...(inRules === null ? [] : [inRules])].filter(isTime).map(({ from }) => from);
  return all.length === 0 ? null : all.reduce((a, b) => Math.min(a, b));
}

/** Null: it goes on for ever. */
function lastOf({ fixed, rules, first, event }: Series): number | null {
  const ends = rules.map(({ until }) => (until === null ? null : 'moment' in until ? until.moment : until.wall));
  if (ends.includes(null)) return null;
  const end = Math.max(...ends.map((one) => one ?? 0)) + 2 * DAY_MS;
  const back = yearsBetween(Math.max(event.start.wall, end - YEARS_AHEAD * 366 * DAY_MS), end).reverse();
  const inRules = ends.length === 0 ? null : first(back, true);
  return [...fixed, ...(inRules === null ? [] : [inRules])].filter(isTime).reduce((last, { to }) => Math.max(last, to), 0);
}

function yearsBetween(from: number, to: number): number[] {
  const [first, last] = [yearOf(from), yearOf(to)];
  return first > last ? [] : Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function yearOf(at: number): number {
  return new Date(at).getUTCFullYear();
}
