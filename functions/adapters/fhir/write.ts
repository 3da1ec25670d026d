import type { Delivery } from '#core/delivery.js';
import { approvalRecordData } from '#domain/outbound.js';
import type { ApprovalRecordData } from '#domain/outbound.js';
import type { FhirParams, FhirResource } from '#ports/fhir-client.js';
import { EFFECT_SYSTEM, WRITE_SECONDS, isMarked, patientReference, personReference, refusal, refused, requestReference, tokenOf } from './own.ts';
import type { Ehr, Written } from './own.ts';

const PROTOCOL_SYSTEM = 'urn:radloop:protocol';

/**
 * Writes Task or Provenance of an approval by a conditional create. Provenance has no identifier in R4; it is known again by a tag rather than by an id of our
 * making, because many servers let nobody but themselves give ids, and so both resources go the same way. Nothing is patched afterwards: an approval is a fact.
 */
export async function writeApproval(ehr: Ehr, what: 'Task' | 'Provenance', data: unknown, key: string): Promise<Delivery<Written>> {
  const parsed = approvalRecordData.safeParse(data);
  if (!parsed.success) {
    const where = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
    return { ok: false, code: 'cannot-be-written', detail: `The data of the ${what} is not complete: ${where}` };
  }
  const why = await refusal(ehr.client, what);
  if (why !== null) return why;
  const resource = what === 'Task' ? taskOf(parsed.data, key, ehr.patientSystem) : provenanceOf(parsed.data, key);
  const token = tokenOf(EFFECT_SYSTEM, key);
  const condition: FhirParams = what === 'Task' ? { identifier: token } : { _tag: token };
  const written = await ehr.client.create(resource, condition, { seconds: WRITE_SECONDS });
  if (!written.ok) return written;
  const { id, version, made } = written.value;
  if (made !== 'existing') return { ok: true, receipt: { id, version } };
  // A server that does not know the search parameter may take any resource for the one that is meant.
  const there = await ehr.client.read(what, id, { seconds: WRITE_SECONDS });
  if (!there.ok) return there;
  if (isMarked(there.value, EFFECT_SYSTEM, key)) return { ok: true, receipt: { id, version } };
  return refused(`The EHR took another ${what} for this one: it does not search by ${Object.keys(condition).join('')}`);
}

/** FHIR R4 8.15 (Task): the protocol was chosen and approved, for this order, by this person. */
export function taskOf(data: ApprovalRecordData, key: string, patientSystem: string | null): FhirResource {
  const { protocol, approvedAt, order, approvedBy } = data;
  const request = requestReference(data.serviceRequest, order);
  const patient = patientReference(order, patientSystem);
  return {
    resourceType: 'Task',
    identifier: [{ system: EFFECT_SYSTEM, value: key }],
    ...(request === null ? {} : { basedOn: [request], focus: request }),
    status: 'completed',
    intent: 'order',
    code: { text: 'Protocol approved' },
    ...(patient === null ? {} : { for: patient }),
    authoredOn: approvedAt,
    lastModified: approvedAt,
    owner: personReference(approvedBy),
    output: [
      {
        type: { text: 'Protocol' },
        valueCodeableConcept: { coding: [{ system: PROTOCOL_SYSTEM, code: protocol.id, display: protocol.name }], text: protocol.name },
      },
    ],
  };
}

/** FHIR R4 6.3 (Provenance): who verified the order's protocol, and that a program put it together. */
export function provenanceOf(data: ApprovalRecordData, key: string): FhirResource {
  const agent = (code: string, who: unknown): unknown => ({
    type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code }] },
    who,
  });
  return {
    resourceType: 'Provenance',
    meta: { tag: [{ system: EFFECT_SYSTEM, code: key }] },
    // Without any number of the order there is still the record that somebody approved.
    target: [requestReference(data.serviceRequest, data.order) ?? { type: 'ServiceRequest', display: 'An order without a number' }],
    occurredDateTime: data.approvedAt,
    recorded: data.approvedAt,
    activity: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation', code: 'UPDATE', display: 'revise' }],
      text: 'Protocol approved',
    },
    agent: [agent('verifier', personReference(data.approvedBy)), agent('assembler', { display: 'Radloop' })],
  };
}
