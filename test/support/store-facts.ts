import { setTimeout as pause } from 'node:timers/promises';
import { openDatabase } from '#adapters/embedded/database.js';
import type { Database } from '#adapters/embedded/database.js';
import { SEALED_COLUMNS, openPiece } from '#adapters/embedded/raw-piece.js';
import type { SealedRow } from '#adapters/embedded/raw-piece.js';
import { openedFacts } from './opened-facts.ts';

/** What a running service has on disk. One open database a look, so that each sees the latest commit. */
function looking<T>(store: string, work: (db: Database) => T): T {
  const db = openDatabase(store, { readOnly: true });
  try {
    return work(db);
  } finally {
    void db.close();
  }
}

function look<Row>(store: string, sql: string, ...values: string[]): Row[] {
  return looking(store, (db) => db.all<Row>(sql, ...values));
}

/** One row of the inbox. */
export interface RawRow {
  readonly id: number;
  readonly endpoint: string;
  readonly hash: string;
  readonly length: number;
  readonly kept: number;
  readonly ack_code: string;
  readonly state: string;
  readonly reason: string | null;
}

/** Oldest first. */
export function rawRows(store: string): RawRow[] {
  return looking(store, (db) => {
    const columns = `id, endpoint, lower(hex(hash)) AS hash, length, ack_code, state, reason, ${SEALED_COLUMNS}`;
    const rows = db.all<Omit<RawRow, 'kept'> & SealedRow>(`SELECT ${columns} FROM raw ORDER BY id`);
    return rows.map((row) => ({ ...row, kept: openPiece(db.sealing, row).bytes.length }));
  });
}

/** How much there is of everything that a message could change. */
export function amounts(store: string): Readonly<Record<'cases' | 'facts' | 'outbox' | 'audit' | 'raw', number>> {
  const count = (table: string): number => look<{ n: number }>(store, `SELECT count(*) AS n FROM ${table}`)[0]?.n ?? 0;
  return { cases: count('rows'), facts: count('facts'), outbox: count('outbox'), audit: count('audit'), raw: count('raw') };
}

/** Case number and fact types of the order with this placer number, oldest first; null when no case was opened under it. */
export function caseOf(store: string, placer: string): { readonly number: string; readonly facts: readonly string[] } | null {
  return looking(store, (db) => {
    const all = openedFacts<{ order?: { placerOrderNumber: { id: string } } }>(db);
    const opened = all.find(({ type, fact }) => type === 'orderOpened' && fact.order?.placerOrderNumber.id === placer);
    if (opened === undefined) return null;
    return { number: opened.number, facts: all.filter(({ caseId }) => caseId === opened.caseId).map(({ type }) => type) };
  });
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
