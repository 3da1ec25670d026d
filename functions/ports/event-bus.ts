import type { CaseEvent } from '#core/event.js';
import type { Instant } from '#core/time.js';

export interface ClaimedEvent {
  /** The store's name for this event in its queue; opaque. */
  readonly claimed: string;
  readonly event: CaseEvent;
  /** Counted before the work, and never back, also not by an operator's retry: it is the claim's fence (ADR 0026). */
  readonly attempt: number;
  /** Times that telling it failed, since an operator last set it going. */
  readonly failures: number;
  /** Claims that ended without a word, since then: the process died at it, or hung until its lease was over. */
  readonly crashes: number;
}

/** One claim: what is written for it is refused once another has been given. */
export type EventClaim = Pick<ClaimedEvent, 'claimed' | 'attempt'>;

/** Events on their way to their case: durable, in order per case, at least once. */
export interface EventBus {
  publish(event: CaseEvent): Promise<void>;
  /**
   * Leases the head of each case's queue. One at which a process ended (`crashes` above 0) is given out before the others and by itself, with none beside it:
   * so that its next end is counted against nothing else.
   */
  claim(now: Instant, leaseSeconds: number, most: number): Promise<readonly ClaimedEvent[]>;
  /** It failed, which is counted; it is due again then. False, and nothing written: another claim was given since, or it has ended. */
  release(claim: EventClaim, again: Instant): Promise<boolean>;
  /** Poison: kept with its reason and shown to an operator; only its own case waits. False as of `release`. */
  quarantine(claim: EventClaim, reason: string, at: Instant): Promise<boolean>;
  nextDue(): Promise<Instant | null>;
}
