import { randomUUID } from 'node:crypto';
import type { CaseId } from '#core/ids.js';
import { UnknownWrappingKey } from '#adapters/sealing/key-chain.js';
import type { DataKey } from '#adapters/sealing/key-chain.js';
import type { Keyring } from '#adapters/sealing/keyring.js';
import { CosmosFailure } from './cosmos-failure.ts';
import type { Change, Cosmos, Stored } from './cosmos.ts';
import { headId } from './cosmos-documents.ts';
import type { HeadDocument, PartDocument, Piece } from './cosmos-documents.ts';
import { readyItems } from './outbox-ready.ts';
import type { ReadyItems } from './outbox-ready.ts';

/** The data key of this case was taken away: what was sealed under it can't be read any more. */
export class CaseShredded extends Error {
  override name = 'CaseShredded';
}

/** What the stores of a site share. */
export interface Site {
  readonly cosmos: Cosmos;
  readonly keyring: Keyring;
  /** Names this process among those that work on the site: what it claims carries it. */
  readonly instance: string;
  /** Wrapped data keys of cases, and until when (milliseconds of this process) they are taken as read. */
  readonly dataKeys: Map<CaseId, { readonly dataKey: string; readonly until: number }>;
  /** What the stores of this process made ready to leave. */
  readonly ready: ReadyItems;
}

/** Characters of one piece that stand in its own document, and of one batch, before parts are written: a batch and a document may have 2 MB. */
const MOST_INLINE = 200_000;
const MOST_IN_BATCH = 1_200_000;
/** Characters of one part. */
const PART = 1_000_000;
/** Cases whose data key is remembered, and for how many milliseconds: one that another instance shredded opens nothing here after that. */
const MOST_REMEMBERED = 10_000;
const REMEMBERED_MS = 60_000;

export const openSite = (cosmos: Cosmos, keyring: Keyring): Site => ({
  cosmos,
  keyring,
  instance: randomUUID(),
  dataKeys: new Map(),
  ready: readyItems(),
});

export function readHead({ cosmos }: Site, caseId: CaseId): Promise<Stored<HeadDocument> | null> {
  return cosmos.read<HeadDocument>('cases', caseId, headId);
}

/** The head of a case, made with a data key of its own when there is none. */
export async function headOf(site: Site, caseId: CaseId): Promise<Stored<HeadDocument>> {
  for (;;) {
    const found = await readHead(site, caseId);
    if (found !== null) return found;
    await site.cosmos.write('cases', caseId, [{ do: 'create', document: newHead(site, caseId) }]);
  }
}

function newHead({ keyring }: Site, caseId: CaseId): HeadDocument {
  const { wrapped } = keyring.make(`case:${caseId}`);
  return {
    ...{
      id: headId,
      kind: 'head',
      caseId,
      dataKey: wrapped.toString('base64'),
      workflow: null,
      number: null,
      version: 0,
      seq: 0,
      eventSeq: 0,
      stamp: 0,
    },
    ...{ row: null, updatedAt: null, order: null, deadlines: {}, lanes: {}, parked: null, keys: [], chain: null, shown: {} },
  };
}

/** The case's data key. Throws CaseShredded. */
export async function dataKeyOf(site: Site, head: Pick<HeadDocument, 'caseId' | 'dataKey'>): Promise<DataKey> {
  const { caseId, dataKey } = head;
  if (dataKey === null) throw new CaseShredded('The data key of this case was taken away.');
  if (!site.dataKeys.has(caseId) && site.dataKeys.size >= MOST_REMEMBERED) site.dataKeys.clear();
  site.dataKeys.set(caseId, { dataKey, until: performance.now() + REMEMBERED_MS });
  return unwrapped(site, caseId, dataKey);
}

async function unwrapped({ keyring }: Site, caseId: CaseId, dataKey: string): Promise<DataKey> {
  const unwrap = (): DataKey => keyring.dataKey(`case:${caseId}`, Buffer.from(dataKey, 'base64'));
  try {
    return unwrap();
  } catch (error) {
    if (!(error instanceof UnknownWrappingKey)) throw error;
    await keyring.refresh();
    return unwrap();
  }
}

/** As dataKeyOf, of a case whose head is not at hand. */
export async function keyOfCase(site: Site, caseId: CaseId): Promise<DataKey> {
  const known = site.dataKeys.get(caseId);
  if (known === undefined || known.until < performance.now()) return dataKeyOf(site, await headOf(site, caseId));
  return unwrapped(site, caseId, known.dataKey);
}

/** Seals pieces for one batch. What would not fit is written at once, in documents that nobody sees until the batch names them. */
export interface Packer {
  pack(place: string, plain: Uint8Array | string): Promise<Piece>;
  /** The batch was not written: takes back what was written for it. What a crash leaves is never read. */
  undo(): Promise<void>;
}

export function packer({ cosmos }: Site, caseId: CaseId, key: DataKey): Packer {
  let inline = 0;
  const written: string[] = [];
  return {
    async pack(place, plain) {
      const sealed = key.seal(place, plain).toString('base64');
      if (sealed.length <= MOST_INLINE && inline + sealed.length <= MOST_IN_BATCH) {
        inline += sealed.length;
        return sealed;
      }
      const name = randomUUID();
      const parts: string[] = [];
      for (let at = 0; at < sealed.length; at += PART) {
        const id = `p:${name}:${parts.length}`;
        parts.push(id);
        written.push(id);
        const document: PartDocument = { id, kind: 'part', caseId, data: sealed.slice(at, at + PART) };
        await cosmos.write('cases', caseId, [{ do: 'upsert', document }]);
      }
      return { parts };
    },
    async undo() {
      for (const id of written.splice(0)) await cosmos.write('cases', caseId, [{ do: 'delete', id, etag: '*' }]);
    },
  };
}

/** A piece as it was before it was packed. */
export async function unpack({ cosmos }: Site, caseId: CaseId, key: DataKey, place: string, piece: Piece): Promise<Buffer> {
  if (typeof piece === 'string') return key.open(place, Buffer.from(piece, 'base64'));
  const parts = await Promise.all(piece.parts.map((id) => cosmos.read<PartDocument>('cases', caseId, id)));
  const data = parts.map((part) => {
    if (part === null) throw new CosmosFailure('read of a part', 'cases', { status: 404, code: '', retryAfterMs: null, activityId: null });
    return part.data;
  });
  return key.open(place, Buffer.from(data.join(''), 'base64'));
}

/** Replaces a document as it was read. */
export function replaced<T extends { readonly id: string }>(before: Stored<T>, document: T): Change {
  return { do: 'replace', document: bare(document), etag: before._etag };
}

const ADDED = ['_etag', '_ts', '_rid', '_self', '_attachments', 'w'];

/** Without what Cosmos, and the write before, added to it. */
function bare<T extends { readonly id: string }>(document: T): T {
  return Object.fromEntries(Object.entries(document).filter(([name]) => !ADDED.includes(name))) as T;
}
