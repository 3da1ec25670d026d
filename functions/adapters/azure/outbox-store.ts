import type { CaseId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { Claim, OutboxStore } from '#ports/outbox-store.js';
import { keyOfCase, packer, unpack } from './case-partition.ts';
import type { Site } from './case-partition.ts';
import { rememberConversation } from './case-store.ts';
import { outboxId, partsOf } from './cosmos-documents.ts';
import type { BundleDocument, OutboxDocument } from './cosmos-documents.ts';
import type { Stored } from './cosmos.ts';
import { itemOf, waiting } from './outbox-claim.ts';
import { outboxClaims } from './outbox-claims.ts';
import { settle } from './outbox-settle.ts';

/** @param sweepSeconds between two looks over all cases for what no store of this process made ready. 0: at each claim */
export function outboxStore(site: Site, sweepSeconds = 0): OutboxStore {
  const { cosmos } = site;
  const read = (name: string): Promise<Stored<OutboxDocument> | null> => {
    const { caseId, id } = partsOf(name);
    return cosmos.read<OutboxDocument>('cases', caseId, id);
  };
  const sealedFor = async (item: OutboxDocument, what: string, plain: Uint8Array | string) => {
    const key = await keyOfCase(site, item.caseId);
    return packer(site, item.caseId, key).pack(`${what}|${item.caseId}|${item.id}`, plain);
  };
  return {
    ...outboxClaims(site, sweepSeconds),
    waiting: (most, share) => waiting(site, most, share),
    async stillHeld({ id, attempt }, now) {
      const item = await read(id);
      return item !== null && isOurs(item, attempt) && item.leaseUntil !== null && item.leaseUntil > now;
    },
    keepBytes: ({ id, attempt }, bytes) =>
      settle(site, id, async (item) => {
        if (!isOurs(item, attempt)) return null;
        return item.bytes === null ? { ...item, bytes: await sealedFor(item, 'bytes', bytes) } : item;
      }),
    delivered: ({ id, attempt }, receipt, at) =>
      settle(site, id, async (item) => {
        if (!isOpen(item) || (item.attempt !== attempt && item.awaits === undefined)) return null;
        const conversation = item.effectKind === 'showCard' ? (receipt as { conversationId?: unknown } | null)?.conversationId : undefined;
        if (typeof conversation === 'string') await rememberConversation(site, conversation, item.number);
        return { ...ended(item, 'delivered', at), receipt: await sealedFor(item, 'receipt', JSON.stringify(receipt)), code: null, detail: null };
      }),
    tryAgain: ({ id, attempt }, code, failures, at) =>
      settle(site, id, (item) => (isOurs(item, attempt) ? { ...item, state: 'waiting', leaseUntil: null, code, failures, due: at } : null)),
    awaitAnswer: ({ id, attempt }, controlId, receipt, until) =>
      settle(site, id, async (item) => {
        if (!isOurs(item, attempt)) return null;
        const sealed = await sealedFor(item, 'receipt', JSON.stringify(receipt));
        return { ...item, state: 'waiting', leaseUntil: null, awaits: controlId, receipt: sealed, due: until };
      }),
    async awaiting(destinations, controlId) {
      const query = "SELECT TOP 20 * FROM c WHERE c.awaits = @controlId AND c.state = 'waiting' ORDER BY c.seq";
      const found = await cosmos.query<OutboxDocument>('cases', { query, values: { controlId } });
      const item = found.find(({ destination }) => destination !== null && destinations.includes(destination));
      return item === undefined ? null : itemOf(site, item);
    },
    hold: ({ id, attempt }, code, detail, at) =>
      settle(site, id, (item) => (isOpen(item) && item.attempt === attempt ? { ...ended(item, 'held', at), code, detail } : null)),
    async overtaken(name) {
      const item = await read(name);
      if (item === null || item.lane === null) return false;
      const query = "SELECT TOP 1 c.id FROM c WHERE c.kind = 'outbox' AND c.lane = @lane AND c.seq > @seq AND c.state = 'waiting'";
      const later = await cosmos.query('cases', { query, values: { lane: item.lane, seq: item.seq }, partition: item.caseId });
      return later.length > 0;
    },
    async outcome(caseId, key) {
      const id = outboxId(key);
      const there = () => cosmos.read<OutboxDocument>('cases', caseId, id);
      const first = await there();
      if (first === null && (await isBundled(site, caseId, id))) return 'open';
      // Its bundle may have been put into documents between the two looks.
      const item = first ?? (await there());
      if (item?.state === 'waiting' || item?.state === 'leased') return 'open';
      if (item?.state !== 'delivered' || item.receipt === null) return null;
      const receipt = await unpack(site, caseId, await keyOfCase(site, caseId), `receipt|${caseId}|${id}`, item.receipt);
      return { receipt: JSON.parse(receipt.toString()) as unknown };
    },
  };
}

async function isBundled({ cosmos }: Site, caseId: CaseId, id: string): Promise<boolean> {
  const query = 'SELECT c.ids FROM c WHERE c.bundle = true';
  const bundles = await cosmos.query<Pick<BundleDocument, 'ids'>>('cases', { query, partition: caseId });
  return bundles.some(({ ids }) => ids.includes(id));
}

/** The claim is the last one that was given, and its work is not ended. */
function isOurs({ state, attempt }: OutboxDocument, claimed: Claim['attempt']): boolean {
  return state === 'leased' && attempt === claimed;
}

/** Not ended, or withdrawn: of that the outcome is still kept. */
function isOpen({ state }: OutboxDocument): boolean {
  return state === 'waiting' || state === 'leased' || state === 'withdrawn';
}

/** What was withdrawn meanwhile stays withdrawn. */
function ended(item: OutboxDocument, state: 'delivered' | 'held', at: Instant): OutboxDocument {
  const { awaits: _, ...rest } = item;
  return { ...rest, state: item.state === 'withdrawn' ? 'withdrawn' : state, leaseUntil: null, doneAt: at };
}
