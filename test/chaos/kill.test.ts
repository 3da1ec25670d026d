import { setTimeout as pause } from 'node:timers/promises';
import { build } from '../../infra/build.ts';
import { numbersOf } from '../../infra/rehearsal/order-message.ts';
import { dice } from '../../infra/rehearsal/randomness.ts';
import { openInstallation } from '../support/installation-for-tests.ts';
import type { TestInstallation } from '../support/installation-for-tests.ts';
import { readPeopleSide, readPostings, readRisSide, sizeOfLedgers } from '../support/ledgers.ts';
import { plannedOrders } from '../support/planned-orders.ts';
import { judge } from './judge.ts';

// The whole form (npm run test:crash) takes about four minutes, the short one well under one.
const isWhole = process.env['RADLOOP_CRASH'] === 'full';
const plan = isWhole
  ? { orders: 300, kills: 30, secondsBetweenOrders: 0.45, seed: 4, minutes: 15 }
  : { orders: 40, kills: 4, secondsBetweenOrders: 0.2, seed: 12, minutes: 3 };
const BASE_PORT = 23_000;
/** Longest and shortest time that the service is let run between two kills. */
const UPTIME_MS = [20, 2_500] as const;
const SETTLES_WITHIN_MS = 60_000;
const NOTHING_HAPPENS_FOR_MS = 3_000;

const planned = plannedOrders(plan.seed, plan.orders);

describe('the service is killed again and again', () => {
  let running: TestInstallation | null = null;
  beforeAll(build, 120_000);
  afterAll(() => running?.clear(), 90_000);

  it(
    `loses nothing and does nothing twice: ${plan.orders} orders, ${plan.kills} kills`,
    async () => {
      const installation = await openInstallation(BASE_PORT);
      running = installation;
      const { data, kept } = installation;
      const stream = ['--orders', String(plan.orders), '--rate', String(plan.secondsBetweenOrders), '--seed', String(plan.seed)];
      await installation.openHospital([...stream, '--people', 'scripted']);
      const roll = dice(plan.seed, 'kills');
      const kills: number[] = [];
      for (let kill = 0; kill < plan.kills; kill += 1) {
        await pause(roll.between(...UPTIME_MS));
        kills.push(await installation.killAndRestart());
      }
      await untilOrdersAreOut(data);
      const quietAfterMs = await untilSettled(data);
      const { different, opened } = await openOrphans(installation);
      await installation.stop();

      const imaging = planned.filter((order) => order.kind !== 'not-imaging').map((order) => numbersOf(order.n).placer);
      const { findings, figures } = await judge(data, kept, plan.orders, new Set(imaging), kills);
      const { orphans, ...others } = figures;
      process.stdout.write(`${JSON.stringify({ kills: plan.kills, orphans, orphansOpened: opened, quietAfterMs, ...others })}\n`);
      expect([...findings, ...different]).toEqual([]);
      expect(figures.cases).toBe(imaging.length);
      expect(figures.wins).toBeGreaterThan(plan.orders / 2);
    },
    plan.minutes * 60_000,
  );
});

/** Waits until the sender has had an answer to everything it planned to send, however long the line was down. */
async function untilOrdersAreOut(data: string): Promise<void> {
  const messages = planned.length + planned.filter((order) => order.then !== null).length;
  while (readRisSide(data).messages.accepted < messages) await pause(500);
}

/** Waits until every order is closed as its people see it and nothing moves any more; what is not by then is the judge's to name. */
async function untilSettled(data: string): Promise<number> {
  const started = Date.now();
  let seen = sizeOfLedgers(data);
  let since = started;
  while (Date.now() - started < SETTLES_WITHIN_MS) {
    await pause(250);
    const size = sizeOfLedgers(data);
    if (size !== seen) {
      seen = size;
      since = Date.now();
    }
    if (Date.now() - since >= NOTHING_HAPPENS_FOR_MS && allClosed(data)) break;
  }
  return since - started;
}

/** Is every order written back, rejected or cancelled, or no imaging? Judged by the RIS and the people. */
function allClosed(data: string): boolean {
  const ris = readRisSide(data);
  const people = readPeopleSide(data);
  const rejected = new Set([...people.orders].filter(([number]) => (people.cases.get(number)?.rejects ?? 0) > 0).map(([, placer]) => placer));
  return planned.every((order) => {
    const { placer } = numbersOf(order.n);
    return order.kind === 'not-imaging' || ris.cancelled.has(placer) || ris.writeBacks.has(placer) || rejected.has(placer);
  });
}

/** Presses Open on every posting of a case that stands in the channel more than once: each shows the same. */
async function openOrphans({ data, teams }: TestInstallation): Promise<{ readonly opened: number; readonly different: readonly string[] }> {
  const postings = readPostings(data, 'protocoling');
  const different: string[] = [];
  let opened = 0;
  for (const number of new Set(postings.map((posting) => posting.caseNumber))) {
    const own = postings.filter((posting) => posting.caseNumber === number);
    if (own.length < 2) continue;
    opened += own.length - 1;
    const views = await Promise.all(
      own.map(async ({ conversationId, activityId, open }) => {
        const value = { data: open, context: { theme: 'default' } };
        const acted = await teams.act({ person: 'dr-okafor', kind: 'invoke', name: 'task/fetch', conversationId, replyToId: activityId, value });
        return acted?.status === 200 ? JSON.stringify(acted.body) : `no answer (${String(acted?.status)})`;
      }),
    );
    if (new Set(views).size !== 1 || views[0]?.includes('AdaptiveCard') !== true)
      different.push(`the postings of ${number} do not open the same view`);
  }
  return { opened, different };
}
