import { z } from 'zod/v4';
import { pagingChannel } from '#core/effect.js';
import { caseNumber, orderKey, personId } from '#core/ids.js';
import type { OrderKey } from '#core/ids.js';
import { role } from '#core/people.js';
import { instant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { recordNumbers } from './patient.ts';
import type { Patient } from './patient.ts';
import { ruleRow } from './rule-row.ts';
import { location } from './hospital-event.ts';
import { modality } from './modality.ts';
import { provider } from './order.ts';
import { orderReference } from './outbound.ts';

/** Name of the workflow of critical results. */
export const CRITICAL = 'critical-results';

/** ACR Actionable Reporting Work Group (Larson et al., JACR 2014;11:552): 1 within minutes, 2 within hours, 3 within days. */
export const category = z.literal([1, 2, 3]);
export type Category = z.infer<typeof category>;

/** Exam and patient that a critical result is about, as they were known where it was declared. */
export const about = orderReference.extend({
  /** The order's case; null: no other workflow knows the study. */
  orderCase: caseNumber.nullable(),
  exam: z.string().min(1),
  modality: modality.nullable(),
  location: z.object({ at: location, asOf: instant }).nullable(),
  /** Left out: nobody has said. */
  attending: provider.optional(),
  /** Exam and patient as a person typed them: no system knew the exam. */
  asTyped: z.literal(true).optional(),
});
export type About = z.infer<typeof about>;

export const finding = z.object({
  /** As the radiologist, the report or the model says it. */
  text: z.string().min(1).max(500),
  /** Row of the finding classes; `other` where none fits. */
  classId: z.string().min(1),
  side: z.enum(['left', 'right', 'both']).nullable(),
  category,
});
export type Finding = z.infer<typeof finding>;

/** A signed report or a model says it; a person has to say whether it is. `since`: when the finding reached us. */
export interface CriticalRaised {
  readonly type: 'criticalRaised';
  readonly about: About;
  readonly finding: Finding;
  readonly source:
    | { readonly kind: 'report'; readonly version: string; readonly quote: string; readonly reportedAt: string | null; readonly unread?: true }
    | { readonly kind: 'model'; readonly model: string; readonly version: string; readonly confidence: number | null };
  readonly reader: null;
  /** Who read it, by the numbers that the report gives them, the surest first. Left out: it names nobody. */
  readonly signedBy?: readonly string[];
  readonly since: Instant;
}

/** A corrected report of the exam, and the classes of finding that it still states, of whatever category. */
export interface ReportSaysNoLonger {
  readonly type: 'reportSaysNoLonger';
  readonly version: string;
  readonly classes: readonly string[];
  readonly patient: Patient;
}

/** An exam of a patient: two patients under one number are two. What a person typed stays apart from what a system says: whether both are one exam, nobody has said. */
export function examOf(about: Exam): string {
  return examsOf(about)[0];
}

/** The same by each number of its order, where it has neither an accession number nor a case. */
export function examsOf({ accessionNumber, orderCase, placerOrderNumber: placer, fillerOrderNumber: filler, asTyped, patient }: Exam) {
  const whose = `${asTyped === true ? 'as typed of' : 'of'} ${patientOf(patient)[0] ?? 'nobody named'}`;
  const ofOrder = [placer, filler].flatMap((number) => (number === null ? [] : [`order ${number.assigner}|${number.id}`]));
  const [first = '', ...more] = accessionNumber === null && orderCase === null ? ofOrder : [accessionNumber ?? orderCase ?? ''];
  return [`${first} ${whose}`, ...more.map((number) => `${number} ${whose}`)] as const;
}

type Exam = Pick<About, 'accessionNumber' | 'orderCase' | 'placerOrderNumber' | 'fillerOrderNumber' | 'asTyped' | 'patient'>;

/** By what a patient is one here: `assigner|number`. */
export function patientOf(patient: Patient): readonly string[] {
  return recordNumbers(patient).map(({ assigner, id }) => `${assigner}|${id}`);
}

/** By what a corrected report finds all alerts of an exam that has no accession number. */
export function findingsOf(exam: string): string {
  return `findings||${exam}`;
}

/** The key under which a finding of an exam is one alert: exam of a patient, class, and a number for one after another. Patient data: kept only as a keyed hash. */
export function alertKey(exam: string, classId: string, n: number): OrderKey {
  return orderKey.parse(`alert|${exam}|${classId}|${n}`);
}

/** Under which the alert of a page is found by the gateway's own id of it. */
export function pageKey(channel: string, receipt: string): string {
  return `page|${channel}|${receipt}`;
}

type Numbers = Pick<About, 'accessionNumber' | 'placerOrderNumber' | 'fillerOrderNumber' | 'patient'>;

/**
 * By what an alert is found, whatever its number, open or closed: exam, patient and class. By the order's numbers only where it has no accession: an order may be several
 * exams.
 */
export function findingKeys({ accessionNumber, patient, ...numbers }: Numbers, classId: string): readonly string[] {
  if (classId === OTHER_CLASS) return [];
  return ofPatient(patient, accessionNumber === null ? keysByOrder(numbers, classId) : [byAccession(accessionNumber, classId)]);
}

/** By what a report that names all of these looks for it; the last ones are those that releases before this one gave, whoever the patient was. */
export function findingLookups({ accessionNumber, patient, ...numbers }: Numbers, classId: string): readonly string[] {
  const keys = [...(accessionNumber === null ? [] : [byAccession(accessionNumber, classId)]), ...keysByOrder(numbers, classId)];
  return [...ofPatient(patient, keys), ...keys];
}

/** By what alerts are found that may be the same, whoever their patients are; null: it has no accession number, or nobody can tell. */
export function alikeKey({ accessionNumber }: Pick<About, 'accessionNumber'>, classId: string): string | null {
  return accessionNumber === null || classId === OTHER_CLASS ? null : `alike|${accessionNumber.toUpperCase()}|${classId}`;
}

function ofPatient(patient: Patient, keys: readonly string[]): readonly string[] {
  const own = patientOf(patient);
  return keys.flatMap((key) => (own.length === 0 ? [`${key}|`] : own.map((one) => `${key}|${one}`)));
}

/** Of what no class is for nobody can tell whether it is the same. */
const OTHER_CLASS = 'other';
const byAccession = (accession: string, classId: string): string => `finding|${accession}|${classId}`;

function keysByOrder(
  { placerOrderNumber: placer, fillerOrderNumber: filler }: Omit<Numbers, 'accessionNumber' | 'patient'>,
  classId: string,
): readonly string[] {
  return [
    ...(placer === null ? [] : [`finding-placer|${placer.assigner}|${placer.id}|${classId}`]),
    ...(filler === null ? [] : [`finding-filler|${filler.assigner}|${filler.id}|${classId}`]),
  ];
}

/** Whom a step of the ladder is for, found at the moment of the step. */
export const target = z.enum([
  /** On call for the service that has the patient now, first and second. */
  ...(['on-call-1', 'on-call-2'] as const),
  'attending',
  'chief',
  /** In the site's office hours; else whoever is on call for the practice. */
  'orderer',
  ...(['duty-radiologist', 'coordinator'] as const),
]);
export type Target = z.infer<typeof target>;

const minutes = z.number().positive();

/** How one category is communicated (CLINICAL-CONTENT 1). */
export const criticalRule = ruleRow.extend({
  category,
  /** Of these classes of finding only; left out: of every one that no row names. Such a row counts before those for patient classes. */
  classIds: z.array(z.string().min(1)).optional(),
  /** Of patients of these classes (PV1-2) only; left out: of every one. */
  patientClasses: z.array(z.string().min(1)).optional(),
  /** From the release to each level of the ladder, ascending from 0, in minutes. */
  levelsAfterMinutes: z.array(z.number().min(0)).min(1),
  /** From the release to the failsafe: the person who always sits somewhere. */
  failsafeAfterMinutes: minutes,
  /** Repeats until somebody has taken it; and how long it then rests without an acknowledgement. */
  failsafeEveryMinutes: minutes,
  failsafeRestsMinutes: minutes,
  /** From the acknowledgement to the read-back. */
  readBackWithinMinutes: minutes,
  /** Must be acknowledged by then, for the figures. */
  acknowledgeWithinMinutes: minutes,
  /** What closes it: a recorded conversation, or the receiver's form. */
  closesWith: z.enum(['conversation', 'form']),
  /** Beside the private chat and the channel, at each level, those that the person has. */
  channels: z.array(pagingChannel),
  /** Who may release it to a clinician outside radiology. */
  releasedBy: z.array(role).min(1),
});
export type CriticalRule = z.infer<typeof criticalRule>;

/** Who is reached one after the other, by where the patient is. */
export const ladderRule = ruleRow.extend({
  /** PV1-2; empty: of every other patient, discharged ones among them. */
  patientClasses: z.array(z.string()),
  levels: z.array(z.array(target).min(1)).min(1),
});
export type LadderRule = z.infer<typeof ladderRule>;

/** All that says how critical results are communicated. */
export const criticalRows = z.object({ critical: z.array(criticalRule), ladders: z.array(ladderRule) });

/** A service of the hospital that looks after patients, or the radiology service. */
export const clinicalService = z.object({
  id: z.string().regex(/^[a-z0-9-]+$/u),
  name: z.string().min(1),
  /** PV1-3.1 of its wards; empty: it has none. */
  pointsOfCare: z.array(z.string()).default([]),
  chief: personId.nullable().default(null),
  /** What is dialled when nobody answers elsewhere. */
  phone: z.string().nullable().default(null),
});
export type ClinicalService = z.infer<typeof clinicalService>;
