import type { Instant } from '#core/time.js';
import type { Location } from '#domain/hospital-event.js';
import { patientIdentifier } from '#domain/patient.js';
import type { PatientIdentifier } from '#domain/patient.js';
import type { CaseKey, Consequence, RawStore } from '#ports/raw-store.js';
import type { Keeping } from './keeper.ts';

type Moved = Extract<Consequence, { kind: 'patient-moved' }>;
type Merged = Extract<Consequence, { kind: 'patients-merged' }>;
type PatientNow = Awaited<ReturnType<RawStore['patientNow']>>;

interface Row {
  readonly identifier: string;
  readonly location: string | null;
  readonly patient_class: string | null;
  readonly moved_at: Instant | null;
}

const keyOf = ({ assigner, id }: Pick<PatientIdentifier, 'assigner' | 'id'>): CaseKey => `patient|${assigner}|${id}`;

/** Where a patient is, under each of their numbers; what is older than what is known changes nothing, what is not said stays. */
export function movePatient({ db, hash }: Keeping, { patient, location, patientClass, sortTime }: Moved): void {
  for (const identifier of patient) {
    const idHash = known({ db, hash }, identifier);
    db.run(
      `UPDATE patients SET location = coalesce(?, location), patient_class = coalesce(?, patient_class), moved_at = ?
       WHERE id_hash = ? AND coalesce(moved_at, '') <= ?`,
      ...[location && JSON.stringify(location), patientClass, sortTime, idHash, sortTime],
    );
  }
}

/**
 * From now on one patient: each prior number and the surviving number of its assigner (the first surviving number when that assigner gave none), with all that
 * either is one with already. Other numbers of the two records (insurance, licence) join nobody: such a number may be anybody's.
 */
export function mergePatients({ db, hash }: Keeping, { surviving, prior }: Merged): void {
  for (const identifier of prior) {
    const survivor = surviving.find(({ assigner }) => assigner === identifier.assigner) ?? surviving[0];
    if (survivor === undefined) return;
    const [from, into] = [identifier, survivor].map((one) => {
      const idHash = known({ db, hash }, one);
      return db.get<{ group_id: Uint8Array }>('SELECT group_id FROM patients WHERE id_hash = ?', idHash)?.group_id ?? idHash;
    });
    if (from && into) db.run('UPDATE patients SET group_id = ? WHERE group_id = ?', into, from);
  }
}

function known({ db, hash }: Pick<Keeping, 'db' | 'hash'>, identifier: PatientIdentifier): Uint8Array {
  const idHash = hash(keyOf(identifier));
  db.run('INSERT OR IGNORE INTO patients (id_hash, group_id, identifier) VALUES (?, ?, ?)', idHash, idHash, JSON.stringify(identifier));
  return idHash;
}

function groupOf({ db, hash }: Keeping, key: CaseKey): Row[] {
  return db.all<Row>(
    `SELECT identifier, location, patient_class, moved_at FROM patients
     WHERE group_id = (SELECT group_id FROM patients WHERE id_hash = ?) ORDER BY coalesce(moved_at, '') DESC, identifier`,
    hash(key),
  );
}

function survivorOf({ db, hash }: Keeping, identifier: PatientIdentifier): PatientIdentifier | undefined {
  const row = db.get<{ identifier: string }>(
    'SELECT survivor.identifier FROM patients AS asked JOIN patients AS survivor ON survivor.id_hash = asked.group_id WHERE asked.id_hash = ?',
    hash(keyOf(identifier)),
  );
  return row === undefined ? undefined : patientIdentifier.parse(JSON.parse(row.identifier));
}

const identifierOf = (row: Row): PatientIdentifier => patientIdentifier.parse(JSON.parse(row.identifier));

/** The same key under every number that is this patient's by merges, itself included; a key of something else as it is. */
export function alsoKnownAs(keeping: Keeping, key: CaseKey): readonly CaseKey[] {
  const [kind, ...rest] = key.split('|');
  if (kind !== 'patient' && kind !== 'patient-modality') return [key];
  const last = kind === 'patient-modality' ? `|${rest.pop() ?? ''}` : '';
  const others = groupOf(keeping, `patient|${rest.join('|')}`).map(identifierOf);
  return [...new Set([key, ...others.map(({ assigner, id }) => `${kind}|${assigner}|${id}${last}`)])];
}

/** Identifiers in the caller's order of trust: of the first whose whereabouts are known it is said where they are. */
export function patientNow(keeping: Keeping, identifiers: readonly PatientIdentifier[]): PatientNow {
  const groups = identifiers.map((identifier) => groupOf(keeping, keyOf(identifier)));
  const all = new Map([...identifiers, ...groups.flat().map(identifierOf)].map((one) => [keyOf(one), one]));
  const latest = groups.flat().find(({ moved_at }) => moved_at !== null);
  const location = latest?.location == null ? null : (JSON.parse(latest.location) as Location);
  const [first] = identifiers;
  const remained = first === undefined ? undefined : survivorOf(keeping, first);
  const surviving = remained === undefined || first === undefined || keyOf(remained) === keyOf(first) ? null : remained;
  return { identifiers: [...all.values()], surviving, location, patientClass: latest?.patient_class ?? null, asOf: latest?.moved_at ?? null };
}
