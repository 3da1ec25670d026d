import type { CaseNumber, PersonId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { RetentionPolicy } from '#domain/retention.js';
import type { AuditEntry } from './audit-store.ts';
import type { Caller } from './queue.ts';
import type { Retention } from './retention.ts';

/** One version of the site key, and what needs it. No key material. */
export interface KeyVersion {
  readonly version: string;
  /** Wraps and signs now. */
  readonly isCurrent: boolean;
  /** Null: made before that was noted. */
  readonly made: Instant | null;
  /** Data keys that the store opens by it. */
  readonly dataKeys: number;
  /** Checkpoints and purges of the audit that it signed. */
  readonly signatures: number;
}

export interface KeysShown {
  readonly file: string;
  readonly versions: readonly KeyVersion[];
  /** Data keys that a rotation has still to wrap anew. */
  readonly waiting: number;
}

/** The keys of one store. */
export interface KeyCustody {
  /** The file of the site key was not there and was made as the store was opened. */
  readonly made: boolean;
  show(): Promise<KeysShown>;
  /** A new version of the site key with its audit row, which gets `version`: in one transaction. Null, and nothing done: an earlier rotation is not at its end. */
  rotate(audit: AuditEntry): Promise<string | null>;
  /** Brings a rotation to its end, in small steps; `stop` ends it between two, and another call or the next start goes on. Null: none was under way. */
  rewrap(stop: AbortSignal): Promise<{ readonly dataKeys: number; readonly done: boolean } | null>;
}

/** Why a case's data stays. */
export type NotShredded = 'unknown' | 'shredded already' | 'under legal hold' | 'not ended';

export interface Hold {
  readonly reason: string;
  readonly by: PersonId | null;
  readonly since: Instant | null;
}

/** What is kept of a case, counted. */
export interface KeptCase {
  readonly number: CaseNumber;
  readonly hold: Hold | null;
  readonly shreddedAt: Instant | null;
  /** Null: its data may go. */
  readonly stays: NotShredded | null;
  readonly facts: number;
  readonly deliveries: number;
  /** Messages that came for it alone. */
  readonly messages: number;
  /** Messages that other cases, or what has not found its case yet, came by too: they go with their retention. */
  readonly shared: number;
  readonly auditRows: number;
  readonly receipts: number;
}

/** Which data are kept for how long, and for whom. Each change with its audit row, in one transaction. */
export interface DataCustody {
  find(number: CaseNumber): Promise<KeptCase | null>;
  /** Cases under legal hold. */
  held(): Promise<readonly (Hold & { readonly number: CaseNumber })[]>;
  /** @param reason null: the hold is lifted. @returns false: no such case, or its data is gone */
  hold(number: CaseNumber, reason: string | null, act: Act): Promise<boolean>;
  /** Drops the case's data key for good. Null: it was done. */
  shred(number: CaseNumber, act: Act & { readonly reason: string }): Promise<NotShredded | null>;
  /** How long things are kept; null: never noted. */
  policy(): Promise<RetentionPolicy | null>;
  adopt(policy: RetentionPolicy, audit: AuditEntry): Promise<void>;
  sweeps(): Promise<Sweeps>;
  noteSweeps(sweeps: Sweeps, audit: AuditEntry | null): Promise<void>;
  retention(policy: RetentionPolicy): Retention;
}

/** When what is too old was last taken away. */
export interface Sweeps {
  readonly last: Instant | null;
  /** Nothing goes before then: somebody is to see first what would. Null: nothing is waited for. */
  readonly notBefore: Instant | null;
}

/** Who did it, and what else stands in its audit row. */
export type Act = Pick<AuditEntry, 'actor' | 'at'> & { readonly detail?: AuditEntry['detail'] };

export interface Custody {
  readonly keys: KeyCustody;
  readonly data: DataCustody;
}

/** What whoever answers for keys, retention, or the policy of critical results asks. */
export type CustodyRequest =
  | { readonly ask: 'keys-show' }
  | { readonly ask: 'keys-rotate'; readonly reason: string; readonly dryRun: boolean }
  | { readonly ask: 'retention-show'; readonly caseNumber: string | null }
  | {
      readonly ask: 'retention-hold' | 'retention-unhold' | 'retention-shred';
      readonly caseNumber: string;
      readonly reason: string;
      readonly dryRun: boolean;
    }
  /** Takes over a shorter retention of site.json. */
  | { readonly ask: 'retention-shorten'; readonly reason: string; readonly dryRun: boolean }
  | { readonly ask: 'retention-confirm'; readonly bulk: string }
  | { readonly ask: 'critical-policy-show' }
  /** Takes over a policy of critical results by which people are called later or by fewer ways. */
  | { readonly ask: 'critical-policy-change'; readonly reason: string; readonly dryRun: boolean }
  | { readonly ask: 'critical-policy-confirm'; readonly bulk: string };

/** The retention that counts, and where site.json asks for a shorter one, which two people have to agree on. */
export interface PolicyShown {
  readonly inForce: RetentionPolicy | null;
  readonly shorter: readonly string[];
  /** Nothing is taken away before then. */
  readonly notBefore: Instant | null;
}

export type CustodyReply =
  | { readonly ok: false; readonly code: 'denied' | 'unknown' | 'not-possible' | 'no-reason'; readonly text: string }
  | { readonly ok: true; readonly answer: 'keys'; readonly keys: KeysShown }
  | { readonly ok: true; readonly answer: 'retention'; readonly policy: PolicyShown; readonly held: Awaited<ReturnType<DataCustody['held']>> }
  /** What the site's content asks for that two people have to agree on. */
  | { readonly ok: true; readonly answer: 'critical-policy'; readonly looser: readonly string[] }
  | { readonly ok: true; readonly answer: 'case'; readonly kept: KeptCase; readonly text: readonly string[] }
  /** `text`: what was done, or would be on a dry run. */
  | { readonly ok: true; readonly answer: 'acted'; readonly dryRun: boolean; readonly text: readonly string[] }
  /** Another person confirms it as `bulk` before `until`; `text` says what would be done. */
  | { readonly ok: true; readonly answer: 'waits'; readonly bulk: string; readonly until: Instant; readonly text: readonly string[] };

/** The running service, as the commands of keys and retention speak to it: authorised on every call, audited before it answers. */
export interface Custodian {
  ask(caller: Caller, request: CustodyRequest): Promise<CustodyReply>;
}
