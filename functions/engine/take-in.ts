import type { HospitalEvent } from '#domain/hospital-event.js';
import type { Intake } from './intake.ts';
import { accessionsOf } from './report-exam.ts';
import { consequencesOf } from './route.ts';
import { readersOf, routeKept, usedAs } from './routing.ts';

/** What came by another way than HL7 (FHIR, a PACS). */
export interface Brought {
  readonly endpoint: string;
  readonly bytes: Buffer;
  /** Such as `ServiceRequest` or `study`. */
  readonly messageType: string;
  /** The sender's name for it, such as `ServiceRequest/7/_history/3`. */
  readonly controlId: string | null;
  readonly sender: string;
}

/** Much is still to be worked out before it: that is for the next process. */
class Ending extends Error {
  override readonly name = 'Ending';
}

/**
 * The same keeping without an answer. Rejects when the store fails, or Radloop ends before its turn comes: bring it again. Whoever brings much looks first whether intake is shut; what is under way when
 * it shuts is taken.
 */
export async function takeIn(parts: Intake, brought: Brought, events: readonly HospitalEvent[]): Promise<{ readonly fresh: boolean }> {
  // What was answered before this came is worked out before it: a study does not overtake its order. What tells the workflows nothing overtakes nothing.
  while (events.length > 0 && (await routeKept(parts)) > 0) if (parts.pressure?.hasEnded() === true) throw new Ending();
  const { endpoint, bytes, messageType, controlId, sender } = brought;
  const receivedAt = parts.clock.now();
  const hash = parts.door.hash(bytes);
  const readers = { ...readersOf(parts, endpoint), accessions: await accessionsOf(events, parts) };
  const consequences = consequencesOf(events, { id: `in:${hash}`, actor: { kind: 'sender', endpoint }, receivedAt }, readers);
  const state = usedAs(events, consequences.length > 0);
  const about = { controlId, sender, messageType, answers: { commit: null, application: null }, ackCode: 'AA', state, reason: null } as const;
  const kept = await parts.raw.keep(
    { ...about, identity: `${endpoint}:${hash}`, endpoint, hash, bytes, length: bytes.length, receivedAt },
    consequences,
  );
  if (kept.fresh && consequences.length > 0) parts.wake();
  parts.log.info('event.received', { endpoint, type: messageType, used: state === 'used', fresh: kept.fresh });
  return { fresh: kept.fresh };
}
