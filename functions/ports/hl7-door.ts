import type { Instant } from '#core/time.js';
import type { AcknowledgementReceived, HospitalEvent } from '#domain/hospital-event.js';

/**
 * What is answered. Original mode: `application` alone (AA, AE, AR). Enhanced mode (MSH-15 or MSH-16 is not empty): `commit` (CA, CE, CR) and `application`,
 * each null where MSH-15 and MSH-16 do not ask for it. Both null: nothing is answered (an ACK is not acknowledged).
 */
export interface Answers {
  readonly commit: Buffer | null;
  readonly application: Buffer | null;
}

/** What the intake needs to know of one message before it answers. */
export interface Verdict {
  readonly ackCode: 'AA' | 'AE' | 'AR';
  /** The answers as bytes: the same for the same message and moment. */
  readonly answers: Answers;
  readonly controlId: string | null;
  readonly messageType: string | null;
  /** MSH-3.1 and MSH-4.1; empty when the message does not say. */
  readonly sendingApplication: string;
  readonly sendingFacility: string;
  /** Does it tell the workflows something? Known without making the events. */
  readonly tells: boolean;
  /** What the message tells the workflows, in its order; empty for what is refused or not used. Made when first asked for. */
  readonly events: readonly HospitalEvent[];
  /** Set for an answer to something that we sent. */
  readonly acknowledgement: AcknowledgementReceived | null;
  /** Why it is refused or not used; no patient data. */
  readonly reason: string | null;
}

/** HL7 v2 as the intake sees it. Pure: no clock, no store. */
export interface Hl7Door {
  /** sha256 of the bytes in hexadecimal. */
  hash(bytes: Buffer): string;
  /** @param wide may it be in UTF-16? In files and over HTTPS, not over MLLP. Left out: no. */
  judge(bytes: Buffer, receivedAt: Instant, wide?: boolean): Verdict;
  /** Messages of a batch (FHS, BHS), each as its own bytes, and in words what its own counts say otherwise (BTS-1, FTS-1); null: this is one message. */
  split(bytes: Buffer): { readonly messages: readonly Buffer[]; readonly problem: string | null } | null;
  /** The answers to a batch's messages as one batch (BHS … BTS), as HL7 v2.5.1 2.10.3 has it. */
  batchOf(answers: readonly Buffer[], at: Instant): Buffer;
  /** An answer that the message itself does not call for: our store failed (AE or CE 207), a sender not allowed here, too long (AR or CR). */
  refuse(
    bytes: Buffer,
    code: 'AE' | 'AR',
    why: { readonly segment: string; readonly field: number | null; readonly code: string; readonly text: string },
    at: Instant,
  ): Answers;
}
