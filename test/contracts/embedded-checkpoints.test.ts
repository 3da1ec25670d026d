import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { openDatabase } from '#adapters/embedded/database.js';
import type { Database } from '#adapters/embedded/database.js';
import { LOG_MOST_PAGES } from '#adapters/embedded/checkpoints.js';
import { copyAllAnew } from '#adapters/embedded/log-index.js';
import { SqliteTooOld, checkSqlite } from '#adapters/embedded/store-file.js';

let folder: string;
let db: Database;
const others: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'radloop-checkpoints-'));
  db = openDatabase(folder);
});

afterEach(async () => {
  for (const one of others.splice(0)) one.kill('SIGKILL');
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

/** Writes one row after the other, copies the log now and then, and says at SIGTERM how many it wrote. */
const OTHER = `
const { DatabaseSync } = require('node:sqlite');
const db = new DatabaseSync(process.argv[1]);
db.exec('PRAGMA busy_timeout = 5000; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0');
const insert = db.prepare('INSERT INTO filling (bytes) VALUES (zeroblob(3000))');
let rows = 0;
process.on('SIGTERM', () => { db.close(); process.stdout.write(String(rows), () => process.exit(0)); });
const write = () => {
  for (let n = 0; n < 20; n += 1, rows += 1) insert.run();
  db.exec(rows % 400 === 0 ? 'PRAGMA wal_checkpoint(TRUNCATE)' : 'PRAGMA wal_checkpoint(PASSIVE)');
  setImmediate(write);
};
write();
`;

it('the index of the log is made anew again and again while other processes write and copy, and nothing is lost', async () => {
  await db.write(() => db.run('CREATE TABLE filling (n INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT'));
  const file = join(folder, 'radloop.sqlite');
  const said = [1, 2].map(() => {
    const other = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '-e', OTHER, file]);
    others.push(other);
    let text = '';
    for (const stream of [other.stdout, other.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    return new Promise<string>((done) => {
      other.once('close', () => {
        done(text);
      });
    });
  });
  const own = new DatabaseSync(file, { timeout: 5000 });
  const count = own.prepare('SELECT count(*) AS n FROM filling');
  let before = 0;
  for (const end = Date.now() + 2000; Date.now() < end; await pause(2)) {
    copyAllAnew(own, file);
    const now = Number(count.get()?.['n']);
    expect(now).toBeGreaterThanOrEqual(before);
    before = now;
  }
  for (const other of others) other.kill('SIGTERM');
  const written = (await Promise.all(said)).map(Number);
  expect(Math.min(...written)).toBeGreaterThan(0);
  expect(count.get()).toEqual({ n: written.reduce((sum, rows) => sum + rows, 0) });
  expect(own.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  own.close();
}, 30_000);

it('a reader that holds the log back for long makes it longer than its bound, and once it has ended the log begins anew', async () => {
  await db.write(() => db.run('CREATE TABLE filling (n INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT'));
  const reader = new DatabaseSync(join(folder, 'radloop.sqlite'), { readOnly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM filling').get();
  // A page each, in few writes: none of them is one that a checkpoint is due after.
  const many = (): Promise<unknown> =>
    db.write(() =>
      db.run(
        `WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 6000) INSERT INTO filling (bytes) SELECT zeroblob(3800) FROM c`,
      ),
    );
  for (let times = 0; times < 3; times += 1) await many();
  expect(megabytes('radloop.sqlite-wal')).toBeGreaterThan((LOG_MOST_PAGES * PAGE) / 1024 / 1024);
  reader.close();
  const before = megabytes('radloop.sqlite-wal');
  for (let times = 0; times < 3; times += 1) await many();
  expect(megabytes('radloop.sqlite-wal')).toBeLessThan(before * 1.1);
}, 60_000);

it('an SQLite that can lose what was committed is refused', () => {
  for (const sqlite of ['3.51.2', '3.50.4', '3.46.1', '2.9.9', undefined])
    expect(() => checkSqlite({ node: '24.2.0', sqlite })).toThrow(SqliteTooOld);
  expect(() => checkSqlite({ node: '24.2.0', sqlite: '3.50.4' })).toThrow(
    'Node.js 24.2.0 has SQLite 3.50.4, which can lose what was written: Radloop needs SQLite 3.51.3 or later.',
  );
  for (const sqlite of ['3.51.3', '3.52.0', '3.60.0', '4.0.0']) expect(() => { checkSqlite({ node: '24.2.0', sqlite }); }).not.toThrow(); // prettier-ignore
});
