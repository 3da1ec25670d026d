import type { CaseId } from '#core/ids.js';
import { epochOf } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { WATCHER_MARK, markOf } from '#domain/watcher-mark.js';
import type { AuditStore } from '#ports/audit-store.js';
import type { Cursors } from '#ports/cursors.js';
import type { PendingCase } from '#ports/pending-cases.js';
import { callOf } from './watcher-call.ts';
import type { Call, CallNeeds } from './watcher-call.ts';
import { dueOf, stuckAlert } from './watcher-stuck.ts';
import type { Due } from './watcher-stuck.ts';

export interface WatcherNeeds extends CallNeeds {
  /** Open alerts as the store itself has them. */
  readonly pending: () => Promise<readonly PendingCase[]>;
  /** Name of the timer without which an alert has been forgotten. */
  readonly timerOf: (one: PendingCase) => string;
  /** By the clock that timers go by. */
  readonly now: () => Promise<Instant>;
  readonly cursors: Cursors;
  readonly audit: Pick<AuditStore, 'record'>;
  /** Does the service say that it gets its work done? */
  readonly progress: () => Promise<boolean>;
  /** Tells somebody outside that all is well, who calls when it is not told any more; false: nobody there took it. Null: there is nobody. */
  readonly ping: (() => Promise<boolean>) | null;
  /** How many times faster than usual, for a rehearsal. @default 1 */
  readonly faster?: number;
}

export interface Watcher {
  /** Looks over the store and pages. Never throws; one at a time. */
  readonly look: () => Promise<void>;
  /** Pings where everything is proven. Never throws; one at a time. */
  readonly prove: () => Promise<void>;
}

/** Seconds. */
export const LOOK_EVERY = 10;
export const PING_EVERY = 60;
/** INVARIANTS 24. */
const OVERDUE = 30;
/** One that was so late at the look before too is no timer that fires in this moment, after a pause of the machine or a start of the service. */
const LATE = 15;
const PAGE_AGAIN = 300;
/** A look that takes longer has failed. */
const LOOK_WITHIN = 8;
/** So old the last look may be that a ping rests on. */
const LOOK_GOOD_FOR = 25;
/** The mark waits so long for pages that are on their way: a store that is locked may keep this process, and they come first. */
const PAGES_FIRST = 3;

interface Paged {
  readonly call: Call;
  readonly cases: readonly CaseId[];
  /** Of this process, which nobody sets. */
  readonly at: number;
}

/**
 * Watches those who see to alerts, from a process of its own and by a pager of its own: an open alert whose next step is more than 30 s overdue, that is held, or that waits for nothing is
 * paged to people who can phone, at once and every five minutes while it lasts (invariant 24). Several may watch: they know nothing of each other.
 */
export function watcher(needs: WatcherNeeds): Watcher {
  const { log, directory, faster = 1 } = needs;
  const ms = (seconds: number): number => (seconds * 1000) / faster;
  let lookedAt = -Infinity;
  let lateBefore: ReadonlySet<CaseId> = new Set();
  let calls: readonly Paged[] = [];

  const page = (found: readonly Overdue[], now: Instant): void => {
    const steady = performance.now();
    const isOverdue = new Set(found.map(({ one }) => one.caseId));
    calls = calls.filter(({ at, cases }) => steady - at < ms(PAGE_AGAIN) && cases.some((id) => isOverdue.has(id)));
    const isCalled = new Set(calls.flatMap(({ cases }) => cases));
    const fresh = found.filter(({ one }) => !isCalled.has(one.caseId));
    const [first] = fresh;
    if (first === undefined) return;
    const n = Math.floor((epochOf(now) - epochOf(first.due.since)) / ms(PAGE_AGAIN));
    const key = `watcher/${fresh.map(({ one }) => one.caseNumber).join(' ')}/${first.due.since}/${n}`;
    const call = callOf(key, fresh.map(({ one, due }) => stuckAlert(one, due, now, directory)), needs); // prettier-ignore
    calls = [...calls, { call, cases: fresh.map(({ one }) => one.caseId), at: steady }];
    log.error('watcher.alert-overdue', { why: first.due.why, alerts: fresh.length, duration: epochOf(now) - epochOf(first.due.since) });
    call.send().then(() => record(needs, fresh, call.isTaken(), now), () => undefined); // prettier-ignore
  };

  const lookOnce = async (): Promise<void> => {
    const [now, pending] = await within(LOOK_WITHIN, Promise.all([needs.now(), needs.pending()]));
    lookedAt = performance.now();
    const dues = pending
      .map((one) => ({ one, due: dueOf(one, needs.timerOf(one)), late: 0 }))
      .map((found) => ({ ...found, late: epochOf(now) - epochOf(found.due.since) }));
    const before = lateBefore;
    lateBefore = new Set(dues.filter(({ late }) => late > ms(LATE)).map(({ one }) => one.caseId));
    page(dues.filter(({ one, late }) => late > ms(OVERDUE) && before.has(one.caseId)).toSorted((a, b) => b.late - a.late), now); // prettier-ignore
    const sending = Promise.all(calls.map(({ call }) => call.send()));
    await within(PAGES_FIRST, sending).catch(() => undefined);
    await within(LOOK_WITHIN, needs.cursors.write(WATCHER_MARK, markOf(now))).catch((fault: unknown) => {
      log.error('watcher.not-written', { fault });
    });
  };

  const doubt = async (): Promise<Doubt | null> => {
    if (performance.now() - lookedAt > ms(LOOK_GOOD_FOR)) return 'store';
    // Whoever is outside is the last who can call somebody.
    if (calls.some(({ call }) => call.isTried() && !call.isTaken())) return 'pager';
    if (!(await needs.progress().catch(() => false))) return 'service';
    return (await needs.ping?.().catch(() => false)) === false ? 'outside' : null;
  };
  const tell = teller(needs);
  return {
    look: oneAtATime(() =>
      lookOnce().catch((fault: unknown) => {
        log.error('watcher.not-looked', { fault });
      }),
    ),
    prove: oneAtATime(async () => {
      if (needs.ping !== null) tell(await doubt());
    }),
  };
}

interface Overdue {
  readonly one: PendingCase;
  readonly due: Due;
}
type Doubt = 'store' | 'pager' | 'service' | 'outside';

/** Rows of the site, not of the cases: whoever watches changes no case. */
async function record({ audit, log }: WatcherNeeds, found: readonly Overdue[], isTaken: boolean, at: Instant): Promise<void> {
  try {
    for (const { one, due } of found) {
      const detail = { caseNumber: one.caseNumber, why: due.why, since: due.since };
      const row = { caseId: null, at, actor: { kind: 'system', part: 'watcher' }, action: 'alert-overdue' } as const;
      await audit.record({ ...row, outcome: isTaken ? 'done' : 'nothing', detail });
    }
  } catch (fault) {
    log.error('watcher.not-written', { fault });
  }
}

/** One line when the ping stops, saying what is not proven, and one when it goes on. */
function teller({ log }: WatcherNeeds): (doubt: Doubt | null) => void {
  let before: Doubt | null = null;
  return (doubt) => {
    if (doubt !== null && doubt !== before) log.error('watcher.ping-stopped', { because: doubt });
    if (doubt === null && before !== null) log.info('watcher.ping-goes-on');
    before = doubt;
  };
}

function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let underWay: Promise<void> | null = null;
  return () =>
    (underWay ??= work().finally(() => {
      underWay = null;
    }));
}

async function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new TookTooLong());
    }, seconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

class TookTooLong extends Error {
  override name = 'TookTooLong';
}
