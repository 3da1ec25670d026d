import type { Effect } from '#core/effect.js';
import type { Actor } from '#core/event.js';
import type { CaseId, CaseNumber, EventId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { Answer, TaskRow } from '#core/workflow.js';
import type { EventClaim } from './event-bus.ts';

export interface StoredFact {
  readonly seq: number;
  readonly at: Instant;
  readonly fact: unknown;
}

export interface CaseHistory {
  readonly caseId: CaseId;
  readonly caseNumber: CaseNumber;
  /** 0 for a case that has no fact yet. */
  readonly version: number;
  readonly facts: readonly StoredFact[];
}

/** Everything one event does to one case: written in one transaction or not at all. */
export interface Append {
  readonly workflow: string;
  readonly caseId: CaseId;
  readonly caseNumber: CaseNumber;
  /** Version that was read; another one now is a conflict. */
  readonly expectedVersion: number;
  readonly event: { readonly id: EventId; readonly type: string; readonly actor: Actor };
  readonly at: Instant;
  readonly facts: readonly { readonly type: string; readonly fact: unknown }[];
  /** `held back` effects are kept as suppressed: what would have gone out (modes off and silent). */
  readonly effects: readonly { readonly effect: Effect; readonly suppressed: boolean }[];
  readonly row: TaskRow | null;
  /** What the case is found by from now on, in plain; the store keeps keyed hashes (DECISIONS 34). */
  readonly keys: readonly string[];
  /** Told again, the same event gets this answer again. */
  readonly answer: Answer | undefined;
  /** Set when the event was claimed from the bus: done in the same transaction, or nothing is written when the claim is not the last one any more. */
  readonly claimed?: EventClaim;
}

export type Appended =
  | { readonly ok: true; readonly version: number }
  | { readonly ok: false; readonly code: 'conflict' }
  /** The event was given to somebody else since: it is theirs to tell. */
  | { readonly ok: false; readonly code: 'claim-lost' }
  | { readonly ok: false; readonly code: 'already-heard'; readonly answer: Answer | undefined };

/** The record. Audit rows are derived here: one a fact, one for an event that changed nothing but was answered (a denial, a stale click). */
export interface CaseStore {
  /** Reserves the case number on first sight of the case; the same number ever after. `after`: of the facts only those with a higher `seq`. @default 0 */
  read(workflow: string, caseId: CaseId, after?: number): Promise<CaseHistory>;
  append(change: Append): Promise<Appended>;
  /** The case of a subject in a workflow: the same for the same subject, and no way back to it. Nothing is written (DECISIONS 2). */
  caseIdOf(workflow: string, subject: string): CaseId;
  /** The answer an event got, if it was heard. */
  heard(caseId: CaseId, event: EventId): Promise<{ readonly answer: Answer | undefined } | null>;
  /** The case whose card stands in this conversation. */
  findByConversation(conversationId: string): Promise<CaseNumber | null>;
  findByNumber(caseNumber: CaseNumber): Promise<{ readonly workflow: string; readonly caseId: CaseId } | null>;
  /** Cases that ever told this key (`Append.keys`), ended ones too, first first; none whose patient data was taken away. Only the very spelling counts. */
  findByKey(key: string): Promise<readonly { readonly workflow: string; readonly caseId: CaseId }[]>;
}
