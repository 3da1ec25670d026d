import type { CaseEvent } from '#core/event.js';
import { caseId as caseIdOf } from '#core/ids.js';
import type { CaseId, EventId } from '#core/ids.js';
import { addSeconds } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { ClaimedEvent, EventBus, EventClaim } from '#ports/event-bus.js';
import { appendAudit } from './audit-rows.ts';
import { openEvent, sealEvent } from './case-pieces.ts';
import type { Database } from './database.ts';
import { givenBack } from './given-back.ts';
import { readable } from './readable.ts';

/** Puts an event in its case's queue unless it was heard or queued already; call inside `write`. */
export function publishEvent(db: Database, event: CaseEvent, due: Instant): void {
  const { caseId, workflow, id } = event;
  if (db.get('SELECT 1 FROM heard WHERE case_id = ? AND event_id = ?', caseId, id) !== undefined) return;
  db.run(
    `INSERT OR IGNORE INTO events (case_id, workflow, event_id, body, state, attempt, failures, crashes, due) VALUES (?, ?, ?, ?, 'waiting', 0, 0, 0, ?)`,
    ...[caseId, workflow, id, sealEvent(db, event), due],
  );
}

export function eventBus(db: Database): EventBus {
  const claiming = givenBack<ClaimedEvent>(db, 'events', ({ claimed, attempt }) => ({ id: claimed, attempt }));
  return {
    async publish(event) {
      await db.write(() => {
        publishEvent(db, event, event.occurredAt);
      });
    },
    claim: (now, leaseSeconds, most) => claiming(() => claim(db, now, leaseSeconds, most)),
    release: ({ claimed, attempt }, again) =>
      changes(db, `UPDATE events SET state = 'waiting', failures = failures + 1, ${UNOWNED}, due = ? WHERE ${OURS}`, again, claimed, attempt),
    quarantine: (claim, reason, at) => db.write(() => quarantine(db, claim, reason, at)),
    nextDue() {
      const found = db.get<{ due: Instant | null }>(`SELECT min(coalesce(lease_until, due)) AS due FROM events AS e WHERE ${FREE}`);
      return Promise.resolve(found?.due ?? null);
    },
  };
}

/** Its case waits for a person from now on: a change of that case's state, with its audit row. */
function quarantine(db: Database, { claimed, attempt }: EventClaim, reason: string, at: Instant): boolean {
  const event = db.get<{ case_id: string }>(`SELECT case_id FROM events WHERE ${OURS}`, claimed, attempt);
  if (event === undefined) return false;
  db.run(`UPDATE events SET state = 'quarantined', ${UNOWNED}, reason = ?, due = ? WHERE ${OURS}`, reason, at, claimed, attempt);
  const row = { caseId: caseIdOf.parse(event.case_id), at, actor: { kind: 'system', part: 'events' }, outcome: 'done' } as const;
  appendAudit(db, { ...row, action: 'event-quarantined', detail: { item: `e${claimed}`, reason } });
  return true;
}

/** The head of each case's queue; a case whose head is poison waits, and one that an operator parked, no other does. */
const FREE = `state IN ('waiting', 'leased')
  AND NOT EXISTS (SELECT 1 FROM events AS earlier WHERE earlier.case_id = e.case_id AND earlier.id < e.id)
  AND NOT EXISTS (SELECT 1 FROM parked WHERE parked.case_id = e.case_id)`;

/** The claim is the last one that was given, and the event still waits to be told. */
const OURS = "id = ? AND attempt = ? AND state = 'leased'";
const UNOWNED = 'lease_until = NULL, owner = NULL';
/** As the index events_suspect has it. */
const SUSPECT = "(crashes > 0 OR state = 'leased')";

/** As the index events_timers has it (deadline-store.ts). */
const TIMER = "event_id >= 'deadline:' AND event_id < 'deadline;'";

function changes(db: Database, sql: string, ...values: (string | number)[]): Promise<boolean> {
  return db.write(() => db.run(sql, ...values).changes > 0);
}

function claim(db: Database, now: Instant, leaseSeconds: number, most: number): ClaimedEvent[] {
  const suspects = heads(db, now, 1, SUSPECT);
  // A timer that is due does not stand behind a flood.
  const first = suspects.length > 0 ? suspects : heads(db, now, most, TIMER);
  const rows = first.length > 0 ? first : heads(db, now, most, 'TRUE');
  const until = addSeconds(now, leaseSeconds);
  for (const { id, crashes } of rows)
    db.run(
      "UPDATE events SET state = 'leased', attempt = attempt + 1, crashes = ?, lease_until = ?, owner = ? WHERE id = ?",
      ...[crashes, until, db.instance, id],
    );
  return rows.flatMap(({ attempt, failures, crashes, ...row }) => {
    const claim: EventClaim = { claimed: String(row.id), attempt: attempt + 1 };
    const event = readable(() => openEvent(db, row));
    if (event.ok) return { ...claim, event: event.value, failures, crashes };
    quarantine(db, claim, event.why, now);
    return [];
  });
}

interface Row {
  readonly id: number;
  readonly case_id: CaseId;
  readonly event_id: EventId;
  readonly body: Uint8Array;
  readonly attempt: number;
  readonly failures: number;
  readonly crashes: number;
}

/** A lease that is over ended without a word. */
function heads(db: Database, now: Instant, most: number, where: string): Row[] {
  return db.all<Row>(
    `SELECT id, case_id, event_id, body, attempt, failures, crashes + (state = 'leased') AS crashes FROM events AS e
     WHERE coalesce(lease_until, due) <= ? AND ${FREE} AND ${where} ORDER BY id LIMIT ?`,
    now,
    most,
  );
}
