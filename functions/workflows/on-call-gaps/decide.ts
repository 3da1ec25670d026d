import { addMinutes } from '#core/time.js';
import { nothing } from '#core/workflow.js';
import type { Decision, Moment } from '#core/workflow.js';
import { beginningBy, hasOtherHours } from '#domain/on-call-gap.js';
import { edit, pages, tell } from './effects.ts';
import type { Fact, Input } from './events.ts';
import type { Policy } from './policy.ts';
import { evolve } from './state.ts';
import type { Known, State } from './state.ts';

type At = Moment<Policy>;
type Of<Type extends Input['type']> = Extract<Input, { type: Type }>;

/** Every coordinator is told once, and what stands with them says what is true now. */
export function decide(state: State, input: Input, moment: At): Decision<Fact> {
  switch (input.type) {
    case 'gapFound':
      return found(state, input, moment);
    case 'gapGone':
      return gone(state, moment);
    case 'personTold':
      return told(state, input, moment);
    case 'effectFailed':
      return { facts: [{ type: 'noticeFailed', ...now(moment), note: input.message, code: input.code }], effects: [] };
    case 'paged':
    case 'historyMissing':
    case 'cardsLost':
      return nothing;
    default:
      return input satisfies never;
  }
}

function found(state: State, { gap }: Of<'gapFound'>, moment: At): Decision<Fact> {
  if (state.status === 'open')
    return withPages(
      state,
      hasOtherHours(state.gap, gap, moment.now) ? changed(state, { type: 'gapChanged', ...now(moment), gap }, moment) : nothing,
      moment,
    );
  const fact: Fact = { type: 'gapOpened', ...now(moment), gap };
  const after = evolve(state, fact);
  const effects = after.status === 'none' ? [] : moment.policy.coordinators.map((person) => tell(person, after, moment));
  return withPages(state, { facts: [fact], effects }, moment);
}

/** What begins soon, and was not paged yet, is paged once. */
function withPages(before: State, decision: Decision<Fact>, moment: At): Decision<Fact> {
  const { coordinators, paging = null } = moment.policy;
  const after = decision.facts.reduce<State>(evolve, before);
  if (paging === null || after.status !== 'open') return decision;
  const what = beginningBy(after.gap, addMinutes(moment.now, paging.withinMinutes)).filter((one) => !after.paged.includes(one));
  if (what.length === 0) return decision;
  const fact: Fact = { type: 'gapPaged', ...now(moment), what };
  const effects = coordinators.flatMap((person) => pages(person, after, paging, moment));
  return { facts: [...decision.facts, fact], effects: [...decision.effects, ...effects] };
}

function gone(state: State, moment: At): Decision<Fact> {
  if (state.status !== 'open') return nothing;
  const { to } = state.gap;
  return changed(state, { type: 'gapClosed', ...now(moment), why: to !== null && to <= moment.now ? 'over' : 'mended' }, moment);
}

function changed(state: Known, fact: Fact, moment: At): Decision<Fact> {
  const after = evolve(state, fact);
  return { facts: [fact], effects: after.status === 'none' ? [] : after.notices.map((notice) => edit(notice, after, moment)) };
}

/** What it says may have changed while it was on its way. */
function told(state: State, { person, posting, revision }: Of<'personTold'>, moment: At): Decision<Fact> {
  if (state.status === 'none' || posting === undefined) return nothing;
  const facts: Fact[] = [{ type: 'noticeGiven', ...now(moment), person, posting }];
  return { facts, effects: revision === state.revision ? [] : [edit({ person, posting }, state, moment)] };
}

function now({ now: at }: At): { readonly at: At['now']; readonly v: 1 } {
  return { at, v: 1 };
}
