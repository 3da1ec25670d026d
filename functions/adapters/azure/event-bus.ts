import type { CaseEvent } from '#core/event.js';
import { eventId } from '#core/ids.js';
import type { CaseId } from '#core/ids.js';
import { addSeconds } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { ClaimedEvent, EventBus, EventClaim } from '#ports/event-bus.js';
import { allClaimed } from './claimed.ts';
import { CaseShredded, headOf, keyOfCase, replaced, unpack } from './case-partition.ts';
import type { Site } from './case-partition.ts';
import { eventDocumentId, nameOf, partsOf, stepId } from './cosmos-documents.ts';
import type { EventDocument } from './cosmos-documents.ts';
import type { Stored } from './cosmos.ts';
import { eventDocument } from './deadline-store.ts';
import { eventQueues } from './event-queues.ts';
import { SealBroken } from '#adapters/sealing/envelope.js';

export interface EventBusNeeds {
  readonly site: Site;
  /** Tells whoever serves cases that this one has something to do; it may be lost. */
  readonly announce: (event: Pick<CaseEvent, 'caseId' | 'id'>, occasion?: string) => void;
  /** Seconds between two looks over all cases for what nobody announced. 0: at each claim. */
  readonly sweepSeconds: number;
  /** Something may be claimed. */
  readonly wake?: () => void;
}

/** The port, and how Service Bus tells it of work. What it says is a hint: the truth is the documents in Cosmos DB. */
export interface AzureEventBus extends EventBus {
  /** Looks at this case; resolves when nothing of it is due or being told. */
  work(caseId: CaseId): Promise<void>;
  /** An event was put in the queue by another store's transaction: whoever serves its case is told. */
  told(event: CaseEvent): Promise<void>;
  /** A case that stood still goes on: it is looked at at once, here and wherever else cases are served. */
  goesOn(caseId: CaseId, at: Instant): void;
  /** Announces again what has been due for so long. @returns how many cases */
  announceAgain(now: Instant, seconds: number): Promise<number>;
  /** Nobody claims any more: who waits in `work` gives the case back. */
  stop(): void;
}

export function eventBus({ site, announce, sweepSeconds, wake = () => undefined }: EventBusNeeds): AzureEventBus {
  const queues = eventQueues(site, sweepSeconds);
  const told = (event: CaseEvent): Promise<void> => {
    queues.look(event.caseId, event.occurredAt);
    announce(event);
    wake();
    return Promise.resolve();
  };
  return {
    told,
    async publish(event) {
      if (await publishEvent(site, event, event.occurredAt)) await told(event);
    },
    async claim(now, leaseSeconds, most) {
      const heads = await queues.heads(now, most);
      const until = addSeconds(now, leaseSeconds);
      return allClaimed(heads.map((head) => lease(site, head, until)));
    },
    async release(claim, again) {
      const done = await change(site, claim, (event) => ({
        ...event,
        state: 'waiting',
        failures: event.failures + 1,
        leaseUntil: null,
        due: again,
        eventDue: again,
      }));
      if (done) queues.look(partsOf(claim.claimed).caseId as CaseId, again);
      return done;
    },
    quarantine: (claim, reason, at) => quarantine(site, claim, reason, at),
    nextDue: () => queues.nextDue(),
    work(caseId) {
      const idle = queues.idle(caseId);
      wake();
      return idle;
    },
    goesOn(caseId, at) {
      queues.look(caseId, at);
      announce({ caseId, id: eventId.parse('goes-on') }, at);
      wake();
    },
    async announceAgain(now, seconds) {
      const late = await queues.dueBefore(addSeconds(now, -seconds), 100);
      for (const event of late) announce({ caseId: event.caseId, id: event.eventId }, now);
      return late.length;
    },
    stop: () => queues.giveUp(),
  };
}

/**
 * Puts an event in its case's queue unless it was heard or queued already: with the head's count in one transaction, so that two that publish at once get two places.
 * False: it was heard, there is nothing to do.
 */
async function publishEvent(site: Site, event: CaseEvent, due: Instant): Promise<boolean> {
  const { caseId, id } = event;
  for (;;) {
    const head = await headOf(site, caseId);
    const [told, queued] = await Promise.all([site.cosmos.read('cases', caseId, stepId(id)), site.cosmos.read('cases', caseId, eventDocumentId(id))]);
    if (told !== null || queued !== null) return queued !== null && told === null;
    const document = await eventDocument(site, head, event, due);
    const counted = replaced(head, { ...head, eventSeq: head.eventSeq + 1 });
    const written = await site.cosmos.write('cases', caseId, [counted, { do: 'create', document }]);
    if (written.ok) return true;
  }
}

/** Null: somebody else was faster, or what it says can't be read, which only a person can mend. */
async function lease(site: Site, head: Stored<EventDocument>, until: Instant): Promise<ClaimedEvent | null> {
  const attempt = head.attempt + 1;
  // A lease that is over ended without a word.
  const crashes = head.crashes + (head.state === 'leased' ? 1 : 0);
  const leased: EventDocument = { ...head, state: 'leased', owner: site.instance, attempt, crashes, leaseUntil: until, eventDue: until };
  const { caseId, failures } = head;
  const written = await site.cosmos.write('cases', caseId, [replaced(head, leased)]);
  if (!written.ok) return null;
  const claim = { claimed: nameOf(head), attempt };
  try {
    const body = await unpack(site, caseId, await keyOfCase(site, caseId), `event|${caseId}|${head.id}`, head.body);
    return { ...claim, event: JSON.parse(body.toString()) as CaseEvent, failures, crashes };
  } catch (error) {
    if (!(error instanceof SealBroken || error instanceof CaseShredded)) throw error;
    await quarantine(site, claim, error.message, until);
    return null;
  }
}

function quarantine(site: Site, claim: EventClaim, reason: string, at: Instant): Promise<boolean> {
  return change(site, claim, ({ eventDue: _, ...event }) => ({ ...event, state: 'quarantined', leaseUntil: null, reason, due: at }));
}

/** Writes for a claim; false, and nothing written, when it is not the last one given. */
async function change(site: Site, { claimed, attempt }: EventClaim, to: (event: EventDocument) => EventDocument): Promise<boolean> {
  const { caseId, id } = partsOf(claimed);
  for (;;) {
    const found = await site.cosmos.read<EventDocument>('cases', caseId, id);
    if (found?.state !== 'leased' || found.attempt !== attempt) return false;
    const written = await site.cosmos.write('cases', caseId, [replaced(found, to(found) as Stored<EventDocument>)]);
    if (written.ok) return true;
  }
}
