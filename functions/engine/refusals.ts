import { epochOf } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { AuditEntry } from '#ports/audit-store.js';
import type { Parts } from './parts.ts';

/** Somebody who was turned away, as the row says that is written of it alone. */
export interface Refusal extends Pick<AuditEntry, 'actor' | 'action' | 'detail'> {
  /** Closed words: what is counted together. */
  readonly check: string;
  /** Who it comes from, as far as they are told apart. */
  readonly source: string;
  /** Of the detail, what holds for all that are counted together. */
  readonly shared: AuditEntry['detail'];
  /** Refusals of one source and check that get a row each within a minute, before the rest of them is counted. */
  readonly alone: number;
}

/** What became of it: a row of its own, or one more in the count of its source. */
export type Noted = 'recorded' | 'counted';

/**
 * The record of those who were turned away. A flood can't fill the audit: what comes too often from one source for one check is counted, and the count
 * is a row a minute, `count` and `since` in its detail. Rows are on disk when `note` resolves; a count is written within 65 seconds, and at `stop`.
 */
export interface Refusals {
  note(refusal: Refusal): Promise<Noted>;
  /** Writes what was counted and has no row yet. */
  stop(): Promise<void>;
}

const MINUTE_MS = 60_000;
const LOOK_EVERY_MS = 5_000;
/** So many whose own rows are on their way to the disk: who is refused one after the other waits for each answer, and a flood does not. */
const MOST_AT_ONCE = 2;
/** So many sources are told apart; more than that in a minute is one flood a check. */
const MOST_SOURCES = 1000;

/** One source and check, since its first refusal of this minute. */
interface Source {
  readonly last: Refusal;
  since: Instant;
  /** Rows of its own. */
  alone: number;
  /** Rows of its own that are not on disk yet. */
  underWay: number;
  /** Once a flood, always a flood until a minute has passed without any of it. */
  flooding: boolean;
  counted: number;
}

export function refusals({ audit, clock, log }: Pick<Parts, 'audit' | 'clock' | 'log'>): Refusals {
  const sources = new Map<string, Source>();
  let looking: ReturnType<typeof setInterval> | null = null;

  async function write({ actor, action }: Refusal, at: Instant, detail: AuditEntry['detail']): Promise<void> {
    await audit.record({ caseId: null, at, actor, action, outcome: 'denied', detail });
  }

  /** The minute of this source is over: what was counted becomes a row; the next minute is counted too, unless nothing was. */
  async function close(key: string, source: Source, at: Instant): Promise<void> {
    const { counted: count, since, last } = source;
    if (count === 0) {
      sources.delete(key);
      return;
    }
    Object.assign(source, { counted: 0, since: at });
    try {
      await write(last, at, { ...last.shared, count, since });
    } catch (fault) {
      // Not lost: the next row holds it.
      source.counted += count;
      source.since = since;
      log.error('door.not-recorded', { fault });
    }
  }

  async function closeThoseOver(): Promise<void> {
    const at = clock.now();
    const over = [...sources].filter(([, source]) => isOver(source, at));
    await Promise.all(over.map(([key, source]) => close(key, source, at)));
    if (sources.size > 0 || looking === null) return;
    clearInterval(looking);
    looking = null;
  }

  function look(): void {
    closeThoseOver().catch((fault: unknown) => {
      log.error('door.not-recorded', { fault });
    });
  }

  function newSource(refusal: Refusal, at: Instant): Source {
    looking ??= setInterval(look, LOOK_EVERY_MS).unref();
    return { last: refusal, since: at, alone: 0, underWay: 0, flooding: false, counted: 0 };
  }

  return {
    async note(refusal) {
      const at = clock.now();
      const full = `${refusal.source} ${refusal.check}`;
      const key = sources.has(full) || sources.size < MOST_SOURCES ? full : refusal.check;
      const before = sources.get(key);
      // Begun, not waited for: whoever is refused now is not refused later because of it.
      const closing = before !== undefined && isOver(before, at) ? close(key, before, at) : undefined;
      const source = sources.get(key) ?? newSource(refusal, at);
      sources.set(key, source);
      source.flooding ||= source.alone >= refusal.alone || source.underWay >= MOST_AT_ONCE;
      if (source.flooding) {
        source.counted += 1;
        await closing;
        return 'counted';
      }
      source.alone += 1;
      source.underWay += 1;
      try {
        await write(refusal, at, refusal.detail);
      } catch (fault) {
        // It is in the count at least, once the audit can be written again.
        source.counted += 1;
        throw fault;
      } finally {
        source.underWay -= 1;
      }
      return 'recorded';
    },
    async stop() {
      if (looking !== null) clearInterval(looking);
      const at = clock.now();
      await Promise.all([...sources].map(([key, source]) => close(key, source, at)));
      sources.clear();
    },
  };
}

function isOver({ since }: Source, at: Instant): boolean {
  return Math.abs(epochOf(at) - epochOf(since)) >= MINUTE_MS;
}
