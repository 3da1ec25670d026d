import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync, backup as copyPages } from 'node:sqlite';
import { anchorRestored } from '#adapters/audit-chain/anchor.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { Anchors } from '#ports/anchors.js';
import { HELD_BY_RESTORE } from '#ports/restored.js';
import type { Restored } from '#ports/restored.js';
import { appendAudit, auditStore } from './audit-store.ts';
import { BackupError, STORE_FILE, checkPages, copyStore, readBackup, sync } from './backup.ts';
import type { Backup, Manifest } from './backup.ts';
import { openDatabase } from './database.ts';
import type { Database } from './database.ts';
import { isInUse } from './instances.ts';
import { noteRestored } from './restored.ts';
import { siteKeyOf } from './site-key-place.ts';

export interface RestoreInto {
  /** Folder of the store; made when it is not there. */
  readonly store: string;
  /** @default where the backup says that it lay, else beside the store */
  readonly keyFile?: string | undefined;
  readonly anchors: Anchors;
  readonly account: string;
  readonly now: () => Instant;
}

export interface RestoreDone extends Restored {
  readonly manifest: Manifest;
  /** Deliveries that a person has to decide on: `o12`. */
  readonly held: readonly string[];
  /** Where the store that was replaced is kept; null: there was none. */
  readonly before: string | null;
}

/**
 * Puts a backup in the place of the store. It is checked and prepared beside the store first; then it replaces what the store holds in one transaction of SQLite, so
 * that whatever ends it before leaves the old state, and after it the new one. @throws BackupError
 */
export async function restoreStore(from: string, into: RestoreInto): Promise<RestoreDone> {
  const { store, now } = into;
  if (isInUse(store)) throw inUse(store);
  const backup = await readBackup(from);
  mkdirSync(store, { recursive: true, mode: 0o700 });
  for (const left of readdirSync(store).filter((name) => name.startsWith(PREPARED))) rmSync(join(store, left), { recursive: true, force: true });
  const prepared = join(store, `${PREPARED}${process.pid}`);
  mkdirSync(prepared, { mode: 0o700 });
  try {
    const at = now();
    const old = await lookAtOld(store);
    copyFileSync(join(backup.folder, STORE_FILE), join(prepared, STORE_FILE));
    const { restored, held } = await prepare(prepared, backup, into, { at, until: old?.lastWritten ?? null });
    const before = await replace(store, prepared, old, at);
    if (isInUse(store)) throw new BackupError(`A service was started on ${store} while it was restored: stop it and start it again, now.`);
    return { ...restored, manifest: backup.manifest, held, before };
  } finally {
    rmSync(prepared, { recursive: true, force: true });
  }
}

const PREPARED = 'restoring-';

function inUse(store: string): BackupError {
  return new BackupError(`A Radloop works on ${store}: stop it first. Nothing was changed.`);
}

async function checkKeys({ folder, manifest }: Backup, { siteKey }: Database): Promise<void> {
  const known = new Set((await siteKey.publicKeys()).map(({ version }) => version));
  const missing = manifest.siteKeyVersions.filter((version) => !known.has(version));
  if (missing.length === 0) return;
  const versions = missing.join(', ');
  throw new BackupError(
    `${folder} needs the site key in version ${versions}, which ${siteKey.file} does not hold: put back the copy of that file that is kept apart from the backups.`,
  );
}

/** What stands there now. */
interface Old {
  /** Can SQLite open it? Else it is set aside as it is. */
  readonly isReadable: boolean;
  readonly lastWritten: Instant | null;
}

async function lookAtOld(store: string): Promise<Old | null> {
  const file = join(store, STORE_FILE);
  if (!existsSync(file)) return null;
  try {
    checkPages(file);
    const db = openDatabase(store, { readOnly: true });
    try {
      const found = db.get<{ at: Instant | null }>(
        'SELECT max(at) AS at FROM (SELECT max(received_at) AS at FROM raw UNION ALL SELECT at FROM (SELECT at FROM audit ORDER BY seq DESC LIMIT 1))',
      );
      return { isReadable: true, lastWritten: found?.at ?? null };
    } finally {
      await db.close();
    }
  } catch {
    return { isReadable: false, lastWritten: null };
  }
}

/** Everything that the restored store must know before anybody works on it. */
async function prepare(
  folder: string,
  backup: Backup,
  into: RestoreInto,
  { at, until }: { readonly at: Instant; readonly until: Instant | null },
): Promise<{ readonly restored: Restored; readonly held: readonly string[] }> {
  const { anchors, account } = into;
  const { startedAt, epoch } = backup.manifest;
  const restored: Restored = { epoch: epoch + 1, at, from: startedAt, until };
  const db = openDatabase(folder, { keyFile: siteKeyOf(into.store, into.keyFile, folder) });
  try {
    await checkKeys(backup, db);
    const key = db.siteKey;
    const audit = auditStore(db, { key, anchors: null });
    const { ok, firstBad } = await audit.verify();
    if (!ok)
      throw new BackupError(
        `The audit chain of ${backup.folder} is broken at row ${firstBad?.seq ?? 0} (${firstBad?.what ?? ''}). Take another backup. Nothing was changed.`,
      );
    const held = await db.write(() => {
      noteRestored(db, restored);
      leaveNumbersOut(db, restored);
      const ids = holdCommits(db, restored);
      const detail = {
        epoch: restored.epoch,
        backupOf: startedAt,
        backupRows: backup.manifest.audit.rows,
        replacedUntil: until,
        held: ids.length,
        account,
      };
      appendAudit(db, { caseId: null, at, actor: { kind: 'system', part: 'restore' }, action: 'restored', outcome: 'done', detail });
      db.run('DELETE FROM instances');
      return ids;
    });
    // It goes on from an anchor that counts still and fits: old and restored store have that checkpoint alike, and a kill between leaves neither in conflict.
    await anchorRestored({ audit, anchors, key }, at);
    return { restored, held };
  } finally {
    await db.close();
  }
}

interface Waiting {
  readonly id: number;
  readonly case_id: CaseId;
  readonly number: CaseNumber;
}

/**
 * A change of a hospital system that waited when the backup was made has left since, or a newer one has: sent again it might undo that. Each is held for a person,
 * who looks there first ("radloop q"). What a receiver has accepted and not answered waits for that answer, and a person sees to it when it does not come.
 */
function holdCommits(db: Database, { at, from }: Restored): readonly string[] {
  const waiting = db.all<Waiting>(
    "SELECT id, case_id, number FROM outbox WHERE weight = 'commit' AND state IN ('waiting', 'leased') AND awaits IS NULL ORDER BY id",
  );
  const reason = `${HELD_BY_RESTORE} of ${from}: this may have left since, or a newer one. Look at the receiver, then retry or skip.`;
  for (const { id, case_id: caseId, number } of waiting) {
    db.run(
      "UPDATE outbox SET state = 'held', lease_until = NULL, owner = NULL, code = 'cut-after-send', detail = ?, done_at = ? WHERE id = ?",
      reason,
      at,
      id,
    );
    appendAudit(db, {
      caseId,
      at,
      actor: { kind: 'system', part: 'restore' },
      action: 'held-by-restore',
      outcome: 'done',
      detail: { number, item: `o${id}` },
    });
  }
  return waiting.map(({ id }) => `o${id}`);
}

/** Ids of deliveries go into event ids, and these into the control ids of messages: none that was given after the backup is given again. */
function leaveNumbersOut(db: Database, { at, epoch }: Restored): void {
  const next = (db.get<{ id: number | null }>('SELECT max(id) AS id FROM outbox')?.id ?? 0) + NUMBERS_LEFT_OUT;
  db.run(
    `INSERT INTO outbox (id, case_id, workflow, number, key, kind, weight, effect, state, attempt, failures, crashes, retries, due, written_at, done_at)
     VALUES (?, ?, 'none', '', ?, 'setDeadline', 'inner', x'', 'withdrawn', 0, '{}', 0, 0, ?, ?, ?)`,
    ...[next, '0'.repeat(32), `restored/${epoch}`, at, at, at],
  );
}

const NUMBERS_LEFT_OUT = 10_000_000;

/** Gives where the old store is kept. */
async function replace(store: string, prepared: string, old: Old | null, at: Instant): Promise<string | null> {
  const file = join(store, STORE_FILE);
  const ready = join(prepared, STORE_FILE);
  settle(ready);
  if (old === null) {
    moveIn(ready, file);
    return null;
  }
  const before = join(dirname(store), `${store.split(/[/\\]/u).at(-1) ?? 'store'}-before-${at.replaceAll(/[-:.]/gu, '')}`);
  mkdirSync(before, { mode: 0o700 });
  if (!old.isReadable) {
    // Its log first: it must never be taken for the log of the new file. The main file gives way to the new one in one step.
    copyFileSync(file, join(before, STORE_FILE));
    for (const end of ['-wal', '-shm']) if (existsSync(`${file}${end}`)) renameSync(`${file}${end}`, join(before, `${STORE_FILE}${end}`));
    moveIn(ready, file);
    return before;
  }
  copyStore(file, join(before, STORE_FILE));
  sync(join(before, STORE_FILE));
  sync(before);
  if (isInUse(store)) throw inUse(store);
  const source = new DatabaseSync(ready, { readOnly: true });
  try {
    await copyPages(source, file, { rate: 10_000 });
  } finally {
    source.close();
  }
  settle(file);
  return before;
}

function moveIn(ready: string, file: string): void {
  sync(ready);
  renameSync(ready, file);
  sync(dirname(file));
}

/** Nothing is left in its log: all of it is in the file, and on the disk. */
function settle(file: string): void {
  const db = new DatabaseSync(file);
  try {
    db.exec('PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
  sync(file);
}
