import type { AssignedNumber } from '#domain/order.js';
import type { OrderNumbers } from '#domain/hospital-event.js';
import { at, conceptCodes, listAt, textAt } from './read.ts';
import type { FhirSite } from './site.ts';

/**
 * The assigner as HL7 messages name it (EI.2, CX.4.1), so that the same number is the same number by either way: as the site maps the system; the first
 * preferred assigner for the system of the site's record numbers; else the assigner's display or own identifier; else the OID, or the URI itself.
 */
export function assignerOf(identifier: unknown, site: FhirSite): string {
  const system = textAt(identifier, 'system') ?? '';
  const mapped = Object.hasOwn(site.assigners, system) ? site.assigners[system] : undefined;
  const preferred = system !== '' && system === site.patientSystem ? site.preferredAssigners[0] : undefined;
  const said = textAt(identifier, 'assigner', 'display') ?? textAt(identifier, 'assigner', 'identifier', 'value');
  return mapped ?? preferred ?? said ?? system.replace(/^urn:oid:/u, '');
}

/** HL7 table 0203 code of an identifier, such as PLAC or MR; empty when it says none. */
export function identifierType(identifier: unknown): string {
  return conceptCodes(at(identifier, 'type'))[0] ?? '';
}

export interface NumbersSaid extends Omit<OrderNumbers, 'serviceRequest'> {
  /** The placer number is one that says no type. */
  readonly untyped: boolean;
}

/**
 * Placer (PLAC), filler (FILL) and accession number (ACSN) of a request's or a result's identifiers (R4 servicerequest.html#8.11.4.1). A request's single
 * identifier without a type is taken as the placer's: it is the EHR that gives it.
 */
export function numbersOf(resource: unknown, site: FhirSite): NumbersSaid {
  const current = listAt(resource, 'identifier').filter((one) => textAt(one, 'value') !== null && at(one, 'use') !== 'old');
  const typed = (type: string): unknown => current.find((one) => identifierType(one) === type);
  const rest = current.filter((one) => identifierType(one) === '');
  const untyped =
    typed('PLAC') === undefined && typed('FILL') === undefined && rest.length === 1 && textAt(resource, 'resourceType') === 'ServiceRequest';
  return {
    placer: numberOf(typed('PLAC') ?? (untyped ? rest[0] : undefined), site),
    filler: numberOf(typed('FILL'), site),
    accession: textAt(typed('ACSN'), 'value'),
    untyped,
  };
}

function numberOf(identifier: unknown, site: FhirSite): AssignedNumber | null {
  const id = textAt(identifier, 'value');
  return id === null ? null : { id, assigner: assignerOf(identifier, site) };
}
