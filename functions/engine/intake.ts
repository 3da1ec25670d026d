import { eventId, orderKey } from '#core/ids.js';
import type { CaseEvent } from '#core/event.js';
import type { Instant } from '#core/time.js';
import type { Verdict } from '#ports/hl7-door.js';
import type { RawMessage, RawState } from '#ports/raw-store.js';
import type { Parts } from './parts.ts';

/** Who brings a message in. */
export interface Bringer {
  /** Name of the door, such as `mllp` or `https:general`. */
  readonly endpoint: string;
  /** MSH-4 values that may come in here; null: any (loopback on one machine). */
  readonly facilities: readonly string[] | null;
}

type Needs = Pick<Parts, 'raw' | 'door' | 'audit' | 'clock' | 'log' | 'caseIdOf' | 'wake'>;

/** The longest message that is read; the MLLP listener has the same limit. Of a longer one its beginning is kept. */
const MOST_BYTES = 10 * 1024 * 1024;
const KEPT_BYTES = 64 * 1024;

/** The workflow that an order opens. */
const ORDER_WORKFLOW = 'protocoling';

/**
 * Takes one message in and gives the ACK: keep raw, judge, publish, all on disk before the ACK is given back.
 * The same bytes again get the same ACK bytes and have no second effect. Never throws: a store that fails is answered AE 207.
 */
export async function receive(parts: Needs, bytes: Buffer, from: Bringer): Promise<Buffer> {
  const now = parts.clock.now();
  try {
    const hash = parts.door.hash(bytes);
    const identity = `${from.endpoint}:${hash}`;
    const known = await parts.raw.find(identity);
    if (known) return known.ack;
    if (bytes.length > MOST_BYTES) return await receiveOversize(parts, bytes.subarray(0, KEPT_BYTES), bytes.length, hash, from);
    const verdict = parts.door.judge(bytes, now);
    // A header that is refused anyway says itself what is wrong with it, also where MSH-4 can't be read.
    const stranger = from.facilities !== null && !from.facilities.includes(verdict.sendingFacility) && verdict.ackCode !== 'AR';
    if (stranger) return await turnAway(parts, verdict, bytes, hash, from, now);
    const event = verdict.order && verdict.order.order.kind !== 'not-imaging' ? await eventOf(parts, verdict, hash, from, now) : null;
    const kept = await parts.raw.keep(
      { ...rowOf(verdict, event), identity, hash, bytes, length: bytes.length, endpoint: from.endpoint, receivedAt: now },
      event,
    );
    if (event) parts.wake();
    parts.log.info('hl7.received', { endpoint: from.endpoint, ack: verdict.ackCode, type: verdict.messageType, used: event !== null });
    return kept.ack;
  } catch (error) {
    parts.log.error('hl7.not-kept', { endpoint: from.endpoint, fault: error instanceof Error ? error.name : 'unknown' });
    const text = 'The message could not be stored: send it again later';
    return parts.door.refuse(bytes, 'AE', { segment: 'MSH', field: null, code: '207', text }, now);
  }
}

/** Too long to be read: its beginning, its length and its hash are kept, the answer is AR. */
export async function receiveOversize(parts: Needs, start: Buffer, length: number, hash: string, from: Bringer): Promise<Buffer> {
  const receivedAt = parts.clock.now();
  const reason = `longer than the limit: ${length} bytes`;
  const ack = parts.door.refuse(start, 'AR', { segment: 'MSH', field: null, code: '207', text: reason }, receivedAt);
  const identity = `${from.endpoint}:${hash}`;
  const kept = await parts.raw.keep(
    {
      identity,
      endpoint: from.endpoint,
      hash,
      bytes: start,
      length,
      controlId: null,
      messageType: null,
      ack,
      ackCode: 'AR',
      state: 'refused',
      reason,
      receivedAt,
    },
    null,
  );
  return kept.ack;
}

/** Bytes that are not even tried as a message (between frames, a frame that never ended, XML or JSON): kept for the operator, no HL7 answer. */
export async function keepNoise(parts: Needs, bytes: Buffer, length: number, reason: string, from: Bringer): Promise<void> {
  if (bytes.length === 0) return;
  const hash = parts.door.hash(bytes);
  const row = { identity: `${from.endpoint}:noise:${hash}`, endpoint: from.endpoint, hash, bytes, length };
  const refused = { controlId: null, messageType: null, ack: Buffer.alloc(0), ackCode: 'AR', state: 'refused', reason } as const;
  await parts.raw.keep({ ...row, ...refused, receivedAt: parts.clock.now() }, null);
}

/** Kept under an identity of its own: once the site allows this facility, the same bytes are read as if they were new. */
async function turnAway(parts: Needs, verdict: Verdict, bytes: Buffer, hash: string, from: Bringer, now: Instant): Promise<Buffer> {
  const reason = 'This sending facility (MSH-4) may not come in at this door';
  const actor = { kind: 'sender', endpoint: from.endpoint } as const;
  await parts.audit.record({ caseId: null, at: now, actor, action: 'hl7', outcome: 'denied', detail: { why: 'facility' } });
  const ack = parts.door.refuse(bytes, 'AR', { segment: 'MSH', field: 4, code: '207', text: reason }, now);
  const about = { controlId: verdict.controlId, messageType: verdict.messageType, ack, ackCode: 'AR', state: 'refused', reason } as const;
  const identity = `${from.endpoint}:turned-away:${hash}`;
  const kept = await parts.raw.keep({ ...about, identity, endpoint: from.endpoint, hash, bytes, length: bytes.length, receivedAt: now }, null);
  return kept.ack;
}

async function eventOf(parts: Needs, verdict: Verdict, hash: string, from: Bringer, now: Instant): Promise<CaseEvent | null> {
  if (verdict.order === null || verdict.numbers.length === 0) return null;
  const key = await parts.raw.orderKeyOf(verdict.numbers.map((number) => orderKey.parse(number)));
  return {
    id: eventId.parse(`hl7:${hash}`),
    workflow: ORDER_WORKFLOW,
    caseId: parts.caseIdOf(ORDER_WORKFLOW, key),
    occurredAt: now,
    actor: { kind: 'sender', endpoint: from.endpoint },
    input: verdict.order,
  };
}

function rowOf(verdict: Verdict, event: CaseEvent | null): Pick<RawMessage, 'controlId' | 'messageType' | 'ack' | 'ackCode' | 'state' | 'reason'> {
  const { controlId, messageType, ack, ackCode } = verdict;
  return { controlId, messageType, ack, ackCode, state: stateOf(verdict, event), reason: verdict.reason };
}

function stateOf(verdict: Verdict, event: CaseEvent | null): RawState {
  if (verdict.ackCode !== 'AA') return 'refused';
  if (event !== null) return 'used';
  return verdict.order === null ? 'kept' : 'not-imaging';
}
