import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openDatabase } from '#adapters/embedded/database.js';
import type { Database } from '#adapters/embedded/database.js';

/** Where `npm start` keeps its state unless told otherwise. */
export const USUAL_DATA = '.data/rehearsal';

/** The folder of the store under a data folder: DIR itself, or DIR/store as `npm start` lays it. Null when there is no store. */
export function storeFolder(data: string): string | null {
  const folders = [join(resolve(data), 'store'), resolve(data)];
  return folders.find((folder) => existsSync(join(folder, 'radloop.sqlite'))) ?? null;
}

/** Reads `[--data DIR] [--json]` and looks into the store without changing it; `look` gives the exit code. 2 when there is no store. */
export async function withStore(args: string[], look: (db: Database, json: boolean) => Promise<number>): Promise<number> {
  const { values } = parseArgs({ args, options: { data: { type: 'string', default: USUAL_DATA }, json: { type: 'boolean', default: false } } });
  const folder = storeFolder(values.data);
  if (folder === null) {
    console.error(`${values.data} holds no store of Radloop (radloop.sqlite): name the folder that npm start was given with --data DIR.`);
    return 2;
  }
  const db = openDatabase(folder, { readOnly: true });
  try {
    return await look(db, values.json);
  } finally {
    await db.close();
  }
}
