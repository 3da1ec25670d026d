import type { Instant } from '#core/time.js';

/** What one sweep took away. */
export interface Swept {
  /** Messages that came in. */
  readonly messages: number;
  /** Cases whose data key was dropped: their patient data is gone, their number, audit and receipts' hashes stay. */
  readonly cases: number;
  /** Days of messages whose key was dropped. */
  readonly days: number;
  /** Audit rows that lost their content; their hashes stay. */
  readonly auditRows: number;
}

/**
 * Takes away what the site's retention (domain/retention) no longer lets it keep. Never what is not ended, not acknowledged or held for a person, nor anything of a case
 * under legal hold. In small steps, beside the service.
 */
export interface Retention {
  /** What a sweep would take away now; changes nothing. @param stop as of `sweep` */
  due(now: Instant, stop?: AbortSignal): Promise<Omit<Swept, 'days'>>;
  /** @param stop ends it between two steps: it rejects with the signal's reason, and the next sweep goes on */
  sweep(now: Instant, stop?: AbortSignal): Promise<Swept>;
}
