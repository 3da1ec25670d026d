import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Actor } from '#core/event.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { AuditEntry } from '#ports/audit-store.js';
import type { NotShredded } from '#ports/custody.js';
import { appendAudit } from './audit-rows.ts';
import type { Database } from './database.ts';
import { copyAllAnew } from './log-index.ts';
import { forgetPatients } from './patients.ts';
import { SEALED_COLUMNS, placeOf, scopeOf } from './raw-piece.ts';
import type { SealedRow } from './raw-piece.ts';
import { readable } from './readable.ts';
import { ofCase } from './sealing.ts';

/** Who did it, and what else its audit row says. */
interface By {
  readonly actor: Actor;
  readonly at: Instant;
  readonly detail?: AuditEntry['detail'];
}

/** Ended: nobody is expected to act, nothing waits to be told or sent, nothing is held for a person. `c` is the case. */
export const ENDED = `NOT EXISTS (SELECT 1 FROM rows WHERE rows.case_id = c.case_id AND open = 1)
  AND NOT EXISTS (SELECT 1 FROM events WHERE events.case_id = c.case_id)
  AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.case_id = c.case_id AND state IN ('waiting', 'leased', 'held'))
  AND NOT EXISTS (SELECT 1 FROM deadlines WHERE deadlines.case_id = c.case_id)
  AND NOT EXISTS (SELECT 1 FROM parked WHERE parked.case_id = c.case_id)`;

/**
 * Drops the data key of a case, the keyed hashes that it was found by, the messages that came for it alone, and its patient's number and place where no other case
 * needs them. What was sealed under the key can't be read by anybody any more; case number, audit and the hashes of receipts stay. Inside `write`; then `forgetLog`. Null: it was done.
 */
export function shredCase(db: Database, caseId: CaseId, by: By & { readonly reason: string }): NotShredded | null {
  const found = shreddable(db, caseId);
  if (found === null) return 'unknown';
  if (found.stays !== null) return found.stays;
  db.sealing.erased(() => {
    dropMessages(db, caseId);
    db.sealing.shred(ofCase(caseId));
    const keys = db.all<{ key_hash: Uint8Array }>('SELECT key_hash FROM case_keys WHERE case_id = ?', caseId).map(({ key_hash }) => key_hash);
    for (const key of keys) db.run('DELETE FROM case_keys WHERE key_hash = ? AND case_id = ?', key, caseId);
    forgetPatients(db, keys);
    for (const table of ['raw_cases', 'order_numbers', 'rows']) db.run(`DELETE FROM ${table} WHERE case_id = ?`, caseId);
  });
  db.run('UPDATE cases SET shredded_at = ? WHERE case_id = ?', by.at, caseId);
  appendAudit(db, {
    ...{ caseId, at: by.at, actor: by.actor, action: 'case-shredded', outcome: 'done' },
    detail: { number: found.number, reason: by.reason, ...by.detail },
  });
  return null;
}

/** A message (`raw`) of the case ?1 that another case, or what has not found its case yet, came by too. */
export const SHARED = `(EXISTS (SELECT 1 FROM raw_cases AS o WHERE o.raw_id = raw.id AND o.case_id <> ?1)
  OR EXISTS (SELECT 1 FROM arrivals AS a WHERE a.raw_id = raw.id AND a.state = 'unmatched'))`;

/** What came for the case alone goes with it; what others need is theirs from now on. Before the case's key goes. */
function dropMessages(db: Database, caseId: CaseId): void {
  const own = 'raw.case_id = ?1 AND id IN (SELECT raw_id FROM raw_cases WHERE case_id = ?1)';
  db.run(`DELETE FROM raw WHERE ${own} AND NOT ${SHARED}`, caseId);
  for (const row of db.all<SealedRow & { id: number }>(`SELECT id, ${SEALED_COLUMNS} FROM raw WHERE ${own}`, caseId)) passOn(db, row);
}

/** Under the key of the one other case, else of its day. One that is damaged stays as it is: nobody could read it before. */
function passOn(db: Database, row: SealedRow & { readonly id: number }): void {
  const others = db.all<{ case_id: CaseId }>('SELECT case_id FROM raw_cases WHERE raw_id = ? AND case_id IS NOT ? LIMIT 2', row.id, row.case_id);
  const isSought = db.get("SELECT 1 FROM arrivals WHERE raw_id = ? AND state = 'unmatched' LIMIT 1", row.id) !== undefined;
  const next = isSought || others.length > 1 ? null : (others[0]?.case_id ?? null);
  const place = placeOf(row.identity);
  const piece = readable(() => db.sealing.open(scopeOf(row), place, row.sealed));
  if (!piece.ok) return;
  const sealed = db.sealing.seal(scopeOf({ ...row, case_id: next }), place, piece.value);
  db.run('UPDATE raw SET sealed = ?, case_id = ? WHERE id = ?', sealed, next, row.id);
}

/** May a case's data go? Null: no such case. */
export function shreddable(db: Database, caseId: CaseId): { readonly number: CaseNumber; readonly stays: NotShredded | null } | null {
  const found = db.get<{ number: CaseNumber; hold: string | null; shredded_at: string | null; ended: number }>(
    `SELECT number, hold, shredded_at, ${ENDED} AS ended FROM cases AS c WHERE case_id = ?`,
    caseId,
  );
  if (found === undefined) return null;
  const { number, hold, shredded_at, ended } = found;
  if (shredded_at !== null) return { number, stays: 'shredded already' };
  if (hold !== null) return { number, stays: 'under legal hold' };
  return { number, stays: ended === 0 ? 'not ended' : null };
}

/** Keeps a case's data whatever the retention says, or no longer; with its audit row. @returns false when there is no such case, or its data is gone */
export function holdCase(db: Database, number: CaseNumber, hold: string | null, { actor, at, detail }: By): Promise<boolean> {
  return db.write(() => {
    const found = db.get<{ case_id: CaseId }>('SELECT case_id FROM cases WHERE number = ? AND shredded_at IS NULL', number);
    if (found === undefined) return false;
    db.run('UPDATE cases SET hold = ? WHERE case_id = ?', hold, found.case_id);
    const action = hold === null ? 'legal-hold-lifted' : 'legal-hold';
    appendAudit(db, { caseId: found.case_id, at, actor, action, outcome: 'done', detail: { number, reason: hold ?? '', ...detail } });
    return true;
  });
}

/** Stores whose log was emptied since they were opened, and after whatever was dropped: a process that was killed may have left one that was not. */
const emptiedLogs = new WeakSet<Database>();
/** Milliseconds between two tries, and how many there are: others may be reading (a backup, an export). */
const AGAIN_MS = 100;
const TRIES = 50;
const SQLITE_BUSY = 5;

/** What was dropped may still be in the log: `forgetLog` did not come to it, or nobody called it since the store was opened. */
export function isLogKept(db: Database): boolean {
  return !emptiedLogs.has(db);
}

/**
 * The write-ahead log may still hold pages with a key that was dropped: it is copied into the file and emptied, once nobody reads from it. Nothing stands still
 * meanwhile; who reads for long is waited for by the next sweep.
 */
export async function forgetLog(db: Database): Promise<void> {
  emptiedLogs.delete(db);
  for (let tries = 0; tries < TRIES && db.isOpen(); tries += 1) {
    if (emptied(db)) {
      emptiedLogs.add(db);
      return;
    }
    await new Promise((resume) => setTimeout(resume, AGAIN_MS));
  }
}

/**
 * On a connection that waits for nobody: the store's own would hold up the event loop for as long as others are at work. Its handle of the file is not told of a
 * sync that failed before it was opened, so the whole log is copied.
 */
function emptied({ folder }: Database): boolean {
  const file = join(folder, 'radloop.sqlite');
  const own = new DatabaseSync(file, { timeout: 0 });
  try {
    copyAllAnew(own, file);
    return own.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0;
  } catch (error) {
    if ((error as Error & { readonly errcode?: number }).errcode === SQLITE_BUSY) return false;
    throw error;
  } finally {
    own.close();
  }
}
