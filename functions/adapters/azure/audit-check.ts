import type { AuditRow, AuditVerdict, Link } from '#ports/audit-store.js';
import { checkChain } from '#adapters/audit-chain/check.js';
import type { Bad, Proof } from '#adapters/audit-chain/check.js';
import { sha256 } from '#adapters/audit-chain/row.js';
import { walk } from './audit-rows.ts';
import type { WithRows } from './audit-rows.ts';
import { extentOf } from './audit-reader.ts';
import type { Site } from './case-partition.ts';
import type { HeadDocument } from './cosmos-documents.ts';

/** What a case's head says of its chain and of its facts. */
interface Tip {
  readonly caseSeq: number;
  readonly hash: string;
  readonly facts: number;
}

/** Checks the chain, and what lies beside it: each case's facts and the end of its chain as its head has them. May run while the service writes. */
export async function checkStore(site: Site, { key, anchors }: Proof): Promise<AuditVerdict> {
  const tips = await tipsOf(site);
  const extent = await extentOf(site);
  const walked = new Map<string, { readonly at: Map<number, string>; facts: number; seq: number }>();
  let documents = new Map<number, WithRows>();
  async function* links(): AsyncGenerator<readonly Link[]> {
    for await (const { placed, checkpoint } of walk(site)) {
      documents = new Map(placed.map(({ row, document }) => [row.seq, document]));
      yield [...placed.map(({ row }) => ({ row })), ...(checkpoint === null ? [] : [{ checkpoint }])];
    }
  }
  const beside = (row: AuditRow): string | null => {
    const known = walked.get(row.caseId) ?? { at: new Map<number, string>(), facts: 0, seq: 0 };
    walked.set(row.caseId, known);
    if (row.caseSeq === tips.get(row.caseId)?.caseSeq) known.at.set(row.caseSeq, row.hash);
    const { fact, factHash } = JSON.parse(row.detail) as { readonly fact?: number; readonly factHash?: string };
    known.seq = row.seq;
    if (fact === undefined) return null;
    if (row.caseSeq <= (tips.get(row.caseId)?.caseSeq ?? 0)) known.facts += 1;
    return factFault(documents.get(row.seq), fact, factHash ?? '');
  };
  const verdict = await checkChain({ links: links(), purges: [], extent, key, anchors }, beside);
  const firstBad = verdict.firstBad ?? besideHeads(tips, walked);
  return { ...verdict, ok: firstBad === null, firstBad };
}

/** The row stands in the same document as the facts: the piece must be the one whose hash the row has. */
function factFault(document: WithRows | undefined, fact: number, hash: string): string | null {
  if (document === undefined || document.kind === 'audit') return 'the fact that it stands for is missing';
  const piece = document.facts[fact - document.base - 1];
  if (piece === undefined) return 'the fact that it stands for is missing';
  return sha256(typeof piece === 'string' ? piece : piece.parts.join()) === hash ? null : 'the fact that it stands for is not what was written';
}

function besideHeads(
  tips: ReadonlyMap<string, Tip>,
  walked: ReadonlyMap<string, { readonly at: ReadonlyMap<number, string>; readonly facts: number; readonly seq: number }>,
): Bad | null {
  for (const [caseId, tip] of tips) {
    const found = walked.get(caseId);
    if (tip.caseSeq > 0 && found?.at.get(tip.caseSeq) !== tip.hash) return { seq: found?.seq ?? 0, what: 'rows at the end of a case are missing' };
    if ((found?.facts ?? 0) !== tip.facts) return { seq: found?.seq ?? 0, what: 'its case has more or fewer facts than the audit says' };
  }
  for (const [caseId, { seq }] of walked) if (!tips.has(caseId)) return { seq, what: 'its case is gone' };
  return null;
}

type AnyDocument = HeadDocument | { readonly kind: 'other' };

/** By reading the feed from its beginning: each case's head once. */
async function tipsOf({ cosmos }: Site): Promise<Map<string, Tip>> {
  const tips = new Map<string, Tip>();
  for (let cursor: string | null = null; ;) {
    const page: Awaited<ReturnType<typeof cosmos.changes<AnyDocument>>> = await cosmos.changes<AnyDocument>('cases', cursor, 500);
    for (const document of page.documents) {
      if (document.kind !== 'head') continue;
      const { caseId, chain, version } = document;
      tips.set(caseId, { caseSeq: chain?.caseSeq ?? 0, hash: chain?.hash ?? '', facts: version });
    }
    if (!page.more) return tips;
    cursor = page.cursor;
  }
}
