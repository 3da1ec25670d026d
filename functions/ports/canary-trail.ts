import type { Instant } from '#core/time.js';

/** What canaries leave in the store (ADR 0028): rows of nobody, which would be all that an idle store grows by. */
export interface CanaryTrail {
  /** Takes away what canaries of before this time have left, once they went the whole way. */
  forget(before: Instant): Promise<void>;
}
