import { auditStore } from '#adapters/embedded/audit-store.js';
import { caseStore } from '#adapters/embedded/case-store.js';
import { conversationStore } from '#adapters/embedded/conversations.js';
import { cursors } from '#adapters/embedded/cursors.js';
import { openDatabase } from '#adapters/embedded/database.js';
import { deadlineStore } from '#adapters/embedded/deadline-store.js';
import { eventBus } from '#adapters/embedded/event-bus.js';
import { outboxStore } from '#adapters/embedded/outbox-store.js';
import { queueStore } from '#adapters/embedded/queue-store.js';
import { rawStore } from '#adapters/embedded/raw-store.js';
import { takeOver } from '#adapters/embedded/take-over.js';
import { views } from '#adapters/embedded/views.js';
import type { Parts } from '#engine/parts.js';
import type { ConversationStore } from '#ports/conversations.js';
import type { Cursors } from '#ports/cursors.js';
import type { Queue } from '#ports/queue.js';
import type { Config } from './config.ts';

/** Everything that keeps something: one set of parts on one machine, another on Azure, the same promises (test/contracts). */
export interface Stores extends Pick<Parts, 'cases' | 'outbox' | 'bus' | 'deadlines' | 'raw' | 'views' | 'audit'> {
  readonly conversations: ConversationStore;
  readonly cursors: Cursors;
  readonly queue: Queue;
  close(): Promise<void>;
}

/** The parts on one machine: one SQLite file in the folder RADLOOP_DATA. */
export async function openStores(config: Config): Promise<Stores> {
  const db = openDatabase(config.RADLOOP_DATA);
  await takeOver(db);
  return {
    ...{ cases: caseStore(db), outbox: outboxStore(db), bus: eventBus(db), deadlines: deadlineStore(db) },
    ...{ raw: rawStore(db), views: views(db), audit: auditStore(db) },
    ...{ conversations: conversationStore(db), cursors: cursors(db), queue: queueStore(db) },
    close: () => db.close(),
  };
}
