import { cpSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSite, siteToRun } from '#adapters/embedded/site-folder.js';
import { keptRosters } from '#adapters/embedded/roster/kept.js';
import type { KeptRosters } from '#adapters/embedded/roster/kept.js';
import { liveRoster } from '#adapters/embedded/roster/live.js';
import { watchRosters } from '#adapters/embedded/roster/watch.js';
import { rota } from '#adapters/embedded/rota.js';
import { unknownPeople } from '#domain/on-call-check.js';
import type { Person } from '#core/people.js';
import { silentLog } from '../support/clinic.ts';
import { testSite } from '../support/planned-orders.ts';
import { at, calendar, event, folderWith, shown } from './site.ts';

const MINUTE = 60_000;
const WHEN = '2026-06-01T12:00:00Z';
const someone = readSite(testSite).people[0]!;
const always = (person: string) => calendar(event('DTSTART:20200101T000000Z', 'DURATION:P1D', 'RRULE:FREQ=DAILY', `SUMMARY:${person}`));

let folder: string;
let now: number;
let log: ReturnType<typeof silentLog>;
let staff: Person[];
beforeEach(() => {
  folder = folderWith({ 'icu.ics': always('a'), 'neuro.ics': always('a') }, 'UTC');
  [now, log] = [5 * MINUTE, silentLog()];
  staff = ['a', 'b'].map((id) => ({ ...someone, id: id as Person['id'] }));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, text: string): void {
  // As an export does: a new file in the place of the old one.
  writeFileSync(join(folder, 'new'), text);
  renameSync(join(folder, 'new'), join(folder, 'roster', name));
}
const none: KeptRosters = { of: () => null, keep: () => undefined };
const open = (kept = none) =>
  liveRoster({
    ...{ folder, zone: 'UTC', log, now: () => now, services: ['icu', 'neuro'], kept },
    knows: (person) => staff.some(({ id }) => id === person),
    faultsOf: (roster) => unknownPeople(roster, staff, Date.parse(WHEN)),
  });
const faults = (name?: string) =>
  log.lines.filter(
    ({ event: line, fields }) => line === 'site.roster-unusable' && (name === undefined || (fields as { roster: string }).roster === name),
  ).length;

describe('rosters while Radloop runs', () => {
  it('are read again when they change, and when one is new', () => {
    const roster = open();
    expect([shown(roster, WHEN, 'neuro'), shown(roster, WHEN, 'medicine')]).toEqual(['a', '']);
    write('neuro.ics', always('b'));
    write('medicine.ics', always('b'));
    now += MINUTE;
    expect([shown(roster, WHEN, 'neuro'), shown(roster, WHEN, 'medicine'), shown(roster, WHEN, 'icu')]).toEqual(['b', 'b', 'a']);
    expect(log.lines).toEqual([{ event: 'site.rosters-read', fields: { count: 2 } }]);
    write('icu.csv', 'person,from,until\nb,2026-06-01T00:00,2026-06-02T00:00\n');
    rmSync(join(folder, 'roster', 'icu.ics'));
    now += MINUTE;
    expect(shown(roster, WHEN, 'icu')).toBe('b');
  });

  it.each([
    ['is broken', 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n'],
    ['has lost all its shifts', calendar()],
    ['names somebody whom people.json does not know', always('stranger')],
  ])('keep what they said when a file %s, say so once a minute, take it once it is mended, and take other files meanwhile', (_what, text) => {
    const roster = open();
    write('neuro.ics', text);
    write('icu.ics', always('b'));
    for (let second = 0; second < 180; second += 1) {
      now += 1000;
      expect(shown(roster, WHEN, 'neuro')).toBe('a');
    }
    expect(shown(roster, WHEN, 'icu')).toBe('b');
    expect(faults('neuro')).toBeGreaterThanOrEqual(2);
    expect(faults('neuro')).toBeLessThanOrEqual(3);
    expect(faults('icu')).toBe(0);
    write('neuro.ics', always('b'));
    now += MINUTE;
    expect(shown(roster, WHEN, 'neuro')).toBe('b');
  });

  it('are taken once people.json knows whom they name', () => {
    const roster = open();
    write('neuro.ics', always('stranger'));
    now += MINUTE;
    expect(shown(roster, WHEN, 'neuro')).toBe('a');
    staff.push({ ...someone, id: 'stranger' as Person['id'] });
    now += 2 * MINUTE;
    expect(shown(roster, WHEN, 'neuro')).toBe('stranger');
  });

  it('keep what they said when a file, or the whole folder, is gone', () => {
    const roster = open();
    rmSync(join(folder, 'roster', 'neuro.ics'));
    now += MINUTE;
    expect(shown(roster, WHEN, 'neuro')).toBe('a');
    expect(faults('neuro')).toBe(1);
    rmSync(join(folder, 'roster'), { recursive: true });
    now += MINUTE;
    expect([shown(roster, WHEN, 'neuro'), shown(roster, WHEN, 'icu')]).toEqual(['a', 'a']);
  });

  it('say hours of the next two days at which nobody is on call, before they are needed', () => {
    const rules = {
      ...readSite(testSite).onCall!,
      services: [{ id: 'icu', name: 'ICU', alsoCalled: [], pointsOfCare: [], chief: null, phone: null }],
    };
    const clock = { now: () => at(WHEN) };
    const roster = open();
    watchRosters({ roster, rota: rota(rules, roster, 'UTC'), clock, log })();
    expect(log.lines).toEqual([]);
    write('icu.ics', calendar(event('DTSTART:20200101T000000Z', 'DURATION:PT23H', 'RRULE:FREQ=DAILY', 'SUMMARY:a')));
    now += MINUTE;
    watchRosters({ roster, rota: rota(rules, roster, 'UTC'), clock, log })();
    expect(log.lines).toContainEqual({ event: 'on-call.gaps', fields: { count: 2 } });
  });

  it('are looked at seldom, however often they are asked, and a broken one is not read again and again', () => {
    const roster = open();
    write('neuro.ics', always('b'));
    now += 100;
    for (let n = 0; n < 100; n += 1) expect(shown(roster, WHEN, 'neuro')).toBe('a');
    write('neuro.ics', `${always('a')}${'X'.repeat(3_900_000)}`);
    const started = performance.now();
    for (let second = 0; second < 300; second += 5) {
      now += 5000;
      roster.services();
    }
    expect(performance.now() - started).toBeLessThan(5000);
    expect(faults()).toBeGreaterThan(0);
  });
});

describe('rosters at a start', () => {
  let cursors: Map<string, string>;
  /** As a process does that starts now: what it keeps is on disk once `kept` is asked for anew. */
  const start = async () => {
    const store = {
      read: (name: string) => Promise.resolve(cursors.get(name) ?? null),
      write: (name: string, value: string) => Promise.resolve(void cursors.set(name, value)),
    };
    const roster = open(await keptRosters(['icu', 'neuro'], store, log));
    await new Promise(setImmediate);
    return roster;
  };
  const unusable = (roster: { unusable(): readonly { readonly file: string }[] }) => roster.unusable().map(({ file }) => file).sort(); // prettier-ignore
  beforeEach(() => {
    cursors = new Map();
  });

  it.each([
    ['is broken', 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n'],
    ['has lost all its shifts', calendar()],
    ['names a locum whom people.json does not know', always('stranger')],
    ['is gone', null],
  ])('are what they were before, where a file %s: of each service the last copy that could be used', async (_what, text) => {
    expect(unusable(await start())).toEqual([]);
    if (text === null) rmSync(join(folder, 'roster', 'neuro.ics'));
    else write('neuro.ics', text);
    for (let n = 0; n < 2; n += 1) {
      const roster = await start();
      expect([shown(roster, WHEN, 'neuro'), shown(roster, WHEN, 'icu')]).toEqual(['a', 'a']);
      now += MINUTE;
      expect([shown(roster, WHEN, 'neuro'), unusable(roster)]).toEqual(['a', ['roster/neuro.ics']]);
    }
    expect(faults('neuro')).toBeGreaterThan(0);
    write('neuro.ics', always('b'));
    expect(shown(await start(), WHEN, 'neuro')).toBe('b');
    rmSync(join(folder, 'roster', 'neuro.ics'));
    expect(shown(await start(), WHEN, 'neuro')).toBe('b');
  });

  it('without a copy leave out what can’t be read, and of a file that can the shifts of whom nobody knows', async () => {
    write('icu.ics', 'nonsense');
    const shifts = ['a', 'stranger'].map((who, n) =>
      event(`DTSTART:20200101T${['00', '12'][n] ?? ''}0000Z`, 'DURATION:PT12H', 'RRULE:FREQ=DAILY', `SUMMARY:${who}`),
    );
    write('neuro.ics', calendar(...shifts));
    const roster = await start();
    expect([shown(roster, WHEN, 'icu'), shown(roster, WHEN, 'neuro'), shown(roster, '2026-06-01T06:00:00Z', 'neuro')]).toEqual(['', '-', 'a']);
    expect(roster.gaps('neuro', at('2026-06-01T00:00Z'), at('2026-06-02T00:00Z'))).not.toEqual([]);
    expect(unusable(roster)).toEqual(['roster/icu.ics', 'roster/neuro.ics']);
    staff.push({ ...someone, id: 'stranger' as Person['id'] });
    write('icu.ics', always('b'));
    now += 2 * MINUTE;
    expect([shown(roster, WHEN, 'icu'), shown(roster, WHEN, 'neuro'), unusable(roster)]).toEqual(['b', 'stranger', []]);
  });

  it('take a file by another name of the same service, and say which name is none', async () => {
    await start();
    renameSync(join(folder, 'roster', 'neuro.ics'), join(folder, 'roster', 'Neuro 2026.ics'));
    const roster = await start();
    expect([shown(roster, WHEN, 'neuro'), unusable(roster)]).toEqual(['a', ['roster/Neuro 2026.ics', 'roster/neuro.ics']]);
    write('neuro.csv', 'person,from,until\nb,2026-06-01T00:00,2026-06-02T00:00\n');
    rmSync(join(folder, 'roster', 'Neuro 2026.ics'));
    const after = await start();
    expect([shown(after, WHEN, 'neuro'), unusable(after)]).toEqual(['b', []]);
  });

  it('what is wrong with one file keeps no other from being read', async () => {
    await start();
    staff = staff.filter(({ id }) => id !== 'a');
    const roster = await start();
    write('icu.ics', always('b'));
    now += MINUTE;
    expect(shown(roster, WHEN, 'icu')).toBe('b');
  });

  it('a copy that can’t be read is none, and is said', async () => {
    cursors.set('roster:neuro', '{"name":"neuro.ics","gzip":"bm9uc2Vuc2U="}');
    expect(shown(await start(), WHEN, 'neuro')).toBe('a');
    expect(log.lines).toContainEqual({ event: 'site.roster-not-kept', fields: expect.anything() });
  });

  it('are no reason for a site not to run; its other files are', () => {
    const dir = folderWith({}, 'UTC');
    cpSync(testSite, dir, { recursive: true });
    writeFileSync(join(dir, 'roster', 'neuro.ics'), always('stranger'));
    writeFileSync(join(dir, 'roster', 'Neuro 2026.ics'), always('stranger'));
    rmSync(join(dir, 'roster', 'radiology.ics'));
    expect(() => readSite(dir)).toThrow('Neuro 2026.ics');
    expect(siteToRun(dir).settings.id).toBe(readSite(testSite).settings.id);
    writeFileSync(join(dir, 'on-call.json'), '{}');
    expect(() => siteToRun(dir)).toThrow('on-call.json');
  });
});
