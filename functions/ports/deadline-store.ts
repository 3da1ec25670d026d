import type { CaseId } from '#core/ids.js';
import type { Instant } from '#core/time.js';

export interface DueDeadline {
  readonly workflow: string;
  readonly caseId: CaseId;
  readonly name: string;
  readonly epoch: number;
  readonly at: Instant;
}

/** Due times. They are armed and taken back by setDeadline effects, in the transaction of their facts. */
export interface DeadlineStore {
  due(now: Instant, most: number): Promise<readonly DueDeadline[]>;
  /** Turns a due deadline into an event on the bus, in one transaction; nothing when it was re-armed meanwhile. */
  fire(deadline: DueDeadline, now: Instant): Promise<void>;
  nextDue(): Promise<Instant | null>;
}
