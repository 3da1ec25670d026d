import type { CaseNumber, CaseId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { ListedCase } from '#core/workflow.js';

export interface CaseRow extends ListedCase {
  readonly workflow: string;
  readonly caseId: CaseId;
  readonly updatedAt: Instant;
}

/** What is held for a person: an outbox item, a poison event. */
export interface HeldRow {
  readonly kind: 'outbox' | 'event';
  readonly id: string;
  readonly caseNumber: CaseNumber | null;
  readonly reason: string;
  readonly since: Instant;
}

/** Questions across cases. Written in the facts' transaction; rebuilt from facts at will. */
export interface Views {
  open(workflow: string): Promise<readonly CaseRow[]>;
  all(workflow: string): Promise<readonly CaseRow[]>;
  /** Of `all` those that were written at this time or after it: what a report of a period reads of years. */
  since(workflow: string, at: Instant): Promise<readonly CaseRow[]>;
  held(): Promise<readonly HeldRow[]>;
}
