import { createHash } from 'node:crypto';
import type { Instant } from '#core/time.js';
import { build, usualWriting } from './build.ts';
import type { Fields, Value, Writing } from './build.ts';
import { usualDelimiters } from './escape.ts';
import type { WholeDelimiters } from './escape.ts';
import type { Message, Problem, Segment } from './message.ts';

export type AckCode = 'AA' | 'AE' | 'AR';

/**
 * The answer to a message: MSH mirrored (sender and receiver swapped, trigger, version, delimiters, character set), MSA, an ERR for each problem.
 * Pure: the same arguments give the same bytes. Before HL7 2.5 the ERR has its old form (ERR-1) and MSA-3 the first text.
 * @param message null when not even MSH could be read.
 * @param controlId MSH-10 of the answer, at most 20 characters.
 */
export function buildAck(message: Message | null, code: AckCode, errors: readonly Problem[], now: Instant, controlId: string): Buffer {
  const header = message?.first('MSH') ?? null;
  const writing: Writing = message === null ? usualWriting : { delimiters: whole(message), charset: message.syntax.charset };
  const fits = (text: string): string => (writing.charset.encode(text) === null ? text.replace(/[^ -~]/gu, '?') : text);
  const version = header?.text(12, 1) ?? '';
  const isOld = /^2\.[0-4](\.|$)/u.test(version);
  const trigger = header?.text(9, 2) ?? '';
  const copy = (field: number): Value => (header === null ? '' : components(header, field).map((part) => part.map(fits)));
  const msh: Fields = {
    3: copy(5),
    4: copy(6),
    5: copy(3),
    6: copy(4),
    7: hl7Time(now),
    9: ['ACK', fits(trigger), ...(trigger !== '' && !isOld ? ['ACK'] : [])],
    10: controlId,
    11: header?.text(11, 1) === '' || header === null ? 'P' : fits(header.text(11, 1)),
    12: /^2(\.\d+)*$/u.test(version) ? version : '2.5.1',
    18: header === null || isRefusedSet(errors) ? '' : { repetitions: repeated(header, 18).map(fits) },
  };
  const msa: Fields = { 1: code, 2: copy(10), ...(isOld && errors[0] !== undefined ? { 3: brief(errors[0]) } : {}) };
  const errs = errors.map((error) => ['ERR', isOld ? oldError(error) : newError(error)] as const);
  return build([['MSH', msh], ['MSA', msa], ...errs], writing) ?? plain(code, now, controlId);
}

/** MSH-10 for an answer: derived from what is answered, so that the same message gets the same bytes. */
export function ackControlId(rawHash: string, receivedAt: Instant): string {
  return createHash('sha256').update(`ack ${rawHash} ${receivedAt}`).digest('hex').slice(0, 20).toUpperCase();
}

/** HL7 DTM in UTC with seconds: `20261125104000+0000`. */
export function hl7Time(at: Instant): string {
  return `${at.slice(0, 19).replace(/[-T:]/gu, '')}+0000`;
}

function newError(error: Problem): Fields {
  const place = error.segment === '' ? '' : [error.segment, '1', ...(error.field > 0 ? [String(error.field)] : [])];
  return { 2: place, 3: [error.code, conditions[error.code] ?? '', 'HL70357'], 4: 'E', 8: brief(error) };
}

function oldError(error: Problem): Fields {
  return { 1: [error.segment, '1', error.field > 0 ? String(error.field) : '', [error.code, conditions[error.code] ?? '', 'HL70357']] };
}

/** ERR-8 and MSA-3 hold at most 250 and 80 characters; ours are written to fit in the first. */
function brief(error: Problem): string {
  return error.text.slice(0, 250);
}

/** HL7 table 0357, as far as it is used. */
const conditions: Readonly<Record<string, string>> = {
  '100': 'Segment sequence error',
  '101': 'Required field missing',
  '102': 'Data type error',
  '103': 'Table value not found',
  '200': 'Unsupported message type',
  '202': 'Unsupported processing id',
  '203': 'Unsupported version id',
  '204': 'Unknown key identifier',
  '205': 'Duplicate key identifier',
  '207': 'Application internal error',
};

/** An unreadable MSH-18 is not claimed for the answer, which is then plain ASCII. */
function isRefusedSet(errors: readonly Problem[]): boolean {
  return errors.some((error) => error.segment === 'MSH' && error.field === 18);
}

function whole(message: Message): WholeDelimiters {
  const { field, component, repetition, escape, subcomponent, truncation } = message.syntax.delimiters;
  if (component === null || repetition === null || escape === null || subcomponent === null) return usualDelimiters;
  const signs = [field, component, repetition, escape, subcomponent];
  const isFit = new Set(signs).size === signs.length && signs.every((sign) => /^[^\p{L}\p{N}\s\p{Cc}]$/u.test(sign));
  return isFit ? { field, component, repetition, escape, subcomponent, truncation } : usualDelimiters;
}

function repeated(segment: Segment, field: number): readonly string[] {
  return Array.from({ length: segment.repetitions(field) }, (_, index) => segment.text(field, undefined, undefined, index + 1));
}

/** Components and subcomponents of the first repetition: at most 4 each, which is what an HD has. */
function components(segment: Segment, field: number): readonly (readonly string[])[] {
  return [1, 2, 3, 4].map((component) => [1, 2, 3, 4].map((sub) => segment.value(field, component, sub)));
}

/** The last resort: nothing mirrored, nothing but ASCII. */
function plain(code: AckCode, now: Instant, controlId: string): Buffer {
  const msh: Fields = { 7: hl7Time(now), 9: 'ACK', 10: controlId, 11: 'P', 12: '2.5.1' };
  return (
    build([
      ['MSH', msh],
      ['MSA', { 1: code }],
    ]) ?? Buffer.alloc(0)
  );
}
