import type { Location, PatientMerged, PatientUpdated } from '#domain/hospital-event.js';
import type { FhirPool } from '#ports/fhir-door.js';
import { instantOf, messageTimeOf, originOf } from './origin.ts';
import type { About } from './origin.ts';
import { attendingOf, patientAt, patientOf } from './people.ts';
import { qualityOfPatient } from './quality.ts';
import { at, conceptCodes, listAt, textAt } from './read.ts';
import { referenceAt } from './references.ts';
import type { FhirSite } from './site.ts';

/** v3-ActCode of Encounter.class by HL7 table 0004. */
const classes: Readonly<Record<string, string>> = {
  IMP: 'I', ACUTE: 'I', NONAC: 'I', EMER: 'E', AMB: 'O', OBSENC: 'O', SS: 'O', HH: 'O', FLD: 'O', VR: 'O', PRENC: 'P',
}; // prettier-ignore

/** R4: a Coding; R5: a list of CodeableConcept. */
export function classOf(encounter: unknown): string | null {
  const code = textAt(encounter, 'class', 'code') ?? listAt(encounter, 'class').flatMap((one) => conceptCodes(one))[0] ?? '';
  return classes[code] ?? null;
}

/** In the house now? A planned or cancelled encounter says nothing of others. */
const presence: Readonly<Record<string, boolean>> = {
  arrived: true, triaged: true, 'in-progress': true, onleave: true, 'on-hold': true, finished: false, completed: false, discharged: false,
}; // prettier-ignore

export function encounterEvent(encounter: unknown, pool: FhirPool, site: FhirSite, about: About): PatientUpdated {
  const patient = patientAt(encounter, 'subject', pool, site);
  const attending = attendingOf(encounter, pool, site);
  return {
    type: 'patientUpdated',
    trigger: 'Encounter',
    patient,
    location: locationOf(encounter, pool, site),
    patientClass: classOf(encounter),
    ...(attending === null ? {} : { attending }),
    present: presence[textAt(encounter, 'status') ?? ''] ?? null,
    sortTime: instantOf(messageTimeOf(encounter)),
    ...originOf(encounter, site, about),
    quality: qualityOfPatient(encounter, patient, 'Encounter.subject', about.receivedAt),
  };
}

/** The location of now: `active`, else the last one without a status. Its name, else what the reference shows. */
export function locationOf(encounter: unknown, pool: FhirPool, site: FhirSite): Location | null {
  const places = listAt(encounter, 'location');
  const now = places.find((one) => at(one, 'status') === 'active') ?? places.filter((one) => at(one, 'status') === undefined).at(-1);
  const read = pool.get(referenceAt(site.baseUrl, now, 'location') ?? '') ?? null;
  const pointOfCare = textAt(read, 'name') ?? textAt(now, 'location', 'display');
  return pointOfCare === null ? null : { pointOfCare, room: '', bed: '', facility: '' };
}

/**
 * A Patient that was joined to another (`active` false or not, link `replaced-by`: R4 patient.html#8.1.1.3) is a merge; any other is a change of details.
 * Null: the other one could not be read, or no number is left to be merged.
 */
export function patientEvent(patient: unknown, pool: FhirPool, site: FhirSite, about: About): PatientMerged | PatientUpdated | null {
  const own = patientOf(patient, site);
  const quality = qualityOfPatient(patient, own, 'Patient.identifier', about.receivedAt);
  const origin = { ...originOf(patient, site, about), sortTime: instantOf(messageTimeOf(patient)), quality };
  const other = replacedBy(patient, site);
  if (other === undefined) {
    return { type: 'patientUpdated', trigger: 'Patient', patient: own, location: null, patientClass: null, present: null, ...origin };
  }
  const survivor = pool.get(other ?? '') ?? null;
  if (survivor === null) return null;
  const surviving = patientOf(survivor, site);
  const prior = own.identifiers.filter((one) => !(one.id === surviving.id && one.assigner === surviving.assigner));
  return prior.length === 0 ? null : { type: 'patientMerged', trigger: 'Patient', surviving, prior, ...origin };
}

/** `Patient/ID`; null: another server's; undefined: it is not replaced. */
export function replacedBy(patient: unknown, site: FhirSite): string | null | undefined {
  const link = listAt(patient, 'link').find((one) => at(one, 'type') === 'replaced-by');
  return link === undefined ? undefined : referenceAt(site.baseUrl, link, 'other');
}
