import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';

/**
 * Fills a store with closed cases, as many and as large as years of orders leave behind: rows under every index that a new case meets. What stands sealed in them
 * is of the right length and opens to nothing, for nobody reads a closed case here. The store must be closed.
 */
export function fillWithCases(folder: string, cases: number): void {
  const db = new DatabaseSync(join(folder, 'radloop.sqlite'));
  db.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; PRAGMA journal_mode = WAL');
  const step = 50_000;
  for (let from = 1; from <= cases; from += step) {
    const upto = Math.min(cases, from + step - 1);
    db.exec('BEGIN; CREATE TEMP TABLE IF NOT EXISTS n (n INTEGER PRIMARY KEY, id TEXT NOT NULL); DELETE FROM n');
    db.exec(
      `WITH RECURSIVE c(n) AS (VALUES (${from}) UNION ALL SELECT n + 1 FROM c WHERE n < ${upto}) INSERT INTO n SELECT n, lower(hex(randomblob(16))) FROM c`,
    );
    for (const sql of OF_EACH_CASE) db.exec(sql);
    db.exec('COMMIT');
  }
  db.exec(`INSERT INTO seals (at, upto, rows, prev, hash) SELECT '2026-01-01T00:00:00.000Z', max(seq), count(*), 'x', 'x' FROM audit`);
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
}

const THREE = '(SELECT 1 AS k UNION ALL SELECT 2 UNION ALL SELECT 3)';
const AT = `'2026-01-01T00:00:00.000Z'`;
const OF_EACH_CASE = [
  `INSERT INTO cases (case_id, workflow, number, version) SELECT id, 'protocoling', printf('%07d', n), 3 FROM n`,
  `INSERT INTO data_keys (scope, wrapped) SELECT 'case:' || id, randomblob(76) FROM n`,
  `INSERT INTO facts (case_id, seq, type, at, event_id, fact) SELECT id, k, 'orderOpened', ${AT}, 'in:' || id || k, randomblob(1700 / k) FROM n, ${THREE}`,
  `INSERT INTO heard (case_id, event_id, answer) SELECT id, 'in:' || id || k, NULL FROM n, ${THREE}`,
  `INSERT INTO rows (case_id, workflow, number, open, row, updated_at) SELECT id, 'protocoling', printf('%07d', n), 0, '{"status":"closed","waiting":false,"open":false,"kind":"CT protocol request","urgency":"routine","since":${AT.replaceAll("'", '"')},"owner":null,"note":null,"revision":1}', ${AT} FROM n`,
  `INSERT INTO order_numbers (number_hash, workflow, case_id, placer) SELECT randomblob(16), 'protocoling', id, randomblob(16) FROM n, ${THREE}`,
  `INSERT INTO case_keys (key_hash, case_id, since) SELECT randomblob(16), id, ${AT} FROM n, ${THREE}`,
  `INSERT INTO audit (case_id, case_seq, at, actor, action, outcome, detail, prev, hash) SELECT id, k, ${AT}, '{"kind":"system","part":"intake"}', 'orderOpened', 'done', '{}', lower(hex(randomblob(32))), lower(hex(randomblob(32))) FROM n, ${THREE}`,
  `INSERT INTO outbox (case_id, workflow, number, key, lane, kind, destination, weight, effect, state, attempt, failures, crashes, retries, due, receipt, receipt_hash, conversation, written_at, done_at)
   SELECT id, 'protocoling', printf('%07d', n), id || ':' || k, 'card', 'showCard', NULL, 'advice', randomblob(300), 'delivered', 1, '{}', 0, 0, ${AT}, randomblob(200), randomblob(32), randomblob(16), ${AT}, ${AT} FROM n, ${THREE}`,
  `INSERT INTO raw (endpoint, hash, identity, sealed, case_id, length, control_id, sender, message_type, ack_code, owed, state, reused, received_at)
   SELECT 'mllp', randomblob(32), randomblob(16), randomblob(1300), id, 1000, 'C' || n, 'HIS|GENERAL', 'ORM^O01', 'AA', 0, 'used', 0, ${AT} FROM n`,
  `INSERT INTO raw_cases (case_id, raw_id) SELECT n.id, r.id FROM n JOIN raw AS r ON r.control_id = 'C' || n.n`,
];
