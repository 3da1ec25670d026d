import type { Instant } from '#core/time.js';
import type { Anchor, Anchors } from '#ports/anchors.js';
import type { AuditStore, Checkpoint } from '#ports/audit-store.js';
import type { Unsigned } from './checkpoint.ts';
import { knownAnchors } from './check.ts';
import { anchorBytes } from './checkpoint.ts';
import { START } from './row.ts';
import { signed } from './signature.ts';
import type { Signs, Verifies } from './signature.ts';

export interface Anchoring {
  readonly audit: Pick<AuditStore, 'checkpoint'>;
  readonly anchors: Anchors;
  readonly key: Signs;
}

/**
 * Puts the last signed checkpoint outside the store; the same one again when nothing was written since, so that the age of the last anchor says whether anchoring
 * works. `nothing`: no checkpoint is signed yet. `conflict`: what was anchored last is not what the store has at that height, so that somebody changed the
 * store behind Radloop's back, or put back a backup without saying so; nothing is added, and `radloop audit verify` says where it broke.
 */
export async function anchorLast({ audit, anchors, key }: Anchoring, at: Instant): Promise<'anchored' | 'nothing' | 'conflict'> {
  const before = await anchors.last();
  if (before !== null && before.height > 0 && (await audit.checkpoint(before.height))?.hash !== before.hash) return 'conflict';
  const last = await audit.checkpoint('last');
  if (last?.signed == null) return 'nothing';
  const { height, upto, hash } = last;
  await add(anchors, key, { height, upto, hash, at, restored: false });
  return 'anchored';
}

export interface AnchoringRestored extends Anchoring {
  readonly key: Signs & Verifies;
}

/**
 * After a store was put back to an earlier state: goes on from the highest anchor that counts still and fits it. Every higher one counts no more, also of a line that
 * an earlier restore left, and everybody can see that it was so. What stands in the store above it has its anchor yet to come (`anchorLast`).
 */
export async function anchorRestored({ audit, anchors, key }: AnchoringRestored, at: Instant): Promise<void> {
  const { height, upto, hash } = (await lastThatFits({ audit, anchors, key })) ?? { height: 0, upto: 0, hash: START };
  await add(anchors, key, { height, upto, hash, at, restored: true });
}

/** Null: none does. */
async function lastThatFits({ audit, anchors, key }: AnchoringRestored): Promise<Checkpoint | null> {
  const { byHeight } = await knownAnchors({ anchors, key });
  for (const height of [...byHeight.keys()].sort((one, other) => other - one)) {
    const found = await audit.checkpoint(height);
    if (found !== null && found.hash === byHeight.get(height)?.hash) return found;
  }
  return null;
}

async function add(anchors: Anchors, key: Signs, anchor: Unsigned<Anchor>): Promise<void> {
  await anchors.add({ ...anchor, signed: await signed(key, anchorBytes(anchor)) });
}
