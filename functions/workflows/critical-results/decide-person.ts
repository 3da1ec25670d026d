import { unbroken } from '#cards/kit/text.js';
import type { PersonId } from '#core/ids.js';
import { addMinutes } from '#core/time.js';
import { nothing } from '#core/workflow.js';
import type { Answer, Decision } from '#core/workflow.js';
import type { Category } from '#domain/critical.js';
import { releasedResult } from './addendum.ts';
import { judged } from './decide-alike.ts';
import { disputed, recategorised, takenOver, withdrawn } from './decide-change.ts';
import { drillEndOf, stopped } from './decide-drill.ts';
import { alsoTold, everybodyTold, isAboutSeeing, remindAt, seen, seenByPhone } from './decide-seen.ts';
import { goOn, reachedBy } from './decide-step.ts';
import { again } from './decide-wait.ts';
import { pages, showCard, tell, tellRecord } from './effects.ts';
import { evolve } from './evolve.ts';
import type { Answered, Fact, FactOf } from './events.ts';
import { identifierOf } from './identifier.ts';
import { declarerOf } from './ladder.ts';
import { isRadiologist, mayTake, ruleOf } from './policy.ts';
import { declarersOf, isAlert, isEnded, levelOf, unseenOf } from './state.ts';
import type { Alert } from './state.ts';
import { categoryOf, fold, minutesLeft, no, noted, tellOthers, written } from './turn.ts';
import type { At, Turn } from './turn.ts';
import { whenOf } from './when.ts';
import { wordsIn } from './words-in.ts';

/** An answer from button, chat, tab or command line. Who may give it was checked by the desk. */
export function byPerson(alert: Alert, answer: Answered, moment: At): Decision<Fact> {
  const says = wordsIn(answer.language ?? moment.policy.language).answers;
  const turn: Turn = { by: { id: answer.person, name: answer.name }, answer, says };
  // What they looked at is not what it is now: an acknowledgement of an older version counts for nothing (INVARIANTS 15).
  if (answer.revision !== alert.revision && answer.verb !== 'not-me' && answer.verb !== 'record-attempt') {
    return no('stale', says.stale(moment.caseNumber));
  }
  if (isEnded(alert) && (alert.drill || !mayFollowTheEnd(alert, answer))) return no('closed', says.closed(moment.caseNumber, alert));
  switch (answer.verb) {
    case 'release-critical':
      return released(alert, turn, moment);
    case 'not-critical':
      return notCritical(alert, turn, moment);
    case 'recategorise':
      return recategorised(alert, turn, moment);
    case 'withdraw-critical':
      return alert.drill ? stopped(alert, turn, moment) : withdrawn(alert, turn, moment);
    case 'acknowledge':
      // What a card of a release before this one sends for "I have seen this".
      return alert.status === 'withdrawn' ? seen(alert, turn, moment) : acknowledged(alert, turn, moment);
    case 'seen':
      return seen(alert, turn, moment);
    case 'read-back':
      return readBack(alert, turn, moment);
    case 'on-my-way':
      return noted(alert, { type: 'comesNow', at: moment.now, v: 1, by: turn.by }, says.onMyWay(moment.caseNumber), moment);
    case 'decline-alert':
      return declined(alert, turn, moment);
    case 'take-over':
      return takenOver(alert, turn, moment);
    case 'not-me':
    case 'not-what-i-said':
      return disputed(alert, turn, moment);
    case 'record-call':
      return callRecorded(alert, turn, moment);
    case 'join-alert':
    case 'keep-apart':
      return judged(alert, turn, moment);
    case 'take-failsafe':
      return failsafeTaken(alert, turn, moment);
    case 'record-attempt': {
      const how = written(answer.text);
      if (how === '') return no('invalid', says.needsWords);
      const to = answer.fields['to'] ?? answer.to?.name ?? '';
      // Teams sends a press that was slow once more.
      const last = alert.remarks.at(-1);
      const isRepeated = last?.type === 'attemptRecorded' && last.by.id === turn.by.id && last.to === to && last.how === how;
      if (isRepeated) return no('already', says.attempt(moment.caseNumber));
      return noted(alert, { type: 'attemptRecorded', at: moment.now, v: 1, by: turn.by, to, how }, says.attempt(moment.caseNumber), moment);
    }
    default:
      return answer.verb satisfies never;
  }
}

/**
 * What was closed can still be contested, and be taken back: the wrong patient is found out afterwards. That somebody has seen what was changed, or that it was not
 * they who were told, is said whenever.
 */
function mayFollowTheEnd(alert: Alert, { verb, person }: Answered): boolean {
  if (verb === 'seen' || (verb === 'not-me' && alert.seenByPhone.includes(person))) return true;
  if (verb === 'record-call') return unseenOf(alert).length > 0;
  return alert.status === 'closed' && (verb === 'not-what-i-said' || verb === 'not-me' || verb === 'withdraw-critical');
}

function released(alert: Alert, { by, answer, says }: Turn, moment: At): Decision<Fact> {
  if (alert.status !== 'draft' && alert.status !== 'asking') return no('already', says.alreadySent(moment.caseNumber));
  const own = alert.finding.category;
  const category = categoryOf(answer.fields['category']) ?? own;
  if (category !== own && !isRadiologist(by.id, moment.policy)) return no('denied', says.mayNotRegrade(own));
  const finding = { ...alert.finding, category };
  const { releasedBy } = ruleOf({ ...alert, finding }, moment.policy);
  // A drill tells nobody anything about a patient: who may begin one may send it.
  if (!alert.drill && !releasedBy.some((role) => moment.policy.withRole(role).includes(by.id))) return unsent('denied', says.mayNotRelease(category));
  if (answer.approval === null) return unsent('invalid', says.notReleased(moment.policy.switchboard.phone));
  // Of one that was over whoever was told then hears that it is another thing now.
  const unseen = everybodyTold(alert, by.id, moment.policy);
  const notice = unseen.length === 0 ? {} : { unseen, remindAt: remindAt({ ...alert, finding }, moment) };
  const within = (of: Category) => ruleOf({ ...alert, finding: { ...finding, category: of } }, moment.policy).acknowledgeWithinMinutes;
  const acknowledgeWithin = { 1: within(1), 2: within(2), 3: within(3) };
  const fact: Fact = { type: 'alertReleased', at: moment.now, v: 1, by, approval: answer.approval, category, ...notice, acknowledgeWithin };
  const after = evolve(alert, fact);
  if (!isAlert(after)) return nothing;
  const next = goOn(after, 0, 'released', moment, answer.approval);
  const also = alsoTold(after, next.effects, moment, answer.approval);
  // Nobody stands on the ladder, or nobody of them can be reached at all: said at once, while the radiologist is still there to phone.
  const { people, isSwitchboardTold } = reachedBy(next);
  const { phone } = moment.policy.switchboard;
  const told: Answer =
    people.length > 0
      ? { outcome: 'won', text: says.sent(moment.caseNumber, people.map(moment.policy.nameOf)) }
      : { outcome: 'won', text: isSwitchboardTold ? says.notSent(phone) : says.toldNobody(phone), notSent: true };
  return { facts: [fact, ...next.facts], effects: [...next.effects, ...also, ...drillEndOf(alert, moment)], answer: told };
}

/** Nothing was sent, and whoever pressed is told so as an alarm. */
function unsent(outcome: Answer['outcome'], text: string): Decision<Fact> {
  return { facts: [], effects: [], answer: { outcome, text, notSent: true } };
}

function notCritical(alert: Alert, { by, answer, says }: Turn, moment: At): Decision<Fact> {
  const reason = written(answer.text);
  if (reason === '') return no('invalid', says.needsReason);
  if (alert.status !== 'draft' && alert.status !== 'asking') return no('invalid', says.alreadySent(moment.caseNumber));
  const text = alert.overBefore === null ? says.notCritical(moment.caseNumber) : says.staysOver(moment.caseNumber);
  return noted(alert, { type: 'foundNotCritical', at: moment.now, v: 1, by, reason }, text, moment, 'won');
}

/** Only whoever was called, or took it over, stops the escalation (INVARIANTS 20); who declared it can't take it from themselves. */
function isEntitled(alert: Alert, person: PersonId, { policy }: At): boolean {
  return alert.addressed.includes(person) && mayTake(person, policy) && !declarersOf(alert).includes(person);
}

function acknowledged(alert: Alert, { by, says }: Turn, moment: At): Decision<Fact> {
  if (alert.status === 'acknowledged' && alert.acknowledged?.by.id === by.id) {
    return no('already', says.acknowledged(moment.caseNumber, minutesLeft(moment.now, alert.acknowledged.until)));
  }
  if (alert.status === 'acknowledged' || alert.status === 'read-back') return no('already', says.alreadyTaken(moment.caseNumber, alert));
  if (alert.status !== 'open') return no('invalid', says.notSentYet(moment.caseNumber));
  if (!isEntitled(alert, by.id, moment)) return no('denied', says.notYours(moment.caseNumber));
  const minutes = ruleOf(alert, moment.policy).readBackWithinMinutes;
  const fact: FactOf<'acknowledged'> = {
    ...{ type: 'acknowledged', at: moment.now, v: 1, by, via: 'form', recordedBy: null, revision: alert.revision },
    until: addMinutes(moment.now, minutes),
  };
  const after = evolve(alert, fact);
  if (!isAlert(after)) return nothing;
  return {
    facts: [fact],
    effects: [showCard(after, moment), ...tellOthers(after, 'taken', by.id, moment)],
    answer: { outcome: 'won', text: says.acknowledged(moment.caseNumber, minutesLeft(moment.now, fact.until)) },
  };
}

/** In the receiver's own words. The identifier is compared here; a wrong one takes nothing and says whom to call. */
function readBack(alert: Alert, { by, answer, says }: Turn, moment: At): Decision<Fact> {
  if (alert.status === 'draft' || alert.status === 'asking') return no('invalid', says.notSentYet(moment.caseNumber));
  if (alert.status !== 'open' && alert.status !== 'acknowledged') return no('already', says.alreadyTaken(moment.caseNumber, alert));
  if (!isEntitled(alert, by.id, moment)) return no('denied', says.notYours(moment.caseNumber));
  if (alert.status === 'acknowledged' && alert.acknowledged?.by.id !== by.id) return no('already', says.alreadyTaken(moment.caseNumber, alert));
  const finding = written(answer.fields['finding']);
  const action = written(answer.fields['action'] ?? answer.text);
  if (finding === '' || action === '') return no('invalid', says.needsReadBack);
  const identifier = identifierOf(answer.fields['identifier'] ?? '', alert.about);
  if (identifier === null) {
    const fact: Fact = { type: 'identifierWrong', at: moment.now, v: 1, by };
    const { phone } = declarerOf(alert, moment.policy);
    return { facts: [fact], effects: [], answer: { outcome: 'invalid', text: says.wrongIdentifier(unbroken(phone)) } };
  }
  const taken: Fact[] = alert.status === 'acknowledged' ? [] : [acknowledgement(alert, by, null, moment)];
  const fact: Fact = { type: 'readBack', at: moment.now, v: 1, by, via: 'form', recordedBy: null, identifier, finding, action };
  const { name, phone } = declarerOf(alert, moment.policy);
  const isDone = ruleOf(alert, moment.policy).closesWith === 'form';
  return afterReadBack(alert, [...taken, fact], by.id, says.readBack(moment.caseNumber, isDone, `${name}, ${unbroken(phone)}`), moment);
}

function acknowledgement(alert: Alert, by: Turn['by'], recordedBy: Turn['by'] | null, moment: At): FactOf<'acknowledged'> {
  const via = recordedBy === null ? 'form' : 'phone';
  return { type: 'acknowledged', at: moment.now, v: 1, by, via, recordedBy, revision: alert.revision, until: moment.now };
}

/** Whoever declared or sent it reads it, the hospital's record gets it, and it is closed, or the conversation is asked for. */
function afterReadBack(alert: Alert, heard: readonly Fact[], receiver: string, text: string, moment: At): Decision<Fact> {
  const rule = ruleOf(alert, moment.policy);
  const before = heard.reduce<Alert>(fold, alert);
  const isDone = rule.closesWith === 'form' || before.conversation !== null;
  const last: Fact = isDone
    ? { type: 'alertClosed', at: moment.now, v: 1 }
    : { type: 'conversationAsked', at: moment.now, v: 1, until: addMinutes(moment.now, rule.readBackWithinMinutes) };
  const facts = [...heard, last];
  const after = facts.reduce<Alert>(fold, alert);
  const told = [...new Set(declarersOf(after))].map((person) => tell(person, 'was-read-back', after, moment));
  const result = after.released === null ? [] : tellRecord(after, after.released.approval, releasedResult(after, moment), moment);
  // When it was taken by the same person before, they have been told.
  const others = alert.acknowledged?.by.id === receiver ? [] : tellOthers(after, 'taken', receiver, moment);
  return { facts, effects: [...told, ...result, showCard(after, moment), ...others], answer: { outcome: 'won', text } };
}

function declined(alert: Alert, { by, answer, says }: Turn, moment: At): Decision<Fact> {
  const reason = written(answer.text);
  if (reason === '') return no('invalid', says.needsReason);
  const isOwn = alert.status === 'acknowledged' && alert.acknowledged?.by.id === by.id;
  if ((alert.status !== 'open' && !isOwn) || !alert.addressed.includes(by.id)) return no('invalid', says.notYours(moment.caseNumber));
  // Said twice, or pressed twice: nobody is passed over.
  if (!isOwn && alert.handedOn.includes(by.id)) return no('already', says.declined(moment.caseNumber));
  const fact: Fact = { type: 'declined', at: moment.now, v: 1, by, reason };
  const answered = { outcome: 'won', text: says.declined(moment.caseNumber) } as const;
  const after = fold(alert, fact);
  if (!isOwn && alert.failsafe !== null) return { facts: [fact], effects: [showCard(after, moment)], answer: answered };
  const next = isOwn ? again(after, 'declined', moment) : goOn(after, levelOf(after), 'declined', moment);
  return { facts: [fact, ...next.facts], effects: next.effects, answer: answered };
}

/** A telephone call that was made by hand: the conversation of an alert that was read back, or all of it at once, with both names. */
function callRecorded(alert: Alert, turn: Turn, moment: At): Decision<Fact> {
  if (isAboutSeeing(alert, turn, (person) => isEntitled(alert, person, moment))) return seenByPhone(alert, turn, moment);
  const { by, answer, says } = turn;
  const when = whenOf(answer.fields['when'] ?? '', moment.now, moment.policy.zone);
  const who = written(answer.fields['spoke']);
  const spoke = who === '' ? {} : { spoke: who };
  const said = written(answer.text);
  const receiver = answer.to;
  if (when === null) return no('invalid', says.needsWhen);
  if (alert.status === 'read-back') {
    const fact: Fact = {
      type: 'conversationRecorded',
      at: moment.now,
      v: 1,
      by,
      with: alert.readBack?.by.name ?? '',
      when,
      ...spoke,
    };
    const facts: Fact[] = [fact, { type: 'alertClosed', at: moment.now, v: 1 }];
    return {
      facts,
      effects: [showCard(facts.reduce<Alert>(fold, alert), moment)],
      answer: { outcome: 'won', text: says.conversation(moment.caseNumber) },
    };
  }
  if (alert.released === null || alert.status === 'draft' || alert.status === 'asking') return no('invalid', says.notSentYet(moment.caseNumber));
  if (receiver === undefined) return no('invalid', says.needsReceiver);
  // Whoever writes it down is not who was told, and who was told is one who was called for it.
  if (receiver.id === by.id || !isEntitled(alert, receiver.id, moment)) return no('invalid', says.notTheirs(moment.caseNumber, receiver.name));
  if (said === '') return no('invalid', says.needsReadBack);
  const facts: Fact[] = [
    acknowledgement(alert, receiver, by, moment),
    {
      ...{ type: 'readBack', at: moment.now, v: 1, by: receiver, via: 'phone', recordedBy: by, identifier: 'by-phone', finding: said },
      action: written(answer.fields['action']) || said,
    },
    { type: 'conversationRecorded', at: moment.now, v: 1, by, with: receiver.name, when, ...spoke },
  ];
  const closed = afterReadBack(alert, facts, receiver.id, says.callRecorded(moment.caseNumber, receiver.name), moment);
  const after = closed.facts.reduce<Alert>(fold, alert);
  // Whoever is said to have been told is told so, and may say that it was not them.
  return { ...closed, effects: [...closed.effects, tell(receiver.id, 'phoned', after, moment), ...pages(receiver.id, 'phoned', after, moment)] };
}

function failsafeTaken(alert: Alert, { by, says }: Turn, moment: At): Decision<Fact> {
  if (alert.status !== 'open' || alert.failsafe === null) return no('invalid', says.notAtFailsafe(moment.caseNumber));
  if (alert.failsafe.taken !== null) return no('already', says.failsafeTakenBy(moment.caseNumber, alert.failsafe.taken.by.name));
  const minutes = ruleOf(alert, moment.policy).failsafeRestsMinutes;
  const until = addMinutes(moment.now, minutes);
  const fact: Fact = { type: 'failsafeTaken', at: moment.now, v: 1, by, until };
  return noted(alert, fact, says.failsafeTaken(moment.caseNumber, minutesLeft(moment.now, until)), moment, 'won');
}
