import type { Database } from './database.ts';
import { forget, isAlive } from './instances.ts';

/** Seconds after which it is looked again whether another process of this store has died. */
const LOOK_AGAIN_SECONDS = 10;

/** What dead processes left under way is due at once: now, and of those that die later within ten seconds, for as long as the store is open. */
export async function takeOver(db: Database): Promise<void> {
  await freeDeadClaims(db);
  const timer = setInterval(() => {
    if (!db.isOpen()) clearInterval(timer);
    // A store that fails here fails everything else too, which says so; the next look is ten seconds away.
    else freeDeadClaims(db).catch(() => undefined);
  }, LOOK_AGAIN_SECONDS * 1000);
  timer.unref();
}

/**
 * Frees what processes had claimed that are dead by now: it is due at once, its attempts stay counted, and so does that one ended at it. What a process holds
 * that only hangs is free when its lease is over. Gives how many dead ones there were.
 */
export async function freeDeadClaims(db: Database): Promise<number> {
  // All in one transaction: who opens the store meanwhile claims after it, or is seen here.
  const dead = await db.write(() => {
    const all = db.all<{ id: string }>('SELECT id FROM instances').map(({ id }) => id);
    const gone = all.filter((id) => id !== db.instance && !isAlive(db.folder, id));
    const living = JSON.stringify(all.filter((id) => !gone.includes(id)));
    for (const table of ['events', 'outbox']) {
      db.run(
        `UPDATE ${table} SET state = 'waiting', lease_until = NULL, owner = NULL, crashes = crashes + 1
         WHERE state = 'leased' AND (owner IS NULL OR owner NOT IN (SELECT value FROM json_each(?)))`,
        living,
      );
    }
    for (const id of gone) db.run('DELETE FROM instances WHERE id = ?', id);
    return gone;
  });
  for (const id of dead) forget(db.folder, id);
  return dead.length;
}
