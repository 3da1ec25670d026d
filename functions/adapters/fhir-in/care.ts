import type { Care } from '#domain/hospital-event.js';
import type { FhirPool } from '#ports/fhir-door.js';
import { classOf, locationOf } from './encounter.ts';
import { instantOf, messageTimeOf } from './origin.ts';
import type { About } from './origin.ts';
import { attendingOf, providerOf } from './people.ts';
import { referenceAt } from './references.ts';
import type { FhirSite } from './site.ts';

/** Of the encounter that the result names, else that of its order; who asked for it is the order's requester. */
export function careOf(result: unknown, request: unknown, pool: FhirPool, site: FhirSite, { receivedAt }: Pick<About, 'receivedAt'>): Care {
  const reference = referenceAt(site.baseUrl, result, 'encounter') ?? referenceAt(site.baseUrl, request, 'encounter');
  const encounter = pool.get(reference ?? '') ?? null;
  const attending = encounter === null ? null : attendingOf(encounter, pool, site);
  const at = encounter === null ? null : locationOf(encounter, pool, site);
  return {
    orderingProvider: request === null ? null : providerOf(request, pool, site),
    attending,
    patientClass: encounter === null ? null : classOf(encounter),
    location: at === null ? null : { at, asOf: instantOf(messageTimeOf(encounter)) ?? receivedAt },
  };
}
