import { eventId } from '#core/ids.js';
import type { CaseEvent } from '#core/event.js';
import type { Instant } from '#core/time.js';
import type { DeadlineStore, DueDeadline } from '#ports/deadline-store.js';
import { dataKeyOf, packer, readHead, replaced } from './case-partition.ts';
import type { Site } from './case-partition.ts';
import { eventDocumentId, stepId, withDeadlines } from './cosmos-documents.ts';
import type { EventDocument, HeadDocument } from './cosmos-documents.ts';
import type { Stored } from './cosmos.ts';
import { stamp } from './stamp.ts';

export interface DeadlineNeeds {
  readonly site: Site;
  /** The event is on disk: whoever waits for it is told. */
  readonly published: (event: CaseEvent) => Promise<void>;
}

export function deadlineStore({ site, published }: DeadlineNeeds): DeadlineStore {
  const { cosmos } = site;
  return {
    async due(now, most) {
      const query = 'SELECT TOP @most c.caseId, c.workflow, c.deadlines FROM c WHERE c.wakeAt <= @now ORDER BY c.wakeAt';
      const heads = await cosmos.query<Pick<HeadDocument, 'caseId' | 'workflow' | 'deadlines'>>('cases', { query, values: { now, most } });
      return heads
        .flatMap(({ caseId, workflow, deadlines }) =>
          Object.entries(deadlines).map(([name, { epoch, at }]): DueDeadline => ({ workflow: workflow ?? '', caseId, name, epoch, at })),
        )
        .filter(({ at }) => at <= now)
        .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
        .slice(0, most);
    },
    async fire(deadline, now) {
      const event = await fire(site, deadline, now);
      if (event !== null) await published(event);
    },
    async nextDue() {
      const [first] = await cosmos.query<Pick<HeadDocument, 'wakeAt'>>('cases', {
        query: 'SELECT TOP 1 c.wakeAt FROM c WHERE IS_DEFINED(c.wakeAt) ORDER BY c.wakeAt',
      });
      return first?.wakeAt ?? null;
    },
  };
}

/** Takes the deadline out of the head and puts its event into the queue, in one transaction; null when it was armed anew, or fired by another. */
async function fire(site: Site, { workflow, caseId, name, epoch, at }: DueDeadline, now: Instant): Promise<CaseEvent | null> {
  const id = eventId.parse(`deadline:${name}:${epoch}:${at}`);
  const event: CaseEvent = {
    id,
    workflow,
    caseId,
    occurredAt: now,
    actor: { kind: 'system', part: 'clock' },
    input: { type: 'deadlinePassed', name, epoch },
  };
  for (;;) {
    const head = await readHead(site, caseId);
    const armed = head?.deadlines[name];
    if (head === null || armed?.epoch !== epoch || armed.at !== at) return null;
    const { [name]: _, ...others } = head.deadlines;
    const after = withDeadlines({ ...head, eventSeq: head.eventSeq + 1 }, others);
    // An event that was told or is queued already is not queued again; its deadline goes all the same.
    const isNew = (await site.cosmos.read('cases', caseId, stepId(id))) === null;
    const queued = isNew ? [{ do: 'create' as const, document: await eventDocument(site, head, event, now) }] : [];
    const written = await site.cosmos.write('cases', caseId, [replaced(head, after), ...queued]);
    if (written.ok) return isNew ? event : null;
    if (written.why !== 'exists') continue;
    await site.cosmos.write('cases', caseId, [replaced(head, after)]);
  }
}

/** The event as it waits in its case's partition: the next in order after `head`, whose `eventSeq` the same transaction counts on. */
export async function eventDocument(site: Site, head: Stored<HeadDocument>, event: CaseEvent, due: Instant): Promise<EventDocument> {
  const { caseId, workflow, id, actor } = event;
  const documentId = eventDocumentId(id);
  const body = await packer(site, caseId, await dataKeyOf(site, head)).pack(`event|${caseId}|${documentId}`, JSON.stringify(event));
  return {
    ...{
      id: documentId,
      kind: 'event',
      caseId,
      workflow,
      eventId: id,
      turn: head.eventSeq + 1,
      queuedAt: stamp(),
      body,
      what: (event.input as { type: string }).type,
    },
    ...{ door: actor.kind === 'sender' ? actor.endpoint : null, state: 'waiting', attempt: 0, failures: 0, crashes: 0 },
    ...{ due, leaseUntil: null, eventDue: due, reason: null },
  };
}
