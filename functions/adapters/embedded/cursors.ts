import type { Cursors } from '#ports/cursors.js';
import type { Database } from './database.ts';
import { OF_SITE } from './sealing.ts';

/** All are sealed: some hold the secrets that an EHR shows us with its notifications. */
export function cursors(db: Database): Cursors {
  return {
    read: (name) => Promise.resolve(cursorIn(db, name)),
    async write(name, value) {
      await db.write(() => {
        write(db, name, value);
      });
    },
    swap: (name, before, value) =>
      db.write(() => {
        if (cursorIn(db, name) !== before) return false;
        write(db, name, value);
        return true;
      }),
  };
}

function write(db: Database, name: string, value: string): void {
  const sealed = db.sealing.seal(OF_SITE, placeOf(name), value);
  db.run('INSERT INTO cursors (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value', name, sealed);
}

export function cursorIn(db: Database, name: string): string | null {
  const found = db.get<{ value: Uint8Array }>('SELECT value FROM cursors WHERE name = ?', name);
  return found === undefined ? null : db.sealing.open(OF_SITE, placeOf(name), found.value).toString();
}

function placeOf(name: string): string {
  return `cursor|${name}`;
}
