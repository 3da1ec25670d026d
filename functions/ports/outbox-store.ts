import type { FailureCode } from '#core/delivery.js';
import type { Effect } from '#core/effect.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import type { Instant } from '#core/time.js';

export interface OutboxItem {
  readonly id: number;
  readonly workflow: string;
  readonly caseId: CaseId;
  readonly caseNumber: CaseNumber;
  readonly effect: Effect;
  readonly writtenAt: Instant;
  /** Counted before the work, so that an item that kills the process is counted. This one included. */
  readonly attempt: number;
  /** Failures so far by class, this attempt not included. */
  readonly failures: Readonly<Record<string, number>>;
  /** The bytes that were sent the first time; null before. */
  readonly bytes: Buffer | null;
  /** Was it accepted (CA) and not yet answered by the application? Then it is claimed because the answer is overdue. */
  readonly awaited: boolean;
  /** Times that an operator set it going again: what its case is told of each time is told by itself. */
  readonly retries: number;
}

/** A part of all items: what is slow or gone there keeps nothing else waiting. */
export type OutboxShare =
  | { readonly destination: string }
  | { readonly kinds: readonly Effect['kind'][] }
  /** All the rest. */
  | { readonly notDestinations: readonly string[]; readonly notKinds: readonly Effect['kind'][] };

/** Effects to be carried out: at least once, one lane of one case in order, the receiver told apart by the effect's key. */
export interface OutboxStore {
  /** Leases up to `most` items that are due, the head of each lane only; of this share only. @default all */
  claim(now: Instant, leaseSeconds: number, most: number, share?: OutboxShare): Promise<readonly OutboxItem[]>;
  /** Keeps the bytes of the first sending, before they are sent. */
  keepBytes(id: number, bytes: Buffer): Promise<void>;
  /** Done. What came back was told to the case before this is called: a crash between repeats the effect, never loses it. */
  delivered(id: number, receipt: unknown, at: Instant): Promise<void>;
  tryAgain(id: number, code: FailureCode, failures: Readonly<Record<string, number>>, at: Instant): Promise<void>;
  /** Accepted by the receiver (CA), its application's answer is awaited until then; the lane waits with it. Claimed again when it is overdue. */
  awaitAnswer(id: number, controlId: string, receipt: unknown, until: Instant): Promise<void>;
  /** The item of one of these destinations that awaits the answer to this message; null: none, and the answer is credited to nothing. */
  awaiting(destinations: readonly string[], controlId: string): Promise<OutboxItem | null>;
  /** A person must look: the lane of this case waits, no other does; advice that was refused is history and holds nothing. */
  hold(id: number, code: FailureCode, detail: string, at: Instant): Promise<void>;
  /** Does a later item of the same lane wait, which makes this one needless? */
  overtaken(id: number): Promise<boolean>;
  /** When the next item falls due that nothing holds; null when none waits. @default all shares */
  nextDue(share?: OutboxShare): Promise<Instant | null>;
}
