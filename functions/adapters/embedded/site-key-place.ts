import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { tablesOf } from './tables.ts';
import type { Tables } from './tables.ts';

/** Not a secret: where the site key lay when the store was last opened for writing. So the commands, and who reads a copy of the store, find it. */
const KEY_FILE = 'site-key-file';

/**
 * Where the site key of a store lies: the file that is given (RADLOOP_SITE_KEY, --site-key), else the one that the store names, else FOLDER.key beside the store, not in
 * it: whoever copies the store does not have what opens it.
 */
export function siteKeyPlace(tables: Pick<Tables, 'get'>, store: string, given: string | undefined): string {
  const named = tables.get<{ value: string }>('SELECT value FROM meta WHERE name = ?', KEY_FILE)?.value;
  return resolve(given ?? (named !== undefined && existsSync(named) ? named : `${resolve(store)}.key`));
}

/** The same for who has the store not open. @param copy of the store, which lies elsewhere */
export function siteKeyOf(store: string, given: string | undefined, copy = store): string {
  const db = new DatabaseSync(join(copy, 'radloop.sqlite'), { readOnly: true });
  try {
    return siteKeyPlace(tablesOf(db), store, given);
  } finally {
    db.close();
  }
}

/** Inside a transaction. */
export function nameKeyFile(tables: Tables, file: string): void {
  tables.run(
    'INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value WHERE value <> excluded.value',
    KEY_FILE,
    file,
  );
}
