import type { Instant } from '#core/time.js';

export interface Clock {
  now(): Instant;
}
