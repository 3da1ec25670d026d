import { exportRecords } from '#adapters/audit-chain/export.js';
import { anchorLast } from '#adapters/audit-chain/anchor.js';
import { anchorFolder, usualAnchorFolder } from '#adapters/embedded/audit-anchors.js';
import { auditReader } from '#adapters/embedded/audit-reader.js';
import { auditStore } from '#adapters/embedded/audit-store.js';
import { caseStore } from '#adapters/embedded/case-store.js';
import { conversationStore } from '#adapters/embedded/conversations.js';
import { cursors } from '#adapters/embedded/cursors.js';
import { openDatabase } from '#adapters/embedded/database.js';
import { deadlineStore } from '#adapters/embedded/deadline-store.js';
import { backlog } from '#adapters/embedded/downtime-backlog.js';
import { eventBus } from '#adapters/embedded/event-bus.js';
import { outboxStore } from '#adapters/embedded/outbox-store.js';
import { queueStore } from '#adapters/embedded/queue-store.js';
import { canaryTrail, storeHealth } from '#adapters/embedded/store-health.js';
import { rawStore } from '#adapters/embedded/raw-store.js';
import { keyedHash } from '#adapters/embedded/surroundings.js';
import { restoredOf } from '#adapters/embedded/restored.js';
import { takeOver } from '#adapters/embedded/take-over.js';
import { views } from '#adapters/embedded/views.js';
import { instant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Sealing } from '#engine/audit-sealer.js';
import type { Auditing } from '#engine/auditor.js';
import type { Parts } from '#engine/parts.js';
import type { CanaryTrail } from '#ports/canary-trail.js';
import type { ConversationStore } from '#ports/conversations.js';
import type { Cursors } from '#ports/cursors.js';
import type { Backlog } from '#ports/downtime.js';
import type { Queue } from '#ports/queue.js';
import type { Restored } from '#ports/restored.js';
import type { StoreHealth } from '#ports/store-figures.js';
import type { Config } from './config.ts';

/** Everything that keeps something: one set of parts on one machine, another on Azure, the same promises (test/contracts). */
export interface Stores extends Pick<Parts, 'cases' | 'outbox' | 'bus' | 'deadlines' | 'raw' | 'views' | 'audit'> {
  readonly conversations: ConversationStore;
  readonly cursors: Cursors;
  readonly backlog: Backlog;
  /** The last time that a backup was put back; null: never. */
  readonly restored: Restored | null;
  readonly queue: Queue;
  /** Puts the audit's last checkpoint outside the store. */
  readonly anchor: Sealing['anchor'];
  readonly anchoredAt: () => Promise<Instant | null>;
  readonly auditRecords: Auditing['records'];
  readonly health: StoreHealth;
  readonly canaryTrail: CanaryTrail;
  /** Names this process among those that work on the store. */
  readonly instance: string;
  /** Keyed with the store's secret. */
  readonly hash: (text: string) => Uint8Array;
  close(): Promise<void>;
}

/** The parts on one machine: one SQLite file in the folder RADLOOP_DATA. */
export async function openStores(config: Config): Promise<Stores> {
  const { RADLOOP_DATA: folder, RADLOOP_SITE_KEY: keyFile } = config;
  const db = openDatabase(folder, keyFile === undefined ? {} : { keyFile });
  await takeOver(db);
  const { siteKey } = db;
  const anchors = anchorFolder(config.RADLOOP_ANCHORS ?? usualAnchorFolder(folder));
  const audit = auditStore(db, { key: siteKey, anchors });
  const reader = auditReader(db);
  return {
    ...{ cases: caseStore(db), outbox: outboxStore(db), bus: eventBus(db), deadlines: deadlineStore(db) },
    ...{ raw: rawStore(db), views: views(db), audit },
    anchor: (at) => anchorLast({ audit, anchors, key: siteKey }, at),
    anchoredAt: async () => {
      const last = await anchors.last();
      return last === null ? null : instant.parse(last.at);
    },
    auditRecords: (asked) => exportRecords(reader, siteKey, asked),
    ...{ conversations: conversationStore(db), cursors: cursors(db), queue: queueStore(db), backlog: backlog(db), restored: restoredOf(db) },
    ...{ health: storeHealth(db), canaryTrail: canaryTrail(db), instance: db.instance, hash: keyedHash(db.secret) },
    close: () => db.close(),
  };
}
