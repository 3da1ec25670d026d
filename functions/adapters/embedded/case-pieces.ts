import { hash } from 'node:crypto';
import { effect as effectSchema } from '#core/effect.js';
import type { Effect } from '#core/effect.js';
import type { CaseEvent } from '#core/event.js';
import type { CaseId, EventId } from '#core/ids.js';
import { ofCase } from './sealing.ts';
import type { Sealed } from './sealing.ts';

/** What is sealed under a case's own key, and where it stands: `place` is authenticated with it. */
export const places = {
  fact: (caseId: CaseId, seq: number) => `fact|${caseId}|${seq}`,
  event: (caseId: CaseId, event: EventId) => `event|${caseId}|${event}`,
  effect: (key: string) => `effect|${key}`,
  bytes: (key: string) => `bytes|${key}`,
  receipt: (key: string) => `receipt|${key}`,
} as const;

export function sealFact({ sealing }: Sealed, caseId: CaseId, seq: number, fact: unknown): Buffer {
  return sealing.seal(ofCase(caseId), places.fact(caseId, seq), JSON.stringify(fact));
}

export function openFact({ sealing }: Sealed, caseId: CaseId, seq: number, sealed: Uint8Array): unknown {
  return JSON.parse(sealing.open(ofCase(caseId), places.fact(caseId, seq), sealed).toString());
}

export function sealEvent({ sealing }: Sealed, event: CaseEvent): Buffer {
  return sealing.seal(ofCase(event.caseId), places.event(event.caseId, event.id), JSON.stringify(event));
}

export function openEvent({ sealing }: Sealed, { case_id, event_id, body }: EventRow): CaseEvent {
  return JSON.parse(sealing.open(ofCase(case_id), places.event(case_id, event_id), body).toString()) as CaseEvent;
}

interface EventRow {
  readonly case_id: CaseId;
  readonly event_id: EventId;
  readonly body: Uint8Array;
}

/** Which delivery of which case. */
interface OutboxRow {
  readonly case_id: CaseId;
  readonly key: string;
}

export function sealEffect({ sealing }: Sealed, caseId: CaseId, effect: Effect): Buffer {
  return sealing.seal(ofCase(caseId), places.effect(effect.key), JSON.stringify(effect));
}

export function openEffect({ sealing }: Sealed, { case_id, key, effect }: OutboxRow & { readonly effect: Uint8Array }): Effect {
  return effectSchema.parse(JSON.parse(sealing.open(ofCase(case_id), places.effect(key), effect).toString()));
}

export function sealBytes({ sealing }: Sealed, { case_id, key }: OutboxRow, bytes: Uint8Array): Buffer {
  return sealing.seal(ofCase(case_id), places.bytes(key), bytes);
}

export function openBytes({ sealing }: Sealed, { case_id, key, bytes }: OutboxRow & { readonly bytes: Uint8Array | null }): Buffer | null {
  return bytes === null ? null : sealing.open(ofCase(case_id), places.bytes(key), bytes);
}

/** A receipt as it is kept: the hash proves it when its case's key is gone, `conversation` finds the case of a card. */
export function sealReceipt({ sealing }: Sealed, { case_id, key }: OutboxRow, receipt: string) {
  return { sealed: sealing.seal(ofCase(case_id), places.receipt(key), receipt), hash: hash('sha256', receipt, 'buffer') };
}

export function openReceipt({ sealing }: Sealed, { case_id, key, receipt }: OutboxRow & { readonly receipt: Uint8Array }): unknown {
  return JSON.parse(sealing.open(ofCase(case_id), places.receipt(key), receipt).toString());
}

/** The conversation that a card's receipt names; null when it names none. */
export function conversationIn(receipt: string): string | null {
  const read: unknown = JSON.parse(receipt);
  const id = typeof read === 'object' && read !== null && 'conversationId' in read ? read.conversationId : null;
  return typeof id === 'string' ? id : null;
}

/** As `outbox.conversation` has it. */
export function conversationHash(hashed: (text: string) => Uint8Array, conversationId: string): Uint8Array {
  return hashed(`conversation|${conversationId}`);
}
