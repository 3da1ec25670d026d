import { addSeconds, epochOf } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { canaryKeptIn } from '#domain/canary.js';
import type { CanaryKept } from '#domain/canary.js';
import { WATCHER_MARK, lookedAtIn } from '#domain/watcher-mark.js';
import type { CanaryTrail } from '#ports/canary-trail.js';
import type { Clock } from '#ports/clock.js';
import type { Cursors } from '#ports/cursors.js';
import type { Claim } from '#ports/outbox-store.js';
import { CANARY_ENDPOINT, PROGRESS, canaryMessage, sentAtOf } from './canary.ts';
import { receive } from './intake.ts';
import type { Parts } from './parts.ts';
import { Recent, changed, tapped } from './tapped.ts';

const PARTS = ['routes', 'events', 'outbox', 'deadlines'] as const;
type Part = (typeof PARTS)[number];
/** `overload`: the canary waits behind so much else that new messages are answered AE. `watcher`: who watches the alerts (watcher.ts) has stopped doing so. */
export type Missing = 'overload' | 'canary' | 'timer' | 'watcher' | Part;

/** Ages in seconds; null: not yet. */
export interface ProgressReport {
  readonly ok: boolean;
  /** What does not go on; empty when all does. */
  readonly missing: readonly Missing[];
  /** Since the last canary was sent that went through inbox, engine and outbox. */
  readonly canaryAge: number | null;
  /** Since the last canary's timer fired, and how late it was. */
  readonly timerAge: number | null;
  readonly timerLateness: number | null;
  /** Since the watcher last looked over the store; null: none has ever watched it. */
  readonly watcherAge: number | null;
  /** Since this process last looked for work, by worker. */
  readonly workers: Readonly<Record<Part, number | null>>;
}

export interface Progress {
  /** The parts, looked at: the engine must be started with these. */
  readonly parts: Parts;
  readonly look: () => Promise<ProgressReport>;
  /** Sends the canary every ten seconds; gives what ends it. */
  readonly start: () => { stop(): void };
}

const EVERY_SECONDS = 10;
/** INVARIANTS section 4. */
const FRESH_SECONDS = 30;
const LATE_SECONDS = 10;
/** The watcher looks every ten seconds. Its clock is another machine's where it runs on another. */
const WATCHER_SECONDS = 60;
/** A canary that is on its way this long has been lost; another is sent. */
const LOST_MS = 20_000;
/** What a canary left is kept this long, for whoever looks into the store. */
const KEPT_SECONDS = 300;

/** By this name the last canary is kept (ports/cursors): each process of a store sees what any of them brought about. */
const CURSOR = 'progress';
interface Needs {
  readonly cursors: Cursors;
  readonly trail: CanaryTrail;
}

/**
 * Does the service get anything done? Not that it is up, but that a canary (canary.ts) went the whole way less than 30 s ago, its timer fired on time, and each
 * worker of this process came by for more work. A store that does not answer, a worker that ended or whose places are all taken by work that hangs, a clock that
 * stands: each shows here. So does a watcher (watcher.ts) that once watched this store and has stopped.
 */
export function progress(given: Parts, { cursors, trail }: Needs): Progress {
  const { clock, log } = given;
  const turned = new Map<Part, number>();
  const turn = (part: Part) => (): void => {
    turned.set(part, performance.now());
  };
  const claimed = new Recent<Instant>(100);
  const keyOf = ({ id, attempt }: Claim): string => `${id}:${attempt}`;
  let queue: Promise<void> = Promise.resolve();
  const note = (change: (before: CanaryKept) => CanaryKept): void => {
    // One after the other; one that fails is missed by whoever looks.
    queue = queue.then(async () => cursors.write(CURSOR, JSON.stringify(change(await read(cursors))))).catch(() => undefined);
  };
  const parts = changed(given, {
    raw: tapped(given.raw, { unrouted: turn('routes') }),
    bus: tapped(given.bus, { claim: turn('events') }),
    outbox: tapped(given.outbox, {
      claim(_given, items) {
        turn('outbox')();
        for (const item of items) {
          const sentAt = item.workflow === PROGRESS ? sentAtOf(item.effect.key) : null;
          if (sentAt === null) claimed.take(keyOf(item));
          else claimed.put(keyOf(item), sentAt);
        }
      },
      delivered([claim]) {
        const sentAt = claimed.take(keyOf(claim));
        if (sentAt !== undefined) note((before) => ({ ...before, sentAt }));
      },
    }),
    deadlines: tapped(given.deadlines, {
      due: turn('deadlines'),
      fire([{ workflow, at }, now]) {
        const timerLateness = (epochOf(now) - epochOf(at)) / 1000;
        if (workflow === PROGRESS) note((before) => ({ ...before, timerFiredAt: now, timerLateness }));
      },
    }),
  });
  let sent: { readonly at: Instant; readonly steady: number } | null = null;
  let lost = 0;
  const send = async (): Promise<void> => {
    const now = clock.now();
    const { sentAt } = await read(cursors);
    // One on its way is waited for, the longer the more of them were lost.
    if (sent !== null && sentAt !== sent.at) {
      if (performance.now() - sent.steady < LOST_MS * 2 ** Math.min(lost, 4)) return;
      lost += 1;
    } else lost = 0;
    // Another process of this store has sent one.
    const age = sentAt === null ? null : secondsBetween(sentAt, now);
    if (age !== null && age >= 0 && age < EVERY_SECONDS - 1) return;
    sent = { at: now, steady: performance.now() };
    await receive(parts, canaryMessage(now), { endpoint: CANARY_ENDPOINT, facility: null });
    parts.wake();
    await trail.forget(addSeconds(now, -KEPT_SECONDS));
  };
  const look = async (): Promise<ProgressReport> => {
    const [kept, watcher] = [await read(cursors), lookedAtIn(await cursors.read(WATCHER_MARK))];
    return reportOf(kept, watcher, clock.now(), turned, given.pressure?.isShut() ?? false);
  };
  const tell = outageTeller(clock, log);
  return {
    parts,
    look,
    start() {
      const round = (): void => {
        // A store that fails is seen by what is missing.
        send()
          .catch(() => undefined)
          .then(look)
          .then(tell, () => undefined);
      };
      round();
      const timer = setInterval(round, EVERY_SECONDS * 1000);
      timer.unref();
      return {
        stop() {
          clearInterval(timer);
        },
      };
    },
  };
}

function reportOf(
  { sentAt, timerFiredAt, timerLateness }: CanaryKept,
  watcher: Instant | null,
  now: Instant,
  turned: ReadonlyMap<Part, number>,
  isShut: boolean,
): ProgressReport {
  const age = (at: Instant | null): number | null => (at === null ? null : secondsBetween(at, now));
  const ages = { canaryAge: age(sentAt), timerAge: age(timerFiredAt), watcherAge: age(watcher) };
  const workers = {
    routes: sinceTurn(turned, 'routes'),
    events: sinceTurn(turned, 'events'),
    outbox: sinceTurn(turned, 'outbox'),
    deadlines: sinceTurn(turned, 'deadlines'),
  };
  const isTimerLate = isOld(ages.timerAge) || (timerLateness ?? 0) > LATE_SECONDS;
  const missing: Missing[] = [
    ...(isOld(ages.canaryAge) && isShut ? (['overload'] as const) : []),
    ...(isOld(ages.canaryAge) ? (['canary'] as const) : []),
    ...(isTimerLate ? (['timer'] as const) : []),
    ...PARTS.filter((part) => isOld(workers[part])),
    ...(Math.abs(ages.watcherAge ?? 0) > WATCHER_SECONDS ? (['watcher'] as const) : []),
  ];
  return { ok: missing.length === 0, missing, ...ages, timerLateness, workers };
}

/** An age below zero is of a wall clock that was set back: as old as it can be until a new one has come. */
function isOld(age: number | null): boolean {
  return age === null || age > FRESH_SECONDS || age < -1;
}

function sinceTurn(turned: ReadonlyMap<Part, number>, part: Part): number | null {
  const at = turned.get(part);
  return at === undefined ? null : (performance.now() - at) / 1000;
}

async function read(cursors: Cursors): Promise<CanaryKept> {
  return canaryKeptIn(await cursors.read(CURSOR));
}

function secondsBetween(from: Instant, to: Instant): number {
  return (epochOf(to) - epochOf(from)) / 1000;
}

/** One line when progress is lost, naming the first thing that is missing, and one when it is back; the start is none. */
function outageTeller(clock: Clock, log: Parts['log']): (report: ProgressReport) => void {
  let lostAt: Instant | null = null;
  let wasOk = false;
  return ({ ok, missing: [first] }) => {
    const now = clock.now();
    if (ok && lostAt !== null) log.info('progress.regained', { duration: secondsBetween(lostAt, now) * 1000 });
    if (!ok && wasOk && first !== undefined) {
      log.error('progress.lost', { missing: first });
      lostAt = now;
    }
    if (ok) lostAt = null;
    wasOk = ok;
  };
}
