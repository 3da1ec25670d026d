import { z } from 'zod/v4';
import { instant } from '#core/time.js';
import type { Instant } from '#core/time.js';

/** The canary has arrived: a message of Radloop's own that shows that messages are worked on. No patient, no order, no case of anybody's. */
export interface CanaryReceived {
  readonly type: 'canaryReceived';
  readonly sentAt: Instant;
}

/** The last canary that went the whole way, and the last that had its timer. Kept by the name `progress` (ports/cursors), so that each process of a store sees it. */
const canaryKept = z.object({
  sentAt: instant.nullable(),
  timerFiredAt: instant.nullable(),
  /** Seconds. */
  timerLateness: z.number().nullable(),
});
export type CanaryKept = z.infer<typeof canaryKept>;

/** As it is kept; what can't be read is as none. */
export function canaryKeptIn(text: string | null): CanaryKept {
  try {
    return canaryKept.parse(JSON.parse(text ?? 'null'));
  } catch {
    return { sentAt: null, timerFiredAt: null, timerLateness: null };
  }
}
