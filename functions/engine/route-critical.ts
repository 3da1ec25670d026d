import { eventId } from '#core/ids.js';
import type { EventId } from '#core/ids.js';
import { CRITICAL, alertKey, examOf, examsOf, findingLookups, findingsOf } from '#domain/critical.js';
import type { CriticalRaised } from '#domain/critical.js';
import type { Detected } from '#domain/detection.js';
import { FOLLOW_UP, followUpKey, followUpsOf } from '#domain/follow-up.js';
import type { Detection, DetectionsReceived, HospitalEvent, ReportReceived } from '#domain/hospital-event.js';
import type { Arrival, Consequence } from '#ports/raw-store.js';

/** A finding that a report states, or can't exclude. */
interface ReportFinding {
  readonly classId: string;
  readonly category: 1 | 2 | 3;
  readonly side: 'left' | 'right' | 'both' | null;
  /** In the report's own words. */
  readonly quote: string;
}
/** Pure; of the text of a report and the name of its exam. */
export type FindingsIn = (report: { readonly text: string; readonly exam: string }) => readonly ReportFinding[];
/** Pure; null: a model's result has found nothing that has to be communicated. */
export type DetectedIn = (detection: Detection) => Detected | null;

/** What is read in results by the site's content. Left out: nothing. */
export interface Readers {
  readonly findingsIn?: FindingsIn;
  readonly detectedIn?: DetectedIn;
  /** Of results that do not name it the accession number, where their order's case has one. */
  readonly accessions?: ReadonlyMap<HospitalEvent, string>;
  /** Is told that the report reader failed at a report. */
  readonly unread?: (fault: unknown) => void;
}

/** The result with the accession number of its exam, as far as that is known. */
export function named<Result extends ReportReceived | DetectionsReceived>(event: Result, { accessions }: Readers): Result {
  const accessionNumber = accessions?.get(event);
  return accessionNumber === undefined ? event : { ...event, accessionNumber };
}

/** Of a report that could not be read: in no content, so that no finding is taken for it. Of which category nobody knows; a reader that fails at every report calls nobody out at night. */
const UNREAD = { classId: 'unread', category: 2, side: null } as const;

type Told = Pick<Arrival, 'id' | 'actor'>;
type Raised = Pick<CriticalRaised, 'finding' | 'source'>;

/**
 * A signed report whose text holds an actionable finding asks a radiologist whether it is one: one question an exam and class, however many reports say it (REP-05).
 * One that is known already of this patient, also when it was closed, is told of it. One that the reader fails at, or of a status that is not understood, is not passed
 * by: a person says what it is. What can wait for days asks nobody: it is kept for follow-up, until a correction of the report says it no longer.
 */
export function askedByReport(event: ReportReceived, told: Told, { findingsIn, unread }: Readers): readonly Consequence[] {
  const { status, sections, version, reportedAt } = event;
  if (findingsIn === undefined || status === 'preliminary') return [];
  const text = sections.map(({ name, text: said }) => (name === '' ? said : `${name}:\n${said}`)).join('\n\n');
  const stated = statedIn(findingsIn, { text, exam: nameOf(event) }, unread);
  if (stated === null) {
    const quote = text.trim() === '' ? nameOf(event) : text.trim();
    const source = { kind: 'report', version, quote: cut(quote), reportedAt, unread: true } as const;
    return asks(event, [{ finding: { text: cut(quote), ...UNREAD }, source }], () => eventId.parse(`${told.id}:unread`), told);
  }
  const urgent = stated.filter(({ category }) => category !== 3);
  const raised = oneOfAClass(urgent).map(({ classId, category, side, quote }): Raised => ({
    finding: { text: cut(quote), classId, side, category },
    source: { kind: 'report', version, quote: cut(quote), reportedAt },
  }));
  const canWait = stated.filter(({ classId }) => urgent.every((one) => one.classId !== classId));
  return [
    ...asks(event, raised, (n) => eventId.parse(`${told.id}:finding${n}`), told),
    ...keepsForFollowUp(event, oneOfAClass(canWait), told),
    ...(status === 'corrected' && sections.some((one) => one.text.trim() !== '') ? takesBack(event, stated, told) : []),
  ];
}

/** Null: the reader failed at it. */
function statedIn(findingsIn: FindingsIn, report: Parameters<FindingsIn>[0], unread: Readers['unread']): readonly ReportFinding[] | null {
  try {
    return findingsIn(report);
  } catch (error) {
    unread?.(error);
    return null;
  }
}

function cut(quote: string): string {
  return quote.slice(0, 500);
}

export function isSigned({ status }: Pick<ReportReceived, 'status'>): boolean {
  return status !== null && status !== 'preliminary';
}

function oneOfAClass(stated: readonly ReportFinding[]): readonly ReportFinding[] {
  return [...new Map(stated.map((one) => [one.classId, one])).values()];
}

/** One event for follow-up an exam and class, however many reports say it. */
function keepsForFollowUp(event: ReportReceived, stated: readonly ReportFinding[], { id, actor }: Told): readonly Consequence[] {
  const exam = aboutOf(event);
  const { version, reportedAt, receivedAt: since } = event;
  return stated.map(({ classId, category, side, quote: said }, n): Consequence => {
    const quote = cut(said);
    const finding = { text: quote, classId, side, category };
    const numbers = examsIn(event, exam, id).map((one) => followUpKey(one, classId));
    return {
      ...{ kind: 'to-order', workflow: FOLLOW_UP, numbers, id: eventId.parse(`${id}:follow-up${n}`), actor },
      input: { type: 'followUpRaised', about: exam, finding, source: { version, quote, reportedAt }, since },
    };
  });
}

/** A correction stands for the whole report: what it states no more is none that waits, and of what was communicated a person is asked, also when it was closed. */
function takesBack(event: ReportReceived, stated: readonly ReportFinding[], { id, actor }: Told): readonly Consequence[] {
  const { version, reportedAt } = event;
  const exam = aboutOf(event);
  // Nobody could tell which report it corrects: it is listed among the reports that are unmatched.
  if (!isNumbered(exam)) return [];
  const classes = stated.map(({ classId }) => classId);
  const { accessionNumber: accession } = exam;
  const ofOrder = exam.placerOrderNumber === null && exam.fillerOrderNumber === null ? [] : examsOf({ ...exam, accessionNumber: null });
  const keys = [...(accession === null ? [] : [`accession||${accession}`]), ...ofOrder.map(findingsOf)];
  return [
    {
      ...{ kind: 'to-cases-with', keys: examsOf(exam).map(followUpsOf), id: eventId.parse(`${id}:corrected`), actor },
      input: { type: 'reportCorrected', version, reportedAt, classes },
    },
    {
      ...{ kind: 'to-cases-with', of: CRITICAL, keys, id: eventId.parse(`${id}:no-longer`), actor },
      input: { type: 'reportSaysNoLonger', version, classes, patient: event.patient },
    },
  ];
}

/** A model's positive of such a class asks a radiologist too, and nobody else (MOD-03, CRT-01, CRT-04). Of several of one class and model the surest. */
export function askedByModel(event: DetectionsReceived, told: Told, { detectedIn }: Readers): readonly Consequence[] {
  const found = event.detections.flatMap((one) => {
    const detected = detectedIn?.(one) ?? null;
    return detected === null || detected.category === 3 ? [] : [{ one, detected }];
  });
  const surestLast = found.toSorted((a, b) => (a.one.confidence ?? 0) - (b.one.confidence ?? 0));
  const each = new Map(surestLast.map((pair) => [`${pair.detected.classId}|${pair.one.model}`, pair]));
  const raised = [...each.values()].map(({ one: { side, model, version, confidence }, detected: { classId, name, category } }): Raised => ({
    finding: { text: name, classId, side, category },
    source: { kind: 'model', model, version, confidence },
  }));
  return asks(event, raised, (n) => eventId.parse(`${told.id}:detection${n}`), told);
}

function nameOf({ procedure }: Pick<ReportReceived, 'procedure'>): string {
  return procedure === null ? '' : procedure.text === '' ? procedure.code : procedure.text;
}

function asks(
  event: ReportReceived | DetectionsReceived,
  raised: readonly Raised[],
  idOf: (n: number) => EventId,
  { id, actor }: Told,
): readonly Consequence[] {
  const exam = aboutOf(event);
  const exams = examsIn(event, exam, id);
  const signedBy = event.type === 'reportReceived' && event.signedBy !== undefined ? { signedBy: event.signedBy } : {};
  return raised.map((one, n): Consequence => ({
    ...{ kind: 'to-order', workflow: CRITICAL, id: idOf(n), actor },
    ...{ known: findingLookups(exam, one.finding.classId), numbers: exams.map((key) => alertKey(key, one.finding.classId, 1)) },
    input: { type: 'criticalRaised', reader: null, since: event.receivedAt, about: exam, ...signedBy, ...one },
  }));
}

/** Without a number nobody can tell which exam of the patient is meant: each version is then asked about by itself, and stands in the list of what is unmatched too. */
function examsIn(event: ReportReceived | DetectionsReceived, exam: CriticalRaised['about'], id: EventId): readonly string[] {
  if (isNumbered(exam)) return examsOf(exam);
  return [`${event.type === 'reportReceived' ? `version ${event.version}` : id} ${examOf(exam)}`];
}

function isNumbered({ accessionNumber, placerOrderNumber, fillerOrderNumber }: CriticalRaised['about']): boolean {
  return (accessionNumber ?? placerOrderNumber ?? fillerOrderNumber) !== null;
}

/** The exam and whose it is. */
function aboutOf(event: ReportReceived | DetectionsReceived): CriticalRaised['about'] {
  const { orderNumbers, patient, procedure, care, modality = null } = event;
  const number = event.accessionNumber ?? orderNumbers.accession;
  const { orderingProvider = null, attending = null, patientClass = null, location = null } = care ?? {};
  return {
    ...{ placerOrderNumber: orderNumbers.placer, fillerOrderNumber: orderNumbers.filler, accessionNumber: number },
    ...{ patient, procedure, priority: null, orderCase: null, modality },
    ...{ orderingProvider, patientClass, location, ...(attending === null ? {} : { attending }) },
    exam: nameOf(event) === '' ? 'imaging exam' : nameOf(event),
  };
}
