import type { Bulk, QueueDetail, QueueItem } from '#ports/queue.js';
import type { Database } from './database.ts';
import { deliveries, events, itemById, messages, partsOf } from './queue-rows.ts';

/** An item with what it has to do with. */
export function detailOf(db: Database, item: QueueItem | null): QueueDetail | null {
  if (item === null) return null;
  const { kind, key } = partsOf(item.id);
  const plain: QueueDetail = { ...item, about: {}, body: null, failing: null, related: [] };
  switch (kind) {
    case 'delivery':
      return { ...plain, ...deliveryDetail(db, item, Number(key)) };
    case 'event': {
      const row = db.get<{ event_id: string; attempt: number; occurred: string }>(
        "SELECT event_id, attempt, body ->> '$.occurredAt' AS occurred FROM events WHERE id = ?",
        key,
      );
      const waiting = events(db, 'e.case_id = ? AND e.id > ?', item.caseId ?? '', key);
      const raw = messageOf(db, [item.destination ?? ''], row?.event_id ?? '');
      return {
        ...plain,
        about: { event: row?.event_id ?? null, attempts: row?.attempt ?? null, occurredAt: row?.occurred ?? null },
        related: [...raw, ...waiting],
      };
    }
    case 'message':
    case 'answer': {
      const row = db.get<{
        identity: string;
        bytes: Uint8Array;
        ack: Uint8Array;
        hash: string;
        length: number;
        control_id: string | null;
        sender: string;
      }>('SELECT identity, bytes, ack, hash, length, control_id, sender FROM raw WHERE id = ?', key);
      if (row === undefined) return plain;
      const about = { sha256: row.hash, bytes: row.length, controlId: row.control_id, sender: row.sender, keptAs: howKept(row.identity, row.hash) };
      return {
        ...plain,
        about,
        body: Buffer.from(kind === 'message' ? row.bytes : row.ack),
        related: kind === 'answer' ? messages(db, 'id = ?', 1, key) : [],
      };
    }
    case 'arrival': {
      const row = db.get<{ raw_id: number; matched_by: string | null }>('SELECT raw_id, matched_by FROM arrivals WHERE id = ?', key);
      return { ...plain, about: { matchedBy: row?.matched_by ?? null }, related: row === undefined ? [] : messages(db, 'id = ?', 1, row.raw_id) };
    }
    case 'case':
      return { ...plain, ...caseDetail(db, item.caseId ?? '') };
    case 'bulk': {
      const bulk = bulkOf(db, Number(key));
      const items = (bulk?.items ?? []).flatMap((id) => itemById(db, id) ?? []);
      return { ...plain, about: { by: bulk?.by ?? null, until: bulk?.until ?? null, reason: bulk?.reason ?? null }, related: items };
    }
    case 'feed':
    case null:
      return plain;
    default:
      return kind satisfies never;
  }
}

/** As the intake names what it keeps: DOOR:HASH, with a word between for what is not read. */
function howKept(identity: string, hash: string): string {
  const before = identity.slice(0, -hash.length - 1);
  return before.endsWith(':turned-away') ? 'turned-away' : before.endsWith(':noise') ? 'noise' : 'message';
}

function deliveryDetail(db: Database, item: QueueItem, id: number): Pick<QueueDetail, 'about' | 'body' | 'failing' | 'related'> {
  const row = db.get<{
    workflow: string; kind: string; key: string; lane: string | null; weight: string; attempt: number; retries: number; failures: string; bytes: Uint8Array | null;
    written_at: string; message: string | null; behind: string | null;
  }>(
    `SELECT workflow, kind, key, lane, weight, attempt, retries, failures, bytes, written_at, coalesce(effect ->> '$.message', effect ->> '$.resource', effect ->> '$.note', '') AS message,
       effect ->> '$.approval.answer' AS behind FROM outbox WHERE id = ?`,
    id,
  ); // prettier-ignore
  if (row === undefined) return { about: {}, body: null, failing: null, related: [] };
  const { workflow, kind, weight, attempt, retries, failures, written_at, message, behind } = row;
  const body = row.bytes === null ? null : Buffer.from(row.bytes);
  const waiting = deliveries(
    db,
    "case_id = ? AND lane = ? AND id > ? AND state IN ('waiting', 'leased', 'held')",
    item.caseId ?? '',
    row.lane ?? '',
    id,
  );
  const later = db.get<{ id: number }>(
    "SELECT id FROM outbox WHERE case_id = ? AND lane = ? AND id > ? AND state = 'delivered' AND destination IS NOT NULL LIMIT 1",
    ...[item.caseId ?? '', row.lane ?? '', id],
  );
  const about = {
    kind,
    weight,
    attempts: attempt,
    failures: failures === '{}' ? null : failures,
    retries,
    writtenAt: written_at,
    bytes: body?.length ?? null,
    overtakenBy: later === undefined ? null : `o${later.id}`,
  };
  return { about, body, failing: { workflow, kind, message: message ?? '', behind }, related: waiting };
}

function caseDetail(db: Database, caseId: string): Pick<QueueDetail, 'about' | 'related'> {
  const found = db.get<{ version: number; workflow: string; reason: string | null; status: string | null; urgency: string | null }>(
    `SELECT c.version, c.workflow, p.reason, r.row ->> '$.status' AS status, r.row ->> '$.urgency' AS urgency
     FROM cases AS c LEFT JOIN parked AS p ON p.case_id = c.case_id LEFT JOIN rows AS r ON r.case_id = c.case_id WHERE c.case_id = ?`,
    caseId,
  );
  const holds = db.all<{ hash: string }>(
    "SELECT fact ->> '$.rawHash' AS hash FROM facts WHERE case_id = ? AND type IN ('messageHeld', 'changedBeforeOrder')",
    caseId,
  );
  const doors = db.all<{ door: string | null }>("SELECT DISTINCT actor ->> '$.endpoint' AS door FROM audit WHERE case_id = ?", caseId);
  const related = [
    ...holds.flatMap(({ hash }) =>
      messageOf(
        db,
        doors.flatMap(({ door }) => door ?? []),
        hash,
      ),
    ),
    ...events(db, 'e.case_id = ?', caseId),
    ...deliveries(db, "case_id = ? AND state IN ('waiting', 'leased', 'held')", caseId),
  ];
  const { version = null, workflow = null, reason = null, status = null, urgency = null } = found ?? {};
  return { about: { workflow, status, urgency, facts: version, parkedBecause: reason }, related };
}

/** The message that brought an event or a fact: both name its hash, and with the door it came in by that is its identity. */
function messageOf(db: Database, doors: readonly string[], named: string): QueueItem[] {
  const hash = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/u.exec(named)?.[0];
  if (hash === undefined) return [];
  return doors.flatMap((door) => messages(db, 'identity = ?', 1, `${door}:${hash}`));
}

export function bulkOf(db: Database, id: number): Bulk | null {
  const row = db.get<Omit<Bulk, 'items'> & { items: string }>('SELECT id, act, items, by, reason, at, until, state FROM bulk WHERE id = ?', id);
  return row === undefined ? null : { ...row, items: JSON.parse(row.items) as string[] };
}
