import type { Actor } from '#core/event.js';
import type { CaseId, PersonId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { SiteSignature } from './site-key.ts';

export interface AuditEntry {
  /** Null for what belongs to no case: a hostile token, a denial at the door. */
  readonly caseId: CaseId | null;
  readonly at: Instant;
  readonly actor: Actor;
  /** `view`, `denied`, or the type of a fact. */
  readonly action: string;
  readonly outcome: 'done' | 'denied' | 'nothing';
  /** Closed words and ids only; no patient data. */
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

/** An entry as it stands in the chain of its case; hashes are SHA-256 in hexadecimal. Actor and detail are the very JSON that was hashed. */
export interface AuditRow {
  /** From 1, without a gap, over the whole site. */
  readonly seq: number;
  /** A case id, or `site` for what belongs to no case. */
  readonly caseId: string;
  /** From 1, without a gap, within its case. */
  readonly caseSeq: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly outcome: string;
  readonly detail: string;
  /** Hash of the row before it in its case; 64 zeros for the first. */
  readonly prev: string;
  readonly hash: string;
  /** The purge that took its content away after its retention; null: it is whole. Its hashes stay. */
  readonly purged: number | null;
}

/** A signature by the site's key (ports/site-key), as JSON holds it. */
export interface Signature extends Pick<SiteSignature, 'algorithm'> {
  readonly keyVersion: string;
  /** Base64, with its padding. */
  readonly signature: string;
}

/** All rows up to `upto`, joined to the checkpoint before. */
export interface Checkpoint {
  /** From 1, without a gap. */
  readonly height: number;
  readonly at: string;
  readonly upto: number;
  /** How many rows it joined. */
  readonly rows: number;
  readonly prev: string;
  readonly hash: string;
  /** Null on what was written before checkpoints were signed. */
  readonly signed: Signature | null;
}

/** What was taken away after its retention: the content of `rows` rows up to `upto`, `digest` being the hash over their hashes. */
export interface Purge {
  readonly id: number;
  readonly at: string;
  /** Rows of before this time. */
  readonly before: string;
  readonly upto: number;
  readonly rows: number;
  readonly digest: string;
  readonly signed: Signature;
}

export interface AuditVerdict {
  readonly ok: boolean;
  readonly cases: number;
  readonly rows: number;
  /** Rows up to this one stand behind a signature of the site's key; 0: none. */
  readonly signedUpto: number;
  /** Rows up to this one stand behind an anchor outside the store; 0: none, or no anchors were at hand. */
  readonly anchoredUpto: number;
  /** When a backup was restored: what had been written after it is not in the chain. */
  readonly restored: readonly { readonly at: string; readonly upto: number }[];
  readonly firstBad: { readonly seq: number; readonly what: string } | null;
}

/** Which rows; null: all. Times are UTC, `until` is exclusive. */
export interface AuditFilter {
  readonly caseNumber: string | null;
  readonly person: string | null;
  readonly action: string | null;
  readonly outcome: AuditEntry['outcome'] | null;
  readonly since: string | null;
  readonly until: string | null;
}

/** A piece of the chain in its order: a checkpoint comes after the last row that it joins. */
export type Link = { readonly row: AuditRow } | { readonly checkpoint: Checkpoint };

/** Reads the chain, in pages; never a whole store at once. */
export interface AuditReader {
  /** What has been written when it was asked: a running service adds meanwhile. */
  extent(): Promise<{ readonly rows: number; readonly checkpoints: number }>;
  /** The whole chain up to `upto`, with its checkpoints. */
  chain(upto: number): AsyncIterable<readonly Link[]>;
  /** Rows that fit, up to `upto`; a page may be empty. */
  rows(filter: AuditFilter, upto: number): AsyncIterable<readonly AuditRow[]>;
  purges(): Promise<readonly Purge[]>;
}

/** Denials and views are written here alone; state changes are written by the case store in their transaction. */
export interface AuditStore {
  /** Resolves when it is on disk: write before the answer leaves. */
  record(entry: AuditEntry): Promise<void>;
  /** Highest revision of this case whose personal view this person was shown; 0 for none. Derived from the view rows. */
  shownRevision(caseId: CaseId, person: PersonId): Promise<number>;
  /** Checks the chain, and what the store holds against it. */
  verify(): Promise<AuditVerdict>;
  /** Joins what was written since the last checkpoint into signed checkpoints of at most 1,000 rows. Costs nothing of what is older. Two who seal at once do it once. */
  seal(at: Instant): Promise<void>;
  /** How many rows wait for a checkpoint. */
  unsealed(): Promise<number>;
  /** The checkpoint of this height, or the last one, once it is on disk; null when there is none. */
  checkpoint(height: number | 'last'): Promise<Checkpoint | null>;
}
