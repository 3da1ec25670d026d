import type { Person } from '#core/people.js';
import type { ConversationStore } from '#ports/conversations.js';
import type { Directory } from '#ports/directory.js';
import { isPrivate, personOf } from '../identity.ts';
import type { Envelope } from './envelope.ts';

/**
 * Keeps where a known person's private chat is, from an installation, a first message, any message. No clinical act: an unknown person's is dropped.
 * Told again (each opened chat of the local client says it anew) it changes nothing.
 */
export async function rememberChat(
  needs: { readonly conversations: ConversationStore; readonly directory: Directory },
  activity: Envelope,
  serviceUrl: string,
): Promise<Person | null> {
  const conversationId = activity.conversation?.id ?? '';
  if (!isPrivate(activity) || conversationId === '' || activity['action'] === 'remove') return null;
  const person = personOf(activity, needs.directory);
  if (person !== null) await needs.conversations.remember(person.id, { conversationId, serviceUrl, aadObjectId: person.aadObjectId });
  return person;
}
