import type { CaseEvent } from '#core/event.js';
import { addSeconds } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { ClaimedEvent, EventBus } from '#ports/event-bus.js';
import type { Database } from './database.ts';

/** Puts an event in its case's queue unless it was heard or queued already; call inside `write`. */
export function publishEvent(db: Database, event: CaseEvent, due: Instant): void {
  const { caseId, workflow, id } = event;
  db.run(
    `INSERT OR IGNORE INTO events (case_id, workflow, event_id, body, state, attempt, due) SELECT ?1, ?2, ?3, ?4, 'waiting', 0, ?5
     WHERE NOT EXISTS (SELECT 1 FROM heard WHERE case_id = ?1 AND event_id = ?3)`,
    ...[caseId, workflow, id, JSON.stringify(event), due],
  );
}

export function eventBus(db: Database): EventBus {
  return {
    async publish(event) {
      await db.write(() => {
        publishEvent(db, event, event.occurredAt);
      });
    },
    claim: (now, leaseSeconds, most) => db.write(() => claim(db, now, leaseSeconds, most)),
    async release(claimed, again) {
      await db.write(() => db.run("UPDATE events SET state = 'waiting', lease_until = NULL, due = ? WHERE id = ?", again, claimed));
    },
    async quarantine(claimed, reason, at) {
      await db.write(() =>
        db.run("UPDATE events SET state = 'quarantined', lease_until = NULL, reason = ?, due = ? WHERE id = ?", reason, at, claimed),
      );
    },
    nextDue() {
      const found = db.get<{ due: Instant | null }>(`SELECT min(coalesce(lease_until, due)) AS due FROM events AS e WHERE ${FREE}`);
      return Promise.resolve(found?.due ?? null);
    },
  };
}

/** The head of each case's queue; a case whose head is poison waits, and one that an operator parked, no other does. */
const FREE = `state IN ('waiting', 'leased')
  AND NOT EXISTS (SELECT 1 FROM events AS earlier WHERE earlier.case_id = e.case_id AND earlier.id < e.id)
  AND NOT EXISTS (SELECT 1 FROM parked WHERE parked.case_id = e.case_id)`;

function claim(db: Database, now: Instant, leaseSeconds: number, most: number): ClaimedEvent[] {
  const rows = db.all<{ id: number; body: string; attempt: number }>(
    `SELECT id, body, attempt FROM events AS e WHERE coalesce(lease_until, due) <= ? AND ${FREE} ORDER BY id LIMIT ?`,
    now,
    most,
  );
  const until = addSeconds(now, leaseSeconds);
  for (const { id } of rows) db.run("UPDATE events SET state = 'leased', attempt = attempt + 1, lease_until = ? WHERE id = ?", until, id);
  return rows.map(({ id, body, attempt }) => ({ claimed: id, event: JSON.parse(body) as CaseEvent, attempt: attempt + 1 }));
}
