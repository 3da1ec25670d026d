import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';

/** What a running service has on disk, read by tests without its code. One open database a look, so that each sees the latest commit. */
function look<Row>(store: string, sql: string, ...values: string[]): Row[] {
  const db = new DatabaseSync(join(store, 'radloop.sqlite'), { readOnly: true });
  try {
    return db.prepare(sql).all(...values) as Row[];
  } finally {
    db.close();
  }
}

/** One row of the inbox. */
export interface RawRow {
  readonly id: number;
  readonly endpoint: string;
  readonly hash: string;
  readonly length: number;
  readonly kept: number;
  readonly ack_code: string;
  readonly ack: Uint8Array;
  readonly state: string;
  readonly reason: string | null;
}

/** Oldest first. */
export function rawRows(store: string): RawRow[] {
  return look<RawRow>(store, 'SELECT id, endpoint, hash, length, length(bytes) AS kept, ack_code, ack, state, reason FROM raw ORDER BY id');
}

/** How much there is of everything that a message could change. */
export function amounts(store: string): Readonly<Record<'cases' | 'facts' | 'outbox' | 'audit' | 'raw', number>> {
  const count = (table: string): number => look<{ n: number }>(store, `SELECT count(*) AS n FROM ${table}`)[0]?.n ?? 0;
  return { cases: count('rows'), facts: count('facts'), outbox: count('outbox'), audit: count('audit'), raw: count('raw') };
}

/** Case number and fact types of the order with this placer number, oldest first; null when no case was opened under it. */
export function caseOf(store: string, placer: string): { readonly number: string; readonly facts: readonly string[] } | null {
  const opened = look<{ case_id: string; number: string }>(
    store,
    "SELECT f.case_id, c.number FROM facts f JOIN cases c USING (case_id) WHERE f.type = 'orderOpened' AND f.fact ->> '$.order.placerOrderNumber.id' = ?",
    placer,
  )[0];
  if (opened === undefined) return null;
  const facts = look<{ type: string }>(store, 'SELECT type FROM facts WHERE case_id = ? ORDER BY seq', opened.case_id);
  return { number: opened.number, facts: facts.map(({ type }) => type) };
}

/** Numbers of the cases that hold a message back. */
export function holds(store: string): { readonly cases: readonly string[]; readonly messages: number } {
  const rows = look<{ number: string }>(store, "SELECT c.number FROM facts f JOIN cases c USING (case_id) WHERE f.type = 'messageHeld'");
  return { cases: [...new Set(rows.map(({ number }) => number))], messages: rows.length };
}

/** Waits until nothing is on its way any more: no event to be told, nothing to be sent, for a second. */
export async function untilQuiet(store: string, seconds: number): Promise<void> {
  const until = Date.now() + seconds * 1000;
  let quietSince: number | null = null;
  while (Date.now() < until) {
    const events = look<{ n: number }>(store, "SELECT count(*) AS n FROM events WHERE state <> 'quarantined'")[0]?.n ?? 0;
    const outbox = look<{ n: number }>(store, "SELECT count(*) AS n FROM outbox WHERE state IN ('waiting', 'leased')")[0]?.n ?? 0;
    quietSince = events + outbox > 0 ? null : (quietSince ?? Date.now());
    if (quietSince !== null && Date.now() - quietSince > 1000) return;
    await pause(200);
  }
  throw new Error(`The service was still at work after ${String(seconds)} s.`);
}
