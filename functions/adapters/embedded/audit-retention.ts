import { createHash } from 'node:crypto';
import type { Instant } from '#core/time.js';
import { purgeBytes } from '#adapters/audit-chain/checkpoint.js';
import { EMPTIED } from '#adapters/audit-chain/row.js';
import { signed } from '#adapters/audit-chain/signature.js';
import type { Signs } from '#adapters/audit-chain/signature.js';
import { appendAudit, lastCheckpoint } from './audit-rows.ts';
import type { Database } from './database.ts';

/** Rows that one purge empties at most: it holds the store for a moment. */
const MOST_ROWS = 10_000;

interface AuditPurge {
  /** Rows of before this time lose their content. */
  readonly before: Instant;
  readonly at: Instant;
  /** Cases under legal hold keep theirs. */
  readonly held: readonly string[];
}

/**
 * Takes the content out of rows whose retention is over. Their hashes stay, so that the chain holds, and a signed purge says which rows they were; the purge is a row
 * itself. Only what a signed checkpoint has joined is taken. Gives the number of rows; 0: nothing is due.
 */
export async function purgeAudit(db: Database, key: Signs, { before, at, held }: AuditPurge): Promise<number> {
  const sealed = lastCheckpoint(db);
  if (sealed?.signed == null) return 0;
  const due = db.all<{ seq: number; hash: string }>(
    `SELECT seq, hash FROM audit WHERE seq <= ? AND purged IS NULL AND at < ? AND case_id NOT IN (SELECT value FROM json_each(?)) ORDER BY seq LIMIT ?`,
    ...[sealed.upto, before, JSON.stringify(held), MOST_ROWS],
  );
  const end = due.at(-1);
  if (end === undefined) return 0;
  const digest = createHash('sha256');
  for (const { hash } of due) digest.update(hash);
  const id = (db.get<{ id: number | null }>('SELECT max(id) AS id FROM purges')?.id ?? 0) + 1;
  const purge = { id, at, before, upto: end.seq, rows: due.length, digest: digest.digest('hex') };
  const by = await signed(key, purgeBytes(purge));
  await db.write(() => {
    // Another instance that took the same id meanwhile makes this fail, and nothing of it is written.
    db.run(
      'INSERT INTO purges (id, at, before, upto, rows, digest, key_version, algorithm, signature) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ...[id, at, before, purge.upto, purge.rows, purge.digest, by.keyVersion, by.algorithm, by.signature],
    );
    const { at: none, actor, action, outcome, detail } = EMPTIED;
    for (const { seq } of due)
      db.run(
        'UPDATE audit SET at = ?, actor = ?, action = ?, outcome = ?, detail = ?, purged = ? WHERE seq = ?',
        ...[none, actor, action, outcome, detail, id, seq],
      );
    // What somebody was shown then counts no more: nothing is left that says so.
    db.run(
      `DELETE FROM shown WHERE case_id IN (SELECT case_id FROM audit WHERE purged = ?) AND NOT EXISTS (
         SELECT 1 FROM audit a WHERE a.case_id = shown.case_id AND action = 'view' AND outcome = 'done' AND actor ->> '$.person' = person AND detail ->> '$.revision' = revision)`,
      id,
    );
    appendAudit(db, {
      ...{ caseId: null, at, actor: { kind: 'system', part: 'retention' }, action: 'audit-purged', outcome: 'done' },
      detail: { before, rows: due.length, purge: id },
    });
  });
  return due.length;
}
