import type { ConversationStore } from '#ports/conversations.js';
import type { Database } from './database.ts';

export function conversationStore(db: Database): ConversationStore {
  return {
    async remember(person, { conversationId, serviceUrl, ...chat }) {
      const aadObjectId = chat.aadObjectId ?? null;
      const known = db.get(
        'SELECT 1 FROM conversations WHERE person = ? AND conversation_id = ? AND service_url = ? AND aad_object_id IS ?',
        ...[person, conversationId, serviceUrl, aadObjectId],
      );
      if (known) return;
      await db.write(() =>
        db.run(
          `INSERT INTO conversations (person, conversation_id, service_url, aad_object_id) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET
            conversation_id = excluded.conversation_id, service_url = excluded.service_url, aad_object_id = excluded.aad_object_id`,
          ...[person, conversationId, serviceUrl, aadObjectId],
        ),
      );
    },
    of(person) {
      const found = db.get<{ conversation_id: string; service_url: string; aad_object_id: string | null }>(
        'SELECT conversation_id, service_url, aad_object_id FROM conversations WHERE person = ?',
        person,
      );
      if (found === undefined) return Promise.resolve(null);
      const { conversation_id: conversationId, service_url: serviceUrl, aad_object_id: aadObjectId } = found;
      return Promise.resolve({ conversationId, serviceUrl, ...(aadObjectId === null ? {} : { aadObjectId }) });
    },
  };
}
