import { effect as effectSchema } from '#core/effect.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import { addSeconds } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { OutboxItem, OutboxStore } from '#ports/outbox-store.js';
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
}

export function outboxStore(db: Database): OutboxStore {
  return {
    claim: (now, leaseSeconds, most) => db.write(() => claim(db, now, leaseSeconds, most)),
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
    nextDue() {
      const found = db.get<{ due: Instant | null }>("SELECT min(coalesce(lease_until, due)) AS due FROM outbox WHERE state IN ('waiting', 'leased')");
      return Promise.resolve(found?.due ?? null);
    },
  };
}

/** The head of each lane, unless something of that lane is under way or held. Refused advice is history and holds nothing. */
function claim(db: Database, now: Instant, leaseSeconds: number, most: number): OutboxItem[] {
  const rows = db.all<Row>(
    `SELECT id, case_id, workflow, number, effect, attempt, failures, bytes, written_at FROM outbox AS o
     WHERE state IN ('waiting', 'leased') AND coalesce(lease_until, due) <= ?
       AND (lane IS NULL OR NOT EXISTS (SELECT 1 FROM outbox AS earlier WHERE earlier.case_id = o.case_id AND earlier.lane = o.lane AND earlier.id < o.id
         AND (earlier.state IN ('waiting', 'leased') OR (earlier.state = 'held' AND earlier.weight = 'commit'))))
     ORDER BY due, id LIMIT ?`,
    now,
    most,
  );
  const until = addSeconds(now, leaseSeconds);
  for (const { id } of rows) db.run("UPDATE outbox SET state = 'leased', attempt = attempt + 1, lease_until = ? WHERE id = ?", until, id);
  return rows.map((row) => ({
    id: row.id,
    workflow: row.workflow,
    caseId: row.case_id,
    caseNumber: row.number,
    effect: effectSchema.parse(JSON.parse(row.effect)),
    writtenAt: row.written_at,
    attempt: row.attempt + 1,
    failures: JSON.parse(row.failures) as Record<string, number>,
    bytes: row.bytes === null ? null : Buffer.from(row.bytes),
  }));
}

interface Outcome {
  readonly receipt?: string;
  readonly code?: string;
  readonly detail?: string;
  readonly at: Instant;
}

/** What was withdrawn meanwhile stays withdrawn. */
async function finish(db: Database, id: number, state: 'delivered' | 'held', outcome: Outcome): Promise<void> {
  const { receipt = null, code = null, detail = null, at } = outcome;
  await db.write(() => {
    db.run(
      `UPDATE outbox SET state = CASE state WHEN 'withdrawn' THEN state ELSE ? END, lease_until = NULL, receipt = ?, code = ?, detail = ?, done_at = ? WHERE id = ?`,
      ...[state, receipt, code, detail, at, id],
    );
  });
}
