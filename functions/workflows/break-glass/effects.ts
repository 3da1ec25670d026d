import type { Effect } from '#core/effect.js';
import { effectKey } from '#core/ids.js';
import type { EffectKey, PersonId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { Moment } from '#core/workflow.js';
import type { Policy } from './policy.ts';

type At = Moment<Policy>;

/** Names of the notes; which opening it is about stands behind the name. */
export const noteNames = ['opened', 'longer', 'longer-confirmed', 'review-due'] as const;
export type NoteName = (typeof noteNames)[number];

/** Privacy auditors and coordinators, once each, and never who is looked at. */
export function whoIsTold({ auditors, coordinators }: Policy, by: PersonId): readonly PersonId[] {
  return [...new Set([...auditors, ...coordinators])].filter((person) => person !== by);
}

export function tell(people: readonly PersonId[], note: NoteName, opening: number, moment: At): Effect[] {
  return people.map((person) => ({
    kind: 'tellPerson',
    weight: 'advice',
    key: keyOf(moment, `tell-${note}-${person}`),
    person,
    note: `${note}:${opening}`,
    revision: opening,
  }));
}

/** Deadline names: `end`, and `review-` with the opening. */
export function wakeAt(name: string, epoch: number, at: Instant, moment: At): Effect {
  return { kind: 'setDeadline', weight: 'inner', key: keyOf(moment, `wake-${name}`), name, epoch, at };
}

export function forget(name: string, moment: At): Effect {
  return { kind: 'setDeadline', weight: 'inner', key: keyOf(moment, `wake-${name}`), name, epoch: 0, at: null };
}

function keyOf(moment: At, what: string): EffectKey {
  return effectKey.parse(`${moment.caseId}/${moment.event}/${what}`);
}
