import type { AuditFilter, AuditRow, Checkpoint, Purge, Signature } from './audit-store.ts';
import type { Caller } from './queue.ts';

/** The last record of an export: what is in it, signed, so that an export that was changed or cut is known for one. */
export interface ExportEnd {
  readonly at: string;
  /** PersonId of who asked for it. */
  readonly by: string;
  readonly filter: AuditFilter;
  /** The chain had this many rows. */
  readonly upto: number;
  /** So many of them are in the export; `digest` is the SHA-256 over their hashes in hexadecimal, one after the other. */
  readonly rows: number;
  readonly digest: string;
  /** Checkpoints and purges that are in it: of the whole chain all, of a part none. */
  readonly checkpoints: number;
  readonly purges: number;
  readonly signed: Signature;
}

/** One line of an export, in this order: purges, rows with the checkpoints behind those that they join, the end. */
export type ExportRecord =
  | { readonly kind: 'purge'; readonly purge: Purge }
  | { readonly kind: 'row'; readonly row: AuditRow }
  | { readonly kind: 'checkpoint'; readonly checkpoint: Checkpoint }
  | { readonly kind: 'end'; readonly end: ExportEnd };

/** `audit-next` goes on reading what was asked for before, by its name. */
export type AuditRequest =
  { readonly ask: 'audit-query' | 'audit-export'; readonly filter: AuditFilter } | { readonly ask: 'audit-next'; readonly reading: string };

/** `reading`: the name to go on with; null: that was all. */
export type AuditReply =
  | { readonly ok: false; readonly code: 'denied' | 'unknown' | 'not-possible'; readonly text: string }
  | { readonly ok: true; readonly answer: 'audit'; readonly reading: string | null; readonly records: readonly ExportRecord[] };

/** The audit as an auditor's command asks for it: authorised, and on record before the first row leaves. */
export interface Auditor {
  ask(caller: Caller, request: AuditRequest): Promise<AuditReply>;
}
