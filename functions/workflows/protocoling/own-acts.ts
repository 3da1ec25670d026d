import type { PersonId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { TakenBackKind } from './events.ts';
import { isUndecided } from './state.ts';
import type { Opened } from './state.ts';

/** Something that a person did on a case, and that stands. */
export interface OwnAct {
  readonly by: PersonId;
  readonly at: Instant;
  readonly what: TakenBackKind;
}

/** What can be taken back of this case, by whom, the last first. What the RIS was asked to do stays with whoever decided it. */
export function didOn(state: Opened): readonly OwnAct[] {
  const acts: OwnAct[] = state.reminders.map(({ person, setAt }) => ({ by: person, at: setAt, what: 'reminder' }));
  if (state.handedOver !== null && isUndecided(state)) acts.push({ by: state.handedOver.by.id, at: state.handedOver.at, what: 'hand-over' });
  if (state.question !== null && state.status === 'asking') acts.push({ by: state.question.by.id, at: state.question.at, what: 'question' });
  if (state.status === 'approved') acts.push({ by: state.decided.approval.person, at: state.decided.approval.at, what: 'approval' });
  if (state.status === 'rejected') acts.push({ by: state.by.id, at: state.at, what: 'rejection' });
  return acts.toSorted((one, other) => (one.at > other.at ? -1 : 1));
}

export function lastOwnAct(state: Opened, person: PersonId): OwnAct | null {
  return didOn(state).find(({ by }) => by === person) ?? null;
}
