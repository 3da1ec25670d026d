import { createHash } from 'node:crypto';
import type { AuditEntry, AuditRow } from '#ports/audit-store.js';

/** Rows that belong to no case have a chain of their own. */
export const SITE = 'site';
/** What the first row of a case, and the first checkpoint, follow. */
export const START = '0'.repeat(64);

/** What stands in a row whose content was taken away after its retention. */
export const EMPTIED = {
  at: '1970-01-01T00:00:00.000Z',
  actor: '{"kind":"system","part":"purged"}',
  action: 'purged',
  outcome: 'nothing',
  detail: '{}',
} as const satisfies Partial<AuditRow>;

export function isEmptied(row: AuditRow): boolean {
  return Object.entries(EMPTIED).every(([field, value]) => row[field as keyof typeof EMPTIED] === value);
}

/** A row that has no place in the site's order yet: that is the store's to give. */
export type NewRow = Omit<AuditRow, 'seq' | 'purged'>;

/** The entry as the next row of its case. @param head the last row of that case; null when it has none */
export function nextRow(entry: AuditEntry, head: Pick<AuditRow, 'caseSeq' | 'hash'> | null): NewRow {
  const row = {
    caseId: entry.caseId ?? SITE,
    caseSeq: (head?.caseSeq ?? 0) + 1,
    at: entry.at,
    actor: canonical(entry.actor),
    action: entry.action,
    outcome: entry.outcome,
    detail: canonical(entry.detail),
    prev: head?.hash ?? START,
  };
  return { ...row, hash: hashOf(row) };
}

/** The hash that a row must have. */
export function hashOf({ prev, caseId, caseSeq, at, actor, action, outcome, detail }: Omit<NewRow, 'hash'>): string {
  return sha256(JSON.stringify([prev, caseId, caseSeq, at, actor, action, outcome, detail]));
}

/** SHA-256 in hexadecimal. */
export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** JSON with its keys in order, so that the same content has the same hash (RFC 8785 for objects of texts, numbers, booleans and null). */
function canonical(value: object): string {
  return JSON.stringify(Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))));
}
