import type { Instant } from '#core/time.js';
import { anchorLast, anchorRestored } from '#adapters/audit-chain/anchor.js';
import type { AnchoringRestored } from '#adapters/audit-chain/anchor.js';
import type { Anchors } from '#ports/anchors.js';

/**
 * Anchors; and when the last anchor does not fit the store because Cosmos DB was put back to an earlier moment, goes on from the highest one that does. Only when an
 * administrator has named the anchor that is given up, by its hash: for that one it is done once (`told`), and a store that was changed afterwards is a conflict again.
 * What was given up stays where it is, and `audit verify` says that there was a restore.
 */
export async function anchorOver(
  anchoring: AnchoringRestored,
  givenUp: string | undefined,
  at: Instant,
  told: () => void = () => undefined,
): ReturnType<typeof anchorLast> {
  const became = await anchorLast(anchoring, at);
  if (became !== 'conflict' || givenUp === undefined || !(await mayBeGivenUp(anchoring.anchors, givenUp))) return became;
  await anchorRestored(anchoring, at);
  told();
  return anchorLast(anchoring, at);
}

/** It stands last, and no restore has given it up before: a setting that was left where it is lets nobody take the store back a second time. */
async function mayBeGivenUp(anchors: Anchors, named: string): Promise<boolean> {
  let stands: number | null = null;
  let wasGivenUp = false;
  let last: string | null = null;
  for await (const { height, hash, restored } of anchors.all()) {
    if (restored && stands !== null && height < stands) wasGivenUp = true;
    if (hash === named) stands = height;
    last = hash;
  }
  return last === named && !wasGivenUp;
}
