import type { Person } from '#core/people.js';
import type { Posting, RenderedCard } from '#ports/people.js';

/** One thing that a person said or pressed, and where an answer to it would be read. */
export interface Turn {
  readonly person: Person;
  /** The chat of this person and the bot. Anywhere else nothing of a patient is written, and nothing that was written there is repeated. */
  readonly inPrivate: boolean;
  /** In a channel the id of the thread. */
  readonly conversationId: string;
  /** Says it where it was asked. */
  say(text: string): Promise<void>;
  /** Shows it where it was asked. */
  show(card: RenderedCard): Promise<void>;
  /** Shows a view of a patient in the person's private chat, where it may have to be edited later; null: it could not be delivered. */
  showView(card: RenderedCard): Promise<Posting | null>;
  /** Shows it in the person's private chat; false: it could not be delivered. */
  showInPrivate(card: RenderedCard): Promise<boolean>;
}
