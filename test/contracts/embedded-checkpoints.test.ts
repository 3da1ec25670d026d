import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '#adapters/embedded/database.js';
import type { Database } from '#adapters/embedded/database.js';
import { LOG_MOST_PAGES } from '#adapters/embedded/checkpoints.js';

let folder: string;
let db: Database;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'radloop-checkpoints-'));
  db = openDatabase(folder);
});

afterEach(async () => {
  if (db.isOpen()) await db.close();
  rmSync(folder, { recursive: true, force: true });
  rmSync(`${folder}.key`, { force: true });
});

const megabytes = (name: string): number => statSync(join(folder, name)).size / 1024 / 1024;
const PAGE = 4096;

/** So many rows of a page each, 32 a group. */
async function fill(rows: number): Promise<void> {
  for (let at = 0; at < rows; at += 32) {
    const few = Array.from({ length: Math.min(32, rows - at) }, (_, n) => at + n);
    await Promise.all(few.map((n) => db.write(() => db.run('INSERT INTO filling (n, bytes) VALUES (?, ?)', n, Buffer.alloc(PAGE - 200, n)))));
  }
}

it('what is written is copied into the file by another thread while writing goes on, and the log does not grow to its bound', async () => {
  await db.write(() => db.run('CREATE TABLE filling (n INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT'));
  await fill(LOG_MOST_PAGES * 1.5);
  const log = megabytes('radloop.sqlite-wal');
  // Without the thread it would reach the bound.
  expect(log).toBeLessThan((LOG_MOST_PAGES * 0.9 * PAGE) / 1024 / 1024);
  expect(megabytes('radloop.sqlite')).toBeGreaterThan((LOG_MOST_PAGES * PAGE) / 1024 / 1024);
  expect(db.get<{ n: number }>('SELECT count(*) AS n FROM filling')?.n).toBe(LOG_MOST_PAGES * 1.5);
}, 60_000);

it('a store that is closed in the middle of a checkpoint has all of it', async () => {
  await db.write(() => db.run('CREATE TABLE filling (n INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT'));
  for (let rows = 200; rows <= 232; rows += 32) {
    await db.write(() => db.run('DELETE FROM filling'));
    await fill(rows);
    await db.close();
    db = openDatabase(folder);
    expect(db.get<{ n: number; check: string }>('SELECT count(*) AS n FROM filling')?.n).toBe(rows);
    expect(db.get('PRAGMA integrity_check')).toEqual({ integrity_check: 'ok' });
  }
});
