import { openSync, statSync, writeSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

/** In the first of the two copies of the index's header: the byte that says that it is in use (sqlite.org/walformat.html, 2.1). */
const IS_INIT = 12;

/** Kept open for as long as the process lives: closing any handle of this file drops the locks that SQLite holds on it (POSIX). By device and inode. */
const handles = new Map<string, number>();

/**
 * From here on nothing in the write-ahead log counts as copied: the next checkpoint, of whichever process, copies all of it once more.
 *
 * SQLite counts pages as copied that no sync of the file has covered yet; when that sync fails, the kernel takes them for clean and they are gone, while the log
 * is used anew. So this comes after each sync that failed, and before a file that was opened beside other processes is trusted: it does not hear of what failed
 * before. The two copies of the header are made to differ, under the write lock, so that no commit mends them: SQLite then makes the index anew from the log, as
 * after a crash. It does that under its own locks and waits for a checkpoint that is under way; whoever reads goes on. What the log can't give whole ends it.
 * Throws when another process writes for longer than the connection waits.
 */
export function copyAllAnew(db: DatabaseSync, file: string): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    writeSync(handleOf(`${file}-shm`), Buffer.of(0), 0, 1, IS_INIT);
  } finally {
    db.exec('ROLLBACK');
  }
}

function handleOf(index: string): number {
  const { dev, ino } = statSync(index);
  const key = `${dev}:${ino}`;
  const handle = handles.get(key) ?? openSync(index, 'r+');
  handles.set(key, handle);
  return handle;
}
