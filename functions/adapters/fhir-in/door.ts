import type { Site } from '#domain/site.js';
import type { FhirDoor } from '#ports/fhir-door.js';
import { readGrid } from './event-grid.ts';
import { eventsIn, readNotification } from './notification.ts';
import { lacking, readResource } from './resources.ts';
import type { FhirSite } from './site.ts';
import { subscriptionOf } from './subscription.ts';

/** The port over this folder's readers. */
export function fhirDoor(site: Pick<Site, 'endpoints' | 'fieldMap' | 'procedureMap'>): FhirDoor {
  const { baseUrl, patientSystem, assigners } = site.endpoints.ehr;
  const { preferredAssigners } = site.fieldMap;
  const own: FhirSite = { baseUrl, patientSystem, assigners, preferredAssigners, procedureMap: site.procedureMap };
  return {
    notification: (told) => readNotification(told, baseUrl),
    grid: (told) => readGrid(told, baseUrl),
    subscription: subscriptionOf,
    eventsIn: (bundle) => eventsIn(bundle, baseUrl),
    lacks: (focus, pool) => lacking(focus, pool, own),
    read: (focus, pool, about) => readResource(focus, pool, own, about),
  };
}
