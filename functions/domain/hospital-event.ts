import { z } from 'zod/v4';
import { instant } from '#core/time.js';
import { modality } from './modality.ts';
import { assignedNumber, orderReceived, origin, procedure, provider } from './order.ts';
import { patient, patientIdentifier } from './patient.ts';

/** PV1-3 (PL): as sent, unescaped; empty where not said. */
export const location = z.object({ pointOfCare: z.string(), room: z.string(), bed: z.string(), facility: z.string() });
export type Location = z.infer<typeof location>;

/** A patient was admitted, moved, discharged, changed class or details: ADT A01 to A08, A11 to A13, A31, A38 … (HL7 v2.5.1 chapter 3). */
export const patientUpdated = origin.extend({
  type: z.literal('patientUpdated'),
  /** MSH-9.2, such as A02. */
  trigger: z.string(),
  patient,
  /** PV1-3; null when the message does not say. For a cancelled move (A12, A13 …) where the patient is now. */
  location: location.nullable(),
  /** PV1-2: E, I, O, P …; null when the message does not say. */
  patientClass: z.string().nullable(),
  /** PV1-7; left out when the message does not say. */
  attending: provider.optional(),
  /** Is the patient in the house after this message? null: the message does not say. */
  present: z.boolean().nullable(),
  /** EVN-2, else MSH-7, as an instant; null: neither. */
  sortTime: instant.nullable(),
});
export type PatientUpdated = z.infer<typeof patientUpdated>;

/** Two records are one patient, or an identifier changed: ADT A18, A34, A40, A47 … */
export const patientMerged = origin.extend({
  type: z.literal('patientMerged'),
  trigger: z.string(),
  /** Who remains (PID). */
  surviving: patient,
  /** What is no longer to be used (MRG-1, MRG-4). */
  prior: z.array(patientIdentifier).min(1),
  sortTime: instant.nullable(),
});
export type PatientMerged = z.infer<typeof patientMerged>;

/** How an appointment, a report, a study names its order. */
export const orderNumbers = z.object({
  placer: assignedNumber.nullable(),
  filler: assignedNumber.nullable(),
  accession: z.string().nullable(),
  /** `ServiceRequest/ID` of the site's EHR. */
  serviceRequest: z.string().nullable().default(null),
});
export type OrderNumbers = z.infer<typeof orderNumbers>;

/** SIU S12 to S15, S17, S26, or a FHIR Appointment. */
export const appointmentReceived = origin.extend({
  type: z.literal('appointmentReceived'),
  status: z.enum(['booked', 'rescheduled', 'modified', 'cancelled', 'discontinued', 'deleted', 'no-show']),
  /** SCH-1 and SCH-2, or the Appointment's id. */
  appointmentId: z.string().nullable(),
  orderNumbers,
  patient,
  /** As sent, offset and precision kept: SCH-11.4, TQ1-7, AIS-4; null when not said. */
  startsAt: z.string().nullable(),
  /** The same as an instant; null when it has no time of day. */
  startsAtInstant: instant.nullable(),
  durationMinutes: z.number().nullable(),
  /** AIS, AIG, AIL, AIP as texts. */
  resources: z.array(z.string()),
  sortTime: instant.nullable(),
});
export type AppointmentReceived = z.infer<typeof appointmentReceived>;

/** Who asked for an exam, who attends the patient, their class and place, as a result says it. */
export const care = z.object({
  /** ORC-12, else OBR-16. */
  orderingProvider: provider.nullable(),
  /** PV1-7 */
  attending: provider.nullable(),
  /** PV1-2 */
  patientClass: z.string().nullable(),
  /** PV1-3, and the time of the message. */
  location: z.object({ at: location, asOf: instant }).nullable(),
});
export type Care = z.infer<typeof care>;

/** ORU^R01, MDM T02, T08, T10, or a FHIR DiagnosticReport. */
export const reportReceived = origin.extend({
  type: z.literal('reportReceived'),
  accessionNumber: z.string().nullable(),
  status: z.enum(['preliminary', 'final', 'corrected', 'addendum']).nullable(),
  procedure: procedure.nullable(),
  patient,
  orderNumbers,
  /** As sent. */
  reportedAt: z.string().nullable(),
  /** Runs of text of one name, in order. */
  sections: z.array(z.object({ name: z.string(), text: z.string() })),
  /** OBX of type ED or RP: kept in the raw message, named here. */
  attachments: z.array(z.object({ type: z.string(), subtype: z.string() })).default([]),
  /** Left out by releases before it was read. */
  care: care.optional(),
  /** From the site's map, else OBR-24; likewise. */
  modality: modality.nullable().optional(),
  /** Who read it, as their system numbers them, the surest first: OBR-32, TXA-22, TXA-10, OBX-16, TXA-9, or who interpreted it. Left out: it names nobody. */
  signedBy: z.array(z.string()).optional(),
  /** What makes one version of one report: order numbers, status, time, hash of the text. The same again is the same version. */
  version: z.string(),
});
export type ReportReceived = z.infer<typeof reportReceived>;

/** What an image model says of one finding: an OBX of a result whose sender the site names as a model. */
export const detection = z.object({
  /** OBX-3, with its alternate. */
  names: z.array(procedure).min(1),
  /** OBX-5 where it is a code or a word, with its alternate: some models name the finding there. */
  says: z.array(procedure),
  /** Null: neither can be told from OBX-5 and OBX-8. */
  outcome: z.enum(['present', 'absent']).nullable(),
  /** OBX-9, 0 to 1. */
  confidence: z.number().min(0).max(1).nullable(),
  /** OBX-20 */
  side: z.enum(['left', 'right', 'both']).nullable(),
  /** OBX-17, else SFT-3, MSH-3. */
  model: z.string(),
  /** OBX-17.7, else OBX-18, SFT-2; empty where not said. */
  version: z.string(),
});
export type Detection = z.infer<typeof detection>;

/** ORU^R01 of an image model. */
export const detectionsReceived = origin.extend({
  type: z.literal('detectionsReceived'),
  accessionNumber: z.string().nullable(),
  procedure: procedure.nullable(),
  modality: modality.nullable(),
  patient,
  orderNumbers,
  care,
  detections: z.array(detection).min(1),
});
export type DetectionsReceived = z.infer<typeof detectionsReceived>;

/** Images of a study have arrived in the PACS. */
export const studyArrived = origin.extend({
  type: z.literal('studyArrived'),
  /** (0020,000D) */
  studyUid: z.string(),
  /** (0008,0050); null when empty. */
  accessionNumber: z.string().nullable(),
  patient,
  /** Modalities in the study (0008,0061) or of its series. */
  modalities: z.array(z.string()),
  /** Study date and time as an instant in the site's zone; null when not said. */
  startedAt: instant.nullable(),
  description: z.string().nullable(),
});
export type StudyArrived = z.infer<typeof studyArrived>;

/** An application answer to something that we sent (MSA): ACK, ORR, ORI, ORG … */
export const acknowledgementReceived = z.object({
  type: z.literal('acknowledgementReceived'),
  /** MSA-1 */
  code: z.enum(['AA', 'AE', 'AR', 'CA', 'CE', 'CR']),
  /** MSA-2: the MSH-10 of what we sent. */
  controlId: z.string(),
  /** Codes and places of ERR, no free text. */
  detail: z.string(),
});
export type AcknowledgementReceived = z.infer<typeof acknowledgementReceived>;

/** Everything that a hospital system can tell Radloop, whichever door it came through. */
export const hospitalEvent = z.discriminatedUnion('type', [
  orderReceived,
  patientUpdated,
  patientMerged,
  appointmentReceived,
  reportReceived,
  studyArrived,
  detectionsReceived,
]);
export type HospitalEvent = z.infer<typeof hospitalEvent>;
