import { addMinutes } from '#core/time.js';
import { nothing } from '#core/workflow.js';
import type { Decision, Moment } from '#core/workflow.js';
import { atFailsafe, goOn, incoming } from './decide-step.ts';
import { asBefore, reach, showCard, tell } from './effects.ts';
import { evolve } from './evolve.ts';
import type { Fact, WhyNext } from './events.ts';
import { once, rungs } from './ladder.ts';
import { ruleOf } from './policy.ts';
import type { Policy } from './policy.ts';
import { declarersOf, isAlert, levelOf } from './state.ts';
import type { Alert, State } from './state.ts';

/** At the failsafe, untaken, or taken and at rest for long enough: everybody again, whoever is on every level now. */
export function repeatedFailsafe(alert: Alert, moment: Moment<Policy>): Decision<Fact> {
  const { policy, now } = moment;
  if (alert.failsafe === null) return nothing;
  const until = addMinutes(now, ruleOf(alert, policy).failsafeEveryMinutes);
  const reached = once(rungs(alert, policy, now).flatMap((rung) => rung.reached));
  const fact: Fact = { type: 'failsafeRepeated', at: now, v: 1, n: alert.failsafe.repeats + 1, reached: [...reached], until };
  const after = evolve(alert, fact);
  if (!isAlert(after)) return nothing;
  return { facts: [fact], effects: atFailsafe(after, 'failsafe-again', reached, moment) };
}

/** Acknowledged and not read back in time: it goes on at the next level. */
export function readBackLapsed(alert: Alert, moment: Moment<Policy>): Decision<Fact> {
  if (alert.acknowledged === null) return nothing;
  const { by } = alert.acknowledged;
  const fact: Fact = { type: 'readBackOverdue', at: moment.now, v: 1, by };
  const after = evolve(alert, fact);
  if (!isAlert(after)) return nothing;
  const next = again(after, 'read-back-overdue', moment);
  return { facts: [fact, ...next.facts], effects: [...next.effects, tell(by.id, 'read-back-overdue', after, moment)] };
}

/**
 * What was taken is open again: it goes on at the next level, or at the failsafe, and whoever was called before is called again. Some of them had been told
 * that there was nothing to do any more; some have come on duty since.
 */
export function again(alert: Alert, because: 'read-back-overdue' | 'reopened' | 'declined', moment: Moment<Policy>): Decision<Fact> {
  return withOthers(alert, alert.failsafe === null ? levelOf(alert) : Number.POSITIVE_INFINITY, because, 'repeat', moment);
}

/** It is not what people were told: everybody who was called is called again, at the level where it stood; its earlier acknowledgement counts for nothing. */
export function tellAnew(alert: Alert, because: 'raised' | 'merged', moment: Moment<Policy>): Decision<Fact> {
  return withOthers(alert, alert.failsafe === null ? Math.max(levelOf(alert) - 1, 0) : Number.POSITIVE_INFINITY, because, 'alert', moment);
}

function withOthers(alert: Alert, from: number, because: WhyNext, note: 'repeat' | 'alert', moment: Moment<Policy>): Decision<Fact> {
  const fresh = incoming(alert, moment);
  const told: Fact[] = fresh.length === 0 ? [] : [{ type: 'incomingTold', at: moment.now, v: 1, reached: [...fresh] }];
  const known = told.reduce<State>(evolve, alert);
  if (!isAlert(known)) return nothing;
  const next = goOn(known, from, because, moment);
  const step = next.facts.find((fact) => fact.type === 'stepTaken');
  // At the failsafe everybody is called as it is.
  const others = step === undefined ? [] : known.addressed.filter((person) => !step.reached.some((one) => one.person === person));
  const effects = others.flatMap((person) => [tell(person, note, known, moment), ...asBefore(person, note, known, moment)]);
  return { facts: [...told, ...next.facts], effects: [...next.effects, ...effects] };
}

/** Read back, and nobody has written down the conversation yet. */
export function askedAgain(alert: Alert, moment: Moment<Policy>): Decision<Fact> {
  if (alert.released === null) return nothing;
  const until = addMinutes(moment.now, ruleOf(alert, moment.policy).failsafeEveryMinutes);
  const fact: Fact = { type: 'conversationAsked', at: moment.now, v: 1, until };
  const people = [...new Set([...declarersOf(alert), ...moment.policy.withRole('coordinator')])];
  // Within minutes: not by Teams alone.
  const isUrgent = alert.finding.category === 1;
  const effects = people.flatMap((person) =>
    isUrgent ? reach(person, 'conversation-due', alert, moment) : [tell(person, 'conversation-due', alert, moment)],
  );
  return { facts: [fact], effects };
}

/** Withdrawn, and somebody who was told has not seen that. */
export function repeatedWithdrawal(alert: Alert, moment: Moment<Policy>): Decision<Fact> {
  if (alert.withdrawn === null || alert.withdrawn.unseen.length === 0) return nothing;
  const until = addMinutes(moment.now, ruleOf(alert, moment.policy).failsafeEveryMinutes);
  const fact: Fact = { type: 'withdrawalRepeated', at: moment.now, v: 1, until };
  const told = alert.withdrawn.unseen.flatMap((person) => [
    tell(person, 'withdrawn', alert, moment),
    ...asBefore(person, 'withdrawn', alert, moment),
  ]);
  return { facts: [fact], effects: [...told, showCard(alert, moment)] };
}
