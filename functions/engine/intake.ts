import type { Instant } from '#core/time.js';
import type { Facility } from '#domain/site.js';
import type { Answers, Verdict } from '#ports/hl7-door.js';
import type { RawMessage, RawState } from '#ports/raw-store.js';
import { CANARY_ENDPOINT } from './canary.ts';
import { creditAnswer, whoseAnswer } from './credit.ts';
import type { Parts } from './parts.ts';
import { usedAs } from './routing.ts';
import { isDiskShort, senderOf, strangeness, turnAway } from './strangers.ts';

/** Who brings a message in. */
export interface Bringer {
  /** Name of the door, such as `mllp`, `mllp:general` or `https:general`; `to:ris` for what comes back on a connection of ours. */
  readonly endpoint: string;
  /** Who the token or the certificate says it is: binds MSH-3 and MSH-4. null: loopback on one machine, or a connection that we opened: anything may come. */
  readonly facility: Facility | null;
  /** The destination on whose connection it came back. */
  readonly destination?: string;
}

/** What is answered, and by what name the message is kept. */
export type Received = Answers & { readonly identity: string };

/** What taking something in needs. */
export type Intake = Pick<
  Parts,
  | 'raw'
  | 'door'
  | 'audit'
  | 'clock'
  | 'log'
  | 'wake'
  | 'outbox'
  | 'cases'
  | 'workflows'
  | 'modeOf'
  | 'destinations'
  | 'pressure'
  | 'findingsIn'
  | 'detectedIn'
>;

/** The longest message that is read; the MLLP listener has the same limit. Of a longer one its beginning is kept. */
const MOST_BYTES = 10 * 1024 * 1024;
const KEPT_BYTES = 64 * 1024;

/**
 * Takes a message or a batch in and gives the answers: judge, keep raw with all it causes, on disk before the answers are given back.
 * The same bytes again get the same answers and have no second effect. Never throws: a store that fails is answered AE or CE, ERR-3 207.
 */
export async function receive(parts: Intake, bytes: Buffer, from: Bringer): Promise<Received> {
  const batch = bytes.length > MOST_BYTES ? null : split(parts, bytes);
  if (batch !== null) return receiveBatch(parts, bytes, batch, from);
  return receiveOne(parts, bytes, from);
}

type Batch = NonNullable<ReturnType<Parts['door']['split']>>;

/** A batch that can't be taken apart is read, and refused, as one message. */
function split(parts: Intake, bytes: Buffer): Batch | null {
  try {
    return parts.door.split(bytes);
  } catch {
    return null;
  }
}

interface Outcome {
  /** Is it on the disk? */
  readonly kept: boolean;
  readonly turnedAway: boolean;
}

/** Messages of a batch that are taken in at once. */
const BATCH_AT_ONCE = 64;

/** @param inBatch its one answer stands in the batch's: nothing is owed besides. */
async function receiveOne(parts: Intake, bytes: Buffer, from: Bringer, inBatch = false): Promise<Received & Outcome> {
  const now = parts.clock.now();
  const hash = parts.door.hash(bytes);
  const identity = `${from.endpoint}:${hash}`;
  try {
    if (bytes.length > MOST_BYTES) return { ...(await tooLong(parts, bytes.subarray(0, KEPT_BYTES), bytes.length, hash, from)), turnedAway: false };
    const verdict = judged(parts, bytes, now, from);
    const { answers: own } = verdict;
    const answers = inBatch ? { commit: null, application: own.application ?? own.commit } : own;
    const stranger = strangeness(verdict, from.facility);
    if (stranger !== null) return { ...(await turnAway(parts, verdict, stranger, bytes, hash, from, now)), turnedAway: true };
    if (isTooMuch(parts, verdict, from)) return { ...(await sendAway(parts, verdict, bytes, identity, from, now)), turnedAway: false };
    const row = { identity, endpoint: from.endpoint, hash, bytes, length: bytes.length, receivedAt: now, answers };
    return { ...(await take(parts, verdict, row, from)), turnedAway: false };
  } catch (error) {
    parts.log.error('hl7.not-kept', { endpoint: from.endpoint, fault: error });
    const text = 'The message could not be stored: send it again later';
    return { ...refusal(parts, bytes, 'AE', text, now), identity, kept: false, turnedAway: false };
  }
}

/** Too much waits to be worked out, or the disk is nearly full. What answers our own messages, and our canary, is taken all the same: the first makes it less, the second shows it. */
function isTooMuch({ pressure }: Intake, { acknowledgement }: Verdict, { endpoint }: Bringer): boolean {
  return pressure?.isShut() === true && acknowledgement === null && endpoint !== CANARY_ENDPOINT;
}

/** The answer to one message, and whether it is on the disk. */
type Answered = Received & Pick<Outcome, 'kept'>;

/** AE or CE, and nothing is kept; what was taken before gets its answer as ever. */
async function sendAway(
  parts: Intake,
  { controlId }: Pick<Verdict, 'controlId'>,
  bytes: Buffer,
  identity: string,
  { endpoint }: Bringer,
  now: Instant,
): Promise<Answered> {
  const known = await parts.raw.find(identity, controlId);
  if (known !== null) return { ...known.answers, identity, kept: true };
  parts.pressure?.refused(endpoint);
  return { ...refusal(parts, bytes, 'AE', parts.pressure?.why() ?? '', now), identity, kept: false };
}

/** A message at which our own reader fails is refused and kept like any that can't be read: sent again it would fail again. */
function judged(parts: Intake, bytes: Buffer, now: Instant, from: Bringer): Verdict {
  try {
    return parts.door.judge(bytes, now, from.endpoint.startsWith('https'));
  } catch (error) {
    const reason = `our reader failed at it (${faultOf(error)}): tell the makers of Radloop`;
    parts.log.error('hl7.not-judged', { endpoint: from.endpoint, fault: error });
    const answers = refusal(parts, bytes, 'AR', 'The message could not be read', now);
    const unknown = {
      controlId: null,
      messageType: null,
      sendingApplication: '',
      sendingFacility: '',
      tells: false,
      events: [],
      acknowledgement: null,
    } as const;
    return { ...unknown, ackCode: 'AR', answers, reason };
  }
}

function refusal(parts: Intake, bytes: Buffer, code: 'AE' | 'AR', text: string, now: Instant): Answers {
  try {
    return parts.door.refuse(bytes, code, { segment: 'MSH', field: null, code: '207', text }, now);
  } catch {
    return NO_ANSWER;
  }
}

type Row = Pick<RawMessage, 'identity' | 'endpoint' | 'hash' | 'bytes' | 'length' | 'receivedAt' | 'answers'>;

async function take(parts: Intake, verdict: Verdict, row: Row, from: Bringer): Promise<Answered> {
  const { ackCode, controlId, messageType, acknowledgement } = verdict;
  const { identity, endpoint, bytes, receivedAt } = row;
  const answered = acknowledgement === null ? null : await whoseAnswer(parts, acknowledgement, from);
  // An answer to nothing makes nothing less.
  if (answered === null && acknowledgement !== null && isDiskShort(parts)) return sendAway(parts, verdict, bytes, identity, from, receivedAt);
  const state = answered === null ? firstState(verdict) : 'used';
  const reason = acknowledgement !== null && answered === null ? 'answers nothing that awaits an answer' : verdict.reason;
  if (state === 'new') parts.pressure?.took();
  const kept = await parts.raw.keep(
    { ...row, controlId, sender: senderOf(verdict), messageType, ackCode, state, reason },
    state === 'new' ? 'later' : [],
  );
  if (kept.controlIdReused) parts.log.error('hl7.control_id_reuse', { endpoint, type: messageType });
  if (acknowledgement !== null && answered === null) parts.log.error('hl7.answer-not-awaited', { endpoint, code: acknowledgement.code });
  if (acknowledgement !== null && answered !== null) await creditAnswer(parts, answered, acknowledgement);
  if (kept.fresh && state === 'new') parts.wake();
  parts.log.info('hl7.received', { endpoint, ack: ackCode, type: messageType, state, fresh: kept.fresh });
  return { ...kept.answers, identity, kept: true };
}

/**
 * Each message by itself, with its own identity and effects; the answer is the batch of their application answers, the same for the same batch.
 * One whose own count is another (BTS-1, FTS-1) may have lost messages on its way: what came is taken, the batch itself is shown to a person.
 */
async function receiveBatch(parts: Intake, bytes: Buffer, { messages, problem }: Batch, from: Bringer): Promise<Received> {
  const now = parts.clock.now();
  const hash = parts.door.hash(bytes);
  const identity = `${from.endpoint}:${hash}`;
  try {
    const known = await parts.raw.find(identity, null);
    if (known !== null) return { ...known.answers, identity };
    const received: (Received & Outcome)[] = [];
    // A few at a time: a batch of thousands holds up no other door.
    for (let at = 0; at < messages.length; at += BATCH_AT_ONCE) {
      received.push(...(await Promise.all(messages.slice(at, at + BATCH_AT_ONCE).map((message) => receiveOne(parts, message, from, true)))));
    }
    const answers = { commit: null, application: parts.door.batchOf(received.flatMap(({ application }) => application ?? []), now) }; // prettier-ignore
    // What could not be stored comes again with the batch: then the answer is another one.
    if (!received.every(({ kept }) => kept) || isDiskShort(parts)) return { ...answers, identity };
    // Nor does it have its last word while the site lets one of its senders not in.
    const isTurnedAway = received.some(({ turnedAway }) => turnedAway);
    if (problem !== null) parts.log.error('hl7.batch-count', { endpoint: from.endpoint, messages: messages.length });
    const each = `a batch of ${messages.length}: each message is a row of its own`;
    const judgement = { state: problem === null ? 'kept' : 'refused', reason: problem === null ? each : `${problem} It came as ${each}` } as const;
    const about = { controlId: null, sender: '', messageType: 'batch', answers, ackCode: 'AA', ...judgement } as const;
    const row = { endpoint: from.endpoint, hash, bytes, length: bytes.length, receivedAt: now };
    const keptUnder = isTurnedAway ? `${from.endpoint}:turned-away:${hash}` : identity;
    const kept = await parts.raw.keep({ ...about, ...row, identity: keptUnder }, []);
    return { ...(isTurnedAway ? answers : kept.answers), identity };
  } catch (error) {
    parts.log.error('hl7.not-kept', { endpoint: from.endpoint, fault: error });
    const text = 'The batch could not be stored: send it again later';
    return { ...refusal(parts, bytes, 'AE', text, now), identity };
  }
}

/** Too long to be read: its beginning, its length and its hash are kept, the answer is AR; while the disk is nearly full nothing is, and it is AE. */
export async function receiveOversize(parts: Intake, start: Buffer, length: number, hash: string, from: Bringer): Promise<Received> {
  const { commit, application, identity } = await tooLong(parts, start, length, hash, from);
  return { commit, application, identity };
}

async function tooLong(parts: Intake, start: Buffer, length: number, hash: string, from: Bringer): Promise<Answered> {
  const receivedAt = parts.clock.now();
  if (isDiskShort(parts)) return sendAway(parts, { controlId: null }, start, `${from.endpoint}:${hash}`, from, receivedAt);
  const reason = `longer than the limit: ${length} bytes`;
  const answers = parts.door.refuse(start, 'AR', { segment: 'MSH', field: null, code: '207', text: reason }, receivedAt);
  const { endpoint } = from;
  const identity = `${endpoint}:${hash}`;
  const kept = await parts.raw.keep({ ...UNREAD, identity, endpoint, hash, bytes: start, length, answers, reason, receivedAt }, []);
  return { ...kept.answers, identity, kept: true };
}

/**
 * Bytes that are not even tried as a message (between frames, a frame that never ended, XML or JSON): kept for the operator, no HL7 answer. Of long ones the
 * beginning. While the disk is nearly full they are counted only.
 */
export async function keepNoise(parts: Intake, bytes: Buffer, length: number, reason: string, from: Bringer): Promise<void> {
  if (isDiskShort(parts)) parts.pressure?.refused(from.endpoint);
  else await keepUnread(parts, bytes, length, reason, from);
}

/** The same for what is passed by only when its row is on the disk. */
export async function keepUnread(parts: Intake, bytes: Buffer, length: number, reason: string, from: Bringer): Promise<void> {
  if (bytes.length === 0) return;
  const hash = parts.door.hash(bytes);
  const { endpoint } = from;
  const start = bytes.subarray(0, KEPT_BYTES);
  const row = {
    identity: `${endpoint}:noise:${hash}`,
    endpoint,
    hash,
    bytes: start,
    length,
    answers: NO_ANSWER,
    reason,
    receivedAt: parts.clock.now(),
  };
  await parts.raw.keep({ ...UNREAD, ...row }, []);
}

const NO_ANSWER: Answers = { commit: null, application: null };
const UNREAD = { controlId: null, sender: '', messageType: null, ackCode: 'AR', state: 'refused' } as const;

/** What tells the workflows something is worked on after it was answered. */
function firstState({ ackCode, tells }: Verdict): RawState {
  if (ackCode !== 'AA') return 'refused';
  return tells ? 'new' : 'kept';
}

export function stateOf({ ackCode, events }: Verdict, used: boolean): RawState {
  return ackCode === 'AA' ? usedAs(events, used) : 'refused';
}

function faultOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
