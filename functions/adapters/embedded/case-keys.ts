import type { CaseId, OrderKey } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { CaseKey } from '#ports/raw-store.js';
import type { Database } from './database.ts';
import type { Keeping } from './keeper.ts';
import { alsoKnownAs, rememberPatient } from './patients.ts';
import { placerHash } from './surroundings.ts';

/**
 * The case of an order, to which all of its numbers that are new lead from now on; a number stays with its first case. The placer number decides (DECISIONS 3).
 * Where that is new or missing: the case of the first other number that is known, unless that case has another placer number (one filler number may stand for
 * several orders of the placer's). Else a case of its own; null for `onlyIfKnown`.
 */
export function caseOfOrder(keeping: Keeping, workflow: string, numbers: readonly OrderKey[], onlyIfKnown = false): CaseId | null {
  const { db, hash, caseIdOf } = keeping;
  const all = numbers.map((number) => {
    const hashed = hash(number);
    const known = db.get<{ case_id: CaseId }>('SELECT case_id FROM order_numbers WHERE number_hash = ? AND workflow = ?', hashed, workflow);
    return { number, hashed, placer: placerHash(hash, number), caseId: known?.case_id };
  });
  const leading = all.find(({ placer }) => placer !== null) ?? all[0];
  if (leading === undefined) throw new RangeError('an order without a number has no case');
  const others = all.flatMap(({ caseId }) => caseId ?? []).filter((caseId) => !hasOtherPlacer(keeping, workflow, caseId, leading.placer));
  const caseId = leading.caseId ?? others[0] ?? (onlyIfKnown ? null : caseIdOf(workflow, leading.number));
  if (caseId === null) return null;
  for (const one of all) if (one.caseId === undefined) db.run(NEW_NUMBER, one.hashed, workflow, caseId, one.placer);
  return caseId;
}

const NEW_NUMBER = 'INSERT OR IGNORE INTO order_numbers (number_hash, workflow, case_id, placer) VALUES (?, ?, ?, ?)';

function hasOtherPlacer({ db }: Keeping, workflow: string, caseId: CaseId, placer: Uint8Array | null): boolean {
  if (placer === null) return false;
  return db.get('SELECT 1 FROM order_numbers WHERE case_id = ? AND workflow = ? AND placer <> ? LIMIT 1', caseId, workflow, placer) !== undefined;
}

/** Adds what a case is found by; nothing is ever taken away. Call inside `write`. */
export function addCaseKeys(db: Database, hash: Keeping['hash'], caseId: CaseId, keys: readonly CaseKey[], at: Instant): void {
  for (const key of keys) {
    const { changes } = db.run('INSERT OR IGNORE INTO case_keys (key_hash, case_id, since) VALUES (?, ?, ?)', hash(key), caseId, at);
    if (changes > 0) rememberPatient({ db, hash }, key, at);
  }
}

/** Cases that are open, or have no row yet, under one of these keys; a patient counts under every number that is theirs by merges. @param of all of this workflow, ended ones too */
export function casesToTell(keeping: Keeping, keys: readonly CaseKey[], of?: string): { readonly caseId: CaseId; readonly workflow: string }[] {
  const found = new Map<CaseId, string>();
  for (const key of keys.flatMap((one) => alsoKnownAs(keeping, one))) {
    const rows = keeping.db.all<{ case_id: CaseId; workflow: string }>(
      `SELECT k.case_id, c.workflow FROM case_keys AS k JOIN cases AS c ON c.case_id = k.case_id LEFT JOIN rows AS r ON r.case_id = k.case_id
       WHERE k.key_hash = ?1 AND CASE WHEN ?2 IS NULL THEN coalesce(r.open, 1) = 1 ELSE c.workflow = ?2 END`,
      ...[keeping.hash(key), of ?? null],
    );
    for (const { case_id, workflow } of rows) found.set(case_id, workflow);
  }
  return [...found].map(([caseId, workflow]) => ({ caseId, workflow }));
}

/** The case of a workflow that has the first of these keys that any has, of several the newest; null: none has. */
export function caseKnownBy({ db, hash }: Keeping, workflow: string, keys: readonly CaseKey[]): CaseId | null {
  for (const key of keys) {
    const found = db.get<{ case_id: CaseId }>(
      `SELECT k.case_id FROM case_keys AS k JOIN cases AS c ON c.case_id = k.case_id
       WHERE k.key_hash = ? AND c.workflow = ? ORDER BY k.since DESC, k.case_id LIMIT 1`,
      ...[hash(key), workflow],
    );
    if (found !== undefined) return found.case_id;
  }
  return null;
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

/**
 * Of cases of one number the order, where all others are of its patient: they share a key besides the number. Else all of them; but none that could not be told.
 * @param of.keys the number's
 */
export function ordersAmong(
  { db, hash }: Keeping,
  found: readonly CaseId[],
  { keys, workflow, tell }: { readonly keys: readonly CaseKey[]; readonly workflow: string; readonly tell: boolean },
): readonly CaseId[] {
  const isOrder = (caseId: CaseId): boolean => {
    const other = db.get('SELECT 1 FROM cases WHERE case_id = ? AND workflow <> ?', caseId, workflow);
    return other === undefined;
  };
  const [order, ...more] = found.filter(isOrder);
  if (order === undefined) return tell ? [] : found;
  const own = keys.map(hash);
  const isSamePatient = (caseId: CaseId): boolean =>
    db
      .all<{ key_hash: Uint8Array }>(
        'SELECT a.key_hash FROM case_keys AS a JOIN case_keys AS b ON b.key_hash = a.key_hash WHERE a.case_id = ? AND b.case_id = ?',
        ...[order, caseId],
      )
      .some(({ key_hash }) => !own.some((one) => Buffer.compare(one, key_hash) === 0));
  return more.length === 0 && found.every((caseId) => caseId === order || isSamePatient(caseId)) ? [order] : found;
}

/** Cases that ever told this key, ended ones too, first first. A case that was shredded has none. */
export function casesEverWith(db: Database, hash: Keeping['hash'], key: CaseKey): { readonly workflow: string; readonly caseId: CaseId }[] {
  return db.all<{ workflow: string; caseId: CaseId }>(
    'SELECT c.workflow, c.case_id AS caseId FROM case_keys AS k JOIN cases AS c ON c.case_id = k.case_id WHERE k.key_hash = ? ORDER BY k.since, k.case_id',
    hash(key),
  );
}
