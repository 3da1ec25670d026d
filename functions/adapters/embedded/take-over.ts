import type { Database } from './database.ts';

/** The store's lock is ours, so whoever held these leases is dead: what it left under way is due at once. Its attempts stay counted. */
export async function takeOver(db: Database): Promise<void> {
  await db.write(() => {
    db.run("UPDATE events SET state = 'waiting', lease_until = NULL WHERE state = 'leased'");
    db.run("UPDATE outbox SET state = 'waiting', lease_until = NULL WHERE state = 'leased'");
  });
}
