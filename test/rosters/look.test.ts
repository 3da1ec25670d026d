import { cpSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readContent } from '#adapters/embedded/content.js';
import { directory } from '#adapters/embedded/directory.js';
import { liveRoster } from '#adapters/embedded/roster/live.js';
import { readSite } from '#adapters/embedded/site-folder.js';
import type { PersonId } from '#core/ids.js';
import { addMinutes } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { onCallLook } from '../../functions/on-call-look.ts';
import { lacking } from '../../infra/cli/doctor-lacks.ts';
import { silentLog } from '../support/clinic.ts';
import { testSite } from '../support/planned-orders.ts';
import { radloop } from '../support/radloop.ts';
import { embeddedStores } from '../support/store-fixture.ts';
import { at } from './site.ts';

// The rehearsal hospital's people and rosters, in a folder of their own.
let dir: string;
let now: Instant;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'site-'));
  cpSync(testSite, dir, { recursive: true });
  now = at('2026-11-26T12:00Z');
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

/** As people.json has them, but for some ways to reach one of them. */
function withContacts(id: string, contacts: object): void {
  const people = JSON.parse(readFileSync(join(dir, 'people.json'), 'utf8')) as { id: string }[];
  writeFileSync(join(dir, 'people.json'), JSON.stringify(people.map((one) => (one.id === id ? { ...one, contacts } : one))));
}

function open(installed: ReadonlySet<string>, asked: string[] = []) {
  const site = readSite(dir);
  const { zone } = site.settings;
  const none = { of: () => null, keep: () => undefined };
  const needs = { folder: dir, zone, log: silentLog(), now: () => 0, faultsOf: () => [], services: [], kept: none, knows: () => true };
  return onCallLook({
    ...{ site, rules: site.onCall!, folder: dir, ladders: readContent(dir).ladders, people: directory(site.people) },
    ...{ roster: liveRoster(needs), clock: { now: () => now } },
    hasApp: (person, mayAsk) => {
      if (mayAsk && !installed.has(person)) asked.push(person);
      return Promise.resolve(installed.has(person) ? true : mayAsk ? false : null);
    },
  });
}
const everybody = () => new Set(readSite(testSite).people.map(({ id }) => id as string));
const said = async (look: ReturnType<typeof open>) =>
  (await look()).flatMap(({ service, lacks = [] }) =>
    lacks.map(({ why, level, person }) => `${service} ${why} ${level ?? ''} ${person ?? ''}`.trim()),
  );

describe('the look over who is on call', () => {
  it('finds nothing wanting at the rehearsal hospital', async () => {
    expect(await open(everybody())()).toEqual([]);
  });

  it('finds mail alone, a roster that is too old and a level that nobody is on', async () => {
    withContacts('dr-sandoval', { email: 'dr-sandoval@example.invalid', phone: '+1 555 555 0119' });
    utimesSync(join(dir, 'roster', 'medicine.ics'), new Date('2020-01-01'), new Date('2020-01-01'));
    const neuro = readFileSync(join(dir, 'roster', 'neurosurgery.ics'), 'utf8').replaceAll('X-RADLOOP-LEVEL:2', 'X-RADLOOP-LEVEL:3');
    writeFileSync(join(dir, 'roster', 'neurosurgery.ics'), neuro);
    expect((await said(open(everybody()))).sort()).toEqual([
      'icu no-second-channel 1 dr-sandoval',
      'icu no-second-channel 2 dr-sandoval',
      'medicine old-roster',
      'neurosurgery no-level 2',
    ]);
  });

  it('asks Teams of five people at a look and of each once an hour, and knows at once who has installed the app meanwhile', async () => {
    const asked: PersonId[] = [];
    const installed = everybody();
    const missing = ['dr-abebe', 'dr-castillo', 'dr-vance', 'dr-marchetti', 'dr-fujita', 'dr-laurent'];
    for (const id of missing) installed.delete(id);
    const look = open(installed, asked);
    const named = async () => new Set((await said(look)).map((line) => line.split(' ').at(-1)));
    expect([(await named()).size, asked.length]).toEqual([5, 5]);
    expect([await named(), new Set(asked)]).toEqual([new Set(missing), new Set(missing)]);
    for (let minute = 0; minute < 58; minute += 1) {
      now = addMinutes(now, 1);
      await look();
    }
    expect(asked).toHaveLength(6);
    installed.add('dr-vance');
    expect(await named()).toEqual(new Set(missing.filter((id) => id !== 'dr-vance')));
    now = addMinutes(now, 5);
    await look();
    expect(asked).toHaveLength(11);
  });
});

describe('what the command line says of it', () => {
  it('radloop oncall gaps: after the hours, in one list', async () => {
    withContacts('dr-sandoval', { email: 'dr-sandoval@example.invalid' });
    rmSync(join(dir, 'roster', 'medicine.ics'));
    const { code, out } = await radloop('oncall', 'gaps', '--site', dir);
    expect(code).toBe(0);
    expect(out).toContain('Internal Medicine: It has no roster: nobody is on call for it.');
    expect(out).toMatch(/No pager, SMS or call \((?:first|second) on call\): dr-sandoval/u);
    const icu = await radloop('oncall', 'gaps', '--site', dir, '--service', 'icu', '--json');
    const lines = icu.out.trim().split('\n').map((line) => JSON.parse(line) as object); // prettier-ignore
    expect(lines).toContainEqual(expect.objectContaining({ service: 'icu', why: 'no-second-channel', person: 'dr-sandoval' }));
    for (const line of lines) expect(line).toMatchObject({ service: 'icu' });
    expect((await radloop('oncall', 'gaps', '--site', dir, '--from', '2026-12-01')).out).not.toContain('dr-sandoval');
  });

  it('radloop doctor: also with whom there is no chat in Teams, by the account of now', async () => {
    withContacts('dr-sandoval', { email: 'dr-sandoval@example.invalid' });
    const site = readSite(dir);
    const found = async (store: string | null) => (await lacking(site, dir, store, Date.parse(now))).map(({ level, what }) => `${level} ${what}`);
    expect(await found(null)).toContainEqual(expect.stringMatching(/^fail icu: No pager.*dr-sandoval$/u));
    const folder = join(dir, 'store');
    const stores = embeddedStores(folder);
    for (const { id, aadObjectId } of site.people)
      await stores.conversations.remember(id, {
        ...{ conversationId: `a:${id}`, serviceUrl: 'http://127.0.0.1/' },
        aadObjectId: id === 'dr-vance' ? '11111111-5a15-40d8-9bf1-b9da83cb26bf' : aadObjectId,
      });
    await stores.db.close();
    const uninstalled = (await found(folder)).filter((line) => line.includes('not installed'));
    expect(uninstalled.length).toBeGreaterThan(0);
    for (const line of uninstalled) expect(line).toMatch(/^fail neurosurgery: .*: dr-vance$/u);
  });
});
