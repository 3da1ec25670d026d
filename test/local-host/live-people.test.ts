import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { livePeople } from '#adapters/embedded/live-people.js';
import { readSite } from '#adapters/embedded/site-folder.js';
import { authorise } from '#core/authorise.js';
import { personId } from '#core/ids.js';
import type { Person } from '#core/people.js';
import { silentLog } from '../support/clinic.ts';
import { testSite } from '../support/planned-orders.ts';

const MINUTE = 60_000;
const first = readSite(testSite);
const [leaves, stays] = first.people.filter(({ roles }) => roles.includes('protocoling-radiologist')) as [Person, Person];
const raw = JSON.parse(readFileSync(join(testSite, 'people.json'), 'utf8')) as { id: string; roles: string[]; aadObjectId: string }[];

let folder: string;
let now: number;
let log: ReturnType<typeof silentLog>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'people-'));
  [now, log] = [5 * MINUTE, silentLog()];
  write(raw);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(content: unknown): void {
  // As an editor does: a new file in the place of the old one.
  writeFileSync(join(folder, 'new'), typeof content === 'string' ? content : JSON.stringify(content));
  renameSync(join(folder, 'new'), join(folder, 'people.json'));
}
const open = () => livePeople({ folder, language: first.settings.language, first: first.people, log, now: () => now });
const faults = () => log.lines.filter(({ event }) => event === 'site.people-unusable').length;

describe('people.json while Radloop runs (INVARIANTS 3: nothing of rights is older than 60 s)', () => {
  it('denies within 60 s whoever was taken out of it, by every way in', () => {
    const people = open();
    expect(people.byAadObjectId(leaves.aadObjectId)?.id).toBe(leaves.id);
    write(raw.filter(({ id }) => id !== leaves.id));
    now += MINUTE;
    expect([people.byAadObjectId(leaves.aadObjectId), people.byId(leaves.id)]).toEqual([null, null]);
    expect(people.withRole('protocoling-radiologist').map(({ id }) => id)).not.toContain(leaves.id);
    expect(Object.keys(people.names())).not.toContain(leaves.id);
    expect(people.byId(stays.id)).toEqual(stays);
  });

  it('takes a role away, and gives a right that is new, within 60 s', () => {
    const people = open();
    people.names();
    write(raw.map((one) => (one.id === leaves.id ? { ...one, roles: ['operator'] } : one)));
    now += MINUTE;
    const demoted = people.byId(leaves.id);
    expect(demoted && authorise(demoted, 'approve', { modality: 'CT', orderer: null, askedOf: null }).allowed).toBe(false);
    write([
      ...raw,
      { ...raw[0], id: 'dr-new', name: 'New Here', aadObjectId: '00000000-0000-4000-8000-00000000abcd', providerIds: [], osAccount: undefined },
    ]);
    now += MINUTE;
    expect(people.byId(personId.parse('dr-new'))).toMatchObject({ name: 'New Here', language: first.settings.language });
  });

  it.each([
    ['is no JSON', '[{"id": '],
    ['names a role that there is not', raw.map((one, index) => (index === 0 ? { ...one, roles: ['king'] } : one))],
    ['has one account for two people', raw.map((one) => ({ ...one, aadObjectId: raw[0]?.aadObjectId }))],
    ['is empty', []],
  ])('keeps who was known when it %s, says so once a minute, and takes it once it is mended', (_what, broken) => {
    const people = open();
    write(broken);
    for (let second = 0; second < 180; second += 1) {
      now += 1000;
      expect(people.byId(leaves.id)?.name).toBe(leaves.name);
    }
    expect(faults()).toBeGreaterThanOrEqual(2);
    expect(faults()).toBeLessThanOrEqual(3);
    write(raw.filter(({ id }) => id !== leaves.id));
    now += MINUTE;
    expect(people.byId(leaves.id)).toBeNull();
  });

  it('keeps who was known when the file is gone', () => {
    const people = open();
    rmSync(join(folder, 'people.json'));
    now += MINUTE;
    expect(people.byId(leaves.id)?.name).toBe(leaves.name);
    expect(faults()).toBe(1);
  });

  it('looks at the file seldom, however often somebody is looked up', () => {
    const people = open();
    people.names();
    write([]);
    now += 100;
    for (let n = 0; n < 1000; n += 1) people.byId(leaves.id);
    expect(faults()).toBe(0);
  });
});
