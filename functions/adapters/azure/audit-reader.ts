import { caseNumber as caseNumberOf } from '#core/ids.js';
import type { AuditFilter, AuditReader, AuditRow, Link } from '#ports/audit-store.js';
import { readState, walk } from './audit-rows.ts';
import type { CaseNumbers } from './case-numbers.ts';
import type { Site } from './case-partition.ts';

/** Reads the audit of a site, also while the service writes to it. */
export function auditReader(site: Site, numbers: Pick<CaseNumbers, 'caseOf'>): AuditReader {
  return {
    extent: () => extentOf(site),
    async *chain(upto) {
      for await (const { placed, checkpoint } of walk(site)) {
        const links: Link[] = placed.filter(({ row }) => row.seq <= upto).map(({ row }) => ({ row }));
        yield checkpoint !== null && checkpoint.upto <= upto ? [...links, { checkpoint }] : links;
      }
    },
    async *rows(filter, upto) {
      const { caseNumber } = filter;
      const of = caseNumber === null ? null : await caseIdOf(numbers, caseNumber);
      if (caseNumber !== null && of === null) return;
      for await (const { placed } of walk(site, of)) yield placed.map(({ row }) => row).filter((row) => row.seq <= upto && fits(row, filter));
    },
    // Nothing is taken out of the audit on Azure yet: rows stay for as long as their case.
    purges: () => Promise.resolve([]),
  };
}

/** How much there is: what checkpoints have joined, and what waits for one. */
export async function extentOf(site: Site): Promise<{ readonly rows: number; readonly checkpoints: number }> {
  const state = await readState(site);
  let rows = state?.last?.upto ?? 0;
  for (let cursor = state?.cursor ?? null; ;) {
    const page = await site.cosmos.changes<{ readonly rows?: readonly unknown[] }>('cases', cursor, 500);
    rows += page.documents.reduce((sum, document) => sum + (document.rows?.length ?? 0), 0);
    if (!page.more) return { rows, checkpoints: state?.last?.height ?? 0 };
    cursor = page.cursor;
  }
}

async function caseIdOf(numbers: Pick<CaseNumbers, 'caseOf'>, text: string): Promise<string | null> {
  const number = caseNumberOf.safeParse(text);
  return number.success ? ((await numbers.caseOf(number.data))?.caseId ?? null) : null;
}

function fits({ actor, action, outcome, at }: AuditRow, wanted: AuditFilter): boolean {
  if (wanted.person !== null && (JSON.parse(actor) as { readonly person?: string }).person !== wanted.person) return false;
  if (wanted.action !== null && action !== wanted.action) return false;
  if (wanted.outcome !== null && outcome !== wanted.outcome) return false;
  return (wanted.since === null || at >= wanted.since) && (wanted.until === null || at < wanted.until);
}
