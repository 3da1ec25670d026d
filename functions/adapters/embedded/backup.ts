import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod/v4';
import { instant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { SiteKeyError } from '#ports/site-key.js';
import { auditStore } from './audit-store.ts';
import { openDatabase } from './database.ts';
import type { Database } from './database.ts';
import { SCHEMA_VERSION } from './schema.ts';
import { siteKeyOf } from './site-key-place.ts';

/** What is in a backup, and by what it is known to be whole. Nothing of a patient, no key. */
const manifest = z.object({
  what: z.literal('backup of the store of Radloop'),
  format: z.literal(1),
  /** All that was acknowledged before then is in it. */
  startedAt: instant,
  finishedAt: instant,
  schema: z.number().int(),
  bytes: z.number().int(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/u),
  /** Rows of the audit, its checkpoints, and the hash of the last of these: it stands in the anchors too. */
  audit: z.object({ rows: z.number().int(), checkpoints: z.number().int(), lastCheckpoint: z.string().nullable() }),
  cases: z.number().int(),
  /** Versions of the site key without which it can't be read. */
  siteKeyVersions: z.array(z.string()),
  /** How often the store had been restored before. */
  epoch: z.number().int(),
});
export type Manifest = z.infer<typeof manifest>;

/** A backup that could not be made, or can't be used; the message says why and what to do. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

export const STORE_FILE = 'radloop.sqlite';
const MANIFEST_FILE = 'manifest.json';

export interface Backup {
  readonly folder: string;
  readonly manifest: Manifest;
}

/**
 * Copies the store as it is at one moment into a new folder under `into`, whether the service runs or not, and checks the copy. A transaction is in the copy whole or
 * not at all. The folder has its name only once everything in it is on the disk. @throws BackupError
 */
export async function backUp(
  store: string,
  into: string,
  { keyFile, now }: { readonly keyFile?: string | undefined; readonly now: () => Instant },
): Promise<Backup> {
  if (!existsSync(join(store, STORE_FILE))) throw new BackupError(`${store} holds no store of Radloop (${STORE_FILE}).`);
  const startedAt = now();
  const name = `radloop-${startedAt.replaceAll(/[-:.]/gu, '')}`;
  mkdirSync(into, { recursive: true, mode: 0o700 });
  dropUnfinished(into);
  const folder = join(into, name);
  const unfinished = join(into, `${name}.${process.pid}.unfinished`);
  mkdirSync(unfinished, { mode: 0o700 });
  try {
    const file = join(unfinished, STORE_FILE);
    copyStore(join(store, STORE_FILE), file);
    const about = await aboutCopy(unfinished, siteKeyOf(store, keyFile));
    const made: Manifest = {
      what: manifest.shape.what.value,
      format: 1,
      startedAt,
      finishedAt: now(),
      ...about,
      bytes: statSync(file).size,
      sha256: await sha256Of(file),
    };
    writeFileSync(join(unfinished, MANIFEST_FILE), `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
    for (const part of [file, join(unfinished, MANIFEST_FILE), unfinished]) sync(part);
    renameSync(unfinished, folder);
    sync(into);
    return { folder, manifest: made };
  } catch (cause) {
    rmSync(unfinished, { recursive: true, force: true });
    if (cause instanceof BackupError || cause instanceof SiteKeyError) throw cause;
    throw new BackupError(`The backup could not be written: ${cause instanceof Error ? cause.message : 'unknown'}.`, { cause });
  }
}

/** One read transaction: what is committed meanwhile is not in it. Written anew, so that nothing that was deleted goes along. */
export function copyStore(from: string, to: string): void {
  const db = new DatabaseSync(from, { readOnly: true });
  try {
    db.exec('PRAGMA busy_timeout = 5000');
    db.prepare('VACUUM INTO ?').run(to);
    chmodSync(to, 0o600);
  } finally {
    db.close();
  }
}

type About = Omit<Manifest, 'what' | 'format' | 'startedAt' | 'finishedAt' | 'bytes' | 'sha256'>;

/** Reads the copy back: every page, every row of the audit. */
async function aboutCopy(folder: string, keyFile: string): Promise<About> {
  checkPages(join(folder, STORE_FILE));
  const db = openDatabase(folder, { readOnly: true, keyFile });
  try {
    const { ok, firstBad } = await auditStore(db, { key: db.siteKey, anchors: null }).verify();
    if (!ok)
      throw new BackupError(
        `The audit chain of the store is broken at row ${firstBad?.seq ?? 0} (${firstBad?.what ?? ''}): "radloop audit verify" says more. Nothing was kept.`,
      );
    const one = (sql: string): number => db.get<{ n: number | null }>(sql)?.n ?? 0;
    return {
      schema: one('SELECT user_version AS n FROM pragma_user_version'),
      audit: {
        rows: one('SELECT max(seq) AS n FROM audit'),
        checkpoints: one('SELECT max(id) AS n FROM seals'),
        lastCheckpoint: db.get<{ hash: string }>('SELECT hash FROM seals ORDER BY id DESC LIMIT 1')?.hash ?? null,
      },
      cases: one('SELECT count(*) AS n FROM cases'),
      siteKeyVersions: keyVersions(db),
      epoch: one("SELECT CAST(value AS INTEGER) AS n FROM meta WHERE name = 'epoch'"),
    };
  } finally {
    await db.close();
  }
}

/** Of the site key: what wrapped the keys of the store, and what signed its audit. */
function keyVersions(db: Database): string[] {
  const columns = [
    ['wrapping_keys', 'version'],
    ['seals', 'key_version'],
    ['purges', 'key_version'],
  ] as const;
  const all = columns.flatMap(([table, column]) => {
    const isThere = db.all('SELECT 1 FROM pragma_table_info(?) WHERE name = ?', table, column).length > 0;
    return isThere ? db.all<{ version: string | number | null }>(`SELECT DISTINCT ${column} AS version FROM ${table}`) : [];
  });
  return [...new Set(all.flatMap(({ version }) => (version === null ? [] : [String(version)])))].sort();
}

/** @throws BackupError when a page of the file is not as SQLite wrote it */
export function checkPages(file: string): void {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const [first] = db.prepare('PRAGMA integrity_check(1)').all() as { integrity_check: string }[];
    if (first?.integrity_check !== 'ok') throw new BackupError(`${file} is damaged: ${first?.integrity_check ?? 'nothing can be read'}.`);
  } catch (cause) {
    if (cause instanceof BackupError) throw cause;
    throw new BackupError(`${file} is damaged: ${cause instanceof Error ? cause.message : 'nothing can be read'}.`, { cause });
  } finally {
    db.close();
  }
}

/** The backup in this folder, or the newest one under it; its file is the one that was written. @throws BackupError */
export async function readBackup(folder: string): Promise<Backup> {
  const found = existsSync(join(folder, MANIFEST_FILE)) ? folder : newestUnder(folder);
  const parsed = manifest.safeParse(jsonIn(join(found, MANIFEST_FILE)));
  if (!parsed.success) throw new BackupError(`${found} holds no backup of Radloop: its ${MANIFEST_FILE} can't be read.`);
  const file = join(found, STORE_FILE);
  if (parsed.data.schema > SCHEMA_VERSION)
    throw new BackupError(
      `${found} was made by a newer Radloop (schema ${parsed.data.schema}, this one knows ${SCHEMA_VERSION}): restore it with that one.`,
    );
  if (!existsSync(file)) throw new BackupError(`${file} is missing: this backup is not whole. Take another one.`);
  if ((await sha256Of(file)) !== parsed.data.sha256)
    throw new BackupError(`${file} is not what was written when the backup was made. Take another one.`);
  return { folder: found, manifest: parsed.data };
}

function newestUnder(folder: string): string {
  const names = existsSync(folder)
    ? readdirSync(folder).filter((name) => existsSync(join(folder, name, MANIFEST_FILE)) && !name.endsWith('.unfinished'))
    : [];
  const newest = names.toSorted().at(-1);
  if (newest === undefined)
    throw new BackupError(`${folder} holds no backup of Radloop: name the folder that "radloop backup" made, or the one above it.`);
  return join(folder, newest);
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** What backups that were killed left. One that is under way belongs to a process that lives. */
function dropUnfinished(into: string): void {
  for (const name of readdirSync(into)) {
    const pid = /^radloop-.*\.(\d+)\.unfinished$/u.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(into, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** A file or a folder is on the disk. */
export function sync(path: string): void {
  const open = openSync(path, 'r');
  try {
    fsyncSync(open);
  } finally {
    closeSync(open);
  }
}
