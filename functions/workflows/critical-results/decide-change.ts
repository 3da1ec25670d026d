import type { Decision } from '#core/workflow.js';
import { stillUnasked } from './decide-source.ts';
import { alsoTold, everybodyTold, notSeen, remindAt } from './decide-seen.ts';
import { again, tellAnew } from './decide-wait.ts';
import { reach, showCard, tell } from './effects.ts';
import type { Fact } from './events.ts';
import { isToldAgain } from './state.ts';
import type { Alert } from './state.ts';
import { categoryOf, fold, no, tellEverybody, tellOthers, written } from './turn.ts';
import type { At, Turn } from './turn.ts';

/** Raised or lowered by a radiologist: whoever was told is told again, and what they had acknowledged was another thing. */
export function recategorised(alert: Alert, { by, answer, says }: Turn, moment: At): Decision<Fact> {
  const to = categoryOf(answer.fields['category']);
  const reason = written(answer.text);
  if (to === null || reason === '') return no('invalid', says.needsReason);
  if (alert.status === 'withdrawn') return no('closed', says.closed(moment.caseNumber, alert));
  if (to === alert.finding.category) return no('already', says.sameCategory(to));
  const unseen = isToldAgain(alert) ? everybodyTold(alert, by.id, moment.policy) : [];
  const notice = unseen.length === 0 ? {} : { unseen, remindAt: remindAt({ ...alert, finding: { ...alert.finding, category: to } }, moment) };
  const fact: Fact = { type: 'recategorised', at: moment.now, v: 1, by, from: alert.finding.category, to, reason, ...notice };
  const after = fold(alert, fact);
  const answered = { outcome: 'won', text: says.recategorised(moment.caseNumber, to) } as const;
  if (alert.status === 'asking') {
    const asked = stillUnasked(after, moment);
    return { facts: [fact, ...asked.facts], effects: asked.effects, answer: answered };
  }
  if (!isToldAgain(alert)) return { facts: [fact], effects: [], answer: answered };
  const next = tellAnew(after, 'raised', moment);
  return { facts: [fact, ...next.facts], effects: [...next.effects, ...alsoTold(after, next.effects, moment)], answer: answered };
}

/** Whoever was told, or may have been, is told so by the ways of before, until everybody has said that they have seen it. */
export function withdrawn(alert: Alert, { by, answer, says }: Turn, moment: At): Decision<Fact> {
  const { policy } = moment;
  const reason = written(answer.text);
  if (reason === '') return no('invalid', says.needsReason);
  if (alert.status === 'withdrawn') return no('already', says.closed(moment.caseNumber, alert));
  const kind = answer.fields['kind'];
  const why = kind === 'wrong-patient' || kind === 'corrected' ? kind : 'withdrawn';
  // A message that has left and of which no word has come back may have been read.
  const unseen = everybodyTold(alert, by.id, policy);
  const fact: Fact = { type: 'withdrawn', at: moment.now, v: 1, by, why, reason, until: remindAt(alert, moment), unseen };
  const after = fold(alert, fact);
  const { people, effects } = tellEverybody(alert, after, 'withdrawn', by.id, moment);
  const card = alert.released === null && alert.posting === null ? [] : [showCard(after, moment)];
  return { facts: [fact], effects: [...effects, ...card], answer: { outcome: 'won', text: says.withdrawn(moment.caseNumber, people.length > 0) } };
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
export function disputed(alert: Alert, turn: Turn, moment: At): Decision<Fact> {
  const { by, answer, says } = turn;
  const what = answer.verb === 'not-me' ? 'not-me' : 'not-what-i-said';
  if (what === 'not-me' && alert.seenByPhone.includes(by.id)) return notSeen(alert, turn, moment);
  const taker = alert.readBack?.by.id ?? alert.acknowledged?.by.id ?? null;
  const isTaken = alert.status === 'acknowledged' || alert.status === 'read-back' || alert.status === 'closed';
  if (taker === null || !isTaken) return no('invalid', says.nothingToDispute(moment.caseNumber));
  if (what === 'not-me' && taker !== by.id) return no('invalid', says.nothingToDispute(moment.caseNumber));
  const fact: Fact = { type: 'disputed', at: moment.now, v: 1, by, what, text: written(answer.text) };
  const after = fold(alert, fact);
  const next = again(after, 'reopened', moment);
  const told = taker === by.id ? [] : reach(taker, 'disputed', after, moment);
  // Last, so that it is what stands there of the two.
  return { facts: [fact, ...next.facts], effects: [...next.effects, ...told], answer: { outcome: 'won', text: says.disputed(moment.caseNumber) } };
}
