import type { CaseId, OrderKey } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { CaseKey } from '#ports/raw-store.js';
import type { Database } from './database.ts';
import type { Keeping } from './keeper.ts';
import { alsoKnownAs } from './patients.ts';

/** The case of an order: of the first number that is known, else of the first number. All of them lead to it from now on (DECISIONS 3). */
export function caseOfOrder({ db, hash, caseIdOf }: Keeping, workflow: string, numbers: readonly OrderKey[]): CaseId {
  const [first] = numbers;
  if (first === undefined) throw new RangeError('an order without a number has no case');
  const hashes = numbers.map(hash);
  const ownCase = caseIdOf(workflow, first);
  const isNew = hashes.map((number) => db.run(NEW_NUMBER, number, workflow, ownCase).changes === 1);
  const known = hashes[isNew.indexOf(false)];
  // Most orders are new: none of their numbers is looked for.
  if (known === undefined) return ownCase;
  const caseId = db.get<{ case_id: CaseId }>('SELECT case_id FROM order_numbers WHERE number_hash = ? AND workflow = ?', known, workflow)?.case_id;
  if (caseId === undefined) throw new Error('a number is neither new nor known');
  hashes.forEach((number, index) => {
    if (isNew[index] === true) db.run('UPDATE order_numbers SET case_id = ? WHERE number_hash = ? AND workflow = ?', caseId, number, workflow);
  });
  return caseId;
}

const NEW_NUMBER = 'INSERT OR IGNORE INTO order_numbers (number_hash, workflow, case_id) VALUES (?, ?, ?)';

/** Adds what a case is found by; nothing is ever taken away. Call inside `write`. */
export function addCaseKeys(db: Database, hash: Keeping['hash'], caseId: CaseId, keys: readonly CaseKey[], at: Instant): void {
  for (const key of keys) db.run('INSERT OR IGNORE INTO case_keys (key_hash, case_id, since) VALUES (?, ?, ?)', hash(key), caseId, at);
}

/** Cases that are open, or have no row yet, under one of these keys; a patient counts under every number that is theirs by merges. */
export function openCasesWith(keeping: Keeping, keys: readonly CaseKey[]): { readonly caseId: CaseId; readonly workflow: string }[] {
  const found = new Map<CaseId, string>();
  for (const key of keys.flatMap((one) => alsoKnownAs(keeping, one))) {
    const rows = keeping.db.all<{ case_id: CaseId; workflow: string }>(
      `SELECT k.case_id, c.workflow FROM case_keys AS k JOIN cases AS c ON c.case_id = k.case_id LEFT JOIN rows AS r ON r.case_id = k.case_id
       WHERE k.key_hash = ? AND coalesce(r.open, 1) = 1`,
      keeping.hash(key),
    );
    for (const { case_id, workflow } of rows) found.set(case_id, workflow);
  }
  return [...found].map(([caseId, workflow]) => ({ caseId, workflow }));
}

/** Cases of one of these keys, and of orders that are so new that their case has told no key yet. */
export function casesWith(keeping: Keeping, keys: readonly CaseKey[], within: { readonly from: Instant; readonly to: Instant } | null): Set<CaseId> {
  const found = new Set<CaseId>();
  for (const key of keys.flatMap((one) => alsoKnownAs(keeping, one))) {
    const hashed = keeping.hash(key);
    const rows = keeping.db.all<{ case_id: CaseId }>(
      `SELECT case_id FROM case_keys WHERE key_hash = ?1 AND since BETWEEN ?2 AND ?3 UNION SELECT case_id FROM order_numbers WHERE number_hash = ?1`,
      hashed,
      within?.from ?? '',
      within?.to ?? '~',
    );
    for (const { case_id } of rows) found.add(case_id);
  }
  return found;
}
