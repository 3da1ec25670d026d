import type { Instant } from '#core/time.js';
import type { Location } from '#domain/hospital-event.js';
import { patientIdentifier } from '#domain/patient.js';
import type { PatientIdentifier } from '#domain/patient.js';
import type { CaseKey, Consequence, RawStore } from '#ports/raw-store.js';
import type { Database } from './database.ts';
import type { Keeping } from './keeper.ts';
import { OF_SITE } from './sealing.ts';

type Moved = Extract<Consequence, { kind: 'patient-moved' }>;
type Merged = Extract<Consequence, { kind: 'patients-merged' }>;
type PatientNow = Awaited<ReturnType<RawStore['patientNow']>>;

interface Row {
  readonly id_hash: Uint8Array;
  readonly identifier: Uint8Array;
  readonly location: Uint8Array | null;
  readonly patient_class: string | null;
  readonly location_at: Instant | null;
  readonly class_at: Instant | null;
}

interface Known extends Row {
  readonly known: PatientIdentifier;
}

const keyOf = ({ assigner, id }: Pick<PatientIdentifier, 'assigner' | 'id'>): CaseKey => `patient|${assigner}|${id}`;

/** Where a patient is and of what class, under each of their numbers; of each what is older than what is known changes nothing, what is not said stays. */
export function movePatient({ db, hash }: Keeping, { patient, location, patientClass, sortTime }: Moved, at: Instant): void {
  for (const identifier of patient) {
    const idHash = known({ db, hash }, identifier, at);
    const said = (sql: string, value: string | Uint8Array | null) => value !== null && db.run(sql, value, sortTime, idHash, sortTime);
    said(
      `UPDATE patients SET location = ?, location_at = ? WHERE id_hash = ? AND coalesce(location_at, '') <= ?`,
      location && db.sealing.seal(OF_SITE, placeOf('location', idHash), JSON.stringify(location)),
    );
    said(`UPDATE patients SET patient_class = ?, class_at = ? WHERE id_hash = ? AND coalesce(class_at, '') <= ?`, patientClass);
  }
}

/**
 * From now on one patient: each prior number and the surviving number of its assigner (the first surviving number when that assigner gave none), with all that
 * either is one with already. Other numbers of the two records (insurance, licence) join nobody: such a number may be anybody's.
 */
export function mergePatients({ db, hash }: Keeping, { surviving, prior, sortTime }: Merged, at: Instant): void {
  for (const identifier of prior) {
    const survivor = surviving.find(({ assigner }) => assigner === identifier.assigner) ?? surviving[0];
    if (survivor === undefined) return;
    if (keyOf(survivor) === keyOf(identifier)) continue;
    const [from, into] = [known({ db, hash }, identifier, at), known({ db, hash }, survivor, at)];
    const group = 'SELECT group_id FROM patients WHERE id_hash = ?';
    db.run(`UPDATE patients SET group_id = (${group}) WHERE group_id = (${group})`, into, from);
    giveWay(db, from, into, sortTime);
  }
}

interface Step {
  readonly id_hash: Uint8Array;
  readonly identifier: Uint8Array;
  readonly merged_into: Uint8Array | null;
  readonly merged_at: Instant | null;
}

/**
 * The newest merge of a number says which it gave way to. Merges that lead round in a circle (one was a mistake and is taken back): the newest of them says who
 * remains, in whatever order they came.
 */
function giveWay(db: Database, from: Uint8Array, into: Uint8Array, at: Instant): void {
  const path = pathOf(db, into);
  const set = 'UPDATE patients SET merged_into = ?, merged_at = ? WHERE id_hash = ?';
  if (db.run(`${set} AND coalesce(merged_at, '') <= ?`, into, at, from, at).changes === 0) return;
  const back = path.findIndex(({ merged_into }) => merged_into !== null && Buffer.compare(merged_into, from) === 0);
  if (back < 0) return;
  // `from` gives way to the first of the circle, each to the next one, the last to `from`.
  let newest = { at, into };
  for (const { merged_into, merged_at } of path.slice(0, back + 1)) {
    if (merged_into !== null && merged_at !== null && merged_at > newest.at) newest = { at: merged_at, into: merged_into };
  }
  db.run(set, null, newest.at, newest.into);
}

/** The number and those that it gave way to; the last one remains. */
function pathOf(db: Database, idHash: Uint8Array): readonly Step[] {
  return db.all<Step>(
    `WITH RECURSIVE path (id_hash, identifier, merged_into, merged_at, step) AS (
       SELECT id_hash, identifier, merged_into, merged_at, 0 FROM patients WHERE id_hash = ?
       UNION ALL SELECT p.id_hash, p.identifier, p.merged_into, p.merged_at, step + 1 FROM path JOIN patients AS p ON p.id_hash = path.merged_into)
     SELECT id_hash, identifier, merged_into, merged_at FROM path ORDER BY step`,
    idHash,
  );
}

/** @param at when it was named: to the day, so that a patient who is told of all day is written once */
function known({ db, hash }: Pick<Keeping, 'db' | 'hash'>, identifier: PatientIdentifier, at: Instant): Uint8Array {
  const idHash = hash(keyOf(identifier));
  const row = db.get<{ forgotten: number; seen_at: Instant | null }>(
    'SELECT length(identifier) = 0 AS forgotten, seen_at FROM patients WHERE id_hash = ?',
    idHash,
  );
  if (row?.forgotten === 0) {
    if (row.seen_at === null || row.seen_at.slice(0, 10) < at.slice(0, 10)) db.run('UPDATE patients SET seen_at = ? WHERE id_hash = ?', at, idHash);
    return idHash;
  }
  const sealed = db.sealing.seal(OF_SITE, placeOf('identifier', idHash), JSON.stringify(identifier));
  db.run(
    `INSERT INTO patients (id_hash, group_id, identifier, seen_at) VALUES (?1, ?1, ?2, ?3)
     ON CONFLICT DO UPDATE SET identifier = excluded.identifier, seen_at = excluded.seen_at`,
    ...[idHash, sealed, at],
  );
  return idHash;
}

/**
 * Of the numbers that these keys name (of a case that is being erased, or of patients of whom nothing is heard any more), and of all that are the same patient's:
 * number, place and class go, unless another case needs them. The keyed hashes stay, and which gave way to which: no number is read from them, and one that comes again finds what it was merged with.
 * @param unseenSince only where no message has named one of them since that day
 * @returns of how many numbers something went
 */
export function forgetPatients(db: Database, keys: readonly Uint8Array[], unseenSince: string | null = null): number {
  const groups = keys.flatMap((key) => db.get<{ group_id: Uint8Array }>('SELECT group_id FROM patients WHERE id_hash = ?', key) ?? []);
  let forgotten = 0;
  for (const { group_id } of groups) {
    const needed = 'SELECT 1 FROM patients AS p JOIN case_keys AS k ON k.key_hash = p.id_hash WHERE p.group_id = ? LIMIT 1';
    if (db.get(needed, group_id) !== undefined) continue;
    const seen = "SELECT 1 FROM patients WHERE group_id = ? AND identifier <> x'' AND coalesce(seen_at, '~') >= ? LIMIT 1";
    if (unseenSince !== null && db.get(seen, group_id, unseenSince) !== undefined) continue;
    const nothing = "identifier = x'', location = NULL, location_at = NULL, patient_class = NULL, class_at = NULL";
    forgotten += db.run(`UPDATE patients SET ${nothing} WHERE group_id = ? AND identifier <> x''`, group_id).changes;
  }
  return forgotten;
}

/** A case has this key from now on: its patient's number is known again where it had been forgotten. */
export function rememberPatient(keeping: Pick<Keeping, 'db' | 'hash'>, key: CaseKey, at: Instant): void {
  const [kind, assigner = '', ...id] = key.split('|');
  if (kind !== 'patient') return;
  const isForgotten = keeping.db.get("SELECT 1 FROM patients WHERE id_hash = ? AND identifier = x''", keeping.hash(key)) !== undefined;
  if (isForgotten) keeping.db.sealing.erased(() => known(keeping, { assigner, id: id.join('|'), type: '' }, at));
}

function groupOf({ db, hash }: Keeping, key: CaseKey): Known[] {
  const rows = db.all<Row>(
    `SELECT id_hash, identifier, location, location_at, patient_class, class_at FROM patients
     WHERE group_id = (SELECT group_id FROM patients WHERE id_hash = ?) AND identifier <> x''`,
    hash(key),
  );
  const opened = rows.map((row) => ({ ...row, known: identifierOf(db, row) }));
  return opened.sort((a, b) => (keyOf(a.known) < keyOf(b.known) ? -1 : 1));
}

/** Null when this number was not merged away. */
function survivorOf({ db, hash }: Keeping, identifier: PatientIdentifier): PatientIdentifier | null {
  const path = pathOf(db, hash(keyOf(identifier)));
  const last = path.at(-1);
  return last === undefined || path.length === 1 || last.identifier.length === 0 ? null : identifierOf(db, last);
}

function identifierOf(db: Database, { id_hash, identifier }: Pick<Row, 'id_hash' | 'identifier'>): PatientIdentifier {
  return patientIdentifier.parse(JSON.parse(db.sealing.open(OF_SITE, placeOf('identifier', id_hash), identifier).toString()));
}

function placeOf(what: 'identifier' | 'location', idHash: Uint8Array): string {
  return `${what}|${Buffer.from(idHash).toString('hex')}`;
}

/** The same key under every number that is this patient's by merges, itself included; a key of something else as it is. */
export function alsoKnownAs(keeping: Keeping, key: CaseKey): readonly CaseKey[] {
  const [kind, ...rest] = key.split('|');
  if (kind !== 'patient' && kind !== 'patient-modality') return [key];
  const last = kind === 'patient-modality' ? `|${rest.pop() ?? ''}` : '';
  const others = groupOf(keeping, `patient|${rest.join('|')}`).map(({ known }) => known);
  return [...new Set([key, ...others.map(({ assigner, id }) => `${kind}|${assigner}|${id}${last}`)])];
}

/** Identifiers in the caller's order of trust: of the first whose whereabouts are known it is said where they are. */
export function patientNow(keeping: Keeping, identifiers: readonly PatientIdentifier[]): PatientNow {
  const groups = identifiers.map((identifier) => groupOf(keeping, keyOf(identifier)));
  const all = new Map([...identifiers, ...groups.flat().map(({ known }) => known)].map((one) => [keyOf(one), one]));
  const here = groups.find((group) => group.some(({ location_at, class_at }) => location_at !== null || class_at !== null)) ?? [];
  const located = newest(here, 'location_at');
  const classed = newest(here, 'class_at');
  const location = located === null ? null : locationOf(keeping.db, located);
  const asOf = [located?.location_at, classed?.class_at].flatMap((at) => at ?? []).reduce<Instant | null>(newerOf, null);
  const [first] = identifiers;
  const surviving = first === undefined ? null : survivorOf(keeping, first);
  return { identifiers: [...all.values()], surviving, location, patientClass: classed?.patient_class ?? null, asOf };
}

function locationOf(db: Database, { id_hash, location }: Row): Location | null {
  return location === null ? null : (JSON.parse(db.sealing.open(OF_SITE, placeOf('location', id_hash), location).toString()) as Location);
}

function newest(rows: readonly Row[], time: 'location_at' | 'class_at'): Row | null {
  return rows.reduce<Row | null>((best, row) => ((row[time] ?? '') > (best?.[time] ?? '') ? row : best), null);
}

const newerOf = (one: Instant | null, other: Instant): Instant => (one !== null && one > other ? one : other);
