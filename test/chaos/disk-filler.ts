import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { openDatabase } from '#adapters/embedded/database.js';

/**
 * A process that fills the store in the folder of its first argument, so that half of the log is copied into its file before the sync that covers it is asked for. With
 * `prepare` it only makes the store. What was acknowledged stands on its standard output at the end, and nothing is closed: the power goes.
 */
const [folder = '', what] = process.argv.slice(2);
const db = openDatabase(folder);
if (what === 'prepare') {
  await db.write(() => db.run('CREATE TABLE filling (n INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT'));
  await db.close();
  process.exit(0);
}

const acknowledged: number[] = [];
let next = 0;
/** In one group. What is refused is not tried again. */
const fill = async (rows: number): Promise<void> => {
  const numbers = Array.from({ length: rows }, () => (next += 1));
  const write = (n: number) => db.write(() => db.run('INSERT INTO filling (n, bytes) VALUES (?, ?)', n, Buffer.alloc(3800, n)));
  await Promise.all(numbers.map((n) => write(n).then(() => acknowledged.push(n), () => undefined))); // prettier-ignore
};

const [reader, onlooker] = [new DatabaseSync(join(folder, 'radloop.sqlite')), new DatabaseSync(join(folder, 'radloop.sqlite'))];
const looked = onlooker.prepare('PRAGMA wal_checkpoint(NOOP)');
/** Fills until it is so. */
const fillUntil = async (isSo: () => boolean, rows: number, what: string): Promise<void> => {
  for (const end = Date.now() + 15_000; !isSo(); await pause(100)) {
    if (Date.now() > end) throw new Error(what);
    await fill(rows);
  }
};
/** Of the log: another one once it is used anew from its beginning. */
const salt = (): string => readFileSync(join(folder, 'radloop.sqlite-wal')).toString('hex', 16, 24);

// A reader holds the newer half back: the older one is copied, and not synced.
await fill(100);
reader.exec('BEGIN');
reader.prepare('SELECT count(*) FROM filling').get();
await fillUntil(() => Number(looked.get()?.['checkpointed']) > 0, 210, 'the log is not copied');
reader.exec('COMMIT');
const first = salt();
// The rest is copied, and the sync of the file fails. The store may say that it is broken, and be well again.
await fill(300);
await pause(300);
const before = acknowledged.length;
await fillUntil(() => acknowledged.length > before, 10, 'the store is not well again');
// Until all is copied, and the log has begun anew.
await fillUntil(() => salt() !== first, 210, 'the log is not used anew');
await fill(100);
process.stdout.write(`${JSON.stringify(acknowledged)}\n`);
process.exit(0);
