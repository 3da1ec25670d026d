import { createHash } from 'node:crypto';
import type { Actor } from '#core/event.js';
import type { CaseId, PersonId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { AuditEntry, AuditStore, AuditVerdict } from '#ports/audit-store.js';
import type { Database } from './database.ts';

/** Rows that belong to no case have a chain of their own. */
const SITE = 'site';
const START = '0'.repeat(64);

/** Adds one row to the chain of its case; call inside `write`. */
export function appendAudit(db: Database, entry: AuditEntry): void {
  const caseId = entry.caseId ?? SITE;
  const last = db.get<{ case_seq: number; hash: string }>('SELECT case_seq, hash FROM audit WHERE case_id = ? ORDER BY seq DESC LIMIT 1', caseId);
  const row = {
    case_id: caseId,
    case_seq: (last?.case_seq ?? 0) + 1,
    at: entry.at,
    actor: canonical(entry.actor),
    action: entry.action,
    outcome: entry.outcome,
    detail: canonical(entry.detail),
    prev: last?.hash ?? START,
  };
  db.run(
    'INSERT INTO audit (case_id, case_seq, at, actor, action, outcome, detail, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ...[row.case_id, row.case_seq, row.at, row.actor, row.action, row.outcome, row.detail, row.prev, hashOf(row)],
  );
}

interface ChainedRow {
  readonly case_id: string;
  readonly case_seq: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly outcome: string;
  readonly detail: string;
  readonly prev: string;
}

function hashOf(row: ChainedRow): string {
  const { case_id, case_seq, at, actor, action, outcome, detail, prev } = row;
  return sha256(JSON.stringify([prev, case_id, case_seq, at, actor, action, outcome, detail]));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** JSON with its keys in order, so that the same content has the same hash. */
function canonical(value: Actor | AuditEntry['detail']): string {
  return JSON.stringify(Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))));
}

export function auditStore(db: Database): AuditStore {
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
      await db.write(() => {
        sealRows(db, at);
      });
    },
    verify: () => Promise.resolve(verifyChain(db)),
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

/** Joins all rows since the last seal into the site's chain: a case that vanished whole is missed then. */
function sealRows(db: Database, at: Instant): void {
  const last = db.get<{ upto: number; hash: string }>('SELECT upto, hash FROM seals ORDER BY id DESC LIMIT 1') ?? { upto: 0, hash: START };
  const rows = db.all<{ seq: number; hash: string }>('SELECT seq, hash FROM audit WHERE seq > ? ORDER BY seq', last.upto);
  const end = rows.at(-1);
  if (end === undefined) return;
  const hash = sealOf(last.hash, at, end.seq, rows.map((row) => row.hash)); // prettier-ignore
  db.run('INSERT INTO seals (at, upto, rows, prev, hash) VALUES (?, ?, ?, ?, ?)', at, end.seq, rows.length, last.hash, hash);
}

function sealOf(prev: string, at: string, upto: number, hashes: readonly string[]): string {
  return sha256(JSON.stringify([prev, at, upto, hashes.length, sha256(hashes.join(''))]));
}

type SealRow = { id: number; at: string; upto: number; rows: number; prev: string; hash: string }; // prettier-ignore
type AuditRow = ChainedRow & { seq: number; hash: string };

function verifyChain(db: Database): AuditVerdict {
  // Counted before anything is read: what a running service adds meanwhile is no fault.
  const counted = { rows: everWritten(db, 'audit'), seals: everWritten(db, 'seals') };
  const heads = new Map<string, { seq: number; hash: string }>();
  const seals = db.all<SealRow>('SELECT * FROM seals ORDER BY id');
  let sealed = { hash: START, at: 0 };
  let hashes: string[] = [];
  let rows = 0;
  const verdict = (firstBad: AuditVerdict['firstBad']): AuditVerdict => {
    return { ok: firstBad === null, cases: [...heads.keys()].filter((id) => id !== SITE).length, rows, firstBad };
  };
  const page = 5000;
  for (let from = 0; ;) {
    const chunk = db.all<AuditRow>('SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?', from, page);
    for (const row of chunk) {
      if (row.seq !== rows + 1) return verdict({ seq: rows + 1, what: 'a row is missing' });
      rows += 1;
      const head = heads.get(row.case_id);
      if (row.case_seq !== (head?.seq ?? 0) + 1 || row.prev !== (head?.hash ?? START))
        return verdict({ seq: row.seq, what: 'the chain of its case is broken here' });
      if (row.hash !== hashOf(row)) return verdict({ seq: row.seq, what: 'the row is not what was written' });
      heads.set(row.case_id, { seq: row.case_seq, hash: row.hash });
      hashes.push(row.hash);
      const seal = seals[sealed.at];
      if (seal?.upto === row.seq) {
        if (seal.prev !== sealed.hash || seal.hash !== sealOf(sealed.hash, seal.at, seal.upto, hashes))
          return verdict({ seq: row.seq, what: 'the seal does not fit' });
        sealed = { hash: seal.hash, at: sealed.at + 1 };
        hashes = [];
      }
    }
    if (chunk.length < page) break;
    from = rows;
  }
  if (sealed.at < seals.length) return verdict({ seq: rows + 1, what: 'rows under a seal are missing' });
  if (seals.length < counted.seals) return verdict({ seq: rows, what: 'a seal is missing' });
  return verdict(rows < counted.rows ? { seq: rows + 1, what: 'rows at the end are missing' } : null);
}

/** How many rows the table was ever given; no row of these two is ever deleted. */
function everWritten(db: Database, table: 'audit' | 'seals'): number {
  return db.get<{ seq: number }>('SELECT seq FROM sqlite_sequence WHERE name = ?', table)?.seq ?? 0;
}
