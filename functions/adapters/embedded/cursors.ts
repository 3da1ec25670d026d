import type { Cursors } from '#ports/cursors.js';
import type { Database } from './database.ts';

export function cursors(db: Database): Cursors {
  return {
    read: (name) => Promise.resolve(db.get<{ value: string }>('SELECT value FROM cursors WHERE name = ?', name)?.value ?? null),
    async write(name, value) {
      await db.write(() => db.run('INSERT INTO cursors (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value', name, value));
    },
  };
}
