import type { Decision, Moment } from '#core/workflow.js';
import type { Priority } from '#domain/modality.js';
import type { Flag, Protocol } from '#domain/protocol.js';
import { askModel, forgetDeadline, recommend, showCard, wakeInMinutes, wakeInSeconds } from './effects.ts';
import { evolve } from './evolve.ts';
import type { Fact } from './events.ts';
import type { Policy } from './policy.ts';
import { checkSafety } from './safety.ts';
import { isOpened } from './state.ts';
import type { Opened, State } from './state.ts';

/** The EHR has answered, or not: now the models are asked. */
export function afterContext(state: Opened, heard: readonly Fact[], moment: Moment<Policy>): Decision<Fact> {
  const next = heard.reduce<State>(evolve, state);
  if (!isOpened(next)) return { facts: heard, effects: [] };
  const asked = [askModel('order-priority', next, moment)];
  const facts: Fact[] = [...heard];
  if (next.order.kind === 'unknown') {
    facts.push({ type: 'protocolNotProposed', at: moment.now, v: 1, why: NOT_IN_MAP });
  } else {
    asked.push(askModel('protocol-choice', next, moment));
  }
  const budget = moment.policy.modelBudgetSeconds + 1;
  return { facts, effects: [...asked, forgetDeadline('context', moment), wakeInSeconds('models', budget, next.epoch, moment)] };
}

/** One or both models have answered, or not: with both the question is put. */
export function afterModels(state: Opened, facts: readonly Fact[], moment: Moment<Policy>): Decision<Fact> {
  const next = facts.reduce<State>(evolve, state);
  if (!isOpened(next) || next.protocol === null || next.priorityAnswer === null) return { facts, effects: [] };
  const asked = putQuestion(next, moment);
  return { facts: [...facts, ...asked.facts], effects: [forgetDeadline('models', moment), ...asked.effects] };
}

/** A new revision before a person: safety checked, card shown, the RIS advised, the wait begun. */
export function putQuestion(state: Opened, moment: Moment<Policy>): Decision<Fact> {
  const { policy } = moment;
  const proposal = proposalOf(state, policy);
  const priority = priorityOf(state);
  const fact: Fact = {
    type: 'approvalAsked',
    at: moment.now,
    v: 1,
    revision: state.revision + 1,
    priority,
    priorityPhrases: state.priorityAnswer?.ok === true ? state.priorityAnswer.value.phrases : [],
    prioritySource: state.priorityAnswer?.ok === true ? 'model' : 'ordered',
    flags: flagsOf(state, proposal, moment),
  };
  const next = evolve(state, fact);
  if (!isOpened(next)) return { facts: [fact], effects: [] };
  const wait = wakeInMinutes('answer', policy.answerWithinMinutes[priority], next.epoch, moment.now, moment);
  const answer = state.protocol?.ok === true ? state.protocol.value : null;
  const advised =
    proposal === null || answer === null ? [] : [recommend(next.order, proposal, answer.confidence, versionsOf(proposal, state), moment)];
  return { facts: [fact], effects: [showCard(next, moment), wait, ...advised] };
}

const NOT_IN_MAP = 'procedure not in the map';

/** The catalogue's row that is proposed; what is not in the catalogue can't be (ORD-03). */
export function proposalOf(state: Opened, policy: Policy): Protocol | null {
  const id = state.protocol?.ok === true ? state.protocol.value.protocolId : null;
  return policy.content.protocols.find((row) => row.id === id) ?? null;
}

/** Without a model the ordered priority stands (HL7 table 0485). A model may raise it, never lower it. */
function priorityOf(state: Opened): Priority {
  const ordered = orderedPriority(state.order.priority);
  const told = state.priorityAnswer?.ok === true ? state.priorityAnswer.value.priority : ordered;
  return rank[told] < rank[ordered] ? told : ordered;
}

const rank: Readonly<Record<Priority, number>> = { STAT: 0, URGENT: 1, ROUTINE: 2 };

function orderedPriority(code: string | null): Priority {
  if (code === 'S') return 'STAT';
  return code === 'A' ? 'URGENT' : 'ROUTINE';
}

function flagsOf(state: Opened, protocol: Protocol | null, moment: Moment<Policy>): Flag[] {
  const { policy, now } = moment;
  const context = state.context?.ok === true ? state.context.value : null;
  const flags = checkSafety({ order: state.order, context, protocol, today: now.slice(0, 10) }, policy.content);
  if (state.order.kind !== 'unknown') return flags;
  const unmapped: Flag = {
    code: 'procedure-not-in-map',
    severity: 'ask',
    rule: 'site-procedure-map',
    source: 'site',
    text: 'The site’s map does not say what this procedure is: no protocol was proposed.',
    evidence: [],
  };
  return [unmapped, ...flags];
}

function versionsOf(protocol: Protocol, state: Opened): string[] {
  const model = state.protocol?.ok === true ? [`${state.protocol.value.model}@${state.protocol.value.version}`] : [];
  return [`${protocol.id}@${protocol.version}`, ...model, ...new Set(state.flags.map((row) => row.rule))];
}
