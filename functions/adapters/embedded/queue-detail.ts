import { namesOf } from '#core/effect.js';
import type { Bulk, QueueDetail, QueueItem } from '#ports/queue.js';
import type { CaseId, EventId } from '#core/ids.js';
import { openBytes, openEffect, openEvent, openFact } from './case-pieces.ts';
import type { Database } from './database.ts';
import { deliveries, events, itemById, messages, partsOf } from './queue-rows.ts';
import { hexOf, pieceOf } from './raw-piece.ts';
import { ifReadable } from './readable.ts';

/** An item with what it has to do with. */
export function detailOf(db: Database, item: QueueItem | null): QueueDetail | null {
  if (item === null) return null;
  const { kind, key } = partsOf(item.id);
  const plain: QueueDetail = { ...item, about: {}, body: null, failing: null, related: [] };
  switch (kind) {
    case 'delivery':
      return { ...plain, ...deliveryDetail(db, item, Number(key)) };
    case 'event': {
      const row = db.get<{ case_id: CaseId; event_id: EventId; attempt: number; body: Uint8Array }>(
        'SELECT case_id, event_id, attempt, body FROM events WHERE id = ?',
        key,
      );
      const event = row === undefined ? null : ifReadable(() => openEvent(db, row));
      const waiting = events(db, 'e.case_id = ? AND e.id > ?', item.caseId ?? '', key);
      const raw = messageOf(db, item.caseId ?? '', row?.event_id ?? '');
      return {
        ...plain,
        about: { event: row?.event_id ?? null, attempts: row?.attempt ?? null, occurredAt: event?.occurredAt ?? null },
        related: [...raw, ...waiting],
      };
    }
    case 'message':
    case 'answer': {
      const row = db.get<{ named: string | null; hash: Uint8Array; length: number; control_id: string | null; sender: string }>(
        'SELECT named, hash, length, control_id, sender FROM raw WHERE id = ?',
        key,
      );
      if (row === undefined) return plain;
      const about = { sha256: hexOf(row.hash), bytes: row.length, controlId: row.control_id, sender: row.sender, keptAs: howKept(row.named) };
      const piece = ifReadable(() => pieceOf(db, key));
      return {
        ...plain,
        about,
        body: (kind === 'message' ? piece?.bytes : piece?.answers.application) ?? null,
        related: kind === 'answer' ? messages(db, 'id = ?', 1, key) : [],
      };
    }
    case 'arrival': {
      const row = db.get<{ raw_id: number; matched_by: string | null }>('SELECT raw_id, matched_by FROM arrivals WHERE id = ?', key);
      return { ...plain, about: { matchedBy: row?.matched_by ?? null }, related: row === undefined ? [] : messages(db, 'id = ?', 1, row.raw_id) };
    }
    case 'case':
      return item.caseId === null ? plain : { ...plain, ...caseDetail(db, item.caseId) };
    case 'bulk': {
      const bulk = bulkOf(db, String(key));
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
function howKept(named: string | null): string {
  return /:(turned-away|noise):[0-9a-f]+$/u.exec(named ?? '')?.[1] ?? 'message';
}

function deliveryDetail(db: Database, item: QueueItem, id: number): Pick<QueueDetail, 'about' | 'body' | 'failing' | 'related'> {
  const row = db.get<{
    case_id: CaseId; workflow: string; kind: string; key: string; lane: string | null; weight: string; attempt: number; retries: number; failures: string;
    bytes: Uint8Array | null; written_at: string; effect: Uint8Array;
  }>(
    'SELECT case_id, workflow, kind, key, lane, weight, attempt, retries, failures, bytes, written_at, effect FROM outbox WHERE id = ?',
    id,
  ); // prettier-ignore
  if (row === undefined) return { about: {}, body: null, failing: null, related: [] };
  const { workflow, kind, weight, attempt, retries, failures, written_at } = row;
  const body = ifReadable(() => openBytes(db, row));
  const effect = ifReadable(() => openEffect(db, row));
  const behind = effect?.weight === 'commit' ? effect.approval.answer : null;
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
  // What it was can't be told of one that can't be read.
  const failing = effect === null ? null : { workflow, kind, message: namesOf(effect).message ?? '', behind };
  return { about, body, failing, related: waiting };
}

function caseDetail(db: Database, caseId: CaseId): Pick<QueueDetail, 'about' | 'related'> {
  const found = db.get<{ version: number; workflow: string; reason: string | null; status: string | null; urgency: string | null }>(
    `SELECT c.version, c.workflow, p.reason, r.row ->> '$.status' AS status, r.row ->> '$.urgency' AS urgency
     FROM cases AS c LEFT JOIN parked AS p ON p.case_id = c.case_id LEFT JOIN rows AS r ON r.case_id = c.case_id WHERE c.case_id = ?`,
    caseId,
  );
  const holds = db.all<{ seq: number; fact: Uint8Array }>(
    "SELECT seq, fact FROM facts WHERE case_id = ? AND type IN ('messageHeld', 'changedBeforeOrder')",
    caseId,
  );
  const related = [
    ...holds.flatMap(({ seq, fact }) => messageOf(db, caseId, rawHashIn(ifReadable(() => openFact(db, caseId, seq, fact))))),
    ...events(db, 'e.case_id = ?', caseId),
    ...deliveries(db, "case_id = ? AND state IN ('waiting', 'leased', 'held')", caseId),
  ];
  const { version = null, workflow = null, reason = null, status = null, urgency = null } = found ?? {};
  return { about: { workflow, status, urgency, facts: version, parkedBecause: reason }, related };
}

function rawHashIn(fact: unknown): string {
  return typeof fact === 'object' && fact !== null && 'rawHash' in fact && typeof fact.rawHash === 'string' ? fact.rawHash : '';
}

/** The message that brought an event or a fact to this case: both name its hash. */
function messageOf(db: Database, caseId: string, named: string): QueueItem[] {
  const hash = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/u.exec(named)?.[0];
  if (hash === undefined) return [];
  return messages(db, 'id IN (SELECT raw_id FROM raw_cases WHERE case_id = ?) AND hash = ?', 1, caseId, Buffer.from(hash, 'hex'));
}

export function bulkOf(db: Database, id: string): Bulk | null {
  const row = db.get<Omit<Bulk, 'items'> & { items: string }>(
    'SELECT CAST(id AS TEXT) AS id, act, items, by, reason, at, until, state FROM bulk WHERE id = ?',
    id,
  );
  return row === undefined ? null : { ...row, items: JSON.parse(row.items) as string[] };
}
