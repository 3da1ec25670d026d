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
import { readPostings } from '../support/ledgers.ts';
import { testSite } from '../support/planned-orders.ts';
import { flooded } from './flooded.ts';
import type { Flooded } from './order-flood.ts';
import { takeOrders } from './order-taker.ts';
import type { OrderTaker } from './order-taker.ts';
import { overdueNotes } from './overdue-notes.ts';

const isFull = process.env['RADLOOP_FAULTS'] === 'full';
const MOST_LATE_MS = 2000;
/** Times that of the sustained run. The heap of a process of two minutes still grows: the short form sees that it does not run away, the long one the bound itself. */
const MOST_MEMORY = isFull ? 1.5 : 1.8;
/** Orders a second. */
const WARM_RATE = 50;

interface Plan {
  readonly name: string;
  /** Of the orders of the flood. In `silent` they get no card. */
  readonly mode: 'assist' | 'silent';
  readonly teamsLimit: 'on' | 'off';
  /** As site.json has it. */
  readonly mark: number;
  /** The first rate that is tried, in orders a second; null: the one at which a backlog is worked out. Then so many times less, or more, until the queue does not grow, or grows. */
  readonly first: number | null;
  readonly step: number;
  /** For how long orders without cards go before all else. */
  readonly warmSeconds: number;
  /** For how long the queue may not grow. */
  readonly steadySeconds: number;
  /** Between two rates, until the limits of Teams have forgotten the one before. */
  readonly restSeconds: number;
  readonly floodSeconds: number;
  /** Orders whose time to be answered runs out during the flood, sent within so many seconds. */
  readonly stat: number;
  readonly statWithinSeconds: number;
  readonly statMinutes: number;
}

const usual = { mode: 'assist', teamsLimit: 'off', first: null, restSeconds: 0, warmSeconds: 60, statWithinSeconds: 1 } as const;
/** Orders with their cards, as the issue has them, at a Teams that takes all that it is sent: the rate is that of the machine. */
const cards: Plan = {
  ...{ ...usual, name: 'orders with cards' },
  ...(isFull
    ? { mark: 2000, step: 1.15, steadySeconds: 60, floodSeconds: 600, stat: 100, statMinutes: 5 }
    : { warmSeconds: 3, mark: 200, step: 1.4, steadySeconds: 5, floodSeconds: 30, stat: 20, statMinutes: 0.3 }),
};
/** The same within the share of Teams' limits that routine cards may have: 36 in 30 s to a channel, and 1,200 an hour, below which all tries and the flood together must stay. */
const limited: Plan = {
  ...{ ...usual, name: 'orders with cards, within the limits of Teams', teamsLimit: 'on', mark: 150 },
  ...{ first: 1.3, step: 1.1, steadySeconds: 60, restSeconds: 35, floodSeconds: 600, stat: 10, statWithinSeconds: 10, statMinutes: 5 },
};
/** No card, so that far more orders come a second: what the door and the store do. */
const silent: Plan = {
  ...{ ...usual, name: 'orders without cards', mode: 'silent' },
  ...{ mark: 2000, step: 1.25, steadySeconds: 15, floodSeconds: 60, stat: 50, statMinutes: 0.6 },
};
const plans = isFull ? [cards, limited, silent] : [cards];

beforeAll(build, 180_000);

describe.each(plans)('$name', (plan) => {
  const site = mkdtempSync(join(tmpdir(), 'radloop-site-'));
  let installation: TestInstallation | null = null;
  let ris: OrderTaker | null = null;
  beforeAll(async () => {
    cpSync(testSite, site, { recursive: true });
    const file = join(site, 'site.json');
    const settings = JSON.parse(readFileSync(file, 'utf8')) as { answerWithinMinutes: object };
    const answerWithinMinutes = { ...settings.answerWithinMinutes, STAT: plan.statMinutes };
    writeFileSync(file, JSON.stringify({ ...settings, answerWithinMinutes, waitingMost: plan.mark }));
    const modes = [
      { workflow: 'protocoling', modality: 'CT', mode: 'assist' },
      { workflow: 'protocoling', modality: 'US', mode: 'silent' },
      { workflow: 'protocoling', modality: '*', mode: plan.mode },
    ];
    writeFileSync(join(site, 'modes.json'), JSON.stringify(modes));
    installation = await openInstallation({ site, teamsLimit: plan.teamsLimit });
    // A RIS that knows the orders of the flood, and the hospital's EHR; its own RIS, which does not, listens elsewhere.
    ris = await takeOrders(installation.ports.ris);
    await installation.openHospital(['--rate', '0', '--ris-port', String(installation.ports.playground)]);
  }, 180_000);
  afterAll(async () => {
    await installation?.clear();
    await ris?.stop();
    rmSync(site, { recursive: true, force: true });
  }, 60_000);

  it(
    `ten times what it can do, for ${plan.floodSeconds} s: the rest is sent away, memory and timers keep their bounds, all that was taken is done in time and none of it lost (invariant 7)`,
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
        const warm = await warmedUp(plan, db, flood);
        const sustained = await highestSteadyRate(plan, db, pid, flood);
        await pause(plan.restSeconds * 1000);

        const stat = await flood(plan.stat / plan.statWithinSeconds, plan.statWithinSeconds, 'stat');
        await settled(db, 30);

        const watch = watched(db, pid);
        const began = Date.now();
        const over = await flood(sustained.rate * 10, plan.floodSeconds);
        const ended = performance.now();
        const allowed = (2 * plan.mark) / sustained.rate;
        await settled(db, allowed + 60);
        const doneIn = (performance.now() - ended) / 1000;
        const { rss, depths } = watch.stop();
        const deepest = Math.max(...depths);
        const lateness = await notesOf(data, plan, stat.taken, began);
        const p99 = lateness[Math.ceil(lateness.length * 0.99) - 1] ?? Number.NaN;
        const figures = {
          ...{ what: plan.name, mark: plan.mark, sustained, over, deepest, rss: Math.round(rss / 1e6), doneIn, allowed },
          ...{ timers: lateness.length, p99LateMs: p99 },
        };
        process.stdout.write(`${JSON.stringify({ overload: figures })}\n`);

        expect(installation.servicePid()).toBe(pid);
        expect(over.odd).toBe(0);
        expect(over.offered).toBeGreaterThanOrEqual(sustained.rate * 10 * plan.floodSeconds * 0.9);
        expect(over.sentAway).toBeGreaterThan(over.taken);
        expect(deepest).toBeGreaterThanOrEqual(plan.mark * 0.8);
        // A message weighs as what lately came of one: a mean. And 64 connections may each have been let in at the same moment.
        expect(deepest).toBeLessThanOrEqual(plan.mark * 1.4 + 200);
        expect(rss).toBeLessThanOrEqual(sustained.rss * MOST_MEMORY);
        expect(lateness).toHaveLength(stat.taken);
        expect(lateness[0]).toBeGreaterThan(-MOST_LATE_MS);
        expect(p99).toBeLessThanOrEqual(MOST_LATE_MS);
        expect(doneIn).toBeLessThanOrEqual(allowed);
        expect(await lostOf(db, ledger)).toEqual([]);
        if (plan.mode === 'silent') return;
        expect(casesShown(data)).toBe(acknowledged(ledger).length - warm.taken);
        expect(ris?.orders.size).toBe(acknowledged(ledger).length - warm.taken);
      } finally {
        await db.close();
      }
    },
    isFull ? 45 * 60_000 : 240_000,
  );
});

interface Sustained {
  /** Orders a second. */
  readonly rate: number;
  /** Most resident memory meanwhile, in bytes. */
  readonly rss: number;
  readonly tried: readonly string[];
}

type Flood = (rate: number, seconds: number, kind?: string) => Promise<Flooded>;

/** A process that is new has less memory than it has after some minutes at the same rate. Orders that get no card, so that nothing of the limits of Teams is used up. */
async function warmedUp(plan: Plan, db: Database, flood: Flood): Promise<Flooded> {
  const warm = await flood(WARM_RATE, plan.warmSeconds, 'ultrasound');
  await settled(db, 180);
  return warm;
}

/** Seconds until a sender runs at its rate and the first of its orders have gone through. */
const WARM_SECONDS = 1;

/** The highest rate at which the queue does not grow, within one step. */
async function highestSteadyRate(plan: Plan, db: Database, pid: number, flood: Flood): Promise<Sustained> {
  let rate = plan.first ?? 1.2 * (await backlogRate(plan, db, flood));
  let best: Sustained | null = null;
  let tooMuch: number | null = null;
  let rssTried = 0;
  // What a backlog is worked out at says little: from there by halves. A first rate that is given is near.
  const down = isFull && plan.first === null ? 2 : plan.step;
  const tried: string[] = [];
  for (let left = 10; left > 0; left -= 1) {
    const watch = watched(db, pid);
    await flood(rate, WARM_SECONDS + plan.steadySeconds);
    const { rss, depths } = watch.stop();
    // A process takes memory as it gets busy: five seconds are too short to see how much at one rate alone.
    rssTried = isFull ? rss : Math.max(rss, rssTried);
    await settled(db, 180);
    const steady = depths.slice(Math.floor((depths.length * WARM_SECONDS) / (WARM_SECONDS + plan.steadySeconds)));
    const third = Math.ceil(steady.length / 3);
    const growth = mean(steady.slice(-third)) - mean(steady.slice(0, third));
    tried.push(`${rate.toFixed(1)}/s: ${growth.toFixed(1)} more`);
    // What is under way at any moment, half a second's worth of orders, is no growth.
    const isSteady = growth <= Math.max(3, rate / 2);
    if (isSteady) best = { rate, rss: rssTried, tried };
    else tooMuch = rate;
    // The short form takes the first that it finds on the way down.
    if (best !== null && (!isFull || (tooMuch !== null && tooMuch <= best.rate * plan.step * 1.01))) return best;
    if (best === null) rate /= down;
    else rate = tooMuch === null ? rate * plan.step : Math.sqrt(best.rate * tooMuch);
    await pause(plan.restSeconds * 1000);
  }
  if (best !== null) return best;
  throw new Error(`no rate was found: ${tried.join(', ')}`);
}

/** At which a backlog is worked out. */
async function backlogRate(plan: Plan, db: Database, flood: Flood): Promise<number> {
  const began = performance.now();
  const { taken } = await flood(Math.min(plan.mark / 2, 500), 1);
  await settled(db, 180);
  return (taken * 1000) / (performance.now() - began);
}

/** How late each of the orders that nobody answered was told to the coordinator, in milliseconds, the soonest first. */
async function notesOf(data: string, plan: Plan, count: number, from: number): Promise<readonly number[]> {
  const within = plan.statMinutes * 60_000;
  while (overdueNotes(data, within).length < count && Date.now() < from + within + 30_000) await pause(200);
  return overdueNotes(data, within)
    .map(({ lateMs }) => lateMs)
    .sort((a, b) => a - b);
}

function mean(all: readonly number[]): number {
  return all.reduce((sum, one) => sum + one, 0) / Math.max(1, all.length);
}

/** All that is acknowledged and not done: messages and events, one of which may be the canary's, and effects without the canary's. */
async function waitingIn(db: Database): Promise<{ readonly told: number; readonly effects: number; readonly all: number }> {
  const { messages, events } = await rawStore(db).waiting(1_000_000);
  const sql = "SELECT count(*) AS n FROM outbox WHERE state IN ('waiting', 'leased') AND workflow <> 'progress'";
  const effects = db.get<{ n: number }>(sql)?.n ?? 0;
  return { told: messages + events, effects, all: messages + events + effects };
}

async function isDone(db: Database): Promise<boolean> {
  const { told, effects } = await waitingIn(db);
  return told <= 1 && effects === 0;
}

async function settled(db: Database, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  for (let isQuiet = 0; isQuiet < 3; isQuiet = (await isDone(db)) ? isQuiet + 1 : 0) {
    if (performance.now() > end)
      throw new Error(`after ${seconds} s there are still ${(await waitingIn(db)).all} things to do: ${JSON.stringify([await rawStore(db).waiting(1e6), db.all("SELECT kind, state, code, attempt, count(*) AS n FROM outbox WHERE state IN ('waiting', 'leased') GROUP BY 1, 2, 3, 4")])}`); // prettier-ignore
    await pause(50);
  }
}

interface Watched {
  /** Most resident memory, in bytes. */
  readonly rss: number;
  /** What waited, at each look. */
  readonly depths: readonly number[];
}

/** Looks at the process and its store five times a second. */
function watched(db: Database, pid: number): { stop(): Watched } {
  let rss = 0;
  const depths: number[] = [];
  const look = async (): Promise<void> => {
    rss = Math.max(rss, Number(/VmRSS:\s+(?<kb>\d+)/u.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.groups?.['kb']) * 1024);
    depths.push((await waitingIn(db)).all);
  };
  const timer = setInterval(() => void look().catch(() => undefined), 200);
  return {
    stop() {
      clearInterval(timer);
      return { rss, depths };
    },
  };
}

function acknowledged(ledger: string): readonly string[] {
  return existsSync(ledger) ? readFileSync(ledger, 'utf8').split('\n').filter((line) => line !== '') : []; // prettier-ignore
}

/** Cases that have a card in the channel, by the Teams side's own ledger. */
function casesShown(data: string): number {
  return new Set(readPostings(data, 'protocoling').map(({ caseNumber }) => caseNumber)).size;
}

/** Acknowledged messages that the store does not have, or that no case came of. */
async function lostOf(db: Database, ledger: string): Promise<string[]> {
  const acked = acknowledged(ledger);
  const kept = new Map((await rawStore(db).list(10_000_000)).map(({ hash, state }) => [hash, state]));
  const cases = db.get<{ n: number }>("SELECT count(*) AS n FROM cases WHERE workflow = 'protocoling'")?.n ?? 0;
  return [
    ...acked.filter((hash) => kept.get(hash) !== 'used').map((hash) => `${hash} is ${kept.get(hash) ?? 'lost'}`),
    ...(cases === acked.length ? [] : [`${acked.length} orders were taken, there are ${cases} cases`]),
  ];
}
