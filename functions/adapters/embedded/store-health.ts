import { statfs } from 'node:fs/promises';
import type { Instant } from '#core/time.js';
import type { CanaryTrail } from '#ports/canary-trail.js';
import type { StoreHealth, Waiting } from '#ports/store-figures.js';
import type { Database } from './database.ts';
import { PROBE } from './group-commit.ts';
import { ASIDE } from './raw-piece.ts';

/** Rows that a canary left, found by an index each: the door of its message, the key of its effect. */
const CANARY_RAW = "endpoint = 'canary'";
const CANARY_OUT = "key >= 'canary:' AND key < 'canary;'";
/** More than this are counted as this many: a reading every few seconds may not cost what a backlog costs. */
const MOST_COUNTED = 10_000;

/** What `/metrics`, `/readyz` and `radloop doctor` ask of the store. */
export function storeHealth(db: Pick<Database, 'all' | 'get' | 'run' | 'write' | 'folder' | 'instance'>): StoreHealth {
  const count = (sql: string): number => db.get<{ n: number }>(`SELECT count(*) AS n FROM (${sql} LIMIT ${MOST_COUNTED})`)?.n ?? 0;
  const freeBytes = async (): Promise<number> => {
    const { bavail, bsize } = await statfs(db.folder);
    return bavail * bsize;
  };
  return {
    freeBytes,
    async figures() {
      return {
        inbox: inboxOf(db),
        outbox: db.all<Waiting & { dest: string }>(OUTBOX),
        quarantine: {
          event: count(`SELECT 1 FROM events WHERE state = 'quarantined'`),
          delivery: count(`SELECT 1 FROM outbox WHERE state = 'held'`),
          message: count(`SELECT 1 FROM raw WHERE state = 'refused' AND ${ASIDE}`),
          arrival: count(`SELECT 1 FROM arrivals WHERE state = 'unmatched'`),
        },
        freeBytes: await freeBytes(),
        auditRows: db.get<{ rows: number | null }>('SELECT max(seq) AS rows FROM audit')?.rows ?? 0,
      };
    },
    isKnown: () => Promise.resolve(db.get('SELECT 1 FROM instances WHERE id = ?', db.instance) !== undefined),
    async probe() {
      await db.write(() => db.run(PROBE));
    },
  };
}

const OUTBOX = `SELECT coalesce(destination, CASE kind WHEN 'gatherContext' THEN 'ehr' WHEN 'showCard' THEN 'teams' WHEN 'tellPerson' THEN 'teams' ELSE 'inner' END) AS dest,
  count(*) AS depth, min(written_at) AS oldest
  FROM (SELECT destination, kind, written_at FROM outbox WHERE state IN ('waiting', 'leased') AND NOT (${CANARY_OUT}) ORDER BY due, id LIMIT ${MOST_COUNTED}) GROUP BY dest`;

function inboxOf(db: Pick<Database, 'get'>): Waiting {
  const count = (sql: string): number => db.get<{ n: number }>(sql)?.n ?? 0;
  const raw = count(`SELECT count(*) AS n FROM (SELECT 1 FROM raw WHERE state = 'new' LIMIT ${MOST_COUNTED})`);
  const events = count('SELECT count(*) AS n FROM events') - count("SELECT count(*) AS n FROM events WHERE state = 'quarantined'");
  const canaries =
    count(`SELECT count(*) AS n FROM raw WHERE ${CANARY_RAW} AND state = 'new'`) +
    count(`SELECT count(*) AS n FROM events WHERE case_id = (SELECT case_id FROM outbox WHERE ${CANARY_OUT} LIMIT 1)`);
  const oldest = [
    db.get<{ at: Instant }>(`SELECT received_at AS at FROM raw WHERE state = 'new' AND NOT (${CANARY_RAW}) ORDER BY id LIMIT 1`)?.at,
    db.get<{ at: Instant }>("SELECT due AS at FROM events WHERE state <> 'quarantined' AND workflow <> 'progress' ORDER BY id LIMIT 1")?.at,
  ];
  return { depth: Math.max(0, raw + events - canaries), oldest: oldest.filter((at) => at !== undefined).sort()[0] ?? null };
}

export function canaryTrail(db: Pick<Database, 'get' | 'run' | 'write'>): CanaryTrail {
  return {
    async forget(before) {
      await db.write(() => {
        const found = db.get<{ case_id: string }>(`SELECT case_id FROM outbox WHERE ${CANARY_OUT} LIMIT 1`);
        db.run(`DELETE FROM raw WHERE ${CANARY_RAW} AND state <> 'new' AND received_at < ?`, before);
        db.run(`DELETE FROM outbox WHERE ${CANARY_OUT} AND state = 'delivered' AND written_at < ?`, before);
        if (found === undefined) return;
        const queued = 'SELECT event_id FROM events WHERE case_id = ?1';
        db.run(`DELETE FROM heard WHERE case_id = ?1 AND event_id NOT IN (${queued})`, found.case_id);
      });
    },
  };
}
