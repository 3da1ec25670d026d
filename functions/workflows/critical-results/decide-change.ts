import { personId } from '#core/ids.js';
import { addMinutes } from '#core/time.js';
import type { Decision } from '#core/workflow.js';
import { stillUnasked } from './decide-source.ts';
import { again, tellAnew } from './decide-wait.ts';
import { asBefore, print, reach, showCard, tell } from './effects.ts';
import type { Fact } from './events.ts';
import { mayTake, ruleOf } from './policy.ts';
import type { Alert } from './state.ts';
import { categoryOf, fold, no, noted, tellOthers, written } from './turn.ts';
import type { At, Turn } from './turn.ts';

/** Raised or lowered by a radiologist: whoever was told is told again, and what they had acknowledged was another thing. */
export function recategorised(alert: Alert, { by, answer, says }: Turn, moment: At): Decision<Fact> {
  const to = categoryOf(answer.fields['category']);
  const reason = written(answer.text);
  if (to === null || reason === '') return no('invalid', says.needsReason);
  if (alert.status === 'withdrawn') return no('closed', says.closed(moment.caseNumber, alert));
  if (to === alert.finding.category) return no('already', says.sameCategory(to));
  const fact: Fact = { type: 'recategorised', at: moment.now, v: 1, by, from: alert.finding.category, to, reason };
  const after = fold(alert, fact);
  const answered = { outcome: 'won', text: says.recategorised(moment.caseNumber, to) } as const;
  if (alert.status === 'asking') {
    const asked = stillUnasked(after, moment);
    return { facts: [fact, ...asked.facts], effects: asked.effects, answer: answered };
  }
  if (after.released === null) return { facts: [fact], effects: [], answer: answered };
  const next = tellAnew(after, 'raised', moment);
  return { facts: [fact, ...next.facts], effects: next.effects, answer: answered };
}

/** Whoever was told, or may have been, is told so by the ways of before; until everybody who could act on it has said that they have seen it. */
export function withdrawn(alert: Alert, { by, answer, says }: Turn, moment: At): Decision<Fact> {
  const { policy } = moment;
  const reason = written(answer.text);
  if (reason === '') return no('invalid', says.needsReason);
  if (alert.status === 'withdrawn') return no('already', says.closed(moment.caseNumber, alert));
  const kind = answer.fields['kind'];
  const why = kind === 'wrong-patient' || kind === 'corrected' ? kind : 'withdrawn';
  const until = addMinutes(moment.now, ruleOf(alert.finding.category, policy).failsafeEveryMinutes);
  // A message that has left and of which no word has come back may have been read.
  const unseen = alert.addressed.filter((person) => person !== by.id && mayTake(person, policy));
  const fact: Fact = { type: 'withdrawn', at: moment.now, v: 1, by, why, reason, until, unseen };
  const after = fold(alert, fact);
  const atFailsafe = alert.failsafe === null ? [] : [...policy.withRole('switchboard'), ...policy.withRole('coordinator')];
  const told = alert.told.filter(({ channel }) => channel !== 'print').map(({ to }) => personId.parse(to));
  const people = [...new Set([...alert.addressed, ...atFailsafe, ...told])].filter((person) => person !== by.id);
  const wasPrinted = alert.failsafe !== null || alert.told.some(({ channel }) => channel === 'print');
  const effects = [
    ...people.flatMap((person) => [tell(person, 'withdrawn', after, moment), ...asBefore(person, 'withdrawn', after, moment)]),
    ...(wasPrinted ? print('withdrawn', after, moment) : []),
    ...(alert.released === null && alert.posting === null ? [] : [showCard(after, moment)]),
  ];
  return { facts: [fact], effects, answer: { outcome: 'won', text: says.withdrawn(moment.caseNumber, people.length > 0) } };
}

export function withdrawalSeen(alert: Alert, { by, says }: Turn, moment: At): Decision<Fact> {
  if (alert.withdrawn?.unseen.includes(by.id) !== true) return no('already', says.withdrawalSeen(moment.caseNumber));
  return noted(alert, { type: 'withdrawalSeen', at: moment.now, v: 1, by }, says.withdrawalSeen(moment.caseNumber), moment);
}

/** Becomes who is addressed, with the clock running; whoever was addressed is told. */
export function takenOver(alert: Alert, { by, answer, says }: Turn, moment: At): Decision<Fact> {
  const reason = written(answer.text);
  if (reason === '') return no('invalid', says.needsReason);
  if (alert.status !== 'open') return no('already', says.alreadyTaken(moment.caseNumber, alert));
  const fact: Fact = { type: 'takenOver', at: moment.now, v: 1, by, reason };
  const after = fold(alert, fact);
  return {
    facts: [fact],
    effects: [tell(by.id, 'alert', after, moment), ...tellOthers(after, 'taken-over', by.id, moment), showCard(after, moment)],
    answer: { outcome: 'won', text: says.takenOver(moment.caseNumber) },
  };
}

/** "Not what I said" by who declared it, "that was not me" by who is said to have received it: it is open again, where it was. */
export function disputed(alert: Alert, { by, answer, says }: Turn, moment: At): Decision<Fact> {
  const what = answer.verb === 'not-me' ? 'not-me' : 'not-what-i-said';
  const taker = alert.readBack?.by.id ?? alert.acknowledged?.by.id ?? null;
  if (taker === null || alert.status === 'withdrawn') return no('invalid', says.nothingToDispute(moment.caseNumber));
  if (what === 'not-me' && taker !== by.id) return no('invalid', says.nothingToDispute(moment.caseNumber));
  const fact: Fact = { type: 'disputed', at: moment.now, v: 1, by, what, text: written(answer.text) };
  const after = fold(alert, fact);
  const next = again(after, 'reopened', moment);
  const told = taker === by.id ? [] : reach(taker, 'disputed', after, moment);
  // Last, so that it is what stands there of the two.
  return { facts: [fact, ...next.facts], effects: [...next.effects, ...told], answer: { outcome: 'won', text: says.disputed(moment.caseNumber) } };
}
