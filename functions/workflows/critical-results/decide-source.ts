import type { Effect } from '#core/effect.js';
import type { PersonId } from '#core/ids.js';
import { addMinutes, addSeconds } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { nothing } from '#core/workflow.js';
import type { Decision, Moment } from '#core/workflow.js';
import type { Category } from '#domain/critical.js';
import { announced, isOfPatient, passedOn, toTheOther } from './alike.ts';
import { windowOf } from './decide-step.ts';
import { print, raiseReading, reach, showCard } from './effects.ts';
import { evolve } from './evolve.ts';
import type { Fact, Input, Source } from './events.ts';
import { dutyRadiologists } from './ladder.ts';
import { ruleOf } from './policy.ts';
import type { Policy } from './policy.ts';
import { CIRCLES, isAlert, isEnded, levelOf } from './state.ts';
import type { Alert, State } from './state.ts';
import { wordsIn } from './words-in.ts';

/** Somebody has written it; nothing has left. */
export function drafted(state: State, input: Extract<Input, { type: 'criticalDrafted' }>, moment: Moment<Policy>): Decision<Fact> {
  const { by, via, about, finding, drill, terms, language } = input;
  const { answers } = wordsIn(language ?? moment.policy.language);
  // What a report or a model has raised is declared by a person now, with the category that they give; what has ended is not begun again.
  const isNew = !isAlert(state) || state.status === 'asking';
  if (isAlert(state) && !isOfPatient(state, about.patient))
    return { ...nothing, answer: { outcome: 'invalid', text: answers.notReleased(moment.policy.switchboard.phone) } };
  if (!isNew && isEnded(state)) return { ...nothing, answer: { outcome: 'closed', text: answers.closed(moment.caseNumber, state) } };
  if (!isNew) return { ...nothing, answer: { outcome: 'already', text: answers.alreadyWritten(moment.caseNumber) } };
  const until = addSeconds(moment.now, moment.policy.unsentAfterSeconds[0]);
  const fact: Fact = {
    ...{ type: 'alertDrafted', at: moment.now, v: 1, by, source: { kind: 'person', by, via }, about, finding, drill, until },
    ...(terms === undefined ? {} : { terms }),
  };
  const after = evolve(state, fact);
  const effects = isAlert(after) && !isAlert(state) && !drill ? announced(after, moment) : [];
  return { facts: [fact], effects, answer: { outcome: 'noted', text: answers.drafted(moment.caseNumber) } };
}

/** It is still unsent: first its author is told, then the radiologist on duty and the coordinators too, again and again. */
export function stillUnsent(alert: Alert, moment: Moment<Policy>): Decision<Fact> {
  const { policy, now } = moment;
  const n = alert.asked.n + 1;
  const author = alert.draftedBy === null ? [] : [alert.draftedBy.id];
  const people = n === 1 ? author : [...new Set([...author, ...dutyRadiologists(policy, now), ...policy.withRole('coordinator')])];
  const [first, second] = policy.unsentAfterSeconds;
  const until = n === 1 ? addSeconds(now, second - first) : addMinutes(now, ruleOf(alert, policy).failsafeEveryMinutes);
  const fact: Fact = { type: 'unsentTold', at: now, v: 1, n, people, until };
  return {
    facts: [fact],
    effects: people.flatMap((person) => reach(person, 'unsent', alert, moment)),
  };
}

/** A report or a model says it. What is known already joins; what is new is put to a radiologist, who says whether it is. */
export function raised(state: State, input: Extract<Input, { type: 'criticalRaised' }>, moment: Moment<Policy>): Decision<Fact> {
  const { about, finding, source, since } = input;
  const reader = input.reader ?? readerIn(input.signedBy ?? [], moment.policy);
  // A drill is of nobody.
  if (isAlert(state) && (state.drill || !isOfPatient(state, about.patient))) return passedOn(input, moment);
  if (isAlert(state))
    return state.same === null
      ? joining(state, { source, category: finding.category, since, ...(reader === null ? {} : { reader }) }, moment)
      : toTheOther(state, input, moment);
  const fact: Fact = { type: 'alertRaised', at: moment.now, v: 1, source, about, finding, reader, since };
  const after = evolve(state, fact);
  // Within days: an event for follow-up, nobody is asked at once.
  if (!isAlert(after)) return nothing;
  const here = announced(after, moment);
  if (finding.category === 3) return { facts: [fact], effects: here };
  const reading = readSooner(after, moment);
  const asked = stillUnasked(after, moment);
  return { facts: [fact, ...reading.facts, ...asked.facts], effects: [...reading.effects, ...asked.effects, ...here] };
}

/** The first of these whom people.json knows as somebody who reads. */
function readerIn(numbers: readonly string[], { providers, withRole }: Policy): PersonId | null {
  const people = numbers.flatMap((number) => providers[number] ?? []);
  return people.find((one) => READERS.some((role) => withRole(role).includes(one))) ?? null;
}

const READERS = ['reading-radiologist', 'protocoling-radiologist'] as const;

/** A model alone says it, and nobody has read the exam yet: whoever keeps the reading list is told, once a priority. It only ever gets sooner. */
function readSooner({ status, sources, finding, reading, about, askedAnewAt }: Alert, moment: Moment<Policy>): Decision<Fact> {
  const source = sources.findLast((one) => one.kind === 'model');
  const priority = finding.category === 1 ? 'S' : 'A';
  const isUnread = status === 'asking' && askedAnewAt === null && sources.every(({ kind }) => kind === 'model');
  const to = moment.policy.readingPriorityTo ?? null;
  if (to === null || source === undefined || !isUnread || finding.category === 3 || reading === 'S' || reading === priority) return nothing;
  const { model: name, version, confidence } = source;
  const data = { order: about, priority, finding: { classId: finding.classId, text: finding.text }, model: { name, version, confidence } } as const;
  return { facts: [{ type: 'readingRaised', at: moment.now, v: 1, priority }], effects: [raiseReading(to, data, moment)] };
}

/** What a further source says of it. */
interface Joining {
  readonly source: Source;
  readonly category: Category;
  readonly since: Instant;
  readonly reader?: PersonId;
}

/**
 * A further source may make it more urgent, and what is waited for due sooner; it pages nobody again and never makes it less. Of one that is over it asks a radiologist
 * anew, where it says more.
 */
export function joining(alert: Alert, input: Joining, moment: Moment<Policy>): Decision<Fact> {
  const { source, category, since, reader } = input;
  if (alert.sources.some((one) => JSON.stringify(one) === JSON.stringify(source))) return nothing;
  const anew = { ...(saysMore(alert, input) ? { asksAnew: true } : {}), ...(reader === undefined ? {} : { reader }) };
  const joined: Fact = { type: 'sourceJoined', at: moment.now, v: 1, source, category, since, ...anew };
  const after = evolve(alert, joined);
  if (!isAlert(after)) return nothing;
  const isWorse = after.finding.category < alert.finding.category;
  const reading = readSooner(after, moment);
  // Nobody was asked of what could wait for days; or the "no" was to something else.
  if (after.status === 'asking' && after.until === null && after.finding.category < 3) {
    const asked = stillUnasked(after, moment);
    return { facts: [joined, ...reading.facts, ...asked.facts], effects: [...reading.effects, ...asked.effects] };
  }
  const sooner = isWorse ? sooneredUntil(after, moment) : null;
  const fact: Fact = sooner === null ? joined : { ...joined, until: sooner };
  const card = after.posting === null ? [] : [showCard(after, moment)];
  return { facts: [fact, ...reading.facts], effects: [...reading.effects, ...card] };
}

/** What was communicated is asked of again only where it is graver than what people were told; what was judged not critical, or withdrawn, where it is other words. */
function saysMore(alert: Alert, { source, category }: Joining): boolean {
  if (alert.status === 'closed') return category < alert.finding.category;
  return (alert.status === 'not-critical' || alert.status === 'withdrawn') && isNews(alert, source);
}

/** A "no", and a withdrawal, was to what was known then: another kind of source, or other words of a report, is another question. */
function isNews({ sources }: Alert, source: Source): boolean {
  return !sources.some((one) => {
    if (one.kind === 'report' && source.kind === 'report') return one.quote === source.quote;
    return one.kind === source.kind;
  });
}

/** The end of the window of the category that it has now; null: what it has is sooner. */
function sooneredUntil(alert: Alert, { policy, now }: Moment<Policy>): Instant | null {
  const { status, until, failsafe } = alert;
  if (until === null || (status !== 'open' && status !== 'asking')) return null;
  const rule = ruleOf(alert, policy);
  const minutes =
    failsafe === null ? windowOf(levelOf(alert), alert, policy) : failsafe.taken === null ? rule.failsafeEveryMinutes : rule.failsafeRestsMinutes;
  const wanted = status === 'asking' ? askedUntil(alert, Math.max(alert.clock.steps, 1), { policy, now }) : addMinutes(now, minutes);
  return wanted < until ? wanted : null;
}

/** Until when a step of the question has time: by the windows of its category from when it reached us; a clock that was set back makes none longer. */
function askedUntil(alert: Alert, steps: number, { policy, now }: Pick<Moment<Policy>, 'policy' | 'now'>): Instant {
  const { levelsAfterMinutes, failsafeAfterMinutes } = ruleOf(alert, policy);
  const due = addMinutes(alert.clock.from, levelsAfterMinutes[steps] ?? failsafeAfterMinutes);
  const [least, most] = [addMinutes(now, 0.05), addMinutes(now, windowOf(steps, alert, policy))];
  return due < least ? least : due < most ? due : most;
}

/**
 * Who is asked whether it is critical: reader, duty radiologist, coordinators; then all of them, until somebody answers, with the switchboard, on paper too, which
 * phones the reading room and sees nothing of the patient.
 */
export function stillUnasked(alert: Alert, moment: Moment<Policy>): Decision<Fact> {
  const { policy, now } = moment;
  const rule = ruleOf(alert, policy);
  const circles: readonly (readonly PersonId[])[] = [
    alert.reader === null ? [] : [alert.reader],
    dutyRadiologists(policy, now),
    policy.withRole('coordinator'),
  ];
  const from = alert.asked.n;
  const index = circles.findIndex((people, at) => at >= from && people.some((person) => !alert.asked.people.includes(person)));
  const isLast = index < 0;
  const people = [...new Set(isLast ? circles.flat() : (circles[index] ?? []))];
  const n = isLast ? Math.max(from, CIRCLES) + 1 : index + 1;
  const until = isLast ? addMinutes(now, rule.failsafeEveryMinutes) : askedUntil(alert, alert.clock.steps + 1, moment);
  const fact: Fact = { type: 'askedWhether', at: now, v: 1, n, people, until };
  const after = evolve(alert, fact);
  if (!isAlert(after)) return nothing;
  const told = people.flatMap((person) => reach(person, isLast ? 'still-asked' : 'asked', after, moment));
  return { facts: [fact], effects: [...told, ...(isLast ? atSwitchboard(after, people, moment) : []), showCard(after, moment)] };
}

function atSwitchboard(alert: Alert, people: readonly PersonId[], moment: Moment<Policy>): Effect[] {
  const operators = moment.policy.withRole('switchboard').filter((person) => !people.includes(person));
  return [...operators.flatMap((person) => reach(person, 'phone-reading-room', alert, moment)), ...print('asked', alert, moment)];
}
