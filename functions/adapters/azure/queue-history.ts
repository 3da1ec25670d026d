import { readHead } from './case-partition.ts';
import type { CaseId, PersonId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { NewRow } from '#adapters/audit-chain/row.js';
import type { AuditEntry } from '#ports/audit-store.js';
import type { HistoryRow } from '#ports/queue.js';
import type { AuditDocument, StepDocument } from './cosmos-documents.ts';
import { nameOf } from './cosmos-documents.ts';
import { partsOfItem, shortIds } from './queue-rows.ts';
import type { QueueNeeds } from './queue-rows.ts';

/** Acts of operators among which those on one item are looked for. */
const LOOKED_AT = 1000;

/** What operators did, the newest first; of one item when it is named. */
export async function history(needs: QueueNeeds, id: string | null, most: number): Promise<HistoryRow[]> {
  return Promise.all((await rowsOf(needs, id, most)).map((row) => shown(needs, row)));
}

async function rowsOf(needs: QueueNeeds, id: string | null, most: number): Promise<NewRow[]> {
  if (id === null) return acts(needs, most);
  const { kind, key } = partsOfItem(id);
  if (kind === 'case') {
    const found = await needs.numbers.caseOf(key as Parameters<typeof needs.numbers.caseOf>[0]);
    return found === null ? [] : (await rowsIn(needs, found.caseId)).slice(0, most);
  }
  const own = (await acts(needs, LOOKED_AT)).filter((row) => {
    const { item, bulk } = detailOf(row);
    return item === id || bulk === id;
  });
  if (kind !== 'delivery') return own.slice(0, most);
  // What its case was told of it is part of its life.
  const item = await shortIds(needs.site).delivery(key);
  if (item === null) return own.slice(0, most);
  const name = nameOf(item);
  const told = (await rowsIn(needs, item.caseId)).filter((row) => {
    const { event } = detailOf(row);
    return typeof event === 'string' && (event === `outbox:${name}` || event.startsWith(`outbox:${name}:`) || event === `skip:${id}`);
  });
  return [...own, ...told].sort(newestFirst).slice(0, most);
}

/** Every act of an operator is named `q-…`, and stands in a document that says when. */
async function acts({ site }: QueueNeeds, most: number): Promise<NewRow[]> {
  const query = 'SELECT TOP @most * FROM c WHERE IS_DEFINED(c.actAt) ORDER BY c.actAt DESC';
  const found = await site.cosmos.query<AuditDocument>('cases', { query, values: { most } });
  return found.flatMap(({ rows }) => rows).sort(newestFirst);
}

async function rowsIn({ site }: QueueNeeds, caseId: string): Promise<NewRow[]> {
  const query = "SELECT * FROM c WHERE c.kind IN ('step', 'quiet', 'audit')";
  const found = await site.cosmos.query<AuditDocument | StepDocument>('cases', { query, partition: caseId });
  return found.flatMap(({ rows }) => rows).sort((a, b) => b.caseSeq - a.caseSeq);
}

const newestFirst = (a: NewRow, b: NewRow): number => (a.at < b.at ? 1 : a.at > b.at ? -1 : b.caseSeq - a.caseSeq);

function detailOf({ detail }: NewRow): AuditEntry['detail'] {
  return JSON.parse(detail) as AuditEntry['detail'];
}

async function shown({ site }: QueueNeeds, row: NewRow): Promise<HistoryRow> {
  const { at, action, outcome, caseId } = row;
  const { kind, person, endpoint, part } = JSON.parse(row.actor) as { kind: string; person?: PersonId; endpoint?: string; part?: string };
  const head = await readHead(site, caseId as CaseId);
  const who = person ?? `${kind}:${endpoint ?? part ?? ''}`;
  return { at: at as Instant, who, action, outcome: outcome as HistoryRow['outcome'], caseNumber: head?.number ?? null, detail: detailOf(row) };
}
