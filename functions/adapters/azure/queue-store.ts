import { randomUUID } from 'node:crypto';
import type { CaseEvent } from '#core/event.js';
import { caseId as caseIdOf } from '#core/ids.js';
import type { CaseId } from '#core/ids.js';
import { toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { AuditEntry, AuditStore } from '#ports/audit-store.js';
import type { Applied, Queue, QueueChange, QueueDetail } from '#ports/queue.js';
import type { Consequence } from '#ports/raw-store.js';
import { matchAgain, matchOf, unmatchedArrival } from './arrivals.ts';
import type { ArrivalDocument, Arriving } from './arrivals.ts';
import { readHead } from './case-partition.ts';
import { carryOut } from './consequences.ts';
import { idOf, nameOf, partsOf } from './cosmos-documents.ts';
import type { EventDocument, OutboxDocument } from './cosmos-documents.ts';
import { caseOfOrder, casesToTell } from './lookups.ts';
import { changeOwing } from './owed-audit.ts';
import { alsoKnownAs } from './patients.ts';
import { caseActs, isStopped } from './queue-acts.ts';
import { detailOf, ofLane } from './queue-detail.ts';
import { history } from './queue-history.ts';
import { deliveryItem, heldItems, messageItem, partsOfItem, shortIds, shortOf, unlessGone } from './queue-rows.ts';
import type { BulkDocument, QueueNeeds } from './queue-rows.ts';
import type { RawDocument } from './raw-documents.ts';

export interface QueueStoreNeeds extends QueueNeeds {
  readonly audit: Pick<AuditStore, 'record'>;
  /** A case was told something by a transaction of this store: whoever serves it hears. */
  readonly told: (event: CaseEvent) => Promise<void>;
  /** A case stood still and goes on: whoever serves cases looks at it. */
  readonly goesOn: (caseId: CaseId, at: Instant) => void;
  readonly wake: () => void;
  readonly seal: Queue['seal'];
}

/** Messages before one among which its like is looked for: each is a read of its body. */
const SEARCHED = 200;

/**
 * What is held, on Azure. A change of a case is one transaction with its audit row, in the case's partition. A message, an arrival or a bulk act lies elsewhere than the
 * audit: its document says in the same write that a row is owed, and the row follows at once, or by the next sweep after a crash (owed-audit.ts).
 */
export function queueStore(needs: QueueStoreNeeds): Queue {
  const { site } = needs;
  return {
    list: (filter, most, now) => heldItems(needs, filter, most, now),
    find: (id) => detailOf(needs, id),
    before: (item, numbers) => before(needs, item, numbers),
    apply: (change, audit) => apply(needs, change, audit),
    async openBulk({ act, items, by, reason, at, until }, audit) {
      const id = shortOf(idOf(randomUUID()));
      const document: BulkDocument = { id, part: 'bulk', act, items, by, reason, at, until, state: 'waiting' };
      // First the row: a bulk that nobody may find on record must not be there.
      await needs.audit.record({ ...audit, detail: { ...audit.detail, bulk: `b${id}` } });
      await site.cosmos.write('site', 'bulk', [{ do: 'create', document }]);
      return id;
    },
    async bulk(id) {
      const found = await site.cosmos.read<BulkDocument>('site', 'bulk', id);
      if (found === null) return null;
      const { act, items, by, reason, at, until, state } = found;
      return { id, act, items, by, reason, at, until, state };
    },
    isParked: async (caseId) => ((await readHead(site, caseId))?.parked ?? null) !== null,
    caseOf: async (number) => (await needs.numbers.caseOf(number))?.caseId ?? null,
    history: (item, most) => history(needs, item, most),
    seal: needs.seal,
  };
}

async function apply(needs: QueueStoreNeeds, asked: QueueChange, audit: AuditEntry | null): Promise<Applied> {
  const change = await named(needs, asked);
  if (change === null) return { done: false, told: [], matched: [] };
  const said: CaseEvent[] = [];
  const arriving: Arriving = {
    ...needs.arriving,
    async publish(event) {
      said.push(event);
      await needs.arriving.publish(event);
    },
  };
  const done = audit === null ? await tryOut(needs, change, said) : await changed({ ...needs, arriving }, change, audit);
  if (done && change.change === 'skip-delivery' && change.told !== null) {
    said.push(change.told);
    if (audit !== null) await needs.told(change.told);
  }
  if (done && audit !== null) {
    const moved = movedBy(change);
    if (moved !== null) needs.goesOn(moved, audit.at);
    needs.wake();
  }
  const told = await Promise.all(
    (done ? said : []).map(async ({ caseId, input }) => ({
      caseNumber: (await readHead(needs.site, caseId))?.number ?? null,
      what: (input as { readonly type: string }).type,
    })),
  );
  return { done, told, matched: done ? await matchedBy(needs, change, audit === null) : [] };
}

/** The case whose events go on by it, at which nobody looks meanwhile; null: there is none. */
function movedBy(change: QueueChange): CaseId | null {
  if (change.change === 'unpark') return change.caseId;
  return change.change === 'retry-event' || change.change === 'skip-event' ? caseIdOf.parse(partsOf(change.id).caseId) : null;
}

/** The change with the store's whole name in place of the short id; null: there is no such item. */
async function named({ site }: QueueStoreNeeds, change: QueueChange): Promise<QueueChange | null> {
  const ids = shortIds(site);
  switch (change.change) {
    case 'retry-delivery':
    case 'skip-delivery':
      return withId(change, nameIn(await ids.delivery(change.id)));
    case 'retry-event':
    case 'skip-event':
      return withId(change, nameIn(await ids.event(change.id)));
    case 'judge-again':
    case 'release-message':
    case 'release-answer':
      return withId(change, (await ids.message(change.id))?.id);
    case 'match-again':
    case 'release-arrival':
      return withId(change, (await ids.arrival(change.id))?.key);
    case 'park':
    case 'unpark':
    case 'confirm':
      return change;
    default:
      return change satisfies never;
  }
}

const nameIn = (found: OutboxDocument | EventDocument | null): string | undefined => (found === null ? undefined : nameOf(found));
const withId = <T extends { readonly id: string }>(change: T, id: string | undefined): T | null => (id === undefined ? null : { ...change, id });

async function changed(needs: QueueStoreNeeds, change: QueueChange, audit: AuditEntry): Promise<boolean> {
  const { site, arriving } = needs;
  const acts = caseActs(site);
  const owing = { cosmos: site.cosmos, audit: needs.audit };
  const raw = (id: string, to: (row: RawDocument) => RawDocument | null): Promise<boolean> => changeOwing(owing, 'raw', id, id, to, audit);
  switch (change.change) {
    case 'retry-delivery':
      return acts.retryDelivery(change.id, change.at, audit);
    case 'skip-delivery':
      return acts.skipDelivery(change.id, change.at, change.told, audit);
    case 'retry-event':
      return acts.retryEvent(change.id, change.at, audit);
    case 'skip-event':
      return acts.skipEvent(change.id, audit);
    case 'park':
      return acts.park(change.caseId, change.by, change.reason, change.at, audit);
    case 'unpark':
      return acts.unpark(change.caseId, audit);
    case 'judge-again': {
      const { id, state, reason, consequences, at } = change;
      const row = await site.cosmos.read<RawDocument>('raw', id, id);
      if (row === null || row.state === 'used') return false;
      // The state last: until then all of this can be done again.
      for (const consequence of consequences) await carryOut(arriving, consequence, id, at);
      return raw(id, (now) => (now.state === 'used' ? null : { ...now, state, reason }));
    }
    case 'release-message':
      return raw(change.id, released);
    case 'release-answer':
      return raw(change.id, ({ owedSince, ...row }) => (owedSince === undefined ? null : { ...row, answerReleased: true }));
    case 'match-again': {
      const found = await site.cosmos.read<ArrivalDocument>('lookups', change.id, 'arrival');
      if (found?.kept == null || found.state !== 'unmatched') return false;
      await needs.audit.record(audit);
      return matchAgain(arriving, change.id);
    }
    case 'release-arrival':
      return changeOwing<ArrivalDocument>(owing, 'lookups', change.id, 'arrival', releasedArrival, audit);
    case 'confirm':
      return changeOwing<BulkDocument>(owing, 'site', 'bulk', change.id, confirmed, audit);
    default:
      return change satisfies never;
  }
}

function released(row: RawDocument): RawDocument | null {
  if (['refused', 'kept', 'not-imaging'].includes(row.state)) return { ...row, state: 'released' };
  // It was used; what is seen to is that its control id stands for two messages.
  return row.state === 'used' && row.reused ? { ...row, reused: false } : null;
}

const releasedArrival = (found: ArrivalDocument): ArrivalDocument | null =>
  found.state === 'unmatched' ? { ...found, state: 'released', kept: null } : null;
const confirmed = (bulk: BulkDocument): BulkDocument | null => (bulk.state === 'waiting' ? { ...bulk, state: 'confirmed' } : null);

/** Would it be done, as things are? Nothing is written. `said`: what cases would be told. */
async function tryOut(needs: QueueStoreNeeds, change: QueueChange, said: CaseEvent[]): Promise<boolean> {
  const { cosmos } = needs.site;
  const inCase = async <T>(name: string): Promise<T | null> => cosmos.read<T>('cases', partsOf(name).caseId, partsOf(name).id);
  switch (change.change) {
    case 'retry-delivery':
    case 'skip-delivery': {
      const item = await inCase<OutboxDocument>(change.id);
      return item !== null && isStopped(item);
    }
    case 'retry-event':
    case 'skip-event':
      return (await inCase<EventDocument>(change.id))?.state === 'quarantined';
    case 'park':
    case 'unpark': {
      const isParked = ((await readHead(needs.site, change.caseId))?.parked ?? null) !== null;
      return isParked === (change.change === 'unpark');
    }
    case 'judge-again': {
      const row = await cosmos.read<RawDocument>('raw', change.id, change.id);
      if (row === null || row.state === 'used') return false;
      for (const consequence of change.consequences) said.push(...(await wouldTell(needs, consequence, change.at)));
      return true;
    }
    case 'release-message':
    case 'release-answer': {
      const row = await cosmos.read<RawDocument>('raw', change.id, change.id);
      return row !== null && (change.change === 'release-message' ? released(row) !== null : row.owedSince !== undefined);
    }
    case 'match-again': {
      const arrival = await unmatchedArrival(needs.arriving, change.id);
      if (arrival !== null) said.push(...(await wouldTell(needs, { kind: 'arrival', arrival }, toInstant(0))));
      return arrival !== null;
    }
    case 'release-arrival':
      return (await cosmos.read<ArrivalDocument>('lookups', change.id, 'arrival'))?.state === 'unmatched';
    case 'confirm':
      return (await cosmos.read<BulkDocument>('site', 'bulk', change.id))?.state === 'waiting';
    default:
      return change satisfies never;
  }
}

async function wouldTell({ arriving }: QueueStoreNeeds, consequence: Consequence, at: CaseEvent['occurredAt']): Promise<CaseEvent[]> {
  switch (consequence.kind) {
    case 'to-order': {
      const { id, workflow, actor, input, numbers, onlyIfKnown } = consequence;
      const known = await caseOfOrder(arriving, workflow, numbers, true);
      if (known === null && onlyIfKnown === true) return [];
      const caseId = known ?? arriving.newCaseId(workflow, numbers[0] ?? '');
      return [{ id, workflow, caseId, occurredAt: at, actor, input }];
    }
    case 'to-cases-with': {
      const { id, actor, input } = consequence;
      const keys = await Promise.all(consequence.keys.map((key) => alsoKnownAs(arriving, key)));
      return [...(await casesToTell(arriving, keys.flat(), consequence.of))].map(([caseId, workflow]) => ({
        id,
        workflow,
        caseId,
        occurredAt: at,
        actor,
        input,
      }));
    }
    case 'arrival': {
      const { id, actor, input, tell } = consequence.arrival;
      const { caseId, workflow } = await matchOf(arriving, consequence.arrival);
      return caseId === null || workflow === null || !tell ? [] : [{ id, workflow, caseId, occurredAt: at, actor, input }];
    }
    case 'patient-moved':
    case 'patients-merged':
      return [];
    default:
      return consequence satisfies never;
  }
}

/** Arrivals that found their order by it, or would. */
async function matchedBy({ site, arriving }: QueueStoreNeeds, change: QueueChange, isTrial: boolean): Promise<Applied['matched']> {
  if (change.change !== 'match-again' && change.change !== 'judge-again') return [];
  if (isTrial) {
    const again = change.change === 'match-again' ? await unmatchedArrival(arriving, change.id) : null;
    const judged = change.change === 'judge-again' ? change.consequences.flatMap((one) => (one.kind === 'arrival' ? [one.arrival] : [])) : [];
    const wanted = again === null ? judged : [again];
    const found = await Promise.all(wanted.map(async (arrival) => ({ what: arrival.what, match: await matchOf(arriving, arrival) })));
    return found.flatMap(({ what, match }) => (match.caseId === null ? [] : [{ what, reason: match.reason }]));
  }
  const keys =
    change.change === 'match-again'
      ? [change.id]
      : change.consequences.flatMap((one) => (one.kind === 'arrival' ? [arriving.hash(`${one.arrival.what}|${one.arrival.version}`)] : []));
  const found = await Promise.all(keys.map((key) => site.cosmos.read<ArrivalDocument>('lookups', key, 'arrival')));
  return found.flatMap((one) => (one?.state === 'matched' ? [{ what: one.what, reason: one.reason }] : []));
}

async function before(needs: QueueStoreNeeds, item: QueueDetail, numbers: readonly string[]): Promise<QueueDetail | null> {
  const { site, arriving } = needs;
  const { kind, key } = partsOfItem(item.id);
  if (kind === 'delivery') {
    const own = await shortIds(site).delivery(key);
    if (own?.lane == null) return null;
    const earlier = (await ofLane(site, own.caseId, own.lane, 'c.seq < @seq', own.seq)).findLast(({ bytes }) => bytes !== null);
    return earlier === undefined ? null : detailOf(needs, (await deliveryItem(site, earlier)).id);
  }
  const row = kind === 'message' ? await shortIds(site).message(key) : null;
  if (row === null) return null;
  const query = "SELECT TOP @most * FROM c WHERE c.state = 'used' AND c.queuedAt < @before ORDER BY c.queuedAt DESC";
  const used = await site.cosmos.query<RawDocument>('raw', { query, values: { most: SEARCHED, before: row.queuedAt } });
  const wanted = numbers.map((number) => Buffer.from(number, 'latin1'));
  for (const one of used) {
    const bytes = await unlessGone(() => arriving.bodies.get(one.body));
    if (bytes !== null && wanted.some((number) => bytes.includes(number))) return detailOf(needs, messageItem(one).id);
  }
  return null;
}
