import { z } from 'zod/v4';
import { instant } from '#core/time.js';
import type { Restored } from '#ports/restored.js';
import type { Database } from './database.ts';

const stored = z.object({ epoch: z.number().int().positive(), at: instant, from: instant, until: instant.nullable() });

/** The last time that this store was put back from a backup; null: never. */
export function restoredOf(db: Database): Restored | null {
  const found = db.get<{ value: string }>("SELECT value FROM meta WHERE name = 'restored'");
  return found === undefined ? null : stored.parse(JSON.parse(found.value));
}

/** Notes it; call inside `write`. */
export function noteRestored(db: Database, restored: Restored): void {
  const put = 'INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value';
  db.run(put, 'restored', JSON.stringify(restored));
  db.run(put, 'epoch', String(restored.epoch));
}
