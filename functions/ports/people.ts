import type { Delivery } from '#core/delivery.js';
import type { Posting, RenderedCard } from '#core/card.js';
import type { PersonId } from '#core/ids.js';

export type { Posting, RenderedCard } from '#core/card.js';

/** Teams, as the engine needs it. Delivered means that the connector's id came back. */
export interface People {
  /** A new thread in the channel that channels.json maps `place` to. */
  post(place: string, card: RenderedCard): Promise<Delivery<Posting>>;
  /** `gone` when the card is no longer there: post it anew. */
  edit(posting: Posting, card: RenderedCard): Promise<Delivery<Posting>>;
  /** A message in the person's private chat; opened when there is none. */
  tell(person: PersonId, card: RenderedCard): Promise<Delivery<Posting>>;
}
