import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { linesOf, startInstance, until } from '../support/instances.ts';
import type { LedgerLine, RunningInstance } from '../support/instances.ts';

// Two whole engines, each in a process of its own, on one store; the ledger is what left them. This process brings orders in and looks, it works on nothing.
let folder: string;
let ledger: string;
let desk: EngineFixture;
let running: RunningInstance[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'radloop-instances-'));
  ledger = join(folder, 'ledger.jsonl');
  desk = startEngineFixture('assist', (same) => same, join(folder, 'store'));
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((one) => one.kill()));
  await desk.stores.db.close();
  rmSync(folder, { recursive: true });
});

async function start(more: Partial<Parameters<typeof startInstance>[0]> = {}): Promise<RunningInstance> {
  const instance = await startInstance({ folder: join(folder, 'store'), ledger, ...more });
  running.push(instance);
  return instance;
}
const lines = (what: string): readonly LedgerLine[] => linesOf(ledger).filter((line) => what in line);
const states = (table: 'events' | 'outbox') =>
  Object.fromEntries(
    desk.stores.db.all<{ state: string; n: number }>(`SELECT state, count(*) AS n FROM ${table} GROUP BY state`).map(({ state, n }) => [state, n]),
  );
const isQuiet = () => Object.keys(states('events')).length === 0 && !('waiting' in states('outbox')) && !('leased' in states('outbox'));
/** Another order of another patient, under numbers of its own. */
async function bringOrder(n: number): Promise<void> {
  const text = orderBytes('new', `M${n}`).toString();
  const [placer = '', filler = ''] = /\rORC\|NW\|([^|]*)\|([^|]*)/u.exec(text)?.slice(1) ?? [];
  await desk.bring(Buffer.from(text.replaceAll(placer, `P${n}^OTHER`).replaceAll(filler, `F${n}^OTHER`)));
}

it('two instances share the work of one store: one handler a case at a time, nothing done twice (invariants 2, 11 and 30)', async () => {
  await Promise.all([start({ leaseSeconds: 60 }), start({ leaseSeconds: 60 })]);
  let orders = 0;
  // Until both have worked: each looks for work once a second at least.
  while (orders < 30 || (orders < 300 && new Set(lines('begins').map(({ pid }) => pid)).size < 2)) {
    await bringOrder((orders += 1));
    await pause(10);
  }
  await until(isQuiet);
  expect(states('outbox')).toEqual({ delivered: expect.any(Number) });
  const posted = lines('posted');
  expect(posted).toHaveLength(orders);
  expect(desk.stores.db.all("SELECT 1 FROM facts WHERE type = 'cardPosted'")).toHaveLength(orders);
  expect(lines('sent')).toHaveLength(orders);
  expect(desk.stores.db.all("SELECT 1 FROM outbox WHERE kind = 'sendHl7'")).toHaveLength(orders);
  // Both have worked, no event was given twice, and what one did to a case was over before the other began.
  const begins = lines('begins');
  expect(new Set(begins.map(({ pid }) => pid)).size).toBe(2);
  expect(begins.every(({ attempt }) => attempt === 1)).toBe(true);
  const ended = new Map(lines('ends').map((line) => [`${String(line['case'])} ${String(line['ends'])}`, line]));
  for (const caseId of new Set(begins.map((line) => line['case']))) {
    const own = begins.filter((line) => line['case'] === caseId).sort((a, b) => a.at - b.at);
    for (const [n, next] of own.slice(1).entries()) {
      // `ends` is noted after the commit, by when the other may have begun; it cannot be by much.
      expect(ended.get(`${String(caseId)} ${String(own[n]?.['begins'])}`)?.at).toBeLessThanOrEqual(next.at + 100);
    }
  }
}, 60_000);

it('a paused owner that wakes can’t commit: what it held was given to another, and happened once (invariant 30)', async () => {
  const paused = await start({ stopAt: 'append' });
  await bringOrder(1);
  await until(() => lines('stopped').length === 1);
  const other = await start();
  await until(() => isQuiet() && lines('posted').length === 1);
  const facts = desk.stores.db.all('SELECT * FROM facts ORDER BY case_id, seq');
  paused.signal('SIGCONT');
  await until(() => lines('ends').some(({ pid }) => pid === paused.pid));
  await pause(300);
  expect(lines('ends').filter(({ pid }) => pid === paused.pid)).toMatchObject([{ attempt: 1, ok: false }]);
  expect(lines('begins')[0]).toMatchObject({ pid: paused.pid, attempt: 1 });
  expect(lines('begins')[1]).toMatchObject({ pid: other.pid, attempt: 2 });
  expect(desk.stores.db.all('SELECT * FROM facts ORDER BY case_id, seq')).toEqual(facts);
  expect(lines('posted')).toHaveLength(1);
}, 60_000);

it('a paused owner that wakes while another is at its event can’t commit either (invariant 30)', async () => {
  const paused = await start({ stopAt: 'append' });
  await bringOrder(1);
  await until(() => lines('stopped').length === 1);
  const other = await start({ stopAt: 'append', leaseSeconds: 60 });
  await until(() => lines('stopped').length === 2);
  paused.signal('SIGCONT');
  await until(() => lines('log').some(({ log, pid }) => log === 'event.claim-lost' && pid === paused.pid));
  expect(lines('ends')).toMatchObject([{ pid: paused.pid, ok: false }]);
  expect(desk.stores.db.all('SELECT 1 FROM facts')).toEqual([]);
  other.signal('SIGCONT');
  await until(() => isQuiet() && lines('posted').length === 1);
  expect(lines('ends').find(({ ok }) => ok === true)).toMatchObject({ pid: other.pid, attempt: 2 });
}, 60_000);

it('a paused owner that wakes before its send finds that it is not its own any more, and nothing leaves (invariant 30)', async () => {
  const paused = await start({ stopAt: 'keepBytes', leaseSeconds: 0.5 });
  await bringOrder(1);
  await until(() => lines('stopped').length === 1);
  const other = await start();
  await until(() => isQuiet() && lines('sent').length === 1, 60);
  paused.signal('SIGCONT');
  await until(() => lines('log').some(({ log }) => log === 'delivery.claim-lost'));
  await pause(300);
  expect(lines('sent')).toMatchObject([{ pid: other.pid }]);
}, 90_000);

it('the one send that was past its check when its owner was paused repeats the same bytes, and the case hears of it once (invariant 30)', async () => {
  const paused = await start({ stopAt: 'send', leaseSeconds: 0.5 });
  await bringOrder(1);
  await until(() => lines('stopped').length === 1);
  const other = await start();
  await until(() => isQuiet() && lines('sent').length === 1, 60);
  const facts = desk.stores.db.all('SELECT * FROM facts ORDER BY case_id, seq');
  paused.signal('SIGCONT');
  await until(() => lines('sent').length === 2);
  await pause(300);
  const [first, second] = lines('sent');
  expect([first?.pid, second?.pid]).toEqual([other.pid, paused.pid]);
  expect(second?.['sent']).toBe(first?.['sent']);
  expect(desk.stores.db.all('SELECT * FROM facts ORDER BY case_id, seq')).toEqual(facts);
  expect(isQuiet()).toBe(true);
}, 90_000);

it('what a killed instance had claimed is taken up by one that lives, long before the lease is over (field report 26)', async () => {
  const killed = await start({ stopAt: 'append', leaseSeconds: 600 });
  await start({ leaseSeconds: 600 });
  await bringOrder(1);
  for (let n = 2; lines('stopped').length === 0; n += 1) {
    await bringOrder(n);
    await pause(200);
  }
  await killed.kill();
  const since = Date.now();
  await until(isQuiet, 30);
  expect(Date.now() - since).toBeLessThan(15_000);
}, 60_000);
