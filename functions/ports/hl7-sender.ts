import type { Delivery } from '#core/delivery.js';
import type { Effect } from '#core/effect.js';
import type { Instant } from '#core/time.js';

export interface AckReceipt {
  readonly code: 'AA' | 'CA';
  readonly controlId: string;
  /** The ACK as received, decoded as ASCII-safe text. */
  readonly text: string;
}

/** Messages to hospital systems. */
export interface Hl7Sender {
  /** Renders an effect into bytes: pure in (effect, writtenAt), so that every retransmission is byte-identical (MSH-7, MSH-10). */
  render(effect: Effect & { readonly kind: 'sendHl7' }, writtenAt: Instant): Delivery<Buffer>;
  /** Sends once, stop-and-wait a destination; an answer that is late, foreign or malformed is never credited. */
  send(destination: string, bytes: Buffer): Promise<Delivery<AckReceipt>>;
  /** An answer of our own to a message that came in: written and flushed, nothing comes back. */
  sendAnswer(destination: string, bytes: Buffer): Promise<Delivery<null>>;
}
