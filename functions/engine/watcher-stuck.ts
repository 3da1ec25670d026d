import type { Directory } from '#ports/directory.js';
import type { PendingCase } from '#ports/pending-cases.js';
import { personId } from '#core/ids.js';
import { epochOf } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { alertTimes } from '#domain/critical-times.js';
import type { StuckAlert } from './watcher-words.ts';

/** What does not happen: its timer does not fire, what is told to it is not heard, it is held for an operator, a page is not sent, or it waits for nothing at all. */
export type Why = 'timer' | 'event' | 'held' | 'page' | 'nothing';

/** Since when something should have happened, and what; a time to come where all is well. */
export interface Due {
  readonly why: Why;
  readonly since: Instant;
}

/**
 * The earliest of what an open alert waits for, by any of its timers. One that waits for nothing has been silent since it was last written (invariant 19).
 * @param timer by name: another one alone keeps nobody waited for
 */
export function dueOf({ armed, queued, held, unsent, updatedAt }: PendingCase, timer: string): Due {
  const waits = [
    { why: 'held', since: held },
    { why: 'timer', since: Object.values(armed).toSorted()[0] ?? null },
    { why: 'event', since: queued },
    { why: 'page', since: unsent },
  ] as const;
  const found = waits.flatMap(({ why, since }): Due[] => (since === null ? [] : [{ why, since }]));
  const isSilent = armed[timer] === undefined && queued === null;
  const all = isSilent ? [...found, { why: 'nothing', since: updatedAt } as const] : found;
  return all.toSorted((a, b) => epochOf(a.since) - epochOf(b.since))[0] ?? { why: 'nothing', since: updatedAt };
}

export function stuckAlert(one: PendingCase, { since }: Due, now: Instant, directory: Directory): StuckAlert {
  const times = alertTimes.safeParse(one.figures).data;
  const owner = personId.safeParse(one.owner).data;
  const last = owner === undefined ? null : directory.byId(owner);
  const phone = last?.contacts.phone;
  return {
    ...{ caseNumber: one.caseNumber, drill: times?.drill ?? false, category: times?.category ?? null },
    minutes: Math.max(1, Math.round((epochOf(now) - epochOf(since)) / 60_000)),
    last: last === null || phone === undefined ? null : { name: last.name, phone },
  };
}
