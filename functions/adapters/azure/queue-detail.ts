import { namesOf } from '#core/effect.js';
import type { CaseId } from '#core/ids.js';
import type { QueueDetail, QueueItem } from '#ports/queue.js';
import { keyOfCase, readHead, unpack } from './case-partition.ts';
import type { EventDocument, HeadDocument, OutboxDocument, StepDocument } from './cosmos-documents.ts';
import {
  answerItem,
  arrivalItem,
  bulkItem,
  caseItem,
  deadLetterItem,
  deliveryItem,
  effectOf,
  eventItem,
  feedItem,
  feeds,
  messageItem,
  partsOfItem,
  shortIds,
  unlessGone,
} from './queue-rows.ts';
import type { BulkDocument, QueueNeeds } from './queue-rows.ts';
import type { RawDocument } from './raw-documents.ts';

/** One item by its id with what it has to do with, in whatever state it is; null: there is none. */
export async function detailOf(needs: QueueNeeds, id: string): Promise<QueueDetail | null> {
  const { kind, key } = partsOfItem(id);
  const { site } = needs;
  const ids = shortIds(site);
  switch (kind) {
    case 'delivery': {
      const item = await ids.delivery(key);
      return item === null ? null : deliveryDetail(needs, item);
    }
    case 'event': {
      const event = await ids.event(key);
      return event === null ? null : eventDetail(needs, event);
    }
    case 'message':
    case 'answer': {
      const row = await ids.message(key);
      return row === null || (kind === 'answer' && !isOwed(row)) ? null : messageDetail(needs, row, kind);
    }
    case 'arrival': {
      const found = await ids.arrival(key);
      if (found === null) return null;
      const raw = await site.cosmos.read<RawDocument>('raw', found.rawId, found.rawId);
      return { ...plain(await arrivalItem(needs, found)), about: { matchedBy: found.matchedBy }, related: raw === null ? [] : [messageItem(raw)] };
    }
    case 'case':
      return caseDetail(needs, key);
    case 'bulk': {
      const bulk = await site.cosmos.read<BulkDocument>('site', 'bulk', key);
      if (bulk === null) return null;
      const related = (await Promise.all(bulk.items.map((one) => detailOf(needs, one)))).flatMap((one) => (one === null ? [] : [bare(one)]));
      return { ...plain(bulkItem(bulk)), about: { by: bulk.by, until: bulk.until, reason: bulk.reason }, related };
    }
    case 'feed': {
      const feed = (await feeds(needs)).find(({ name }) => name === key);
      const dead = feed === undefined ? (await needs.deadLetters.list(1000)).find((one) => key === `dead-letter-${one.id}`) : undefined;
      if (feed !== undefined) return plain(feedItem(feed));
      return dead === undefined ? null : plain(deadLetterItem(dead));
    }
    case null:
      return null;
    default:
      return kind satisfies never;
  }
}

const plain = (item: QueueItem): QueueDetail => ({ ...item, about: {}, body: null, failing: null, related: [] });

function bare({ about: _, body: __, failing: ___, related: ____, ...item }: QueueDetail): QueueItem {
  return item;
}

/** Its application's answer has not left, or a person has seen to it. */
function isOwed({ owedSince, answerReleased = false }: RawDocument): boolean {
  return owedSince !== undefined || answerReleased;
}

async function deliveryDetail({ site }: QueueNeeds, item: OutboxDocument): Promise<QueueDetail> {
  const { caseId, id, lane, seq, workflow, effectKind: kind, weight, attempt, failures, retries, writtenAt, bytes } = item;
  const key = await unlessGone(() => keyOfCase(site, caseId));
  const body = bytes === null || key === null ? null : await unlessGone(() => unpack(site, caseId, key, `bytes|${caseId}|${id}`, bytes));
  const effect = await unlessGone(() => effectOf(site, item));
  const behind = effect?.weight === 'commit' ? effect.approval.answer : null;
  const later = lane === null ? [] : await ofLane(site, caseId, lane, 'c.seq > @seq', seq);
  const open = later.filter(({ state }) => ['waiting', 'leased', 'held'].includes(state));
  const over = later.find(({ state, destination }) => state === 'delivered' && destination !== null);
  const overtakenBy = over === undefined ? null : (await deliveryItem(site, over)).id;
  const about = {
    ...{ kind, weight, attempts: attempt, failures: Object.keys(failures).length === 0 ? null : JSON.stringify(failures), retries, writtenAt },
    ...{ bytes: body?.length ?? null, overtakenBy },
  };
  const failing = effect === null ? null : { workflow, kind, message: namesOf(effect).message ?? '', behind };
  const related = await Promise.all(open.map((one) => deliveryItem(site, one)));
  return { ...(await deliveryItem(site, item)), about, body, failing, related };
}

type Site = QueueNeeds['site'];

/** In their order. */
export function ofLane({ cosmos }: Site, caseId: CaseId, lane: string, where: string, seq: number): Promise<OutboxDocument[]> {
  const query = `SELECT * FROM c WHERE c.kind = 'outbox' AND c.lane = @lane AND ${where} ORDER BY c.seq`;
  return cosmos.query<OutboxDocument>('cases', { query, values: { lane, seq }, partition: caseId });
}

async function eventDetail(needs: QueueNeeds, event: EventDocument): Promise<QueueDetail> {
  const { site } = needs;
  const { caseId, id, turn, eventId, attempt, body } = event;
  const text = await unlessGone(async () => (await unpack(site, caseId, await keyOfCase(site, caseId), `event|${caseId}|${id}`, body)).toString());
  const told = text === null ? null : (JSON.parse(text) as { readonly occurredAt: string });
  const query = "SELECT * FROM c WHERE c.kind = 'event' AND c.turn > @turn ORDER BY c.turn";
  const behind = await site.cosmos.query<EventDocument>('cases', { query, values: { turn }, partition: caseId });
  const related = [...(await messageNamed(needs, eventId)), ...(await Promise.all(behind.map((one) => eventItem(site, one))))];
  return { ...plain(await eventItem(site, event)), about: { event: eventId, attempts: attempt, occurredAt: told?.occurredAt ?? null }, related };
}

async function messageDetail({ arriving }: QueueNeeds, row: RawDocument, kind: 'message' | 'answer'): Promise<QueueDetail> {
  const { hash, length, controlId, sender, identity, body, application } = row;
  const keptAs = /:(turned-away|noise):[0-9a-f]+$/u.exec(identity)?.[1] ?? 'message';
  const about = { sha256: hash, bytes: length, controlId, sender, keptAs };
  const bytes =
    kind === 'message' ? await unlessGone(() => arriving.bodies.get(body)) : application === null ? null : Buffer.from(application, 'base64');
  const item = kind === 'message' ? messageItem(row) : answerItem(row);
  return { ...plain(item), about, body: bytes, related: kind === 'answer' ? [messageItem(row)] : [] };
}

/** The message whose hash an event or a fact names. */
async function messageNamed({ site }: QueueNeeds, named: string): Promise<QueueItem[]> {
  const hash = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/u.exec(named)?.[0];
  if (hash === undefined) return [];
  const query = 'SELECT TOP 1 * FROM c WHERE c.hash = @hash';
  return (await site.cosmos.query<RawDocument>('raw', { query, values: { hash } })).map(messageItem);
}

async function caseDetail(needs: QueueNeeds, number: string): Promise<QueueDetail | null> {
  const { site, numbers } = needs;
  const found = await numbers.caseOf(number as Parameters<typeof numbers.caseOf>[0]);
  const head = found === null ? null : await readHead(site, found.caseId);
  const item = head === null ? undefined : caseItem(head)[0];
  if (head === null || item === undefined) return null;
  const { caseId, workflow, version, parked, row } = head;
  const query = "SELECT * FROM c WHERE c.kind IN ('event', 'outbox')";
  const open = await site.cosmos.query<EventDocument | OutboxDocument>('cases', { query, partition: caseId });
  const related = await Promise.all(
    open.flatMap((one) => {
      if (one.kind === 'event') return [eventItem(site, one)];
      return ['waiting', 'leased', 'held'].includes(one.state) ? [deliveryItem(site, one)] : [];
    }),
  );
  const held = await heldBack(needs, head);
  const about = { workflow, status: row?.status ?? null, urgency: row?.urgency ?? null, facts: version, parkedBecause: parked?.reason ?? null };
  return { ...plain(item), about, related: [...held, ...related] };
}

/** Messages that the case's facts hold back. */
async function heldBack(needs: QueueNeeds, { caseId }: HeadDocument): Promise<QueueItem[]> {
  const { site } = needs;
  const steps = await site.cosmos.query<StepDocument>('cases', { query: "SELECT * FROM c WHERE c.kind = 'step' ORDER BY c.base", partition: caseId });
  const key = await unlessGone(() => keyOfCase(site, caseId));
  if (key === null) return [];
  const facts = await Promise.all(
    steps.flatMap(({ base, facts: pieces }) =>
      pieces.map((piece, n) => unlessGone(() => unpack(site, caseId, key, `fact|${caseId}|${base + n + 1}`, piece))),
    ),
  );
  const hashes = facts.flatMap((fact) => {
    const { type, rawHash } = fact === null ? {} : (JSON.parse(fact.toString()) as { readonly type?: string; readonly rawHash?: unknown });
    return (type === 'messageHeld' || type === 'changedBeforeOrder') && typeof rawHash === 'string' ? [rawHash] : [];
  });
  return (await Promise.all(hashes.map((hash) => messageNamed(needs, hash)))).flat();
}
