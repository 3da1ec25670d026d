import { setImmediate as immediate } from 'node:timers/promises';
import { precedence } from '#core/effect.js';
import type { Instant } from '#core/time.js';
import type { OutboxShare } from '#ports/outbox-store.js';
import type { Database } from './database.ts';

interface Ready {
  readonly id: number;
  readonly ready: Instant;
}

/** One run of the index: items of one queue and rank, by the time from which they can be claimed. */
interface Run {
  readonly queue: string;
  readonly rank: number;
  /** 0: it was tried before, and goes first once its time has come: it stands behind no flood of new ones. */
  readonly fresh: 0 | 1;
}

const RUN = 'queue = ? AND rank = ? AND fresh = ?';

/** Deliveries that can be claimed now: those that were tried before, then the longest waiting. One look into the index for each run of the share. */
export function readyOf(db: Database, now: Instant, most: number, share?: OutboxShare): readonly Ready[] {
  const found = runsOf(db, share).flatMap(({ queue, rank, fresh }) =>
    db
      .all<Ready>(`SELECT id, ready FROM outbox_ready WHERE ${RUN} AND ready <= ? ORDER BY ready, id LIMIT ?`, queue, rank, fresh, now, most)
      .map((one) => ({ ...one, fresh })),
  );
  return found.sort((a, b) => a.fresh - b.fresh || (a.ready < b.ready ? -1 : a.ready > b.ready ? 1 : a.id - b.id)).slice(0, most);
}

/** When the next of the share can be claimed. */
export function nextReady(db: Database, share?: OutboxShare): Instant | null {
  return runsOf(db, share).reduce<Instant | null>((first, { queue, rank, fresh }) => {
    const found = db.get<Ready>(`SELECT id, ready FROM outbox_ready WHERE ${RUN} ORDER BY ready, id LIMIT 1`, queue, rank, fresh);
    return found !== undefined && (first === null || found.ready < first) ? found.ready : first;
  }, null);
}

/** Rows that are counted in one step: a millisecond or two, in which nothing else is done. */
const COUNTED_AT_ONCE = 1000;

/** Counted step by step, with others' work between. */
export async function waiting(db: Database, most: number, share: OutboxShare): Promise<number> {
  let count = 0;
  for (const { queue, rank, fresh } of runsOf(db, share)) {
    for (let from: Ready | undefined = { ready: '' as Instant, id: 0 }; from !== undefined && count < most;) {
      const rows: (Ready & { readonly counts: number })[] = db.all(
        `SELECT r.id, r.ready, o.awaits IS NULL AS counts FROM outbox_ready AS r JOIN outbox AS o ON o.id = r.id
         WHERE r.queue = ? AND r.rank = ? AND r.fresh = ? AND (r.ready, r.id) > (?, ?) ORDER BY r.ready, r.id LIMIT ?`,
        ...[queue, rank, fresh, from.ready, from.id, COUNTED_AT_ONCE],
      );
      count += rows.reduce((sum, { counts }) => sum + counts, 0);
      from = rows.length < COUNTED_AT_ONCE ? undefined : rows.at(-1);
      await immediate();
    }
  }
  return Math.min(count, most);
}

function runsOf(db: Database, share?: OutboxShare): readonly Run[] {
  return queuesOf(db)
    .filter((queue) => isOf(queue, share))
    .flatMap((queue) => ranksOf(share).flatMap((rank) => ([0, 1] as const).map((fresh) => ({ queue, rank, fresh }))));
}

/** Queues in which something stands: one look into the index each, however much stands there. */
function queuesOf(db: Database): readonly string[] {
  const queues: string[] = [];
  for (let after = ''; ;) {
    const found: { queue: string | null } | undefined = db.get('SELECT min(queue) AS queue FROM outbox_ready WHERE queue > ?', after);
    if (found?.queue == null) return queues;
    queues.push(found.queue);
    after = found.queue;
  }
}

function isOf(queue: string, share?: OutboxShare): boolean {
  if (share === undefined) return true;
  const { kind, destination } = inQueue(queue);
  if ('destination' in share) return destination === share.destination;
  if ('kinds' in share) return share.kinds.some((one) => one === kind);
  return !share.notKinds.some((one) => one === kind) && (destination === null || !share.notDestinations.includes(destination));
}

/** What stands in a queue (outbox-schema.ts). */
function inQueue(queue: string): { readonly kind: string; readonly destination: string | null } {
  if (queue.startsWith('to:')) return { kind: 'sendHl7', destination: queue.slice('to:'.length) };
  if (queue.startsWith('page:')) return { kind: 'page', destination: queue };
  return { kind: queue, destination: null };
}

function ranksOf(share?: OutboxShare): readonly number[] {
  const wanted = share !== undefined && 'kinds' in share ? share.precedence : undefined;
  return (wanted ?? precedence.options).map((one) => precedence.options.indexOf(one));
}
