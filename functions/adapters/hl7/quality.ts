import { epochOf } from '#core/time.js';
import type { AppointmentReceived, DetectionsReceived, PatientUpdated, ReportReceived } from '#domain/hospital-event.js';
import { isPlaceholder } from '#domain/indication.js';
import type { Order, OrderVerb } from '#domain/order.js';
import type { Patient, PatientIdentifier } from '#domain/patient.js';
import type { Quality, QualityFinding } from '#domain/quality.js';
import type { Segment } from './message.ts';
import { hasOffset, momentOf } from './moment.ts';
import type { OrderGroup } from './order-fields.ts';
import type { Heard } from './reading.ts';

/** Every code, with what it says to people. No text holds what a message says. Contradictions of sex and procedure are the workflow's to see. */
export const findings = {
  'no-patient-id': { kind: 'gap', text: 'The patient has no identifier.' },
  'no-assigner': { kind: 'gap', text: 'A patient identifier does not say who assigned it.' },
  'no-birth-date': { kind: 'gap', text: 'The birth date is not said.' },
  'birth-date-unreadable': { kind: 'doubt', text: 'The birth date is no date.' },
  'birth-date-in-future': { kind: 'doubt', text: 'The birth date lies in the future.' },
  'birth-date-too-old': { kind: 'doubt', text: 'By the birth date the patient is over 120 years old.' },
  'no-sex': { kind: 'gap', text: 'The sex is not said.' },
  'not-production': { kind: 'doubt', text: 'The message is marked as training or debugging (T or D).' },
  'name-is-test': { kind: 'doubt', text: 'The message is marked as training or debugging, and the name looks made up for it.' },
  'no-indication': { kind: 'gap', text: 'No reason for the study is said.' },
  'indication-is-placeholder': { kind: 'doubt', text: 'The reason for the study is only a placeholder.' },
  'no-patient-class': { kind: 'gap', text: 'Inpatient, outpatient or emergency is not said.' },
  'no-ordering-provider': { kind: 'gap', text: 'Who ordered it is not said.' },
  'no-accession': { kind: 'gap', text: 'There is no accession number where the site puts it.' },
  'several-accessions': { kind: 'doubt', text: 'Its procedures have different accession numbers: the first counts.' },
  'no-procedure': { kind: 'gap', text: 'No procedure is said.' },
  'local-code-only': { kind: 'doubt', text: 'The procedure code names no coding system.' },
  'procedure-not-mapped': { kind: 'doubt', text: "The procedure code is not in the site's map." },
  'no-order-number': { kind: 'gap', text: 'No order is named: neither placer, filler nor accession number.' },
  'no-status': { kind: 'gap', text: 'Preliminary or final is not said.' },
  'no-start': { kind: 'gap', text: 'The start of the appointment is not said, or has no time of day.' },
  'no-time': { kind: 'gap', text: 'The message does not say when: its place among others is when it arrived.' },
  'time-unreadable': { kind: 'doubt', text: 'The time is no HL7 time.' },
  'time-without-zone': { kind: 'gap', text: "The time does not say its offset: it is read in the site's zone." },
  'time-in-future': { kind: 'doubt', text: 'The time of the transaction lies over a day after the time of the message.' },
  'value-truncated': { kind: 'doubt', text: 'The value was cut by its sender.' },
} as const satisfies Readonly<Record<string, Pick<QualityFinding, 'kind' | 'text'>>>;
type Code = keyof typeof findings;

/** Collects findings, each once a place. */
class Findings {
  readonly list: QualityFinding[] = [];

  add(isSo: boolean, code: Code, where: string): this {
    if (isSo) this.list.push({ code, where, ...findings[code] });
    return this;
  }
}

/** Gaps count in a new order alone: what a change or a cancel does not say, stays as it was. */
export function qualityOfOrder(heard: Heard, group: OrderGroup, order: Order, verb: OrderVerb): Quality {
  const { message, site } = heard;
  const isNew = verb === 'new';
  const found = new Findings();
  const requests = group.requests;
  const inReason = requests.some((request) => request.text(31) !== '') ? 'OBR-31' : 'OBR-13';
  aboutMessage(found, heard, order.patient);
  aboutIdentity(found, order.patient, 'PID-3');
  aboutPerson(found, heard, order.patient, isNew);
  found
    .add(isNew && order.indication === null, 'no-indication', 'OBR-31')
    .add(isPlaceholder(order.indication), 'indication-is-placeholder', inReason)
    .add(isNew && order.patientClass === null, 'no-patient-class', 'PV1-2')
    .add(isNew && order.orderingProvider === null, 'no-ordering-provider', 'ORC-12')
    .add(isNew && order.accessionNumber === null, 'no-accession', site.fieldMap.accessionNumber[0] ?? 'OBR-18')
    .add(requests.length > 1 && new Set(requests.flatMap(accessionOf)).size > 1, 'several-accessions', 'OBR-18')
    .add(isNew && order.procedure === null, 'no-procedure', 'OBR-4')
    .add(requests.some(isWithoutSystem), 'local-code-only', 'OBR-4')
    .add(order.procedure !== null && order.kind === 'unknown', 'procedure-not-mapped', 'OBR-4');
  const ordered = group.control.text(9, 1);
  const sent = message.text('MSH-7.1');
  aboutTime(found, heard, [
    ['ORC-9', ordered],
    ['MSH-7', sent],
  ]);
  const [at, from] = [ordered, sent].map((text) => momentOf(text, site.settings.zone));
  found.add(at != null && from != null && epochOf(at) - epochOf(from) > DAY, 'time-in-future', 'ORC-9');
  for (const segment of [group.control, ...requests]) aboutCuts(found, heard, segment, segment.name === 'ORC' ? [12] : [4, 13, 16, 18, 20, 31]);
  aboutCuts(found, heard, message.first('PID'), [3, 5, 7]);
  return found.list;
}

export function qualityOfPatient(heard: Heard, { patient, trigger }: PatientUpdated): Quality {
  const found = new Findings();
  aboutMessage(found, heard, patient);
  aboutIdentity(found, patient, 'PID-3');
  // Admissions and updates say who somebody is; a transfer or a discharge need not.
  aboutPerson(found, heard, patient, ['A01', 'A04', 'A05', 'A08', 'A31'].includes(trigger));
  aboutTime(found, heard, whenOf(heard));
  aboutCuts(found, heard, heard.message.first('PID'), [3, 5, 7]);
  return found.list;
}

export function qualityOfMerge(heard: Heard, surviving: Patient, prior: readonly PatientIdentifier[]): Quality {
  const found = new Findings();
  aboutMessage(found, heard, surviving);
  aboutIdentity(found, surviving, 'PID-3');
  found.add(
    prior.some((one) => one.assigner === ''),
    'no-assigner',
    'MRG-1',
  );
  aboutTime(found, heard, whenOf(heard));
  return found.list;
}

export function qualityOfAppointment(heard: Heard, event: AppointmentReceived): Quality {
  const found = new Findings();
  const { orderNumbers, status, patient, startsAt, startsAtInstant } = event;
  aboutMessage(found, heard, patient);
  aboutIdentity(found, patient, 'PID-3');
  aboutPerson(found, heard, patient, false);
  found
    .add(isUnnumbered(orderNumbers), 'no-order-number', 'SCH-26')
    .add(['booked', 'rescheduled'].includes(status) && startsAtInstant === null, 'no-start', 'SCH-11')
    .add(startsAtInstant !== null && !hasOffset(startsAt ?? ''), 'time-without-zone', 'SCH-11');
  aboutTime(found, heard, [['MSH-7', heard.message.text('MSH-7.1')]]);
  return found.list;
}

export function qualityOfReport(heard: Heard, event: ReportReceived): Quality {
  const found = new Findings();
  aboutMessage(found, heard, event.patient);
  aboutIdentity(found, event.patient, 'PID-3');
  aboutPerson(found, heard, event.patient, false);
  found.add(isUnnumbered(event.orderNumbers), 'no-order-number', 'OBR-3').add(event.status === null, 'no-status', 'OBR-25');
  for (const line of heard.message.all('OBX').slice(0, 1000)) aboutCuts(found, heard, line, [5]);
  return found.list;
}

export function qualityOfDetections(heard: Heard, event: DetectionsReceived): Quality {
  const found = new Findings();
  aboutMessage(found, heard, event.patient);
  aboutIdentity(found, event.patient, 'PID-3');
  aboutPerson(found, heard, event.patient, false);
  found.add(isUnnumbered(event.orderNumbers), 'no-order-number', 'OBR-3');
  return found.list;
}

function aboutMessage(found: Findings, { message }: Heard, { name }: Patient): void {
  const isTest = ['T', 'D'].includes(message.text('MSH-11.1'));
  found.add(isTest, 'not-production', 'MSH-11');
  // In production somebody may well be called so.
  const words = `${name?.family ?? ''} ${name?.given ?? ''}`;
  found.add(
    isTest && /(?:^|[^\p{L}])(?:z*test\p{L}{0,4}|dummy|fake|demo|training|example|mickey|mouse)(?:$|[^\p{L}])/iu.test(words),
    'name-is-test',
    'PID-5',
  );
}

function aboutIdentity(found: Findings, patient: Patient, where: string): void {
  found.add(patient.id === null, 'no-patient-id', where);
  found.add(
    patient.identifiers.some((one) => one.assigner === ''),
    'no-assigner',
    where,
  );
}

/** @param isWhole whether what is not said is a gap. */
function aboutPerson(found: Findings, { message, origin }: Heard, { birthDate, sex }: Patient, isWhole: boolean): void {
  const sent = message.text('PID-7.1');
  const born = birthDate === null ? null : epochOfDate(birthDate);
  const now = epochOf(origin.receivedAt);
  found
    .add(isWhole && sent === '', 'no-birth-date', 'PID-7')
    .add(sent !== '' && born === null, 'birth-date-unreadable', 'PID-7')
    // A day of grace: in the east it is tomorrow already.
    .add(born !== null && born > now + DAY, 'birth-date-in-future', 'PID-7')
    .add(born !== null && now - born > 120 * 366 * DAY, 'birth-date-too-old', 'PID-7')
    .add(isWhole && (sex === null || sex === 'U'), 'no-sex', 'PID-8');
}

const DAY = 24 * 60 * 60 * 1000;

/** YYYY[MM[DD]]; null for what no calendar has. */
function epochOfDate(text: string): number | null {
  const [year, month, day] = [text.slice(0, 4), text.slice(4, 6) || '01', text.slice(6, 8) || '01'].map(Number);
  const at = new Date(Date.UTC(year ?? 0, (month ?? 1) - 1, day));
  return at.getUTCDate() === day && at.getUTCMonth() + 1 === month ? at.getTime() : null;
}

function whenOf({ message }: Heard): readonly (readonly [where: string, text: string])[] {
  return [
    ['EVN-2', message.text('EVN-2.1')],
    ['MSH-7', message.text('MSH-7.1')],
  ];
}

/** The first of these times that is one puts the message in its place. */
function aboutTime(found: Findings, { site }: Heard, times: readonly (readonly [where: string, text: string])[]): void {
  const used = times.find(([, text]) => momentOf(text, site.settings.zone) !== null);
  found.add(used === undefined, 'no-time', times.at(-1)?.[0] ?? 'MSH-7');
  for (const [where, text] of times) found.add(text !== '' && momentOf(text, site.settings.zone) === null, 'time-unreadable', where);
  found.add(used !== undefined && !hasOffset(used[1]), 'time-without-zone', used?.[0] ?? '');
}

function aboutCuts(found: Findings, { message }: Heard, segment: Segment | null, fields: readonly number[]): void {
  if (message.syntax.delimiters.truncation === null) return;
  for (const field of fields) {
    const where = `${segment?.name ?? ''}-${String(field)}`;
    const isKnown = found.list.some((one) => one.code === 'value-truncated' && one.where === where);
    if (!isKnown && segment !== null) found.add(isCut(segment, field), 'value-truncated', where);
  }
}

/** Any component of any repetition. */
function isCut(segment: Segment, field: number): boolean {
  const repetitions = segment.repetitions(field);
  for (let repetition = 1; repetition <= repetitions; repetition += 1) {
    for (let component = 1; component <= 6; component += 1) if (segment.isTruncated(field, component, undefined, repetition)) return true;
  }
  return false;
}

function accessionOf(request: Segment): readonly string[] {
  return [request.text(18, 1), request.text(20, 1)].filter((text) => text !== '').slice(0, 1);
}

function isWithoutSystem(request: Segment): boolean {
  return request.text(4, 1) !== '' && request.text(4, 3) === '' && request.text(4, 6) === '';
}

function isUnnumbered(numbers: { readonly placer: unknown; readonly filler: unknown; readonly accession: unknown }): boolean {
  return numbers.placer === null && numbers.filler === null && numbers.accession === null;
}
