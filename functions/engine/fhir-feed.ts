import { addSeconds } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { GRID_FEED } from '#domain/feed-state.js';
import type { FeedProgress } from '#domain/fhir-feed.js';
import type { FhirSubscriptionRow, FhirSubscriptions } from '#domain/site.js';
import type { FhirNotification } from '#ports/fhir-door.js';
import type { Secrets } from '#ports/secrets.js';
import { doorkeeper } from './doorkeeper.ts';
import type { Doorkeeper } from './doorkeeper.ts';
import { SHUT_REASON } from './feed-states.ts';
import type { FeedNews, FeedStates } from './feed-states.ts';
import { feedJudge } from './fhir-condition.ts';
import type { FeedJudge } from './fhir-condition.ts';
import { IDLE_SECONDS, catchUp, isShut, sweep, sweepDue, takeWanted } from './fhir-look.ts';
import type { Feed } from './fhir-look.ts';
import { pace } from './fhir-pace.ts';
import { MOST_WANTED, heard, named, progresses } from './fhir-progress.ts';
import { holds, keepSubscribed, readSubscription, rotateNow } from './fhir-subscription.ts';
import type { TakeNeeds } from './fhir-take.ts';
import type { Refusals } from './refusals.ts';
import { startWorker } from './worker.ts';
import type { Worker } from './worker.ts';

export type FeedNeeds = TakeNeeds & {
  readonly secrets: Secrets;
  readonly states: FeedStates;
  /** Null: nothing is kept subscribed; Event Grid may still tell of changes. */
  readonly subscriptions: FhirSubscriptions | null;
  /** Where those who are turned away are counted; left out: apart. */
  readonly turnedAway?: Refusals;
};

/** What the EHR tells, on its way to cases: told, read anew, taken in once. */
export interface FhirFeed {
  /** Is there a subscription of this name? */
  knows(name: string): boolean;
  /** Is the secret of this subscription right, or the one before it within its hour? */
  admits(name: string, isRight: (secret: string) => boolean): Promise<boolean>;
  /** Somebody was turned away at this door: on record once a minute for each reason. */
  readonly refused: Doorkeeper['refused'];
  /** Resolves when what was said can't be lost any more. */
  heard(name: string, said: FhirNotification): Promise<void>;
  /** The same for events that name resources only; false: too many wait already, come again. */
  wants(references: readonly string[]): Promise<boolean>;
  /** A new secret for this subscription now. */
  rotate(name: string): Promise<void>;
  /** Does what is due for one feed. @returns seconds until it is worth coming again; 0: there is more */
  serve(name: string): Promise<number>;
  /** Sees to all feeds until it is stopped. */
  start(): Worker;
}

export function fhirFeed(parts: FeedNeeds): FhirFeed {
  const { cursors, clock, subscriptions, states } = parts;
  const feed: Feed = { parts, progress: progresses(cursors), attempts: new Map(), pace: pace(clock) };
  const rows = new Map((subscriptions?.rows ?? []).map((row) => [row.name, row]));
  const judges = new Map([...rows.keys(), GRID_FEED].map((name) => [name, feedJudge(rows.has(name) ? subscriptions : null)]));
  const due = new Map<string, Instant>();
  let worker: Worker | null = null;
  const wake = (name: string): void => {
    due.set(name, clock.now());
    worker?.wake();
  };
  const serve = async (name: string): Promise<number> => {
    const [row, judge] = [rows.get(name), judges.get(name)];
    if (judge === undefined) return IDLE_SECONDS;
    const isOurs = row !== undefined && subscriptions !== null;
    const wait = isOurs ? await serveSubscription(feed, { ...parts, subscriptions }, row, judge) : await takeWanted(feed, name);
    const seen = { progress: await feed.progress.read(name), subscription: isOurs ? await readSubscription(cursors, name) : null };
    const news = judge.judge(seen, await states.now(name), clock.now());
    await states.tell(name, isShut(feed) && isOwed(seen.progress, isOurs ? subscriptions : null, clock.now()) ? whileShut(news) : news);
    return wait;
  };
  return {
    knows: (name) => rows.has(name),
    refused: doorkeeper({ ...parts, facilities: [] }, parts.turnedAway).refused,
    async admits(name, isRight) {
      const kept = rows.has(name) ? await readSubscription(cursors, name) : null;
      return kept !== null && holds(kept, isRight, clock.now());
    },
    async heard(name, said) {
      await feed.progress.change(name, (before) => heard(before, said, clock.now()));
      wake(name);
    },
    async wants(references) {
      const after = await feed.progress.change(GRID_FEED, (before) => {
        const isFull = Object.keys(before.wanted).length >= MOST_WANTED;
        return isFull ? before : named({ ...before, told: before.told + 1 }, references);
      });
      wake(GRID_FEED);
      return references.every((reference) => Object.hasOwn(after.wanted, reference));
    },
    async rotate(name) {
      await rotateNow(cursors, name);
      wake(name);
    },
    serve,
    start() {
      for (const name of [...rows.keys(), GRID_FEED]) due.set(name, clock.now());
      worker = startWorker(dueNames(due, serve, parts), clock, parts.log);
      return worker;
    },
  };
}

/** Something is to be read from the EHR. */
function isOwed(progress: FeedProgress, subscriptions: FhirSubscriptions | null, now: Instant): boolean {
  return Object.keys(progress.wanted).length > 0 || progress.gap !== null || (subscriptions !== null && sweepDue(progress, subscriptions, now));
}

/** What is wrong with the subscription itself comes first. */
function whileShut(news: FeedNews): FeedNews {
  return ['starting', 'up', 'behind'].includes(news.state) ? { state: 'behind', reason: SHUT_REASON } : news;
}

type Subscribing = FeedNeeds & { readonly subscriptions: FhirSubscriptions };

/** Subscription first, then what is missing, then what was named; what fails waits and holds none of the others. @returns seconds until it is worth coming again */
async function serveSubscription(feed: Feed, parts: Subscribing, row: FhirSubscriptionRow, judge: FeedJudge): Promise<number> {
  await keepAlive(feed, parts, row, judge);
  const late = await catchUp(feed, row.name);
  const isDue = sweepDue(await feed.progress.read(row.name), parts.subscriptions, parts.clock.now());
  const swept = isDue ? await sweep(feed, row) : IDLE_SECONDS;
  return Math.min(late, swept, await takeWanted(feed, row.name), IDLE_SECONDS);
}

async function keepAlive(feed: Feed, parts: Subscribing, row: FhirSubscriptionRow, judge: FeedJudge): Promise<void> {
  const what = `subscription ${row.name}`;
  if (feed.pace.wait(what) > 0) return;
  const { heardAt, stopped } = await feed.progress.read(row.name);
  const upkeep = await keepSubscribed(parts, row, heardAt, stopped);
  judge.tried(upkeep, heardAt, parts.clock.now());
  if (typeof upkeep === 'object') feed.pace.failed(what);
  else feed.pace.worked(what);
  if (upkeep !== 'remade' && upkeep !== 'revived' && upkeep !== 'restarted') return;
  const anew = upkeep === 'remade' ? { number: 0, gap: null } : {};
  await feed.progress.change(row.name, (before) => ({ ...before, told: before.told + 1, stopped: false, sweep: before.told + 1, ...anew }));
}

/** The feeds as jobs of a worker: each one at a time, again when its wait is over, at once when it was told of something meanwhile. */
function dueNames(
  due: Map<string, Instant>,
  serve: FhirFeed['serve'],
  { clock }: Pick<FeedNeeds, 'clock'>,
): Parameters<typeof startWorker<string>>[0] {
  const running = new Set<string>();
  const free = (): (readonly [string, Instant])[] => [...due].filter(([name]) => !running.has(name));
  return {
    name: 'fhir',
    atOnce: 4,
    take(now, most) {
      const taking = free().filter(([, at]) => at <= now).map(([name]) => name).slice(0, most); // prettier-ignore
      for (const name of taking) {
        running.add(name);
        due.delete(name);
      }
      return Promise.resolve(taking);
    },
    async do(name) {
      let wait = IDLE_SECONDS;
      try {
        wait = await serve(name);
      } finally {
        running.delete(name);
        if (!due.has(name)) due.set(name, addSeconds(clock.now(), wait));
      }
    },
    nextDue: () => Promise.resolve(free().map(([, at]) => at).sort()[0] ?? null), // prettier-ignore
  };
}
