import { channel } from 'node:diagnostics_channel';
import { closeSync, fdatasync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { checkpoints } from './checkpoints.ts';
import { copyAllAnew } from './log-index.ts';
import { BUSY_MS } from './store-file.ts';

/** Writes something. */
export const PROBE = "INSERT INTO meta (name, value) VALUES ('probe', '1') ON CONFLICT DO UPDATE SET value = value + 1";

/** The disk did not take what was written. */
export class StoreBroken extends Error {}

/** Told of each sync that was done, with the seconds that it took. */
const syncs = channel('radloop.store.sync');

/** The write-ahead log: what was committed is on the disk once `sync` resolves. */
interface SyncedLog {
  sync(): Promise<void>;
  close(): void;
}

function syncedLog(file: string): SyncedLog {
  const log = openSync(`${file}-wal`, 'r+');
  // A file that is new is found again after a power loss only when its folder is on the disk too.
  const folder = openSync(dirname(file), 'r');
  fsyncSync(folder);
  closeSync(folder);
  const sync = promisify(fdatasync);
  return {
    async sync() {
      const began = performance.now();
      await sync(log);
      syncs.publish((performance.now() - began) / 1000);
    },
    close() {
      closeSync(log);
    },
  };
}

export interface GroupCommit {
  add(waiting: Waiting): void;
  /** Throws StoreBroken from a sync that failed, of the log or of the file, until the disk is well: what is in the store then may not be on it, and nobody may act on it. */
  check(): void;
  /** Resolves when all that is committed now is on the disk, or known not to be (`check`). */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds between two tries whether the disk is well again. */
const MEND_EVERY_MS = 1000;

/**
 * One transaction and one sync for all that waits; what comes while a sync is under way is the next group. After a sync that failed nothing is written and nothing
 * read, until the disk has taken all of it once more (`rewritten`), which is tried every second.
 */
export function groupCommit(db: DatabaseSync, file: string): GroupCommit {
  const log = syncedLog(file);
  let waiting: Waiting[] = [];
  let isScheduled = false;
  let syncing: Promise<void> | null = null;
  let broken: Error | null = null;
  let mending: ReturnType<typeof setTimeout> | undefined;
  let closing = false;
  const failed = (cause: unknown): Error => {
    if (broken !== null) return broken;
    broken = new StoreBroken('The disk did not take what was written: nothing is written or read until it does.', { cause });
    forget();
    mending = setTimeout(mend, MEND_EVERY_MS);
    return broken;
  };
  /** At once, so that no other process trusts what this one knows to be doubtful; `mend` does it again. */
  const forget = (): void => {
    try {
      briefly(db, () => {
        copyAllAnew(db, file);
      });
    } catch {
      // The same disk, or another process is at work.
    }
  };
  const passes = checkpoints(db, file, failed);
  const schedule = (): void => {
    if (isScheduled || syncing !== null || waiting.length === 0) return;
    isScheduled = true;
    setImmediate(flush);
  };
  const flush = (): void => {
    isScheduled = false;
    if (syncing !== null) return;
    if (broken === null && passes.isRestDue()) {
      syncing = passes.rest().then(() => {
        syncing = null;
        schedule();
      });
      return;
    }
    const batch = waiting;
    waiting = [];
    const committed = broken === null ? commitTogether(db, batch) : [];
    if (broken !== null) for (const { reject } of batch) reject(broken);
    if (committed.length === 0) return;
    syncing = log.sync().then(
      () => {
        syncing = null;
        if (broken === null) passes.wrote(committed.length);
        for (const { tell } of committed) tell();
        schedule();
      },
      (error: unknown) => {
        syncing = null;
        const why = failed(error);
        for (const { reject } of committed) reject(why);
        schedule();
      },
    );
  };
  const mend = (): void => {
    passes
      .renew()
      .then(() => rewritten(db, file, log))
      .then(
        () => {
          broken = null;
        },
        () => {
          if (!closing) mending = setTimeout(mend, MEND_EVERY_MS);
        },
      );
  };
  return {
    add(one) {
      waiting.push(one);
      schedule();
    },
    check() {
      if (broken !== null) throw broken;
    },
    settled: () => syncing ?? Promise.resolve(),
    async close() {
      closing = true;
      clearTimeout(mending);
      while (waiting.length > 0 || syncing !== null) {
        await syncing;
        if (waiting.length > 0) flush();
      }
      await passes.close();
      // SQLite makes one more checkpoint when the last process closes the file.
      if (broken !== null) forget();
      log.close();
    },
  };
}

/** Milliseconds that it waits for the other processes of the store: the next try comes soon. */
const MEND_BUSY_MS = 200;

function briefly(db: DatabaseSync, work: () => void): void {
  db.exec(`PRAGMA busy_timeout = ${MEND_BUSY_MS}`);
  try {
    work();
  } finally {
    db.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
  }
}

/**
 * After a failed sync the kernel takes the pages for clean, though they never reached the disk: a second sync alone would succeed and mean nothing. So the whole log
 * is read once more and written to the file, which is synced (SQLite's checkpoint; it syncs the log too), and then a row is written and synced. The log has all that
 * the file may lack: it is used anew only after a sync of the file that succeeded.
 */
async function rewritten(db: DatabaseSync, file: string, log: SyncedLog): Promise<void> {
  briefly(db, () => {
    copyAllAnew(db, file);
    const done = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
    if (done?.['busy'] !== 0) throw new Error('another process is at work on the store');
    db.exec(PROBE);
  });
  await log.sync();
}

interface Waiting {
  /** Does the work inside the transaction; gives what to do once it is on disk. */
  readonly work: () => () => void;
  readonly reject: (error: unknown) => void;
}

/** What was written in a transaction, and is told when that is on disk. */
interface Committed extends Pick<Waiting, 'reject'> {
  readonly tell: () => void;
}

function commitTogether(db: DatabaseSync, batch: readonly Waiting[]): readonly Committed[] {
  try {
    db.exec('BEGIN IMMEDIATE');
    const committed = worked(db, batch);
    db.exec('COMMIT');
    return committed;
  } catch (error) {
    if (db.isOpen && db.isTransaction) db.exec('ROLLBACK');
    for (const { reject } of batch) reject(error);
    return [];
  }
}

/** All together, which costs nothing more; when one of them fails, once more with each undone by itself. */
function worked(db: DatabaseSync, batch: readonly Waiting[]): readonly Committed[] {
  try {
    return batch.map(({ work, reject }) => ({ tell: work(), reject }));
  } catch {
    // A full disk has ended the transaction already.
    if (db.isTransaction) db.exec('ROLLBACK');
    db.exec('BEGIN IMMEDIATE');
    return batch.flatMap((waiting) => byItself(db, waiting));
  }
}

function byItself(db: DatabaseSync, { work, reject }: Waiting): readonly Committed[] {
  db.exec('SAVEPOINT one');
  try {
    const tell = work();
    db.exec('RELEASE one');
    return [{ tell, reject }];
  } catch (error) {
    db.exec('ROLLBACK TO one; RELEASE one');
    reject(error);
    return [];
  }
}
