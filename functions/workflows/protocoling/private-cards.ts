import type { Effect } from '#core/effect.js';
import type { Decision, Moment } from '#core/workflow.js';
import { tell } from './effects.ts';
import { evolve } from './evolve.ts';
import type { Fact } from './events.ts';
import type { Policy } from './policy.ts';
import { isOpened, isOpenTask, isUndecided } from './state.ts';
import type { PrivateCard, State } from './state.ts';

/** Notes that take the place of such a card: what happened, and no patient. */
export const OVER_NOTES: readonly string[] = ['question-answered', 'question-over', 'view-over'];

/** A question stands as long as it is open, a view as long as the case is put as it was then, and not beyond its end. */
function stands({ person, shows, revision }: PrivateCard, state: State): boolean {
  if (!isOpened(state)) return false;
  switch (shows) {
    case 'question':
      return state.question?.of === person && state.question.revision === revision;
    case 'view':
      return isUndecided(state) && state.revision === revision;
    case 'view-of-decided':
      return isOpenTask(state) && state.revision === revision;
    default:
      return shows satisfies never;
  }
}

/**
 * What every decision has besides: a private card whose time is over loses its patient data, whether it was answered, lapsed, decided or cancelled. Also one of which
 * the case hears only now.
 */
export function withoutPatient(before: State, decision: Decision<Fact>, moment: Moment<Policy>): Decision<Fact> {
  const after = decision.facts.reduce<State>(evolve, before);
  if (!isOpened(after)) return decision;
  const over = after.privateCards.filter((card) => !stands(card, after));
  if (over.length === 0) return decision;
  const isAnswered = decision.facts.some(({ type }) => type === 'ordererAnswered');
  const facts = over.map(({ person, posting }): Fact => ({ type: 'privateCardOver', at: moment.now, v: 1, person, posting }));
  const effects = over.map(({ person, shows, posting }, n): Effect => {
    const note = shows !== 'question' ? 'view-over' : isAnswered ? 'question-answered' : 'question-over';
    return tell(person, note, after.revision, moment, 'edit', { posting, n });
  });
  return { ...decision, facts: [...decision.facts, ...facts], effects: [...decision.effects, ...effects] };
}
