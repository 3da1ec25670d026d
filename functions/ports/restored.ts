import type { Instant } from '#core/time.js';

/** The store was put back from a backup: what happened from `from` on, when the backup was begun, is not in it. */
export interface Restored {
  /** Counts restores of this store; from 1. */
  readonly epoch: number;
  readonly at: Instant;
  readonly from: Instant;
  /** When the store that was replaced was last written, as far as it could be read. */
  readonly until: Instant | null;
}

/** Begins the detail of a delivery that a restore holds for a person. */
export const HELD_BY_RESTORE = 'Radloop was restored from a backup';
