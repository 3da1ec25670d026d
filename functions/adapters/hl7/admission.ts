import type { PatientMerged, PatientUpdated } from '#domain/hospital-event.js';
import type { PatientIdentifier } from '#domain/patient.js';
import { triggerOf } from './kind.ts';
import type { Message, Segment } from './message.ts';
import { momentOf } from './moment.ts';
import { identifiersIn, patientOf } from './order-fields.ts';
import { qualityOfMerge, qualityOfPatient } from './quality.ts';
import { grouped, kept, lacking } from './reading.ts';
import type { Heard, Reading } from './reading.ts';
import { attendingOf, classOf, locationOf } from './visit.ts';

/** Is the patient in the house after this? What a trigger does not say is left open. */
const present: Readonly<Record<string, boolean>> = { A01: true, A02: true, A03: false, A04: true, A06: true, A11: false, A12: true, A13: true };

/** Visits that are yet to come, or never were: their PV1-3 and PV1-2 are not where the patient is. */
const elsewhere = new Set(['A05', 'A11', 'A38']);

/** ADT about one patient. PV1-3 is where the patient is now, also of a cancelled transfer or discharge (HL7 v2.5.1 chapter 3.3.12, 3.3.13). */
export function readPatient(heard: Heard): Reading {
  const { message, site, origin } = heard;
  const pid = message.first('PID');
  if (pid === null) return lacking(['PID'], 'an ADT message is about a patient');
  const patient = patientOf(pid, site.fieldMap);
  if (patient.id === null) return kept('PID-3 and PID-2 name no patient: the message is kept.');
  const trigger = triggerOf(message);
  const visit = elsewhere.has(trigger) ? null : message.first('PV1');
  const attending = attendingOf(visit);
  const event: PatientUpdated = {
    ...origin,
    type: 'patientUpdated',
    trigger,
    patient,
    location: locationOf(visit),
    patientClass: classOf(visit),
    ...(attending === null ? {} : { attending }),
    present: present[trigger] ?? null,
    sortTime: sortTimeOf(message, site.settings.zone),
    quality: [],
  };
  return { ok: true, tells: true, events: [{ ...event, quality: qualityOfPatient(heard, event) }], reason: null };
}

/** ADT that joins two records, one event for each PID with its MRG. MRG-1, else MRG-4 (the prior PID-2 of older versions). */
export function readMerge(heard: Heard): Reading {
  const { message, site, origin } = heard;
  const { groups } = grouped(message.segments, (segment) => segment.name === 'PID');
  const missing = ['PID', 'MRG'].filter((name) => message.first(name) === null);
  if (missing.length > 0) return lacking(missing, 'a merge needs PID and MRG');
  const lone = groups.find((group) => !group.rest.some((segment) => segment.name === 'MRG'));
  if (groups.length === 0 || lone !== undefined) return lacking(['MRG'], 'a merge needs MRG after each PID');
  const events = groups.flatMap(({ first, rest }): readonly PatientMerged[] => {
    const surviving = patientOf(first, site.fieldMap);
    const prior = rest.filter((segment) => segment.name === 'MRG').flatMap(priorOf);
    const gone = prior.filter((one) => !surviving.identifiers.some((own) => own.id === one.id && own.assigner === one.assigner));
    if (surviving.id === null || gone.length === 0) return [];
    const sortTime = sortTimeOf(message, site.settings.zone);
    const quality = qualityOfMerge(heard, surviving, gone);
    return [{ ...origin, type: 'patientMerged', trigger: triggerOf(message), surviving, prior: gone, sortTime, quality }];
  });
  return events.length === 0
    ? kept('The message names no identifier that is replaced by another: it is kept.')
    : { ok: true, tells: true, events, reason: null };
}

function priorOf(merge: Segment): readonly PatientIdentifier[] {
  const named = [1, 4].map((field) => identifiersIn(merge, field).map((one) => one.identifier));
  return named.find((list) => list.length > 0) ?? [];
}

/** EVN-2, else MSH-7. */
function sortTimeOf(message: Message, zone: string): ReturnType<typeof momentOf> {
  return momentOf(message.text('EVN-2.1'), zone) ?? momentOf(message.text('MSH-7.1'), zone);
}
