import type { AuditRow, AuditVerdict } from '#ports/audit-store.js';
import { checkChain } from '#adapters/audit-chain/check.js';
import type { Bad, Proof } from '#adapters/audit-chain/check.js';
import { sha256 } from '#adapters/audit-chain/row.js';
import { auditReader, extentOf } from './audit-reader.ts';
import type { Database } from './database.ts';

/** Checks the chain, and what stands beside it in the store: facts, events heard, revisions shown. May run while the service writes. */
export async function checkStore(db: Database, { key, anchors }: Proof): Promise<AuditVerdict> {
  const extent = extentOf(db);
  const reader = auditReader(db);
  const evidence = { links: reader.chain(extent.rows), purges: await reader.purges(), extent, key, anchors };
  const verdict = await checkChain(evidence, (row) => besideRow(db, row));
  if (verdict.firstBad !== null) return verdict;
  const firstBad = extent.isCounted
    ? (olderKey(db) ?? besideCases(db))
    : { seq: extent.rows + 1, what: 'SQLite’s own counter of rows was changed, or rows were added past it' };
  return { ...verdict, ok: firstBad === null, firstBad };
}

/** Versions of the site key are counted, and a rotation leaves the older ones for good: whoever has one of these signs no tail of his own. */
function olderKey(db: Database): Bad | null {
  const found = db.get<{ upto: number }>(`
    SELECT upto FROM (SELECT upto, CAST(key_version AS INTEGER) AS version,
      max(CAST(key_version AS INTEGER)) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS newest FROM seals WHERE key_version IS NOT NULL)
    WHERE version < newest ORDER BY upto LIMIT 1`);
  return found === undefined
    ? null
    : { seq: found.upto, what: 'the checkpoint is signed by a version of the site key that a rotation had left before' };
}

/** The fact that the row stands for is as it was written, and its event counts as heard. */
function besideRow(db: Database, { caseId, at, action, outcome, detail }: AuditRow): string | null {
  if (outcome === 'denied' || !detail.includes('"event":')) return null;
  const { event, fact, factHash } = JSON.parse(detail) as { event?: string; fact?: number; factHash?: string };
  if (event === undefined) return null;
  if (fact !== undefined) {
    const stored = db.get<StoredFact>('SELECT type, at, event_id, fact FROM facts WHERE case_id = ? AND seq = ?', caseId, fact);
    if (stored === undefined) return 'the fact that it stands for is missing';
    const isSame = stored.type === action && stored.at === at && stored.event_id === event && sha256(stored.fact) === factHash;
    if (!isSame) return 'the fact that it stands for is not what was written';
  }
  const heard = db.get('SELECT 1 FROM heard WHERE case_id = ? AND event_id = ?', caseId, event);
  return heard === undefined ? 'its event does not count as heard any more, and would be heard again' : null;
}

interface StoredFact {
  readonly type: string;
  readonly at: string;
  readonly event_id: string;
  readonly fact: string | Uint8Array;
}

/** Cases whose facts are not as many as their rows say; a revision that nobody was shown. Of what has been purged nothing can be said. */
function besideCases(db: Database): Bad | null {
  const facts = db.get<{ id: string }>(`
    SELECT coalesce(f.case_id, a.case_id) AS id
    FROM (SELECT case_id, count(*) AS n FROM facts GROUP BY case_id) f
    FULL JOIN (SELECT case_id, sum(outcome = 'done' AND detail ->> '$.event' IS NOT NULL) AS n, count(purged) AS purged FROM audit GROUP BY case_id) a USING (case_id)
    WHERE coalesce(a.purged, 0) = 0 AND coalesce(f.n, 0) <> coalesce(a.n, 0) LIMIT 1`);
  if (facts !== undefined) return { seq: lastRowOf(db, facts.id), what: 'its case has more or fewer facts than the audit says' };
  const cases = db.get<{ id: string }>(`
    SELECT a.case_id AS id FROM audit a LEFT JOIN cases c USING (case_id)
    WHERE a.detail ->> '$.event' IS NOT NULL AND a.detail ->> '$.number' IS NOT c.number LIMIT 1`);
  if (cases !== undefined) return { seq: lastRowOf(db, cases.id), what: 'its case is gone from the store, or has another number' };
  const version = db.get<{ id: string }>(
    'SELECT case_id AS id FROM cases c WHERE version <> (SELECT count(*) FROM facts f WHERE f.case_id = c.case_id) LIMIT 1',
  );
  if (version !== undefined) return { seq: lastRowOf(db, version.id), what: 'its case has another version than it has facts' };
  const shown = db.get<{ id: string }>(`
    SELECT case_id AS id FROM shown s WHERE NOT EXISTS (
      SELECT 1 FROM audit a WHERE a.case_id = s.case_id AND action = 'view' AND outcome = 'done' AND actor ->> '$.person' = s.person
        AND detail ->> '$.revision' = s.revision) LIMIT 1`);
  return shown === undefined ? null : { seq: lastRowOf(db, shown.id), what: 'its case counts as shown to somebody, and no view is on record' };
}

/** 0: the case has no row at all. */
function lastRowOf(db: Database, caseId: string): number {
  return db.get<{ seq: number | null }>('SELECT max(seq) AS seq FROM audit WHERE case_id = ?', caseId)?.seq ?? 0;
}
