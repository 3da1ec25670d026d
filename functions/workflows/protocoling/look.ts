import type { PersonId } from '#core/ids.js';
import type { Fact } from './events.ts';
import type { Look, State } from './state.ts';

/** Notes by which somebody is made to look. */
export const LOOK_NOTES: readonly string[] = ['on-duty', 'not-looked-at', 'handed-over'];

type LookFact = Extract<Fact, { type: 'lookAsked' | 'lookedAt' | 'deliveryFailed' }>;

/** Who was made to look, after one more fact. */
export function lookAfter(look: Look | null, fact: LookFact): Look | null {
  switch (fact.type) {
    case 'lookAsked': {
      const { revision, step, people, at, because, until } = fact;
      const before = look?.revision === revision ? look : null;
      const asked = [...(before?.asked ?? []), { step, people, at, because }];
      return { revision, asked, until, openedBy: before?.openedBy ?? [], stopped: false, unreached: [] };
    }
    case 'lookedAt':
      return look === null ? null : { ...look, openedBy: [...look.openedBy, { by: fact.by, at: fact.at }], stopped: look.stopped || fact.stops };
    case 'deliveryFailed': {
      const { kind, message, person } = fact;
      if (look === null || person === undefined || kind !== 'tellPerson' || !LOOK_NOTES.includes(message)) return look;
      return { ...look, unreached: [...look.unreached, person] };
    }
    default:
      return fact satisfies never;
  }
}

/** Is somebody being made to look at what waits now? */
export function isLookWanted(state: State): state is Extract<State, { status: 'waiting' }> & { readonly look: Look } {
  return state.status === 'waiting' && state.look !== null && !state.look.stopped && state.look.revision === state.revision;
}

/** People whose opening of the case it is told of. */
export function toldOfOpening(state: State): readonly PersonId[] {
  if (state.status !== 'waiting' || state.look === null) return [];
  const { asked, openedBy } = state.look;
  return asked.flatMap(({ people }) => people).filter((person) => !openedBy.some(({ by }) => by === person));
}
