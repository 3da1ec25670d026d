import type { AuditRow, Checkpoint } from '#ports/audit-store.js';
import type { NewRow } from '#adapters/audit-chain/row.js';
import type { Site } from './case-partition.ts';
import type { AuditDocument, StepDocument } from './cosmos-documents.ts';
import type { Stored } from './cosmos.ts';

/** How far the rows were joined. The one document of the chain that every checkpoint replaces by its ETag. */
export interface ChainState {
  readonly id: 'state';
  readonly part: 'audit';
  /** Of the change feed of the cases. */
  readonly cursor: string;
  readonly last: Checkpoint | null;
}

/** Rows of one document that a checkpoint joins: `count` of them from the one at `first`. */
export interface Joined {
  readonly caseId: string;
  readonly id: string;
  readonly first: number;
  readonly count: number;
}

/** A checkpoint with where its rows lie. Their place here is their place in the site's order. */
export interface CheckpointDocument {
  readonly id: string;
  readonly part: 'audit';
  readonly checkpoint: Checkpoint;
  readonly joined: readonly Joined[];
}

export const checkpointId = (height: number): string => `c:${height}`;

/** A document that audit rows lie in; it is written once and never changed. */
export type WithRows = StepDocument | AuditDocument;

export function hasRows(document: Stored<WithRows | { readonly kind: string }>): document is Stored<WithRows> {
  return 'rows' in document && document.rows.length > 0;
}

export function readState({ cosmos }: Site): Promise<Stored<ChainState> | null> {
  return cosmos.read<ChainState>('site', 'audit', 'state');
}

export async function readCheckpoint({ cosmos }: Site, height: number): Promise<CheckpointDocument | null> {
  return cosmos.read<CheckpointDocument>('site', 'audit', checkpointId(height));
}

/** A row in the site's order, and the document that it lies in. */
export interface Placed {
  readonly row: AuditRow;
  readonly document: WithRows;
}

export type Piece = { readonly placed: readonly Placed[]; readonly checkpoint: Checkpoint | null };

function placedRow(document: WithRows, row: NewRow, seq: number): Placed {
  return { row: { ...row, seq, purged: null }, document };
}

/** Documents read at once. */
const AT_ONCE = 16;
const PAGE = 500;

/** All rows in their order: those of each checkpoint with it, then, in pages, those that none has joined yet. @param of only of this case */
export async function* walk(site: Site, of: string | null = null): AsyncGenerator<Piece> {
  const state = await readState(site);
  let seq = 0;
  for (let height = 1; height <= (state?.last?.height ?? 0); height += 1) {
    const found = await readCheckpoint(site, height);
    if (found === null) continue;
    const wanted: { readonly joined: Joined; readonly seq: number }[] = [];
    for (const joined of found.joined) {
      if (of === null || joined.caseId === of) wanted.push({ joined, seq: seq + 1 });
      seq += joined.count;
    }
    const placed: Placed[] = [];
    for (let from = 0; from < wanted.length; from += AT_ONCE)
      placed.push(...(await Promise.all(wanted.slice(from, from + AT_ONCE).map((one) => rowsOf(site, one.joined, one.seq)))).flat());
    yield { placed, checkpoint: found.checkpoint };
  }
  for (let cursor = state?.cursor ?? null; ;) {
    const page = await site.cosmos.changes<WithRows>('cases', cursor, PAGE);
    const placed: Placed[] = [];
    for (const document of page.documents.filter(hasRows))
      for (const row of document.rows) {
        seq += 1;
        if (of === null || document.caseId === of) placed.push(placedRow(document, row, seq));
      }
    yield { placed, checkpoint: null };
    if (!page.more) return;
    cursor = page.cursor;
  }
}

/** A row that is gone leaves a gap in the numbers, which whoever checks the chain sees. */
async function rowsOf({ cosmos }: Site, { caseId, id, first, count }: Joined, seq: number): Promise<Placed[]> {
  const document = await cosmos.read<WithRows>('cases', caseId, id);
  if (document === null) return [];
  return document.rows.slice(first, first + count).map((row, n) => placedRow(document, row, seq + n));
}
