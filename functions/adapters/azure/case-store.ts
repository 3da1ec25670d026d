import type { CaseId, CaseNumber } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { Append, Appended, CaseStore, StoredFact } from '#ports/case-store.js';
import { appendBatch, keyedBy, withdrawnFrom } from './append-batch.ts';
import type { Found } from './append-batch.ts';
import { histories } from './case-histories.ts';
import { caseNumbers } from './case-numbers.ts';
import { CaseShredded, dataKeyOf, headOf, readHead, replaced, unpack } from './case-partition.ts';
import type { Site } from './case-partition.ts';
import { CosmosFailure } from './cosmos-failure.ts';
import { idOf, partsOf, stepId } from './cosmos-documents.ts';
import { caseIdKeyedBy, casesEverWith } from './lookups.ts';
import type { BundleDocument, EventDocument, HeadDocument, OutboxDocument, StepDocument } from './cosmos-documents.ts';
import type { Change, Stored, Written } from './cosmos.ts';
import { unfold } from './outbox-claim.ts';

type Refused = Written & { readonly ok: false };

export interface CaseStoreNeeds {
  readonly site: Site;
  /** Numbers are drawn, and keys are hashed, with it. */
  readonly secret: string;
  /** Case numbers of six characters that are given before those of seven. @default half of all */
  readonly sixCharacterNumbers?: number;
  /** Tells the look-ups what a case is found by, before the case is written: a key may lead to a case that tells it a moment later, never the other way. */
  readonly addKeys: (caseId: CaseId, workflow: string, keys: readonly string[], at: Instant) => Promise<void>;
}

/** The conversation that a case's card opened. */
interface ConversationDocument {
  readonly id: 'conversation';
  readonly key: string;
  readonly number: CaseNumber;
}

export function caseStore({ site, secret, sixCharacterNumbers, addKeys }: CaseStoreNeeds): CaseStore {
  const { cosmos } = site;
  const numbers = caseNumbers(cosmos, secret, sixCharacterNumbers);
  const hash = keyedBy(secret);
  const remembered = histories();
  const factsOf = async (head: Stored<HeadDocument>): Promise<readonly StoredFact[]> => {
    const { caseId, version } = head;
    if (head.dataKey === null) {
      remembered.forget(caseId);
      throw new CaseShredded('The data key of this case was taken away.');
    }
    const known = remembered.of(caseId).slice(0, version);
    if (known.length === version) return known;
    const { facts, size } = await readFacts(site, head, known.length);
    return remembered.add(caseId, [...known, ...facts], size);
  };
  const heard: CaseStore['heard'] = async (caseId, event) => {
    const step = await cosmos.read<StepDocument>('cases', caseId, stepId(event));
    return step === null ? null : { answer: step.answer ?? undefined };
  };
  return {
    caseIdOf: caseIdKeyedBy(secret),
    async read(workflow, caseId, after = 0) {
      const head = await numbered(site, numbers, workflow, caseId);
      return { caseId, caseNumber: head.number, version: head.version, facts: (await factsOf(head)).slice(after) };
    },
    append: (change) => append(site, hash, addKeys, heard, change),
    heard,
    async findByConversation(conversationId) {
      const key = conversationKey(conversationId);
      return (await cosmos.read<ConversationDocument>('lookups', key, 'conversation'))?.number ?? null;
    },
    findByNumber: (number) => numbers.caseOf(number),
    findByKey: (key) => casesEverWith({ site, hash }, key),
  };
}

const conversationKey = (conversationId: string): string => idOf(`conversation ${conversationId}`);

/** Written before the card counts as delivered; the same again changes nothing. */
export async function rememberConversation({ cosmos }: Site, conversationId: string, number: CaseNumber): Promise<void> {
  const document: ConversationDocument = { id: 'conversation', key: conversationKey(conversationId), number };
  await cosmos.write('lookups', document.key, [{ do: 'upsert', document }]);
}

type Numbered = Stored<HeadDocument> & { readonly number: CaseNumber };

/** The head with its case's number, which is reserved first. */
async function numbered(site: Site, numbers: ReturnType<typeof caseNumbers>, workflow: string, caseId: CaseId): Promise<Numbered> {
  for (;;) {
    const head = await headOf(site, caseId);
    const { number } = head;
    if (number !== null) return { ...head, number };
    const reserved = await numbers.reserve(workflow, caseId);
    await site.cosmos.write('cases', caseId, [replaced(head, { ...head, workflow, number: reserved })]);
  }
}

/** Times that a reader looks again when a replica has not got all steps that the head counts. */
const LOOKS = 10;

/** @returns also how many bytes they are */
async function readFacts(site: Site, head: Stored<HeadDocument>, from: number): Promise<{ readonly facts: StoredFact[]; readonly size: number }> {
  const { caseId, version } = head;
  const key = await dataKeyOf(site, head);
  const query = "SELECT * FROM c WHERE c.kind = 'step' AND c.base >= @base ORDER BY c.base";
  for (let look = 1; look <= LOOKS; look += 1) {
    const steps = await site.cosmos.query<StepDocument>('cases', { query, values: { base: from }, partition: caseId });
    const pieces = steps
      .flatMap((step) => step.facts.map((piece, n) => ({ seq: step.base + n + 1, at: step.at, piece })))
      .filter(({ seq }) => seq <= version);
    if (pieces.length === version - from) {
      const plain = await Promise.all(pieces.map(({ seq, piece }) => unpack(site, caseId, key, `fact|${caseId}|${seq}`, piece)));
      const facts = pieces.map(({ seq, at }, n) => ({ seq, at, fact: JSON.parse(plain[n]?.toString() ?? 'null') as unknown }));
      return { facts, size: plain.reduce((sum, { length }) => sum + length, 0) };
    }
    await new Promise((done) => setTimeout(done, 20 * look));
  }
  throw new CosmosFailure('read of the facts', 'cases', { status: 404, code: '', retryAfterMs: null, activityId: null });
}

/** Times that an append is worked out again because the case was written meanwhile, by views and deliveries that leave its version as it is. */
const ATTEMPTS = 30;

async function append(
  site: Site,
  hash: (text: string) => string,
  addKeys: CaseStoreNeeds['addKeys'],
  heard: CaseStore['heard'],
  change: Append,
): Promise<Appended> {
  const { caseId, workflow, event } = change;
  let known: ReadonlySet<string> = new Set();
  let wasHeard = false;
  if (withdrawnFrom(change).length > 0) await unfoldAll(site, caseId);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const [head, claimed] = await Promise.all([readHead(site, caseId), claimedEvent(site, change)]);
    if (head === null || claimed === 'lost' || wasHeard || head.version !== change.expectedVersion) {
      const before = await heard(caseId, event.id);
      if (before === null) return { ok: false, code: claimed === 'lost' ? 'claim-lost' : 'conflict' };
      if (claimed !== 'lost' && claimed !== null) await site.cosmos.write('cases', caseId, [{ do: 'delete', id: claimed.id, etag: claimed._etag }]);
      return { ok: false, code: 'already-heard', answer: before.answer };
    }
    const fresh = change.keys.filter((key) => !head.keys.includes(hash(key)));
    if (fresh.length > 0) await addKeys(caseId, workflow, fresh, change.at);
    if (change.effects.length > 40) known = await writtenBefore(site, caseId);
    const found: Found = { head, event: claimed, withdrawn: await openItems(site, change), known };
    const batch = await appendBatch(site, await dataKeyOf(site, head), found, change, hash);
    const written = await site.cosmos.write('cases', caseId, batch.changes);
    if (written.ok) {
      site.ready.add(batch.items);
      return { ok: true, version: batch.version };
    }
    await batch.packer.undo();
    wasHeard = refusedAs(batch.changes, written) === stepId(event.id);
    known = afterRefusal(batch.changes, written, known);
  }
  return { ok: false, code: 'conflict' };
}

/** The document that there is already; null: it was refused for something else. */
function refusedAs(changes: readonly Change[], { at, why }: Refused): string | null {
  const refused = changes[at];
  return why === 'exists' && refused?.do === 'create' ? refused.document.id : null;
}

/** An effect that was written before is left out; anything else is read again. */
function afterRefusal(changes: readonly Change[], written: Refused, known: ReadonlySet<string>): ReadonlySet<string> {
  if (written.why === 'too-large') throw new CosmosFailure('append', 'cases', { status: 413, code: '', retryAfterMs: null, activityId: null });
  const there = refusedAs(changes, written);
  return there === null ? known : new Set([...known, there]);
}

/** The event as it stands in the queue, null when it was not claimed from there, `lost` when it is somebody else's or was told. */
async function claimedEvent({ cosmos }: Site, { caseId, claimed }: Append): Promise<Stored<EventDocument> | null | 'lost'> {
  if (claimed === undefined) return null;
  const found = await cosmos.read<EventDocument>('cases', caseId, partsOf(claimed.claimed).id);
  return found?.state === 'leased' && found.attempt === claimed.attempt ? found : 'lost';
}

/** What stands in a bundle can't be withdrawn. */
async function unfoldAll(site: Site, caseId: CaseId): Promise<void> {
  const query = 'SELECT * FROM c WHERE c.bundle = true';
  for (const bundle of await site.cosmos.query<Stored<BundleDocument>>('cases', { query, partition: caseId })) await unfold(site, bundle);
}

async function openItems({ cosmos }: Site, change: Append): Promise<Stored<OutboxDocument>[]> {
  const found: Stored<OutboxDocument>[] = [];
  for (const destination of withdrawnFrom(change)) {
    const query =
      "SELECT * FROM c WHERE c.kind = 'outbox' AND c.destination = @destination AND c.state IN ('waiting', 'leased', 'held') AND NOT IS_DEFINED(c.awaits)";
    found.push(...(await cosmos.query<Stored<OutboxDocument>>('cases', { query, values: { destination }, partition: change.caseId })));
  }
  return found;
}

/** Ids of all outbox items of the case, for a step that is too large to try. */
async function writtenBefore({ cosmos }: Site, caseId: CaseId): Promise<ReadonlySet<string>> {
  const found = await cosmos.query<Pick<BundleDocument, 'id'> & Partial<BundleDocument>>('cases', {
    query: "SELECT c.id, c.ids FROM c WHERE c.kind = 'outbox'",
    partition: caseId,
  });
  return new Set(found.flatMap(({ id, ids = [] }) => [id, ...ids]));
}
