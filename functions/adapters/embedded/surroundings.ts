import { createHmac } from 'node:crypto';
import { caseId } from '#core/ids.js';
import type { CaseId } from '#core/ids.js';
import { toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Clock } from '#ports/clock.js';

/** The machine's clock. */
export const wallClock: Clock = { now: () => now(Date.now()) };

/** Many messages come in one millisecond: it is written out once. */
let last = { epoch: 0, instant: toInstant(0) };
function now(epoch: number): Instant {
  if (epoch !== last.epoch) last = { epoch, instant: toInstant(epoch) };
  return last.instant;
}

/** HMAC-SHA256 of a text under the store's secret, its first 16 bytes: numbers and patients are looked up by this, not by themselves (DECISIONS 34). */
export function keyedHash(secret: string): (text: string) => Uint8Array {
  return (text) => createHmac('sha256', secret).update(text).digest().subarray(0, 16);
}

/** Of a placer number the hash without its assigner, which a RIS often leaves out when it gives the number back; null for any other number. */
export function placerHash(hash: (text: string) => Uint8Array, number: string): Uint8Array | null {
  const [kind, , ...id] = number.split('|');
  return kind === 'placer' ? hash(`placer||${id.join('|')}`) : null;
}

/** Case ids by a keyed hash: the same for the same subject, and no way back to the order number. */
export function caseIdKeyedBy(secret: string): (workflow: string, subject: string) => CaseId {
  return (workflow, subject) => caseId.parse(createHmac('sha256', secret).update(`${workflow}\n${subject}`).digest('hex').slice(0, 32));
}
