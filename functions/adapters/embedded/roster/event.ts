import ICAL from 'ical.js';
import { personId } from '#core/ids.js';
import type { PersonId } from '#core/ids.js';
import { RosterFault, short, textIn } from './calendar.ts';
import type { Calendar, Property, RawEvent } from './calendar.ts';
import { readRule } from './read-rule.ts';
import type { Rule } from './rule.ts';
import { DAY_MS, toMoment, toWall, utc } from './wall.ts';
import type { Time, WallClock } from './wall.ts';
import { zonesOf } from './zones.ts';

/** How long a shift lasts: to what the clock then shows (DTEND; weeks and days of a DURATION), then so much longer by the stop-watch (its hours and minutes). */
export interface Length {
  /** From what the clock shows at the start to what it shows at the end; null: by the stop-watch alone. */
  readonly wall: number | null;
  readonly exact: number;
  /** Whose clock shows the end. */
  readonly clock: WallClock;
}

export interface RosterEvent {
  /** `line 12 (UID x)` */
  readonly where: string;
  readonly uid: string;
  readonly sequence: number;
  /** The instant of its series that it stands for; null: it is no exception. */
  readonly replaces: Time | null;
  readonly isCancelled: boolean;
  readonly person: PersonId;
  readonly level: number;
  readonly isOverride: boolean;
  readonly start: Time;
  readonly length: Length;
  readonly rules: readonly Rule[];
  readonly more: readonly { readonly start: Time; readonly length: Length }[];
  readonly except: readonly Time[];
}

const MOST_LEVELS = 20;
const MOST_REPEATED_DAYS = 400;

/** The shifts of a calendar. @param site clock of the site's zone: what has none of its own is read by it @param faults what is wrong, one a line, is added to it */
export function eventsOf(calendar: Calendar, site: WallClock, faults: string[]): readonly RosterEvent[] {
  const clockOf = zonesOf(calendar.zones);
  return calendar.events.flatMap((raw) => {
    const uid = textOf(raw, 'uid');
    const where = `line ${raw.line}${uid === '' ? '' : ` (UID ${short(uid)})`}`;
    try {
      return [eventOf(raw, { where, uid: uid === '' ? `line ${raw.line}` : uid, site, clockOf })];
    } catch (error) {
      if (!(error instanceof RosterFault)) throw error;
      faults.push(`${where}: ${error.message}`);
      return [];
    }
  });
}

interface Reading {
  readonly where: string;
  readonly uid: string;
  readonly site: WallClock;
  /** Null: nobody knows that zone. */
  readonly clockOf: (tzid: string) => WallClock | null;
}

function eventOf(raw: RawEvent, reading: Reading): RosterEvent {
  const { where, uid } = reading;
  const replacing = raw.properties.find(({ name }) => name === 'recurrence-id');
  if (replacing?.parameters['range'] !== undefined)
    throw new RosterFault('RECURRENCE-ID with RANGE is not read: end the series with UNTIL and begin another');
  const replaces = replacing === undefined ? null : (timesIn(replacing, reading)[0] ?? null);
  const isCancelled = textOf(raw, 'status').toUpperCase() === 'CANCELLED';
  const sequence = Number(textOf(raw, 'sequence')) || 0;
  if (isCancelled) return { ...nothing(reading), ...{ where, uid, sequence, replaces } };
  const given = raw.properties.find(({ name }) => name === 'dtstart');
  const start = given === undefined ? undefined : timesIn(given, reading)[0];
  if (start === undefined) throw new RosterFault('has no DTSTART: write when the shift begins');
  const length = lengthOf(raw, start, reading);
  const rules = raw.properties.filter(({ name }) => name === 'rrule').map((one) => readRule(one, start, reading.site));
  if (raw.properties.some(({ name }) => name === 'exrule')) throw new RosterFault('EXRULE is not read: write the days with EXDATE');
  const more = raw.properties.filter(({ name }) => name === 'rdate').flatMap((one) => added(one, start, length, reading));
  if (replaces !== null && rules.length + more.length > 0)
    throw new RosterFault('RECURRENCE-ID stands for one shift, which has no RRULE and no RDATE');
  if (rules.length > 0 && (length.wall ?? 0) + length.exact > MOST_REPEATED_DAYS * DAY_MS)
    throw new RosterFault(`is repeated and lasts longer than ${MOST_REPEATED_DAYS} days: look at DTEND or DURATION`);
  return {
    ...{ where, uid, sequence, replaces, isCancelled, start, length, rules, more },
    person: personIn(raw),
    level: levelIn(raw),
    isOverride: raw.properties.some(
      ({ name, values }) => name === 'categories' && values.some((one) => String(one).trim().toLowerCase() === 'override'),
    ),
    except: raw.properties.filter(({ name }) => name === 'exdate').flatMap((one) => timesIn(one, reading, start.clock)),
  };
}

/** A cancelled event needs no more than what it cancels. */
function nothing({ site }: Reading): RosterEvent {
  const start: Time = { wall: 0, clock: site, moment: 0, isDate: false };
  const length: Length = { wall: null, exact: 0, clock: site };
  const none = { isCancelled: true, person: personId.parse('nobody'), level: 1, isOverride: false, start, length };
  return { ...none, where: '', uid: '', sequence: 0, replaces: null, rules: [], more: [], except: [] };
}

function personIn(raw: RawEvent): PersonId {
  const named = personId.safeParse(textOf(raw, 'summary'));
  if (!named.success) throw new RosterFault('SUMMARY: expected the id of a person in people.json, such as dr-okafor');
  return named.data;
}

function levelIn(raw: RawEvent): number {
  const said = textOf(raw, 'x-radloop-level');
  const level = said === '' ? 1 : Number(said);
  if (!Number.isInteger(level) || level < 1 || level > MOST_LEVELS)
    throw new RosterFault(`X-RADLOOP-LEVEL: expected a number from 1 (called first) to ${MOST_LEVELS}, got "${short(said)}"`);
  return level;
}

function lengthOf(raw: RawEvent, start: Time, reading: Reading): Length {
  const [end, duration] = ['dtend', 'duration'].map((wanted) => raw.properties.find(({ name }) => name === wanted));
  if (end !== undefined && duration !== undefined) throw new RosterFault('has both DTEND and DURATION: write one of them');
  if (duration !== undefined) return ofDuration(String(duration.values[0]), start);
  if (end === undefined) {
    if (!start.isDate) throw new RosterFault('has no end: write DTEND or DURATION');
    return { wall: DAY_MS, exact: 0, clock: start.clock };
  }
  const until = timesIn(end, reading)[0];
  if (until === undefined || until.isDate !== start.isDate)
    throw new RosterFault('DTSTART and DTEND: expected two days or two times, not one of each');
  if (until.clock === start.clock ? until.wall <= start.wall : until.moment <= start.moment)
    throw new RosterFault('DTEND: the shift ends before it begins');
  return { wall: until.wall - start.wall, exact: 0, clock: until.clock };
}

function ofDuration(text: string, { clock }: Time): Length {
  let read: ICAL.Duration;
  try {
    read = ICAL.Duration.fromString(text);
  } catch (error) {
    throw new RosterFault(`DURATION: expected one such as PT12H or P1D, got "${short(text)}"`, { cause: error });
  }
  const wall = (read.weeks * 7 + read.days) * DAY_MS;
  const exact = ((read.hours * 60 + read.minutes) * 60 + read.seconds) * 1000;
  if (read.isNegative || wall + exact <= 0 || !Number.isSafeInteger(wall + exact)) throw new RosterFault('DURATION: the shift ends before it begins');
  return { wall: wall === 0 ? null : wall, exact, clock };
}

/** Further starts; a period has an end of its own. */
function added(property: Property, start: Time, length: Length, reading: Reading): readonly { readonly start: Time; readonly length: Length }[] {
  if (property.type !== 'period') return timesIn(property, reading, start.clock).map((one) => ({ start: one, length }));
  return property.values.map((value) => {
    const [from, to] = Array.isArray(value) ? value.map(String) : [String(value)];
    const begin = timeOf(property, from ?? '', 'date-time', reading, start.clock);
    if (to === undefined || /^P/u.test(to)) return { start: begin, length: ofDuration(to ?? '', begin) };
    const end = timeOf(property, to, 'date-time', reading, start.clock);
    if (end.moment <= begin.moment) throw new RosterFault('RDATE: a period ends before it begins');
    return { start: begin, length: { wall: end.wall - begin.wall, exact: 0, clock: end.clock } };
  });
}

/** @param fallBack whose clock it is where the line names none; the site's unless said */
function timesIn(property: Property, reading: Reading, fallBack = reading.site): readonly Time[] {
  return property.values.map((value) => timeOf(property, String(value), property.type, reading, fallBack));
}

function timeOf({ name, line, parameters }: Property, text: string, type: string, { site, clockOf }: Reading, fallBack: WallClock): Time {
  const isDate = type === 'date';
  const form = isDate ? /^(?<day>\d{4}-\d\d-\d\d)$/u : /^(?<day>\d{4}-\d\d-\d\d)T(?<time>\d\d:\d\d:\d\d)(?<utc>Z)?$/u;
  const { day, time = '00:00:00', utc: isUtc } = form.exec(text)?.groups ?? {};
  const wall = day === undefined ? NaN : Date.parse(`${day}T${time}.000Z`);
  const expected = isDate ? '20261125' : '20261125T190000 (a day alone needs VALUE=DATE)';
  if (Number.isNaN(wall) || new Date(wall).toISOString().slice(0, 19) !== `${day ?? ''}T${time}` || Number(day?.slice(0, 4)) < 1000)
    throw new RosterFault(`${name.toUpperCase()}${line === 0 ? '' : ` of line ${line}`}: expected a time such as ${expected}, got "${short(text)}"`);
  const tzid = parameters['tzid'];
  const named = typeof tzid === 'string' && !isDate && isUtc === undefined ? clockOf(tzid) : fallBack;
  if (named === null)
    throw new RosterFault(
      `${name.toUpperCase()}: TZID "${short(String(tzid))}" is unknown: write an IANA name such as Europe/Berlin, or add its VTIMEZONE`,
    );
  const clock = isUtc === undefined ? (isDate ? site : named) : utc;
  return { wall, clock, moment: toMoment(clock, wall), isDate };
}

/** When a shift that begins then ends. */
export function endOf({ wall, moment }: Pick<Time, 'wall' | 'moment'>, length: Length): number {
  return (length.wall === null ? moment : toMoment(length.clock, wall + length.wall)) + length.exact;
}

/** The same instant as another clock shows it. */
export function byClock(time: Time, clock: WallClock): Time {
  return time.clock === clock ? time : { ...time, clock, wall: toWall(clock, time.moment) };
}

function textOf(raw: RawEvent, name: string): string {
  return textIn(raw.properties, name).trim();
}
