import { toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import type { TaskRow } from '#core/workflow.js';
import type { CaseRow, HeldRow, Views } from '#ports/views.js';
import { readHead } from './case-partition.ts';
import type { Site } from './case-partition.ts';
import { nameOf } from './cosmos-documents.ts';
import type { EventDocument, HeadDocument, OutboxDocument } from './cosmos-documents.ts';
import type { Stored } from './cosmos.ts';

/** The views over Cosmos, which are made from the cases by their change feed. */
export interface FedViews extends Views {
  /** Takes in what the change feed has; whoever asks does it first, so that an answer holds what was written before the question. */
  catchUp(): Promise<void>;
  /** From the beginning, while others go on reading and writing. */
  rebuild(): Promise<void>;
  /** Up to when the rows tell; null: never made. */
  asOf(): Promise<Instant | null>;
}

/** One case as lists show it. `row` null: there is no case to speak of any more. */
interface RowDocument {
  readonly id: CaseId;
  readonly list: string;
  readonly number: CaseNumber;
  readonly row: TaskRow | null;
  readonly open: boolean;
  /** Its row has a note that somebody must read. */
  readonly noted: boolean;
  readonly place: string;
  readonly updatedAt: Instant;
  /** Of the head that it was made from: an older one never replaces a newer. */
  readonly stamp: number;
}

/** How far the feed was read; its partition holds nothing else. */
interface CursorDocument {
  readonly id: 'cursor';
  readonly list: '';
  readonly cursor: string | null;
  readonly asOf: Instant | null;
}

/** Documents of one page of the feed. */
const PAGE = 500;
/** Rows that are written at once. */
const AT_ONCE = 16;
const MOST_HELD = 1000;

export function views(site: Site): FedViews {
  const { cosmos } = site;
  let underWay: Promise<void> | null = null;
  const catchUp = async (): Promise<void> => {
    // One that began before this question may have read the feed before what is asked for was written.
    if (underWay !== null) await underWay.catch(() => undefined);
    underWay ??= feed(site).finally(() => {
      underWay = null;
    });
    await underWay;
  };
  const list = async (workflow: string, where: string, values: Readonly<Record<string, string>> = {}): Promise<readonly CaseRow[]> => {
    await catchUp();
    const query = `SELECT * FROM c WHERE ${where} ORDER BY c.place`;
    const rows = await cosmos.query<RowDocument>('views', { query, values, partition: workflow });
    return rows.flatMap(({ id, number, row, updatedAt }) => (row === null ? [] : [{ ...row, workflow, caseId: id, caseNumber: number, updatedAt }]));
  };
  return {
    catchUp,
    open: (workflow) => list(workflow, 'c.open = true'),
    all: (workflow) => list(workflow, 'IS_DEFINED(c.place)'),
    since: (workflow, at) => list(workflow, 'IS_DEFINED(c.place) AND c.updatedAt >= @at', { at }),
    held: () => held(site),
    async rebuild() {
      const before = await cursorOf(site);
      if (before !== null) await cosmos.write('views', '', [{ do: 'upsert', document: { ...NOTHING_READ } }]);
      await catchUp();
    },
    async asOf() {
      return (await cursorOf(site))?.asOf ?? null;
    },
  };
}

const NOTHING_READ: CursorDocument = { id: 'cursor', list: '', cursor: null, asOf: null };

function cursorOf({ cosmos }: Site): Promise<Stored<CursorDocument> | null> {
  return cosmos.read<CursorDocument>('views', '', 'cursor');
}

/** Reads the feed to its end. The cursor is written after the rows: a crash between reads a page again, and changes nothing. */
async function feed(site: Site): Promise<void> {
  const { cosmos } = site;
  for (;;) {
    const before = await cursorOf(site);
    const asOf = toInstant(Date.now());
    const page = await cosmos.changes<HeadDocument | { readonly kind: 'other' }>('cases', before?.cursor ?? null, PAGE);
    const heads = page.documents.filter((document): document is Stored<HeadDocument> => document.kind === 'head');
    for (let from = 0; from < heads.length; from += AT_ONCE) await Promise.all(heads.slice(from, from + AT_ONCE).map((head) => show(site, head)));
    if (page.documents.length > 0 || before === null) {
      const document: CursorDocument = { id: 'cursor', list: '', cursor: page.cursor, asOf };
      await cosmos.write('views', '', [before === null ? { do: 'create', document } : { do: 'replace', document, etag: before._etag }]);
    }
    if (!page.more) return;
  }
}

async function show({ cosmos }: Site, head: HeadDocument): Promise<void> {
  const { caseId, workflow, number, row, updatedAt, order, stamp } = head;
  if (workflow === null || number === null || updatedAt === null) return;
  const document: RowDocument = {
    id: caseId,
    list: workflow,
    number,
    row,
    open: row?.open ?? false,
    noted: row?.note != null && (row.open || row.note.includes('held')),
    place: `${order ?? ''} ${number}`,
    updatedAt,
    stamp,
  };
  for (;;) {
    const before = await cosmos.read<RowDocument>('views', workflow, caseId);
    if (before !== null && before.stamp > stamp) return;
    if (before === null && row === null) return;
    const change = before === null ? ({ do: 'create', document } as const) : ({ do: 'replace', document, etag: before._etag } as const);
    if ((await cosmos.write('views', workflow, [change])).ok) return;
  }
}

/** What is held is few, and is asked of the cases themselves by the index of `state`: it is never out of date. */
async function held(site: Site): Promise<readonly HeldRow[]> {
  const query = `SELECT TOP ${MOST_HELD} * FROM c WHERE c.state IN ('held', 'quarantined')`;
  const found = await site.cosmos.query<OutboxDocument | EventDocument>('cases', { query });
  const rows = await Promise.all(
    found.map(async (document): Promise<HeldRow> => {
      if (document.kind === 'outbox') {
        const { number, code, detail, doneAt, writtenAt } = document;
        return { kind: 'outbox', id: nameOf(document), caseNumber: number, reason: `${code ?? ''}: ${detail ?? ''}`, since: doneAt ?? writtenAt };
      }
      const head = await readHead(site, document.caseId);
      return { kind: 'event', id: nameOf(document), caseNumber: head?.number ?? null, reason: document.reason ?? '', since: document.due };
    }),
  );
  return rows.sort((a, b) => (a.kind === b.kind ? (a.since < b.since ? -1 : 1) : a.kind === 'outbox' ? -1 : 1));
}
