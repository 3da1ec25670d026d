import { epochOf } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { isPlaceholder } from '#domain/indication.js';
import type { AppointmentReceived, OrderNumbers, ReportReceived } from '#domain/hospital-event.js';
import type { Order } from '#domain/order.js';
import type { Patient } from '#domain/patient.js';
import type { Quality, QualityFinding } from '#domain/quality.js';
import { numbersOf } from './identifiers.ts';
import { messageTimeOf } from './origin.ts';
import { at, listAt, textAt } from './read.ts';
import type { FhirSite } from './site.ts';

/** The codes are those of HL7 messages where they mean the same. No text holds what a resource says. */
const findings = {
  'no-patient-id': { kind: 'gap', text: 'The patient could not be read, or has no identifier.' },
  'no-assigner': { kind: 'gap', text: 'A patient identifier does not say who assigned it.' },
  'no-birth-date': { kind: 'gap', text: 'The birth date is not said.' },
  'birth-date-in-future': { kind: 'doubt', text: 'The birth date lies in the future.' },
  'birth-date-too-old': { kind: 'doubt', text: 'By the birth date the patient is over 120 years old.' },
  'no-sex': { kind: 'gap', text: 'The sex is not said.' },
  'not-production': { kind: 'doubt', text: 'The resource is marked as test data (HTEST).' },
  'no-indication': { kind: 'gap', text: 'No reason for the study is said.' },
  'indication-is-placeholder': { kind: 'doubt', text: 'The reason for the study is only a placeholder.' },
  'no-patient-class': { kind: 'gap', text: 'Inpatient, outpatient or emergency is not said.' },
  'no-ordering-provider': { kind: 'gap', text: 'Who ordered it is not said.' },
  'no-procedure': { kind: 'gap', text: 'No procedure is said.' },
  'local-code-only': { kind: 'doubt', text: 'The procedure code names no coding system.' },
  'procedure-not-mapped': { kind: 'doubt', text: "The procedure code is not in the site's map." },
  'number-without-type': { kind: 'doubt', text: 'The order number does not say whose it is: it is taken as the placer order number.' },
  'priority-unknown': { kind: 'doubt', text: 'The priority is none of routine, urgent, asap, stat.' },
  'no-order-number': { kind: 'gap', text: 'No order is named.' },
  'no-start': { kind: 'gap', text: 'The start of the appointment is not said, or has no time of day.' },
  'no-report-text': { kind: 'gap', text: 'The report has no text in itself: neither a text form nor a conclusion.' },
  'no-time': { kind: 'gap', text: 'It does not say when it was changed: its place among others is when it arrived.' },
} as const satisfies Readonly<Record<string, Pick<QualityFinding, 'kind' | 'text'>>>;
type Code = keyof typeof findings;

type Check = readonly [isSo: boolean, code: Code, where: string];

function found(...checks: readonly Check[]): Quality {
  return checks.flatMap(([isSo, code, where]) => (isSo ? [{ code, where, ...findings[code] }] : []));
}

/** A ServiceRequest is always the whole order, so that what it does not say is a gap, also in a change. */
export function qualityOfOrder(request: unknown, order: Order, site: FhirSite, receivedAt: Instant): Quality {
  return [
    ...found(isTest(request)),
    ...ofPatient(order.patient, 'ServiceRequest.subject', receivedAt),
    ...found(
      [order.procedure === null, 'no-procedure', 'ServiceRequest.code'],
      [order.procedure !== null && order.procedure.system === '', 'local-code-only', 'ServiceRequest.code'],
      [order.procedure !== null && order.kind === 'unknown', 'procedure-not-mapped', 'ServiceRequest.code'],
      [order.indication === null, 'no-indication', 'ServiceRequest.reasonCode'],
      [isPlaceholder(order.indication), 'indication-is-placeholder', 'ServiceRequest.reasonCode'],
      [order.patientClass === null, 'no-patient-class', 'ServiceRequest.encounter'],
      [order.orderingProvider === null, 'no-ordering-provider', 'ServiceRequest.requester'],
      [numbersOf(request, site).untyped, 'number-without-type', 'ServiceRequest.identifier'],
      [textAt(request, 'priority') !== null && order.priority === null, 'priority-unknown', 'ServiceRequest.priority'],
      [messageTimeOf(request) === null, 'no-time', 'ServiceRequest.meta.lastUpdated'],
    ),
  ];
}

export function qualityOfAppointment(appointment: unknown, event: Omit<AppointmentReceived, 'quality'>): Quality {
  const { patient, orderNumbers, startsAtInstant, receivedAt } = event;
  return [
    ...found(isTest(appointment)),
    ...ofPatient(patient, 'Appointment.participant', receivedAt),
    ...found(
      [isUnnumbered(orderNumbers), 'no-order-number', 'Appointment.basedOn'],
      [startsAtInstant === null, 'no-start', 'Appointment.start'],
      [event.sortTime === null, 'no-time', 'Appointment.meta.lastUpdated'],
    ),
  ];
}

export function qualityOfReport(report: unknown, event: Omit<ReportReceived, 'quality'>): Quality {
  return [
    ...found(isTest(report)),
    ...ofPatient(event.patient, 'DiagnosticReport.subject', event.receivedAt),
    ...found(
      [isUnnumbered(event.orderNumbers), 'no-order-number', 'DiagnosticReport.basedOn'],
      [event.sections.length === 0, 'no-report-text', 'DiagnosticReport.presentedForm'],
    ),
  ];
}

/** Of an Encounter's, a Patient's or a study's patient. */
export function qualityOfPatient(resource: unknown, patient: Patient, where: string, receivedAt: Instant): Quality {
  return [...found(isTest(resource)), ...ofPatient(patient, where, receivedAt)];
}

const DAY = 24 * 60 * 60 * 1000;

function ofPatient(patient: Patient, where: string, receivedAt: Instant): Quality {
  const { birthDate, sex } = patient;
  const born =
    birthDate === null ? Number.NaN : Date.parse([birthDate.slice(0, 4), birthDate.slice(4, 6) || '01', birthDate.slice(6, 8) || '01'].join('-'));
  const now = epochOf(receivedAt);
  return found(
    [patient.id === null, 'no-patient-id', where],
    [patient.identifiers.some((one) => one.assigner === ''), 'no-assigner', 'Patient.identifier'],
    [birthDate === null, 'no-birth-date', 'Patient.birthDate'],
    // A day of grace: in the east it is tomorrow already.
    [born > now + DAY, 'birth-date-in-future', 'Patient.birthDate'],
    [now - born > 120 * 366 * DAY, 'birth-date-too-old', 'Patient.birthDate'],
    [sex === null || sex === 'U', 'no-sex', 'Patient.gender'],
  );
}

/** meta.security HTEST of v3-ActReason: test health data (R4 security-labels.html). */
function isTest(resource: unknown): Check {
  return [listAt(resource, 'meta', 'security').some((label) => at(label, 'code') === 'HTEST'), 'not-production', 'meta.security'];
}

function isUnnumbered({ placer, filler, accession, serviceRequest }: OrderNumbers): boolean {
  return placer === null && filler === null && accession === null && serviceRequest === null;
}
