import type { CaseId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { AuditEntry } from '#ports/audit-store.js';
import type { Applied, Queue, QueueChange, QueueDetail, QueueItem } from '#ports/queue.js';
import { appendAudit } from './audit-store.ts';
import { carryOutAll, matchAgain } from './consequences.ts';
import type { Database } from './database.ts';
import { publishEvent } from './event-bus.ts';
import { keeper } from './keeper.ts';
import { bulkOf, detailOf } from './queue-detail.ts';
import { history } from './queue-history.ts';
import { deliveries, events, heldItems, itemById, messages, partsOf } from './queue-rows.ts';
import { pieceOf } from './raw-piece.ts';
import { ifReadable } from './readable.ts';
import { seal } from './sealed-export.ts';

/** Messages, or deliveries, before a held one among which its like is looked for: without an index, and while the service stands still. */
const SEARCHED = 20_000;

export function queueStore(db: Database): Queue {
  return {
    list: (filter, most, now) => Promise.resolve(heldItems(db, filter, most, now)),
    find: (id) => Promise.resolve(detailOf(db, itemById(db, id))),
    before: (item, numbers) => Promise.resolve(detailOf(db, earlier(db, item, numbers))),
    apply: (change, audit) => apply(db, change, audit),
    openBulk: ({ act, items, by, reason, at, until }, audit) =>
      db.write(() => {
        const { lastInsertRowid } = db.run(
          "INSERT INTO bulk (act, items, by, reason, at, until, state) VALUES (?, ?, ?, ?, ?, ?, 'waiting')",
          ...[act, JSON.stringify(items), by, reason, at, until],
        );
        appendAudit(db, { ...audit, detail: { ...audit.detail, bulk: `b${lastInsertRowid}` } });
        return String(lastInsertRowid);
      }),
    bulk: (id) => Promise.resolve(bulkOf(db, id)),
    isParked: (caseId) => Promise.resolve(db.get('SELECT 1 FROM parked WHERE case_id = ?', caseId) !== undefined),
    caseOf: (number) => Promise.resolve(db.get<{ case_id: CaseId }>('SELECT case_id FROM cases WHERE number = ?', number)?.case_id ?? null),
    history: (item, most) => Promise.resolve(history(db, item, most)),
    seal,
  };
}

/** Undoes what was only tried out. */
class TriedOut extends Error {
  readonly applied: Applied;
  constructor(applied: Applied) {
    super('tried out');
    this.applied = applied;
  }
}

async function apply(db: Database, change: QueueChange, audit: AuditEntry | null): Promise<Applied> {
  try {
    return await db.write(() => {
      const applied = applyWatched(db, change);
      if (audit === null) throw new TriedOut(applied);
      if (applied.done) appendAudit(db, audit);
      return applied;
    });
  } catch (error) {
    if (error instanceof TriedOut) return error.applied;
    throw error;
  }
}

/** Makes the change and looks what came of it. */
function applyWatched(db: Database, change: QueueChange): Applied {
  const last = db.get<{ id: number }>('SELECT coalesce(max(id), 0) AS id FROM events');
  const done = changed(db, change);
  const told = events(db, 'e.id > ?', last?.id ?? 0).map(({ caseNumber, what }) => ({ caseNumber, what }));
  return { done, told, matched: done ? matchedBy(db, change) : [] };
}

function matchedBy(db: Database, change: QueueChange): Applied['matched'] {
  const where = change.change === 'judge-again' ? 'raw_id = ?' : 'id = ?';
  if (change.change !== 'judge-again' && change.change !== 'match-again') return [];
  return db.all(`SELECT what, reason FROM arrivals WHERE ${where} AND state = 'matched'`, change.id);
}

function changed(db: Database, change: QueueChange): boolean {
  switch (change.change) {
    case 'retry-delivery':
      return retryDelivery(db, change.id, change.at);
    case 'skip-delivery': {
      const { changes } = db.run(
        "UPDATE outbox SET state = 'skipped', awaits = NULL, code = 'skipped', detail = 'skipped by an operator', done_at = ? WHERE id = ? AND (state = 'held' OR (state = 'waiting' AND awaits IS NOT NULL))",
        ...[change.at, change.id],
      );
      if (changes > 0 && change.told !== null) publishEvent(db, change.told, change.at);
      return changes > 0;
    }
    case 'retry-event':
      return one(
        db,
        "UPDATE events SET state = 'waiting', failures = 0, crashes = 0, reason = NULL, due = ? WHERE id = ? AND state = 'quarantined'",
        change.at,
        change.id,
      );
    case 'skip-event':
      return one(db, "DELETE FROM events WHERE id = ? AND state = 'quarantined'", change.id);
    case 'judge-again': {
      const { id, state, reason, consequences, at } = change;
      const done = one(db, "UPDATE raw SET state = ?, reason = ? WHERE id = ? AND state <> 'used'", state, reason, id);
      if (done) carryOutAll(keeper(db), consequences, Number(id), at);
      return done;
    }
    case 'release-message':
      return (
        one(db, "UPDATE raw SET state = 'released' WHERE id = ? AND state IN ('refused', 'kept', 'not-imaging')", change.id) ||
        // It was used; what is seen to is that its control id stands for two messages.
        one(db, "UPDATE raw SET reused = 2 WHERE id = ? AND state = 'used' AND reused = 1", change.id)
      );
    case 'match-again':
      return matchAgain(keeper(db), change.id);
    case 'release-arrival':
      return one(db, "UPDATE arrivals SET state = 'released', kept = NULL WHERE id = ? AND state = 'unmatched'", change.id);
    case 'release-answer':
      return one(db, 'UPDATE raw SET owed = 2 WHERE id = ? AND owed = 1', change.id);
    case 'park': {
      const { caseId, by, reason, at } = change;
      return one(db, 'INSERT OR IGNORE INTO parked (case_id, by, reason, at) VALUES (?, ?, ?, ?)', caseId, by, reason, at);
    }
    case 'unpark':
      return one(db, 'DELETE FROM parked WHERE case_id = ?', change.caseId);
    case 'confirm':
      return one(db, "UPDATE bulk SET state = 'confirmed' WHERE id = ? AND state = 'waiting'", change.id);
    default:
      return change satisfies never;
  }
}

function one(db: Database, sql: string, ...values: (string | number | null)[]): boolean {
  return db.run(sql, ...values).changes > 0;
}

/** Key and bytes stay; what the case is told of the new attempts is told by itself. */
function retryDelivery(db: Database, id: string, at: Instant): boolean {
  return one(
    db,
    `UPDATE outbox SET state = 'waiting', crashes = 0, failures = '{}', retries = retries + 1, awaits = NULL, lease_until = NULL, code = NULL, detail = NULL,
       done_at = NULL, due = ? WHERE id = ? AND (state = 'held' OR (state = 'waiting' AND awaits IS NOT NULL))`,
    at,
    id,
  );
}

function earlier(db: Database, item: QueueDetail, numbers: readonly string[]): QueueItem | null {
  const { kind, key } = partsOf(item.id);
  if (kind === 'delivery') {
    const same = `case_id = ?1 AND lane = (SELECT lane FROM outbox WHERE id = ?2) AND id < ?2 AND id > ?2 - ${SEARCHED} AND bytes IS NOT NULL`;
    return deliveries(db, `id = (SELECT max(id) FROM outbox WHERE ${same})`, item.caseId ?? '', key)[0] ?? null;
  }
  if (kind !== 'message') return null;
  const wanted = numbers.map((number) => Buffer.from(number, 'latin1'));
  const ids = db.all<{ id: number }>("SELECT id FROM raw WHERE id < ? AND id > ? AND state = 'used' ORDER BY id DESC", key, Number(key) - SEARCHED);
  const found = ids.find(({ id }) => {
    const bytes = ifReadable(() => pieceOf(db, id))?.bytes;
    return bytes !== undefined && wanted.some((number) => bytes.includes(number));
  });
  return found === undefined ? null : (messages(db, 'id = ?', 1, found.id)[0] ?? null);
}
