import type { CaseId, PersonId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { AuditEntry, AuditStore, Checkpoint } from '#ports/audit-store.js';
import type { Proof } from '#adapters/audit-chain/check.js';
import { MOST_ROWS, checkpointBytes, nextCheckpoint } from '#adapters/audit-chain/checkpoint.js';
import { signed } from '#adapters/audit-chain/signature.js';
import type { Signs } from '#adapters/audit-chain/signature.js';
import { checkStore } from './audit-check.ts';
import { appendAudit, checkpointOf, lastCheckpoint } from './audit-rows.ts';
import type { StoredSeal } from './audit-rows.ts';
import type { Database } from './database.ts';

/** For the stores that write a row with what they do. */
export { appendAudit } from './audit-rows.ts';

export function auditStore(db: Database, proof: Proof = { key: db.siteKey, anchors: null }): AuditStore {
  return {
    async record(entry) {
      await db.write(() => {
        appendAudit(db, entry);
        rememberShown(db, entry);
      });
    },
    shownRevision(caseId: CaseId, person: PersonId) {
      const found = db.get<{ revision: number }>('SELECT revision FROM shown WHERE case_id = ? AND person = ?', caseId, person);
      return Promise.resolve(found?.revision ?? 0);
    },
    async seal(at: Instant) {
      while (await sealNext(db, proof.key, at));
    },
    unsealed() {
      const written = db.get<{ seq: number | null }>('SELECT max(seq) AS seq FROM audit')?.seq ?? 0;
      return Promise.resolve(written - (lastCheckpoint(db)?.upto ?? 0));
    },
    // Inside `write`: what is anchored is on the disk.
    checkpoint: (height) =>
      db.write(() => {
        if (height === 'last') return lastCheckpoint(db);
        const found = db.get<StoredSeal>('SELECT * FROM seals WHERE id = ?', height);
        return found === undefined ? null : checkpointOf(found);
      }),
    verify: () => checkStore(db, proof),
  };
}

function rememberShown(db: Database, entry: AuditEntry): void {
  const { caseId, actor, action, outcome, detail } = entry;
  const { revision } = detail;
  if (caseId === null || action !== 'view' || outcome !== 'done' || actor.kind !== 'person' || typeof revision !== 'number') return;
  db.run(
    'INSERT INTO shown (case_id, person, revision) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET revision = max(revision, excluded.revision)',
    ...[caseId, actor.person, revision],
  );
}

/** One checkpoint over the rows since the last one; true when more rows wait. Signed outside the transaction: Key Vault may take its time. */
async function sealNext(db: Database, key: Signs, at: Instant): Promise<boolean> {
  const before = lastCheckpoint(db);
  const rows = db.all<{ hash: string }>('SELECT hash FROM audit WHERE seq > ? ORDER BY seq LIMIT ?', before?.upto ?? 0, MOST_ROWS);
  if (rows.length === 0) return false;
  const next = nextCheckpoint(
    before,
    at,
    rows.map(({ hash }) => hash),
  );
  const signature = await signed(key, checkpointBytes(next, unsignedBefore(db)));
  const written = await db.write(() => isStillLast(db, before) && insertSeal(db, { ...next, signed: signature }));
  return written && rows.length === MOST_ROWS;
}

function unsignedBefore(db: Database): number {
  return db.get<{ n: number }>('SELECT count(*) AS n FROM seals WHERE signature IS NULL')?.n ?? 0;
}

/** False when another instance has sealed meanwhile. */
function isStillLast(db: Database, before: Checkpoint | null): boolean {
  return (lastCheckpoint(db)?.height ?? 0) === (before?.height ?? 0);
}

function insertSeal(db: Database, { height, at, upto, rows, prev, hash, signed: by }: Checkpoint): true {
  db.run(
    'INSERT INTO seals (id, at, upto, rows, prev, hash, key_version, algorithm, signature) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ...[height, at, upto, rows, prev, hash, by?.keyVersion ?? null, by?.algorithm ?? null, by?.signature ?? null],
  );
  return true;
}
