import type { AppointmentReceived, OrderNumbers, ReportReceived, StudyArrived } from '#domain/hospital-event.js';
import type { FhirPool } from '#ports/fhir-door.js';
import { careOf } from './care.ts';
import { numbersOf } from './identifiers.ts';
import { instantOf, messageTimeOf, originOf } from './origin.ts';
import type { About } from './origin.ts';
import { nobody, patientAt, patientOf, readersOf } from './people.ts';
import { qualityOfAppointment, qualityOfPatient, qualityOfReport } from './quality.ts';
import { at, conceptCodes, conceptText, distinct, listAt, textAt } from './read.ts';
import { referenceAt, typeOf } from './references.ts';
import type { FhirSite } from './site.ts';

/** The ServiceRequests that an Appointment, a study or a report names. */
export function requestsOf(resource: unknown, site: FhirSite): readonly string[] {
  const references = ['basedOn', 'supportingInformation'].flatMap((element) => listAt(resource, element));
  const own = references.flatMap((reference) => referenceAt(site.baseUrl, reference) ?? []);
  return distinct(own.filter((reference) => typeOf(reference) === 'ServiceRequest'));
}

/** Its own numbers first, then those of the order that it names. */
function orderNumbersOf(resource: unknown, pool: FhirPool, site: FhirSite): OrderNumbers {
  const [reference = null] = requestsOf(resource, site);
  const [own, ordered] = [numbersOf(resource, site), numbersOf(pool.get(reference ?? '') ?? null, site)];
  return {
    placer: own.placer ?? ordered.placer,
    filler: own.filler ?? ordered.filler,
    accession: own.accession ?? ordered.accession,
    serviceRequest: reference,
  };
}

const appointmentStatuses: Readonly<Record<string, AppointmentReceived['status']>> = {
  booked: 'booked', arrived: 'modified', 'checked-in': 'modified', fulfilled: 'modified', cancelled: 'cancelled', noshow: 'no-show', 'entered-in-error': 'deleted',
}; // prettier-ignore

/** R4 valueset-appointmentstatus. What is proposed, pending or on a waiting list is no appointment yet: null. */
export function appointmentEvent(appointment: unknown, pool: FhirPool, site: FhirSite, about: About): AppointmentReceived | null {
  const said = appointmentStatuses[textAt(appointment, 'status') ?? ''];
  if (said === undefined) return null;
  const start = textAt(appointment, 'start');
  const [startsAtInstant, endsAt] = [instantOf(start), instantOf(textAt(appointment, 'end'))];
  const minutes = at(appointment, 'minutesDuration');
  const span = startsAtInstant !== null && endsAt !== null ? (Date.parse(endsAt) - Date.parse(startsAtInstant)) / 60_000 : null;
  const actors = listAt(appointment, 'participant').map((one) => at(one, 'actor'));
  const event: AppointmentReceived = {
    type: 'appointmentReceived',
    status: said === 'booked' && about.known ? 'modified' : said,
    appointmentId: `Appointment/${textAt(appointment, 'id') ?? ''}`,
    orderNumbers: orderNumbersOf(appointment, pool, site),
    patient: bookedPatient(actors, appointment, pool, site),
    startsAt: start,
    startsAtInstant,
    durationMinutes: typeof minutes === 'number' ? minutes : span,
    resources: actors.filter((actor) => !isPatient(actor, site)).flatMap((actor) => textAt(actor, 'display') ?? []),
    sortTime: instantOf(messageTimeOf(appointment)),
    ...originOf(appointment, site, about),
  };
  return { ...event, quality: qualityOfAppointment(appointment, event) };
}

function isPatient(actor: unknown, site: FhirSite): boolean {
  return (referenceAt(site.baseUrl, actor) ?? textAt(actor, 'type') ?? '').startsWith('Patient');
}

/** The participant who is a Patient, else the subject of the order. */
function bookedPatient(actors: readonly unknown[], appointment: unknown, pool: FhirPool, site: FhirSite): AppointmentReceived['patient'] {
  const actor = actors.find((one) => isPatient(one, site));
  const read = pool.get(referenceAt(site.baseUrl, actor) ?? '') ?? null;
  if (read !== null) return patientOf(read, site);
  const request = pool.get(requestsOf(appointment, site)[0] ?? '') ?? null;
  return request === null ? nobody : patientAt(request, 'subject', pool, site);
}

/** R4 imagingstudy.html: `available` says that there are images. The UID is the identifier of system urn:dicom:uid. */
export function studyEvent(study: unknown, pool: FhirPool, site: FhirSite, about: About): StudyArrived | null {
  const uid = listAt(study, 'identifier').find((one) => at(one, 'system') === 'urn:dicom:uid');
  const studyUid = (textAt(uid, 'value') ?? '').replace(/^urn:oid:/u, '');
  if (at(study, 'status') !== 'available' || !/^[0-9.]{1,64}$/u.test(studyUid)) return null;
  const modalities = [...listAt(study, 'modality'), ...listAt(study, 'series').map((series) => at(series, 'modality'))];
  const patient = patientAt(study, 'subject', pool, site);
  return {
    type: 'studyArrived',
    studyUid,
    accessionNumber: orderNumbersOf(study, pool, site).accession,
    patient,
    modalities: [...distinct(modalities.flatMap((one) => textAt(one, 'code') ?? conceptCodes(one)))],
    startedAt: instantOf(textAt(study, 'started')),
    description: textAt(study, 'description'),
    ...originOf(study, site, about),
    quality: qualityOfPatient(study, patient, 'ImagingStudy.subject', about.receivedAt),
  };
}

/** R4 valueset-diagnostic-report-status. Registered has no text yet; cancelled and entered-in-error have none any more. */
const reportStatuses: Readonly<Record<string, NonNullable<ReportReceived['status']>>> = {
  partial: 'preliminary', preliminary: 'preliminary', final: 'final', amended: 'corrected', corrected: 'corrected', appended: 'addendum',
}; // prettier-ignore
const NOTHING_SAID: readonly (string | null)[] = ['registered', 'cancelled', 'entered-in-error', null];

/** Imaging by HL7 table 0074, LOINC or SNOMED CT. */
const IMAGING_REPORTS = [
  'RAD',
  'IMG',
  'RX',
  'CT',
  'MR',
  'NMR',
  'NMS',
  'RUS',
  'OUS',
  'VUS',
  'CUS',
  'MG',
  'LP29684-5',
  '18748-4',
  '394914008',
  '363679005',
];

/** A report that says another category (laboratory, pathology) is not ours: null. One version of it is one version of the resource. */
export function reportEvent(report: unknown, pool: FhirPool, site: FhirSite, about: About): ReportReceived | null {
  const said = textAt(report, 'status');
  const status = reportStatuses[said ?? ''] ?? null;
  const categories = listAt(report, 'category').flatMap((category) => conceptCodes(category));
  if (NOTHING_SAID.includes(said) || (categories.length > 0 && !categories.some((code) => IMAGING_REPORTS.includes(code)))) return null;
  const orderNumbers = orderNumbersOf(report, pool, site);
  const forms = listAt(report, 'presentedForm');
  const texts = forms.flatMap((form) => textOfForm(form) ?? []);
  const conclusion = at(report, 'conclusion');
  const concluded =
    texts.length === 0 && typeof conclusion === 'string' && conclusion.trim() !== '' ? [{ name: 'conclusion', text: conclusion }] : [];
  const code = at(report, 'code');
  const coding = listAt(code, 'coding')[0];
  const readers = readersOf(report, pool, site);
  const event: ReportReceived = {
    type: 'reportReceived',
    accessionNumber: orderNumbers.accession,
    status,
    procedure:
      code === undefined ? null : { code: textAt(coding, 'code') ?? '', text: conceptText(code) ?? '', system: textAt(coding, 'system') ?? '' },
    patient: patientAt(report, 'subject', pool, site),
    orderNumbers,
    reportedAt: textAt(report, 'issued') ?? textAt(report, 'effectiveDateTime'),
    sections: [...texts.map((text) => ({ name: 'text', text })), ...concluded],
    attachments: forms.filter((form) => textOfForm(form) === null).map((form) => attachmentOf(form)),
    care: careOf(report, pool.get(orderNumbers.serviceRequest ?? '') ?? null, pool, site, about),
    ...(readers.length === 0 ? {} : { signedBy: [...distinct(readers)] }),
    version: `DiagnosticReport/${textAt(report, 'id') ?? ''}/_history/${textAt(report, 'meta', 'versionId') ?? about.rawHash}`,
    ...originOf(report, site, about),
  };
  return { ...event, quality: qualityOfReport(report, event) };
}

/** A form of type text/plain with its text in it (base64, UTF-8); null: another kind, or it stands elsewhere. */
function textOfForm(form: unknown): string | null {
  const data = at(form, 'data');
  if (!/^text\/plain\b/iu.test(textAt(form, 'contentType') ?? '') || typeof data !== 'string') return null;
  const text = Buffer.from(data, 'base64').toString('utf8');
  return text.trim() === '' ? null : text;
}

function attachmentOf(form: unknown): ReportReceived['attachments'][number] {
  const [type = '', subtype = ''] = (textAt(form, 'contentType') ?? '').split(';')[0]?.split('/') ?? [];
  return { type: type.trim(), subtype: subtype.trim() };
}
