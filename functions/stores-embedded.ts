import { exportRecords } from '#adapters/audit-chain/export.js';
import { anchorLast } from '#adapters/audit-chain/anchor.js';
import { anchorFolder, usualAnchorFolder } from '#adapters/embedded/audit-anchors.js';
import { auditReader } from '#adapters/embedded/audit-reader.js';
import { auditStore } from '#adapters/embedded/audit-store.js';
import { caseStore } from '#adapters/embedded/case-store.js';
import { conversationStore } from '#adapters/embedded/conversations.js';
import { cursors } from '#adapters/embedded/cursors.js';
import { openDatabase } from '#adapters/embedded/database.js';
import { dataCustody } from '#adapters/embedded/data-custody.js';
import { deadlineStore } from '#adapters/embedded/deadline-store.js';
import { backlog } from '#adapters/embedded/downtime-backlog.js';
import { downtimeFolder, usualDowntimeFolder } from '#adapters/embedded/downtime-folder.js';
import { eventBus } from '#adapters/embedded/event-bus.js';
import { keyCustody } from '#adapters/embedded/key-rotation.js';
import { outboxStore } from '#adapters/embedded/outbox-store.js';
import { pendingCasesIn } from '#adapters/embedded/pending-cases.js';
import { queueStore } from '#adapters/embedded/queue-store.js';
import { canaryTrail, storeHealth } from '#adapters/embedded/store-health.js';
import { rawStore } from '#adapters/embedded/raw-store.js';
import { keyedHash } from '#adapters/embedded/surroundings.js';
import { restoredOf } from '#adapters/embedded/restored.js';
import { takeOver } from '#adapters/embedded/take-over.js';
import { views } from '#adapters/embedded/views.js';
import { instant } from '#core/time.js';
import type { Config } from './config.ts';
import type { Stores } from './stores.ts';

/** The parts on one machine: one SQLite file in the folder RADLOOP_DATA. */
export async function openEmbeddedStores(folder: string, config: Config): Promise<Stores> {
  const { RADLOOP_SITE_KEY: keyFile } = config;
  const db = openDatabase(folder, keyFile === undefined ? {} : { keyFile });
  // The auditor works on nothing: what a dead process had claimed is freed by those who do.
  if (config.RADLOOP_ROLE !== 'auditor') await takeOver(db);
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
    ...{
      conversations: conversationStore(db),
      cursors: cursors(db),
      queue: queueStore(db),
      custody: { keys: keyCustody(db), data: dataCustody(db) },
      backlog: backlog(db),
      restored: restoredOf(db),
    },
    ...{ health: storeHealth(db), canaryTrail: canaryTrail(db), pending: pendingCasesIn(folder), instance: db.instance, hash: keyedHash(db.secret) },
    downtime: downtimeFolder(config.RADLOOP_DOWNTIME ?? usualDowntimeFolder(folder)),
    listen: () => undefined,
    close: () => db.close(),
  };
}
