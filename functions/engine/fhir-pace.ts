import { addSeconds, epochOf } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Clock } from '#ports/clock.js';

/** When what failed may be tried again, by what it is. Kept in memory: a new process tries at once. */
export interface Pace {
  /** Seconds until it may be tried; 0: now. */
  wait(what: string): number;
  /** @param inSeconds as the other side asks (Retry-After); else 5, 10, 20 … 300. @returns failures in a row */
  failed(what: string, inSeconds?: number): number;
  worked(what: string): void;
}

const FIRST_SECONDS = 5;
const LONGEST_SECONDS = 300;

export function pace(clock: Clock): Pace {
  const failures = new Map<string, { readonly count: number; readonly until: Instant }>();
  return {
    wait(what) {
      const failure = failures.get(what);
      return failure === undefined ? 0 : Math.max(0, (epochOf(failure.until) - epochOf(clock.now())) / 1000);
    },
    failed(what, inSeconds) {
      const count = (failures.get(what)?.count ?? 0) + 1;
      const wait = inSeconds ?? Math.min(FIRST_SECONDS * 2 ** Math.min(count - 1, 10), LONGEST_SECONDS);
      failures.set(what, { count, until: addSeconds(clock.now(), wait) });
      return count;
    },
    worked(what) {
      failures.delete(what);
    },
  };
}
