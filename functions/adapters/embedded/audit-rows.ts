import type { AuditEntry, Checkpoint, Purge, Signature } from '#ports/audit-store.js';
import { nextRow } from '#adapters/audit-chain/row.js';
import type { Database } from './database.ts';

/** Adds one row to the chain of its case; call inside `write`. */
export function appendAudit(db: Database, entry: AuditEntry): void {
  const head = db.get<{ caseSeq: number; hash: string }>(
    'SELECT case_seq AS caseSeq, hash FROM audit WHERE case_id = ? ORDER BY seq DESC LIMIT 1',
    entry.caseId ?? 'site',
  );
  const row = nextRow(entry, head ?? null);
  db.run(
    'INSERT INTO audit (case_id, case_seq, at, actor, action, outcome, detail, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ...[row.caseId, row.caseSeq, row.at, row.actor, row.action, row.outcome, row.detail, row.prev, row.hash],
  );
}

/** The columns of an AuditRow. */
export const AUDIT_ROW = 'seq, case_id AS caseId, case_seq AS caseSeq, at, actor, action, outcome, detail, prev, hash, purged';

interface StoredSignature {
  readonly key_version: string | null;
  readonly algorithm: Signature['algorithm'] | null;
  readonly signature: string | null;
}

export type StoredSeal = Omit<Checkpoint, 'height' | 'signed'> & { readonly id: number } & StoredSignature;

export function checkpointOf({ id, at, upto, rows, prev, hash, ...stored }: StoredSeal): Checkpoint {
  return { height: id, at, upto, rows, prev, hash, signed: signatureOf(stored) };
}

export function lastCheckpoint(db: Database): Checkpoint | null {
  const found = db.get<StoredSeal>('SELECT * FROM seals ORDER BY id DESC LIMIT 1');
  return found === undefined ? null : checkpointOf(found);
}

/** A signature that has lost a part of itself is none that holds, and not one that was never made. */
function signatureOf({ key_version, algorithm, signature }: StoredSignature): Signature | null {
  if (key_version === null && algorithm === null && signature === null) return null;
  return { keyVersion: key_version ?? '', algorithm: algorithm ?? 'Ed25519', signature: signature ?? '' };
}

export function allPurges(db: Database): readonly Purge[] {
  return db
    .all<Omit<Purge, 'signed'> & StoredSignature>('SELECT * FROM purges ORDER BY id')
    .map(({ id, at, before, upto, rows, digest, ...stored }) => {
      const none: Signature = { keyVersion: '', algorithm: 'Ed25519', signature: '' };
      return { id, at, before, upto, rows, digest, signed: signatureOf(stored) ?? none };
    });
}
