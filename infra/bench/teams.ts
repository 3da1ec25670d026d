import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { build } from '../build.ts';
import { figures, last, percentile, row, verdict } from './figures.ts';
import { work } from './teams-clients.ts';
import type { Took } from './teams-clients.ts';
import { URGENT_PER_SECOND, cardsWaiting, gatherFlood, inStore, seenAt, sendOrders, start, until, waitingCases } from './teams-stand.ts';
import type { Running } from './teams-stand.ts';

const TASKS = 100;
const bounds = { invokeP99Ms: 1000, invokeMaxMs: 4500, residentMb: 450, urgentP99Ms: 1000 };
const SIT_OUT_SECONDS = 60;

/**
 * The service under people and under a flood, with a Teams of our own that holds it to the published limits; all of it in processes of its own, over real sockets,
 * through the service's own guard with signed tokens. Exit 1 when a bound is not held.
 */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      'base-port': { type: 'string', default: '26200' },
      seconds: { type: 'string', default: '60' },
      waiting: { type: 'string', default: '10000' },
      urgent: { type: 'string', default: '200' },
      only: { type: 'string', default: 'people,flood' },
    },
  });
  await build();
  const base = Number(values['base-port']);
  const parts = values.only.split(',');
  const people = !parts.includes('people') || (await underPeople(base, Number(values.seconds)));
  const flood = !parts.includes('flood') || (await underFlood(base + 20, Number(values.waiting), Number(values.urgent)));
  return people && flood ? 0 : 1;
}

/** 50 clients, one request in flight each; each of 100 tasks is two people's to decide. */
async function underPeople(base: number, seconds: number): Promise<boolean> {
  const running = await start(base);
  try {
    await sendOrders(running.ports.mllp, { first: 1, count: TASKS, priority: 'R' });
    await until('the tasks wait', () => waitingCases(running.data).length >= TASKS);
    const cases = waitingCases(running.data).slice(0, TASKS);
    const took = await work(running.bot, running.clients, cases, seconds);
    const decided = decisions(running.data);
    const invokes = sorted(took, 'invoke');
    const said = sorted(took, 'words');
    const wrong = took.filter(({ status }) => status !== 200).length;
    const residentMb = running.residentMb();
    const held =
      wrong === 0 && decided.tasks === TASKS && decided.most === 1 && percentile(invokes, 0.99) <= bounds.invokeP99Ms && last(invokes) <= bounds.invokeMaxMs && residentMb <= bounds.residentMb; // prettier-ignore
    console.log(`\n50 clients, one request in flight each, ${seconds} s, ${TASKS} tasks, each two people's to decide`);
    console.log(row('', 'requests', 'p50', 'p99', 'longest'));
    console.log(row('buttons (invoke)', invokes.length, ...figures(invokes)));
    console.log(row('words', said.length, ...figures(said)));
    console.log(`answers by status: ${statuses(took)}`);
    console.log(`answered otherwise than 200: ${wrong}; tasks decided ${decided.tasks}, by at most ${decided.most}; service at most ${residentMb.toFixed(0)} MB resident, teams-ai loaded`); // prettier-ignore
    console.log(
      `Bounds: invoke p99 ${bounds.invokeP99Ms} ms, none over ${bounds.invokeMaxMs} ms, ${bounds.residentMb} MB, one decision a task: ${verdict(held)}`,
    );
    return held;
  } finally {
    await running.stop();
  }
}

/** Routine cards wait by the thousand; urgent orders come meanwhile, the second half of them while routine threads sit out a Retry-After. */
async function underFlood(base: number, waiting: number, urgent: number): Promise<boolean> {
  const running = await start(base);
  try {
    await gatherFlood(running, waiting);
    console.log(`\n${cardsWaiting(running.data)} routine cards wait; Teams takes 30 requests a second of the app and 60 in 30 s of the channel`);
    const calm = await urgentOrders(running, 1_000_001, urgent / 2);
    const threads = (await seenAt(running)).seen.filter(({ what, status }) => what === 'posted' && status === 200).length;
    const sitting = await sitOut(running);
    const during = await urgentOrders(running, 2_000_001, urgent / 2);
    const { seen, early } = await seenAt(running);
    const throttled = seen.filter(({ status }) => status === 429).length;
    const all = [...calm, ...during].sort((a, b) => a - b);
    const routine = seen.filter(({ what, status }) => what === 'posted' && status === 200).length - threads;
    const held =
      all.length === urgent && percentile(calm, 0.99) <= bounds.urgentP99Ms && percentile(during, 0.99) <= bounds.urgentP99Ms && early === 0;
    console.log(row('urgent cards, first attempt', 'cards', 'p50', 'p99', 'longest'));
    console.log(row('beside the flood', calm.length, ...figures(calm)));
    console.log(row(`while ${sitting} threads sit out`, during.length, ...figures(during)));
    console.log(`answers 429: ${throttled}; sent before a Retry-After was over: ${early}; cards posted meanwhile: ${routine}; ${cardsWaiting(running.data)} still wait; service at most ${running.residentMb().toFixed(0)} MB resident`); // prettier-ignore
    console.log(`Bounds: first attempt p99 ${bounds.urgentP99Ms} ms in both, every card, no Retry-After broken: ${verdict(held)}`);
    return held;
  } finally {
    await running.stop();
  }
}

/** Milliseconds from when the case asked for its card until it came to Teams for the first time. */
async function urgentOrders(running: Running, first: number, count: number): Promise<readonly number[]> {
  const since = (await seenAt(running)).seen.length;
  const before = new Set(asked(running.data).keys());
  await sendOrders(running.ports.mllp, { first, count, priority: 'S', perSecond: URGENT_PER_SECOND });
  await pause(3000);
  const { seen } = await seenAt(running, since);
  return [...asked(running.data)]
    .filter(([number]) => !before.has(number))
    .map(([number, at]) => {
      const came = seen.find(({ what, cases }) => what === 'posted' && cases.includes(number));
      return came === undefined ? Number.POSITIVE_INFINITY : came.at - at;
    })
    .sort((a, b) => a - b);
}

/** Threads of routine cards that stand are changed, and Teams asks for a pause in each. */
async function sitOut(running: Running): Promise<number> {
  const { origin } = running.bot;
  const threads = (await seenAt(running)).seen.filter(({ what, status }) => what === 'posted' && status === 200);
  await fetch(`${origin}/sit-out`, { method: 'POST', body: JSON.stringify({ seconds: SIT_OUT_SECONDS }) });
  await sendOrders(running.ports.mllp, { first: 1, count: Math.min(100, threads.length), priority: 'A', perSecond: 50, verb: 'change' });
  await pause(2000);
  return (await seenAt(running)).seen.filter(({ what, status }) => what === 'edited' && status === 429).length;
}

function decisions(data: string): { readonly tasks: number; readonly most: number } {
  const counts = inStore(data, (db) => db.all<{ n: number }>("SELECT count(*) AS n FROM facts WHERE type = 'protocolApproved' GROUP BY case_id"));
  return { tasks: counts.length, most: Math.max(0, ...counts.map(({ n }) => n)) };
}

/** Case number -> when its first card was asked for. */
function asked(data: string): ReadonlyMap<string, number> {
  const rows = inStore(data, (db) =>
    db.all<{ number: string; at: string }>("SELECT number, min(written_at) AS at FROM outbox WHERE kind = 'showCard' AND rank = 1 GROUP BY number"),
  );
  return new Map(rows.map(({ number, at }) => [number, Date.parse(at)]));
}

function sorted(took: readonly Took[], kind: Took['kind']): readonly number[] {
  return took.filter((one) => one.kind === kind).map(({ ms }) => ms).sort((a, b) => a - b); // prettier-ignore
}

function statuses(took: readonly Took[]): string {
  const counts = new Map<string, number>();
  for (const { kind, status } of took) counts.set(`${kind} ${status}`, (counts.get(`${kind} ${status}`) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${name}: ${count}`).join(', ');
}
