import { afterFailure } from '#core/delivery.js';
import { takenVersion } from '#domain/fhir-feed.js';
import type { TakenVersion } from '#domain/fhir-feed.js';
import type { Cursors } from '#ports/cursors.js';
import type { FhirClient, FhirFailure, FhirResource } from '#ports/fhir-client.js';
import type { FhirDoor, FhirPool } from '#ports/fhir-door.js';
import { keepUnread } from './intake.ts';
import { takeIn } from './take-in.ts';
import type { Parts } from './parts.ts';

export type TakeNeeds = Parameters<typeof takeIn>[0] &
  Pick<Parts, 'door' | 'clock' | 'log'> & { readonly cursors: Cursors; readonly fhir: FhirClient; readonly fhirDoor: FhirDoor };

/** Not done: not now, try later; `all`: the EHR asks to be left alone altogether. Otherwise it has been seen to; `follow` is to be read too. */
export type Taken =
  | { readonly done: true; readonly fresh: boolean; readonly follow: readonly string[] }
  | { readonly done: false; readonly inSeconds: number; readonly all: boolean };

/** What one reading may ask for besides; more than this names too much to be one order. */
const MOST_RELATED = 12;

const nothing: Taken = { done: true, fresh: false, follow: [] };

/** Failures in a row by reference, so that one that the EHR refuses does not come back for ever. */
export type Attempts = Map<string, number>;

/** Reads a resource anew and tells what it says, once a version (FIELD-REPORTS 10). Gone, or refused for good: kept as a row for a person to see. */
export function takeReference(parts: TakeNeeds, reference: string, attempts: Attempts): Promise<Taken> {
  return orPassBy(parts, reference, null, attempts, () => readAnew(parts, reference, attempts));
}

/** The same for a resource that a search of the own EHR has just brought. */
export function takeResource(parts: TakeNeeds, reference: string, resource: FhirResource, attempts: Attempts): Promise<Taken> {
  return orPassBy(parts, reference, resource, attempts, () => takeVersion(parts, reference, resource, attempts));
}

async function readAnew(parts: TakeNeeds, reference: string, attempts: Attempts): Promise<Taken> {
  const read = await parts.fhir.read(...parted(reference));
  if (read.ok) {
    const taken = await takeResource(parts, reference, read.value, attempts);
    if (taken.done) attempts.delete(reference);
    return taken;
  }
  const count = (attempts.get(reference) ?? 0) + 1;
  const next = afterFailure(read.code, count, read.retryAfterSeconds);
  parts.log.error('fhir.not-read', { type: parted(reference)[0], code: read.code, status: read.status, attempt: count });
  if (next.step === 'tryAgain') {
    attempts.set(reference, count);
    return { done: false, inSeconds: next.inSeconds, all: read.code === 'throttled' || read.code === 'unavailable' };
  }
  attempts.delete(reference);
  await note(parts, reference, read);
  return nothing;
}

async function takeVersion(parts: TakeNeeds, reference: string, resource: FhirResource, attempts: Attempts): Promise<Taken> {
  if (`${resource.resourceType}/${String(resource['id'])}` !== reference) {
    await note(parts, reference, { code: 'answer-unreadable', status: 200 });
    return nothing;
  }
  const version = versionOf(parts, resource);
  const before = lastTaken(await parts.cursors.read(versionCursor(reference)));
  if (before?.version === version.version) return { done: true, fresh: false, follow: followed(parts, reference, resource) };
  if (before !== null && isOlder(version, before)) return nothing;
  const pool = await withRelated(parts, reference, resource, attempts);
  if (typeof pool === 'number') return { done: false, inSeconds: pool, all: false };
  const bytes = Buffer.from(JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry: [...pool.values()].filter((one) => one !== null).map((one) => ({ resource: one })) })); // prettier-ignore
  const about = { known: before !== null, rawHash: parts.door.hash(bytes), receivedAt: parts.clock.now() };
  const { events, follow } = parts.fhirDoor.read(reference, pool, about);
  const controlId = `${reference}/_history/${version.version}`;
  const { fresh } = await takeIn(parts, { endpoint: 'fhir', bytes, messageType: resource.resourceType, controlId, sender: 'fhir' }, events);
  // After it: a crash in between reads the same version again, which gives the same bytes, which are known.
  await parts.cursors.write(versionCursor(reference), JSON.stringify(version));
  return { done: true, fresh, follow };
}

/** What a version that is known leads to: an end between its keeping and the feed's progress must not lose it. One at which our reader fails was passed by. */
function followed(parts: TakeNeeds, reference: string, resource: FhirResource): readonly string[] {
  try {
    const about = { known: true, rawHash: '', receivedAt: parts.clock.now() };
    return parts.fhirDoor.read(reference, new Map([[reference, resource]]), about).follow;
  } catch {
    return [];
  }
}

/** So often what our own reading or keeping fails at is tried, at once and then later each time. */
const MOST_FAULTS = 5;
const FAULT_SECONDS = 5;

/**
 * Never rejects: one at which we fail ourselves holds none of the others, and after some tries it is a row for a person to see, not tried again in this version.
 * Nothing is passed by before its row is on disk: a store that fails at everything loses nothing.
 */
async function orPassBy(
  parts: TakeNeeds,
  reference: string,
  resource: FhirResource | null,
  attempts: Attempts,
  take: () => Promise<Taken>,
): Promise<Taken> {
  const what = `${reference} fault`;
  try {
    const taken = await take();
    if (taken.done) attempts.delete(what);
    return taken;
  } catch (error) {
    const [count, fault] = [(attempts.get(what) ?? 0) + 1, error instanceof Error ? error.name : 'unknown'];
    attempts.set(what, count);
    parts.log.error('fhir.not-taken', { type: parted(reference)[0], fault: error, attempt: count });
    const isPassedBy = count >= MOST_FAULTS && (await passedBy(parts, reference, resource, fault));
    if (!isPassedBy) return { done: false, inSeconds: FAULT_SECONDS * Math.min(count, MOST_FAULTS), all: false };
    attempts.delete(what);
    return nothing;
  }
}

async function passedBy(parts: TakeNeeds, reference: string, resource: FhirResource | null, fault: string): Promise<boolean> {
  try {
    const bytes = Buffer.from(JSON.stringify(resource ?? { reference }));
    const why = `a ${parted(reference)[0]} that could not be taken in, ${MOST_FAULTS} times (${fault}): tell the makers of Radloop`;
    await keepUnread(parts, bytes, bytes.length, why, { endpoint: 'fhir', facility: null });
    if (resource !== null) await parts.cursors.write(versionCursor(reference), JSON.stringify(versionOf(parts, resource)));
    return true;
  } catch {
    return false;
  }
}

/** The resource with those that it names, as far as the EHR gives them within the usual attempts; seconds: it is not up to it now. */
async function withRelated(parts: TakeNeeds, reference: string, resource: FhirResource, attempts: Attempts): Promise<FhirPool | number> {
  const pool = new Map<string, FhirResource | null>([[reference, resource]]);
  for (;;) {
    const lacks = parts.fhirDoor.lacks(reference, pool).slice(0, MOST_RELATED + 1 - pool.size);
    if (lacks.length === 0) return pool;
    const read = await Promise.all(lacks.map(async (one) => [one, await parts.fhir.read(...parted(one))] as const));
    const waits: number[] = [];
    for (const [one, found] of read) {
      const [what, count] = [`${reference} ${one}`, (attempts.get(`${reference} ${one}`) ?? 0) + 1];
      const next = found.ok ? null : afterFailure(found.code, count, found.retryAfterSeconds);
      if (next?.step === 'tryAgain') {
        attempts.set(what, count);
        waits.push(next.inSeconds);
      } else attempts.delete(what);
      pool.set(one, found.ok ? found.value : null);
    }
    if (waits.length > 0) return Math.max(...waits);
  }
}

/** What could not be read stands among the kept messages: type, id and why, nothing of its content. */
async function note(parts: TakeNeeds, reference: string, { code, status }: Pick<FhirFailure, 'code' | 'status'>): Promise<void> {
  const why = status === 404 || status === 410 || code === 'gone' ? 'deleted in the EHR, or never there' : `not given by the EHR: ${code}`;
  const bytes = Buffer.from(JSON.stringify({ reference, why }));
  await takeIn(parts, { endpoint: 'fhir', bytes, messageType: `${parted(reference)[0]}: ${why}`, controlId: reference, sender: 'fhir' }, []);
}

function versionCursor(reference: string): string {
  return `fhir-version:${reference}`;
}

function parted(reference: string): [type: string, id: string] {
  const slash = reference.indexOf('/');
  return [reference.slice(0, slash), reference.slice(slash + 1)];
}

/** meta.versionId, else meta.lastUpdated, else a hash of the whole. */
function versionOf(parts: TakeNeeds, resource: FhirResource): TakenVersion {
  const meta = resource['meta'];
  const said = (name: 'versionId' | 'lastUpdated'): string | null => {
    const value: unknown = typeof meta === 'object' && meta !== null ? Reflect.get(meta, name) : null;
    return typeof value === 'string' && value.length <= 64 ? value : null;
  };
  const updated = said('lastUpdated');
  return { version: said('versionId') ?? updated ?? parts.door.hash(Buffer.from(JSON.stringify(resource))), updated };
}

function lastTaken(text: string | null): TakenVersion | null {
  return text === null ? null : takenVersion.parse(JSON.parse(text));
}

/** A replica of the EHR that is behind shows an earlier version. */
function isOlder(now: TakenVersion, before: TakenVersion): boolean {
  const [a, b] = [Date.parse(now.updated ?? ''), Date.parse(before.updated ?? '')];
  return a < b;
}
