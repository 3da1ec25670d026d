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
  : { steadySeconds: 5, floodSeconds: 10, mark: 300, stat: 30, statMinutes: 0.15 };
const MOST_LATE_MS = 2000;

const site = mkdtempSync(join(tmpdir(), 'radloop-site-'));
let installation: TestInstallation | null = null;
beforeAll(async () => {
  await build();
  cpSync(testSite, site, { recursive: true });
  const file = join(site, 'site.json');
  const settings = JSON.parse(readFileSync(file, 'utf8')) as { answerWithinMinutes: object };
  const answerWithinMinutes = { ...settings.answerWithinMinutes, STAT: plan.statMinutes };
  writeFileSync(file, JSON.stringify({ ...settings, answerWithinMinutes, waitingMost: plan.mark }));
  // The orders of the flood open cases and get no card: it is not the rate of the Teams side that is looked for, which is far below ours. The CT ones do.
  writeFileSync(
    join(site, 'modes.json'),
    JSON.stringify([
      { workflow: 'protocoling', modality: 'CT', mode: 'assist' },
      { workflow: 'protocoling', mode: 'silent' },
    ]),
  );
  installation = await openInstallation(BASE_PORT, site);
  // A RIS and an EHR that answer; the orders come from the flood.
  await installation.openHospital(['--rate', '0']);
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
    const flood = (rate: number, seconds: number, kind = 'routine'): Promise<Flooded> =>
      flooded({ port: ports.mllp, rate, seconds, run: (run += 1), kind, ledger });
    const db = openDatabase(store, { readOnly: true });
    try {
      const sustained = await highestSteadyRate(db, pid, flood);

      const stat = await flood(plan.stat, 1, 'stat');
      await settled(db, 30);
      const before = await waitingIn(db);
      expect(before).toBe(0);

      const watch = watched(db, pid);
      const began = Date.now();
      const over = await flood(sustained.rate * 10, plan.floodSeconds);
      const ended = performance.now();
      const allowed = (2 * plan.mark) / sustained.rate;
      await workedOut(db, allowed + 60);
      const doneIn = (performance.now() - ended) / 1000;
      await settled(db, 600);
      const effectsDoneIn = (performance.now() - ended) / 1000;
      const { rss, depths, all } = watch.stop();
      const deepest = Math.max(...depths);
      const deepestWithEffects = Math.max(...all);
      while (overdueNotes(data, plan.statMinutes * 60_000).length < stat.taken && Date.now() < began + plan.statMinutes * 60_000 + 30_000)
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
        deepestWithEffects,
        rss: Math.round(rss / 1e6),
        doneIn,
        effectsDoneIn,
        allowed,
        timers: lateness.length,
        p99LateMs: p99,
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

/** Seconds until a sender runs at its rate and the first of its orders have gone through. */
const WARM_SECONDS = 1;

/** What a backlog is worked out at is about what can be sustained; then less and less of it, until the queue does not grow. */
async function highestSteadyRate(db: Database, pid: number, flood: (rate: number, seconds: number) => Promise<Flooded>): Promise<Sustained> {
  // The first orders are slower than all others.
  await flood(20, 2);
  await settled(db, 60);
  const began = performance.now();
  const { taken } = await flood(plan.mark / 2, 1);
  await settled(db, 120);
  const capacity = (taken * 1000) / (performance.now() - began);
  const tried: string[] = [];
  let rssTried = 0;
  for (const share of isFull ? [3, 2.5, 2, 1.7, 1.5, 1.3, 1.15, 1, 0.85, 0.7, 0.5] : [1.5, 1, 0.7, 0.5]) {
    const rate = Math.max(1, Math.floor(capacity * share));
    const watch = watched(db, pid);
    await flood(rate, WARM_SECONDS + plan.steadySeconds);
    const { rss, depths } = watch.stop();
    // A process takes memory as it gets busy: five seconds are too short to see how much at one rate alone.
    rssTried = isFull ? rss : Math.max(rss, rssTried);
    await settled(db, 120);
    const steady = depths.slice(Math.floor((depths.length * WARM_SECONDS) / (WARM_SECONDS + plan.steadySeconds)));
    const third = Math.ceil(steady.length / 3);
    // What is under way at any moment is no growth.
    const growth = mean(steady.slice(-third)) - mean(steady.slice(0, third));
    tried.push(`${rate} a second: ${growth.toFixed(1)} more`);
    if (growth <= rate / 4) return { rate, rss: rssTried };
  }
  throw new Error(`the queue grew at each rate: ${tried.join(', ')}`);
}

function mean(all: readonly number[]): number {
  return all.reduce((sum, one) => sum + one, 0) / Math.max(1, all.length);
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

/** Acknowledged and not worked out: messages and events. */
async function inboxOf(db: Database): Promise<number> {
  const { messages, events } = await rawStore(db).waiting(1_000_000);
  return messages + events;
}

/** All that is to be done yet. */
async function waitingIn(db: Database): Promise<number> {
  return (await inboxOf(db)) + effectsIn(db);
}

/** What is to be done besides; the canary's is not counted. */
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

/** Until what is acknowledged by now is worked out: each message to its events, and these told to their cases. What they lead to then is in the pace of the receivers. */
async function workedOut(db: Database, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  const last = (table: 'raw' | 'events'): number => db.get<{ id: number | null }>(`SELECT max(id) AS id FROM ${table}`)?.id ?? 0;
  const gone = async (sql: string, upTo: number): Promise<void> => {
    while (db.get(sql, upTo) !== undefined) {
      if (performance.now() > end) throw new Error(`after ${seconds} s not all that was acknowledged is worked out`);
      await pause(50);
    }
  };
  await gone("SELECT 1 FROM raw WHERE state = 'new' AND id <= ? LIMIT 1", last('raw'));
  await gone("SELECT 1 FROM events WHERE state <> 'quarantined' AND id <= ? LIMIT 1", last('events'));
}

interface Watched {
  /** Most resident memory, in bytes. */
  readonly rss: number;
  /** Messages and events that waited, at each look; and effects with them. */
  readonly depths: readonly number[];
  readonly all: readonly number[];
}

/** Looks at the process and its store five times a second. */
function watched(db: Database, pid: number): { stop(): Watched } {
  let rss = 0;
  const depths: number[] = [];
  const all: number[] = [];
  const look = async (): Promise<void> => {
    rss = Math.max(rss, Number(/VmRSS:\s+(?<kb>\d+)/u.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.groups?.['kb']) * 1024);
    const inbox = await inboxOf(db);
    depths.push(inbox);
    all.push(inbox + effectsIn(db));
  };
  const timer = setInterval(() => void look().catch(() => undefined), 200);
  return {
    stop() {
      clearInterval(timer);
      return { rss, depths, all };
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
