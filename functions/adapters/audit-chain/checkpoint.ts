import type { Anchor } from '#ports/anchors.js';
import type { Checkpoint, Purge } from '#ports/audit-store.js';
import { START, sha256 } from './row.ts';

/** Rows that one checkpoint joins at most (INVARIANTS 3). */
export const MOST_ROWS = 1000;

export type Unsigned<T> = Omit<T, 'signed'>;

/** Joins rows to the checkpoint before. @param hashes of the rows, in the order in which the chain is read again */
export function nextCheckpoint(before: Checkpoint | null, at: string, hashes: readonly string[]): Unsigned<Checkpoint> {
  const prev = before?.hash ?? START;
  const upto = (before?.upto ?? 0) + hashes.length;
  return { height: (before?.height ?? 0) + 1, at, upto, rows: hashes.length, prev, hash: checkpointHash(prev, at, upto, hashes) };
}

/** The hash that a checkpoint over these rows must have. */
export function checkpointHash(prev: string, at: string, upto: number, hashes: readonly string[]): string {
  return sha256(JSON.stringify([prev, at, upto, hashes.length, sha256(hashes.join(''))]));
}

// What the site's key signs begins with what it is, so that a signature made for one thing is worth nothing for another.

/** @param unsigned how many checkpoints before it nobody signed, because they were written before there was a key: so none loses its signature later */
export function checkpointBytes({ height, hash }: Unsigned<Checkpoint>, unsigned: number): Uint8Array {
  return bytesOf('radloop audit checkpoint', height, hash, unsigned);
}

export function anchorBytes({ height, upto, hash, at, restored }: Unsigned<Anchor>): Uint8Array {
  return bytesOf('radloop audit anchor', height, upto, hash, at, restored);
}

export function purgeBytes({ id, at, before, upto, rows, digest }: Unsigned<Purge>): Uint8Array {
  return bytesOf('radloop audit purge', id, at, before, upto, rows, digest);
}

function bytesOf(...fields: readonly (string | number | boolean)[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(fields));
}
