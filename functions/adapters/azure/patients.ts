import { z } from 'zod/v4';
import { instant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { location } from '#domain/hospital-event.js';
import { patientIdentifier } from '#domain/patient.js';
import type { PatientIdentifier } from '#domain/patient.js';
import type { CaseKey, Consequence, RawStore } from '#ports/raw-store.js';
import { replaced } from './case-partition.ts';
import type { Stored } from './cosmos.ts';
import { withLocks } from './locks.ts';
import type { Keeping } from './lookups.ts';
import { gaveWay, joined, moved, newMember, pathOf, sorted } from './patient-group.ts';
import type { Group, Member } from './patient-group.ts';

type Moved = Extract<Consequence, { kind: 'patient-moved' }>;
type Merged = Extract<Consequence, { kind: 'patients-merged' }>;
type PatientNow = Awaited<ReturnType<RawStore['patientNow']>>;

/** A patient's number leads to the group of all that merges joined. */
interface PatientDocument {
  readonly id: 'patient';
  readonly key: string;
  readonly group: string;
}

interface GroupDocument {
  readonly id: 'group';
  /** The hash of the number that it began with. */
  readonly key: string;
  /** The members, sealed. */
  readonly members: string;
}

interface Found {
  readonly document: Stored<GroupDocument>;
  readonly group: Group;
}

const member = z.object({
  hash: z.string(),
  identifier: patientIdentifier,
  ...{ mergedInto: z.string().nullable(), mergedAt: instant.nullable(), location: location.nullable(), locationAt: instant.nullable() },
  ...{ patientClass: z.string().nullable(), classAt: instant.nullable() },
});

const keyOf = ({ assigner, id }: Pick<PatientIdentifier, 'assigner' | 'id'>): CaseKey => `patient|${assigner}|${id}`;

/** Where a patient is and of what class, under each of their numbers. */
export async function movePatient(keeping: Keeping, { patient, ...where }: Moved): Promise<void> {
  for (const identifier of patient) {
    const hash = keeping.hash(keyOf(identifier));
    for (;;) {
      const { document, group } = await groupFor(keeping, identifier);
      if (await write(keeping, document, moved(group, hash, where))) break;
    }
  }
}

/**
 * From now on one patient: each prior number and the surviving number of its assigner (the first surviving number when that assigner gave none), with all that
 * either is one with already. Other numbers of the two records (insurance, licence) join nobody: such a number may be anybody's.
 */
export async function mergePatients(keeping: Keeping, { surviving, prior, sortTime }: Merged): Promise<void> {
  for (const identifier of prior) {
    const survivor = surviving.find(({ assigner }) => assigner === identifier.assigner) ?? surviving[0];
    if (survivor === undefined) return;
    if (keyOf(survivor) !== keyOf(identifier)) while (!(await merge(keeping, identifier, survivor, sortTime)));
  }
}

/** False: somebody changed one of the two groups meanwhile. Each step can be repeated: the union first, then what leads to it, then the old group goes. */
async function merge(keeping: Keeping, prior: PatientIdentifier, survivor: PatientIdentifier, at: Instant): Promise<boolean> {
  const [from, into] = [keeping.hash(keyOf(prior)), keeping.hash(keyOf(survivor))];
  const names = [(await groupFor(keeping, prior)).document.key, (await groupFor(keeping, survivor)).document.key];
  const locks = names.map((name) => keeping.hash(`lock|patients|${name}`));
  return withLocks({ cosmos: keeping.site.cosmos, lockMs: keeping.lockMs }, locks, async () => {
    const [old, kept] = [await groupFor(keeping, prior), await groupFor(keeping, survivor)];
    // Merged by another before we had the locks: these are not the groups that they hold.
    if (old.document.key !== names[0] || kept.document.key !== names[1]) return false;
    const isOne = old.document.key === kept.document.key;
    const union = gaveWay(isOne ? kept.group : joined(kept.group, old.group), from, into, at);
    if (!(await write(keeping, kept.document, union))) return false;
    if (isOne) return true;
    for (const { hash } of old.group) await lead(keeping, hash, old.document.key, kept.document.key);
    const gone = await keeping.site.cosmos.write('lookups', old.document.key, [{ do: 'delete', id: 'group', etag: old.document._etag }]);
    return gone.ok;
  });
}

/** A number that leads elsewhere by now stays there: we stood still for longer than our locks, and another has merged on. */
async function lead({ site }: Keeping, hash: string, from: string, to: string): Promise<void> {
  const found = await site.cosmos.read<PatientDocument>('lookups', hash, 'patient');
  if (found?.group === from) await site.cosmos.write('lookups', hash, [replaced(found, { ...found, group: to })]);
}

async function write({ site, sealing }: Keeping, before: Stored<GroupDocument>, group: Group): Promise<boolean> {
  const sealed = await sealing.seal('site', `patients|${before.key}`, JSON.stringify(group));
  return (await site.cosmos.write('lookups', before.key, [replaced(before, { ...before, members: sealed.toString('base64') })])).ok;
}

/** The group of a number; a number that is new is a group by itself. */
async function groupFor(keeping: Keeping, identifier: PatientIdentifier): Promise<Found> {
  const { site, sealing, hash } = keeping;
  const key = hash(keyOf(identifier));
  for (;;) {
    const found = await readGroup(keeping, key);
    if (found !== null) return found;
    const members = await sealing.seal('site', `patients|${key}`, JSON.stringify([newMember(key, identifier)]));
    const group: GroupDocument = { id: 'group', key, members: members.toString('base64') };
    const patient: PatientDocument = { id: 'patient', key, group: key };
    await site.cosmos.write('lookups', key, [
      { do: 'create', document: patient },
      { do: 'create', document: group },
    ]);
  }
}

/** Null: the number is not known. */
async function readGroup({ site, sealing }: Keeping, hash: string): Promise<Found | null> {
  for (let look = 0; look < 20; look += 1) {
    const patient = await site.cosmos.read<PatientDocument>('lookups', hash, 'patient');
    if (patient === null) return null;
    const document = await site.cosmos.read<GroupDocument>('lookups', patient.group, 'group');
    // Merged away since we read where it is.
    if (document === null) continue;
    const plain = await sealing.open('site', `patients|${document.key}`, Buffer.from(document.members, 'base64'));
    return { document, group: z.array(member).parse(JSON.parse(plain.toString())) };
  }
  throw new Error('a patient number leads to a group that is not there');
}

/** The same key under every number that is this patient's by merges, itself included; a key of something else as it is. */
export async function alsoKnownAs(keeping: Keeping, key: CaseKey): Promise<readonly CaseKey[]> {
  const [kind, ...rest] = key.split('|');
  if (kind !== 'patient' && kind !== 'patient-modality') return [key];
  const last = kind === 'patient-modality' ? `|${rest.pop() ?? ''}` : '';
  const found = await readGroup(keeping, keeping.hash(`patient|${rest.join('|')}`));
  const others = (found?.group ?? []).map(({ identifier: { assigner, id } }) => `${kind}|${assigner}|${id}${last}`);
  return [...new Set([key, ...others])];
}

/** Identifiers in the caller's order of trust: of the first whose whereabouts are known it is said where they are. */
export async function patientNow(keeping: Keeping, identifiers: readonly PatientIdentifier[]): Promise<PatientNow> {
  const hashes = identifiers.map((identifier) => keeping.hash(keyOf(identifier)));
  const groups = await Promise.all(hashes.map(async (hash) => sorted((await readGroup(keeping, hash))?.group ?? [])));
  const all = new Map([...identifiers, ...groups.flat().map(({ identifier }) => identifier)].map((one) => [keyOf(one), one]));
  const here = groups.find((group) => group.some(({ locationAt, classAt }) => locationAt !== null || classAt !== null)) ?? [];
  const located = newest(here, 'locationAt');
  const classed = newest(here, 'classAt');
  const asOf = [located?.locationAt, classed?.classAt]
    .flatMap((at) => at ?? [])
    .reduce<Instant | null>((a, b) => (a !== null && a > b ? a : b), null);
  const path = pathOf(groups[0] ?? [], hashes[0] ?? '');
  const surviving = path.length > 1 ? (path.at(-1)?.identifier ?? null) : null;
  return { identifiers: [...all.values()], surviving, location: located?.location ?? null, patientClass: classed?.patientClass ?? null, asOf };
}

function newest(group: Group, time: 'locationAt' | 'classAt'): Member | null {
  return group.reduce<Member | null>((best, one) => ((one[time] ?? '') > (best?.[time] ?? '') ? one : best), null);
}
