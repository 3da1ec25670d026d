import { cpSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSite, siteToRun } from '#adapters/embedded/site-folder.js';
import { onCall as doctor } from '../../infra/cli/doctor-on-call.ts';
import { testSite } from '../support/planned-orders.ts';
import { radloop } from '../support/radloop.ts';
import { calendar, event, folderWith } from './site.ts';

const berlin = 'Europe/Berlin';
const site = folderWith(
  {
    'neuro.ics': calendar(
      event(
        `DTSTART;TZID=${berlin}:20261023T080000`,
        `DTEND;TZID=${berlin}:20261024T080000`,
        'RRULE:FREQ=DAILY;COUNT=4',
        `EXDATE;TZID=${berlin}:20261024T080000`,
        'SUMMARY:a',
      ),
      event(`DTSTART;TZID=${berlin}:20261023T080000`, `DTEND;TZID=${berlin}:20261027T080000`, 'SUMMARY:b', 'X-RADLOOP-LEVEL:2'),
    ),
    'icu.csv': 'person,from,until\nc,2026-10-25T00:00,2026-10-26T00:00\n',
  },
  berlin,
);
const json = (out: string) => out.trim().split('\n').map((line) => JSON.parse(line) as unknown); // prettier-ignore

describe('radloop oncall who', () => {
  it('says each level of a service, its people and until when', async () => {
    const { code, out, err } = await radloop('oncall', 'who', '--site', site, '--service', 'neuro', '--at', '2026-10-25T10:00:00Z', '--json');
    expect([code, err]).toEqual([0, '']);
    expect(json(out)).toEqual([
      {
        ...{ service: 'neuro', at: '2026-10-25T10:00:00.000Z' },
        levels: [
          { level: 1, people: ['a'], until: '2026-10-27T07:00:00.000Z' },
          { level: 2, people: ['b'], until: '2026-10-27T07:00:00.000Z' },
        ],
      },
    ]);
  });

  it('reads a time without zone by the site’s clock, and says all services without --service', async () => {
    const { code, out } = await radloop('oncall', 'who', '--site', site, '--at', '2026-10-24T09:00', '--json');
    expect(code).toBe(0);
    expect(json(out)).toMatchObject([
      { service: 'icu', at: '2026-10-24T07:00:00.000Z', levels: [{ level: 1, people: [], until: '2026-10-24T22:00:00.000Z' }] },
      { service: 'neuro', levels: [{ level: 1, people: [], until: '2026-10-25T07:00:00.000Z' }, { level: 2 }] },
    ]);
  });

  it('prints for people, by the names of the rehearsal site, whose services it also knows by what they are called', async () => {
    const { code, out } = await radloop('oncall', 'who', '--service', 'Emergency Department', '--at', '2026-11-26T06:00');
    expect(code).toBe(0);
    expect(out).toBe(
      'Emergency Medicine, Thu, 26 Nov 2026, 06:00 (America/Chicago)\n  1. Rafael Castillo (dr-castillo), until Thu, 26 Nov 2026, 07:00\n  2. Liya Abebe (dr-abebe), until Thu, 26 Nov 2026, 07:00\n',
    );
  });
});

describe('radloop oncall gaps', () => {
  it('gives a line a gap, in UTC and by the site’s clock; a level counts from its first shift to its last', async () => {
    const { code, out } = await radloop('oncall', 'gaps', '--site', site, '--from', '2026-10-01', '--to', '2026-12-01', '--json');
    expect(code).toBe(0);
    expect(json(out)).toEqual([
      {
        ...{ service: 'neuro', level: 1, from: '2026-10-24T06:00:00.000Z', to: '2026-10-25T07:00:00.000Z' },
        ...{ fromLocal: '2026-10-24T08:00', toLocal: '2026-10-25T08:00' },
      },
    ]);
  });

  it('takes days of the site’s zone, --to exclusive', async () => {
    const { out } = await radloop('oncall', 'gaps', '--site', site, '--from', '2026-10-24', '--to', '2026-10-25', '--json');
    expect(json(out)).toMatchObject([{ from: '2026-10-24T06:00:00.000Z', to: '2026-10-24T22:00:00.000Z' }]);
    expect((await radloop('oncall', 'gaps', '--site', site, '--from', '2026-10-26', '--to', '2026-10-27')).out).toBe(
      'Nobody is missing from 2026-10-26 to 2026-10-27: icu, neuro.\n',
    );
  });
});

describe('what can’t be asked', () => {
  it.each([
    ['a folder that is not there', ['who', '--site', '/nowhere'], /--site: there is no folder \/nowhere/u],
    ['a folder that is no site', ['who', '--site', join(testSite, 'hl7')], /site\.json: expected a file with "zone"/u],
    ['a service without a roster', ['who', '--site', site, '--service', 'cardiology'], /No roster for "cardiology"\. The site has: icu, neuro\./u],
    ['a moment that is none', ['who', '--site', site, '--at', '2026-13-01T00:00'], /--at: expected a moment such as/u],
    ['a day that is none', ['gaps', '--site', site, '--from', '2026-02-30'], /--from: expected a day such as 2026-12-01, got "2026-02-30"/u],
    [
      'days the wrong way round',
      ['gaps', '--site', site, '--from', '2026-02-02', '--to', '2026-02-02'],
      /--to 2026-02-02 is not after --from 2026-02-02/u,
    ],
    ['a hundred years', ['gaps', '--site', site, '--from', '2026-02-02', '--to', '2126-02-02'], /more than ten years/u],
    ['an option that there is not', ['who', '--person', 'x'], /Unknown option '--person'/u],
  ])('is said, and the command ends with 2: %s', async (_what, words, says) => {
    const { code, out, err } = await radloop('oncall', ...words);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(says);
    expect(err).not.toContain('    at ');
  });

  it('names a broken roster: with 2 when it was asked for, else beside the others’ answers and with 1', async () => {
    const broken = folderWith({ 'neuro.ics': 'nonsense', 'icu.csv': 'person,from,until\n' }, berlin);
    const asked = await radloop('oncall', 'who', '--site', broken, '--service', 'neuro', '--json');
    expect([asked.code, asked.out]).toEqual([2, '']);
    expect(asked.err).toContain('roster/neuro.ics: line 1: "nonsense" is no line of a calendar');
    const all = await radloop('oncall', 'who', '--site', broken, '--json');
    expect(all.code).toBe(1);
    expect(json(all.out)).toMatchObject([
      { service: 'icu', levels: [] },
      { service: 'neuro', error: { code: 'unusable-roster', at: 'roster/neuro.ics' } },
    ]);
  });
});

describe('radloop doctor', () => {
  const now = Date.parse('2026-11-26T12:00:00Z');
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'site-'));
    cpSync(testSite, dir, { recursive: true });
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });
  const found = () => doctor(readSite(dir, now), dir, now).map(({ level, what }) => `${level}: ${what}`);
  const roster = (name: string, ...events: string[]) => {
    writeFileSync(join(dir, 'roster', name), calendar(...events));
  };
  const chicago = ';TZID=America/Chicago:';

  it('is content with the rehearsal site', () => {
    expect(found()).toEqual(['ok: 7 services, somebody at every hour of 400 days or as far as their rosters go']);
  });

  it('fails on an hour of today without anybody and on a service without a shift, warns of one in a year’s autumn and of a roster that soon ends (field reports 16 and 17)', () => {
    const all = (extra: string[] = []) =>
      event(`DTSTART${chicago}20260101T000000`, `DTEND${chicago}20260102T000000`, 'RRULE:FREQ=DAILY', 'SUMMARY:dr-fujita', ...extra);
    roster('general-surgery.ics', all([`EXDATE${chicago}20261126T000000`]));
    expect(found()).toEqual(['fail: nobody is on call: general-surgery level 1 26 Nov, 00:00 to 27 Nov, 00:00']);
    const byStopWatch = event(`DTSTART${chicago}20260101T000000`, 'DURATION:PT24H', 'RRULE:FREQ=DAILY', 'SUMMARY:dr-fujita');
    roster('general-surgery.ics', byStopWatch);
    expect(found()).toEqual(['warn: nobody is on call: general-surgery level 1 7 Nov, 23:00 to 8 Nov, 00:00']);
    roster('general-surgery.ics', event(`DTSTART${chicago}20260101T000000`, `DTEND${chicago}20261205T080000`, 'SUMMARY:dr-fujita'));
    expect(found()).toEqual(['warn: the roster of general-surgery level 1 ends 5 Dec, 08:00']);
    roster('general-surgery.ics', event(`DTSTART${chicago}20260101T000000`, `DTEND${chicago}20261105T080000`, 'SUMMARY:dr-fujita'));
    expect(found()).toEqual(['fail: the roster of general-surgery level 1 ends 5 Nov, 08:00']);
    rmSync(join(dir, 'roster', 'general-surgery.ics'));
    expect(found()).toEqual(['fail: no shift at all: general-surgery']);
  });

  it('warns of a roster that nobody has touched for longer than the site wants', () => {
    const old = new Date(now - 400 * 86_400_000);
    utimesSync(join(dir, 'roster', 'icu.ics'), old, old);
    expect(found()).toContain('warn: roster/icu.ics has not changed for 400 days');
  });

  it('warns of somebody on call whom nothing wakes: mail is not enough', () => {
    const people = JSON.parse(readFileSync(join(dir, 'people.json'), 'utf8')) as { id: string; contacts?: object }[];
    writeFileSync(
      join(dir, 'people.json'),
      JSON.stringify(people.map((one) => (one.id === 'dr-okafor' ? { ...one, contacts: { email: 'dr-okafor@example.invalid' } } : one))),
    );
    expect(found()).toContain('warn: on call and woken by nothing: dr-okafor');
  });

  it('says of each roster that can’t be used what is wrong', () => {
    roster('icu.ics', event('UID:z', 'DTSTART:20260101T000000Z', 'DURATION:P1D', 'RRULE:FREQ=DAILY', 'SUMMARY:dr-who'));
    writeFileSync(join(dir, 'roster', 'Neuro 2026.ics'), '');
    const said = () => doctor(siteToRun(dir), dir, now).map(({ level, what }) => `${level}: ${what}`);
    expect(said()).toEqual(['fail: roster/Neuro 2026.ics: expected the id of a service in small letters as its name, such as neuro.ics']);
    rmSync(join(dir, 'roster', 'Neuro 2026.ics'));
    expect(said()).toEqual([expect.stringMatching(/^fail: roster\/icu\.ics: .*nobody called "dr-who"/u)]);
  });

  it('refuses a site whose roster names somebody whom people.json does not know, or can’t be read', () => {
    roster('icu.ics', event('UID:z', 'DTSTART:20260101T000000Z', 'DURATION:P1D', 'RRULE:FREQ=DAILY', 'SUMMARY:dr-who'));
    expect(() => readSite(dir, now)).toThrow(
      'roster/icu.ics: line 4 (UID z): people.json knows nobody called "dr-who": add them there, or correct the shift',
    );
    roster('icu.ics', event('UID:z', 'DTSTART:20260101T000000Z', 'SUMMARY:dr-sandoval'));
    expect(() => readSite(dir, now)).toThrow('roster/icu.ics: line 4 (UID z): has no end: write DTEND or DURATION');
  });
});
