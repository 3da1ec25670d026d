import { randomUUID } from 'node:crypto';
import { CosmosFailure } from './cosmos-failure.ts';
import { replaced } from './case-partition.ts';
import type { Cosmos } from './cosmos.ts';

interface LockDocument {
  readonly id: 'lock';
  readonly key: string;
  readonly owner: string;
  /** Epoch milliseconds: who died with it holds up nobody for longer. */
  readonly until: number;
}

/** Milliseconds that a lock is held at most: far longer than the few writes that are made under it. */
export const LOCK_MS = 15_000;
const LOOK_AGAIN_MS = 40;

export interface Locking {
  readonly cosmos: Cosmos;
  readonly lockMs: number;
}

/**
 * Several documents of different partitions changed as one, among instances that all ask this first: which case an order's numbers lead to, which numbers are one
 * patient. Locks are taken in the order of their names, so that two never wait for each other. What is done under them can be repeated: a crash leaves it half done.
 */
export async function withLocks<T>({ cosmos, lockMs }: Locking, names: readonly string[], work: () => Promise<T>): Promise<T> {
  const owner = randomUUID();
  const held: string[] = [];
  try {
    for (const key of [...new Set(names)].sort()) {
      await take(cosmos, key, owner, lockMs);
      held.push(key);
    }
    return await work();
  } finally {
    await Promise.allSettled(held.map((key) => giveBack(cosmos, key, owner)));
  }
}

async function take(cosmos: Cosmos, key: string, owner: string, lockMs: number): Promise<void> {
  const patience = Date.now() + 2 * LOCK_MS;
  for (;;) {
    const document: LockDocument = { id: 'lock', key, owner, until: Date.now() + lockMs };
    if ((await cosmos.write('lookups', key, [{ do: 'create', document }])).ok) return;
    const found = await cosmos.read<LockDocument>('lookups', key, 'lock');
    if (found !== null && found.until < Date.now() && (await cosmos.write('lookups', key, [replaced(found, { ...found, ...document })])).ok) return;
    if (Date.now() > patience) throw new CosmosFailure('lock', 'lookups', { status: 409, code: '', retryAfterMs: null, activityId: null });
    if (found !== null) await new Promise((done) => setTimeout(done, LOOK_AGAIN_MS * (0.5 + Math.random())));
  }
}

async function giveBack(cosmos: Cosmos, key: string, owner: string): Promise<void> {
  const found = await cosmos.read<LockDocument>('lookups', key, 'lock');
  if (found?.owner === owner) await cosmos.write('lookups', key, [{ do: 'delete', id: 'lock', etag: found._etag }]);
}
