import { effect as effectSchema } from '#core/effect.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import { addSeconds } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { OutboxItem, OutboxShare, OutboxStore } from '#ports/outbox-store.js';
import type { Database } from './database.ts';

interface Row {
  readonly id: number;
  readonly case_id: CaseId;
  readonly workflow: string;
  readonly number: CaseNumber;
  readonly effect: string;
  readonly attempt: number;
  readonly failures: string;
  readonly bytes: Uint8Array | null;
  readonly written_at: Instant;
  readonly awaits: string | null;
  readonly retries: number;
}

const COLUMNS = 'id, case_id, workflow, number, effect, attempt, failures, bytes, written_at, awaits, retries';

export function outboxStore(db: Database): OutboxStore {
  return {
    claim: (now, leaseSeconds, most, share) => db.write(() => claim(db, now, leaseSeconds, most, share)),
    async keepBytes(id, bytes) {
      await db.write(() => db.run('UPDATE outbox SET bytes = ? WHERE id = ? AND bytes IS NULL', bytes, id));
    },
    async delivered(id, receipt, at) {
      await finish(db, id, 'delivered', { receipt: JSON.stringify(receipt), at });
    },
    async tryAgain(id, code, failures, at) {
      await db.write(() =>
        db.run(
          "UPDATE outbox SET state = 'waiting', lease_until = NULL, code = ?, failures = ?, due = ? WHERE id = ? AND state = 'leased'",
          code,
          JSON.stringify(failures),
          at,
          id,
        ),
      );
    },
    async awaitAnswer(id, controlId, receipt, until) {
      await db.write(() =>
        db.run(
          "UPDATE outbox SET state = 'waiting', lease_until = NULL, awaits = ?, receipt = ?, due = ? WHERE id = ? AND state = 'leased'",
          ...[controlId, JSON.stringify(receipt), until, id],
        ),
      );
    },
    awaiting(destinations, controlId) {
      const rows = db.all<Row & { readonly destination: string }>(
        `SELECT ${COLUMNS}, destination FROM outbox WHERE awaits = ? AND state = 'waiting' ORDER BY id`,
        controlId,
      );
      const row = rows.find(({ destination }) => destinations.includes(destination));
      return Promise.resolve(row === undefined ? null : itemOf(row, row.attempt));
    },
    async hold(id, code, detail, at) {
      await finish(db, id, 'held', { code, detail, at });
    },
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
    `SELECT ${COLUMNS} FROM outbox AS o WHERE coalesce(lease_until, due) <= ? AND ${FREE} AND ${sql} ORDER BY due, id LIMIT ?`,
    ...[now, ...values, most],
  );
  const until = addSeconds(now, leaseSeconds);
  for (const { id } of rows) db.run("UPDATE outbox SET state = 'leased', attempt = attempt + 1, lease_until = ? WHERE id = ?", until, id);
  return rows.map((row) => itemOf(row, row.attempt + 1));
}

function only(share?: OutboxShare): { readonly sql: string; readonly values: readonly string[] } {
  if (share === undefined) return { sql: 'TRUE', values: [] };
  if ('destination' in share) return { sql: 'destination = ?', values: [share.destination] };
  if ('kinds' in share) return { sql: 'kind IN (SELECT value FROM json_each(?))', values: [JSON.stringify(share.kinds)] };
  const sql = 'kind NOT IN (SELECT value FROM json_each(?)) AND (destination IS NULL OR destination NOT IN (SELECT value FROM json_each(?)))';
  return { sql, values: [JSON.stringify(share.notKinds), JSON.stringify(share.notDestinations)] };
}

function itemOf(row: Row, attempt: number): OutboxItem {
  return {
    id: row.id,
    workflow: row.workflow,
    caseId: row.case_id,
    caseNumber: row.number,
    effect: effectSchema.parse(JSON.parse(row.effect)),
    writtenAt: row.written_at,
    attempt,
    failures: JSON.parse(row.failures) as Record<string, number>,
    bytes: row.bytes === null ? null : Buffer.from(row.bytes),
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

/** What was withdrawn meanwhile stays withdrawn; what has ended otherwise stays as it ended. */
async function finish(db: Database, id: number, state: 'delivered' | 'held', outcome: Outcome): Promise<void> {
  const { receipt = null, code = null, detail = null, at } = outcome;
  await db.write(() => {
    db.run(
      `UPDATE outbox SET state = CASE state WHEN 'withdrawn' THEN state ELSE ? END, lease_until = NULL, awaits = NULL, receipt = coalesce(?, receipt), code = ?, detail = ?, done_at = ? WHERE id = ? AND state IN ('waiting', 'leased', 'withdrawn')`,
      ...[state, receipt, code, detail, at, id],
    );
  });
}
