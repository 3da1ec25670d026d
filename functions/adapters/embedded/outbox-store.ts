import { setImmediate as immediate } from 'node:timers/promises';
import type { FailureCode } from '#core/delivery.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import { addSeconds } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Claim, OutboxItem, OutboxShare, OutboxStore } from '#ports/outbox-store.js';
import { appendAudit } from './audit-rows.ts';
import { conversationHash, conversationIn, openBytes, openEffect, sealBytes, sealReceipt } from './case-pieces.ts';
import type { Database } from './database.ts';
import { givenBack } from './given-back.ts';
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
    nextDue(share) {
      const { sql, values } = only(share);
      const found = db.get<{ due: Instant | null }>(
        `SELECT min(coalesce(lease_until, due)) AS due FROM outbox AS o WHERE ${FREE} AND ${sql}`,
        ...values,
      );
      return Promise.resolve(found?.due ?? null);
    },
    waiting: (most, share) => waiting(db, most, share),
  };
}

/**
 * The head of each lane, unless something of that lane is under way or held, or its case is parked. Advice that was refused, or that its receiver has and whose
 * application's answer is awaited, holds nothing (ADR 0013).
 */
const FREE = `state IN ('waiting', 'leased')
  AND (lane IS NULL OR NOT EXISTS (SELECT 1 FROM outbox AS earlier WHERE earlier.case_id = o.case_id AND earlier.lane = o.lane AND earlier.id < o.id
    AND earlier.state IN ('waiting', 'leased', 'held') AND (earlier.weight = 'commit' OR (earlier.state <> 'held' AND earlier.awaits IS NULL))))
  AND NOT EXISTS (SELECT 1 FROM parked WHERE parked.case_id = o.case_id)`;

function claim(db: Database, now: Instant, leaseSeconds: number, most: number, share?: OutboxShare): OutboxItem[] {
  const { sql, values } = only(share);
  const rows = db.all<Row>(
    `SELECT ${COLUMNS.replace('crashes', "crashes + (state = 'leased') AS crashes")} FROM outbox AS o WHERE coalesce(lease_until, due) <= ? AND ${FREE} AND ${sql} ORDER BY due, id LIMIT ?`,
    ...[now, ...values, most],
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

/** Rows that are looked at in one step of a count: some milliseconds, in which nothing else is done. */
const COUNTED_AT_ONCE = 1000;

/** Counted step by step in the order of their due times, with others' work between: most of what is there may be of no share that counts. */
async function waiting(db: Database, most: number, share: OutboxShare): Promise<number> {
  const { sql, values } = only(share);
  const step = (where: string, order: string, most: number, ...from: readonly (string | number)[]) =>
    db.all<{ readonly due: Instant; readonly id: number; readonly counts: number }>(
      `SELECT due, id, CASE WHEN awaits IS NULL AND ${sql} THEN ${FREE} ELSE FALSE END AS counts FROM outbox AS o INDEXED BY outbox_open
       WHERE state IN ('waiting', 'leased') AND ${where} ORDER BY ${order} LIMIT ?`,
      ...[...values, ...from, most],
    );
  let count = 0;
  for (let from: { readonly due: string; readonly id: number } | undefined = { due: '', id: 0 }; from !== undefined && count < most;) {
    // Of one due time there may be any number.
    const rows = step('due = ? AND id > ?', 'id', COUNTED_AT_ONCE, from.due, from.id);
    if (rows.length < COUNTED_AT_ONCE) rows.push(...step('due > ?', 'due, id', COUNTED_AT_ONCE - rows.length, from.due));
    count += rows.reduce((sum, { counts }) => sum + counts, 0);
    from = rows.length < COUNTED_AT_ONCE ? undefined : rows.at(-1);
    await immediate();
  }
  return Math.min(count, most);
}

/** The claim is the last one that was given, and its work is not ended. */
const OURS = "id = ? AND attempt = ? AND state = 'leased'";
const UNOWNED = 'lease_until = NULL, owner = NULL';

function changes(db: Database, sql: string, ...values: (string | number | Uint8Array | null)[]): Promise<boolean> {
  return db.write(() => db.run(sql, ...values).changes > 0);
}

function only(share?: OutboxShare): { readonly sql: string; readonly values: readonly string[] } {
  if (share === undefined) return { sql: 'TRUE', values: [] };
  if ('destination' in share) return { sql: 'destination = ?', values: [share.destination] };
  if ('kinds' in share) return { sql: 'kind IN (SELECT value FROM json_each(?))', values: [JSON.stringify(share.kinds)] };
  const sql = 'kind NOT IN (SELECT value FROM json_each(?)) AND (destination IS NULL OR destination NOT IN (SELECT value FROM json_each(?)))';
  return { sql, values: [JSON.stringify(share.notKinds), JSON.stringify(share.notDestinations)] };
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
