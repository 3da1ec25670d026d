import type { OrderKey } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { OrderReceived } from '#domain/order.js';

/** What the listener needs to know of one message before it answers. */
export interface Verdict {
  readonly ackCode: 'AA' | 'AE' | 'AR';
  /** The answer as bytes: the same for the same message and moment. */
  readonly ack: Buffer;
  readonly controlId: string | null;
  readonly messageType: string | null;
  /** MSH-4.1; empty when the message does not say. */
  readonly sendingFacility: string;
  /** Null for what is refused or not used. */
  readonly order: OrderReceived | null;
  /** Order keys of the message, placer first. */
  readonly numbers: readonly OrderKey[];
  /** Why it is refused or not used; no patient data. */
  readonly reason: string | null;
}

/** HL7 v2 as the intake sees it. Pure but for nothing: no clock, no store. */
export interface Hl7Door {
  /** sha256 of the bytes in hexadecimal. */
  hash(bytes: Buffer): string;
  judge(bytes: Buffer, receivedAt: Instant): Verdict;
  /** An answer that the message itself does not call for: our store failed (AE 207), a sender not allowed here (AR), too long (AR). */
  refuse(
    bytes: Buffer,
    code: 'AE' | 'AR',
    why: { readonly segment: string; readonly field: number | null; readonly code: string; readonly text: string },
    at: Instant,
  ): Buffer;
}
