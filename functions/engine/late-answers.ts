import { addSeconds } from '#core/time.js';
import type { Facility } from '#domain/site.js';
import type { Parts } from './parts.ts';
import type { Poll } from './poller.ts';

type Needs = Pick<Parts, 'raw' | 'hl7' | 'clock' | 'log'>;

/** Seconds that the sender's own connection has for taking our application answer. */
const OWN_CONNECTION_SECONDS = 5;
const AT_ONCE = 50;
/** Doors that a facility comes in by. */
const DOORS = ['mllp', 'https'] as const;

/**
 * Application answers (enhanced mode) whose connection was gone before they could leave: to the facility's own endpoint, in their order, one facility never in
 * another's way. Without `answersTo` they stay where an operator sees them. An end between sending and noting it sends the same answer twice.
 */
export function lateAnswers(parts: Needs, facilities: readonly Facility[]): readonly Poll[] {
  return facilities.flatMap(({ id, answersTo }) => {
    if (answersTo === null) return [];
    const endpoints = DOORS.map((door) => `${door}:${id}`);
    return [{ name: `answers to ${id}`, everySeconds: 1, ask: () => sendLate(parts, endpoints, answersTo) }];
  });
}

async function sendLate(parts: Needs, endpoints: readonly string[], destination: string): ReturnType<Poll['ask']> {
  const owed = await parts.raw.unanswered(addSeconds(parts.clock.now(), -OWN_CONNECTION_SECONDS), AT_ONCE, endpoints);
  for (const { identity, application } of owed) {
    const sent = await parts.hl7.sendAnswer(destination, application);
    if (!sent.ok) {
      parts.log.error('answer.not-sent', { destination, code: sent.code });
      return 'failed';
    }
    await parts.raw.answered(identity);
  }
  return owed.length === AT_ONCE ? 'more' : 'done';
}
