import { epochOf } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { AuditStore } from '#ports/audit-store.js';
import type { Clock } from '#ports/clock.js';
import type { Log } from '#ports/log.js';
import { startPoller } from './poller.ts';

/** Rows that do not wait for the minute to be over (INVARIANTS 3). */
const SEAL_AT_ROWS = 1000;
const SEAL_EVERY_SECONDS = 60;
/** Every five minutes at the latest, also when writing it takes a while (INVARIANTS 3). */
const ANCHOR_EVERY_SECONDS = 240;

export interface Sealing {
  readonly audit: Pick<AuditStore, 'seal' | 'unsealed'>;
  /** Puts the last checkpoint outside the store. */
  readonly anchor: (at: Instant) => Promise<'anchored' | 'nothing' | 'conflict'>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Sealer {
  /** Seals and anchors what is there, and ends. */
  stop(): Promise<void>;
}

/** Joins audit rows into signed checkpoints while the service runs, and anchors those. What fails is logged and tried again, for ever. */
export function startSealer({ audit, anchor, clock, log }: Sealing): Sealer {
  let sealedAt = clock.now();
  const sealDue = async (): Promise<'done' | 'failed'> => {
    const now = clock.now();
    const waiting = await audit.unsealed();
    // A clock that was put back seals too soon rather than never.
    const isDue = Math.abs(epochOf(now) - epochOf(sealedAt)) >= SEAL_EVERY_SECONDS * 1000;
    if (waiting === 0 || (waiting < SEAL_AT_ROWS && !isDue)) return 'done';
    return seal(now);
  };
  const seal = async (now: Instant): Promise<'done' | 'failed'> => {
    try {
      await audit.seal(now);
      sealedAt = now;
      return 'done';
    } catch (fault) {
      log.error('audit.not-sealed', { fault });
      return 'failed';
    }
  };
  const anchorNow = async (): Promise<'done' | 'failed'> => {
    try {
      const became = await anchor(clock.now());
      if (became === 'conflict') log.error('audit.anchor-conflict');
      return became === 'conflict' ? 'failed' : 'done';
    } catch (fault) {
      log.error('audit.not-anchored', { fault });
      return 'failed';
    }
  };
  const sealing = startPoller({ name: 'audit-seal', everySeconds: 1, ask: sealDue }, log);
  const anchoring = startPoller({ name: 'audit-anchor', everySeconds: ANCHOR_EVERY_SECONDS, ask: anchorNow }, log);
  return {
    async stop() {
      await Promise.all([sealing.stop(), anchoring.stop()]);
      if ((await seal(clock.now())) === 'done') await anchorNow();
    },
  };
}
