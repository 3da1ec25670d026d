import type { Delivery } from '#core/delivery.js';
import type { PersonId } from '#core/ids.js';

/** Where a card stands: enough to edit it later. */
export interface Posting {
  readonly place: string;
  readonly conversationId: string;
  readonly activityId: string;
}

/** An Adaptive Card as JSON with the sentence that screen readers and notifications get. */
export interface RenderedCard {
  readonly card: Readonly<Record<string, unknown>>;
  readonly speak: string;
}

/** Teams, as the engine needs it. Delivered means that the connector's id came back. */
export interface People {
  /** A new thread in the channel that channels.json maps `place` to. */
  post(place: string, card: RenderedCard): Promise<Delivery<Posting>>;
  /** `gone` when the card is no longer there: post it anew. */
  edit(posting: Posting, card: RenderedCard): Promise<Delivery<Posting>>;
  /** A message in the person's private chat; opened when there is none. */
  tell(person: PersonId, card: RenderedCard): Promise<Delivery<Posting>>;
}
