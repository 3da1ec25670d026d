import type { PersonId } from '#core/ids.js';

/** A person's private chat with the bot: enough to write into it unasked. */
export interface PrivateChat {
  readonly conversationId: string;
  /** Where the connector answers for this chat. Checked against the allow-list again before each use. */
  readonly serviceUrl: string;
  /** Entra object id of the account that it is with: an account that the person has had since has a chat of its own. Left out: learnt before that was noted. */
  readonly aadObjectId?: string;
}

/** The private chats of known people, learnt from what they send. */
export interface ConversationStore {
  /** The same again changes nothing; another chat of the same person replaces the old one. */
  remember(person: PersonId, chat: PrivateChat): Promise<void>;
  /** Null: this person never wrote to the bot nor installed it. */
  of(person: PersonId): Promise<PrivateChat | null>;
}
