import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openDatabase } from '#adapters/embedded/database.js';
import type { Database } from '#adapters/embedded/database.js';
import { rawStore } from '#adapters/embedded/raw-store.js';
import { build } from '../../infra/build.ts';
import { openInstallation } from '../support/installation-for-tests.ts';
import type { TestInstallation } from '../support/installation-for-tests.ts';
import { testSite } from '../support/planned-orders.ts';
import type { Flooded } from './order-flood.ts';
import { overdueNotes } from './overdue-notes.ts';

const BASE_PORT = 30_100;
const isFull = process.env['RADLOOP_FAULTS'] === 'full';
/** `mark`: as site.json has it. `steadySeconds`: for how long the queue may not grow. `stat`: orders whose time to be answered runs out during the flood. */
const plan = isFull
  ? { steadySeconds: 60, floodSeconds: 600, mark: 5000, stat: 200, statMinutes: 5 }
  : { steadySeconds: 5, floodSeconds: 10, mark: 400, stat: 30, statMinutes: 0.2 };
const MOST_LATE_MS = 2000;

let site: string;
let installation: TestInstallation | null = null;
beforeAll(async () => {
  await build();
  site = mkdtempSync(join(tmpdir(), 'radloop-site-'));
  cpSync(testSite, site, { recursive: true });
  const file = join(site, 'site.json');
  const settings = JSON.parse(readFileSync(file, 'utf8')) as { answerWithinMinutes: object };
  const answerWithinMinutes = { ...settings.answerWithinMinutes, STAT: plan.statMinutes };
  writeFileSync(file, JSON.stringify({ ...settings, answerWithinMinutes, waitingMost: plan.mark }));
  installation = await openInstallation(BASE_PORT, site);
}, 180_000);
afterAll(async () => {
  await installation?.clear();
  rmSync(site, { recursive: true, force: true });
}, 60_000);

it(
  `ten times the orders that it can do, for ${plan.floodSeconds} s: they are sent away, memory and timers keep their bounds, what was taken is done in time and none of it lost (invariant 7)`,
  async () => {
    if (installation === null) throw new Error('nothing runs');
    const { data, store, ports } = installation;
    const pid = installation.servicePid();
    const ledger = join(data, 'acked');
    let run = 0;
    const flood = (rate: number, seconds: number, priority = 'R'): Promise<Flooded> =>
      flooded({ port: ports.mllp, rate, seconds, run: (run += 1), priority, ledger });
    const db = openDatabase(store, { readOnly: true });
    try {
      const sustained = await highestSteadyRate(db, pid, flood);

      const stat = await flood(plan.stat, 1, 'S');
      await settled(db, 30);
      const before = await waitingIn(db);
      expect(before).toBe(0);

      const watch = watched(db, pid);
      const began = Date.now();
      const over = await flood(sustained.rate * 10, plan.floodSeconds);
      const ended = performance.now();
      const allowed = (2 * plan.mark) / sustained.rate;
      await settled(db, allowed + 60);
      const doneIn = (performance.now() - ended) / 1000;
      const { rss, deepest } = watch.stop();
      const notes = overdueNotes(data, plan.statMinutes * 60_000);
      while ((await overdueNotes(data, plan.statMinutes * 60_000)).length < stat.taken && Date.now() < began + plan.statMinutes * 60_000 + 30_000)
        await pause(200);
      const lateness = overdueNotes(data, plan.statMinutes * 60_000)
        .map(({ lateMs }) => lateMs)
        .sort((a, b) => a - b);
      const p99 = lateness[Math.ceil(lateness.length * 0.99) - 1] ?? Number.NaN;
      const figures = {
        sustained,
        mark: plan.mark,
        over,
        deepest,
        rss: Math.round(rss / 1e6),
        doneIn,
        allowed,
        timers: lateness.length,
        p99LateMs: p99,
        notes: notes.length,
      };
      process.stdout.write(`${JSON.stringify({ overload: figures })}\n`);

      expect(installation.servicePid()).toBe(pid);
      expect(over.odd).toBe(0);
      expect(over.sentAway).toBeGreaterThan(over.taken);
      expect(deepest).toBeGreaterThanOrEqual(plan.mark * 0.8);
      // 64 connections may each have been let in at the same moment.
      expect(deepest).toBeLessThanOrEqual(plan.mark * 1.2 + 200);
      expect(rss).toBeLessThanOrEqual(sustained.rss * 1.5);
      expect(lateness).toHaveLength(stat.taken);
      expect(p99).toBeLessThanOrEqual(MOST_LATE_MS);
      expect(doneIn).toBeLessThanOrEqual(allowed);
      expect(await lostOf(db, ledger)).toEqual([]);
    } finally {
      await db.close();
    }
  },
  isFull ? 45 * 60_000 : 240_000,
);

interface Sustained {
  /** Orders a second. */
  readonly rate: number;
  /** Most resident memory meanwhile, in bytes. */
  readonly rss: number;
}

/** What a backlog is worked out at is about what can be sustained; then less and less of it, until the queue does not grow. */
async function highestSteadyRate(db: Database, pid: number, flood: (rate: number, seconds: number) => Promise<Flooded>): Promise<Sustained> {
  // The first orders are slower than all others.
  await flood(20, 2);
  await settled(db, 60);
  const began = performance.now();
  const { taken } = await flood(plan.mark, 0.5);
  await settled(db, 120);
  const capacity = (taken * 1000) / (performance.now() - began);
  for (const share of isFull ? [1.2, 1, 0.9, 0.8, 0.7, 0.6, 0.5] : [1, 0.7, 0.5]) {
    const rate = Math.max(1, Math.floor(capacity * share));
    const watch = watched(db, pid);
    const flooding = flood(rate, plan.steadySeconds);
    // What is under way at any moment is no growth.
    await pause((plan.steadySeconds * 1000) / 4);
    const early = await waitingIn(db);
    await flooding;
    const late = await waitingIn(db);
    const { rss } = watch.stop();
    await settled(db, 120);
    if (late <= early + rate / 4) return { rate, rss };
  }
  throw new Error(`not even half of ${capacity} orders a second could be sustained`);
}

function flooded(how: Readonly<Record<string, string | number>>): Promise<Flooded> {
  const options = Object.entries(how).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(process.execPath, ['--conditions=source', '--disable-warning=ExperimentalWarning', 'test/chaos/order-flood.ts', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((done, failed) => {
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.on('exit', (code) => {
      if (code === 0) done(JSON.parse(said) as Flooded);
      else failed(new Error(`the sender ended with ${String(code)}`));
    });
  });
}

/** Messages, events, and effects that no receiver is needed for but Teams, which is up. The canary and what it leaves is not counted. */
async function waitingIn(db: Database): Promise<number> {
  const { messages, events } = await rawStore(db).waiting(1_000_000);
  return messages + events + effectsIn(db);
}

function effectsIn(db: Database): number {
  return db.get<{ n: number }>("SELECT count(*) AS n FROM outbox WHERE state IN ('waiting', 'leased') AND workflow <> 'progress'")?.n ?? 0;
}

async function settled(db: Database, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  for (let isQuiet = 0; isQuiet < 3; isQuiet = (await waitingIn(db)) <= 1 ? isQuiet + 1 : 0) {
    if (performance.now() > end)
      throw new Error(`after ${seconds} s there are still ${await waitingIn(db)} things to do: ${JSON.stringify([await rawStore(db).waiting(1e6), db.all("SELECT kind, state, code, attempt, count(*) AS n FROM outbox WHERE state IN ('waiting', 'leased') GROUP BY 1, 2, 3, 4")])}`); // prettier-ignore
    await pause(50);
  }
}

/** Looks at the process and its store four times a second. */
function watched(db: Database, pid: number): { stop(): { readonly rss: number; readonly deepest: number } } {
  let rss = 0;
  let deepest = 0;
  const look = async (): Promise<void> => {
    rss = Math.max(rss, Number(/VmRSS:\s+(?<kb>\d+)/u.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.groups?.['kb']) * 1024);
    const { messages, events } = await rawStore(db).waiting(1_000_000);
    deepest = Math.max(deepest, messages + events);
  };
  const timer = setInterval(() => void look().catch(() => undefined), 250);
  return {
    stop() {
      clearInterval(timer);
      return { rss, deepest };
    },
  };
}

/** Acknowledged messages that the store does not have, or that no case came of. */
async function lostOf(db: Database, ledger: string): Promise<string[]> {
  const acked = existsSync(ledger) ? readFileSync(ledger, 'utf8').split('\n').filter((line) => line !== '') : []; // prettier-ignore
  const kept = new Map((await rawStore(db).list(10_000_000)).map(({ hash, state }) => [hash, state]));
  const cases = db.get<{ n: number }>("SELECT count(*) AS n FROM cases WHERE workflow = 'protocoling'")?.n ?? 0;
  return [
    ...acked.filter((hash) => kept.get(hash) !== 'used').map((hash) => `${hash} is ${kept.get(hash) ?? 'lost'}`),
    ...(cases === acked.length ? [] : [`${acked.length} orders were taken, there are ${cases} cases`]),
  ];
}
