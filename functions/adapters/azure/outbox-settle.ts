import { headOf, replaced } from './case-partition.ts';
import type { Site } from './case-partition.ts';
import { CosmosFailure } from './cosmos-failure.ts';
import { partsOf } from './cosmos-documents.ts';
import type { HeadDocument, OutboxDocument } from './cosmos-documents.ts';
import type { Change, Stored } from './cosmos.ts';
import { firstOf, placed, withItem } from './lanes.ts';

/** Times that a change is worked out again because the item or its case was written meanwhile. */
const ATTEMPTS = 30;

/** What is written with a change of an item: the head as it is after that, and other documents. */
export interface Beside {
  readonly head: HeadDocument;
  readonly changes: readonly Change[];
}

/**
 * Changes one item, and with it the lane that it stands in: what can be claimed next is so in the same transaction. False when `change` refuses. The head is read
 * and replaced where the lane changes, so that no append adds to a lane that is just being emptied.
 */
export async function settle(
  site: Site,
  name: string,
  change: (item: Stored<OutboxDocument>) => OutboxDocument | null | Promise<OutboxDocument | null>,
  beside?: (head: Stored<HeadDocument>) => Promise<Beside>,
): Promise<boolean> {
  const { caseId, id } = partsOf(name);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const item = await site.cosmos.read<OutboxDocument>('cases', caseId, id);
    const after = item === null ? null : await change(item);
    if (item === null || after === null) return false;
    const head = await headOf(site, item.caseId);
    const lanes = withItem(head.lanes, after);
    const more = await beside?.(head);
    const headAfter: HeadDocument = { ...(more?.head ?? head), lanes };
    const others = await moved(site, head, headAfter, item);
    const isSame = more === undefined && JSON.stringify(lanes) === JSON.stringify(head.lanes);
    const [own, ...next] = [after, ...others].map((one) => placed(headAfter, one)) as [OutboxDocument, ...Stored<OutboxDocument>[]];
    const written = await site.cosmos.write('cases', caseId, [
      replaced(item, own),
      ...(isSame ? [] : [replaced(head, headAfter)]),
      ...others.map((other, n) => replaced(other, next[n] ?? other)),
      ...(more?.changes ?? []),
    ]);
    if (written.ok) {
      site.ready.add([own, ...next]);
      return true;
    }
    if (written.why === 'too-large') break;
  }
  throw new CosmosFailure('change of a delivery', 'cases', { status: 412, code: '', retryAfterMs: null, activityId: null });
}

/** The item that stood first in the lane and the one that does so now, where they are others than this one. What is in a bundle still is placed when that is put into documents. */
async function moved(
  { cosmos }: Site,
  before: HeadDocument,
  after: HeadDocument,
  { id, lane, caseId }: OutboxDocument,
): Promise<Stored<OutboxDocument>[]> {
  const [was, is] = [firstOf(before.lanes, lane)?.id, firstOf(after.lanes, lane)?.id];
  if (was === is) return [];
  const ids = [was, is].filter((one) => one !== undefined && one !== id) as string[];
  const found = await Promise.all(ids.map((one) => cosmos.read<OutboxDocument>('cases', caseId, one)));
  return found.filter((one) => one !== null);
}
