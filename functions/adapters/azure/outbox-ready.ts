import { precedence } from '#core/effect.js';
import type { CaseId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { OutboxShare } from '#ports/outbox-store.js';
import { nameOf } from './cosmos-documents.ts';
import type { OutboxDocument } from './cosmos-documents.ts';

/** An item that can be claimed from `readyAt` on: where it lies, and what says which share it is of. */
export type Ready = Pick<OutboxDocument, 'id' | 'destination' | 'effectKind' | 'rank'> & {
  readonly caseId: CaseId;
  readonly readyAt: Instant;
  /** It was not tried before. What was goes first once its time has come: it stands behind no flood of new ones. */
  readonly fresh: boolean;
  /** Counts what was added: of one time the first goes first. */
  readonly nth: number;
};

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

/** Of items written before ranks were kept. */
export const USUAL_RANK = precedence.options.indexOf('new');

export function ranksOf({ precedence: wanted = precedence.options }: Extract<OutboxShare, { readonly kinds: unknown }>): readonly number[] {
  return wanted.map((one) => precedence.options.indexOf(one));
}

/** Items of one receiver or kind and rank, the first due first: a binary heap. One that was forgotten or has another time now is passed over when its turn comes. */
interface Run {
  readonly of: Pick<Ready, 'destination' | 'effectKind' | 'rank'>;
  readonly heap: Ready[];
}

export function readyItems(): ReadyItems {
  const known = new Map<string, Ready>();
  const runs = new Map<string, Run>();
  let nth = 0;
  const runsOf = (share?: OutboxShare): Run[] => [...runs.values()].filter(({ of }) => isOf(of, share));
  /** The first of a run that still holds. */
  const first = ({ heap }: Run): Ready | null => {
    for (;;) {
      const [top] = heap;
      if (top === undefined || known.get(nameOf(top)) === top) return top ?? null;
      pop(heap);
    }
  };
  return {
    add(items) {
      for (const item of items) {
        const { caseId, id, destination, effectKind, rank = USUAL_RANK, readyAt } = item;
        const fresh = item.attempt === 0;
        known.delete(nameOf(item));
        // Ten thousand routine cards leave room for what is urgent, and for what is no card.
        const room = effectKind === 'showCard' && rank >= USUAL_RANK ? MOST : 2 * MOST;
        if (readyAt === undefined || known.size >= room) continue;
        const ready: Ready = { caseId, id, destination, effectKind, rank, readyAt, fresh, nth: (nth += 1) };
        known.set(nameOf(item), ready);
        const name = `${destination ?? ''} ${effectKind} ${rank} ${String(fresh)}`;
        const run = runs.get(name) ?? { of: ready, heap: [] };
        runs.set(name, run);
        // What was forgotten is let go of before it is more than what is known.
        if (run.heap.length > 2 * MOST) run.heap.splice(0, run.heap.length, ...run.heap.filter((one) => known.get(nameOf(one)) === one).sort(byTime));
        push(run.heap, ready);
      }
    },
    take(now, most, share) {
      const taken: Ready[] = [];
      const open = runsOf(share);
      while (taken.length < most) {
        const tops = open.map((run) => ({ run, top: first(run) })).filter(({ top }) => top !== null && top.readyAt <= now);
        const next = earliest(tops.filter(({ top }) => top?.fresh === false)) ?? earliest(tops);
        if (next === null) break;
        pop(next.run.heap);
        known.delete(nameOf(next.top));
        taken.push(next.top);
      }
      return taken;
    },
    next: (share) => earliest(runsOf(share).map((run) => ({ run, top: first(run) })))?.top.readyAt ?? null,
  };
}

function earliest(tops: readonly { readonly run: Run; readonly top: Ready | null }[]): { readonly run: Run; readonly top: Ready } | null {
  return tops.reduce<{ readonly run: Run; readonly top: Ready } | null>(
    (best, { run, top }) => (top !== null && (best === null || byTime(top, best.top) < 0) ? { run, top } : best),
    null,
  );
}

function byTime(one: Ready, other: Ready): number {
  return one.readyAt < other.readyAt ? -1 : one.readyAt > other.readyAt ? 1 : one.nth - other.nth;
}

function push(heap: Ready[], item: Ready): void {
  heap.push(item);
  for (let at = heap.length - 1; at > 0;) {
    const parent = (at - 1) >> 1;
    if (!swapIfBefore(heap, at, parent)) return;
    at = parent;
  }
}

function pop(heap: Ready[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  heap[0] = last;
  for (let at = 0; ;) {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    const [one, other] = [heap[left], heap[right]];
    if (one === undefined) return;
    const child = other !== undefined && byTime(other, one) < 0 ? right : left;
    if (!swapIfBefore(heap, child, at)) return;
    at = child;
  }
}

/** Puts what stands at `child` where its parent stands, when it is due before it. */
function swapIfBefore(heap: Ready[], child: number, parent: number): boolean {
  const [below, above] = [heap[child], heap[parent]];
  if (below === undefined || above === undefined || byTime(below, above) >= 0) return false;
  heap[child] = above;
  heap[parent] = below;
  return true;
}

function isOf({ destination, effectKind, rank = USUAL_RANK }: Run['of'], share?: OutboxShare): boolean {
  if (share === undefined) return true;
  if ('destination' in share) return destination === share.destination;
  if ('kinds' in share) return share.kinds.includes(effectKind) && ranksOf(share).includes(rank);
  return !share.notKinds.includes(effectKind) && (destination === null || !share.notDestinations.includes(destination));
}
