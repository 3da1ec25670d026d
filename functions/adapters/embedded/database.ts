import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, existsSync, fdatasync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { SCHEMA_VERSION, migrate } from './schema.ts';

/**
 * One SQLite file with a write-ahead log; one writing process at a time. What `write` has resolved is on the disk: SQLite syncs the log before it copies it into
 * the file (synchronous=NORMAL), and after each commit the log is synced here, off the main thread, which works on the next messages meanwhile (ADR 0021).
 */
export interface Database {
  /**
   * Runs `work` in a transaction that is shared with whatever else is waiting (one fsync for all); resolves when it is on disk. `work` that throws undoes only
   * itself. It may be run twice, the first run undone: its statements are all that it does.
   */
  write<T>(work: () => T): Promise<T>;
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[];
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined;
  /**
   * `all` and `get` see what is committed, also what is not on the disk yet: whoever lets something out because of it asks inside `write`.
   * `run`: inside `write` only.
   */
  run(sql: string, ...values: SQLInputValue[]): { changes: number; lastInsertRowid: number };
  /** A secret of this store: case ids are keyed with it. */
  readonly secret: string;
  readonly folder: string;
  close(): Promise<void>;
}

/** The disk did not take what was written. */
export class StoreBroken extends Error {}
/** Another process holds the store. */
export class StoreInUse extends Error {}
/** The store was written by a newer Radloop. */
export class StoreTooNew extends Error {}

/**
 * Opens or makes the store in `folder` (made with mode 0700).
 * @param readOnly for commands that look while the service runs: no lock, no change.
 */
export function openDatabase(folder: string, { readOnly = false } = {}): Database {
  const file = join(folder, 'radloop.sqlite');
  if (!readOnly) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = readOnly ? null : takeLock(folder);
  const db = new DatabaseSync(file, { readOnly });
  db.exec('PRAGMA busy_timeout = 5000');
  if (!readOnly) prepareFile(db, file);
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known) return known;
    const made = db.prepare(sql);
    statements.set(sql, made);
    return made;
  };
  const run: Database['run'] = (sql, ...values) => {
    const { changes, lastInsertRowid } = prepare(sql).run(...values);
    return { changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) };
  };

  const group = readOnly ? null : groupCommit(db, syncedLog(file));
  return {
    write<T>(work: () => T): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        if (group === null) throw new Error('The store is open for reading only.');
        group.add({
          work: () => {
            const value = work();
            return () => {
              resolve(value);
            };
          },
          reject,
        });
      });
    },
    all<Row>(sql: string, ...values: SQLInputValue[]) {
      group?.check();
      return prepare(sql).all(...values) as Row[];
    },
    get<Row>(sql: string, ...values: SQLInputValue[]) {
      group?.check();
      return prepare(sql).get(...values) as Row | undefined;
    },
    run,
    secret: readSecret(db, readOnly),
    folder,
    async close() {
      await group?.close();
      db.close();
      lock?.close();
    },
  };
}

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
    sync: () => sync(log),
    close() {
      closeSync(log);
    },
  };
}

interface GroupCommit {
  add(waiting: Waiting): void;
  /** Throws StoreBroken after a sync that failed: what is in the store then may not be on the disk, and nobody may act on it. */
  check(): void;
  close(): Promise<void>;
}

/** One transaction and one sync for all that waits; what comes while a sync is under way is the next group. After a sync that failed nothing is written any more. */
function groupCommit(db: DatabaseSync, log: SyncedLog): GroupCommit {
  let waiting: Waiting[] = [];
  let isScheduled = false;
  let syncing: Promise<void> | null = null;
  let broken: Error | null = null;
  const schedule = (): void => {
    if (isScheduled || syncing !== null || waiting.length === 0) return;
    isScheduled = true;
    setImmediate(flush);
  };
  const flush = (): void => {
    isScheduled = false;
    if (syncing !== null) return;
    const batch = waiting;
    waiting = [];
    const committed = broken === null ? commitTogether(db, batch) : [];
    if (broken !== null) for (const { reject } of batch) reject(broken);
    if (committed.length === 0) return;
    syncing = log.sync().then(
      () => {
        syncing = null;
        for (const { tell } of committed) tell();
        schedule();
      },
      (error: unknown) => {
        syncing = null;
        broken = new StoreBroken('The disk did not take what was written: nothing more is written until Radloop is started anew.', { cause: error });
        for (const { reject } of committed) reject(broken);
        schedule();
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
    async close() {
      while (waiting.length > 0 || syncing !== null) {
        await syncing;
        if (waiting.length > 0) flush();
      }
      log.close();
    },
  };
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

/** A lock that dies with the process, also by SIGKILL: an exclusive transaction on a file of its own. */
function takeLock(folder: string): DatabaseSync {
  const lock = new DatabaseSync(join(folder, 'service.lock'));
  try {
    lock.exec('PRAGMA busy_timeout = 2000; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS held (x)');
    return lock;
  } catch (cause) {
    lock.close();
    throw new StoreInUse(`Another Radloop is using ${folder}: stop it, or give this one another folder with --data DIR.`, { cause });
  }
}

const CACHE_KB = 65_536;

function prepareFile(db: DatabaseSync, file: string): void {
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
  db.exec(`PRAGMA cache_size = -${CACHE_KB}`);
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > SCHEMA_VERSION)
    throw new StoreTooNew(`${file} was written by a newer Radloop (schema ${version}, this one knows ${SCHEMA_VERSION}): use that one.`);
  if (version < SCHEMA_VERSION) {
    // What a step takes away is overwritten, not only left out of sight.
    db.exec('PRAGMA secure_delete = ON; BEGIN IMMEDIATE');
    migrate(db, version);
    db.exec('COMMIT; PRAGMA secure_delete = OFF');
  }
  // After a disk that failed the log may only seem to be on it: its pages are written anew and synced.
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  for (const name of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(name)) chmodSync(name, 0o600);
}

function readSecret(db: DatabaseSync, readOnly: boolean): string {
  const found = db.prepare("SELECT value FROM meta WHERE name = 'secret'").get() as { value: string } | undefined;
  if (found) return found.value;
  const secret = randomBytes(32).toString('hex');
  if (!readOnly) db.prepare("INSERT INTO meta (name, value) VALUES ('secret', ?)").run(secret);
  return secret;
}
