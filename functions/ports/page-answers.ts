import type { Instant } from '#core/time.js';

/** What came back of a page: of one that the gateway names by its own id, or from a number. What a reply says is not in it. */
export type PageAnswer =
  | { readonly of: 'page'; readonly channel: 'sms' | 'voice'; readonly receipt: string; readonly what: 'delivered' | 'undeliverable' | 'answered' }
  /** `from`: digits alone. `at`: by the gateway's clock; null: it does not say. */
  | { readonly of: 'number'; readonly channel: 'sms'; readonly id: string; readonly from: string; readonly at: Instant | null };

/** One delivery of a gateway. */
export interface PageAnswers {
  /** Set for the validation handshake of the Event Grid schema: to be echoed. */
  readonly validationCode: string | null;
  readonly answers: readonly PageAnswer[];
  /** Of a kind that is not used. */
  readonly ignored: number;
}

/** Pure; nothing throws for what a gateway may send. Null: it is no delivery of one. */
export type ReadPageAnswers = (body: Buffer) => PageAnswers | null;
