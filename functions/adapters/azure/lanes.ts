import type { HeadDocument, OutboxDocument, Waiting } from './cosmos-documents.ts';

type Place = Pick<OutboxDocument, 'id' | 'seq' | 'lane'>;

/** Does it hold up what is behind it in its lane? Advice that was refused, or that its receiver has and whose answer is awaited, holds nothing (ADR 0013). */
function holdsLane({ state, weight, awaits }: Pick<OutboxDocument, 'state' | 'weight' | 'awaits'>): boolean {
  if (state === 'held') return weight === 'commit';
  return (state === 'waiting' || state === 'leased') && (weight === 'commit' || awaits === undefined);
}

/** The lanes with this item in its place or out of it. */
export function withItem(lanes: HeadDocument['lanes'], item: OutboxDocument): HeadDocument['lanes'] {
  const { id, seq, lane } = item;
  if (lane === null) return lanes;
  const others = (lanes[lane] ?? []).filter((one) => one.id !== id);
  const now = holdsLane(item) ? [...others, { id, seq }].sort((a, b) => a.seq - b.seq) : others;
  if (now.length > 0) return { ...lanes, [lane]: now };
  const { [lane]: _, ...rest } = lanes;
  return rest;
}

/** The item that stands first in the lane, before which nothing waits. */
export function firstOf(lanes: HeadDocument['lanes'], lane: string | null): Waiting | undefined {
  return lane === null ? undefined : lanes[lane]?.[0];
}

/** Nothing of its lane is before it. */
function isFirst(lanes: HeadDocument['lanes'], { id, seq, lane }: Place): boolean {
  const first = firstOf(lanes, lane);
  return first === undefined || first.id === id || first.seq > seq;
}

/** The item with the time at which it can be claimed, or without one. */
export function placed(head: Pick<HeadDocument, 'lanes' | 'parked'>, item: OutboxDocument): OutboxDocument {
  const { readyAt: _, fresh: __, ...rest } = item;
  const isOpen = item.state === 'waiting' || item.state === 'leased';
  if (!isOpen || head.parked !== null || !isFirst(head.lanes, item)) return rest;
  return { ...rest, readyAt: item.leaseUntil ?? item.due, fresh: item.attempt === 0 ? 1 : 0 };
}
