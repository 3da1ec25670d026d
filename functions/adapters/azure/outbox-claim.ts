import type { FailureCode } from '#core/delivery.js';
import { effect as effectSchema } from '#core/effect.js';
import { caseId as caseIdOf } from '#core/ids.js';
import { addSeconds } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { OutboxItem, OutboxShare } from '#ports/outbox-store.js';
import { headOf, keyOfCase, replaced, unpack } from './case-partition.ts';
import type { Site } from './case-partition.ts';
import { allClaimed } from './claimed.ts';
import { CosmosFailure } from './cosmos-failure.ts';
import { nameOf } from './cosmos-documents.ts';
import type { BundleDocument, OutboxDocument } from './cosmos-documents.ts';
import type { Stored } from './cosmos.ts';
import { placed } from './lanes.ts';
import { USUAL_RANK, ranksOf } from './outbox-ready.ts';
import { settle } from './outbox-settle.ts';

type Claimable = Stored<OutboxDocument> | Stored<BundleDocument>;

/** Bundles that one claim puts into documents before it gives what it has. */
const ROUNDS = 5;

/** Leases what is due: each item by its ETag, so that of two instances that see it one has it. */
export async function claim(site: Site, now: Instant, leaseSeconds: number, most: number, share?: OutboxShare): Promise<OutboxItem[]> {
  const { where, values } = only(share);
  const query = `SELECT TOP @most * FROM c WHERE c.readyAt <= @now AND ${where} ORDER BY c.fresh, c.readyAt`;
  const claimed: OutboxItem[] = [];
  for (let round = 1; round <= ROUNDS && claimed.length < most; round += 1) {
    const found = await site.cosmos.query<Claimable>('cases', { query, values: { ...values, now, most: most - claimed.length } });
    const bundles = found.filter(isBundle);
    claimed.push(...(await allClaimed(found.filter(isItem).map((item) => lease(site, item, now, leaseSeconds)))));
    for (const bundle of bundles) await unfold(site, bundle);
    if (bundles.length === 0) break;
  }
  return claimed;
}

/** When the next of this share can be claimed. */
export async function nextDue({ cosmos }: Site, share?: OutboxShare): Promise<Instant | null> {
  const { where, values } = only(share);
  const query = `SELECT TOP 1 c.readyAt FROM c WHERE IS_DEFINED(c.readyAt) AND ${where} ORDER BY c.readyAt`;
  const [first] = await cosmos.query<{ readonly readyAt: Instant }>('cases', { query, values });
  return first?.readyAt ?? null;
}

/** What can be claimed or is, of this share, up to `most`. */
export async function waiting({ cosmos }: Site, most: number, share: OutboxShare): Promise<number> {
  const { where, values } = only(share);
  const query = `SELECT VALUE COUNT(1) FROM c WHERE IS_DEFINED(c.readyAt) AND NOT IS_DEFINED(c.awaits) AND ${where}`;
  const [count = 0] = await cosmos.query<number>('cases', { query, values });
  return Math.min(count, most);
}

const isBundle = (found: Claimable): found is Stored<BundleDocument> => 'bundle' in found;
const isItem = (found: Claimable): found is Stored<OutboxDocument> => !('bundle' in found);

/** A bundle is every share's: what is in it is not known before it is put into documents. */
function only(share?: OutboxShare): {
  readonly where: string;
  readonly values: Readonly<Record<string, string | readonly string[] | readonly number[]>>;
} {
  if (share === undefined) return { where: "c.kind = 'outbox'", values: {} };
  if ('destination' in share) return { where: '(c.destination = @destination OR c.bundle = true)', values: { destination: share.destination } };
  if ('kinds' in share && share.precedence === undefined) {
    return { where: '(ARRAY_CONTAINS(@kinds, c.effectKind) OR c.bundle = true)', values: { kinds: share.kinds } };
  }
  if ('kinds' in share) {
    const ranks = ranksOf(share);
    // What was written before ranks were kept has the usual one.
    const unranked = ranks.includes(USUAL_RANK) ? ' OR NOT IS_DEFINED(c.rank)' : '';
    const where = `((ARRAY_CONTAINS(@kinds, c.effectKind) AND (ARRAY_CONTAINS(@ranks, c.rank)${unranked})) OR c.bundle = true)`;
    return { where, values: { kinds: share.kinds, ranks } };
  }
  return {
    // Of a bundle, which has neither, Cosmos says neither yes nor no.
    where:
      "c.kind = 'outbox' AND (c.bundle = true OR (NOT ARRAY_CONTAINS(@notKinds, c.effectKind) AND NOT ARRAY_CONTAINS(@notDestinations, c.destination)))",
    values: { notKinds: share.notKinds, notDestinations: share.notDestinations },
  };
}

/** Null: somebody else was faster, or it can't be read. */
export async function lease(site: Site, item: Stored<OutboxDocument>, now: Instant, leaseSeconds: number): Promise<OutboxItem | null> {
  const leaseUntil = addSeconds(now, leaseSeconds);
  const crashes = item.crashes + (item.state === 'leased' ? 1 : 0);
  const after: OutboxDocument = {
    ...item,
    state: 'leased',
    owner: site.instance,
    attempt: item.attempt + 1,
    crashes,
    leaseUntil,
    readyAt: leaseUntil,
    fresh: 0,
  };
  const written = await site.cosmos.write('cases', item.caseId, [replaced(item, after)]);
  if (!written.ok) return null;
  // Ready again when its lease ends, should it come to that.
  site.ready.add([after]);
  try {
    return await itemOf(site, after);
  } catch (error) {
    if (error instanceof CosmosFailure) throw error;
    await holdUnreadable(site, after, error, now);
    return null;
  }
}

/** One that was changed, or whose key is gone, is for a person, and holds up no other case. */
async function holdUnreadable(site: Site, { caseId, id, attempt }: OutboxDocument, error: unknown, at: Instant): Promise<void> {
  const code: FailureCode = 'cannot-be-written';
  const detail = `it can't be read (${error instanceof Error ? error.name : 'unknown'})`;
  await settle(site, nameOf({ caseId, id }), (item) => {
    if (item.state !== 'leased' || item.attempt !== attempt) return null;
    const { awaits: _, ...rest } = item;
    return { ...rest, state: 'held', leaseUntil: null, code, detail, doneAt: at };
  });
}

/** The item as the engine has it, opened. */
export async function itemOf(site: Site, document: OutboxDocument): Promise<OutboxItem> {
  const { id, workflow, number, attempt, crashes, failures, bytes, awaits, retries, writtenAt } = document;
  const caseId = caseIdOf.parse(document.caseId);
  const key = await keyOfCase(site, caseId);
  const effect = await unpack(site, caseId, key, `effect|${caseId}|${id}`, document.effect);
  return {
    ...{ id: nameOf(document), workflow, caseId, caseNumber: number, effect: effectSchema.parse(JSON.parse(effect.toString())), writtenAt, attempt },
    ...{
      crashes,
      failures,
      bytes: bytes === null ? null : await unpack(site, caseId, key, `bytes|${caseId}|${id}`, bytes),
      awaited: awaits !== undefined,
      retries,
    },
  };
}

/** Puts the items of a bundle into documents of their own, in one transaction with the bundle's end. */
export async function unfold(site: Site, bundle: Stored<BundleDocument>): Promise<void> {
  let { items } = bundle;
  for (;;) {
    const head = await headOf(site, bundle.caseId);
    const written = await site.cosmos.write('cases', bundle.caseId, [
      replaced(head, head),
      ...items.map((item) => ({ do: 'create' as const, document: placed(head, item) })),
      { do: 'delete', id: bundle.id, etag: bundle._etag },
    ]);
    if (written.ok || written.why === 'gone' || written.at > items.length) return;
    if (written.why !== 'exists') continue;
    // Its items are there because somebody has just put them, or one of them since before the bundle.
    if ((await site.cosmos.read('cases', bundle.caseId, bundle.id)) === null) return;
    items = items.filter((_, n) => n !== written.at - 1);
  }
}
