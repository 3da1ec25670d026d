import type { Database } from './database.ts';

/** Data keys in one transaction: two milliseconds or so, in which nothing else is written. */
const STEP = 200;

/**
 * A new version of the site key, while the service runs: a new wrapping key under it, then every data key under that one, step by step; what nothing needs any more is
 * dropped. What is sealed stays as it is. A process that dies in the middle leaves a store that opens; `finishRotation` goes on.
 */
export async function rotateSiteKey(db: Database): Promise<{ readonly version: string; readonly dataKeys: number }> {
  await db.write(() => {
    db.sealing.newWrappingKey();
  });
  return { version: await db.siteKey.current(), dataKeys: await rewrapAll(db) };
}

/** At the start: a rotation that was cut short is brought to its end. @returns null: there is none */
export async function finishRotation(db: Database): Promise<number | null> {
  const { n } = db.get<{ n: number }>('SELECT count(*) AS n FROM wrapping_keys') ?? { n: 0 };
  return n > 1 ? rewrapAll(db) : null;
}

async function rewrapAll(db: Database): Promise<number> {
  const target = db.sealing.wrappingKey();
  let dataKeys = 0;
  for (let after: string | null = ''; after !== null;) {
    const from: string = after;
    const step = await db.write(() => db.sealing.rewrap(from, STEP));
    dataKeys += step.rewrapped;
    after = step.last;
  }
  await db.write(() => {
    db.sealing.forgetBefore(target);
  });
  return dataKeys;
}
