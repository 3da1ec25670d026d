import { effect as effectSchema, namesOf } from '#core/effect.js';
import type { Effect } from '#core/effect.js';
import { caseNumber as caseNumberOf } from '#core/ids.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import { addSeconds, toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { FEED_STATES, PACS_FEED, feedStatesIn, isInTrouble } from '#domain/feed-state.js';
import type { FeedState } from '#domain/feed-state.js';
import { SealBroken } from '#adapters/sealing/envelope.js';
import type { Cursors } from '#ports/cursors.js';
import type { Bulk, ItemKind, QueueFilter, QueueItem } from '#ports/queue.js';
import type { ArrivalDocument, Arriving } from './arrivals.ts';
import { BodyMissing } from './blob-bodies.ts';
import type { CaseNumbers } from './case-numbers.ts';
import { CaseShredded, keyOfCase, readHead, unpack } from './case-partition.ts';
import type { Site } from './case-partition.ts';
import type { EventDocument, HeadDocument, OutboxDocument } from './cosmos-documents.ts';
import type { ContainerName } from './cosmos-layout.ts';
import type { Stored } from './cosmos.ts';
import type { DeadLetter, DeadLetters } from './dead-letters.ts';
import type { RawDocument } from './raw-documents.ts';
import { DayShredded } from './site-keys.ts';
import type { FedViews } from './views.ts';

export interface QueueNeeds {
  readonly site: Site;
  readonly arriving: Arriving;
  readonly numbers: Pick<CaseNumbers, 'caseOf'>;
  readonly cursors: Pick<Cursors, 'read'>;
  readonly deadLetters: Pick<DeadLetters, 'list'>;
  /** The list of cases holds what was written before it was asked. */
  readonly views: Pick<FedViews, 'catchUp'>;
}

export interface BulkDocument extends Bulk {
  readonly part: 'bulk';
}

/** Seconds after which an application answer that is owed is no longer just under way. */
const OWED_FOR_SECONDS = 60;
/** Seconds for which a dead letter stands in the list. */
const DEAD_FOR_SECONDS = 86_400;
/** Of one kind at most: more than a person can look through. */
const MOST = 1000;

/** What is sealed, or null when its key was dropped or it can't be read: an operator's list goes on without it. */
export async function unlessGone<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CaseShredded || error instanceof DayShredded || error instanceof SealBroken || error instanceof BodyMissing) return null;
    throw error;
  }
}

/** All kinds of what is held, each as items. */
export async function heldItems(needs: QueueNeeds, filter: QueueFilter, most: number, now: Instant): Promise<readonly QueueItem[]> {
  const { cosmos } = needs.site;
  const cases = (where: string) => ({ query: `SELECT TOP @most * FROM c WHERE ${where}`, values: { most: MOST } });
  const kinds: Readonly<Record<ItemKind, () => Promise<readonly QueueItem[]>>> = {
    async delivery() {
      const held = cosmos.query<OutboxDocument>('cases', cases("c.state = 'held'"));
      const awaited = cosmos.query<OutboxDocument>('cases', cases("IS_DEFINED(c.awaits) AND c.state IN ('waiting', 'leased')"));
      return Promise.all([...(await held), ...(await awaited)].map((item) => deliveryItem(needs.site, item)));
    },
    async event() {
      const found = await cosmos.query<EventDocument>('cases', cases("c.state = 'quarantined'"));
      return Promise.all(found.map((event) => eventItem(needs.site, event)));
    },
    async message() {
      const values = { most };
      const unused = "SELECT TOP @most * FROM c WHERE c.state IN ('refused', 'kept', 'not-imaging') ORDER BY c.queuedAt DESC";
      const reused = "SELECT TOP @most * FROM c WHERE c.reused = true AND c.state = 'used' ORDER BY c.queuedAt DESC";
      const found = await Promise.all([unused, reused].map((query) => cosmos.query<RawDocument>('raw', { query, values })));
      const rows = found.flat().sort((a, b) => (a.queuedAt < b.queuedAt ? -1 : 1));
      return rows.slice(-most).map(messageItem);
    },
    async arrival() {
      const found = await cosmos.query<ArrivalDocument>('lookups', cases("c.state = 'unmatched'"));
      return Promise.all(found.map((one) => arrivalItem(needs, one)));
    },
    async answer() {
      const query = 'SELECT TOP @most * FROM c WHERE c.owedSince < @before';
      const values = { most: MOST, before: addSeconds(now, -OWED_FOR_SECONDS) };
      return (await cosmos.query<RawDocument>('raw', { query, values })).map(answerItem);
    },
    async case() {
      const parked = await cosmos.query<HeadDocument>('cases', cases('IS_DEFINED(c.parkedAt)'));
      await needs.views.catchUp();
      const noted = await cosmos.query<{ readonly id: CaseId }>('views', cases('c.noted = true'));
      const others = await Promise.all(noted.map(({ id }) => readHead(needs.site, id)));
      return [...parked, ...others.filter((head) => head !== null && head.parked === null)].flatMap((head) => (head === null ? [] : caseItem(head)));
    },
    async bulk() {
      const query = "SELECT TOP @most * FROM c WHERE c.state = 'waiting' AND c.until > @now";
      return (await cosmos.query<BulkDocument>('site', { query, values: { most: MOST, now }, partition: 'bulk' })).map(bulkItem);
    },
    async feed() {
      const dead = (await needs.deadLetters.list(MOST)).filter(({ at }) => at > addSeconds(now, -DEAD_FOR_SECONDS));
      return [...(await feeds(needs)).filter(isInTrouble).map(feedItem), ...dead.map(deadLetterItem)];
    },
  };
  const { kind, code, destination, state } = filter;
  const wanted = Object.entries(kinds).filter(([name]) => kind === undefined || kind === name);
  return (await Promise.all(wanted.map(([, read]) => read())))
    .flat()
    .filter((item) => (code === undefined || item.code === code) && (destination === undefined || item.destination === destination))
    .filter((item) => state === undefined || item.state === state)
    .sort((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : 0));
}

const KINDS: Readonly<Record<string, ItemKind>> = { o: 'delivery', e: 'event', m: 'message', a: 'arrival', r: 'answer', b: 'bulk' };

/** What a person reads and types: the first digits of a document's own hash, which tell it from all others. Two of one kind that share them are found by neither. */
export const shortOf = (hash: string): string => hash.slice(0, 10);
const shortOfDocument = ({ id }: { readonly id: string }): string => shortOf(id.slice(2));

/** `m` and the short id of a message, and so on; a case is `c7KF3QN`, or its number alone. */
export function partsOfItem(id: string): { readonly kind: ItemKind | null; readonly key: string } {
  const named = /^([oemarb])([0-9a-f]{10})$/u.exec(id);
  if (named !== null) return { kind: KINDS[named[1] ?? ''] ?? null, key: named[2] ?? '' };
  if (id.startsWith('f:')) return { kind: 'feed', key: id.slice(2) };
  const number = caseNumberOf.safeParse(id.replace(/^c/u, ''));
  return number.success ? { kind: 'case', key: number.data } : { kind: null, key: '' };
}

/** Documents by their short id; null: none, or two. */
export function shortIds({ cosmos }: Site) {
  const only = async <T>(container: ContainerName, path: string, prefix: string, more = ''): Promise<Stored<T> | null> => {
    const query = `SELECT TOP 2 * FROM c WHERE STARTSWITH(c.${path}, @prefix)${more}`;
    const found = await cosmos.query<Stored<T>>(container, { query, values: { prefix } });
    return found.length === 1 ? (found[0] ?? null) : null;
  };
  return {
    delivery: (short: string) => only<OutboxDocument>('cases', 'id', `o:${short}`),
    event: (short: string) => only<EventDocument>('cases', 'id', `e:${short}`),
    message: (short: string) => only<RawDocument>('raw', 'id', short),
    arrival: (short: string) => only<ArrivalDocument>('lookups', 'key', short, ' AND IS_DEFINED(c.arrivedAt)'),
  };
}

export async function deliveryItem(site: Site, item: OutboxDocument): Promise<QueueItem> {
  const { state, awaits, caseId, number, effectKind, destination, code, detail, due, writtenAt, doneAt } = item;
  const effect = await unlessGone(() => effectOf(site, item));
  const { message, to } = effect === null ? { message: null, to: null } : namesOf(effect);
  const isAwaited = awaits !== undefined && state !== 'held';
  const why = isAwaited ? `accepted, the application's answer is awaited until ${due}` : [code, detail].filter((part) => part !== null).join(': ');
  return {
    ...{ id: `o${shortOfDocument(item)}`, kind: 'delivery', state: isAwaited ? 'awaited' : state, caseId, caseNumber: number },
    ...{ what: message ?? effectKind, destination: to ?? destination, code, reason: why, since: doneAt ?? writtenAt },
  };
}

export async function effectOf(site: Site, { caseId, id, effect }: OutboxDocument): Promise<Effect> {
  const plain = await unpack(site, caseId, await keyOfCase(site, caseId), `effect|${caseId}|${id}`, effect);
  return effectSchema.parse(JSON.parse(plain.toString()));
}

export async function eventItem(site: Site, event: EventDocument): Promise<QueueItem> {
  const { caseId, state, what, door, reason, due } = event;
  const caseNumber = (await readHead(site, caseId))?.number ?? null;
  return {
    ...{ id: `e${shortOfDocument(event)}`, kind: 'event', state, caseId, caseNumber, what, destination: door, code: null },
    ...{ reason: reason ?? '', since: due },
  };
}

export function messageItem(row: RawDocument): QueueItem {
  const { id, state, reason, reused } = row;
  const twice = reused ? 'MSH-10 was used before for other bytes by the same sender' : null;
  const none = state === 'not-imaging' ? 'no imaging is ordered' : state === 'kept' ? 'no workflow uses it' : null;
  const why = [reason ?? none, twice].filter((part) => part !== null).join('; ');
  return { ...ofRow(row), id: `m${shortOf(id)}`, kind: 'message', state, reason: why };
}

export function answerItem(row: RawDocument): QueueItem {
  const { id, ackCode } = row;
  const reason = `our ${ackCode} to message m${shortOf(id)} did not reach its sender`;
  return { ...ofRow(row), id: `r${shortOf(id)}`, kind: 'answer', state: 'unanswered', reason };
}

function ofRow({ messageType, endpoint, ackCode, receivedAt }: RawDocument) {
  return { caseId: null, caseNumber: null, what: messageType ?? 'unreadable', destination: endpoint, code: ackCode, since: receivedAt };
}

export async function arrivalItem(
  { site }: QueueNeeds,
  { key, what, caseId, reason, state, receivedAt, rawId }: ArrivalDocument,
): Promise<QueueItem> {
  const raw = await site.cosmos.read<RawDocument>('raw', rawId, rawId);
  const caseNumber: CaseNumber | null = caseId === null ? null : ((await readHead(site, caseId))?.number ?? null);
  const destination = raw?.endpoint ?? null;
  return { id: `a${shortOf(key)}`, kind: 'arrival', state, caseId, caseNumber, what, destination, code: null, reason, since: receivedAt };
}

/** None before it has a number. */
export function caseItem({ caseId, number, row, updatedAt, parked }: HeadDocument): QueueItem[] {
  if (number === null) return [];
  const by = parked === null ? null : `set aside by ${parked.by}: ${parked.reason}`;
  return [
    {
      ...{ id: `c${number}`, kind: 'case', state: parked === null ? 'noted' : 'parked', caseId, caseNumber: number },
      ...{ what: row?.kind ?? 'case', destination: null, code: null, since: parked?.at ?? updatedAt ?? row?.since ?? toInstant(0) },
      reason: [by, row?.note ?? null].filter((part) => part !== null).join('; '),
    },
  ];
}

export function bulkItem({ id, act, items, by, at, until, state }: Bulk): QueueItem {
  return {
    ...{ id: `b${id}`, kind: 'bulk', state, caseId: null, caseNumber: null, what: `${act} of ${items.length}`, destination: null, code: null },
    ...{ reason: `asked for by ${by}, a second person confirms it before ${until}`, since: at },
  };
}

export async function feeds({ cursors }: Pick<QueueNeeds, 'cursors'>): Promise<readonly FeedState[]> {
  return feedStatesIn(await cursors.read(FEED_STATES));
}

export function feedItem({ name, state, reason, since }: FeedState): QueueItem {
  return {
    ...{ id: `f:${name}`, kind: 'feed', state, caseId: null, caseNumber: null, what: 'feed' },
    ...{ destination: name === PACS_FEED ? 'pacs' : 'ehr', code: null, reason, since },
  };
}

/** A message that Service Bus put aside. Its case's events stand in Cosmos DB, and are announced again. */
export function deadLetterItem({ id, caseId, reason, deliveries, at }: DeadLetter): QueueItem {
  return {
    ...{ id: `f:dead-letter-${id}`, kind: 'feed', state: 'dead-lettered', caseId, caseNumber: null, what: 'announcement of a case' },
    ...{ destination: 'service-bus', code: null, reason: `${reason}, delivered ${deliveries} times; its case was announced again`, since: at },
  };
}
