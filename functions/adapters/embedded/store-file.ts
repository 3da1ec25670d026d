import { chmodSync, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { LOG_MOST_PAGES } from './checkpoints.ts';
import { isInUse } from './instances.ts';
import { copyAllAnew } from './log-index.ts';
import { SCHEMA_VERSION, migrate } from './schema.ts';

/** The store has to be changed for this Radloop, and another process works on it. */
export class StoreInUse extends Error {}
/** The SQLite in this Node.js can lose what was committed. */
export class SqliteTooOld extends Error {}
/** The store was written by a newer Radloop. */
export class StoreTooNew extends Error {}
/** The store is to be brought up to date first, by the service when it starts. */
export class StoreTooOld extends Error {}

const CACHE_KB = 65_536;
/** Milliseconds that a write waits for those of the other processes. */
export const BUSY_MS = 5000;

/** Before it a checkpoint and a commit on two connections, at the same instant, could lose the commit (sqlite.org/wal.html, "The WAL-Reset Bug"). */
const SQLITE = [3, 51, 3] as const;

export function checkSqlite({ node, sqlite = 'none' }: { readonly node: string; readonly sqlite?: string | undefined }): void {
  const [major = 0, minor = 0, patch = 0] = sqlite.split('.').map(Number);
  const isEnough = major !== SQLITE[0] ? major > SQLITE[0] : minor !== SQLITE[1] ? minor > SQLITE[1] : patch >= SQLITE[2];
  if (isEnough) return;
  throw new SqliteTooOld(
    `Node.js ${node} has SQLite ${sqlite}, which can lose what was written: Radloop needs SQLite ${SQLITE.join('.')} or later. Use the newest Node.js 24.`,
  );
}

export function prepareFile(db: DatabaseSync, file: string): void {
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
  db.exec(`PRAGMA cache_size = -${CACHE_KB}; PRAGMA wal_autocheckpoint = ${LOG_MOST_PAGES}`);
  const version = versionOf(db, file);
  if (version < SCHEMA_VERSION) {
    const folder = dirname(file);
    if (version > 0 && isInUse(folder) && versionOf(db, file) < SCHEMA_VERSION)
      throw new StoreInUse(
        `An older Radloop is using ${folder}, and this one has to change the store first: stop it, or give this one another folder with --data DIR.`,
      );
    // What a step takes away is overwritten, not only left out of sight.
    db.exec('PRAGMA secure_delete = ON; BEGIN IMMEDIATE');
    // Another process that was started at the same moment may have been faster.
    const now = versionOf(db, file);
    if (now < SCHEMA_VERSION) migrate(db, now);
    db.exec('COMMIT; PRAGMA secure_delete = OFF');
  }
  // After a disk that failed the log may only seem to be on it, and what is copied of it too: its pages are written anew and synced.
  copyAllAnew(db, file);
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  for (const name of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(name)) chmodSync(name, 0o600);
}

function versionOf(db: DatabaseSync, file: string): number {
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > SCHEMA_VERSION)
    throw new StoreTooNew(`${file} was written by a newer Radloop (schema ${version}, this one knows ${SCHEMA_VERSION}): use that one.`);
  return version;
}

/** For those who only look: nothing is brought up to date by looking. */
export function checkVersion(db: DatabaseSync, file: string): void {
  const isUnderWay = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'raw_v2'").get() !== undefined;
  if (versionOf(db, file) < SCHEMA_VERSION || isUnderWay)
    throw new StoreTooOld(`${file} was written by an older Radloop: start the service once, which brings it up to date.`);
}
