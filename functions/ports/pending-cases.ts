import type { Instant } from '#core/time.js';
import type { CaseRow } from './views.ts';

/** An open case and what is to happen next with it. Null, or empty: nothing of that kind. */
export interface PendingCase extends CaseRow {
  /** When its timers are armed for, by their names. */
  readonly armed: Readonly<Record<string, Instant>>;
  /** The event that has waited longest in its queue was due to be told to it then. */
  readonly queued: Instant | null;
  /** Since then it waits for an operator: poison in its queue, or set aside. */
  readonly held: Instant | null;
  /** The oldest of its pages that nobody has begun to send was written then. */
  readonly unsent: Instant | null;
}

/** For whoever watches those who work on the store. Reads what it says itself, changes nothing, and needs none of them. */
export interface PendingCases {
  /** All open cases. */
  open(workflow: string): Promise<readonly PendingCase[]>;
}
