import type { Instant } from '#core/time.js';
import { STEP } from './old-messages.ts';
import type { Steps } from './old-messages.ts';
import { forgetPatients } from './patients.ts';

interface Row {
  readonly id_hash: Uint8Array;
  readonly seen_at: Instant | null;
}

/**
 * Takes away numbers, places and classes of patients whom no message has named since that day and no case needs; the messages that told them are gone by then.
 * Which number gave way to which stays, as keyed hashes. Gives how many numbers went.
 */
export async function sweepPatients({ db, now, stop }: Steps, before: Instant): Promise<number> {
  const day = before.slice(0, 10);
  let forgotten = 0;
  for (let after: Uint8Array = new Uint8Array(0); ;) {
    stop?.throwIfAborted();
    const rows = db.all<Row & { needed: number }>(
      `SELECT id_hash, seen_at, EXISTS (SELECT 1 FROM case_keys WHERE key_hash = id_hash) AS needed
       FROM patients WHERE id_hash > ? AND identifier <> x'' ORDER BY id_hash LIMIT ${STEP}`,
      after,
    );
    const last = rows.at(-1);
    if (last === undefined) return forgotten;
    // Of when it was heard of last nothing is known, or nothing that can be right: its days begin now.
    const unknown = rows.filter(({ seen_at }) => seen_at === null || seen_at > now);
    const old = rows.filter(({ seen_at, needed }) => seen_at !== null && seen_at < day && needed === 0);
    if (unknown.length + old.length > 0)
      forgotten += await db.write(() => {
        for (const { id_hash } of unknown) db.run('UPDATE patients SET seen_at = ? WHERE id_hash = ?', now, id_hash);
        const keys = old.map(({ id_hash }) => id_hash);
        return db.sealing.erased(() => forgetPatients(db, keys, day));
      });
    after = last.id_hash;
    await new Promise((resume) => setImmediate(resume));
  }
}
