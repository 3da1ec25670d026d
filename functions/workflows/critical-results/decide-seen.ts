import { personId } from '#core/ids.js';
import type { Approval } from '#core/approval.js';
import type { PersonId } from '#core/ids.js';
import { addMinutes } from '#core/time.js';
import type { Effect } from '#core/effect.js';
import { nothing } from '#core/workflow.js';
import type { Decision } from '#core/workflow.js';
import { asBefore, forget, showCard, tell, wakeAt } from './effects.ts';
import { evolve } from './evolve.ts';
import type { Fact, Named } from './events.ts';
import { ruleOf } from './policy.ts';
import type { Policy } from './policy.ts';
import { isAlert, unseenOf } from './state.ts';
import type { Alert, State } from './state.ts';
import { no, noted } from './turn.ts';
import type { At, Turn } from './turn.ts';

/** What is said inside before anything has left, or of what the radiologists themselves are to judge. */
const BEFORE_IT_LEFT: readonly string[] = ['unsent', 'asked', 'still-asked', 'phone-reading-room', 'no-longer-said'];

/**
 * Everybody whom word of it has reached, or may have, once it was sent: when it is withdrawn or changed each of them has to say that they have seen that; of a drill
 * nobody has.
 * @param by whoever says it knows it; null: nobody does
 */
export function everybodyTold({ released, addressed, failsafe, attempts, drill }: Alert, by: PersonId | null, { withRole }: Policy): PersonId[] {
  if (released === null || drill) return [];
  const atFailsafe = failsafe === null ? [] : [...withRole('switchboard'), ...withRole('coordinator')];
  const told = attempts.filter(({ channel, failed, note }) => failed === null && channel !== 'print' && !BEFORE_IT_LEFT.includes(note));
  const people = [...addressed, ...atFailsafe, ...told.map(({ to }) => personId.parse(to))];
  return [...new Set(people)].filter((person) => person !== by);
}

/** Reminded at the window of the category until then. */
export function remindAt(alert: Pick<Alert, 'finding' | 'about'>, { policy, now }: At): Fact['at'] {
  return addMinutes(now, ruleOf(alert, policy).failsafeEveryMinutes);
}

/** Whoever had been told, and is not called anew by what changed, hears that it did. */
export function alsoTold(alert: Alert, called: readonly Effect[], moment: At, approval: Approval | null = null): Effect[] {
  const people = called.flatMap((effect) => (effect.kind === 'tellPerson' ? [effect.person] : []));
  const others = unseenOf(alert).filter((person) => !people.includes(person));
  return others.flatMap((person) => [tell(person, 'changed', alert, moment, approval), ...asBefore(person, 'changed', alert, moment, approval)]);
}

/** "I have seen this": that it was withdrawn, or that it was changed. It takes nothing, and nobody else is called for it. */
export function seen(alert: Alert, { by, says }: Turn, moment: At): Decision<Fact> {
  const text = alert.status === 'withdrawn' ? says.withdrawalSeen(moment.caseNumber) : says.changeSeen(moment.caseNumber);
  if (!unseenOf(alert).includes(by.id))
    return no('already', alert.withdrawn === null && alert.notices === 0 ? says.nothingToSee(moment.caseNumber) : text);
  return noted(alert, seenFact(alert, by, null, moment), text, moment);
}

/** Somebody phoned whoever had not seen it, and writes that down with both names. */
export function seenByPhone(alert: Alert, { by, answer, says }: Turn, moment: At): Decision<Fact> {
  const receiver = answer.to;
  if (receiver === undefined) return no('invalid', says.needsReceiver);
  if (receiver.id === by.id || !unseenOf(alert).includes(receiver.id)) return no('invalid', says.notWaitedFor(moment.caseNumber, receiver.name));
  const recorded = noted(alert, seenFact(alert, receiver, by, moment), says.seenByPhone(moment.caseNumber, receiver.name), moment);
  const after = recorded.facts.reduce<State>(evolve, alert);
  return isAlert(after) ? { ...recorded, effects: [...recorded.effects, tell(receiver.id, 'phoned-seen', after, moment)] } : recorded;
}

/** Does a recorded call say that somebody has seen what became of it, rather than that they took it? */
export function isAboutSeeing(alert: Alert, { answer }: Turn, isEntitled: (person: PersonId) => boolean): boolean {
  const { status, readBack } = alert;
  if (status === 'withdrawn' || status === 'closed') return true;
  const receiver = answer.to;
  if (receiver === undefined || !unseenOf(alert).includes(receiver.id)) return false;
  if (status === 'draft' || status === 'asking') return true;
  return status === 'read-back' ? readBack?.by.id !== receiver.id : !isEntitled(receiver.id);
}

/** "That was not me" by whoever is said to have been told by telephone: they are waited for again. */
export function notSeen(alert: Alert, { by, says }: Turn, moment: At): Decision<Fact> {
  const fact: Fact = { type: 'seenDisputed', at: moment.now, v: 1, by, remindAt: remindAt(alert, moment) };
  return noted(alert, fact, says.seenDisputed(moment.caseNumber), moment, 'won');
}

function seenFact({ status }: Alert, by: Named, recordedBy: Named | null, moment: At): Fact {
  const at = { at: moment.now, v: 1, by } as const;
  if (status === 'withdrawn') return { type: 'withdrawalSeen', ...at, ...(recordedBy === null ? {} : { recordedBy }) };
  return { type: 'changeSeen', ...at, recordedBy };
}

/** Somebody who was told has not seen that it was changed. */
export function repeatedChange(alert: Alert, epoch: number, moment: At): Decision<Fact> {
  if (alert.change === null || epoch !== alert.notices) return nothing;
  const fact: Fact = { type: 'changeRepeated', at: moment.now, v: 1, remindAt: remindAt(alert, moment) };
  return { facts: [fact], effects: [...alsoTold(alert, [], moment), showCard(alert, moment)] };
}

/** What every decision has besides: until everybody has seen what was changed, the next reminder has a timer of its own. */
export function reminded(before: State, decision: Decision<Fact>, moment: At): Decision<Fact> {
  const after = decision.facts.reduce<State>(evolve, before);
  if (!isAlert(before) || !isAlert(after)) return decision;
  if (after.change === null) return before.change === null ? decision : { ...decision, effects: [...decision.effects, forget('seen', moment)] };
  if (after.notices === before.notices) return decision;
  return { ...decision, effects: [...decision.effects, wakeAt('seen', after.change.until, after.notices, moment)] };
}
