import { eventId } from '#core/ids.js';
import type { EventId } from '#core/ids.js';
import { CRITICAL, alertKey, examOf, findingLookups } from '#domain/critical.js';
import type { CriticalRaised } from '#domain/critical.js';
import type { Detected } from '#domain/detection.js';
import { FOLLOW_UP, followUpKey, followUpsOf } from '#domain/follow-up.js';
import type { Detection, DetectionsReceived, ReportReceived } from '#domain/hospital-event.js';
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
}

type Told = Pick<Arrival, 'id' | 'actor'>;
type Raised = Pick<CriticalRaised, 'finding' | 'source'>;

/**
 * A signed report whose text holds an actionable finding asks a radiologist whether it is one: one question an exam and class, however many reports say it (REP-05).
 * One that is known already of this patient, also when it was closed, is told of it.
 * Without an accession number nobody could tell which exam is meant. What can wait for days asks nobody: it is kept for follow-up, until a correction of the report
 * says it no longer.
 */
export function askedByReport(event: ReportReceived, told: Told, { findingsIn }: Readers): readonly Consequence[] {
  const { status, sections, version, reportedAt } = event;
  if (findingsIn === undefined || !isSigned(event)) return [];
  const text = sections.map(({ name, text: said }) => (name === '' ? said : `${name}:\n${said}`)).join('\n\n');
  const stated = findingsIn({ text, exam: nameOf(event) });
  const urgent = stated.filter(({ category }) => category !== 3);
  const raised = oneOfAClass(urgent).map(({ classId, category, side, quote }): Raised => ({
    finding: { text: quote.slice(0, 500), classId, side, category },
    source: { kind: 'report', version, quote: quote.slice(0, 500), reportedAt },
  }));
  const canWait = stated.filter(({ classId }) => urgent.every((one) => one.classId !== classId));
  return [
    ...asks(event, raised, (n) => eventId.parse(`${told.id}:finding${n}`), told),
    ...keepsForFollowUp(event, oneOfAClass(canWait), told),
    ...(status === 'corrected' && sections.some((one) => one.text.trim() !== '') ? takesBack(event, stated, told) : []),
  ];
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
  if (exam === null) return [];
  const { version, reportedAt, receivedAt: since } = event;
  return stated.map(({ classId, category, side, quote: said }, n): Consequence => {
    const quote = said.slice(0, 500);
    const finding = { text: quote, classId, side, category };
    return {
      ...{ kind: 'to-order', workflow: FOLLOW_UP, numbers: [followUpKey(examOf(exam), classId)], id: eventId.parse(`${id}:follow-up${n}`), actor },
      input: { type: 'followUpRaised', about: exam, finding, source: { version, quote, reportedAt }, since },
    };
  });
}

/** A correction stands for the whole report: what it states no more is none that waits. */
function takesBack(event: ReportReceived, stated: readonly ReportFinding[], { id, actor }: Told): readonly Consequence[] {
  const { version, reportedAt } = event;
  const exam = aboutOf(event);
  if (exam === null) return [];
  const classes = stated.map(({ classId }) => classId);
  return [
    {
      ...{ kind: 'to-cases-with', keys: [followUpsOf(examOf(exam))], id: eventId.parse(`${id}:corrected`), actor },
      input: { type: 'reportCorrected', version, reportedAt, classes },
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
  { actor }: Told,
): readonly Consequence[] {
  const exam = aboutOf(event);
  if (exam === null) return [];
  return raised.map((one, n): Consequence => ({
    ...{ kind: 'to-order', workflow: CRITICAL, id: idOf(n), actor },
    ...{ known: findingLookups(exam, one.finding.classId), numbers: [alertKey(examOf(exam), one.finding.classId, 1)] },
    input: { type: 'criticalRaised', reader: null, since: event.receivedAt, about: exam, ...one },
  }));
}

/** The exam and whose it is; null: without a number nobody could tell which is meant. */
function aboutOf(event: ReportReceived | DetectionsReceived): CriticalRaised['about'] | null {
  const { orderNumbers, patient, procedure, care, modality = null } = event;
  const number = event.accessionNumber ?? orderNumbers.accession;
  if (number === null) return null;
  const { orderingProvider = null, attending = null, patientClass = null, location = null } = care ?? {};
  return {
    ...{ placerOrderNumber: orderNumbers.placer, fillerOrderNumber: orderNumbers.filler, accessionNumber: number },
    ...{ patient, procedure, priority: null, orderCase: null, modality },
    ...{ orderingProvider, patientClass, location, ...(attending === null ? {} : { attending }) },
    exam: nameOf(event) === '' ? 'imaging exam' : nameOf(event),
  };
}
