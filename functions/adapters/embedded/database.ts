import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue } from 'node:sqlite';
import { groupCommit } from './group-commit.ts';
import { openInstance } from './instances.ts';
import { reseal } from './resealing.ts';
import { makeSecret, openSealing, readSecret } from './sealing.ts';
import type { Sealing } from './sealing.ts';
import { siteKeyFile } from './site-key-file.ts';
import type { FileSiteKey } from './site-key-file.ts';
import { nameKeyFile, siteKeyPlace } from './site-key-place.ts';
import { BUSY_MS, checkSqlite, checkVersion, prepareFile } from './store-file.ts';
import { inTransaction, tablesOf } from './tables.ts';
import type { Tables } from './tables.ts';

export { StoreInUse, StoreTooNew } from './store-file.ts';

/**
 * One SQLite file with a write-ahead log; several processes may work on it, one writes at a time (ADR 0026). What `write` has resolved is on the disk: SQLite
 * syncs the log before it copies it into the file (synchronous=NORMAL), and after each commit the log is synced here, off the main thread, which works on the
 * next messages meanwhile (ADR 0021).
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
   * `all` and `get` see what is committed, also what is not on the disk yet: whoever lets something out because of it asks inside `write`, or waits for `settled`.
   * `run`: inside `write` only.
   */
  run(sql: string, ...values: SQLInputValue[]): { changes: number; lastInsertRowid: number };
  /** Resolves when all that was committed before is on the disk. */
  settled(): Promise<void>;
  /** A secret of this store: case ids are keyed with it. It stands in it sealed. */
  readonly secret: string;
  readonly sealing: Sealing;
  readonly siteKey: FileSiteKey;
  readonly folder: string;
  /** This opening of the store, among all that have it open: owner of what is claimed through it. */
  readonly instance: string;
  isOpen(): boolean;
  close(): Promise<void>;
}

/**
 * Opens or makes the store in `folder` (made with mode 0700).
 * @param readOnly for commands that look while the service runs: no change.
 * @param keyFile the site key, made with a new store. Left out: where siteKeyPlace finds it. Who only looks needs it for what is sealed alone.
 * @throws SqliteTooOld, StoreInUse, StoreTooNew, StoreTooOld; SiteKeyError when the store is sealed under a key that is not there
 */
export function openDatabase(
  folder: string,
  { readOnly = false, keyFile }: { readonly readOnly?: boolean; readonly keyFile?: string } = {},
): Database {
  checkSqlite(process.versions);
  if (!readOnly) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(join(folder, 'radloop.sqlite'), { readOnly });
  try {
    return opened(db, folder, keyFile, readOnly);
  } catch (error) {
    db.close();
    throw error;
  }
}

function opened(db: DatabaseSync, folder: string, keyFile: string | undefined, readOnly: boolean): Database {
  const file = join(folder, 'radloop.sqlite');
  db.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
  if (readOnly) checkVersion(db, file);
  else prepareFile(db, file);
  const tables = tablesOf(db);
  const siteKey = once(() => keyOfStore(tables, folder, keyFile, readOnly));
  const sealing = once(() => openSealing(tables, siteKey()));
  const secret = once(() => readSecret(tables, sealing()));
  if (!readOnly) {
    reseal(tables, sealing());
    inTransaction(tables, () => {
      makeSecret(tables, sealing());
      nameKeyFile(tables, siteKey().file);
    });
  }
  const instance = readOnly ? null : openInstance(db, folder);
  const group = readOnly ? null : groupCommit(db, file);
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
    all(sql, ...values) {
      group?.check();
      return tables.all(sql, ...values);
    },
    get(sql, ...values) {
      group?.check();
      return tables.get(sql, ...values);
    },
    run: (sql, ...values) => tables.run(sql, ...values),
    settled: async () => {
      await group?.settled();
      group?.check();
    },
    ...{ folder, instance: instance?.id ?? 'reader' },
    get secret() {
      return secret();
    },
    get sealing() {
      return sealing();
    },
    get siteKey() {
      return siteKey();
    },
    isOpen: () => db.isOpen,
    async close() {
      await group?.close();
      db.close();
      instance?.close();
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}

function keyOfStore(tables: Tables, folder: string, given: string | undefined, readOnly: boolean): FileSiteKey {
  const mustExist = readOnly || tables.get('SELECT 1 FROM wrapping_keys LIMIT 1') !== undefined;
  return siteKeyFile(siteKeyPlace(tables, folder, given), { mustExist });
}
