import type { CaseId } from '#core/ids.js';
import { readHead, replaced } from './case-partition.ts';
import type { Site } from './case-partition.ts';
import type { HeadDocument } from './cosmos-documents.ts';

/** Drops the data key of a case: what was told of its patient can’t be read any more. Backups of Cosmos keep it until they end (ADR 0024). False: there was none. */
export async function shredCase(site: Site, caseId: CaseId): Promise<boolean> {
  for (;;) {
    const head = await readHead(site, caseId);
    if (head === null || head.dataKey === null) return false;
    const written = await site.cosmos.write('cases', caseId, [replaced(head, { ...head, dataKey: null })]);
    if (!written.ok) continue;
    site.dataKeys.delete(caseId);
    return true;
  }
}

type AnyDocument = HeadDocument | { readonly kind: 'other' };

/** Wraps the data key of every case anew, after a rotation, while cases are written. May be begun again. @returns how many */
export async function rewrapCaseKeys(site: Site): Promise<number> {
  let count = 0;
  for (let cursor: string | null = null; ;) {
    const page: Awaited<ReturnType<typeof site.cosmos.changes<AnyDocument>>> = await site.cosmos.changes<AnyDocument>('cases', cursor, 500);
    for (const document of page.documents) if (document.kind === 'head' && (await rewrapOne(site, document.caseId))) count += 1;
    if (!page.more) return count;
    cursor = page.cursor;
  }
}

async function rewrapOne(site: Site, caseId: CaseId): Promise<boolean> {
  for (;;) {
    const head = await readHead(site, caseId);
    if (head?.dataKey == null) return false;
    const anew = site.keyring.rewrap(`case:${caseId}`, Buffer.from(head.dataKey, 'base64'));
    if (anew === null) return false;
    if ((await site.cosmos.write('cases', caseId, [replaced(head, { ...head, dataKey: anew.toString('base64') })])).ok) return true;
  }
}
