import { eventId, orderKey } from '#core/ids.js';
import type { Actor } from '#core/event.js';
import type { OrderKey } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type {
  AppointmentReceived, HospitalEvent, OrderNumbers, PatientMerged, PatientUpdated, ReportReceived, StudyArrived,
} from '#domain/hospital-event.js'; // prettier-ignore
import type { AssignedNumber, OrderReceived } from '#domain/order.js';
import { isRecordNumber, recordNumbers } from '#domain/patient.js';
import type { Patient, PatientIdentifier } from '#domain/patient.js';
import { namedModality } from '#domain/procedures.js';
import type { Arrival, CaseKey, Consequence } from '#ports/raw-store.js';
import { askedByModel, askedByReport, isSigned, named } from './route-critical.ts';
import type { Readers } from './route-critical.ts';

/** The workflow that an order opens. */
const ORDER_WORKFLOW = 'protocoling';
/** Days before and after within which a study without a number may be that of an order for the same patient and modality. */
const STUDY_NEAR_DAYS = 7;

/** Whence events come: the beginning of their ids, and who is said to have caused them. */
export interface Source {
  /** `hl7:HASH`, for other doors `in:HASH`; a message's second event has `:1` behind it, and so on. */
  readonly id: string;
  readonly actor: Actor;
  readonly receivedAt: Instant;
}

/** What a message's events cause. Pure. An order for something that is no imaging opens no case: it is told to the case that knows its number, if one does. */
export function consequencesOf(events: readonly HospitalEvent[], source: Source, readers: Readers = {}): readonly Consequence[] {
  return events.flatMap((event, index) => {
    const id = eventId.parse(index === 0 ? source.id : `${source.id}:${index}`);
    const told = { id, actor: source.actor, input: event };
    switch (event.type) {
      case 'orderReceived':
        return toOrder(event, told);
      case 'patientUpdated':
        return patientMoved(event, told, source);
      case 'patientMerged':
        return patientsMerged(event, told, source);
      case 'appointmentReceived':
        return [arrival(appointmentArrival(event, told))];
      case 'reportReceived':
        return [arrival(reportArrival(event, told)), ...askedByReport(named(event, readers), told, readers)];
      case 'studyArrived':
        return [arrival(studyArrival(event, told, source))];
      case 'detectionsReceived':
        return askedByModel(named(event, readers), told, readers);
      default:
        return event satisfies never;
    }
  });
}

type Told = Pick<Arrival, 'id' | 'actor' | 'input'>;

function toOrder({ order, serviceRequest }: OrderReceived, told: Told): readonly Consequence[] {
  const { placerOrderNumber: placer, fillerOrderNumber: filler } = order;
  const numbers = numberKeys({ placer, filler, accession: null, serviceRequest });
  const only = order.kind === 'not-imaging' ? { onlyIfKnown: true } : {};
  return numbers.length === 0 ? [] : [{ kind: 'to-order', workflow: ORDER_WORKFLOW, numbers, ...only, ...told }];
}

function patientMoved({ patient, location, patientClass, sortTime }: PatientUpdated, told: Told, { receivedAt }: Source): readonly Consequence[] {
  const numbers = recordNumbers(patient);
  if (numbers.length === 0) return [];
  return [
    { kind: 'patient-moved', patient: numbers, location, patientClass, sortTime: sortTime ?? receivedAt },
    { kind: 'to-cases-with', keys: numbers.map(patientKey), ...told },
  ];
}

/** Only record numbers join: an insurance number may be that of two people. */
function patientsMerged(event: PatientMerged, told: Told, { receivedAt }: Source): readonly Consequence[] {
  const prior = event.prior.filter(isRecordNumber);
  if (prior.length === 0) return [];
  const survivors = recordNumbers(event.surviving);
  return [
    { kind: 'patients-merged', surviving: survivors.filter(isRecordNumber), prior, sortTime: event.sortTime ?? receivedAt },
    { kind: 'to-cases-with', keys: [...prior, ...survivors].map(patientKey), ...told },
  ];
}

function appointmentArrival(event: AppointmentReceived, told: Told): Arrival {
  const { appointmentId, status, startsAt, sortTime, patient, orderNumbers } = event;
  const version = appointmentId === null ? event.rawHash : [appointmentId, status, startsAt, sortTime].join('|');
  return {
    what: 'appointment',
    workflow: ORDER_WORKFLOW,
    version,
    by: [...byOrder(orderNumbers), ...byAccession(orderNumbers.accession)],
    patient: patientKeys(patient),
    tell: true,
    ...told,
  };
}

function reportArrival(event: ReportReceived, told: Told): Arrival {
  const { version, accessionNumber, orderNumbers, patient } = event;
  const by = [...byAccession(accessionNumber ?? orderNumbers.accession), ...byOrder(orderNumbers)];
  return {
    what: isSigned(event) ? 'report' : 'unsigned-report',
    workflow: ORDER_WORKFLOW,
    version,
    by,
    patient: patientKeys(patient),
    tell: false,
    ...told,
  };
}

function studyArrival(event: StudyArrived, told: Told, { receivedAt }: Source): Arrival {
  const { studyUid, accessionNumber, patient, modalities, startedAt } = event;
  const near = { at: startedAt ?? receivedAt, days: STUDY_NEAR_DAYS };
  // Orders say XR where a detector says DX.
  const kinds = [...new Set(modalities.flatMap((word) => namedModality(word.toUpperCase()) ?? []))];
  const keys = recordNumbers(patient).flatMap(({ assigner, id }) => kinds.map((modality) => `patient-modality|${assigner}|${id}|${modality}`));
  const by = [...byAccession(accessionNumber), { name: 'study', keys: [`study||${studyUid}`] }, { name: 'patient-and-time', keys, near }];
  return {
    what: 'study',
    workflow: ORDER_WORKFLOW,
    version: `${studyUid}|${accessionNumber ?? ''}`,
    by,
    patient: patientKeys(patient),
    tell: true,
    ...told,
  };
}

/** The placer number by itself: two orders of the placer's may share a filler number. */
function byOrder({ placer, ...others }: OrderNumbers): Arrival['by'] {
  const nothing = { placer: null, filler: null, accession: null, serviceRequest: null };
  const groups = [numberKeys({ ...nothing, placer }), numberKeys({ ...others, placer: null })];
  return groups.filter((keys) => keys.length > 0).map((keys) => ({ name: 'order', keys }));
}

function byAccession(accession: string | null): Arrival['by'] {
  return accession === null ? [] : [{ name: 'accession', keys: [`accession||${accession}`] }];
}

/** Placer first: by it an order is known; the filler's number and the EHR's id lead to the same case (DECISIONS 3). */
function numberKeys({ placer, filler, serviceRequest }: OrderNumbers): OrderKey[] {
  const key = (kind: string, number: AssignedNumber | null): OrderKey[] =>
    number === null ? [] : [orderKey.parse(`${kind}|${number.assigner}|${number.id}`)];
  const ehr = serviceRequest === null ? [] : [orderKey.parse(`fhir||${serviceRequest}`)];
  return [...key('placer', placer), ...key('filler', filler), ...ehr];
}

function arrival(what: Arrival): Consequence {
  return { kind: 'arrival', arrival: what };
}

function patientKey({ assigner, id }: PatientIdentifier): CaseKey {
  return `patient|${assigner}|${id}`;
}

function patientKeys(patient: Patient): readonly CaseKey[] {
  return recordNumbers(patient).map(patientKey);
}
