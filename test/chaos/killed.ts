import { setTimeout as pause } from 'node:timers/promises';
import { numbersOf } from '../../infra/rehearsal/order-message.ts';
import { dice } from '../../infra/rehearsal/randomness.ts';
import type { TestInstallation } from '../support/installation-for-tests.ts';
import { readPeopleSide, readPostings, readRisSide, sizeOfLedgers } from '../support/ledgers.ts';
import { plannedOrders } from '../support/planned-orders.ts';
import { untilQuiet } from '../support/store-facts.ts';
import { judge } from './judge.ts';
import type { Verdict } from './judge.ts';

/** Longest and shortest time that the service is let run between two kills. */
const UPTIME_MS = [20, 2_500] as const;
const SETTLES_WITHIN_MS = 60_000;
const NOTHING_HAPPENS_FOR_MS = 3_000;

export interface KillPlan {
  readonly orders: number;
  readonly kills: number;
  readonly secondsBetweenOrders: number;
  readonly seed: number;
}

type Planned = ReturnType<typeof plannedOrders>;

export interface Killed extends Verdict {
  /** Orders of imaging: each is to be one case. */
  readonly imaging: number;
  readonly orphansOpened: number;
  readonly quietAfterMs: number;
}

/** A stream of orders and people at work while the service is killed and started anew; then what is left is judged. The installation has ended after it. */
export async function killed(installation: TestInstallation, plan: KillPlan): Promise<Killed> {
  const planned = plannedOrders(plan.seed, plan.orders);
  const { data, kept } = installation;
  const stream = ['--orders', String(plan.orders), '--rate', String(plan.secondsBetweenOrders), '--seed', String(plan.seed)];
  await installation.openHospital([...stream, '--people', 'scripted']);
  const roll = dice(plan.seed, 'kills');
  const kills: number[] = [];
  for (let kill = 0; kill < plan.kills; kill += 1) {
    await pause(roll.between(...UPTIME_MS));
    kills.push(await installation.killAndRestart());
  }
  await untilOrdersAreOut(data, planned);
  const quietAfterMs = await untilSettled(data, planned);
  // An order that was cancelled is closed for the RIS before a slow service has looked at it; what is not done by then is the judge's to name.
  await untilQuiet(kept, SETTLES_WITHIN_MS / 1000).catch(() => undefined);
  const { different, opened } = await openOrphans(installation);
  await installation.stop();
  const imaging = planned.filter((order) => order.kind !== 'not-imaging').map((order) => numbersOf(order.n).placer);
  const { findings, figures } = await judge(data, kept, plan.orders, new Set(imaging), kills);
  return { findings: [...findings, ...different], figures, imaging: imaging.length, orphansOpened: opened, quietAfterMs };
}

/** Waits until the sender has had an answer to everything it planned to send, however long the line was down. */
async function untilOrdersAreOut(data: string, planned: Planned): Promise<void> {
  const messages = planned.length + planned.filter((order) => order.then !== null).length;
  while (readRisSide(data).messages.accepted < messages) await pause(500);
}

/** Waits until every order is closed as its people see it and nothing moves any more; what is not by then is the judge's to name. */
async function untilSettled(data: string, planned: Planned): Promise<number> {
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
    if (Date.now() - since >= NOTHING_HAPPENS_FOR_MS && allClosed(data, planned)) break;
  }
  return since - started;
}

/** Is every order written back, rejected or cancelled, or no imaging? Judged by the RIS and the people. */
function allClosed(data: string, planned: Planned): boolean {
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
