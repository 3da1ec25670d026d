import type { Instant } from '#core/time.js';
import type { Sealing } from '#engine/audit-sealer.js';
import type { Auditing } from '#engine/auditor.js';
import type { Parts } from '#engine/parts.js';
import type { CanaryTrail } from '#ports/canary-trail.js';
import type { ConversationStore } from '#ports/conversations.js';
import type { Custody } from '#ports/custody.js';
import type { Cursors } from '#ports/cursors.js';
import type { Backlog, DowntimeFolder } from '#ports/downtime.js';
import type { Log } from '#ports/log.js';
import type { PendingCases } from '#ports/pending-cases.js';
import type { Queue } from '#ports/queue.js';
import type { Restored } from '#ports/restored.js';
import type { StoreHealth } from '#ports/store-figures.js';

/** Everything that keeps something: one set of parts on one machine, another on Azure, the same promises (test/contracts). */
export interface Stores extends Pick<Parts, 'cases' | 'outbox' | 'bus' | 'deadlines' | 'raw' | 'views' | 'audit'> {
  readonly conversations: ConversationStore;
  readonly cursors: Cursors;
  readonly backlog: Backlog;
  /** The last time that a backup was put back; null: never. */
  readonly restored: Restored | null;
  readonly queue: Queue;
  /** Keys and retention; null: the cloud's key vault has the keys, and nothing is taken away yet. */
  readonly custody: Custody | null;
  /** Puts the audit's last checkpoint outside the store. */
  readonly anchor: Sealing['anchor'];
  readonly anchoredAt: () => Promise<Instant | null>;
  readonly auditRecords: Auditing['records'];
  readonly health: StoreHealth;
  readonly canaryTrail: CanaryTrail;
  /** What the watcher looks at. */
  readonly pending: PendingCases;
  /** Where the downtime lists lie, outside the store. */
  readonly downtime: DowntimeFolder;
  /** Names this process among those that work on the store. */
  readonly instance: string;
  /** Keyed with the store's secret. */
  readonly hash: (text: string) => Uint8Array;
  /** From now on `wake` is called when others have put in work. What is due is found without it too, later. */
  listen(wake: () => void, log: Log): void;
  close(): Promise<void>;
}
