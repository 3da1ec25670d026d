import type { Provider } from '#domain/order.js';
import type { Patient } from '#domain/patient.js';
import type { FhirPool } from '#ports/fhir-door.js';
import { assignerOf, identifierType } from './identifiers.ts';
import { at, conceptCodes, listAt, textAt } from './read.ts';
import { referenceAt } from './references.ts';
import type { FhirSite } from './site.ts';

/** Nobody: what an event says when its patient could not be read. */
export const nobody: Patient = { id: null, assigner: '', identifiers: [], name: null, birthDate: null, sex: null };

/** A Patient resource in the words of orders: identifiers best first by the site's preferred assigners, dates without dashes, HL7 table 0001 for the sex. */
export function patientOf(resource: unknown, site: FhirSite): Patient {
  const identifiers = listAt(resource, 'identifier')
    .filter((one) => at(one, 'use') !== 'old')
    .flatMap((one) => {
      const id = textAt(one, 'value');
      return id === null ? [] : [{ id, assigner: assignerOf(one, site), type: identifierType(one) }];
    });
  const preferred = site.preferredAssigners.flatMap((assigner) => identifiers.find((one) => one.assigner === assigner) ?? [])[0];
  const chosen = preferred ?? identifiers.find((one) => one.type === 'MR') ?? identifiers[0] ?? null;
  const names = listAt(resource, 'name').filter((one) => at(one, 'use') !== 'old');
  const name = names.find((one) => at(one, 'use') === 'official') ?? names[0];
  const given = listAt(name, 'given')
    .filter((one) => typeof one === 'string')
    .join(' ');
  const family = textAt(name, 'family') ?? (given === '' ? textAt(name, 'text') : null) ?? '';
  return {
    id: chosen?.id ?? null,
    assigner: chosen?.assigner ?? '',
    identifiers,
    name: family === '' && given === '' ? null : { family, given },
    birthDate: /^\d{4}(?:-\d\d(?:-\d\d)?)?/u.exec(textAt(resource, 'birthDate') ?? '')?.[0].replaceAll('-', '') ?? null,
    sex: sexes[textAt(resource, 'gender') ?? ''] ?? null,
  };
}

const sexes: Readonly<Record<string, string>> = { female: 'F', male: 'M', other: 'O', unknown: 'U' };

/** The patient that an element refers to: read again, or by the identifier that stands in the reference itself. */
export function patientAt(resource: unknown, element: string, pool: FhirPool, site: FhirSite): Patient {
  const reference = referenceAt(site.baseUrl, resource, element);
  const read = reference === null ? null : (pool.get(reference) ?? null);
  if (read !== null) return patientOf(read, site);
  const identifier = at(resource, element, 'identifier');
  return identifier === undefined ? nobody : patientOf({ identifier: [identifier] }, site);
}

/** Who ordered: identifier and name of the Practitioner, also behind a PractitionerRole, else what the reference says itself. */
export function providerOf(resource: unknown, pool: FhirPool, site: FhirSite): Provider | null {
  return practitionerAt(at(resource, 'requester'), pool, site);
}

/** The participant of v3-ParticipationType ATND; R5 calls `actor` what R4 calls `individual`. */
export function attendingOf(encounter: unknown, pool: FhirPool, site: FhirSite): Provider | null {
  return practitionerAt(attendingIn(encounter), pool, site);
}

/** Who interpreted a report: R4 DiagnosticReport.resultsInterpreter, else who performed it. */
export function readersIn(report: unknown): readonly unknown[] {
  return ['resultsInterpreter', 'performer'].flatMap((element) => listAt(report, element)).slice(0, 5);
}

/** Their numbers, the surest first. */
export function readersOf(report: unknown, pool: FhirPool, site: FhirSite): readonly string[] {
  return readersIn(report)
    .map((one) => practitionerAt(one, pool, site)?.id ?? '')
    .filter((id) => id !== '');
}

/** The reference to who attends. */
export function attendingIn(encounter: unknown): unknown {
  const isAttending = (one: unknown): boolean => listAt(one, 'type').some((type) => conceptCodes(type).includes('ATND'));
  const participant = listAt(encounter, 'participant').find(isAttending);
  return at(participant, 'individual') ?? at(participant, 'actor');
}

function practitionerAt(reference: unknown, pool: FhirPool, site: FhirSite): Provider | null {
  const first = found(reference, pool, site);
  const person = at(first, 'resourceType') === 'PractitionerRole' ? (found(at(first, 'practitioner'), pool, site) ?? null) : first;
  const identifier = listAt(person, 'identifier')[0] ?? listAt(first, 'identifier')[0] ?? at(reference, 'identifier');
  const name = listAt(person, 'name')[0];
  const given = listAt(name, 'given')
    .filter((one) => typeof one === 'string')
    .join(' ');
  const full = [given, textAt(name, 'family') ?? ''].filter((part) => part !== '').join(' ');
  const said = full === '' ? (textAt(name, 'text') ?? textAt(reference, 'display') ?? '') : full;
  const id = textAt(identifier, 'value') ?? '';
  return id === '' && said === '' ? null : { id, name: said };
}

/** What a Reference leads to: read again, or contained. */
function found(reference: unknown, pool: FhirPool, site: FhirSite): unknown {
  const own = referenceAt(site.baseUrl, reference);
  return own === null ? null : (pool.get(own) ?? null);
}
