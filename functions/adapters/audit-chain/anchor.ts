import type { Instant } from '#core/time.js';
import type { Anchor, Anchors } from '#ports/anchors.js';
import type { AuditStore } from '#ports/audit-store.js';
import type { Unsigned } from './checkpoint.ts';
import { anchorBytes } from './checkpoint.ts';
import { START } from './row.ts';
import { signed } from './signature.ts';
import type { Signs } from './signature.ts';

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

/** After a backup was put back: what was anchored later than the backup's last checkpoint counts no more, and everybody can see that it was so. */
export async function anchorRestored({ audit, anchors, key }: Anchoring, at: Instant): Promise<void> {
  const { height, upto, hash } = (await audit.checkpoint('last')) ?? { height: 0, upto: 0, hash: START };
  await add(anchors, key, { height, upto, hash, at, restored: true });
}

async function add(anchors: Anchors, key: Signs, anchor: Unsigned<Anchor>): Promise<void> {
  await anchors.add({ ...anchor, signed: await signed(key, anchorBytes(anchor)) });
}
