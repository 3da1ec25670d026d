import { addMinutes } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Backlog } from '#ports/downtime.js';
import type { Database } from './database.ts';

/** Longer than an event can have been tried again and again before it is held for a person (five failures, or three crashes, a lease each). */
const TRIED_FOR_MINUTES = 5;

export function backlog(db: Database): Backlog {
  return {
    oldest() {
      // Messages are kept in the order in which they come.
      const unread = db.get<{ at: Instant }>("SELECT received_at AS at FROM raw WHERE state = 'new' ORDER BY id LIMIT 1")?.at;
      const fresh = waiting(db, 'attempt <= 1');
      const again = waiting(db, 'attempt > 1');
      const times = [unread, fresh, again && addMinutes(again, -TRIED_FOR_MINUTES)].flatMap((at) => at ?? []);
      return Promise.resolve(times.toSorted()[0] ?? null);
    },
  };
}

/** Due when it came, unless it has been put off since. What waits behind a held or parked one waits for a person, and is listed as held. */
function waiting(db: Database, which: 'attempt <= 1' | 'attempt > 1'): Instant | null {
  const found = db.get<{ at: Instant | null }>(
    `SELECT min(due) AS at FROM events AS e WHERE state IN ('waiting', 'leased') AND ${which}
     AND NOT EXISTS (SELECT 1 FROM events AS held WHERE held.case_id = e.case_id AND held.state = 'quarantined')
     AND NOT EXISTS (SELECT 1 FROM parked WHERE parked.case_id = e.case_id)`,
  );
  return found?.at ?? null;
}
