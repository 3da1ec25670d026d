import type { ConversationStore } from '#ports/conversations.js';
import type { Database } from './database.ts';

export function conversationStore(db: Database): ConversationStore {
  return {
    async remember(person, { conversationId, serviceUrl }) {
      const known = db.get(
        'SELECT 1 FROM conversations WHERE person = ? AND conversation_id = ? AND service_url = ?',
        person,
        conversationId,
        serviceUrl,
      );
      if (known) return;
      await db.write(() =>
        db.run(
          'INSERT INTO conversations (person, conversation_id, service_url) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET conversation_id = excluded.conversation_id, service_url = excluded.service_url',
          ...[person, conversationId, serviceUrl],
        ),
      );
    },
    of(person) {
      const found = db.get<{ conversation_id: string; service_url: string }>(
        'SELECT conversation_id, service_url FROM conversations WHERE person = ?',
        person,
      );
      return Promise.resolve(found ? { conversationId: found.conversation_id, serviceUrl: found.service_url } : null);
    },
  };
}
