import { authorise, permissions } from '#core/authorise.js';
import type { Action } from '#core/action.js';
import { addSeconds } from '#core/time.js';
import type { Answer } from '#core/workflow.js';
import type { ClaimedEvent } from '#ports/event-bus.js';
import type { Parts } from './parts.ts';
import { runCase } from './run-case.ts';
import { placed } from './whereabouts.ts';
import type { Work } from './worker.ts';

/** Failures of one event, and ends of a process at it, after which only a person can go on with its case (INVARIANTS 9). */
const MOST_FAILURES = 5;
const MOST_CRASHES = 3;
/** Milliseconds that an event at which a process ended has for itself; what ends the process does so at once, what only hangs keeps nobody waiting. */
const ALONE_MS = 1000;

/** Events to their cases. While one is heard at which a process ended before, nothing else is begun: whatever it does, it does to no other. */
export function hearing(parts: Parts, leaseSeconds: number): Pick<Work<ClaimedEvent>, 'take' | 'do' | 'nextDue'> {
  let alone: Promise<unknown> | null = null;
  return {
    async take(now, most) {
      await alone;
      alone = null;
      return parts.bus.claim(now, leaseSeconds, most);
    },
    do(job) {
      const work = hear(parts, job);
      if (job.crashes > 0) alone = atMost(ALONE_MS, work);
      return work;
    },
    nextDue: () => parts.bus.nextDue(),
  };
}

async function hear(parts: Parts, job: ClaimedEvent): Promise<void> {
  const { event, attempt, failures, crashes } = job;
  if (crashes >= MOST_CRASHES) {
    await quarantine(parts, job, `the service ended or hung at it ${crashes} times`);
    return;
  }
  try {
    await tellClaimed(parts, job);
  } catch (error) {
    const fault = error instanceof Error ? error.name : 'unknown';
    const failed = failures + 1;
    parts.log.error('event.failed', { workflow: event.workflow, attempt, fault: error });
    if (failed >= MOST_FAILURES) await quarantine(parts, job, `failed ${failed} times: ${fault}`);
    else await parts.bus.release(job, addSeconds(parts.clock.now(), failed));
  }
}

/** Tells a claimed event to its case; a person's answer that was kept until now counts by the rights that they have now. */
export async function tellClaimed(parts: Parts, job: ClaimedEvent): Promise<Answer | undefined> {
  const { event } = job;
  const verb = verbOf(event.input);
  if (event.actor.kind !== 'person' || verb === null) return runCase(parts, await placed(parts, event), job);
  const person = parts.directory.byId(event.actor.person);
  return runCase(parts, event, job, (subject) => person !== null && isAction(verb) && authorise(person, verb, subject).allowed);
}

/** What a person did, as the desk writes it; null: it is something else. */
function verbOf(input: unknown): string | null {
  const { type, verb } = input as { readonly type: string; readonly verb?: unknown };
  return type === 'personAnswered' ? String(verb) : null;
}

function isAction(verb: string): verb is Action {
  return Object.hasOwn(permissions, verb);
}

async function quarantine(parts: Parts, job: ClaimedEvent, reason: string): Promise<void> {
  parts.log.error('event.quarantined', { workflow: job.event.workflow, attempt: job.attempt });
  await parts.bus.quarantine(job, reason, parts.clock.now());
}

async function atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([Promise.allSettled([work]), patience]);
  clearTimeout(timer);
}
