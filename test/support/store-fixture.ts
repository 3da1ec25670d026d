import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditReader } from '#adapters/embedded/audit-reader.js';
import { auditStore } from '#adapters/embedded/audit-store.js';
import { caseStore } from '#adapters/embedded/case-store.js';
import { conversationStore } from '#adapters/embedded/conversations.js';
import { cursors } from '#adapters/embedded/cursors.js';
import { openDatabase } from '#adapters/embedded/database.js';
import type { Database } from '#adapters/embedded/database.js';
import { deadlineStore } from '#adapters/embedded/deadline-store.js';
import { backlog } from '#adapters/embedded/downtime-backlog.js';
import { eventBus } from '#adapters/embedded/event-bus.js';
import { outboxStore } from '#adapters/embedded/outbox-store.js';
import { pendingCases } from '#adapters/embedded/pending-cases.js';
import { queueStore } from '#adapters/embedded/queue-store.js';
import { rawStore } from '#adapters/embedded/raw-store.js';
import { canaryTrail, storeHealth } from '#adapters/embedded/store-health.js';
import { views } from '#adapters/embedded/views.js';
import { approvalBy } from '#core/approval.js';
import type { Effect, PagingChannel, Precedence } from '#core/effect.js';
import type { CaseEvent } from '#core/event.js';
import { caseId, effectKey, eventId, orderKey, personId } from '#core/ids.js';
import type { CaseId } from '#core/ids.js';
import { addSeconds, instant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { TaskRow } from '#core/workflow.js';
import type { AuditReader, AuditStore } from '#ports/audit-store.js';
import type { CanaryTrail } from '#ports/canary-trail.js';
import type { Append, CaseStore } from '#ports/case-store.js';
import type { ConversationStore } from '#ports/conversations.js';
import type { Cursors } from '#ports/cursors.js';
import type { DeadlineStore } from '#ports/deadline-store.js';
import type { Backlog } from '#ports/downtime.js';
import type { EventBus } from '#ports/event-bus.js';
import type { OutboxStore } from '#ports/outbox-store.js';
import type { PendingCases } from '#ports/pending-cases.js';
import type { Queue } from '#ports/queue.js';
import type { Consequence, RawMessage, RawStore } from '#ports/raw-store.js';
import type { StoreHealth } from '#ports/store-figures.js';
import type { Views } from '#ports/views.js';
import { okafor } from './clinic.ts';

/** The stores of one installation: whatever keeps them, they hang together. */
export interface Stores {
  readonly cases: CaseStore;
  readonly outbox: OutboxStore;
  readonly bus: EventBus;
  readonly deadlines: DeadlineStore;
  readonly raw: RawStore;
  readonly audit: AuditStore;
  readonly views: Views;
  readonly cursors: Cursors;
  readonly conversations: ConversationStore;
  readonly backlog: Backlog;
  readonly health: StoreHealth;
  readonly canaryTrail: CanaryTrail;
  readonly pending: PendingCases;
  /** The queue of what is held, as operators see it. */
  readonly operators: Queue;
  /** The audit, read from one end to the other. */
  readonly trail: AuditReader;
}

export interface StoresUnderTest extends Stores {
  /** Pages that wait become such as a release wrote that kept no channel beside them. */
  withoutChannels(): Promise<void>;
  /** Ends the stores, and gives them anew over what they have kept. */
  reopen(): Promise<StoresUnderTest>;
  close(): Promise<void>;
}

/** Starts empty stores. */
export type StartStores = (settings?: StoreSettings) => Promise<StoresUnderTest>;

export interface StoreSettings {
  /** Case numbers of six characters that are given before those of seven. */
  readonly sixCharacterNumbers?: number;
}

/** The embedded stores in a folder of their own; `db` lets a test tamper. */
export interface EmbeddedStores extends StoresUnderTest {
  readonly db: Database;
  readonly folder: string;
}

export function embeddedStores(folder = mkdtempSync(join(tmpdir(), 'radloop-stores-')), settings: StoreSettings = {}): EmbeddedStores {
  const db = openDatabase(folder);
  return {
    ...{ db, folder, cases: caseStore(db, settings.sixCharacterNumbers), outbox: outboxStore(db), bus: eventBus(db), deadlines: deadlineStore(db) },
    ...{ raw: rawStore(db), audit: auditStore(db), views: views(db), cursors: cursors(db), conversations: conversationStore(db) },
    ...{
      backlog: backlog(db),
      health: storeHealth(db),
      canaryTrail: canaryTrail(db),
      pending: pendingCases(db),
      operators: queueStore(db),
      trail: auditReader(db),
    },
    async withoutChannels() {
      // `due` for the triggers, which place a page where it stands now.
      await db.write(() => db.run("UPDATE outbox SET destination = NULL, due = due WHERE kind = 'page'"));
    },
    async reopen() {
      await db.close();
      return embeddedStores(folder, settings);
    },
    async close() {
      await db.close();
      rmSync(folder, { recursive: true });
      rmSync(`${folder}.key`, { force: true });
    },
  };
}

export const t0 = instant.parse('2026-11-25T10:00:00.000Z');
export const later = (seconds: number): Instant => addSeconds(t0, seconds);
export const caseNo = (n: number): CaseId => caseId.parse(n.toString(16).padStart(32, '0'));

export const row: TaskRow = {
  ...{ status: 'waiting', waiting: true, open: true, kind: 'CT protocol request', urgency: 'STAT', since: t0 },
  ...{ owner: null, note: null, revision: 1 },
};

/** The consequence by which an event goes to the case of an order. */
export function toOrder(name: string, ...numbers: string[]): Consequence {
  const input = { type: 'orderReceived' } as unknown as Extract<Consequence, { kind: 'to-order' }>['input'];
  const actor = { kind: 'system', part: 'test' } as const;
  return { kind: 'to-order', workflow: 'protocoling', numbers: numbers.map((n) => orderKey.parse(n)), id: eventId.parse(name), actor, input };
}

let unique = 0;
const nextName = (what: string): string => `${what}-${(unique += 1)}`;

/** What one event does to a case as it stands, written at `t0` unless `more` says otherwise. */
export async function appendTo(stores: Stores, id: CaseId, more: Partial<Append> = {}) {
  const { caseNumber, version } = await stores.cases.read('protocoling', id);
  return stores.cases.append({
    ...{
      workflow: 'protocoling',
      caseId: id,
      caseNumber,
      expectedVersion: version,
      at: t0,
      facts: [],
      effects: [],
      row: null,
      keys: [],
      answer: undefined,
    },
    event: { id: eventId.parse(nextName('event')), type: 'told', actor: { kind: 'system', part: 'test' } },
    ...more,
  });
}

/** Effects by what they are, each under a key of its own. */
const key = () => effectKey.parse(nextName('key'));
const approval = approvalBy(okafor, t0, '7KF3QN' as Append['caseNumber'], 1, eventId.parse('answer'));
export const effects = {
  commit: (message = 'order-change'): Effect => ({
    ...{ key: key(), kind: 'sendHl7', weight: 'commit', destination: 'ris', message, data: {}, approval },
  }),
  advise: (message = 'protocol-recommendation'): Effect => ({ key: key(), kind: 'sendHl7', weight: 'advice', destination: 'ris', message, data: {} }),
  card: (revision = 1, precedence?: Precedence): Effect => ({
    ...{ key: key(), kind: 'showCard', weight: 'advice', place: 'protocoling', revision },
    ...(precedence === undefined ? {} : { precedence }),
  }),
  tell: (note = 'overdue', precedence?: Precedence): Effect => ({
    ...{ key: key(), kind: 'tellPerson', weight: 'advice', person: personId.parse('dr-okafor'), note, revision: 1 },
    ...(precedence === undefined ? {} : { precedence }),
  }),
  page: (channel: PagingChannel = 'sms', revision = 1): Effect => ({
    ...{ key: key(), kind: 'page', weight: 'advice', channel, to: 'dr-okafor', note: 'alert', revision },
  }),
  wake: (name: string, epoch: number, at: Instant | null): Effect => ({ key: key(), kind: 'setDeadline', weight: 'inner', name, epoch, at }),
  gather: (): Effect => ({ key: key(), kind: 'gatherContext', weight: 'inner', epoch: 1, data: {}, budgetSeconds: 5 }),
  ask: (): Effect => ({ key: key(), kind: 'askModel', weight: 'inner', epoch: 1, task: 'protocol', data: {}, budgetSeconds: 5 }),
  withdraw: (): Effect => ({ key: key(), kind: 'withdraw', weight: 'inner', destination: 'ris' }),
};

/** Writes effects in this order, as one event. */
export async function queue(stores: Stores, id: CaseId, ...wanted: Effect[]): Promise<void> {
  const done = await appendTo(stores, id, {
    facts: [{ type: 'asked', fact: { type: 'asked' } }],
    effects: wanted.map((effect) => ({ effect, suppressed: false })),
  });
  if (!done.ok) throw new Error(done.code);
}

export function eventFor(id: CaseId, name = nextName('event'), at = t0): CaseEvent {
  return {
    ...{ id: eventId.parse(name), workflow: 'protocoling', caseId: id, occurredAt: at },
    ...{ actor: { kind: 'system', part: 'test' }, input: { type: 'told' } },
  };
}

export function message(more: Partial<RawMessage> = {}): RawMessage {
  return {
    ...{
      identity: nextName('door'),
      endpoint: 'mllp',
      hash: 'a'.repeat(64),
      bytes: Buffer.from('MSH|'),
      length: 4,
      controlId: 'M1',
      sender: 'HIS|GENERAL',
    },
    ...{
      messageType: 'ORM^O01',
      answers: { commit: null, application: Buffer.from('MSA|AA|M1') },
      ackCode: 'AA',
      state: 'used',
      reason: null,
      receivedAt: t0,
    },
    ...more,
  };
}
