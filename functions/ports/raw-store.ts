import type { CaseEvent } from '#core/event.js';
import type { OrderKey } from '#core/ids.js';
import type { Instant } from '#core/time.js';

/** What became of an inbound message. */
export type RawState = 'used' | 'kept' | 'not-imaging' | 'refused';

export interface RawMessage {
  /** Door and sha256 of the bytes (MSH-3, MSH-4 and MSH-10 are among them). The same identity again gets the same answer. */
  readonly identity: string;
  readonly endpoint: string;
  readonly hash: string;
  /** All the bytes; over the limit the first 64 kB. */
  readonly bytes: Buffer;
  readonly length: number;
  readonly controlId: string | null;
  readonly messageType: string | null;
  /** The exact answer: bytes of the ACK. */
  readonly ack: Buffer;
  readonly ackCode: 'AA' | 'AE' | 'AR';
  readonly state: RawState;
  /** Why it was refused or not used; null for what was used. No patient data. */
  readonly reason: string | null;
  readonly receivedAt: Instant;
}

export interface RawEntry extends Omit<RawMessage, 'bytes' | 'ack'> {
  readonly id: number;
}

/** The inbox: every inbound message with its hash, ACK bytes and state. */
export interface RawStore {
  find(identity: string): Promise<{ readonly ack: Buffer; readonly ackCode: RawMessage['ackCode'] } | null>;
  /**
   * Writes message and event in one synced transaction; resolves when both are on disk.
   * When the identity is there already nothing is written and the stored answer comes back.
   */
  keep(message: RawMessage, event: CaseEvent | null): Promise<{ readonly ack: Buffer; readonly fresh: boolean }>;
  /** The order key that this number was first seen under; claims it for `key` when it is new. Numbers are tried in order. */
  orderKeyOf(numbers: readonly OrderKey[]): Promise<OrderKey>;
  list(most: number, state?: RawState): Promise<readonly RawEntry[]>;
  read(id: number): Promise<Buffer | null>;
}
