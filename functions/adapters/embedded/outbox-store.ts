import type { FailureCode } from '#core/delivery.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import { addSeconds } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Claim, OutboxItem, OutboxShare, OutboxStore } from '#ports/outbox-store.js';
import { appendAudit } from './audit-rows.ts';
import { conversationHash, conversationIn, openBytes, openEffect, openReceipt, sealBytes, sealReceipt } from './case-pieces.ts';
import type { Database } from './database.ts';
import { givenBack } from './given-back.ts';
import { nextReady, readyOf, waiting } from './outbox-ready.ts';
import { readable } from './readable.ts';
import { keyedHash } from './surroundings.ts';

interface Row {
  readonly id: number;
  readonly case_id: CaseId;
  readonly workflow: string;
  readonly number: CaseNumber;
  readonly key: string;
  readonly effect: Uint8Array;
  readonly attempt: number;
  readonly crashes: number;
  readonly failures: string;
  readonly bytes: Uint8Array | null;
  readonly written_at: Instant;
  readonly awaits: string | null;
  readonly retries: number;
}

const COLUMNS = 'id, case_id, workflow, number, key, effect, attempt, crashes, failures, bytes, written_at, awaits, retries';

export function outboxStore(db: Database): OutboxStore {
  const claiming = givenBack<OutboxItem>(db, 'outbox', (item) => item);
  return {
    claim: (now, leaseSeconds, most, share) => claiming(() => claim(db, now, leaseSeconds, most, share)),
    async stillHeld({ id, attempt }, now) {
      // What is about to leave was made of what the store says: that must not be undone by a power loss.
      await db.settled();
      return db.get(`SELECT 1 FROM outbox WHERE ${OURS} AND lease_until > ?`, id, attempt, now) !== undefined;
    },
    keepBytes: ({ id, attempt }, bytes) =>
      ofRow(
        db,
        id,
        (row) => db.run(`UPDATE outbox SET bytes = coalesce(bytes, ?) WHERE ${OURS}`, sealBytes(db, row, bytes), id, attempt).changes > 0,
      ),
    delivered: (claimed, receipt, at) => finish(db, claimed, 'delivered', { receipt: JSON.stringify(receipt), at }),
    tryAgain: ({ id, attempt }, code, failures, at) =>
      changes(
        db,
        `UPDATE outbox SET state = 'waiting', ${UNOWNED}, code = ?, failures = ?, due = ? WHERE ${OURS}`,
        ...[code, JSON.stringify(failures), at, id, attempt],
      ),
    awaitAnswer: ({ id, attempt }, controlId, receipt, until) =>
      ofRow(db, id, (row) => {
        const { sealed, hash } = sealReceipt(db, row, JSON.stringify(receipt));
        const sql = `UPDATE outbox SET state = 'waiting', ${UNOWNED}, awaits = ?, receipt = ?, receipt_hash = ?, due = ? WHERE ${OURS}`;
        return db.run(sql, controlId, sealed, hash, until, id, attempt).changes > 0;
      }),
    awaiting(destinations, controlId) {
      const rows = db.all<Row & { readonly destination: string }>(
        `SELECT ${COLUMNS}, destination FROM outbox WHERE awaits = ? AND state = 'waiting' ORDER BY id`,
        controlId,
      );
      const row = rows.find(({ destination }) => destinations.includes(destination));
      return Promise.resolve(row === undefined ? null : itemOf(db, row));
    },
    hold: (claimed, code, detail, at) => finish(db, claimed, 'held', { code, detail, at }),
    overtaken(id) {
      const later = db.get(
        "SELECT 1 FROM outbox AS o JOIN outbox AS later ON later.case_id = o.case_id AND later.lane = o.lane AND later.id > o.id WHERE o.id = ? AND later.state = 'waiting' LIMIT 1",
        id,
      );
      return Promise.resolve(later !== undefined);
    },
    outcome(caseId, key) {
      const row = db.get<{ state: string; receipt: Uint8Array | null }>(
        'SELECT state, receipt FROM outbox WHERE key = ? AND case_id = ?',
        key,
        caseId,
      );
      if (row?.state === 'waiting' || row?.state === 'leased') return Promise.resolve('open');
      const receipt = row?.state === 'delivered' ? row.receipt : null;
      return Promise.resolve(receipt === null ? null : { receipt: openReceipt(db, { case_id: caseId, key, receipt }) });
    },
    nextDue: (share) => Promise.resolve(nextReady(db, share)),
    waiting: (most, share) => waiting(db, most, share),
  };
}

function claim(db: Database, now: Instant, leaseSeconds: number, most: number, share?: OutboxShare): OutboxItem[] {
  const rows = readyOf(db, now, most, share).flatMap(
    ({ id }) => db.get<Row>(`SELECT ${COLUMNS.replace('crashes', "crashes + (state = 'leased') AS crashes")} FROM outbox WHERE id = ?`, id) ?? [],
  );
  const until = addSeconds(now, leaseSeconds);
  for (const { id, crashes } of rows)
    db.run(
      "UPDATE outbox SET state = 'leased', attempt = attempt + 1, crashes = ?, lease_until = ?, owner = ? WHERE id = ?",
      ...[crashes, until, db.instance, id],
    );
  return rows.flatMap((row) => {
    const item = readable(() => itemOf(db, { ...row, attempt: row.attempt + 1 }));
    if (item.ok) return item.value;
    const code: FailureCode = 'cannot-be-written';
    db.run(
      `UPDATE outbox SET state = 'held', ${UNOWNED}, awaits = NULL, code = ?, detail = ?, done_at = ? WHERE id = ?`,
      code,
      item.why,
      now,
      row.id,
    );
    const actor = { kind: 'system', part: 'outbox' } as const;
    appendAudit(db, {
      caseId: row.case_id,
      at: now,
      actor,
      action: 'delivery-held',
      outcome: 'done',
      detail: { item: `o${row.id}`, reason: item.why },
    });
    return [];
  });
}

/** The claim is the last one that was given, and its work is not ended. */
const OURS = "id = ? AND attempt = ? AND state = 'leased'";
const UNOWNED = 'lease_until = NULL, owner = NULL';

function changes(db: Database, sql: string, ...values: (string | number | Uint8Array | null)[]): Promise<boolean> {
  return db.write(() => db.run(sql, ...values).changes > 0);
}

function itemOf(db: Database, row: Row): OutboxItem {
  return {
    id: String(row.id),
    workflow: row.workflow,
    caseId: row.case_id,
    caseNumber: row.number,
    effect: openEffect(db, row),
    writtenAt: row.written_at,
    attempt: row.attempt,
    crashes: row.crashes,
    failures: JSON.parse(row.failures) as Record<string, number>,
    bytes: openBytes(db, row),
    awaited: row.awaits !== null,
    retries: row.retries,
  };
}

interface Outcome {
  readonly receipt?: string;
  readonly code?: string;
  readonly detail?: string;
  readonly at: Instant;
}

/** What was withdrawn meanwhile stays withdrawn; what has ended otherwise, or is somebody else's by now, stays as it is. */
function finish(db: Database, { id, attempt }: Claim, state: 'delivered' | 'held', outcome: Outcome): Promise<boolean> {
  const { receipt = null, code = null, detail = null, at } = outcome;
  const ours = state === 'delivered' ? '(attempt = ? OR awaits IS NOT NULL)' : 'attempt = ?';
  return ofRow(db, id, (row) => {
    const kept = receipt === null ? null : sealReceipt(db, row, receipt);
    const conversation = receipt === null || row.kind !== 'showCard' ? null : conversationIn(receipt);
    const { changes } = db.run(
      `UPDATE outbox SET state = CASE state WHEN 'withdrawn' THEN state ELSE ? END, ${UNOWNED}, awaits = NULL, receipt = coalesce(?, receipt),
         receipt_hash = coalesce(?, receipt_hash), conversation = coalesce(?, conversation), code = ?, detail = ?, done_at = ?
       WHERE id = ? AND ${ours} AND state IN ('waiting', 'leased', 'withdrawn')`,
      ...[state, kept?.sealed ?? null, kept?.hash ?? null, conversation === null ? null : conversationHash(keyedHash(db.secret), conversation)],
      ...[code, detail, at, id, attempt],
    );
    return changes > 0;
  });
}

/** In a transaction; false when there is no such delivery. */
function ofRow(
  db: Database,
  id: string,
  work: (row: { readonly case_id: CaseId; readonly key: string; readonly kind: string }) => boolean,
): Promise<boolean> {
  return db.write(() => {
    const row = db.get<{ case_id: CaseId; key: string; kind: string }>('SELECT case_id, key, kind FROM outbox WHERE id = ?', id);
    return row !== undefined && work(row);
  });
}
