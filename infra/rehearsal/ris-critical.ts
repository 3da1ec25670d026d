import type { Hl7Message } from '@medplum/core';

/** What the RIS holds of one critical result, by the sender's case number. */
export interface CriticalBelief {
  readonly caseNumber: string;
  /** Of the results that stand; 0: none came yet. */
  readonly version: number;
  readonly status: 'read-back' | 'withdrawn' | 'none';
  readonly receivedBy: string;
  readonly at: string;
  /** TXA-12.1 of the document that stands, and whether it waits for a signature; null: none came. */
  readonly document: { readonly number: string; readonly completion: string } | null;
}

/** What a message about a critical result asks for, or why it is refused. */
export type CriticalJudged =
  { readonly ok: true; readonly effect: string } | { readonly ok: false; readonly code: 'AE' | 'AR'; readonly why: string; readonly where: string };

const DOCUMENT = /^(.+)-(\d+)$/u;

/** Results (ORU) that name a case, or a document (MDM). */
export function isCritical(message: Hl7Message): boolean {
  const kind = text(message, 'MSH', 9, 1);
  return kind === 'MDM' || (kind === 'ORU' && observed(message, 'CRIT-CASE') !== null);
}

export function judgeCritical(known: readonly CriticalBelief[], message: Hl7Message, placer: string): CriticalJudged {
  if (text(message, 'MSH', 9, 1) === 'MDM') return judgeDocument(known, message, placer);
  const caseNumber = observed(message, 'CRIT-CASE') ?? '';
  const version = Number(observed(message, 'CRIT-VERSION') ?? Number.NaN);
  if (!Number.isInteger(version) || version < 1) return refuse('AE', 'a critical result needs its version', 'OBX^1^5');
  const status = statusIn(message);
  if (status === 'read-back' && (observed(message, 'CRIT-RECEIVED-BY') ?? '') === '') return refuse('AE', 'who received it is not said', 'OBX^1^5');
  if ((version === 1) !== (text(message, 'OBR', 25, 1) === 'F')) return refuse('AE', 'the first is final, a later one a correction', 'OBR^1^25');
  const before = known.find((one) => one.caseNumber === caseNumber);
  if (before !== undefined && before.version >= version) return refuse('AR', `version ${String(before.version)} is here already`, 'OBX^1^5');
  return { ok: true, effect: `critical ${placer} ${caseNumber} v${String(version)} ${status}` };
}

/** A replacement of a document that never came is taken: what its sender stopped on the way was not to come. */
function judgeDocument(known: readonly CriticalBelief[], message: Hl7Message, placer: string): CriticalJudged {
  const number = text(message, 'TXA', 12, 1);
  const trigger = text(message, 'MSH', 9, 2);
  if (DOCUMENT.exec(number) === null) return refuse('AE', 'a document needs its number', 'TXA^1^12');
  if (trigger !== 'T02' && trigger !== 'T10') return refuse('AR', `this RIS does not take MDM^${trigger}`, 'MSH^1^9');
  if ((trigger === 'T10') !== (text(message, 'TXA', 13, 1) !== ''))
    return refuse('AE', 'a replacement names what it replaces, and nothing else does', 'TXA^1^13');
  if (text(message, 'TXA', 17, 1) === '') return refuse('AE', 'whether it is signed is not said', 'TXA^1^17');
  if ((observed(message, 'CRIT-ADDENDUM') ?? '') === '') return refuse('AE', 'the document has no text', 'OBX^1^5');
  if (known.some(({ document }) => document?.number === number)) return refuse('AR', 'a document of this number is here already', 'TXA^1^12');
  return { ok: true, effect: `document ${placer} ${number}` };
}

/** Carries out what `judgeCritical` let through. */
export function believeCritical(known: readonly CriticalBelief[], message: Hl7Message, at: string): readonly CriticalBelief[] {
  const isDocument = text(message, 'MSH', 9, 1) === 'MDM';
  const number = text(message, 'TXA', 12, 1);
  const caseNumber = isDocument ? (DOCUMENT.exec(number)?.[1] ?? '') : (observed(message, 'CRIT-CASE') ?? '');
  const before = known.find((one) => one.caseNumber === caseNumber);
  const others = known.filter((one) => one !== before);
  const first: CriticalBelief = before ?? { caseNumber, version: 0, status: 'none', receivedBy: '', at, document: null };
  if (isDocument) return [...others, { ...first, document: { number, completion: text(message, 'TXA', 17, 1) } }];
  const receivedBy = observed(message, 'CRIT-RECEIVED-BY') ?? '';
  return [...others, { ...first, at, version: Number(observed(message, 'CRIT-VERSION')), status: statusIn(message), receivedBy }];
}

function statusIn(message: Hl7Message): 'read-back' | 'withdrawn' {
  return observed(message, 'CRIT-WITHDRAWN') === null ? 'read-back' : 'withdrawn';
}

/** OBX-5 of the first result with this code; null: there is none. */
function observed(message: Hl7Message, code: string): string | null {
  const line = message.segments.find((one) => one.name === 'OBX' && one.getComponent(3, 1) === code);
  return line === undefined ? null : line.getComponent(5, 1);
}

function text(message: Hl7Message, segment: string, field: number, component: number): string {
  return message.getSegment(segment)?.getComponent(field, component) ?? '';
}

function refuse(code: 'AE' | 'AR', why: string, where: string): CriticalJudged {
  return { ok: false, code, why, where };
}
