import type { Database } from './database.ts';
import { StoreBroken } from './group-commit.ts';

interface Claimed {
  readonly id: string;
  readonly attempt: number;
}

/**
 * Runs a claim. One that was written and that nobody was given, because the disk failed before it was on it, is free again with the next claim: not only when its
 * lease ends, which may be a quarter of an hour.
 */
export function givenBack<Item>(db: Database, table: 'events' | 'outbox', nameOf: (item: Item) => Claimed): (claim: () => Item[]) => Promise<Item[]> {
  let never: readonly Claimed[] = [];
  return async (claim) => {
    let given: Item[] = [];
    try {
      return await db
        .write(() => {
          for (const { id, attempt } of never)
            db.run(
              `UPDATE ${table} SET state = 'waiting', lease_until = NULL, owner = NULL WHERE id = ? AND attempt = ? AND owner = ? AND state = 'leased'`,
              ...[id, attempt, db.instance],
            );
          given = claim();
          return given;
        })
        .then((items) => {
          never = [];
          return items;
        });
    } catch (error) {
      if (error instanceof StoreBroken) never = [...never, ...given.map(nameOf)];
      throw error;
    }
  };
}
