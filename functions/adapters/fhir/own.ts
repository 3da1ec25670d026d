import type { Delivery } from '#core/delivery.js';
import type { OrderReference } from '#domain/outbound.js';
import type { FhirClient, FhirResource } from '#ports/fhir-client.js';
import { at, listAt } from './read.ts';

/** What the resources that Radloop writes have in common. */
export interface Ehr {
  readonly client: FhirClient;
  readonly patientSystem: string | null;
}

export interface Written {
  readonly id: string;
  readonly version: string | null;
}

type Element = { readonly [element: string]: unknown };

/** System of the key by which a repeat is known, as an identifier or a tag. */
export const EFFECT_SYSTEM = 'urn:radloop:effect';
/** Of the names in people.json. */
const PERSON_SYSTEM = 'urn:radloop:person';
export const WRITE_SECONDS = 20;

/** As a condition searches for it; FHIR R4 3.1.1.4.0.2: `\`, `|`, `,` and `$` in a value are escaped. */
export function tokenOf(system: string, value: string): string {
  return `${system}|${value.replace(/[\\|,$]/gu, '\\$&')}`;
}

/** Why nothing is sent there; null: it may be tried. */
export async function refusal(client: FhirClient, what: string): Promise<Delivery<never> | null> {
  const offers = await client.offers(1);
  const offer = offers?.get(what);
  if (offers !== null && offer === undefined)
    return refused(`The EHR does not offer ${what}: take it out of the site's settings, or start again when it does`);
  return offer?.conditionalCreate === false
    ? refused(`The EHR does not take conditional creates of ${what}: a repeat could make a second one`)
    : null;
}

export function refused(detail: string): Delivery<never> {
  return { ok: false, code: 'refused', detail };
}

/** Does it carry this mark, as an identifier or a tag? */
export function isMarked(resource: FhirResource, system: string, value: string): boolean {
  const identifiers = listAt(resource, 'identifier').map((one) => [at(one, 'system'), at(one, 'value')]);
  const tags = listAt(resource, 'meta', 'tag').map((one) => [at(one, 'system'), at(one, 'code')]);
  return [...identifiers, ...tags].some(([known, mark]) => known === system && mark === value);
}

/** The ServiceRequest by its id when that is known, else by a number of the order (FHIR R4 2.3.0.2, logical reference); null: it has none. */
export function requestReference(serviceRequest: string | null, order: OrderReference): Element | null {
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

/** By the number that people read first; null: there is none. */
export function patientReference({ patient }: OrderReference, patientSystem: string | null): Element | null {
  return patient.id === null ? null : { type: 'Patient', identifier: { ...systemOf(patientSystem, patient.assigner), value: patient.id } };
}

export function personReference({ id, name }: { readonly id: string; readonly name: string }): Element {
  return { type: 'Practitioner', identifier: { system: PERSON_SYSTEM, value: id }, display: name };
}

/** An OID as a URI; a name as the assigner's display. */
function systemOf(system: string | null, assigner: string): Element {
  if (system !== null) return { system };
  if (/^[0-2](?:\.(?:0|[1-9]\d*))+$/u.test(assigner)) return { system: `urn:oid:${assigner}` };
  return assigner === '' ? {} : { assigner: { display: assigner } };
}
