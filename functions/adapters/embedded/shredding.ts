import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Actor } from '#core/event.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { AuditEntry } from '#ports/audit-store.js';
import type { NotShredded } from '#ports/custody.js';
import { appendAudit } from './audit-rows.ts';
import type { Database } from './database.ts';
import { forgetPatients } from './patients.ts';
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
 * Drops the data key of a case, the keyed hashes that it was found by, the messages that were about it alone, and its patient's number and place where no other case
 * needs them. What was sealed under the key can't be read by anybody any more; case number, audit and the hashes of receipts stay. Inside `write`; then `forgetLog`. Null: it was done.
 */
export function shredCase(db: Database, caseId: CaseId, by: By & { readonly reason: string }): NotShredded | null {
  const found = shreddable(db, caseId);
  if (found === null) return 'unknown';
  if (found.stays !== null) return found.stays;
  db.sealing.erased(() => {
    db.sealing.shred(ofCase(caseId));
    db.run('DELETE FROM raw WHERE case_id = ? AND id IN (SELECT raw_id FROM raw_cases WHERE case_id = ?)', caseId, caseId);
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

/** Stores whose log still holds what was dropped. */
const keptLogs = new WeakSet<Database>();
/** Milliseconds between two tries, and how many there are: others may be reading (a backup, an export). */
const AGAIN_MS = 100;
const TRIES = 50;

/** What was dropped is still in the log: `forgetLog` did not come to it. */
export function isLogKept(db: Database): boolean {
  return keptLogs.has(db);
}

/**
 * The write-ahead log may still hold pages with a key that was dropped: it is copied into the file and emptied, once nobody reads from it. Nothing stands still
 * meanwhile; who reads for long is waited for by the next sweep.
 */
export async function forgetLog(db: Database): Promise<void> {
  keptLogs.add(db);
  for (let tries = 0; tries < TRIES && db.isOpen(); tries += 1) {
    if (emptied(db)) {
      keptLogs.delete(db);
      return;
    }
    await new Promise((resume) => setTimeout(resume, AGAIN_MS));
  }
}

/** On a connection that waits for nobody: the store's own would hold up the event loop for as long as others are at work. */
function emptied({ folder }: Database): boolean {
  const own = new DatabaseSync(join(folder, 'radloop.sqlite'), { timeout: 0 });
  try {
    return own.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0;
  } finally {
    own.close();
  }
}
