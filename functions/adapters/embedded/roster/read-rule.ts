import { z } from 'zod/v4';
import { RosterFault, short } from './calendar.ts';
import type { Property } from './calendar.ts';
import type { Rule, Until } from './rule.ts';
import { DAY_MS, toMoment } from './wall.ts';
import type { Time, WallClock } from './wall.ts';

const MOST_INTERVAL = 10_000;
const MOST_COUNT = 10_000;
/** Starts on one day: more is no shift, and would be more than can be worked out. */
const MOST_A_DAY = 48;
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

const list = <T>(one: z.ZodType<T>) => z.union([z.array(one), one.transform((value) => [value])]).default([]);
const between = (least: number, most: number) =>
  z.number().int().min(least).max(most).refine((number) => number !== 0 || least === 0, 'expected a number other than 0'); // prettier-ignore
/** RRULE as ical.js reads it. */
const recur = z.strictObject({
  freq: z.enum(['HOURLY', 'DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'], {
    error: 'expected HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY: a shift begins no more often',
  }),
  interval: z.number().int().min(1).max(MOST_INTERVAL).default(1),
  count: z.number().int().min(1).max(MOST_COUNT, `expected ${MOST_COUNT} at most: leave it out, or write UNTIL`).optional(),
  until: z.string().optional(),
  /** Sunday is 1. */
  wkst: z.number().int().min(1).max(7).default(2),
  bymonth: list(between(1, 12)),
  bymonthday: list(between(-31, 31)),
  byyearday: list(between(-366, 366)),
  byday: list(z.string()),
  byhour: list(between(0, 23)),
  byminute: list(between(0, 59)),
  bysecond: list(between(0, 59)),
  bysetpos: list(between(-366, 366)),
});
type Recur = z.infer<typeof recur>;

/** An RRULE. Throws RosterFault for one that is wrong, that nobody can mean, or whose meaning RFC 5545 leaves open. */
export function readRule({ values: [value], line }: Property, start: Time, site: WallClock): Rule {
  const parsed = recur.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const part = issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : String(issue?.path[0] ?? '');
    throw new RosterFault(
      `RRULE of line ${line}: ${part.toUpperCase()}: ${issue?.code === 'unrecognized_keys' ? 'is not read: write it another way' : (issue?.message ?? '')}`,
    );
  }
  const read = parsed.data;
  const wrong = contradiction(read);
  if (wrong !== null) throw new RosterFault(`RRULE of line ${line}: ${wrong}`);
  return {
    freq: read.freq,
    interval: read.interval,
    count: read.count ?? null,
    until: read.until === undefined ? null : untilOf(read.until, line, start, site),
    weekStart: (read.wkst + 5) % 7,
    months: read.bymonth,
    monthDays: read.bymonthday,
    yearDays: read.byyearday,
    weekdays: read.byday.map((text) => weekdayOf(text, read, line)),
    hours: read.byhour,
    minutes: read.byminute,
    seconds: read.bysecond,
    positions: read.bysetpos,
  };
}

function contradiction({ freq, count, until, ...by }: Recur): string | null {
  if (count !== undefined && until !== undefined) return 'COUNT and UNTIL exclude each other';
  if (by.byyearday.length > 0 && (freq === 'DAILY' || freq === 'WEEKLY' || freq === 'MONTHLY')) return `BYYEARDAY does not go with FREQ=${freq}`;
  if (by.bymonthday.length > 0 && freq === 'WEEKLY') return 'BYMONTHDAY does not go with FREQ=WEEKLY';
  if (by.bysetpos.length > 0 && freq === 'HOURLY') return 'BYSETPOS does not go with FREQ=HOURLY';
  const hours = by.byhour.length > 0 ? by.byhour.length : freq === 'HOURLY' ? Math.ceil(24 / by.interval) : 1;
  const aDay = hours * Math.max(1, by.byminute.length) * Math.max(1, by.bysecond.length);
  return aDay > MOST_A_DAY ? `begins ${aDay} times a day: expected ${MOST_A_DAY} at most` : null;
}

function weekdayOf(text: string, { freq }: Recur, line: number): Rule['weekdays'][number] {
  const [, nth = '', name = ''] = /^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$/u.exec(text) ?? [];
  if (name === '') throw new RosterFault(`RRULE of line ${line}: BYDAY: expected a day such as MO or -1SU, got "${short(text)}"`);
  if (nth !== '' && freq !== 'MONTHLY' && freq !== 'YEARLY')
    throw new RosterFault(`RRULE of line ${line}: BYDAY=${text} needs FREQ=MONTHLY or YEARLY`);
  return { day: WEEKDAYS.indexOf(name), nth: Number(nth) };
}

/** A day counts to its end; a time without zone is read by the clock of the event. */
function untilOf(text: string, line: number, start: Time, site: WallClock): Until {
  const wall = Date.parse(text.length === 10 ? `${text}T00:00:00Z` : text.endsWith('Z') ? text : `${text}Z`);
  if (Number.isNaN(wall)) throw new RosterFault(`RRULE of line ${line}: UNTIL: expected a time such as 20261231T235959Z, got "${short(text)}"`);
  if (text.length === 10) return { wall: wall + DAY_MS - 1 };
  if (text.endsWith('Z')) return { moment: wall };
  return start.isDate ? { moment: toMoment(site, wall) } : { wall };
}
