import type { CaseEvent } from '#core/event.js';
import type { Instant } from '#core/time.js';

export interface ClaimedEvent {
  readonly claimed: number;
  readonly event: CaseEvent;
  /** Counted before the work. */
  readonly attempt: number;
}

/** Events on their way to their case: durable, in order per case, at least once. */
export interface EventBus {
  publish(event: CaseEvent): Promise<void>;
  /** Leases the head of each case's queue. */
  claim(now: Instant, leaseSeconds: number, most: number): Promise<readonly ClaimedEvent[]>;
  release(claimed: number, again: Instant): Promise<void>;
  /** Poison: kept with its reason and shown to an operator; only its own case waits. */
  quarantine(claimed: number, reason: string, at: Instant): Promise<void>;
  nextDue(): Promise<Instant | null>;
}
