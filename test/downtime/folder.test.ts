import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backlog } from '#adapters/embedded/downtime-backlog.js';
import { downtimeFolder, newestList } from '#adapters/embedded/downtime-folder.js';
import { recordOpening } from '#adapters/embedded/downtime-openings.js';
import { addMinutes } from '#core/time.js';
import { startDowntime, takeOpenings } from '#engine/downtime.js';
import type { DowntimeNeeds } from '#engine/downtime.js';
import type { AuditEntry } from '#ports/audit-store.js';
import { startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { later, t0 } from '../support/store-fixture.ts';

let folder: string;
let engine: EngineFixture;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'radloop-lists-')), 'lists');
  engine = startEngineFixture('assist');
});
afterEach(async () => {
  await engine.close();
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

const lists = () => downtimeFolder(folder);
const files = { html: '<p>a list</p>', csv: 'a,list' };
const opened = (account: string) => recordOpening(folder, { at: t0, account, lentBy: null, how: 'html', asOf: t0 });
const needs = (): DowntimeNeeds => ({
  ...engine.parts,
  ...{ backlog: backlog(engine.stores.db), cursors: engine.stores.cursors, folder: lists() },
  ...{ site: { name: 'Test', zone: 'UTC' }, html: () => files.html, csv: () => files.csv },
});
const audited = () =>
  engine.stores.db
    .all<{ action: string; detail: string }>("SELECT action, detail FROM audit WHERE action LIKE 'downtime-%' ORDER BY seq")
    .map(({ action, detail }) => ({ action, ...(JSON.parse(detail) as { n?: number; account?: string; what?: string }) }));

describe('the folder of the lists', () => {
  it('and what is in it is its owner’s alone, also when somebody made it by hand', async () => {
    await lists().write(t0, files);
    chmodSync(folder, 0o755);
    await lists().write(later(300), files);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  });

  it('keeps the newest few; what a process that died had begun is taken away and never read', async () => {
    for (let n = 0; n < 5; n += 1) await lists().write(addMinutes(t0, 5 * n), { html: `page ${n}`, csv: `table ${n}` });
    writeFileSync(join(folder, 'list-20261125T110000Z.csv'), 'half of a pair');
    writeFileSync(join(folder, 'list-20261125T110000Z.html.1.part'), 'half a page');
    expect(readFileSync(newestList(folder)!.html, 'utf8')).toBe('page 4');
    await lists().write(addMinutes(t0, 80), { html: 'page 5', csv: 'table 5' });
    // Another instance may be writing them just now.
    expect(readdirSync(folder)).toHaveLength(8);
    const before = new Date(Date.now() - 61_000);
    for (const name of ['list-20261125T110000Z.csv', 'list-20261125T110000Z.html.1.part']) utimesSync(join(folder, name), before, before);
    await lists().write(addMinutes(t0, 90), { html: 'page 6', csv: 'table 6' });
    expect(readdirSync(folder)).toHaveLength(6);
    expect(readFileSync(newestList(folder)!.csv, 'utf8')).toBe('table 6');
  });

  it('gets a list at once, every five minutes, and at the end; a disk that does not take one is logged', async () => {
    const downtime = startDowntime(needs());
    await downtime.stop();
    expect(downtime.asOf()).toBe(engine.now);
    expect(newestList(folder)).not.toBeNull();
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'a file where the folder should be');
    const failing = startDowntime(needs());
    await failing.stop();
    expect(failing.asOf()).toBeNull();
    rmSync(folder);
  });
});

describe('who opened a list', () => {
  beforeEach(() => lists().write(t0, files));

  it('is in the audit once, in its order, whether the service ran or not', async () => {
    opened('radloop');
    opened('root');
    await takeOpenings(needs());
    await takeOpenings(needs());
    opened('radloop');
    await takeOpenings(needs());
    expect(audited()).toMatchObject([
      { action: 'downtime-opened', n: 1, account: 'radloop' },
      { action: 'downtime-opened', n: 2, account: 'root' },
      { action: 'downtime-opened', n: 3, account: 'radloop' },
    ]);
    expect((await engine.stores.audit.verify()).ok).toBe(true);
  });

  const record = () => join(folder, 'openings.jsonl');
  const tampered: [string, () => void][] = [
    ['taken away', () => rmSync(record())],
    ['emptied', () => writeFileSync(record(), '')],
    ['cut at its end', () => writeFileSync(record(), readFileSync(record(), 'utf8').split('\n').slice(0, 1).join('\n'))],
    ['begun anew', () => (rmSync(record()), opened('mallory'))],
    ['changed in a line', () => writeFileSync(record(), readFileSync(record(), 'utf8').replace('"radloop"', '"someone"'))],
    ['cut in the middle', () => (opened('x'), writeFileSync(record(), readFileSync(record(), 'utf8').split('\n').filter((_, n) => n !== 1).join('\n')))],
    ['spoiled', () => writeFileSync(record(), `${readFileSync(record(), 'utf8')}nonsense\n`)],
  ]; // prettier-ignore
  it.each(tampered)('a record that was %s shows as a gap, once', async (_how, tamper) => {
    opened('radloop');
    opened('radloop');
    await takeOpenings(needs());
    tamper();
    await takeOpenings(needs());
    const gaps = () => audited().filter(({ action }) => action === 'downtime-openings-gap');
    expect(gaps()).toHaveLength(1);
    expect(gaps()[0]?.what).toMatch(/line/u);
    // Who opened one since is known all the same; nobody is told twice.
    const accounts = audited().flatMap(({ account }) => account ?? []);
    expect(accounts).toEqual([
      'radloop',
      'radloop',
      ...(_how === 'begun anew' ? ['mallory'] : _how === 'cut in the middle' ? accounts.slice(2) : []),
    ]);
  });

  it('is known, with the gap, also when the instance that found a record begun anew was killed in the middle', async () => {
    opened('radloop');
    await takeOpenings(needs());
    rmSync(record());
    for (const account of ['a', 'b']) opened(account);
    const dies = needs();
    let swaps = 0;
    const swap = (...of: Parameters<typeof dies.cursors.swap>) => ((swaps += 1) > 2 ? new Promise<never>(() => undefined) : dies.cursors.swap(...of));
    const record2 = (entry: AuditEntry) => (swaps > 1 ? new Promise<never>(() => undefined) : dies.audit.record(entry));
    void takeOpenings({ ...dies, cursors: { ...dies.cursors, swap }, audit: { ...dies.audit, record: record2 } });
    await new Promise((resume) => setTimeout(resume, 100));
    engine.now = addMinutes(engine.now, 2);
    for (let round = 0; round < 2; round += 1) await takeOpenings(needs());
    expect(audited().map(({ action, account }) => `${action} ${account ?? ''}`.trim())).toEqual([
      ...['downtime-opened radloop', 'downtime-opened a', 'downtime-opened b', 'downtime-openings-gap'],
    ]);
  });

  it('is told once by an instance that stood still for so long that another went on, but for the line that it was at', async () => {
    for (const account of ['a', 'b', 'c']) opened(account);
    const slow = needs();
    let goOn: () => void = () => undefined;
    const stands = new Promise<void>((resume) => (goOn = resume));
    const audit = { ...slow.audit, record: (entry: AuditEntry) => stands.then(() => slow.audit.record(entry)) };
    const taking = takeOpenings({ ...slow, audit });
    await new Promise((resume) => setTimeout(resume, 100));
    engine.now = addMinutes(engine.now, 2);
    await takeOpenings(needs());
    goOn();
    await taking;
    expect(audited().map(({ n }) => n)).toEqual([2, 3, 1, 2]);
  });

  it('after a line that a power cut left unfinished are known all the same, and that one is a gap once', async () => {
    opened('radloop');
    writeFileSync(record(), `${readFileSync(record(), 'utf8')}{"n":2,"at`);
    opened('root');
    for (let round = 0; round < 3; round += 1) await takeOpenings(needs());
    opened('radloop');
    await takeOpenings(needs());
    expect(audited().map(({ action, account }) => `${action} ${account ?? ''}`.trim())).toEqual([
      ...['downtime-opened radloop', 'downtime-opened root', 'downtime-openings-gap', 'downtime-opened radloop'],
    ]);
  });

  it('is told once by two instances that look at once, and by one that comes after another was killed in the middle', async () => {
    for (const account of ['a', 'b', 'c']) opened(account);
    await Promise.all([takeOpenings(needs()), takeOpenings(needs())]);
    expect(audited().map(({ n }) => n)).toEqual([1, 2, 3]);
    opened('d');
    opened('e');
    // One row is written; then the process ends.
    const dies = needs();
    let rows = 0;
    const audit = {
      ...dies.audit,
      record: (entry: AuditEntry) => ((rows += 1) > 1 ? new Promise<never>(() => undefined) : dies.audit.record(entry)),
    };
    const cursors = {
      ...dies.cursors,
      swap: (...of: Parameters<typeof dies.cursors.swap>) => (rows > 1 ? new Promise<never>(() => undefined) : dies.cursors.swap(...of)),
    };
    void takeOpenings({ ...dies, audit, cursors });
    await new Promise((resume) => setTimeout(resume, 200));
    await takeOpenings(needs());
    expect(audited().map(({ n }) => n)).toEqual([1, 2, 3, 4]);
    engine.now = addMinutes(engine.now, 2);
    await takeOpenings(needs());
    expect(audited().map(({ n }) => n)).toEqual([1, 2, 3, 4, 5]);
  });

  it('two at once are two lines of one chain', async () => {
    await Promise.all(['a', 'b', 'c', 'd'].map(async (account) => opened(account)));
    await takeOpenings(needs());
    expect(audited().map(({ n }) => n)).toEqual([1, 2, 3, 4]);
  });
});
