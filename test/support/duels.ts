import { setTimeout as pause } from 'node:timers/promises';
import { numbersOf } from '../../infra/rehearsal/order-message.ts';
import { buttonFor, cardIn, choicesOf, saidIn } from '../../infra/rehearsal/teams-side.ts';
import type { TestInstallation } from './installation-for-tests.ts';
import { readPostings, readRisSide, saysWon, sentAt } from './ledgers.ts';
import type { ChannelPosting } from './ledgers.ts';
import { plannedOrders } from './planned-orders.ts';

const SEED = 2;
/** Tasks on which the two act at the same time. */
const AT_ONCE = 3;

const okafor = { id: 'dr-okafor', name: 'Ngozi Okafor' } as const;
const lindqvist = { id: 'dr-lindqvist', name: 'Maja Lindqvist' } as const;
type Radiologist = typeof okafor | typeof lindqvist;

/** A press that one of the two is about to make. */
interface Press {
  readonly by: Radiologist;
  readonly protocolId: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface Outcome {
  readonly placer: string;
  readonly caseNumber: string;
  /** What the winner chose; empty when not exactly one won. */
  readonly protocolId: string;
  readonly winner: string;
  /** Empty: exactly one won and the other was told who and when. */
  readonly wrong: readonly string[];
}

/** What two radiologists did who answered the same tasks in the same instant, and what the RIS heard of it. */
export interface Duelled {
  readonly wrong: readonly string[];
  readonly tasks: number;
  /** Tasks won by the one and the other. */
  readonly won: readonly [number, number];
  /** `PLACER: PROTOCOL` of what was won, and of what the RIS has. */
  readonly chosen: readonly string[];
  readonly written: readonly string[];
  readonly conflicts: number;
  /** From an order's message to its card in the channel. */
  readonly secondsToCard: { readonly median: number; readonly most: number };
}

/** Sends `orders` and has both answer the first `tasks` of them that they can; some are no imaging, have no proposal to approve, or are changed or cancelled by the RIS. The installation has ended after it. */
export async function duelled(installation: TestInstallation, tasks: number, orders: number, secondsBetweenOrders: number): Promise<Duelled> {
  const stream = ['--orders', String(orders), '--rate', String(secondsBetweenOrders), '--seed', String(SEED)];
  await installation.openHospital([...stream, '--people', 'none']);
  const outcomes = await duels(installation, tasks, undisturbedOf(orders));
  await untilWritten(installation.data, outcomes.length);
  await installation.stop();
  const { writeBacks, conflicts } = readRisSide(installation.data);
  const wonBy = (by: Radiologist): number => outcomes.filter(({ winner }) => winner === by.id).length;
  return {
    wrong: outcomes.flatMap(({ wrong }) => wrong),
    tasks: outcomes.length,
    won: [wonBy(okafor), wonBy(lindqvist)],
    chosen: outcomes.map(({ placer, protocolId }) => `${placer}: ${protocolId}`).sort(),
    written: [...writeBacks].map(([placer, protocolIds]) => `${placer}: ${protocolIds.join(', ')}`).sort(),
    conflicts,
    secondsToCard: secondsToCard(installation.data, new Map(outcomes.map(({ placer, caseNumber }) => [caseNumber, placer]))),
  };
}

function secondsToCard(data: string, placers: ReadonlyMap<string, string>): Duelled['secondsToCard'] {
  const sent = sentAt(data);
  const all = readPostings(data, 'protocoling').flatMap(({ caseNumber, at }) => {
    const from = sent.get(placers.get(caseNumber) ?? '');
    return from === undefined ? [] : [(Date.parse(at) - from) / 1000];
  });
  const sorted = all.toSorted((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? Infinity, most: sorted.at(-1) ?? Infinity };
}

/** Orders that the RIS neither changes nor cancels later: whatever becomes of them is the doing of these two. */
function undisturbedOf(orders: number): ReadonlySet<string> {
  const left = plannedOrders(SEED, orders).filter((order) => order.kind === 'imaging' && order.then === null);
  return new Set(left.map((order) => numbersOf(order.n).placer));
}

/** Takes the cards as they appear in the channel, a few at a time, until there are enough outcomes or no more cards. */
async function duels(installation: TestInstallation, tasks: number, undisturbed: ReadonlySet<string>): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const seen = new Set<string>();
  const running = new Set<Promise<void>>();
  let taken = 0;
  let lastCardAt = Date.now();
  while (taken < tasks && Date.now() - lastCardAt < 15_000) {
    const fresh = readPostings(installation.data, 'protocoling').filter((posting) => !seen.has(posting.caseNumber));
    for (const posting of fresh) {
      seen.add(posting.caseNumber);
      lastCardAt = Date.now();
      while (running.size >= AT_ONCE) await Promise.race(running);
      const prepared = await prepare(installation, posting, taken, undisturbed);
      if (prepared === null || taken >= tasks) continue;
      taken += 1;
      const work = duel(installation, posting, prepared.placer, prepared.presses)
        .then((outcome) => {
          outcomes.push(outcome);
        })
        .finally(() => running.delete(work));
      running.add(work);
    }
    if (fresh.length === 0) await pause(100);
  }
  await Promise.all(running);
  return outcomes;
}

/** Both open the task. Every second time the one presses Approve and the other sets another protocol; who does which, and who is first, takes turns. */
async function prepare(
  { teams }: TestInstallation,
  { conversationId, activityId, open }: ChannelPosting,
  turn: number,
  undisturbed: ReadonlySet<string>,
): Promise<{ readonly placer: string; readonly presses: readonly Press[] } | null> {
  const opened = await Promise.all(
    [okafor, lindqvist].map(async (by) => {
      const value = { data: open, context: { theme: 'default' } };
      const acted = await teams.act({ person: by.id, kind: 'invoke', name: 'task/fetch', conversationId, replyToId: activityId, value });
      return { by, view: cardIn(acted?.body) };
    }),
  );
  const placer = /\bP\d{6}\b/u.exec(JSON.stringify(opened[0]?.view ?? ''))?.[0] ?? '';
  if (!undisturbed.has(placer)) return null;
  const choosesOther = turn % 2 === 1 ? (turn >> 1) % 2 : null;
  const presses = opened.flatMap(({ by, view }, index): Press[] => {
    const approve = buttonFor(view, 'approve');
    const other = buttonFor(view, 'choose-other');
    const proposed = approve?.title.split(' ').at(-1);
    const otherId = choicesOf(view, 'protocolId').find((id) => id !== proposed);
    if (approve === undefined || proposed === undefined || other === undefined || otherId === undefined) return [];
    if (choosesOther !== index) return [{ by, protocolId: proposed, data: approve.data }];
    return [{ by, protocolId: otherId, data: { ...other.data, protocolId: otherId, chooseReason: 'Fits the question better.' } }];
  });
  return presses.length < 2 ? null : { placer, presses: turn % 3 === 0 ? presses : presses.toReversed() };
}

async function duel(
  { teams }: TestInstallation,
  { caseNumber, conversationId, activityId }: ChannelPosting,
  placer: string,
  presses: readonly Press[],
): Promise<Outcome> {
  const answers = await Promise.all(
    presses.map(async (press) => {
      const value = { data: press.data, context: { theme: 'default' } };
      const where = { conversationId, replyToId: activityId };
      const acted = await teams.act({ person: press.by.id, kind: 'invoke', name: 'task/submit', ...where, value });
      return { ...press, said: acted === null ? 'no answer' : saidIn(acted) };
    }),
  );
  const winners = answers.filter(({ said }) => saysWon(said));
  const [winner] = winners;
  if (winner === undefined || winners.length !== 1) {
    const wrong = [`${placer}: ${winners.length} won: ${answers.map(({ by, said }) => `${by.id} was told "${said}"`).join(', ')}`];
    return { placer, caseNumber, protocolId: '', winner: '', wrong };
  }
  const told = (said: string): boolean => said.startsWith(`${winner.by.name} `) && /\bat [^.]*\d\d:\d\d\. Your answer changed nothing\./u.test(said);
  const wrong = answers
    .filter((answer) => answer !== winner && !told(answer.said))
    .map(({ by, said }) => `${placer} (${caseNumber}): ${by.id} lost to ${winner.by.name} and was told "${said}"`);
  return { placer, caseNumber, protocolId: winner.protocolId, winner: winner.by.id, wrong };
}

/** Waits until the RIS has as many write-backs as tasks were won, then a little longer for any that should not come. */
async function untilWritten(data: string, expected: number): Promise<void> {
  const until = Date.now() + 20_000;
  while (Date.now() < until && readRisSide(data).writeBacks.size < expected) await pause(250);
  await pause(1_500);
}
