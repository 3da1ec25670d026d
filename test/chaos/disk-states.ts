import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DiskEvent } from './disk-trace.ts';

type Change = DiskEvent & { readonly kind: 'write' | 'truncate' | 'unlink' };

interface DiskFile {
  /** What a power loss leaves for certain. */
  durable: Buffer;
  /** Asked for and not yet covered by a sync: each may be on the disk, or not, or torn. */
  pending: { readonly change: Change; isDone: boolean }[];
}

/** A disk that is told what a process asked of it, and can lose its power at any moment. Directories are durable with their files (INVARIANTS 5). */
export class Disk {
  private readonly files = new Map<string, DiskFile>();
  private readonly covered = new Map<number, readonly Change[]>();

  tell(event: DiskEvent): void {
    if (event.kind === 'said') return;
    const file = this.files.get(event.file) ?? { durable: Buffer.alloc(0), pending: [] };
    this.files.set(event.file, file);
    switch (event.kind) {
      case 'write':
      case 'truncate':
      case 'unlink':
        file.pending.push({ change: event, isDone: false });
        return;
      case 'done':
        for (const one of file.pending) if (one.change.id === event.id) one.isDone = true;
        return;
      case 'sync':
        // Covers what had returned when it began, in the order in which it was asked for.
        this.covered.set(event.id, this.coveredBy(event.file));
        return;
      case 'synced':
      case 'unsynced': {
        // After a sync that failed the kernel takes what it covers for clean, though it is not on the disk: no later sync writes it.
        const covered = new Set(this.covered.get(event.id));
        for (const one of this.files.values()) {
          const ended = one.pending.map(({ change }) => change).filter((change) => covered.has(change));
          if (event.kind === 'synced') one.durable = allApplied(one.durable, ended);
          one.pending = one.pending.filter(({ change }) => !covered.has(change));
        }
        return;
      }
      default:
        event satisfies never;
    }
  }

  private coveredBy(name: string): Change[] {
    const done = [...this.files].flatMap(([file, { pending }]) => pending.filter(({ isDone }) => isDone).map(({ change }) => ({ file, change })));
    return done
      .filter(({ file, change }) => (name === '' ? change.kind === 'unlink' : file === name && change.kind !== 'unlink'))
      .map(({ change }) => change);
  }

  /**
   * Writes what the disk may hold after a power loss now. @param roll a number from 0 up to 1, again and again: of each change that no sync covers it decides whether it
   * is there, is not, or is torn at 512 bytes; they are applied in any order.
   */
  lose(folder: string, roll: () => number): void {
    mkdirSync(folder, { recursive: true });
    for (const [name, { durable, pending }] of this.files) {
      let bytes = durable;
      for (const change of shuffled(pending.map((one) => one.change), roll)) bytes = survives(bytes, change, roll); // prettier-ignore
      // The index of the log is made anew from the log.
      if (bytes.length > 0 && !name.endsWith('-shm')) writeFileSync(join(folder, name), bytes);
    }
  }
}

const SECTOR = 512;

function survives(before: Buffer, change: Change, roll: () => number): Buffer {
  const fate = roll();
  if (fate < 0.35) return before;
  if (fate < 0.7 || change.kind !== 'write') return applied(before, change);
  let after = before;
  for (let at = 0; at < change.bytes.length; at += SECTOR) {
    const sector = { ...change, offset: change.offset + at, bytes: change.bytes.subarray(at, at + SECTOR) };
    if (roll() < 0.5) after = applied(after, sector);
  }
  return after;
}

/** In place where it is long enough: a checkpoint is thousands of pages. */
function allApplied(before: Buffer, changes: readonly Change[]): Buffer {
  let after: Buffer = Buffer.from(before);
  for (const change of changes) {
    if (change.kind === 'write' && change.offset + change.bytes.length <= after.length) change.bytes.copy(after, change.offset);
    else after = applied(after, change);
  }
  return after;
}

function applied(before: Buffer, change: Change): Buffer {
  if (change.kind === 'unlink') return Buffer.alloc(0);
  const length = change.kind === 'truncate' ? change.length : Math.max(before.length, change.offset + change.bytes.length);
  const after = length <= before.length ? Buffer.from(before.subarray(0, length)) : Buffer.concat([before, Buffer.alloc(length - before.length)]);
  if (change.kind === 'write') change.bytes.copy(after, change.offset);
  return after;
}

function shuffled<T>(list: readonly T[], roll: () => number): T[] {
  return list
    .map((item) => ({ item, at: roll() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
