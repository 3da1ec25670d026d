import type { Actor } from '#core/event.js';
import type { CaseId, PersonId } from '#core/ids.js';
import type { Instant } from '#core/time.js';

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

export interface AuditVerdict {
  readonly ok: boolean;
  readonly cases: number;
  readonly rows: number;
  readonly firstBad: { readonly seq: number; readonly what: string } | null;
}

/** Denials and views are written here alone; state changes are written by the case store in their transaction. */
export interface AuditStore {
  /** Resolves when it is on disk: write before the answer leaves. */
  record(entry: AuditEntry): Promise<void>;
  /** Highest revision of this case whose personal view this person was shown; 0 for none. Derived from the view rows. */
  shownRevision(caseId: CaseId, person: PersonId): Promise<number>;
  verify(): Promise<AuditVerdict>;
  /** Joins the heads of all cases into the site's chain. */
  seal(at: Instant): Promise<void>;
}
