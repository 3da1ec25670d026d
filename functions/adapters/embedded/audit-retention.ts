import { createHash } from 'node:crypto';
import type { Instant } from '#core/time.js';
import { purgeBytes } from '#adapters/audit-chain/checkpoint.js';
import { EMPTIED } from '#adapters/audit-chain/row.js';
import { signed } from '#adapters/audit-chain/signature.js';
import type { Signs } from '#adapters/audit-chain/signature.js';
import { appendAudit, lastCheckpoint } from './audit-rows.ts';
import type { Database } from './database.ts';
import type { Steps } from './old-messages.ts';

/** Rows that one purge empties at most: it holds the store for a moment. */
const MOST_ROWS = 10_000;

interface AuditPurge {
  /** Rows of before this time lose their content. */
  readonly before: Instant;
  readonly at: Instant;
  /** Cases under legal hold keep theirs. */
  readonly held: readonly string[];
}

/** Cases under legal hold. */
export function heldCases(db: Database): readonly string[] {
  return db.all<{ case_id: string }>('SELECT case_id FROM cases WHERE hold IS NOT NULL').map(({ case_id }) => case_id);
}

/**
 * Rows stand in the order in which they were written: one whose time is over, behind one whose time is not, was written under a clock that was behind, and stays.
 * ?1: they are joined up to there; ?2: before; ?3: now; ?4: held.
 */
const DUE = `at < ?2 AND purged IS NULL AND case_id NOT IN (SELECT value FROM json_each(?4)) AND seq <= min(?1, coalesce((
  SELECT young.seq FROM audit AS young INDEXED BY audit_kept WHERE young.purged IS NULL AND young.at BETWEEN ?2 AND ?3 ORDER BY young.seq LIMIT 1) - 1, ?1))`;
/** By the index of what is not purged: years of rows that are empty already are not walked each hour. */
const KEPT_ROWS = 'audit INDEXED BY audit_kept';

/** Rows that are looked at in one go. */
const COUNTED = 5000;

/** How many rows would lose their content. */
export async function countAudit({ db, now, stop }: Steps, before: Instant): Promise<number> {
  const upto = lastCheckpoint(db)?.upto ?? 0;
  const held = JSON.stringify(heldCases(db));
  let rows = 0;
  for (let from = 0; from < upto; from += COUNTED) {
    stop?.throwIfAborted();
    const page = `SELECT count(*) AS n FROM ${KEPT_ROWS} WHERE seq > ?5 AND seq <= ?5 + ${COUNTED} AND ${DUE}`;
    rows += db.get<{ n: number }>(page, upto, before, now, held, from)?.n ?? 0;
    await new Promise((resume) => setImmediate(resume));
  }
  return rows;
}

/**
 * Takes the content out of rows whose retention is over. Their hashes stay, so that the chain holds, and a signed purge says which rows they were; the purge is a row
 * itself. Only what a signed checkpoint has joined is taken. Gives the number of rows; 0: nothing is due, or another process is at it, or a case of them has come
 * under legal hold meanwhile.
 */
export async function purgeAudit(db: Database, key: Signs, { before, at, held }: AuditPurge): Promise<number> {
  const sealed = lastCheckpoint(db);
  if (sealed?.signed == null) return 0;
  // First the id, then the rows: whichever purge of another process comes between, or later, has this id, and this one gives way to it.
  const id = (db.get<{ id: number | null }>('SELECT max(id) AS id FROM purges')?.id ?? 0) + 1;
  const due = db.all<{ seq: number; case_id: string; hash: string }>(
    `SELECT seq, case_id, hash FROM ${KEPT_ROWS} WHERE ${DUE} ORDER BY seq LIMIT ?5`,
    ...[sealed.upto, before, at, JSON.stringify(held), MOST_ROWS],
  );
  const end = due.at(-1);
  if (end === undefined) return 0;
  const digest = createHash('sha256');
  for (const { hash } of due) digest.update(hash);
  const purge = { id, at, before, upto: end.seq, rows: due.length, digest: digest.digest('hex') };
  const by = await signed(key, purgeBytes(purge));
  return db.write(() => {
    if (db.get('SELECT 1 FROM purges WHERE id = ?', id) !== undefined) return 0;
    const newlyHeld = heldCases(db).filter((caseId) => !held.includes(caseId));
    if (newlyHeld.some((caseId) => db.get('SELECT 1 FROM audit WHERE case_id = ? AND seq <= ? LIMIT 1', caseId, end.seq) !== undefined)) return 0;
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
    for (const caseId of new Set(due.map(({ case_id }) => case_id)))
      db.run(
        `DELETE FROM shown WHERE case_id = ? AND NOT EXISTS (
           SELECT 1 FROM audit a WHERE a.case_id = shown.case_id AND action = 'view' AND outcome = 'done' AND actor ->> '$.person' = person AND detail ->> '$.revision' = revision)`,
        caseId,
      );
    appendAudit(db, {
      ...{ caseId: null, at, actor: { kind: 'system', part: 'retention' }, action: 'audit-purged', outcome: 'done' },
      detail: { before, rows: due.length, purge: id },
    });
    return due.length;
  });
}
