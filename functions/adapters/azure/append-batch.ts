import { createHmac } from 'node:crypto';
import { destinationOf, laneOf, rankOf } from '#core/effect.js';
import type { Effect } from '#core/effect.js';
import { nextRow, sha256 } from '#adapters/audit-chain/row.js';
import type { NewRow } from '#adapters/audit-chain/row.js';
import type { AuditEntry } from '#ports/audit-store.js';
import type { Append } from '#ports/case-store.js';
import type { DataKey } from '#adapters/sealing/key-chain.js';
import { packer, replaced } from './case-partition.ts';
import type { Packer, Site } from './case-partition.ts';
import { outboxId, stepId, withDeadlines } from './cosmos-documents.ts';
import type { BundleDocument, EventDocument, HeadDocument, OutboxDocument, Piece, StepDocument } from './cosmos-documents.ts';
import type { Change, Stored } from './cosmos.ts';
import { placed, withItem } from './lanes.ts';

/** What an append finds in its case's partition. */
export interface Found {
  readonly head: Stored<HeadDocument>;
  /** The claimed event, when there is one. */
  readonly event: Stored<EventDocument> | null;
  /** Open items of the destinations that something is withdrawn from. */
  readonly withdrawn: readonly Stored<OutboxDocument>[];
  /** Documents of effects that were written before, under the same key. */
  readonly known: ReadonlySet<string>;
}

/** A batch of Cosmos has 100; this leaves room for step, head, event and what is withdrawn. */
const MOST_ITEMS = 40;
/** Items of one bundle: each becomes a document in one batch, with the head and the bundle beside them. */
const BUNDLED = 90;

/** More is withdrawn at once than one batch holds. It never happens with a workflow that puts one message a decision. */
export class StepTooLarge extends Error {
  override name = 'StepTooLarge';
}

export interface AppendBatch {
  readonly changes: readonly Change[];
  readonly version: number;
  readonly packer: Packer;
  /** The outbox items as they are written, but for those in bundles. */
  readonly items: readonly OutboxDocument[];
}

/** The one transaction of an append: the step first (its id says whether the event was heard), then the head as it is after it, then the outbox. */
export async function appendBatch(site: Site, key: DataKey, found: Found, change: Append, hash: (text: string) => string): Promise<AppendBatch> {
  const packs = packer(site, change.caseId, key);
  const { head, event, withdrawn } = found;
  const facts = await sealedFacts(packs, change);
  const rows = rowsOf(head, change, facts);
  const outbox = await outboxOf(packs, found, change);
  const last = rows.at(-1);
  const after: HeadDocument = withDeadlines(
    {
      ...head,
      version: head.version + facts.length,
      seq: head.seq + outbox.items.length,
      stamp: head.stamp + 1,
      row: change.row,
      updatedAt: change.at,
      order: change.row === null ? null : (head.order ?? change.at),
      lanes: outbox.lanes,
      keys: [...new Set([...head.keys, ...change.keys.map(hash)])],
      chain: last === undefined ? head.chain : { caseSeq: last.caseSeq, hash: last.hash },
    },
    deadlinesAfter(head, change),
  );
  const items = outbox.items.map((item) => placed(after, item));
  const changes: Change[] = [
    { do: 'create', document: stepOf(change, facts, rows) },
    replaced(head, after),
    ...(event === null ? [] : [{ do: 'delete' as const, id: event.id, etag: event._etag }]),
    ...withdrawn.map((item) => replaced(item, endedBy(change, item))),
    ...written(change, items),
  ];
  if (changes.length > 100) throw new StepTooLarge(`One event changes ${changes.length} documents of a case: a batch of Cosmos DB has 100.`);
  return { changes, version: after.version, packer: packs, items: items.length <= MOST_ITEMS ? items : [] };
}

async function sealedFacts(packs: Packer, { caseId, expectedVersion, facts }: Append): Promise<{ readonly piece: Piece; readonly hash: string }[]> {
  const sealed = [];
  for (const [n, { fact }] of facts.entries()) {
    const text = JSON.stringify(fact);
    const piece = await packs.pack(`fact|${caseId}|${expectedVersion + n + 1}`, text);
    sealed.push({ piece, hash: sha256(typeof piece === 'string' ? piece : piece.parts.join()) });
  }
  return sealed;
}

/** One audit row a fact; what changed nothing but was answered (stale, already decided) is on record too. */
function rowsOf(head: HeadDocument, change: Append, facts: readonly { readonly hash: string }[]): NewRow[] {
  const { caseId, at, event, caseNumber, expectedVersion } = change;
  const about = { caseId, at, actor: event.actor };
  const entries: AuditEntry[] = change.facts.map(({ type }, n) => ({
    ...{ ...about, action: type, outcome: 'done' },
    detail: { number: caseNumber, event: event.id, fact: expectedVersion + n + 1, factHash: facts[n]?.hash ?? '' },
  }));
  if (entries.length === 0 && change.answer)
    entries.push({
      ...about,
      action: event.type,
      outcome: change.answer.outcome === 'denied' ? 'denied' : 'nothing',
      detail: { number: caseNumber, event: event.id, answer: change.answer.outcome },
    });
  const rows: NewRow[] = [];
  for (const entry of entries) rows.push(nextRow(entry, rows.at(-1) ?? head.chain));
  return rows;
}

function stepOf(change: Append, facts: readonly { readonly piece: Piece }[], rows: readonly NewRow[]): StepDocument {
  const { caseId, event, at, expectedVersion } = change;
  return {
    ...{ id: stepId(event.id), kind: facts.length > 0 ? 'step' : 'quiet', caseId, eventId: event.id, base: expectedVersion, at },
    ...{ facts: facts.map(({ piece }) => piece), answer: change.answer ?? null, rows },
  };
}

function deadlinesAfter(head: HeadDocument, { effects }: Append): HeadDocument['deadlines'] {
  const deadlines = { ...head.deadlines };
  for (const { effect, suppressed } of effects) {
    if (suppressed || effect.kind !== 'setDeadline') continue;
    Reflect.deleteProperty(deadlines, effect.name);
    if (effect.at !== null) deadlines[effect.name] = { epoch: effect.epoch, at: effect.at };
  }
  return deadlines;
}

/** Destinations from which what has not left yet is withdrawn. */
export function withdrawnFrom({ effects }: Append): string[] {
  return effects.flatMap(({ effect, suppressed }) => (effect.kind === 'withdraw' && !suppressed ? [effect.destination] : []));
}

function endedBy({ at }: Append, item: OutboxDocument): OutboxDocument {
  return placed({ lanes: {}, parked: null }, { ...item, state: 'withdrawn', leaseUntil: null, doneAt: at });
}

/** The new items in their order, and the lanes after them and after what was withdrawn. An effect that is withdrawn by a later one of the same event never waits. */
async function outboxOf(
  packs: Packer,
  { head, withdrawn, known }: Found,
  change: Append,
): Promise<{ readonly items: OutboxDocument[]; readonly lanes: HeadDocument['lanes'] }> {
  let lanes = withdrawn.reduce((before, item) => withItem(before, endedBy(change, item)), head.lanes);
  let items: OutboxDocument[] = [];
  const ids = new Set(known);
  for (const { effect, suppressed } of change.effects) {
    if (effect.kind === 'withdraw' && !suppressed) {
      items = items.map((item) => (item.destination === effect.destination && item.state === 'waiting' ? endedBy(change, item) : item));
      lanes = items.reduce(withItem, lanes);
    }
    if (effect.kind === 'withdraw' || effect.kind === 'setDeadline') continue;
    const id = outboxId(effect.key);
    if (ids.has(id)) continue;
    ids.add(id);
    const sealed = await packs.pack(`effect|${change.caseId}|${id}`, JSON.stringify(effect));
    const item = itemOf(change, effect, suppressed, { id, seq: head.seq + items.length + 1, effect: sealed });
    items.push(item);
    lanes = withItem(lanes, item);
  }
  return { items, lanes };
}

function itemOf(
  { caseId, workflow, caseNumber, at }: Append,
  effect: Effect,
  suppressed: boolean,
  place: { readonly id: string; readonly seq: number; readonly effect: Piece },
): OutboxDocument {
  const what = effect.kind === 'sendHl7' ? effect.message : effect.kind === 'writeFhir' ? effect.resource : effect.kind === 'tellPerson' ? effect.note : effect.kind; // prettier-ignore
  return {
    ...{ ...place, kind: 'outbox', caseId, workflow, number: caseNumber, lane: laneOf(effect), effectKind: effect.kind, what, weight: effect.weight },
    rank: rankOf(effect),
    destination: destinationOf(effect),
    ...{ state: suppressed ? 'suppressed' : 'waiting', attempt: 0, crashes: 0, failures: {}, retries: 0, bytes: null, due: at, leaseUntil: null },
    ...{ receipt: null, code: null, detail: null, writtenAt: at, doneAt: null },
  };
}

/** The items as documents of their own, or in bundles when a batch would not hold them. */
function written({ caseId, event, at }: Append, items: readonly OutboxDocument[]): Change[] {
  if (items.length <= MOST_ITEMS) return items.map((document) => ({ do: 'create', document }));
  const bundles: Change[] = [];
  for (let from = 0; from < items.length; from += BUNDLED) {
    const some = items.slice(from, from + BUNDLED);
    const id = `b:${stepId(event.id).slice(2)}:${bundles.length}`;
    const document: BundleDocument = {
      id,
      kind: 'outbox',
      bundle: true,
      fresh: 1,
      caseId,
      ids: some.map((item) => item.id),
      items: some,
      readyAt: at,
    };
    bundles.push({ do: 'create', document });
  }
  return bundles;
}

/** A keyed hash of a text, 16 bytes in hexadecimal (DECISIONS 34). */
export function keyedBy(secret: string): (text: string) => string {
  return (text) => createHmac('sha256', secret).update(text).digest('hex').slice(0, 32);
}
