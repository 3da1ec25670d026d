import { nothing } from '#core/workflow.js';
import type { Decision, Moment } from '#core/workflow.js';
import { byLook } from './decide-look.ts';
import { byReminder } from './decide-own.ts';
import { afterContext, afterModels, putQuestion } from './decide-proposal.ts';
import { showCard, tellCoordinators } from './effects.ts';
import { evolve } from './evolve.ts';
import type { Fact, Input } from './events.ts';
import type { Policy } from './policy.ts';
import { isOpened } from './state.ts';
import type { State } from './state.ts';

/** A wait is over. A deadline of an earlier wait (another epoch, another status) changes nothing. */
export function byDeadline(state: State, input: Extract<Input, { type: 'deadlinePassed' }>, moment: Moment<Policy>): Decision<Fact> {
  const at = { at: moment.now, v: 1 } as const;
  if (input.name === 'order') {
    if (state.status !== 'changed-before-order' || state.surfaced || state.parked.every(({ verb }) => verb !== 'change')) return nothing;
    return { facts: [{ type: 'orderNeverCame', ...at }], effects: tellCoordinators('order-never-came', 0, moment) };
  }
  if (!isOpened(state)) return nothing;
  const looked = byLook(state, input, moment);
  if (looked !== null) return looked;
  const reminded = byReminder(state, input, moment);
  if (reminded !== null) return reminded;
  if (input.epoch !== state.epoch) return nothing;
  if (input.name === 'context' && state.status === 'gathering') {
    return afterContext(
      state,
      [{ type: 'contextMissing', ...at, why: `The EHR did not answer within ${moment.policy.contextBudgetSeconds} s` }],
      moment,
    );
  }
  if (input.name === 'models' && state.status === 'proposing') {
    const why = `The model did not answer within ${moment.policy.modelBudgetSeconds} s`;
    const silent: Fact[] = [];
    if (state.protocol === null) silent.push({ type: 'protocolNotProposed', ...at, why });
    if (state.priorityAnswer === null) silent.push({ type: 'priorityNotProposed', ...at, why });
    return afterModels(state, silent, moment);
  }
  if (input.name === 'answer' && state.status === 'waiting' && state.overdueSince === null) {
    const facts: Fact[] = [{ type: 'answerOverdue', ...at, revision: state.revision, to: moment.policy.coordinators[0] ?? null }];
    const next = facts.reduce<State>(evolve, state);
    return { facts, effects: isOpened(next) ? [showCard(next, moment), ...tellCoordinators('overdue', state.revision, moment)] : [] };
  }
  if (input.name === 'question' && state.status === 'asking') {
    const lapsed: Fact = { type: 'questionLapsed', ...at };
    const next = evolve(state, lapsed);
    if (!isOpened(next)) return nothing;
    const put = putQuestion(next, moment);
    return { facts: [lapsed, ...put.facts], effects: [...put.effects, ...tellCoordinators('question-lapsed', next.revision + 1, moment)] };
  }
  return nothing;
}
