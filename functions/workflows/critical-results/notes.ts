import { isEdit } from '#core/effect.js';
import type { Effect } from '#core/effect.js';
import type { PersonId } from '#core/ids.js';
import type { Decision, Moment } from '#core/workflow.js';
import { redraw } from './effects.ts';
import type { Told } from './effects.ts';
import { everybodyTold } from './decide-seen.ts';
import { evolve, overAgain } from './evolve.ts';
import type { Fact } from './events.ts';
import { mayTake } from './policy.ts';
import type { Policy } from './policy.ts';
import { declarersOf, isAlert, isAskedOfAll, unjudged, unseenOf } from './state.ts';
import type { Alert, PrivateNote, State } from './state.ts';
import type { NoteName, NowName } from './words.ts';

/** What is to be done in another system goes on being so, however this stands. */
const ELSEWHERE: NoteName = 'not-recorded';

/**
 * What every decision has besides: what stands in private chats goes on saying how it stands. Of whoever gets a new message a line is left of the last one, once the
 * new one has come; that of the others is drawn anew where something has changed for them.
 */
export function withNotes(before: State, decision: Decision<Fact>, moment: Moment<Policy>): Decision<Fact> {
  const told = decision.effects.filter((effect): effect is Told => effect.kind === 'tellPerson' && effect.note !== ELSEWHERE);
  const pages = decision.effects.filter((effect) => effect.kind === 'page');
  const to = told
    .filter((effect) => !isEdit(effect))
    .map(({ person, note }) => ({
      person,
      note,
      ways: pages.filter((page) => page.to === person && page.note === note).map(({ channel }) => channel),
    }));
  const last = decision.facts.length - 1;
  const facts =
    to.length === 0 ? decision.facts : decision.facts.map((fact, n) => (n === last ? { ...fact, put: { event: moment.event, to } } : fact));
  const after = facts.reduce<State>(evolve, before);
  if (!isAlert(before) || !isAlert(after)) return { ...decision, facts };
  const people = [...new Set(after.notes.map(({ person }) => person))];
  const edits = people.flatMap((person) => {
    const newer = told.filter((one) => one.person === person);
    const notes = after.notes.filter((one) => one.person === person);
    return newer.length > 0 ? linesOf(notes, newer, after, moment) : anew(notes, before, after, moment);
  });
  return { ...decision, facts, effects: [...decision.effects, ...edits] };
}

/** Those of an hour in which none comes through, and the one before it: each repeat says all of them. */
export const MOST_BEFORE = 13;

/** Of what stood before each of these one line, once that has come: what took the place of views first, then what is new. */
function linesOf(notes: readonly PrivateNote[], newer: readonly Told[], after: Alert, moment: Moment<Policy>): readonly Effect[] {
  const inOrder = [...newer.filter(isEdit), ...newer.filter((one) => !isEdit(one))];
  return inOrder.flatMap(({ key }, n) => {
    const [first, ...rest] = notes.slice(0, notes.length - inOrder.length + n).slice(-MOST_BEFORE);
    return first === undefined ? [] : [redraw([first, ...rest], { as: 'earlier', which: String(n), after: key }, after, moment)];
  });
}

function anew(notes: readonly PrivateNote[], before: Alert, after: Alert, moment: Moment<Policy>): readonly Effect[] {
  const [first, ...rest] = notes;
  if (first === undefined || lookOf(before, first.person, moment.policy) === lookOf(after, first.person, moment.policy)) return [];
  return [redraw([first, ...rest], { as: 'now', which: '0' }, after, moment)];
}

/** What a message to this person is about: while what was over is asked anew, for whoever is not asked it is still over. */
export function toldTo(alert: Alert, person: PersonId, policy: Policy): Alert {
  const isAsked = alert.asked.people.includes(person) || declarersOf(alert).includes(person) || phonesRoom(alert, person, policy);
  return alert.overBefore === null || isAsked || !everybodyTold(alert, null, policy).includes(person) ? alert : overAgain(alert);
}

/** Does the switchboard see to it that a radiologist judges it? */
function phonesRoom(alert: Alert, person: PersonId, { withRole }: Policy): boolean {
  return isAskedOfAll(alert) && !alert.asked.people.includes(person) && withRole('switchboard').includes(person);
}

/** Whoever was asked whether to withdraw it, while nothing more urgent is to be said to them. */
function isNoLongerSaid({ status, noLonger, failsafe, addressed }: Alert, person: PersonId): boolean {
  if (noLonger === null || !noLonger.people.includes(person)) return false;
  if (status === 'open') return failsafe === null && !addressed.includes(person);
  return status === 'acknowledged' || status === 'read-back' || status === 'closed';
}

/** What a message about it says to this person now. */
export function nowFor(known: Alert, person: PersonId, policy: Policy): NoteName | NowName {
  const alert = toldTo(known, person, policy);
  const { status, failsafe, acknowledged, readBack, addressed } = alert;
  const isDeclarer = declarersOf(alert).includes(person);
  const isUnseen = unseenOf(alert).includes(person);
  if (isNoLongerSaid(alert, person)) return 'no-longer-said';
  switch (status) {
    case 'draft':
      return 'unsent';
    case 'asking':
      return phonesRoom(alert, person, policy) ? 'phone-reading-room' : 'asked';
    case 'open':
      if (isDeclarer) return failsafe === null ? 'sent' : 'untaken';
      if (failsafe !== null && policy.withRole('switchboard').includes(person)) return failsafe.taken === null ? 'failsafe' : 'in-hand';
      if (addressed.includes(person) && mayTake(person, policy)) return 'repeat';
      return isUnseen ? 'changed' : 'sent';
    case 'acknowledged':
      if (acknowledged?.by.id === person) return 'read-back-due';
      return isUnseen ? 'changed' : 'taken';
    case 'read-back':
      if (readBack?.by.id === person) return 'speak-now';
      if (isDeclarer) return 'was-read-back';
      return isUnseen ? 'changed' : 'taken';
    case 'closed':
      return isUnseen ? 'changed' : 'closed';
    case 'not-critical':
    case 'same':
      return status;
    case 'drill-over':
      return 'drill-ended';
    case 'withdrawn':
      return isUnseen ? 'withdrawn' : 'withdrawn-seen';
    default:
      return status satisfies never;
  }
}

/** Of two states with the same one a message to this person need not be drawn anew. */
function lookOf(known: Alert, person: PersonId, policy: Policy): string {
  const alert = toldTo(known, person, policy);
  const { revision, finding, steps, failsafe, acknowledged, readBack } = alert;
  const name = nowFor(alert, person, policy);
  const isUnseen = unseenOf(alert).includes(person);
  // What had not left to them when it was asked anew is not sent; a reminder in between is of a change.
  const over = known.overBefore?.status ?? null;
  // Who is called is for whoever sent it, and for the switchboard.
  const called = name === 'repeat' ? 0 : steps.map(({ reached }) => reached.length).join();
  return JSON.stringify([
    name,
    // Reminders of what was still to be done have stood in its place.
    name === 'no-longer-said' ? alert.status : null,
    isUnseen,
    over,
    revision,
    finding.category,
    called,
    failsafe?.taken?.at,
    acknowledged?.at,
    readBack?.at,
    unjudged(known).length,
    known.noLonger?.at,
  ]);
}
