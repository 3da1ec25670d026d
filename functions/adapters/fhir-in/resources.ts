import type { HospitalEvent } from '#domain/hospital-event.js';
import type { FhirPool, FhirReading } from '#ports/fhir-door.js';
import { encounterEvent, patientEvent, replacedBy } from './encounter.ts';
import { orderEvent, taskEvent } from './order.ts';
import type { About } from './origin.ts';
import { attendingIn, readersIn } from './people.ts';
import { distinct, listAt, at } from './read.ts';
import { referenceAt, typeOf } from './references.ts';
import { appointmentEvent, reportEvent, requestsOf, studyEvent } from './results.ts';
import type { FhirSite } from './site.ts';

/** What one resource says, with the others that were read for it. Nothing for a type that no workflow reads. */
export function readResource(focus: string, pool: FhirPool, site: FhirSite, about: About): FhirReading {
  const resource = pool.get(focus) ?? null;
  if (resource === null) return { events: [], follow: [] };
  const one = (event: HospitalEvent | null): FhirReading => ({ events: event === null ? [] : [event], follow: [] });
  switch (resource.resourceType) {
    case 'ServiceRequest':
      return one(orderEvent(resource, pool, site, about));
    case 'Task': {
      const follow = ordersOfTask(resource, site);
      const requests = follow.map((reference) => pool.get(reference) ?? null).filter((request) => request !== null);
      return { events: requests.flatMap((request) => taskEvent(resource, request, pool, site, about) ?? []), follow };
    }
    case 'Appointment':
      return one(appointmentEvent(resource, pool, site, about));
    case 'ImagingStudy':
      return one(studyEvent(resource, pool, site, about));
    case 'DiagnosticReport':
      return one(reportEvent(resource, pool, site, about));
    case 'Patient':
      return one(patientEvent(resource, pool, site, about));
    case 'Encounter':
      return one(encounterEvent(resource, pool, site, about));
    default:
      return { events: [], follow: [] };
  }
}

/** What must be read besides, and is not in the pool yet. */
export function lacking(focus: string, pool: FhirPool, site: FhirSite): readonly string[] {
  const seen = new Set<string>([focus]);
  const queue = [focus];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const reference of named(pool.get(next) ?? null, { isFocus: next === focus, of: typeOf(focus) }, site)) {
      if (seen.has(reference)) continue;
      seen.add(reference);
      queue.push(reference);
    }
  }
  return [...seen].filter((reference) => !pool.has(reference));
}

/** The references that a reading of this resource goes through. @param of type of the resource that is read, which this one may be */
function named(resource: unknown, { isFocus, of }: { readonly isFocus: boolean; readonly of: string }, site: FhirSite): readonly string[] {
  const refer = (element: string): readonly string[] => [referenceAt(site.baseUrl, resource, element)].filter((one) => one !== null);
  const each = (element: string, ...path: readonly string[]): readonly string[] =>
    listAt(resource, element).flatMap((one) => referenceAt(site.baseUrl, one, ...path) ?? []);
  const types = (references: readonly string[], ...wanted: readonly string[]): readonly string[] =>
    references.filter((reference) => wanted.includes(typeOf(reference)));
  const whereAndWhose = (): readonly string[] => [
    ...types(each('location', 'location'), 'Location'),
    ...types(
      [referenceAt(site.baseUrl, attendingIn(resource))].filter((one) => one !== null),
      'Practitioner',
      'PractitionerRole',
    ),
  ];
  switch (at(resource, 'resourceType')) {
    case 'ServiceRequest':
      return [
        ...types(refer('subject'), 'Patient'),
        ...types(refer('requester'), 'Practitioner', 'PractitionerRole'),
        ...types(refer('encounter'), 'Encounter'),
        ...types(each('reasonReference'), 'Condition').slice(0, 5),
      ];
    case 'PractitionerRole':
      return types(refer('practitioner'), 'Practitioner');
    case 'Task':
      return ordersOfTask(resource, site);
    case 'Appointment':
      return [...requestsOf(resource, site).slice(0, 1), ...types(each('participant', 'actor'), 'Patient')];
    case 'ImagingStudy':
      return [...types(refer('subject'), 'Patient'), ...requestsOf(resource, site).slice(0, 1)];
    case 'DiagnosticReport':
      return [
        ...types(refer('subject'), 'Patient'),
        ...requestsOf(resource, site).slice(0, 1),
        ...types(refer('encounter'), 'Encounter'),
        ...types(
          readersIn(resource).flatMap((one) => referenceAt(site.baseUrl, one) ?? []),
          'Practitioner',
          'PractitionerRole',
        ),
      ];
    case 'Patient':
      return isFocus ? [replacedBy(resource, site)].filter((other) => typeof other === 'string') : [];
    case 'Encounter':
      return isFocus ? [...types(refer('subject'), 'Patient'), ...whereAndWhose()] : of === 'DiagnosticReport' ? whereAndWhose() : [];
    default:
      return [];
  }
}

/** Task.focus and Task.basedOn, as far as they are ServiceRequests. */
function ordersOfTask(task: unknown, site: FhirSite): readonly string[] {
  const references = [referenceAt(site.baseUrl, task, 'focus'), ...listAt(task, 'basedOn').map((one) => referenceAt(site.baseUrl, one))];
  return distinct(references.filter((reference) => reference !== null).filter((reference) => typeOf(reference) === 'ServiceRequest'));
}
