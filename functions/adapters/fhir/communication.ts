import type { Delivery } from '#core/delivery.js';
import { criticalRecordData } from '#domain/outbound.js';
import type { CriticalRecordData, CriticalResultData } from '#domain/outbound.js';
import type { FhirResource } from '#ports/fhir-client.js';
import { EFFECT_SYSTEM, WRITE_SECONDS, isMarked, patientReference, personReference, refusal, refused, requestReference, tokenOf } from './own.ts';
import type { Ehr, Written } from './own.ts';
import { textAt } from './read.ts';

/** A critical result by its case number: all of its versions are versions of one resource. */
const CASE_SYSTEM = 'urn:radloop:critical-result';

/**
 * Writes the Communication of a critical result. The first version by a conditional create; a later one takes the place of what stands there (If-Match), so that
 * nobody finds two of which one no longer holds, and the EHR's own history keeps both.
 */
export async function writeCommunication(ehr: Ehr, data: unknown, key: string): Promise<Delivery<Written>> {
  const parsed = criticalRecordData.safeParse(data);
  const number = parsed.data?.caseNumber ?? null;
  if (!parsed.success || number === null) return { ok: false, code: 'cannot-be-written', detail: 'The data of the Communication is not complete' };
  const why = await refusal(ehr.client, 'Communication');
  if (why !== null) return why;
  const resource = communicationOf(parsed.data, number, key, ehr.patientSystem);
  const made = await ehr.client.create(resource, { identifier: tokenOf(CASE_SYSTEM, number) }, { seconds: WRITE_SECONDS });
  if (!made.ok) return made;
  const { id, version } = made.value;
  if (made.value.made !== 'existing') return { ok: true, receipt: { id, version } };
  const there = await ehr.client.read('Communication', id, { seconds: WRITE_SECONDS });
  if (!there.ok) return there;
  if (isMarked(there.value, EFFECT_SYSTEM, key)) return { ok: true, receipt: { id, version } };
  // A server that does not know the search parameter may take any resource for the one that is meant.
  if (!isMarked(there.value, CASE_SYSTEM, number))
    return refused('The EHR took another Communication for this one: it does not search by identifier');
  const standing = textAt(there.value, 'meta', 'versionId');
  if (standing === null) return refused('The EHR tells no version of the Communication: what stands there can not be replaced safely');
  const updated = await ehr.client.update({ ...resource, id }, standing, { seconds: WRITE_SECONDS });
  return updated.ok ? { ok: true, receipt: { id, version: updated.value.version } } : updated;
}

const PRIORITIES = { 1: 'stat', 2: 'urgent', 3: 'routine' } as const;
const CATEGORY_SYSTEM = 'http://terminology.hl7.org/CodeSystem/communication-category';
const MODE_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationMode';

/** FHIR R4 8.25 (Communication): who told whom of which finding, how, when, and what came back; one that was withdrawn was entered in error. */
export function communicationOf(told: CriticalRecordData, number: string, key: string, patientSystem: string | null): FhirResource {
  const request = requestReference(null, told.order);
  const patient = patientReference(told.order, patientSystem);
  return {
    resourceType: 'Communication',
    identifier: [
      { system: CASE_SYSTEM, value: number },
      { system: EFFECT_SYSTEM, value: key },
    ],
    ...(request === null ? {} : { basedOn: [request] }),
    status: 'withdrawn' in told ? 'entered-in-error' : 'completed',
    ...('withdrawn' in told ? { statusReason: { text: told.withdrawn.why } } : {}),
    category: [{ coding: [{ system: CATEGORY_SYSTEM, code: 'alert', display: 'Alert' }] }],
    priority: PRIORITIES[told.category],
    ...(patient === null ? {} : { subject: patient }),
    topic: { text: 'Critical result' },
    ...('withdrawn' in told
      ? { sent: told.withdrawn.at, sender: personReference(told.withdrawn.by), payload: [{ contentString: told.addendum }] }
      : readBackOf(told)),
  };
}

function readBackOf({ via, releasedAt, acknowledgedAt, declaredBy, receiver, receivedBy, finding, readBack, addendum }: CriticalResultData): object {
  const mode = via === 'phone' ? { code: 'PHONE', display: 'telephone' } : { code: 'ONLINEWRIT', display: 'online written' };
  return {
    medium: [{ coding: [{ system: MODE_SYSTEM, ...mode }] }],
    sent: releasedAt,
    received: acknowledgedAt,
    recipient: [receiver === null ? { type: 'Practitioner', display: receivedBy } : personReference({ id: receiver, name: receivedBy })],
    sender: personReference(declaredBy),
    payload: [
      { contentString: finding },
      { contentString: `Read back at ${readBack.at}: ${readBack.finding}. Will do: ${readBack.action}` },
      { contentString: addendum },
    ],
  };
}
