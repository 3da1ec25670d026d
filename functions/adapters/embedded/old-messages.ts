import type { CaseId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { Database } from './database.ts';
import { ENDED } from './shredding.ts';
import type { Scope } from './sealing.ts';

/** Rows that one step looks at: a few milliseconds in which nothing else is written. */
export const STEP = 500;

/** A sweep, and when it ends early. */
export interface Steps {
  readonly db: Database;
  readonly now: Instant;
  readonly stop: AbortSignal | undefined;
}

interface MessageRow {
  readonly id: number;
  readonly case_id: CaseId | null;
  readonly received_at: Instant;
  readonly kept: number;
}

/** Whoever must still look at a message, or is owed its answer, finds it; so does whoever works on a case of it, or holds it for a court. */
const KEPT = `state IN ('new', 'refused') OR owed = 1 OR reused = 1
  OR EXISTS (SELECT 1 FROM arrivals WHERE arrivals.raw_id = raw.id AND arrivals.state = 'unmatched')
  OR EXISTS (SELECT 1 FROM raw_cases AS c WHERE c.raw_id = raw.id
    AND (NOT (${ENDED}) OR EXISTS (SELECT 1 FROM cases WHERE cases.case_id = c.case_id AND hold IS NOT NULL)))`;

/** How far a walk has come: the last row, and the newest time before it that can be right. */
interface Reached {
  readonly id: number;
  readonly newest: Instant | null;
}

interface Page {
  readonly rows: readonly MessageRow[];
  /** Of these rows what came before the limit, and nobody needs any more. */
  readonly old: readonly MessageRow[];
  readonly reached: Reached;
  readonly isOver: boolean;
}

/**
 * Messages stand in the order in which they came, so that a time that is before an earlier row's was written under a clock that was behind, and one that is still to
 * come under a clock that was ahead: both count as old as the newest time before them that can be right. The first row that is young ends the walk.
 */
function pageAfter({ db, now }: Steps, before: Instant, from: Reached): Page {
  const rows = db.all<MessageRow>(`SELECT id, case_id, received_at, (${KEPT}) AS kept FROM raw WHERE id > ? ORDER BY id LIMIT ${STEP}`, from.id);
  const old: MessageRow[] = [];
  let { newest } = from;
  for (const row of rows) {
    if (row.received_at <= now && (newest === null || row.received_at > newest)) newest = row.received_at;
    if (newest !== null && newest >= before) return { rows, old, reached: { id: row.id, newest }, isOver: true };
    // Nothing before it says how old one is whose time is still to come.
    if (newest !== null && row.kept === 0) old.push(row);
  }
  return { rows, old, reached: { id: rows.at(-1)?.id ?? from.id, newest }, isOver: rows.length === 0 };
}

/** How many would go. */
export async function countOldMessages(steps: Steps, before: Instant): Promise<number> {
  let messages = 0;
  for (let reached: Reached = { id: 0, newest: null }; ;) {
    steps.stop?.throwIfAborted();
    const page = pageAfter(steps, before, reached);
    messages += page.old.length;
    if (page.isOver) return messages;
    reached = page.reached;
    await new Promise((resume) => setImmediate(resume));
  }
}

/** Takes them away, and the keys of days of which no message is left. */
export async function sweepMessages(steps: Steps, before: Instant): Promise<{ readonly messages: number; readonly days: number }> {
  const { db, stop } = steps;
  const needed = new Set<string>();
  let messages = 0;
  for (let reached: Reached = { id: 0, newest: null }; ;) {
    stop?.throwIfAborted();
    const from = reached;
    const page = await db.write(() => {
      const found = pageAfter(steps, before, from);
      for (const { id } of found.old) removeMessage(db, id);
      return found;
    });
    messages += page.old.length;
    const gone = new Set(page.old);
    for (const row of page.rows) if (!gone.has(row)) need(needed, row);
    reached = { ...page.reached, id: page.rows.at(-1)?.id ?? from.id };
    if (page.isOver) return { messages, days: await dropDays(steps, { before: before.slice(0, 10), needed, after: reached.id }) };
  }
}

function removeMessage(db: Database, id: number): void {
  db.run('DELETE FROM raw_cases WHERE raw_id = ?', id);
  db.run('DELETE FROM raw WHERE id = ?', id);
}

/** One that is no case's alone is sealed under the key of its day. */
function need(needed: Set<string>, { case_id, received_at }: Pick<MessageRow, 'case_id' | 'received_at'>): void {
  if (case_id === null) needed.add(received_at.slice(0, 10));
}

interface Days {
  readonly before: string;
  readonly needed: Set<string>;
  /** The last row that was looked at. */
  readonly after: number;
}

/** The day of `before` itself has younger ones. Before a key goes every row has been looked at: one of a wrong clock may be of any day. */
async function dropDays({ db, stop }: Steps, { before, needed, after }: Days): Promise<number> {
  const dayOf = (scope: Scope): string => scope.slice('day:'.length);
  const scopes = db
    .all<{ scope: Scope }>("SELECT scope FROM data_keys WHERE scope >= 'day:' AND scope < ?", `day:${before}`)
    .map(({ scope }) => scope)
    .filter((scope) => !needed.has(dayOf(scope)));
  for (let last: number | undefined = scopes.length === 0 ? undefined : after; last !== undefined;) {
    stop?.throwIfAborted();
    const rows: Omit<MessageRow, 'kept'>[] = db.all(`SELECT id, case_id, received_at FROM raw WHERE id > ? ORDER BY id LIMIT ${STEP}`, last);
    for (const row of rows) need(needed, row);
    last = rows.at(-1)?.id;
    await new Promise((resume) => setImmediate(resume));
  }
  return db.write(() => scopes.filter((scope) => !needed.has(dayOf(scope)) && db.sealing.shred(scope)).length);
}
