import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, cpSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, statfsSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openDatabase } from '#adapters/embedded/database.js';
import { rawStore } from '#adapters/embedded/raw-store.js';
import { receive } from '#engine/intake.js';
import { build } from '../../infra/build.ts';
import { orderMessage } from '../../infra/rehearsal/order-message.ts';
import { startEngineFixture } from '../support/engine-fixture.ts';
import { openInstallation } from '../support/installation-for-tests.ts';
import type { TestInstallation } from '../support/installation-for-tests.ts';
import { plannedOrders, testSite } from '../support/planned-orders.ts';
import { flooded } from './flooded.ts';
import { takeOrders } from './order-taker.ts';
import type { OrderTaker } from './order-taker.ts';
import { overdueNotes } from './overdue-notes.ts';

const MB = 1024 * 1024;
const ANSWERED_WITHIN_MS = 2_000;
const RECOVERED_WITHIN_MS = 5_000;
/** INVARIANTS 22: at most so late while the service is up. */
const MOST_LATE_MS = 10_000;
const STAT_MINUTES = 0.15;

/** A disk of its own, in memory; null: only root may mount one. */
function mounted(megabytes: number): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'radloop-disk-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]).status === 0) return folder;
  rmSync(folder, { recursive: true });
  return null;
}

function unmount(folder: string): void {
  spawnSync('umount', ['-l', folder]);
  rmSync(folder, { recursive: true, force: true });
}

/** Fills the disk with a file until so many bytes are free. */
function fill(folder: string, leave: number): void {
  const file = openSync(join(folder, 'filler'), 'a');
  const page = Buffer.alloc(4096, 1);
  try {
    while (free(folder) > leave) writeSync(file, page);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}

function free(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

const mllp = { endpoint: 'mllp', facility: null };
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const mayMount = ((folder) => {
  if (folder !== null) unmount(folder);
  return folder !== null;
})(mounted(1));
if (!mayMount) console.error('Only root may mount a small disk: what a disk that is really full does is not tested here.');

(mayMount ? it : it.skip)(
  'a store on a disk of 8 MB that runs full answers AE in time, keeps nothing of what it refused, loses nothing, and takes again what is sent once there is room (invariants 1, 5, 6)',
  async () => {
    const disk = mounted(8) ?? '';
    const engine = startEngineFixture('assist', (site) => site, join(disk, 'store'));
    try {
      writeFileSync(join(disk, 'filler'), Buffer.alloc(2 * MB, 1));
      const answers = new Map<string, string>();
      let slowest = 0;
      const bring = async (n: number, order = orders[n % orders.length]!): Promise<string> => {
        const bytes = Buffer.from(orderMessage(order, 'new', `F${n}`, new Date(engine.now)));
        const began = performance.now();
        const code = /MSA\|(?<code>\w\w)/u.exec(String((await receive(engine.parts, bytes, mllp)).application))?.groups?.['code'] ?? 'none';
        slowest = Math.max(slowest, performance.now() - began);
        answers.set(sha256(bytes), code);
        return code;
      };
      const orders = plannedOrders(8, 50);
      let n = 0;
      for (let refused = 0; refused < 20 && n < 20_000; n += 1) refused = (await bring(n)) === 'AE' ? refused + 1 : 0;
      expect([...answers.values()].slice(-20)).toEqual(Array.from({ length: 20 }, () => 'AE'));
      rmSync(join(disk, 'filler'));
      const mended = performance.now();
      while ((await bring((n += 1))) !== 'AA' && performance.now() - mended < RECOVERED_WITHIN_MS) await pause(50);
      const recoveredAfterMs = Math.round(performance.now() - mended);
      expect([...answers.values()].at(-1)).toBe('AA');
      expect([...new Set(answers.values())].sort()).toEqual(['AA', 'AE']);
      expect(slowest).toBeLessThan(ANSWERED_WITHIN_MS);
      const kept = (await engine.stores.raw.list(100_000)).map(({ hash }) => hash);
      const acknowledged = [...answers].flatMap(([hash, code]) => (code === 'AA' ? [hash] : []));
      expect(kept.toSorted()).toEqual(acknowledged.toSorted());
      expect(engine.stores.db.all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
      process.stdout.write(
        `${JSON.stringify({ disk: '8 MB', acknowledged: acknowledged.length, slowestMs: Math.round(slowest), recoveredAfterMs })}\n`,
      );
    } finally {
      await engine.stores.db.close();
      unmount(disk);
    }
  },
  120_000,
);

(mayMount ? describe : describe.skip)('the service while its disk', () => {
  const site = mkdtempSync(join(tmpdir(), 'radloop-site-'));
  const disk = mayMount ? (mounted(200) ?? '') : '';
  let installation: TestInstallation | null = null;
  let ris: OrderTaker | null = null;
  beforeAll(async () => {
    await build();
    cpSync(testSite, site, { recursive: true });
    const file = join(site, 'site.json');
    const settings = JSON.parse(readFileSync(file, 'utf8')) as { answerWithinMinutes: object };
    writeFileSync(file, JSON.stringify({ ...settings, answerWithinMinutes: { ...settings.answerWithinMinutes, STAT: STAT_MINUTES } }));
    installation = await openInstallation({ site, env: () => ({ RADLOOP_DATA: join(disk, 'store') }) });
    ris = await takeOrders(installation.ports.ris);
    await installation.openHospital(['--rate', '0', '--ris-port', String(installation.ports.playground)]);
  }, 120_000);
  afterAll(async () => {
    await installation?.clear();
    await ris?.stop();
    unmount(disk);
    rmSync(site, { recursive: true, force: true });
  }, 90_000);

  it('fills up takes nothing new into the last 64 MB, in which people are told of what is overdue; full to the last byte it stays up and loses nothing (invariants 1, 6, 22)', async () => {
    if (installation === null) throw new Error('nothing runs');
    const { data, ports } = installation;
    const pid = installation.servicePid();
    const ledger = join(data, 'acked');
    let run = 0;
    const flood = (seconds: number, kind = 'routine') =>
      flooded({ port: ports.mllp, rate: 5, seconds, run: (run += 1), kind, ledger, connections: 4 });
    const stat = await flood(1, 'stat');
    expect(stat).toMatchObject({ sentAway: 0, odd: 0 });

    fill(disk, 32 * MB);
    await pause(2500);
    expect(await flood(2)).toMatchObject({ taken: 0, odd: 0 });
    const within = STAT_MINUTES * 60_000;
    for (const end = Date.now() + within + 20_000; overdueNotes(data, within).length < stat.taken && Date.now() < end;) await pause(200);
    expect(free(disk)).toBeLessThan(64 * MB);
    const lateness = overdueNotes(data, within).map(({ lateMs }) => lateMs);
    expect(lateness).toHaveLength(stat.taken);
    expect(Math.max(...lateness)).toBeLessThan(MOST_LATE_MS);

    fill(disk, 0);
    const full = await flood(3);
    expect(full).toMatchObject({ taken: 0, odd: 0 });
    expect(full.longestMs).toBeLessThan(ANSWERED_WITHIN_MS);
    expect((await fetch(`http://127.0.0.1:${ports.http}/api/livez`)).status).toBe(200);

    rmSync(join(disk, 'filler'));
    const mended = Date.now();
    while ((await flood(0.2)).taken === 0 && Date.now() - mended < 2 * RECOVERED_WITHIN_MS);
    const recoveredAfterMs = Date.now() - mended;
    expect(recoveredAfterMs).toBeLessThan(RECOVERED_WITHIN_MS);
    expect(installation.servicePid()).toBe(pid);
    const db = openDatabase(join(disk, 'store'), { readOnly: true });
    const kept = new Set((await rawStore(db).list(100_000)).map(({ hash }) => hash));
    await db.close();
    const acknowledged = existsSync(ledger) ? readFileSync(ledger, 'utf8').split('\n').filter((line) => line !== '') : []; // prettier-ignore
    expect(acknowledged.filter((hash) => !kept.has(hash))).toEqual([]);
    process.stdout.write(`${JSON.stringify({ disk: '200 MB', lateness, full, recoveredAfterMs })}\n`);
  }, 180_000);
});
