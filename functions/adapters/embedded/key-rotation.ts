import type { AuditEntry } from '#ports/audit-store.js';
import type { KeyCustody, KeyVersion } from '#ports/custody.js';
import { appendAudit } from './audit-rows.ts';
import type { Database } from './database.ts';
import { forgetLog } from './shredding.ts';

/** Data keys in one transaction: two milliseconds or so, in which nothing else is written. */
const STEP = 200;
/** Rows that are counted at once: a millisecond or two. */
const COUNTED = 5000;

/** The keys of a store, as those who look after them see them. */
export function keyCustody(db: Database): KeyCustody {
  return {
    made: db.siteKey.made,
    async show() {
      const waiting = new Map(await count(db, DATA_KEYS));
      const wrapping = db.all<{ id: string; version: string }>('SELECT id, version FROM wrapping_keys ORDER BY ord');
      const signed = [...(await count(db, CHECKPOINTS)), ...(await count(db, PURGES))];
      const versions = db.siteKey.versions().map((one): KeyVersion => {
        const opens = wrapping.filter(({ version }) => version === one.version);
        return {
          ...one,
          dataKeys: sum(opens.map(({ id }) => waiting.get(id) ?? 0)),
          signatures: sum(signed.flatMap(([version, n]) => (version === one.version ? [n] : []))),
        };
      });
      return { file: db.siteKey.file, versions, waiting: sum(wrapping.slice(0, -1).map(({ id }) => waiting.get(id) ?? 0)) };
    },
    rotate: (audit) => beginRotation(db, audit),
    async rewrap(stop) {
      const dataKeys = await finishRotation(db, stop);
      return dataKeys === null ? null : { dataKeys, done: !isUnderWay(db) };
    },
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** `by`: what is counted; `key`: the column that the pages go by. */
interface Counted {
  readonly from: string;
  readonly by: string;
  readonly key: string;
  readonly first: string | number;
}
/** A data key names the wrapping key that it is under (sealing/key-chain.ts). */
const DATA_KEYS: Counted = { from: 'data_keys', by: 'lower(hex(substr(wrapped, 1, 8)))', key: 'scope', first: '' };
const CHECKPOINTS: Counted = { from: 'seals', by: 'key_version', key: 'id', first: 0 };
const PURGES: Counted = { ...CHECKPOINTS, from: 'purges' };

/** In pages, so that a store of a million cases goes on working. */
async function count(db: Database, { from, by, key, first }: Counted): Promise<readonly (readonly [string, number])[]> {
  const counts = new Map<string, number>();
  for (let after = first; ;) {
    const page = db.all<{ what: string | null; n: number; last: string | number }>(
      `SELECT ${by} AS what, count(*) AS n, max(${key}) AS last FROM (SELECT * FROM ${from} WHERE ${key} > ? ORDER BY ${key} LIMIT ${COUNTED}) GROUP BY what`,
      after,
    );
    for (const { what, n, last } of page) {
      if (what !== null) counts.set(what, (counts.get(what) ?? 0) + n);
      if (last > after) after = last;
    }
    if (sum(page.map(({ n }) => n)) < COUNTED) return [...counts];
    await new Promise((resume) => setImmediate(resume));
  }
}

const isUnderWay = (db: Database): boolean => (db.get<{ n: number }>('SELECT count(*) AS n FROM wrapping_keys')?.n ?? 0) > 1;

/** A new version of the site key and a new wrapping key under it, with the row that says so. Null: the last rotation has still to be brought to its end. */
function beginRotation(db: Database, audit: AuditEntry): Promise<string | null> {
  return db.write(() => {
    if (isUnderWay(db)) return null;
    const version = db.sealing.newWrappingKey();
    appendAudit(db, { ...audit, detail: { ...audit.detail, version } });
    return version;
  });
}

/**
 * A new version of the site key, while the service runs: a new wrapping key under it, then every data key under that one, step by step; what nothing needs any more is
 * dropped. What is sealed stays as it is. A process that dies in the middle leaves a store that opens; `finishRotation` goes on.
 */
export async function rotateSiteKey(db: Database): Promise<{ readonly version: string; readonly dataKeys: number }> {
  const version = await db.write(() => db.sealing.newWrappingKey());
  return { version, dataKeys: await rewrapAll(db) };
}

/** At the start: a rotation that was cut short is brought to its end. @returns null: there is none */
export async function finishRotation(db: Database, stop?: AbortSignal): Promise<number | null> {
  return isUnderWay(db) ? rewrapAll(db, stop) : null;
}

async function rewrapAll(db: Database, stop?: AbortSignal): Promise<number> {
  const target = db.sealing.wrappingKey();
  let dataKeys = 0;
  for (let after: string | null = ''; after !== null;) {
    if (stop?.aborted === true) return dataKeys;
    const from: string = after;
    const step = await db.write(() => db.sealing.rewrap(from, STEP));
    dataKeys += step.rewrapped;
    after = step.last;
  }
  await db.write(() => {
    db.sealing.forgetBefore(target);
  });
  await forgetLog(db);
  return dataKeys;
}
