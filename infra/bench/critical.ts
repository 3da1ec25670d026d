import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { build } from '../build.ts';
import { askCase } from '../cli/q-ask.ts';
import { between, conversations, criticalSite } from './critical-site.ts';
import { figures, last, percentile, row, verdict } from './figures.ts';
import type { FirstByte, Way } from './first-byte.ts';
import { act, opening, revisionIn, sending } from './teams-clients.ts';
import { URGENT_PER_SECOND, cardsWaiting, gatherFlood, inStore, seenAt, start, until, waitingCases } from './teams-stand.ts';
import type { Running } from './teams-stand.ts';

const RETRY_AFTER_SECONDS = 60;
/** The longest that a burst of a minute's alerts takes places from those that come after it: 60 in 30 s. */
const WINDOW_MS = 31_000;
const inTeams = ['private chat', 'channel'] as const;
const paged = ['pager', 'sms', 'voice', 'email'] as const satisfies readonly Way[];
type Start = (typeof inTeams)[number] | Way;

/** `unchanged`: without Teams a p99 may be this many times as long, or so many milliseconds longer, whichever is more. */
const bounds = { p99Ms: 1000, unchanged: { times: 1.5, ms: 100 } };

/**
 * Critical alerts, sent by a press on Send beside a flood of routine cards; and as many while Teams answers every call 429. From the time that the transaction of the
 * press writes, which is before its commit, to the first byte at the other end. Exit 1 when a bound is not held.
 */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      'base-port': { type: 'string', default: '26300' },
      waiting: { type: 'string', default: '10000' },
      alerts: { type: 'string', default: '200' },
    },
  });
  await build();
  const running = await start(Number(values['base-port']), criticalSite);
  try {
    // Of the emergency department and of nobody who orders here: one person is called for each.
    await gatherFlood(running, Number(values.waiting), { patientClass: 'E', orderer: null });
    console.log(`\n${cardsWaiting(running.data)} routine cards wait; Teams takes 30 requests a second of the app; ${URGENT_PER_SECOND} alerts a second`); // prettier-ignore
    return judge(await measure(running, Number(values.alerts))) ? 0 : 1;
  } finally {
    await running.stop();
  }
}

interface Measured {
  readonly alerts: number;
  /** Milliseconds, ascending. */
  readonly beside: ReadonlyMap<Start, readonly number[]>;
  readonly without: ReadonlyMap<Start, readonly number[]>;
  /** Calls of Teams that were answered 429 while it took none, and those that it took then. */
  readonly refused: number;
  readonly leaked: number;
  /** Turns without Teams in which the private chat, or the channel, was not called at all: they show nothing. */
  readonly untried: number;
  /** Calls before a Retry-After was over. */
  readonly early: number;
  /** Pages that their receivers took, and what they did not take or had before. */
  readonly taken: number;
  readonly odd: number;
  readonly lateMs: number;
  readonly stillWait: number;
  readonly residentMb: number;
}

/** So many beside Teams and as many without it, in four turns: what changes on the machine meanwhile changes both. */
async function measure(running: Running, alerts: number): Promise<Measured> {
  const exams = waitingCases(running.data).slice(0, 2 * alerts);
  const turn = (n: number): readonly string[] => exams.slice((n * alerts) / 2, ((n + 1) * alerts) / 2);
  const [calm, lost]: [string[], string[]] = [[], []];
  await looked(running);
  let [refused, leaked, untried] = [0, 0, 0];
  for (const n of [0, 2]) {
    calm.push(...(await sendAlerts(running, turn(n))));
    await until('every first call of a calm turn has left', () => urgentWaiting(running, ['page', 'tellPerson', 'showCard']) === 0, 300);
    const before = (await seenAt(running)).seen.length;
    await throttle(running, RETRY_AFTER_SECONDS);
    lost.push(...(await sendAlerts(running, turn(n + 1))));
    await until('every page has left without Teams', () => urgentWaiting(running, ['page']) === 0);
    const { seen } = await seenAt(running, before);
    // What was on its way when it began may have been taken.
    const during = seen.slice(seen.findIndex(({ status }) => status === 429));
    refused += during.filter(({ status }) => status === 429).length;
    leaked += during.filter(({ status }) => status !== 429).length;
    untried += inTeams.filter((of) => !during.some(({ status, conversation }) => status === 429 && conversation === conversations[of])).length;
    await throttle(running, null);
    await until('what waited for Teams has left', () => urgentWaiting(running, ['tellPerson', 'showCard']) === 0, 600);
    // What had waited used up the places of half a minute.
    if (n === 0) await pause(WINDOW_MS);
  }
  const { seen, early } = await seenAt(running);
  const { seen: bytes, lateMs } = await looked(running);
  const { pages } = await asked<{ readonly pages: readonly { readonly event: string; readonly text: string | null; readonly repeat: boolean }[] }>(running.ports.pages, '/pages.json'); // prettier-ignore
  const released = releases(running);
  const numbers = [...released.keys()];
  const came = (of: Start, number: string): number | undefined => {
    if (of === 'private chat' || of === 'channel') return seen.find(({ status, conversation, cases }) => status === 200 && conversation === conversations[of] && cases.includes(number))?.at; // prettier-ignore
    return bytes.filter(({ way, words }) => way === of && words.includes(number)).reduce((first, { at }) => Math.min(first, at), Infinity);
  };
  const took = (numbers: readonly string[], of: Start): readonly number[] =>
    numbers.map((number) => (came(of, number) ?? Infinity) - (released.get(number) ?? -Infinity)).sort((a, b) => a - b);
  return {
    alerts,
    beside: new Map([...inTeams, ...paged].map((of) => [of, took(calm, of)])),
    without: new Map(paged.map((of) => [of, took(lost, of)])),
    ...{ refused, leaked, untried, early, lateMs },
    // Not what says that the roster wants mending: one person on call is few.
    taken: pages.filter(({ event, text, repeat }) => event === 'arrived' && !repeat && numbers.some((number) => text?.includes(number))).length,
    odd: pages.filter(({ event, repeat }) => event !== 'arrived' || repeat).length,
    stillWait: cardsWaiting(running.data),
    residentMb: running.residentMb(),
  };
}

function judge(measured: Measured): boolean {
  const { alerts, beside, without, refused, leaked, untried, early, taken, odd, lateMs, stillWait, residentMb } = measured;
  const { p99Ms, unchanged } = bounds;
  const isWhole = (all: readonly number[]): boolean => all.length === alerts && Number(all[0]) >= 0 && last(all) < Infinity;
  const inTime = (all: readonly number[]): boolean => isWhole(all) && percentile(all, 0.99) <= p99Ms;
  const mostOf = (before: number): number => Math.min(p99Ms, Math.max(before * unchanged.times, before + unchanged.ms));
  const isUnchanged = paged.every((of) => {
    const [before, after] = [beside.get(of) ?? [], without.get(of) ?? []];
    return inTime(after) && percentile(after, 0.99) <= mostOf(percentile(before, 0.99));
  });
  const pages = 2 * alerts * paged.length;
  const isClean = leaked === 0 && untried === 0 && early === 0 && taken === pages && odd === 0;
  const held = [...beside.values()].every(inTime) && isUnchanged && isClean;
  console.log(row('from the press to the first byte', 'alerts', 'p50', 'p99', 'longest'));
  for (const [of, all] of beside) console.log(row(of, all.length, ...figures(all)));
  for (const [of, all] of without) console.log(row(`${of}, Teams takes nothing`, all.length, ...figures(all)));
  console.log(`Teams, taking nothing: ${refused} answers 429 with Retry-After: ${RETRY_AFTER_SECONDS}, ${leaked} others, ${untried} times not called at all; called before a Retry-After was over: ${early}; pages taken ${taken} of ${pages}, refused or repeated ${odd}`); // prettier-ignore
  console.log(`${stillWait} routine cards still wait; service at most ${residentMb.toFixed(0)} MB resident; timers of the process that looks were up to ${lateMs.toFixed(0)} ms late (p99)`); // prettier-ignore
  console.log(`Bounds: p99 ${p99Ms} ms on each way; without Teams also at most ${unchanged.times} times what it was, or ${unchanged.ms} ms more; every alert: ${verdict(held)}`); // prettier-ignore
  const inWords = (all: ReadonlyMap<Start, readonly number[]>): object =>
    Object.fromEntries([...all].map(([of, ms]) => [of, { n: ms.length, p50: percentile(ms, 0.5), p99: percentile(ms, 0.99), longest: last(ms) }]));
  console.log(JSON.stringify({ bench: 'critical', ...measured, beside: inWords(beside), without: inWords(without), held }));
  return held;
}

/** One after the other, each on an exam of its own and by another radiologist, who has looked at it; the next one is written meanwhile. @returns their case numbers */
async function sendAlerts({ data, bot, clients }: Running, exams: readonly string[]): Promise<readonly string[]> {
  // A connection for each: one that is kept may be closed at the other end just as it is used again.
  const agent = new Agent();
  const write = async (n: number): Promise<() => Promise<string>> => {
    const [exam, declarer] = [exams[n], clients[n % clients.length]];
    if (exam === undefined || declarer === undefined) throw new Error('there are fewer exams than alerts');
    const caseNumber = await written(data, declarer.id, exam);
    const shown = await act(bot, agent, declarer, opening(caseNumber), []);
    return async () => {
      await act(bot, agent, declarer, sending(caseNumber, revisionIn(shown)), []);
      return caseNumber;
    };
  };
  const sent: Promise<string>[] = [];
  let next = write(0);
  for (let n = 0; n < exams.length; n += 1) {
    const send = await next;
    sent.push(send());
    if (n + 1 < exams.length) next = write(n + 1);
    await Promise.all([next, pause(1000 / URGENT_PER_SECOND)]);
  }
  const numbers = await Promise.all(sent);
  agent.destroy();
  return numbers;
}

/** Written again where a busy machine was too slow: it is one alert. */
async function written(data: string, as: string, caseNumber: string): Promise<string> {
  const request = { ask: 'case-declare', of: { caseNumber }, finding: 'tension pneumothorax', category: 1, side: null } as const;
  for (let more = 5; ; more -= 1) {
    const declared = await askCase({ data, as }, request);
    if (declared.ok && declared.answer === 'declared') return declared.caseNumber;
    if (more === 0) throw new Error(`no critical result on ${caseNumber}: ${JSON.stringify(declared)}`);
  }
}

async function throttle({ bot }: Running, seconds: number | null): Promise<void> {
  await fetch(`${bot.origin}/throttle`, { method: 'POST', body: JSON.stringify({ seconds }) });
}

/** Of what is urgent before all else, and has not left. */
function urgentWaiting({ data }: Running, queues: readonly string[]): number {
  const sql = `SELECT count(*) AS n FROM outbox_ready WHERE rank = 0 AND queue IN (${queues.map(() => '?').join()})`;
  return inStore(data, (db) => db.get<{ n: number }>(sql, ...queues)?.n ?? 0);
}

/** Case number -> when its press was written: read before the transaction, whose commit the first byte waits for. */
function releases({ data }: Running): ReadonlyMap<string, number> {
  const sql = "SELECT number, at FROM facts JOIN cases USING (case_id) WHERE type = 'alertReleased'";
  return new Map(inStore(data, (db) => db.all<{ number: string; at: string }>(sql)).map(({ number, at }) => [number, Date.parse(at)]));
}

/** What first-byte.ts has seen, and its lateness since it was asked before. */
function looked({ ports }: Running): Promise<{ readonly seen: readonly FirstByte[]; readonly lateMs: number }> {
  return asked(between(ports).seen, '/');
}

async function asked<T>(port: number, path: string): Promise<T> {
  return (await (await fetch(`http://127.0.0.1:${port}${path}`)).json()) as T;
}
