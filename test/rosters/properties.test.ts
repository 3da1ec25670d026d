import fc from 'fast-check';
import ICAL from 'ical.js';
import { readRule } from '#adapters/embedded/roster/read-rule.js';
import { startsIn } from '#adapters/embedded/roster/rule.js';
import { utc } from '#adapters/embedded/roster/wall.js';
import { toInstant } from '#core/time.js';
import { naiveAnswers, windowOf } from './naive.ts';
import type { NaiveShift, Window } from './naive.ts';
import { event, rosterOfEvents } from './site.ts';

const runs = process.env['RADLOOP_FAULTS'] === undefined ? 60 : 500;
/** Nothing begins later than so many days after the first, so that all of it ends within the window. */
const BEGINS = 9;
const DAYS = 14;

/** Around each change of the clocks of 2026. */
const windows = [
  ['Europe/Berlin', '2026-03-24'],
  ['Europe/Berlin', '2026-10-20'],
  ['America/New_York', '2026-03-03'],
  ['America/New_York', '2026-10-27'],
  ['Australia/Lord_Howe', '2026-03-31'],
  ['Australia/Lord_Howe', '2026-09-29'],
] as const;
const known = new Map<string, Window>();
function windowFor(zone: string, day: string): Window {
  const found = known.get(zone + day) ?? windowOf(zone, day, DAYS);
  known.set(zone + day, found);
  return found;
}

/** A shift, and how it is repeated: by INTERVAL with COUNT or UNTIL, on weekdays, by RDATE, or not. */
interface Drawn {
  readonly shift: NaiveShift;
  readonly rule: string;
  readonly rdates: readonly number[];
}

const minute = fc.oneof(fc.integer({ min: 0, max: 1439 }), fc.constantFrom(0, 60, 90, 105, 120, 135, 150, 165, 179, 180, 420, 480, 1200));
const repeated = fc.oneof(
  fc.constant({ rule: () => '', days: (day: number) => [day], rdates: [] as number[] }),
  fc.record({ interval: fc.integer({ min: 1, max: 3 }), count: fc.integer({ min: 1, max: 6 }) }).map(({ interval, count }) => ({
    rule: () => `FREQ=DAILY;INTERVAL=${interval};COUNT=${count}`,
    days: (day: number) => Array.from({ length: count }, (_, index) => day + index * interval),
    rdates: [] as number[],
  })),
  fc.integer({ min: 0, max: 8 }).map((more) => ({
    rule: (_day: number, until: (day: number) => string) => `FREQ=DAILY;UNTIL=${until(more)}`,
    days: (day: number) => Array.from({ length: more + 1 }, (_, index) => day + index),
    rdates: [] as number[],
  })),
  fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }).map((rdates) => ({
    rule: () => '',
    days: (day: number) => [day, ...rdates.map((more) => day + more)],
    rdates,
  })),
);

const drawn: fc.Arbitrary<(day: string) => Drawn> = fc
  .record({
    person: fc.constantFrom('a', 'b', 'c', 'd'),
    level: fc.constantFrom(1, 1, 2),
    isOverride: fc.boolean(),
    day: fc.integer({ min: 1, max: 5 }),
    minute,
    lasts: fc.oneof(
      fc.integer({ min: 1, max: 1800 }).map((wall) => ({ wall })),
      fc
        .record({ days: fc.integer({ min: 0, max: 2 }), minutes: fc.integer({ min: 0, max: 900 }) })
        .filter(({ days, minutes }) => days + minutes > 0),
    ),
    repeats: repeated,
    without: fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { maxLength: 2 }),
    moved: fc.dictionary(fc.constantFrom('0', '1', '2'), fc.integer({ min: -240, max: 600 }), { maxKeys: 2 }),
  })
  .map(({ repeats, moved, without, ...shift }) => (first) => {
    const days = repeats.days(shift.day).filter((day) => day <= BEGINS);
    const all = repeats.days(shift.day).length === days.length;
    const isEnded = all ? repeats : { rule: () => '', days: (day: number) => [day], rdates: [] };
    const places = all ? days : [shift.day];
    const until = (more: number) => stamp(first, (shift.day + more) * 1440 + shift.minute);
    return {
      shift: {
        ...shift,
        days: places,
        without: without.filter((place) => place < places.length),
        moved: Object.fromEntries(Object.entries(moved).filter(([place]) => Number(place) < places.length && !without.includes(Number(place)))),
      },
      rule: isEnded.rule(shift.day, until),
      rdates: isEnded.rdates,
    };
  });

/** A time of the window as a calendar writes it. */
function stamp(first: string, wall: number): string {
  return new Date(Date.parse(`${first}T00:00Z`) + wall * 60_000).toISOString().replaceAll(/[-:]/gu, '').slice(0, 15);
}

let made = 0;
function written({ shift, rule, rdates }: Drawn, zone: string, first: string): string {
  const uid = `drawn-${(made += 1)}`;
  const time = (wall: number): string => `;TZID=${zone}:${stamp(first, wall)}`;
  const start = (day: number): number => day * 1440 + shift.minute;
  const lasts = (wall: number): string =>
    'wall' in shift.lasts ? `DTEND${time(wall + shift.lasts.wall)}` : `DURATION:P${shift.lasts.days}DT${shift.lasts.minutes}M`;
  const common = [`SUMMARY:${shift.person}`, `X-RADLOOP-LEVEL:${shift.level}`, ...(shift.isOverride ? ['CATEGORIES:override'] : [])];
  const exceptions = Object.entries(shift.moved).map(([place, later]) => {
    const wall = start(shift.days[Number(place)]!);
    return event(`UID:${uid}`, `RECURRENCE-ID${time(wall)}`, `DTSTART${time(wall + later)}`, lasts(wall + later), ...common);
  });
  return [
    event(
      `UID:${uid}`,
      `DTSTART${time(start(shift.day))}`,
      lasts(start(shift.day)),
      ...(rule === '' ? [] : [`RRULE:${rule}`]),
      ...rdates.map((more) => `RDATE${time(start(shift.day + more))}`),
      ...shift.without.map((place) => `EXDATE${time(start(shift.days[place]!))}`),
      ...common,
    ),
    ...exceptions,
  ].join('\r\n');
}

const cases = fc
  .record({
    place: fc.constantFrom(...windows),
    make: fc.array(drawn, { minLength: 1, maxLength: 7 }),
    picks: fc.array(fc.nat(), { minLength: 25, maxLength: 25 }),
  })
  .map(({ place: [zone, first], make, picks }) => ({ zone, first, drawings: make.map((one) => one(first)), picks }));

describe('a roster, judged by a list of every minute', () => {
  it('names the same people at the same minutes, over both changes of the clocks in three zones', () => {
    fc.assert(
      fc.property(cases, ({ zone, first, drawings, picks }) => {
        const window = windowFor(zone, first);
        const answers = naiveAnswers(window, drawings.map(({ shift }) => shift)); // prettier-ignore
        const roster = rosterOfEvents(zone, ...drawings.map((one) => written(one, zone, first)));
        const when = (index: number) => toInstant((window.first + index) * 60_000);
        // Levels whose shifts were all left out are in the list of minutes, not in the roster.
        const levels = [...new Set(drawings.map(({ shift }) => shift.level))].sort((a, b) => a - b);
        const keys = levels.map((_, place) => answers.map((one) => (one[place] ?? []).join('+')));
        const changes = answers.flatMap((_, index) => (index > 0 && keys.some((of) => of[index] !== of[index - 1]) ? [index - 1, index] : []));
        for (const index of [...changes.slice(0, 60), ...picks.map((pick) => pick % window.walls.length)]) {
          const found = roster.at('x', when(index)) ?? [];
          for (const [place, level] of levels.entries()) {
            const here = found.find((one) => one.level === level);
            const expected = answers[index]?.[place] ?? [];
            expect({ level, people: [...(here?.people ?? [])].sort(), at: when(index) }).toEqual({ level, people: expected, at: when(index) });
            const next = keys[place]?.findIndex((key, later) => later > index && key !== expected.join('+')) ?? -1;
            expect({ at: when(index), until: here?.until ?? null }).toEqual({ at: when(index), until: next < 0 ? null : when(next) });
          }
        }
        for (const [place, level] of levels.entries()) {
          const covered = answers.map((one) => (one[place] ?? []).length > 0);
          const [begin, end] = [covered.indexOf(true), covered.lastIndexOf(true) + 1];
          const gaps = roster.gaps('x', when(0), when(window.walls.length - 1)).filter((one) => one.level === level);
          const bare = new Set(gaps.flatMap(({ from, to }) => minutes(from, to, window.first)));
          const missing = covered.flatMap((isCovered, index) => (!isCovered && index >= begin && index < end && begin >= 0 ? [index] : []));
          expect([...bare].sort((a, b) => a - b)).toEqual(missing);
        }
      }),
      { numRuns: runs },
    );
  });

  it('can be told apart from one that is wrong: a shift a minute longer is found', () => {
    const shift: NaiveShift = {
      ...{ person: 'a', level: 1, isOverride: false, day: 0, minute: 60, lasts: { wall: 60 }, days: [0], without: [], moved: {} },
    };
    const window = windowFor('Europe/Berlin', '2026-03-24');
    const roster = rosterOfEvents(
      'Europe/Berlin',
      written({ shift: { ...shift, lasts: { wall: 61 } }, rule: '', rdates: [] }, 'Europe/Berlin', '2026-03-24'),
    );
    expect(naiveAnswers(window, [shift])[120]).toEqual([[]]);
    expect(roster.at('x', toInstant((window.first + 120) * 60_000))?.[0]?.people).toEqual(['a']);
  });
});

function minutes(from: string, to: string, first: number): readonly number[] {
  const [begin, end] = [Date.parse(from) / 60_000 - first, Date.parse(to) / 60_000 - first];
  return Array.from({ length: end - begin }, (_, index) => begin + index);
}

/** Rules that ical.js works out rightly; its iterator is the second opinion. */
const day = fc.constantFrom('MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU');
const some = <T>(one: fc.Arbitrary<T>, most = 4) => fc.uniqueArray(one, { minLength: 1, maxLength: most }).map((all) => all.join(','));
const rules = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.option(some(day)))
    .map(([n, by]) => `FREQ=DAILY;INTERVAL=${n}${by === null || n % 7 === 0 ? '' : `;BYDAY=${by}`}`),
  fc
    .tuple(fc.integer({ min: 1, max: 4 }), some(day), fc.constantFrom('MO', 'SU'))
    .map(([n, by, start]) => `FREQ=WEEKLY;INTERVAL=${n};BYDAY=${by};WKST=${start}`),
  fc.tuple(fc.integer({ min: 1, max: 5 }), some(fc.integer({ min: 1, max: 28 }))).map(([n, by]) => `FREQ=MONTHLY;INTERVAL=${n};BYMONTHDAY=${by}`),
  fc.tuple(fc.constantFrom(1, 2, 3, 4, -1, -2), day).map(([nth, by]) => `FREQ=MONTHLY;BYDAY=${nth}${by}`),
  fc
    .tuple(some(fc.integer({ min: 1, max: 12 })), fc.constantFrom(1, 2, 3, -1), day)
    .map(([months, nth, by]) => `FREQ=YEARLY;BYMONTH=${months};BYDAY=${nth}${by}`),
  fc
    .tuple(some(fc.integer({ min: 1, max: 12 })), some(fc.integer({ min: 1, max: 28 })))
    .map(([months, by]) => `FREQ=YEARLY;BYMONTH=${months};BYMONTHDAY=${by}`),
  fc.integer({ min: 1, max: 30 }).map((n) => `FREQ=HOURLY;INTERVAL=${n}`),
);

it('works out a rule year by year as ical.js does from its start on', () => {
  fc.assert(
    fc.property(
      rules,
      fc.integer({ min: 0, max: 1000 }),
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 0, max: 3 }),
      (text, days, hour, later) => {
        const wall = Date.UTC(2020, 0, 1 + days, hour, 30);
        const start = { wall, clock: utc, moment: wall, isDate: false };
        const [, , , value] = ICAL.parse.property(`RRULE:${text}`) as [string, object, string, unknown];
        const rule = readRule({ line: 1, name: 'rrule', parameters: {}, type: 'recur', values: [value], text }, start, utc);
        const year = new Date(wall).getUTCFullYear() + later;
        const dtstart = ICAL.Time.fromDateTimeString(new Date(wall).toISOString().slice(0, 19));
        const expected: number[] = [];
        const iterator = ICAL.Recur.fromString(text).iterator(dtstart);
        for (let next = iterator.next() as ICAL.Time | null; next !== null && next.year <= year; next = iterator.next() as ICAL.Time | null)
          if (next.year === year) expected.push(Date.UTC(next.year, next.month - 1, next.day, next.hour, next.minute));
        // A start on which the rule does not fall is a shift all the same, which is not the rule's affair.
        expect(startsIn(rule, wall, year).filter((at) => at !== wall)).toEqual(expected.filter((at) => at !== wall));
      },
    ),
    { numRuns: runs * 3 },
  );
});
