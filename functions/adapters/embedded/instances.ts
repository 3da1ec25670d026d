import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * A process that has the store open for writing. It holds a lock file of its own for as long as it lives, so that the others know at once when it has ended;
 * what it has claimed carries its id (ADR 0026).
 */
export interface Instance {
  readonly id: string;
  /** After the last write. */
  close(): void;
}

const lockFile = (folder: string, id: string): string => join(folder, 'instances', `${id}.lock`);

/** The lock comes before the row: whoever sees the row finds the lock held, or its holder dead. */
export function openInstance(db: DatabaseSync, folder: string): Instance {
  const id = randomBytes(8).toString('hex');
  mkdirSync(join(folder, 'instances'), { recursive: true, mode: 0o700 });
  const file = lockFile(folder, id);
  const lock = lockOf(file);
  if (lock === null) throw new Error(`${file} is new, and held by another process.`);
  db.prepare("INSERT INTO instances (id, pid, started) VALUES (?, ?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))").run(id, process.pid);
  return {
    id,
    close() {
      lock.close();
      rmSync(file, { force: true });
    },
  };
}

/** A lock that dies with the process, also by SIGKILL: an exclusive transaction on a file of its own, in which nothing is written. Null: somebody holds it. */
export function lockOf(file: string): DatabaseSync | null {
  const lock = new DatabaseSync(file);
  try {
    lock.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
    return lock;
  } catch {
    lock.close();
    return null;
  }
}

function isHeld(file: string): boolean {
  if (!existsSync(file)) return false;
  const lock = lockOf(file);
  lock?.close();
  return lock === null;
}

/** Does a process work on this store, of this Radloop or of one before it had instances? Looked at before the tables are changed. */
export function isInUse(folder: string): boolean {
  const files = existsSync(join(folder, 'instances')) ? readdirSync(join(folder, 'instances')) : [];
  return isHeld(join(folder, 'service.lock')) || files.some((name) => name.endsWith('.lock') && isHeld(join(folder, 'instances', name)));
}

/** Does the process of this instance live? One that hangs does. */
export function isAlive(folder: string, id: string): boolean {
  return isHeld(lockFile(folder, id));
}

/** Takes away what a dead one left in the folder. */
export function forget(folder: string, id: string): void {
  rmSync(lockFile(folder, id), { force: true });
}
