import type { Delivery } from '#core/delivery.js';
import { approvalRecordData } from '#domain/outbound.js';
import type { ApprovalRecordData } from '#domain/outbound.js';
import type { FhirClient, FhirParams, FhirResource } from '#ports/fhir-client.js';
import { at, listAt } from './read.ts';

/** System of the key by which a repeat is known, as Task.identifier and Provenance.meta.tag. */
const EFFECT_SYSTEM = 'urn:radloop:effect';
/** Of the names in people.json. */
const PERSON_SYSTEM = 'urn:radloop:person';
const PROTOCOL_SYSTEM = 'urn:radloop:protocol';
const WRITE_SECONDS = 20;

interface Ehr {
  readonly client: FhirClient;
  readonly patientSystem: string | null;
}

interface Written {
  readonly id: string;
  readonly version: string | null;
}

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
  const offers = await ehr.client.offers(1);
  const offer = offers?.get(what);
  if (offers !== null && offer === undefined) return { ok: false, code: 'refused', detail: `The EHR does not offer ${what}: take it out of "writes" in endpoints.json, or start again when it does` }; // prettier-ignore
  if (offer?.conditionalCreate === false) return { ok: false, code: 'refused', detail: `The EHR does not take conditional creates of ${what}: a repeat could make a second one` }; // prettier-ignore
  const resource = what === 'Task' ? taskOf(parsed.data, key, ehr.patientSystem) : provenanceOf(parsed.data, key);
  const token = `${EFFECT_SYSTEM}|${key.replace(/[\\|,$]/gu, '\\$&')}`;
  const condition: FhirParams = what === 'Task' ? { identifier: token } : { _tag: token };
  const written = await ehr.client.create(resource, condition, { seconds: WRITE_SECONDS });
  if (!written.ok) return written;
  const { id, version, made } = written.value;
  if (made !== 'existing') return { ok: true, receipt: { id, version } };
  // A server that does not know the search parameter may take any resource for the one that is meant.
  const there = await ehr.client.read(what, id, { seconds: WRITE_SECONDS });
  if (!there.ok) return there;
  if (isOurs(there.value, key)) return { ok: true, receipt: { id, version } };
  return {
    ok: false,
    code: 'refused',
    detail: `The EHR took another ${what} for this one: it does not search by ${Object.keys(condition).join('')}`,
  };
}

function isOurs(resource: FhirResource, key: string): boolean {
  const marks = [...listAt(resource, 'identifier').map((one) => [at(one, 'system'), at(one, 'value')]), ...listAt(resource, 'meta', 'tag').map((one) => [at(one, 'system'), at(one, 'code')])]; // prettier-ignore
  return marks.some(([system, value]) => system === EFFECT_SYSTEM && value === key);
}

/** FHIR R4 8.15 (Task): the protocol was chosen and approved, for this order, by this person. */
export function taskOf(data: ApprovalRecordData, key: string, patientSystem: string | null): FhirResource {
  const { protocol, approvedAt, order } = data;
  const request = referenceOf(data);
  const patient = order.patient.id;
  return {
    resourceType: 'Task',
    identifier: [{ system: EFFECT_SYSTEM, value: key }],
    ...(request === null ? {} : { basedOn: [request], focus: request }),
    status: 'completed',
    intent: 'order',
    code: { text: 'Protocol approved' },
    ...(patient === null ? {} : { for: { type: 'Patient', identifier: { ...systemOf(patientSystem, order.patient.assigner), value: patient } } }),
    authoredOn: approvedAt,
    lastModified: approvedAt,
    owner: personOf(data),
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
    target: [referenceOf(data) ?? { type: 'ServiceRequest', display: 'An order without a number' }],
    occurredDateTime: data.approvedAt,
    recorded: data.approvedAt,
    activity: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation', code: 'UPDATE', display: 'revise' }],
      text: 'Protocol approved',
    },
    agent: [agent('verifier', personOf(data)), agent('assembler', { display: 'Radloop' })],
  };
}

/** The ServiceRequest by its id when that is known, else by a number of the order (FHIR R4 2.3.0.2, logical reference); null: it has none. */
function referenceOf({ serviceRequest, order }: ApprovalRecordData): { readonly [element: string]: unknown } | null {
  if (serviceRequest !== null && /^ServiceRequest\/[A-Za-z0-9\-.]{1,64}$/u.test(serviceRequest)) return { reference: serviceRequest };
  const numbers = [
    ['PLAC', order.placerOrderNumber],
    ['FILL', order.fillerOrderNumber],
    ['ACSN', order.accessionNumber === null ? null : { id: order.accessionNumber, assigner: '' }],
  ] as const;
  for (const [code, number] of numbers) {
    if (number === null) continue;
    const type = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code }] };
    return { type: 'ServiceRequest', identifier: { type, ...systemOf(null, number.assigner), value: number.id } };
  }
  return null;
}

/** An OID as a URI; a name as the assigner's display. */
function systemOf(system: string | null, assigner: string): { readonly [element: string]: unknown } {
  if (system !== null) return { system };
  if (/^[0-2](?:\.(?:0|[1-9]\d*))+$/u.test(assigner)) return { system: `urn:oid:${assigner}` };
  return assigner === '' ? {} : { assigner: { display: assigner } };
}

function personOf({ approvedBy }: ApprovalRecordData): unknown {
  return { type: 'Practitioner', identifier: { system: PERSON_SYSTEM, value: approvedBy.id }, display: approvedBy.name };
}
