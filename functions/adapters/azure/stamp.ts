import { randomBytes } from 'node:crypto';

/** Two letters of this process: two instances never give the same stamp. */
const INSTANCE = randomBytes(2).toString('hex');
let last = 0;
let count = 0;

/**
 * When something was written, as text that sorts: milliseconds, and a count within one. Of one process each is after the one before, also when the clock is set back;
 * between instances the order is as good as their clocks. What must be in order whatever the clocks say has a number of its case's head instead.
 */
export function stamp(): string {
  const now = Math.max(Date.now(), last);
  count = now === last ? count + 1 : 0;
  last = now;
  return `${String(now).padStart(15, '0')}.${String(count).padStart(6, '0')}.${INSTANCE}`;
}
