import type { Posting } from '#core/card.js';
import type { PersonId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { About, Finding } from '#domain/critical.js';
import type { FollowUpOwner, FollowUpSource } from '#domain/follow-up.js';
import type { Fact, FactOf } from './events.ts';

/** open: its owner has it. done: they, or a coordinator, said so. withdrawn: the report was corrected and says it no longer. */
export interface FollowUp {
  readonly status: 'open' | 'done' | 'withdrawn';
  readonly about: About;
  readonly finding: Finding;
  readonly sources: readonly FollowUpSource[];
  readonly owner: FollowUpOwner;
  readonly since: Instant;
  readonly due: Instant;
  /** What is put to people. */
  readonly revision: number;
  readonly done: FactOf<'followUpDone'> | null;
  /** Where it stands open in private chats. */
  readonly views: readonly { readonly person: PersonId; readonly posting: Posting }[];
}
export type State = { readonly status: 'none' } | FollowUp;

export function isFollowUp(state: State): state is FollowUp {
  return state.status !== 'none';
}

/** The state after one more fact: pure, total, and indifferent to facts that no longer matter. */
export function evolve(state: State, fact: Fact): State {
  if (fact.type === 'followUpOpened') return opened(state, fact);
  if (!isFollowUp(state)) return state;
  switch (fact.type) {
    case 'sourceJoined':
      return { ...state, sources: [...state.sources, fact.source], revision: state.revision + 1 };
    case 'followUpDone':
      return { ...state, status: 'done', done: fact };
    case 'followUpWithdrawn':
      return { ...state, status: 'withdrawn' };
    case 'patientJoined': {
      const { patient } = state.about;
      return { ...state, about: { ...state.about, patient: { ...patient, identifiers: [...patient.identifiers, ...fact.identifiers] } } };
    }
    case 'viewShown':
      return { ...state, views: [...state.views, { person: fact.person, posting: fact.posting }] };
    case 'privateCardOver':
      return { ...state, views: state.views.filter(({ posting }) => posting.activityId !== fact.posting.activityId) };
    default:
      return fact satisfies never;
  }
}

function opened(before: State, { about, finding, source, owner, since, due }: FactOf<'followUpOpened'>): FollowUp {
  const known = isFollowUp(before) ? before : { sources: [], revision: 0, views: [] };
  return {
    ...{ status: 'open', about, finding, owner, since, due, done: null, views: known.views },
    ...{ sources: [...known.sources, source], revision: known.revision + 1 },
  };
}
