import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { build } from '../../infra/build.ts';
import type { Part } from '../../infra/local/children.ts';
import { startService } from '../../infra/local/installation.ts';
import { testSite } from '../support/planned-orders.ts';
import { ago, openStand, until } from './watcher-stand.ts';
import type { Stand } from './watcher-stand.ts';

// A whole service in a process of its own, stopped by SIGSTOP: it answers nothing and ends nothing, as a machine that hangs. RADLOOP_FAULTS=full: at the pace of a hospital.
const FASTER = process.env['RADLOOP_FAULTS'] === 'full' ? 1 : 20;
let stand: Stand;
let service: Part | undefined;
beforeAll(async () => {
  await build();
  stand = await openStand();
}, 120_000);
afterAll(async () => {
  await service?.kill();
  await stand.close();
});

const arrived = () => stand.side.lines.filter(({ event }) => event === 'arrived');
const progress = async (): Promise<{ ok: boolean; watcherAge?: number | null; missing?: string[] }> => {
  const token = readFileSync(join(stand.data, 'store', 'health.token'), 'utf8').trim();
  const answered = await fetch(`http://127.0.0.1:${stand.ports.http}/api/healthz/progress`, { headers: { authorization: `Bearer ${token}` } });
  return (await answered.json()) as Awaited<ReturnType<typeof progress>>;
};

it('a service that hangs: its alert is paged within 45 s, and the ping stops within 90 s; both are over when it goes on (invariant 24)', async () => {
  service = await startService({ site: testSite, data: stand.data, ports: stand.ports, fault: 'none', cardsLost: null });
  await until(async () => (await progress()).ok, 60);
  expect(await progress()).toMatchObject({ watcherAge: null });
  await stand.watch({ faster: FASTER, standIn: false });
  await until(() => stand.pings.length > 0, 90);
  expect(await progress()).toMatchObject({ ok: true, watcherAge: expect.any(Number) });
  process.kill(service.pid, 'SIGSTOP');
  const stoppedAt = performance.now();
  const number = await stand.alert(1, ago(0));
  const took = await until(() => arrived().length >= 3, 60);
  process.stdout.write(`The page came ${took.toFixed(1)} s after the service was stopped, everything ${FASTER} times as fast.\n`);
  expect(took * FASTER).toBeLessThan(FASTER === 1 ? 45 : 45 + 3 * FASTER);
  expect(arrived().map(({ subject }) => subject)).toContain(`ALERT OVERDUE ${number}: phone`);
  await pause((90_000 / FASTER) * 1.5);
  expect(stand.pings.at(-1)! - stoppedAt).toBeLessThan(90_000 / FASTER);
  process.kill(service.pid, 'SIGCONT');
  const before = stand.pings.length;
  await until(() => stand.pings.length > before, 120);
}, 400_000);

it('the service says so when its watcher has ended', async () => {
  expect((await progress()).missing).not.toContain('watcher');
  await stand.stopWatching();
  // A minute is a minute for the service: it is not waited for here.
  await stand.stores.cursors.write('watcher', JSON.stringify({ lookedAt: ago(61) }));
  await until(async () => (await progress()).missing?.includes('watcher') === true);
  expect((await progress()).ok).toBe(false);
});
