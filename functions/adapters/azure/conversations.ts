import type { PersonId } from '#core/ids.js';
import type { ConversationStore, PrivateChat } from '#ports/conversations.js';
import { idOf } from './cosmos-documents.ts';
import type { Cosmos } from './cosmos.ts';

interface ChatDocument extends PrivateChat {
  readonly id: string;
  readonly part: 'conversations';
  readonly person: PersonId;
}

export function conversationStore(cosmos: Cosmos): ConversationStore {
  const read = (person: PersonId) => cosmos.read<ChatDocument>('site', 'conversations', idOf(person));
  return {
    async remember(person, { conversationId, serviceUrl, aadObjectId }) {
      const known = await read(person);
      if (known?.conversationId === conversationId && known.serviceUrl === serviceUrl && known.aadObjectId === aadObjectId) return;
      const account = aadObjectId === undefined ? {} : { aadObjectId };
      const document: ChatDocument = { id: idOf(person), part: 'conversations', person, conversationId, serviceUrl, ...account };
      await cosmos.write('site', 'conversations', [{ do: 'upsert', document }]);
    },
    async of(person) {
      const found = await read(person);
      if (found === null) return null;
      const { conversationId, serviceUrl, aadObjectId } = found;
      return { conversationId, serviceUrl, ...(aadObjectId === undefined ? {} : { aadObjectId }) };
    },
  };
}
