import type { Effect } from '#core/effect.js';
import type { CaseNumber, PersonId } from '#core/ids.js';
import { addMinutes, epochOf } from '#core/time.js';
import { nothing } from '#core/workflow.js';
import type { Decision, Moment } from '#core/workflow.js';
import type { DrillEnd } from '#domain/drill.js';
import { callingOf } from './calling.ts';
import { clearDrills, showCard, tell, wakeAt } from './effects.ts';
import { evolve } from './evolve.ts';
import type { Fact, Input, Named } from './events.ts';
import type { Policy } from './policy.ts';
import { declarersOf, isAlert, isOpen } from './state.ts';
import type { Alert, State } from './state.ts';
import { fold, tellEverybody } from './turn.ts';
import type { Turn } from './turn.ts';
import { wordsIn } from './words-in.ts';

interface End {
  readonly why: DrillEnd;
  readonly by: Named | null;
  /** What is in earnest. */
  readonly alert: CaseNumber | null;
}

/** It ends where it stands: everybody who was called for it is told so, by the ways of before, and nobody has to answer. */
export function ended(alert: Alert, { why, by, alert: earnest }: End, moment: Moment<Policy>): Decision<Fact> {
  if (!alert.drill || !isOpen(alert)) return nothing;
  const fact: Fact = { type: 'drillEnded', at: moment.now, v: 1, why, by, alert: earnest };
  const after = fold(alert, fact);
  const { people, effects } = tellEverybody(alert, after, 'drill-ended', by?.id ?? null, moment);
  const starters = alert.released === null ? [] : declarersOf(alert).filter((one) => one !== by?.id && !people.includes(one));
  return {
    facts: [fact],
    effects: [
      ...effects,
      ...[...new Set<PersonId>(starters)].map((one) => tell(one, 'drill-ended', after, moment)),
      ...(alert.released === null && alert.posting === null ? [] : [showCard(after, moment)]),
    ],
  };
}

export function calledOff(alert: Alert, input: Extract<Input, { type: 'drillCalledOff' }>, moment: Moment<Policy>): Decision<Fact> {
  const { answers } = wordsIn(input.language ?? moment.policy.language);
  const decision = ended(alert, input, moment);
  const isOver = decision.facts.length === 0;
  const text = isOver ? answers.closed(moment.caseNumber, alert) : answers.drillEnded(moment.caseNumber);
  return input.by === null ? decision : { ...decision, answer: { outcome: isOver ? 'closed' : 'won', text } };
}

/** Withdrawn by whoever began it. */
export function stopped(alert: Alert, { by, says }: Turn, moment: Moment<Policy>): Decision<Fact> {
  const decision = ended(alert, { why: 'stopped', by, alert: null }, moment);
  return { ...decision, answer: { outcome: 'won', text: says.drillEnded(moment.caseNumber) } };
}

/** Every answer about a drill says that it is one. */
export function marked(state: State, decision: Decision<Fact>, input: Input, { policy }: Moment<Policy>): Decision<Fact> {
  const after = decision.facts.reduce<State>(evolve, state);
  if (!isAlert(after) || !after.drill || decision.answer === undefined) return decision;
  const { drill } = wordsIn(('language' in input ? input.language : undefined) ?? policy.language);
  return { ...decision, answer: { ...decision.answer, text: `${drill}: ${decision.answer.text}` } };
}

/** Whenever an alert, a drill too, is sent, or calls for others than before, the drills are looked over. */
export function cleared(before: State, decision: Decision<Fact>, moment: Moment<Policy>): Decision<Fact> {
  const { policy, now } = moment;
  if (policy.drills !== true) return decision;
  const of = (state: State) => (isAlert(state) ? callingOf(state, policy, now) : null);
  const is = of(decision.facts.reduce<State>(evolve, before));
  const isSent = decision.facts.some(({ type }) => type === 'alertReleased');
  const isAsBefore = is === null || (!isSent && JSON.stringify(is) === JSON.stringify(of(before)));
  return isAsBefore ? decision : { ...decision, effects: [...decision.effects, clearDrills(moment)] };
}

/** One that nobody closes ends by itself. */
export function drillEndOf({ drill, terms }: Alert, moment: Moment<Policy>): readonly Effect[] {
  if (!drill || terms === null) return [];
  return [wakeAt('drill-end', addMinutes(moment.now, terms.endsAfterMinutes), epochOf(moment.now), moment)];
}
