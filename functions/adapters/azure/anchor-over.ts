import type { Instant } from '#core/time.js';
import { anchorLast, anchorRestored } from '#adapters/audit-chain/anchor.js';
import type { Anchoring } from '#adapters/audit-chain/anchor.js';
import type { Checkpoint } from '#ports/audit-store.js';

/**
 * Anchors; and when the last anchor does not fit the store because Cosmos DB was put back to an earlier moment, goes on from the last anchor that does fit. Only when
 * an administrator has named the anchor that is given up, by its hash: for that one it is done once, and a store that was changed afterwards is a conflict again.
 * What was given up stays where it is, and `audit verify` says that there was a restore.
 */
export async function anchorOver(anchoring: Anchoring, givenUp: string | undefined, at: Instant): ReturnType<typeof anchorLast> {
  const became = await anchorLast(anchoring, at);
  if (became !== 'conflict' || givenUp === undefined || (await anchoring.anchors.last())?.hash !== givenUp) return became;
  const fits = await lastThatFits(anchoring);
  // As the store stood when it was put back: what it has written since has anchors yet to come.
  const then = { checkpoint: (height: number | 'last') => (height === 'last' ? Promise.resolve(fits) : anchoring.audit.checkpoint(height)) };
  await anchorRestored({ ...anchoring, audit: then }, at);
  return anchorLast(anchoring, at);
}

/** Null: none does. */
async function lastThatFits({ audit, anchors }: Anchoring): Promise<Checkpoint | null> {
  const hashes = new Map<number, string>();
  for await (const { height, hash } of anchors.all()) hashes.set(height, hash);
  for (const height of [...hashes.keys()].sort((a, b) => b - a)) {
    const found = await audit.checkpoint(height);
    if (found !== null && found.hash === hashes.get(height)) return found;
  }
  return null;
}
