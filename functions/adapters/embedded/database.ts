import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { SCHEMA, SCHEMA_VERSION } from './schema.ts';

/** One SQLite file, WAL with synchronous=FULL: what was committed is on the disk. One writing process at a time. */
export interface Database {
  /** Runs `work` in a transaction that is shared with whatever else is waiting (one fsync for all); resolves when it is on disk. `work` that throws undoes only itself. */
  write<T>(work: () => T): Promise<T>;
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[];
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined;
  /** Inside `write` only. */
  run(sql: string, ...values: SQLInputValue[]): { changes: number; lastInsertRowid: number };
  /** A secret of this store: case ids are keyed with it. */
  readonly secret: string;
  readonly folder: string;
  close(): Promise<void>;
}

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

  let waiting: Waiting[] = [];
  let scheduled = false;
  const flush = (): void => {
    scheduled = false;
    const batch = waiting;
    waiting = [];
    commitTogether(db, batch);
  };

  return {
    write<T>(work: () => T): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        waiting.push({
          work: () => {
            const value = work();
            return () => {
              resolve(value);
            };
          },
          reject,
        });
        if (!scheduled) {
          scheduled = true;
          setImmediate(flush);
        }
      });
    },
    all: <Row>(sql: string, ...values: SQLInputValue[]) => prepare(sql).all(...values) as Row[],
    get: <Row>(sql: string, ...values: SQLInputValue[]) => prepare(sql).get(...values) as Row | undefined,
    run,
    secret: readSecret(db, readOnly),
    folder,
    async close() {
      if (waiting.length > 0) flush();
      db.close();
      lock?.close();
      await Promise.resolve();
    },
  };
}

interface Waiting {
  /** Does the work inside the transaction; gives what to do once it is on disk. */
  readonly work: () => () => void;
  readonly reject: (error: unknown) => void;
}

function commitTogether(db: DatabaseSync, batch: readonly Waiting[]): void {
  const done: (() => void)[] = [];
  try {
    db.exec('BEGIN IMMEDIATE');
    for (const { work, reject } of batch) {
      db.exec('SAVEPOINT one');
      try {
        done.push(work());
        db.exec('RELEASE one');
      } catch (error) {
        db.exec('ROLLBACK TO one; RELEASE one');
        reject(error);
      }
    }
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    for (const { reject } of batch) reject(error);
    return;
  }
  for (const tell of done) tell();
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

function prepareFile(db: DatabaseSync, file: string): void {
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > SCHEMA_VERSION)
    throw new StoreTooNew(`${file} was written by a newer Radloop (schema ${version}, this one knows ${SCHEMA_VERSION}): use that one.`);
  db.exec(`BEGIN IMMEDIATE; ${SCHEMA}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
  for (const name of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(name)) chmodSync(name, 0o600);
}

function readSecret(db: DatabaseSync, readOnly: boolean): string {
  const found = db.prepare("SELECT value FROM meta WHERE name = 'secret'").get() as { value: string } | undefined;
  if (found) return found.value;
  const secret = randomBytes(32).toString('hex');
  if (!readOnly) db.prepare("INSERT INTO meta (name, value) VALUES ('secret', ?)").run(secret);
  return secret;
}
