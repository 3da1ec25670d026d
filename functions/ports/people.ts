import type { Delivery } from '#core/delivery.js';
import type { Precedence } from '#core/effect.js';
import type { Posting, RenderedCard } from '#core/card.js';
import type { PersonId } from '#core/ids.js';

export type { Posting, RenderedCard } from '#core/card.js';

/** Teams, as the engine needs it. Delivered means that the connector's id came back. */
export interface People {
  /**
   * Waits until a new thread may be begun there under the limits of Teams, the more urgent first; `own-limit` when that is not soon. What is then posted as
   * `admitted` waits no more. Left out: nothing is waited for.
   */
  roomFor?(place: string, of: Precedence): Promise<Delivery<null>>;
  /** A new thread in the channel that channels.json maps `place` to. @default of 'new' */
  post(place: string, card: RenderedCard, of?: Precedence | 'admitted'): Promise<Delivery<Posting>>;
  /** `gone` when the card is no longer there: post it anew. */
  edit(posting: Posting, card: RenderedCard, of?: Precedence): Promise<Delivery<Posting>>;
  /** A message in the person's private chat; opened when there is none. */
  tell(person: PersonId, card: RenderedCard, of?: Precedence): Promise<Delivery<Posting>>;
}
