import type { CaseId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { OutboxShare } from '#ports/outbox-store.js';
import { nameOf } from './cosmos-documents.ts';
import type { OutboxDocument } from './cosmos-documents.ts';

/** An item that can be claimed from `readyAt` on: where it lies, and what says which share it is of. */
export type Ready = Pick<OutboxDocument, 'id' | 'destination' | 'effectKind'> & { readonly caseId: CaseId; readonly readyAt: Instant };

/** Items that this process has made ready to be claimed: a hint, so that nobody needs to look over all cases for them. What it does not hold is found by the sweep. */
export interface ReadyItems {
  /** Items as they were just written; one that can't be claimed any more is forgotten. */
  add(items: readonly OutboxDocument[]): void;
  /** Takes out those of this share that are due. */
  take(now: Instant, most: number, share?: OutboxShare): Ready[];
  next(share?: OutboxShare): Instant | null;
}

/** More is not remembered. */
const MOST = 10_000;

export function readyItems(): ReadyItems {
  const known = new Map<string, Ready>();
  const of = (share?: OutboxShare): Ready[] => [...known.values()].filter((one) => isOf(one, share));
  return {
    add(items) {
      for (const item of items) {
        const { caseId, id, destination, effectKind, readyAt } = item;
        known.delete(nameOf(item));
        if (readyAt !== undefined && known.size < MOST) known.set(nameOf(item), { caseId, id, destination, effectKind, readyAt });
      }
    },
    take(now, most, share) {
      const due = of(share)
        .filter(({ readyAt }) => readyAt <= now)
        .sort((a, b) => (a.readyAt < b.readyAt ? -1 : a.readyAt > b.readyAt ? 1 : 0))
        .slice(0, most);
      for (const one of due) known.delete(nameOf(one));
      return due;
    },
    next(share) {
      return of(share).reduce<Instant | null>((first, { readyAt }) => (first === null || readyAt < first ? readyAt : first), null);
    },
  };
}

function isOf({ destination, effectKind }: Ready, share?: OutboxShare): boolean {
  if (share === undefined) return true;
  if ('destination' in share) return destination === share.destination;
  if ('kinds' in share) return share.kinds.includes(effectKind);
  return !share.notKinds.includes(effectKind) && (destination === null || !share.notDestinations.includes(destination));
}
