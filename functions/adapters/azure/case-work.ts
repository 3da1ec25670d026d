import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod/v4';
import { caseId } from '#core/ids.js';
import { epochOf, instant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Append, CaseStore } from '#ports/case-store.js';
import type { DeadlineStore, DueDeadline } from '#ports/deadline-store.js';
import type { AzureEventBus } from './event-bus.ts';
import type { CaseAnnouncer } from './service-bus.ts';

const timer = z.object({ workflow: z.string(), caseId, name: z.string(), epoch: z.number(), at: instant });
const caseMessage = z.object({ caseId, timer: timer.optional() });

export interface CaseWorkNeeds {
  readonly bus: Pick<AzureEventBus, 'work'>;
  readonly deadlines: Pick<DeadlineStore, 'fire'>;
  readonly now: () => Instant;
}

/** Milliseconds by which the bus's clock may be ahead of ours: so long its timer is waited for. */
const AHEAD_MS = 5000;

/** Tells one message of the queue `case-events`, for a session trigger: a timer fires, then all that waits for the case is told. What is no such message is dropped. */
export function caseWork({ bus, deadlines, now }: CaseWorkNeeds): (body: unknown) => Promise<void> {
  return async (body) => {
    const message = caseMessage.safeParse(body);
    if (!message.success) return;
    const due = message.data.timer;
    if (due !== undefined) {
      const early = epochOf(due.at) - epochOf(now());
      // One more: a timer of the process may wake a moment before its time, and what is early then would be left to the sweep.
      if (early > 0 && early <= AHEAD_MS) await sleep(early + 1);
      // What is earlier still is fired by the sweep at its time.
      if (due.at <= now()) await deadlines.fire(due, now());
    }
    await bus.work(message.data.caseId);
  };
}

/** The case store, which also has the bus bring each deadline back at its time. A crash before that loses no deadline: it stands in the case, and the sweep looks there. */
export function withTimers(cases: CaseStore, announcer: Pick<CaseAnnouncer, 'arm'>): CaseStore {
  return {
    ...cases,
    async append(change) {
      const done = await cases.append(change);
      if (done.ok) for (const deadline of armedBy(change)) announcer.arm(deadline);
      return done;
    },
  };
}

function armedBy({ workflow, caseId: id, effects }: Append): DueDeadline[] {
  return effects.flatMap(({ effect, suppressed }) =>
    suppressed || effect.kind !== 'setDeadline' || effect.at === null
      ? []
      : [{ workflow, caseId: id, name: effect.name, epoch: effect.epoch, at: effect.at }],
  );
}

/**
 * Deadlines that the bus brings back, so that nobody needs to look over all cases each second: the look that remains, every `sweepSeconds`, finds what the bus lost.
 * 0: at each call.
 */
export function sweptDeadlines(deadlines: DeadlineStore, sweepSeconds: number): DeadlineStore {
  let swept: number | null = null;
  return {
    fire: (deadline, now) => deadlines.fire(deadline, now),
    async due(now, most) {
      const at = Date.parse(now);
      if (swept !== null && at >= swept && at < swept + sweepSeconds * 1000) return [];
      const found = await deadlines.due(now, most);
      // There may be more.
      swept = found.length < most ? at : null;
      return found;
    },
    nextDue: async () => (sweepSeconds === 0 ? deadlines.nextDue() : null),
  };
}
