import type { CaseId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { AuditEntry, AuditStore, Checkpoint } from '#ports/audit-store.js';
import type { Proof } from '#adapters/audit-chain/check.js';
import { MOST_ROWS, checkpointBytes, nextCheckpoint } from '#adapters/audit-chain/checkpoint.js';
import { SITE, nextRow } from '#adapters/audit-chain/row.js';
import { signed } from '#adapters/audit-chain/signature.js';
import type { Signs } from '#adapters/audit-chain/signature.js';
import { checkStore } from './audit-check.ts';
import { checkpointId, hasRows, readCheckpoint, readState } from './audit-rows.ts';
import type { ChainState, CheckpointDocument, Joined, WithRows } from './audit-rows.ts';
import { headOf, readHead, replaced } from './case-partition.ts';
import type { Site } from './case-partition.ts';
import { CosmosFailure } from './cosmos-failure.ts';
import type { AuditDocument, HeadDocument } from './cosmos-documents.ts';
import type { Change } from './cosmos.ts';
import type { Beside } from './outbox-settle.ts';

/** Rows of no case are a case of their own, that has nothing else. */
const OF_SITE = SITE as CaseId;
/** Documents of the feed that one transaction joins. */
const PAGE = 500;

/**
 * The audit over Cosmos. A row lies with what it is about, in its case's chain, from the same transaction. Its place in the site's order is given by the checkpoint
 * that joins it: no transaction spans two cases. Until then it counts as written after everything that is joined.
 */
export function auditStore(site: Site, proof: Proof): AuditStore {
  let atSite: Promise<unknown> = Promise.resolve();
  /** What was counted since the checkpoint that read the feed up to `from`, so that a question each second does not read it all again. */
  let counted: { readonly from: string | null; readonly cursor: string | null; readonly rows: number } = { from: null, cursor: null, rows: 0 };
  return {
    record(entry) {
      if (entry.caseId !== null) return record(site, entry.caseId, entry);
      // Many at once, of one process, would only refuse one another.
      const mine = atSite.then(() => record(site, OF_SITE, entry));
      atSite = mine.catch(() => undefined);
      return mine;
    },
    async shownRevision(caseId, person) {
      return (await readHead(site, caseId))?.shown[person] ?? 0;
    },
    async seal(at) {
      while (await sealNext(site, proof.key, at));
    },
    async unsealed() {
      const from = (await readState(site))?.cursor ?? null;
      let { cursor, rows } = counted.from === from ? counted : { cursor: from, rows: 0 };
      for (let more = true; more;) {
        const page = await site.cosmos.changes<WithRows>('cases', cursor, PAGE);
        rows += page.documents.filter(hasRows).reduce((sum, document) => sum + document.rows.length, 0);
        ({ cursor, more } = page);
      }
      counted = { from, cursor, rows };
      return rows;
    },
    async checkpoint(height) {
      if (height === 'last') return (await readState(site))?.last ?? null;
      return (await readCheckpoint(site, height))?.checkpoint ?? null;
    },
    verify: () => checkStore(site, proof),
  };
}

/** Times that a row is worked out again because its case was written meanwhile. */
const ATTEMPTS = 100;

async function record(site: Site, caseId: CaseId, entry: AuditEntry): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const head = await headOf(site, caseId);
    const { head: after, changes } = auditBeside(head, entry);
    if ((await site.cosmos.write('cases', caseId, [...changes, replaced(head, after)])).ok) return;
    await new Promise((done) => setTimeout(done, Math.random() * 10 * attempt));
  }
  throw new CosmosFailure('audit row', 'cases', { status: 412, code: '', retryAfterMs: null, activityId: null });
}

/** The next row of a case's chain, for the transaction of what it is about, and the head after it. */
export function auditBeside(head: HeadDocument, entry: AuditEntry): Beside {
  const row = nextRow(entry, head.chain);
  const actAt = entry.action.startsWith('q-') ? { actAt: entry.at } : {};
  const document: AuditDocument = { id: `a:${String(row.caseSeq).padStart(9, '0')}`, kind: 'audit', caseId: head.caseId, rows: [row], ...actAt };
  const after: HeadDocument = { ...head, chain: { caseSeq: row.caseSeq, hash: row.hash }, shown: shownAfter(head, entry) };
  return { head: after, changes: [{ do: 'create', document }] };
}

function shownAfter({ shown }: HeadDocument, { actor, action, outcome, detail }: AuditEntry): HeadDocument['shown'] {
  const { revision } = detail;
  if (action !== 'view' || outcome !== 'done' || actor.kind !== 'person' || typeof revision !== 'number') return shown;
  return { ...shown, [actor.person]: Math.max(shown[actor.person] ?? 0, revision) };
}

/** The checkpoints over one page of the feed; true when there is more. Two who seal at once do it once: the second finds the state replaced. */
async function sealNext(site: Site, key: Signs, at: Instant): Promise<boolean> {
  const state = await readState(site);
  const page = await site.cosmos.changes<WithRows>('cases', state?.cursor ?? null, PAGE);
  if (page.documents.length === 0) return false;
  const rows = page.documents.filter(hasRows).flatMap(({ caseId, id, rows: own }) => own.map(({ hash }, n) => ({ caseId, id, n, hash })));
  let last: Checkpoint | null = state?.last ?? null;
  const documents: CheckpointDocument[] = [];
  for (let from = 0; from < rows.length; from += MOST_ROWS) {
    const some = rows.slice(from, from + MOST_ROWS);
    const next = nextCheckpoint(last, at, some.map(({ hash }) => hash)); // prettier-ignore
    last = { ...next, signed: await signed(key, checkpointBytes(next, 0)) };
    documents.push({ id: checkpointId(last.height), part: 'audit', checkpoint: last, joined: joinedOf(some) });
  }
  const document: ChainState = { id: 'state', part: 'audit', cursor: page.cursor, last };
  const first: Change = state === null ? { do: 'create', document } : { do: 'replace', document, etag: state._etag };
  const written = await site.cosmos.write('site', 'audit', [first, ...documents.map((one) => ({ do: 'create' as const, document: one }))]);
  return written.ok ? page.more : true;
}

function joinedOf(rows: readonly { readonly caseId: string; readonly id: string; readonly n: number }[]): Joined[] {
  const joined: Joined[] = [];
  for (const { caseId, id, n } of rows) {
    const before = joined.at(-1);
    if (before?.id === id && before.caseId === caseId) joined.splice(-1, 1, { ...before, count: before.count + 1 });
    else joined.push({ caseId, id, first: n, count: 1 });
  }
  return joined;
}
