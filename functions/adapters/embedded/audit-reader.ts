import type { AuditFilter, AuditReader, AuditRow, Link } from '#ports/audit-store.js';
import { AUDIT_ROW, allPurges, checkpointOf } from './audit-rows.ts';
import type { StoredSeal } from './audit-rows.ts';
import type { Database } from './database.ts';

const PAGE_ROWS = 2000;

/** Reads the audit of a store, also while the service writes to it. */
export function auditReader(db: Database): AuditReader {
  return {
    extent() {
      const { rows, checkpoints } = extentOf(db);
      return Promise.resolve({ rows, checkpoints });
    },
    chain: (upto) => chain(db, upto),
    rows: (filter, upto) => fitting(db, filter, upto),
    purges: () => Promise.resolve(allPurges(db)),
  };
}

/** How much there is, of one moment. `isCounted`: SQLite's own counter, which remembers rows that are gone, says the same. */
export function extentOf(db: Database): { readonly rows: number; readonly checkpoints: number; readonly isCounted: boolean } {
  const found = db.get<{ rows: number | null; counted: number | null; checkpoints: number | null; countedCheckpoints: number | null }>(`
    SELECT (SELECT max(seq) FROM audit) AS rows, (SELECT seq FROM sqlite_sequence WHERE name = 'audit') AS counted,
      (SELECT max(id) FROM seals) AS checkpoints, (SELECT seq FROM sqlite_sequence WHERE name = 'seals') AS countedCheckpoints`);
  const { rows, counted, checkpoints, countedCheckpoints } = found ?? { rows: 0, counted: 0, checkpoints: 0, countedCheckpoints: 0 };
  // Rows past the counter are looked at too; rows short of it are missed by whoever reads.
  return {
    rows: Math.max(rows ?? 0, counted ?? 0),
    checkpoints: Math.max(checkpoints ?? 0, countedCheckpoints ?? 0),
    isCounted: (rows ?? 0) === (counted ?? 0) && (checkpoints ?? 0) === (countedCheckpoints ?? 0),
  };
}

async function* chain(db: Database, upto: number): AsyncGenerator<readonly Link[]> {
  const seals = sealsOf(db);
  let seal = seals.next();
  for (let from = 0; ;) {
    const rows = db.all<AuditRow>(`SELECT ${AUDIT_ROW} FROM audit WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?`, from, upto, PAGE_ROWS);
    const links: Link[] = [];
    for (const row of rows) {
      links.push({ row });
      for (; !seal.done && seal.value.upto <= row.seq; seal = seals.next()) links.push({ checkpoint: checkpointOf(seal.value) });
    }
    const end = rows.at(-1);
    // A seal that joins rows which are not here is shown where they should be.
    if (end === undefined || rows.length < PAGE_ROWS)
      for (; !seal.done && seal.value.upto <= upto; seal = seals.next()) links.push({ checkpoint: checkpointOf(seal.value) });
    if (links.length > 0) yield links;
    if (end === undefined || rows.length < PAGE_ROWS) return;
    from = end.seq;
    await Promise.resolve();
  }
}

function* sealsOf(db: Database): Generator<StoredSeal, undefined> {
  for (let from = 0; ;) {
    const page = db.all<StoredSeal>('SELECT * FROM seals WHERE id > ? ORDER BY id LIMIT ?', from, PAGE_ROWS);
    yield* page;
    const end = page.at(-1);
    if (end === undefined || page.length < PAGE_ROWS) return undefined;
    from = end.id;
  }
}

/** A page looks at as many rows whether they fit or not, so that a running service is not held up; those of one case are found by their index. */
async function* fitting(db: Database, filter: AuditFilter, upto: number): AsyncGenerator<readonly AuditRow[]> {
  const { wanted, values } = conditionsOf(filter);
  const step = filter.caseNumber === null ? PAGE_ROWS : upto;
  for (let from = 0; from < upto; from += step) {
    yield db.all<AuditRow>(
      `SELECT ${AUDIT_ROW} FROM audit WHERE seq > ? AND seq <= ?${wanted} ORDER BY seq`,
      ...[from, Math.min(from + step, upto), ...values],
    );
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function conditionsOf(filter: AuditFilter): { readonly wanted: string; readonly values: readonly string[] } {
  const { caseNumber, person, action, outcome, since, until } = filter;
  const conditions: readonly (readonly [string, string | null])[] = [
    ['case_id = (SELECT case_id FROM cases WHERE number = ?)', caseNumber],
    ["actor ->> '$.person' = ?", person],
    ['action = ?', action],
    ['outcome = ?', outcome],
    ['at >= ?', since],
    ['at < ?', until],
  ];
  const asked = conditions.flatMap(([sql, value]) => (value === null ? [] : [{ sql, value }]));
  return { wanted: asked.map(({ sql }) => ` AND ${sql}`).join(''), values: asked.map(({ value }) => value) };
}
