import type { CaseEvent } from '#core/event.js';
import type { CaseId, PersonId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { AuditEntry } from '#ports/audit-store.js';
import { auditBeside } from './audit-store.ts';
import { eventDocument } from './deadline-store.ts';
import { headOf, replaced } from './case-partition.ts';
import type { Site } from './case-partition.ts';
import { partsOf } from './cosmos-documents.ts';
import type { EventDocument, HeadDocument, OutboxDocument } from './cosmos-documents.ts';
import type { Change, Stored } from './cosmos.ts';
import { placed } from './lanes.ts';
import { settle } from './outbox-settle.ts';

/**
 * What an operator changes in a case, each with its audit row (of that case) in one transaction, and only when the item is still as it was seen: else false, and
 * nothing is written. Whoever waits for work is woken by the caller.
 */
export interface CaseActs {
  /** The same bytes under the same key, as if it had never been tried. */
  retryDelivery(id: string, at: Instant, audit: AuditEntry): Promise<boolean>;
  /** Never sent; the lane goes on, the case is told. */
  skipDelivery(id: string, at: Instant, told: CaseEvent | null, audit: AuditEntry): Promise<boolean>;
  retryEvent(id: string, at: Instant, audit: AuditEntry): Promise<boolean>;
  skipEvent(id: string, audit: AuditEntry): Promise<boolean>;
  park(caseId: CaseId, by: PersonId, reason: string, at: Instant, audit: AuditEntry): Promise<boolean>;
  unpark(caseId: CaseId, audit: AuditEntry): Promise<boolean>;
}

export function caseActs(site: Site): CaseActs {
  return {
    retryDelivery: (id, at, audit) =>
      settle(
        site,
        id,
        (item) => {
          if (!isStopped(item)) return null;
          const { awaits: _, ...rest } = item;
          const fresh = { state: 'waiting', crashes: 0, failures: {}, retries: item.retries + 1 } as const;
          return { ...rest, ...fresh, leaseUntil: null, code: null, detail: null, doneAt: null, due: at };
        },
        (head) => Promise.resolve(auditBeside(head, audit)),
      ),
    skipDelivery: (id, at, told, audit) =>
      settle(
        site,
        id,
        (item) => {
          if (!isStopped(item)) return null;
          const { awaits: _, ...rest } = item;
          return { ...rest, state: 'skipped', leaseUntil: null, code: 'skipped', detail: 'skipped by an operator', doneAt: at };
        },
        async (head) => {
          const { head: after, changes } = auditBeside(head, audit);
          if (told === null) return { head: after, changes };
          const document = await eventDocument(site, head, told, at);
          return { head: { ...after, eventSeq: head.eventSeq + 1 }, changes: [...changes, { do: 'create', document }] };
        },
      ),
    retryEvent: (id, at, audit) =>
      onEvent(site, id, audit, (event) =>
        replaced(event, { ...event, state: 'waiting', failures: 0, crashes: 0, reason: null, due: at, eventDue: at }),
      ),
    skipEvent: (id, audit) => onEvent(site, id, audit, (event) => ({ do: 'delete', id: event.id, etag: event._etag })),
    park: (caseId, by, reason, at, audit) => parking(site, caseId, audit, (head) => (head.parked === null ? { by, reason, at } : undefined)),
    unpark: (caseId, audit) => parking(site, caseId, audit, (head) => (head.parked === null ? undefined : null)),
  };
}

/** Held, or its application's answer is awaited. */
export function isStopped({ state, awaits }: OutboxDocument): boolean {
  return state === 'held' || (state === 'waiting' && awaits !== undefined);
}

async function onEvent(site: Site, name: string, audit: AuditEntry, change: (event: Stored<EventDocument>) => Change): Promise<boolean> {
  const { caseId, id } = partsOf(name);
  for (;;) {
    const event = await site.cosmos.read<EventDocument>('cases', caseId, id);
    if (event?.state !== 'quarantined') return false;
    const head = await headOf(site, event.caseId);
    const { head: after, changes } = auditBeside(head, audit);
    if ((await site.cosmos.write('cases', caseId, [replaced(head, after), ...changes, change(event)])).ok) return true;
  }
}

/** What could be claimed can't be any more while the case is set aside, and can be again after it. @param parked undefined: it is so already */
async function parking(
  site: Site,
  caseId: CaseId,
  audit: AuditEntry,
  parked: (head: HeadDocument) => HeadDocument['parked'] | undefined,
): Promise<boolean> {
  for (;;) {
    const head = await headOf(site, caseId);
    const to = parked(head);
    if (to === undefined) return false;
    const { head: audited, changes } = auditBeside(head, audit);
    const { parkedAt: _, ...others } = audited;
    const after: HeadDocument = { ...others, parked: to, ...(to === null ? {} : { parkedAt: to.at }) };
    const query = "SELECT * FROM c WHERE c.kind = 'outbox' AND c.state IN ('waiting', 'leased')";
    const open = await site.cosmos.query<Stored<OutboxDocument>>('cases', { query, partition: caseId });
    const items = open.map((item) => ({ item, to: placed(after, item) })).filter(({ item, to }) => item.readyAt !== to.readyAt);
    const moved = items.map(({ item, to }) => replaced(item, to as Stored<OutboxDocument>));
    if (!(await site.cosmos.write('cases', caseId, [replaced(head, after), ...changes, ...moved])).ok) continue;
    site.ready.add(items.map(({ to }) => to));
    return true;
  }
}
