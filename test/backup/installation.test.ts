import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { build } from '../../infra/build.ts';
import { openInstallation } from '../support/installation-for-tests.ts';
import type { TestInstallation } from '../support/installation-for-tests.ts';
import { readPostings, readRisSide, sizeOfLedgers } from '../support/ledgers.ts';
import { radloop } from '../support/radloop.ts';

const ORDERS = 40;

let running: TestInstallation;
beforeAll(async () => {
  await build();
  running = await openInstallation();
}, 180_000);
// A build that fails leaves none.
afterAll(() => (running as TestInstallation | undefined)?.clear(), 90_000);

const cli = (...args: string[]) => radloop(...args, '--data', running.data);
async function until(fits: () => boolean, what: string): Promise<void> {
  for (let tries = 0; !fits(); tries += 1) {
    if (tries > 240) throw new Error(`${what} did not happen`);
    await pause(250);
  }
}
/** Until nothing outside has moved for two seconds. */
async function untilQuiet(): Promise<void> {
  for (let size = -1, since = 0; since < 8; since += 1) {
    await pause(250);
    const now = sizeOfLedgers(running.data);
    if (now !== size) since = 0;
    size = now;
  }
}

it('a service under load is backed up, goes on, loses its store and is put back: no change reaches the RIS a second time by itself (invariant 31)', async () => {
  await running.openHospital(['--orders', String(ORDERS), '--rate', '0.1', '--seed', '5', '--people', 'scripted']);
  const ris = () => readRisSide(running.data);
  await until(() => ris().writeBacks.size >= 5, 'the first write-backs');
  const before = { acknowledged: new Set(ris().acknowledged.keys()), writeBacks: new Set(ris().writeBacks.keys()) };
  const backup = await cli('backup', join(running.data, 'backups'), '--json');
  expect(backup).toMatchObject({ code: 0, err: '' });
  const { folder, startedAt } = JSON.parse(backup.out) as { folder: string; startedAt: string };

  // It goes on: orders, decisions, write-backs that the backup knows nothing of.
  await until(() => ris().acknowledged.size >= ORDERS, 'the rest of the orders');
  await untilQuiet();
  expect(await cli('restore', folder)).toMatchObject({ code: 1, err: expect.stringContaining('stop it first') });
  await running.stopService();
  const writeBacks = JSON.stringify([...ris().writeBacks]);
  expect([...ris().writeBacks.keys()].some((placer) => !before.writeBacks.has(placer))).toBe(true);
  const restored = await cli('restore', folder);
  expect(restored).toMatchObject({ code: 0, err: '' });
  expect(restored.out).toContain(`MISSING: everything from then until 2`);
  expect(restored.out).toContain(startedAt);

  // What was acknowledged before the backup is there, and the chain holds, with the restore in it.
  const db = new DatabaseSync(join(running.store, 'radloop.sqlite'), { readOnly: true });
  const facts = db.prepare("SELECT count(*) AS n FROM facts WHERE type = 'orderOpened'").get() as { n: number };
  db.close();
  expect(facts.n).toBeGreaterThan(before.acknowledged.size / 2);
  const verdict = JSON.parse((await cli('audit', 'verify', '--json')).out) as { ok: boolean; restored: unknown[] };
  expect(verdict).toMatchObject({ ok: true, restored: [expect.anything()] });

  // The RIS alone, and nobody who decides: what happens now the service does by itself.
  await running.stopHospital();
  await running.openHospital(['--orders', '0', '--people', 'none']);
  const posted = readPostings(running.data, 'protocoling').length;
  await running.startService();
  await pause(3000);
  // Nothing that waited when the backup was made has changed the RIS again, and no message was sent under an id of another one.
  expect(JSON.stringify([...ris().writeBacks])).toBe(writeBacks);
  expect(ris().conflicts).toBe(0);
  expect(readPostings(running.data, 'protocoling').length).toBeGreaterThanOrEqual(posted);
  // Who starts it again is not told again.
  await untilQuiet();
  const size = readPostings(running.data, 'protocoling').length;
  await running.killAndRestart();
  await pause(2000);
  expect(readPostings(running.data, 'protocoling')).toHaveLength(size);
  expect(JSON.stringify([...ris().writeBacks])).toBe(writeBacks);
  await running.stop();
  expect(JSON.parse((await cli('audit', 'verify', '--json')).out)).toMatchObject({ ok: true });
  expect(readFileSync(join(running.data, 'logs', 'service.log'), 'utf8')).not.toContain('audit.anchor-conflict');
}, 240_000);
