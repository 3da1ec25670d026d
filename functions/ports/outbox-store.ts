import type { FailureCode } from '#core/delivery.js';
import type { Effect, Precedence } from '#core/effect.js';
import type { CaseId, CaseNumber, EffectKey } from '#core/ids.js';
import type { Instant } from '#core/time.js';

export interface OutboxItem {
  /** Opaque; at most 150 characters. */
  readonly id: string;
  readonly workflow: string;
  readonly caseId: CaseId;
  readonly caseNumber: CaseNumber;
  readonly effect: Effect;
  readonly writtenAt: Instant;
  /** Counted before the work, this one included, and never back, also not by an operator's retry: it is the claim's fence (ADR 0026). */
  readonly attempt: number;
  /** Failures so far by class, since an operator last set it going; this attempt not included. */
  readonly failures: Readonly<Record<string, number>>;
  /** Claims that ended without a word, since then: the process died at it, or hung until its lease was over. */
  readonly crashes: number;
  /** The bytes that were sent the first time; null before. */
  readonly bytes: Buffer | null;
  /** Was it accepted (CA) and not yet answered by the application? Then it is claimed because the answer is overdue. */
  readonly awaited: boolean;
  /** Times that an operator set it going again: what its case is told of each time is told by itself. */
  readonly retries: number;
}

/** One claim of an item: what is written for it is refused once another has been given. */
export type Claim = Pick<OutboxItem, 'id' | 'attempt'>;

/** A part of all items: what is slow or gone there keeps nothing else waiting. */
export type OutboxShare =
  /** Of endpoints.json, or the pages of one channel (`pagesBy`). */
  | { readonly destination: string }
  /** @param precedence of these only; left out: whatever it is */
  | { readonly kinds: readonly Effect['kind'][]; readonly precedence?: readonly Precedence[] }
  /** All the rest: also pages that a release wrote which named no channel beside them. */
  | { readonly notDestinations: readonly string[]; readonly notKinds: readonly Effect['kind'][] };

/**
 * Effects to be carried out: at least once, one lane of one case in order, the receiver told apart by the effect's key.
 * What is written for a claim gives false, and nothing is written, when another claim was given since or the item has ended otherwise.
 */
export interface OutboxStore {
  /** Leases up to `most` items that are due, the head of each lane only; of this share only. @default all */
  claim(now: Instant, leaseSeconds: number, most: number, share?: OutboxShare): Promise<readonly OutboxItem[]>;
  /** Is this the last claim given, its lease not over and the item not withdrawn? Asked right before anything leaves Radloop. */
  stillHeld(claim: Claim, now: Instant): Promise<boolean>;
  /** Keeps the bytes of the first sending, before they are sent; bytes that are kept stay as they are. */
  keepBytes(claim: Claim, bytes: Buffer): Promise<boolean>;
  /**
   * Done. What came back was told to the case before this is called: a crash between repeats the effect, never loses it.
   * Of an item that was withdrawn meanwhile the receipt is kept, and it stays withdrawn. An item that awaits its application's answer is ended by whoever brings
   * that, also when it has been claimed since because the answer was overdue.
   */
  delivered(claim: Claim, receipt: unknown, at: Instant): Promise<boolean>;
  tryAgain(claim: Claim, code: FailureCode, failures: Readonly<Record<string, number>>, at: Instant): Promise<boolean>;
  /** Accepted by the receiver (CA), its application's answer is awaited until then; the lane waits with it. Claimed again when it is overdue. */
  awaitAnswer(claim: Claim, controlId: string, receipt: unknown, until: Instant): Promise<boolean>;
  /** The item of one of these destinations that awaits the answer to this message; null: none, and the answer is credited to nothing. It is not claimed. */
  awaiting(destinations: readonly string[], controlId: string): Promise<OutboxItem | null>;
  /** A person must look: the lane of this case waits, no other does; advice that was refused is history and holds nothing. One that was withdrawn stays so. */
  hold(claim: Claim, code: FailureCode, detail: string, at: Instant): Promise<boolean>;
  /** Does a later item of the same lane wait, which makes this one needless? */
  overtaken(id: string): Promise<boolean>;
  /** What became of an effect of the case: `open` while it waits or is under way, then what came back; null: nothing has come of it, or there is none of this key. */
  outcome(caseId: CaseId, key: EffectKey): Promise<'open' | { readonly receipt: unknown } | null>;
  /** When the next item falls due that nothing holds; null when none waits. @default all shares */
  nextDue(share?: OutboxShare): Promise<Instant | null>;
  /**
   * Items that are under way or that nothing but their turn and their receiver's pace keeps: the heads of the lanes, counted up to `most`. What waits for a person,
   * for an application's answer or behind another of its lane is not among them.
   */
  waiting(most: number, share: OutboxShare): Promise<number>;
}
