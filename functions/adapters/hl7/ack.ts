import { hash } from 'node:crypto';
import type { Instant } from '#core/time.js';
import type { Answers } from '#ports/hl7-door.js';
import { build, isPlain, textOf, usualWriting } from './build.ts';
import type { Fields, Value, Writing } from './build.ts';
import { charsetNamed } from './charset.ts';
import type { Charset } from './charset.ts';
import { escape, usualDelimiters } from './escape.ts';
import type { WholeDelimiters } from './escape.ts';
import { isAnswer } from './kind.ts';
import type { Message, Problem, Segment } from './message.ts';

/** HL7 table 0008: application answers, then commit answers. */
export type AckCode = 'AA' | 'AE' | 'AR';
export type CommitCode = 'CA' | 'CE' | 'CR';

/** What was found. `notKept`: our store failed, nothing has been taken over. */
export interface Outcome {
  readonly code: AckCode;
  readonly errors: readonly Problem[];
  readonly notKept?: boolean;
}

/**
 * The answers that a message asks for. MSH-15 and MSH-16 both empty: original mode, the application's answer alone (HL7 v2.5.1 chapter 2.9.2). Else enhanced
 * mode (2.9.3): the commit answer as MSH-15 asks, CR for what would be AR, CE when our store failed, CA for the rest; then the application's answer as MSH-16
 * asks, a message of its own. What was not committed is answered once: where the commit answer says so, no other follows. To an answer no application answers.
 * Pure: the same bytes and moment give the same answers.
 */
export function answersTo(message: Message | null, outcome: Outcome, rawHash: string, at: Instant): Answers {
  const answer = (code: AckCode | CommitCode, errors: readonly Problem[], isDelayed = false): Buffer =>
    buildAck(message, code, errors, at, ackControlId(code.startsWith('C') ? `commit ${rawHash}` : rawHash, at), isDelayed);
  const { code, errors } = outcome;
  const [accept, application] = [asked(message, 15), asked(message, 16)];
  const isOurs = message !== null && isAnswer(message);
  if (accept === '' && application === '') return { commit: null, application: isOurs ? null : answer(code, errors) };
  const refused = outcome.notKept === true ? 'CE' : code === 'AR' ? 'CR' : null;
  const commit = isWanted(accept, refused !== null) ? answer(refused ?? 'CA', refused === null ? [] : errors) : null;
  const isSaid = refused !== null && commit !== null;
  return { commit, application: !isOurs && !isSaid && isWanted(application, code !== 'AA') ? answer(code, errors, true) : null };
}

/** MSH-15 or MSH-16; an HL7 null asks for nothing. */
function asked(message: Message | null, field: 15 | 16): string {
  return message?.first('MSH')?.text(field, 1).toUpperCase() ?? '';
}

/** HL7 table 0155. Empty beside a field that is not is never; what the table does not have is answered always, so that nobody waits in vain. */
function isWanted(condition: string, isError: boolean): boolean {
  switch (condition) {
    case '':
    case 'NE':
      return false;
    case 'ER':
      return isError;
    case 'SU':
      return !isError;
    default:
      return true;
  }
}

/**
 * One answer: MSH mirrored (sender and receiver swapped, trigger, version, delimiters, character set), MSA, an ERR for each problem.
 * Pure: the same arguments give the same bytes. Before HL7 2.5 the ERR has its old form (ERR-1) and MSA-3 the first text.
 * @param message null when not even MSH could be read.
 * @param controlId MSH-10 of the answer, at most 20 characters.
 * @param isDelayed an application answer of enhanced mode: a message of its own, which asks for no answer (MSH-15 and MSH-16 NE).
 */
export function buildAck(
  message: Message | null,
  code: AckCode | CommitCode,
  errors: readonly Problem[],
  now: Instant,
  controlId: string,
  isDelayed = false,
): Buffer {
  const header = message?.first('MSH') ?? null;
  const usual = message !== null && header !== null && errors.length === 0 ? usualAnswer(message, header, code, isDelayed) : null;
  const filled = usual?.fill(hl7Time(now), controlId, header?.value(10) ?? '') ?? null;
  if (filled !== null) return filled;
  const time = hl7Time(now);
  const { segments, writing } = fieldsOfAnswer({ message, header, code, errors, time, controlId, isDelayed });
  return build(segments, writing) ?? plain(code, time, controlId);
}

/** An answer without errors, with three places to fill in. A sender's answers differ in nothing else, so one is made a sender. */
interface UsualAnswer {
  /** Null where one of the three is not plain text: then the answer is made by fields. */
  readonly fill: (time: string, controlId: string, answered: string) => Buffer | null;
}

const usualAnswers = new Map<string, UsualAnswer | null>();
/** Senders whose answers are remembered; a text that nobody would have in a header is not. */
const MOST_USUAL = 256;
const LONGEST_HEADER = 500;
/** Stands where something is filled in: no header holds it, and it is written as an escape. */
const PLACE = '\u0000';

/** Stands between the parts of a key. */
const BETWEEN = '\u0001';

function usualAnswer(message: Message, header: Segment, code: AckCode | CommitCode, isDelayed: boolean): UsualAnswer | null {
  // What is mirrored: MSH-1 to MSH-6, 9, 11, 12 and 18.
  const mirroredFields = [header.span(1, 6), header.raw(9), header.span(11, 12), header.raw(18)];
  // Two headers must never have one key.
  if (mirroredFields.some((text) => text.includes(BETWEEN))) return null;
  const key = `${code} ${isDelayed ? 'delayed' : 'at once'} ${message.syntax.charset.name}${BETWEEN}${mirroredFields.join(BETWEEN)}`;
  const known = usualAnswers.get(key);
  if (known !== undefined) return known;
  // A message without MSH-18 may be in one of two sets: what is ASCII is the same in both.
  if (!/^[\0-\x7f]*$/u.test(key)) return null;
  const made = newUsualAnswer(message, header, code, isDelayed);
  if (usualAnswers.size < MOST_USUAL && key.length < LONGEST_HEADER) usualAnswers.set(Buffer.from(key, 'utf16le').toString('utf16le'), made);
  return made;
}

function newUsualAnswer(message: Message, header: Segment, code: AckCode | CommitCode, isDelayed: boolean): UsualAnswer | null {
  const { segments, writing } = fieldsOfAnswer({ message, header, code, errors: [], time: PLACE, controlId: PLACE, isDelayed, answered: PLACE });
  const { delimiters, charset } = writing;
  const [before, toId, toAnswered, after, ...more] = textOf(segments, delimiters).split(escape(PLACE, delimiters));
  if (after === undefined || more.length > 0) return null;
  return {
    fill: (time, controlId, answered) => {
      if (![time, controlId, answered].every((text) => isPlain(text, delimiters))) return null;
      return charset.encode(`${String(before)}${time}${String(toId)}${controlId}${String(toAnswered)}${answered}${after}`);
    },
  };
}

interface AnswerFields {
  readonly segments: readonly (readonly [name: string, fields: Fields])[];
  readonly writing: Writing;
}

interface AnswerTo {
  readonly message: Message | null;
  readonly header: Segment | null;
  readonly code: AckCode | CommitCode;
  readonly errors: readonly Problem[];
  readonly time: string;
  readonly controlId: string;
  readonly isDelayed: boolean;
  /** MSA-2; left out: MSH-10 of the message. */
  readonly answered?: string;
}

function fieldsOfAnswer({ message, header, code, errors, time, controlId, isDelayed, answered }: AnswerTo): AnswerFields {
  // Where MSH-2 names no repetition separator, `~` still stands between sets (message.ts reads them so).
  const sets = header === null ? [] : repeated(header, 18).flatMap((set) => set.split('~'));
  const writing: Writing =
    message === null ? usualWriting : { delimiters: whole(message), charset: isRefusedSet(errors) ? ascii : writable(message, sets) };
  // What can't be written in the set of the answer is left out: never a '?' in its place.
  const fits = (text: string): string => (/^[ -~]*$/u.test(text) || writing.charset.encode(text) !== null ? text : '');
  const version = header?.text(12, 1) ?? '';
  const isOld = /^2\.[0-4](\.|$)/u.test(version);
  const trigger = fits(header?.text(9, 2) ?? '');
  const copy = (field: number): Value => (header === null ? '' : mirrored(header, field, fits));
  const msh: Fields = {
    3: copy(5),
    4: copy(6),
    5: copy(3),
    6: copy(4),
    7: time,
    9: ['ACK', trigger, ...(trigger !== '' && !isOld ? ['ACK'] : [])],
    10: controlId,
    11: fits(header?.text(11, 1) ?? '') || 'P',
    12: /^2(\.\d+)*$/u.test(version) ? version : '2.5.1',
    ...(isDelayed ? { 15: 'NE', 16: 'NE' } : {}),
    18: isWrittenIn(writing.charset, sets) ? { repetitions: sets } : '',
  };
  const msa: Fields = { 1: code, 2: answered ?? copy(10), ...(isOld && errors[0] !== undefined ? { 3: brief(errors[0]) } : {}) };
  const errs = errors.map((error) => ['ERR', isOld ? oldError(error) : newError(error)] as const);
  return { segments: [['MSH', msh], ['MSA', msa], ...errs], writing };
}

/** The set of the answer: that of the message. ASCII, a part of all of them, where MSH-18 or the bytes could not be read in it. */
function writable(message: Message, declared: readonly string[]): Charset {
  return isWrittenIn(message.syntax.charset, declared) ? message.syntax.charset : ascii;
}

/** An answer names the set that it is written in, as its sender named it, and no other: what nobody can read is named in no answer. */
function isWrittenIn(charset: Charset, declared: readonly string[]): boolean {
  return charset.name === declared.join('~');
}

const ascii = charsetNamed(['ASCII']) ?? usualWriting.charset;

/** MSH-10 for an answer: derived from what is answered, so that the same message gets the same bytes. */
function ackControlId(rawHash: string, receivedAt: Instant): string {
  return hash('sha256', `ack ${rawHash} ${receivedAt}`, 'hex').slice(0, 20).toUpperCase();
}

/** HL7 DTM in UTC with seconds: `20261125104000+0000`. */
export function hl7Time(at: Instant): string {
  // Many messages come in one millisecond.
  if (at !== lastTime.at) lastTime = { at, text: `${at.slice(0, 19).replace(/[-T:]/gu, '')}+0000` };
  return lastTime.text;
}

let lastTime = { at: '', text: '' };

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

/** An answer is not written in a set that it refuses. */
function isRefusedSet(errors: readonly Problem[]): boolean {
  return errors.some((error) => error.segment === 'MSH' && error.field === 18);
}

function whole(message: Message): WholeDelimiters {
  const { field, component, repetition, escape, subcomponent, truncation } = message.syntax.delimiters;
  if (component === null || repetition === null || escape === null || subcomponent === null) return usualDelimiters;
  const signs = [field, component, repetition, escape, subcomponent, ...(truncation === null ? [] : [truncation])];
  const isFit = new Set(signs).size === signs.length && signs.every((sign) => /^[^\p{L}\p{N}\s\p{Cc}]$/u.test(sign));
  return isFit ? { field, component, repetition, escape, subcomponent, truncation } : usualDelimiters;
}

function repeated(segment: Segment, field: number): readonly string[] {
  return Array.from({ length: segment.repetitions(field) }, (_, index) => segment.text(field, undefined, undefined, index + 1));
}

/** Components and subcomponents of the first repetition: at most 4 each, which is what an HD has. A value that stands alone needs no taking apart. */
function mirrored(segment: Segment, field: number, fits: (text: string) => string): Value {
  const first = segment.value(field);
  if (first === segment.value(field, 1, 1)) return fits(first);
  return [1, 2, 3, 4].map((component) => [1, 2, 3, 4].map((sub) => fits(segment.value(field, component, sub))));
}

/** The last resort: nothing mirrored, nothing but ASCII. */
function plain(code: AckCode | CommitCode, time: string, controlId: string): Buffer {
  const msh: Fields = { 7: time, 9: 'ACK', 10: controlId, 11: 'P', 12: '2.5.1' };
  return (
    build([
      ['MSH', msh],
      ['MSA', { 1: code }],
    ]) ?? Buffer.alloc(0)
  );
}
