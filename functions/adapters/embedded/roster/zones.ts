import { readRule } from './read-rule.ts';
import { propertiesOf, textIn } from './calendar.ts';
import type { Property } from './calendar.ts';
import { startsIn } from './rule.ts';
import type { Rule } from './rule.ts';
import { utc, zoneClock } from './wall.ts';
import type { WallClock } from './wall.ts';

/**
 * Clocks by TZID: the zone of that name (IANA), also behind a vendor's prefix or as X-LIC-LOCATION of the file's VTIMEZONE, kept by the rules that this machine has; a name
 * that is no zone's by the rules of its VTIMEZONE. Null: neither.
 * @param zones VTIMEZONE components as text, by TZID
 */
export function zonesOf(zones: ReadonlyMap<string, string>): (tzid: string) => WallClock | null {
  const known = new Map<string, WallClock | null>();
  return (tzid) => {
    const found = known.get(tzid);
    if (found !== undefined) return found;
    const made = named(tzid) ?? described(zones.get(tzid));
    known.set(tzid, made);
    return made;
  };
}

/** `/mozilla.org/20070129_1/Europe/Berlin` too. */
function named(tzid: string): WallClock | null {
  const parts = tzid.split('/').filter((part) => part !== '');
  const behind = tzid.startsWith('/') ? [2, 3, 1].map((count) => parts.slice(-count).join('/')) : [];
  return [tzid, ...behind].map((name) => zoneClock(name)).find((clock) => clock !== null) ?? null;
}

/** STANDARD or DAYLIGHT of a VTIMEZONE: from each of its starts on the clock shows this. */
interface Observance {
  /** By the clock as it was until then. */
  readonly start: number;
  readonly before: number;
  readonly offset: number;
  readonly more: readonly number[];
  readonly rules: readonly Rule[];
}

function described(text: string | undefined): WallClock | null {
  if (text === undefined) return null;
  const location = /^X-LIC-LOCATION[^:]*:(.*)$/imu.exec(text)?.[1]?.trim();
  const byLocation = location === undefined ? null : named(location);
  if (byLocation !== null) return byLocation;
  const observances = [...text.matchAll(/^BEGIN:(STANDARD|DAYLIGHT)\r?\n([^]*?)^END:\1/gimu)].map(([, , body = '']) =>
    observanceOf(propertiesOf(body)),
  );
  const usable = observances.filter((one) => one !== null);
  return usable.length === 0 ? null : clockOf(usable);
}

function observanceOf(properties: readonly Property[]): Observance | null {
  const [start, from, to] = ['dtstart', 'tzoffsetfrom', 'tzoffsetto'].map((wanted) => textIn(properties, wanted));
  const begin = Date.parse(`${start ?? ''}Z`);
  const [before, offset] = [offsetIn(from ?? ''), offsetIn(to ?? '')];
  if (Number.isNaN(begin) || before === null || offset === null) return null;
  const at = { wall: begin, clock: utc, moment: begin, isDate: false };
  const rules = properties.filter(({ name }) => name === 'rrule').map((one) => readRule(one, at, utc));
  const more = properties.filter(({ name }) => name === 'rdate').flatMap(({ values }) => values.map((value) => Date.parse(`${String(value)}Z`)));
  return { start: begin, before, offset, more: more.filter((one) => !Number.isNaN(one)), rules };
}

/** `+01:00`, as ical.js writes it. */
function offsetIn(text: string): number | null {
  const [, sign, hours, minutes, seconds = '0'] = /^([+-])(\d\d):?(\d\d)(?::?(\d\d))?$/u.exec(text) ?? [];
  return sign === undefined ? null : (sign === '-' ? -1 : 1) * ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

function clockOf(observances: readonly Observance[]): WallClock {
  const years = new Map<number, readonly { readonly at: number; readonly offset: number }[]>();
  const changesIn = (year: number) => {
    const known = years.get(year);
    if (known !== undefined) return known;
    const found = observances.flatMap(({ start, before, offset, more, rules }) =>
      [start, ...more, ...rules.flatMap((rule) => startsOf(rule, start, before, year))]
        .filter((wall) => new Date(wall).getUTCFullYear() === year)
        .map((wall) => ({ at: wall - before, offset })),
    );
    years.set(year, found);
    return found;
  };
  const first = observances.reduce((a, b) => (b.start < a.start ? b : a));
  return {
    offsetAt(moment) {
      const year = new Date(moment).getUTCFullYear();
      // What began earlier than last year goes on only where nothing comes again each year: then all of it is looked at.
      const near = [year + 1, year, year - 1].flatMap(changesIn).filter(({ at }) => at <= moment);
      const all = near.length > 0 ? near : observances.flatMap((one) => lastBefore(one, moment));
      return all.reduce((a, b) => (b.at >= a.at ? b : a), { at: -Infinity, offset: first.before }).offset;
    },
  };
}

function startsOf(rule: Rule, start: number, before: number, year: number): readonly number[] {
  return startsIn(rule, start, year).filter(
    (wall) => rule.until === null || ('moment' in rule.until ? wall - before <= rule.until.moment : wall <= rule.until.wall),
  );
}

/** Of an observance that does not come again each year, or no longer does. */
function lastBefore({ start, before, offset, more, rules }: Observance, moment: number): readonly { readonly at: number; readonly offset: number }[] {
  const ends = rules.flatMap(({ until }) => (until === null ? [] : [new Date('moment' in until ? until.moment : until.wall).getUTCFullYear()]));
  const walls = [
    start,
    ...more,
    ...rules.flatMap((rule) => ends.flatMap((year) => [...startsOf(rule, start, before, year - 1), ...startsOf(rule, start, before, year)])),
  ];
  return walls.map((wall) => ({ at: wall - before, offset })).filter(({ at }) => at <= moment);
}
