import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backlog } from '#adapters/embedded/downtime-backlog.js';
import { downtimeFolder, newestList } from '#adapters/embedded/downtime-folder.js';
import { recordOpening } from '#adapters/embedded/downtime-openings.js';
import { addMinutes } from '#core/time.js';
import { startDowntime, takeOpenings } from '#engine/downtime.js';
import type { DowntimeNeeds } from '#engine/downtime.js';
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
    await lists().write(addMinutes(t0, 90), { html: 'page 5', csv: 'table 5' });
    expect(readdirSync(folder)).toHaveLength(6);
    expect(readFileSync(newestList(folder)!.csv, 'utf8')).toBe('table 5');
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
  });

  it('two at once are two lines of one chain', async () => {
    await Promise.all(['a', 'b', 'c', 'd'].map(async (account) => opened(account)));
    await takeOpenings(needs());
    expect(audited().map(({ n }) => n)).toEqual([1, 2, 3, 4]);
  });
});
