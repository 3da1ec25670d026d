import { isEdit } from '#core/effect.js';
import type { Effect } from '#core/effect.js';
import type { PersonId } from '#core/ids.js';
import type { Decision, Moment } from '#core/workflow.js';
import { redraw } from './effects.ts';
import type { Told } from './effects.ts';
import { evolve } from './evolve.ts';
import type { Fact } from './events.ts';
import { mayTake } from './policy.ts';
import type { Policy } from './policy.ts';
import { declarersOf, isAlert } from './state.ts';
import type { Alert, PrivateNote, State } from './state.ts';
import type { NoteName, NowName } from './words.ts';

/**
 * What every decision has besides: what stands in private chats goes on saying how it stands. Of whoever gets a new message a line is left of the last one, once the
 * new one has come; that of the others is drawn anew where something has changed for them.
 */
export function withNotes(before: State, decision: Decision<Fact>, moment: Moment<Policy>): Decision<Fact> {
  const told = decision.effects.filter((effect): effect is Told => effect.kind === 'tellPerson');
  const to = told.filter((effect) => !isEdit(effect)).map(({ person, note }) => ({ person, note }));
  const last = decision.facts.length - 1;
  const facts = to.length === 0 ? decision.facts : decision.facts.map((fact, n) => (n === last ? { ...fact, put: { event: moment.event, to } } : fact));
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

/** Of what stood before each of these one line, once that has come: what took the place of views first, then what is new. */
function linesOf(notes: readonly PrivateNote[], newer: readonly Told[], after: Alert, moment: Moment<Policy>): readonly Effect[] {
  const inOrder = [...newer.filter(isEdit), ...newer.filter((one) => !isEdit(one))];
  return inOrder.flatMap(({ key }, n) => {
    const [first, ...rest] = notes.slice(0, notes.length - inOrder.length + n);
    return first === undefined ? [] : [redraw([first, ...rest], { as: 'earlier', which: String(n), after: key }, after, moment)];
  });
}

function anew(notes: readonly PrivateNote[], before: Alert, after: Alert, moment: Moment<Policy>): readonly Effect[] {
  const [first, ...rest] = notes;
  if (first === undefined || lookOf(before, first.person, moment.policy) === lookOf(after, first.person, moment.policy)) return [];
  return [redraw([first, ...rest], { as: 'now', which: '0' }, after, moment)];
}

/** What a message about it says to this person now. */
export function nowFor(alert: Alert, person: PersonId, policy: Policy): NoteName | NowName {
  const { status, failsafe, acknowledged, readBack, withdrawn, addressed } = alert;
  const isDeclarer = declarersOf(alert).includes(person);
  switch (status) {
    case 'draft':
      return 'unsent';
    case 'asking':
      return 'asked';
    case 'open':
      if (isDeclarer) return failsafe === null ? 'sent' : 'untaken';
      if (failsafe !== null && policy.withRole('switchboard').includes(person)) return failsafe.taken === null ? 'failsafe' : 'in-hand';
      return addressed.includes(person) && mayTake(person, policy) ? 'repeat' : 'sent';
    case 'acknowledged':
      return acknowledged?.by.id === person ? 'read-back-due' : 'taken';
    case 'read-back':
      if (readBack?.by.id === person) return 'speak-now';
      return isDeclarer ? 'was-read-back' : 'taken';
    case 'closed':
    case 'not-critical':
      return status;
    case 'withdrawn':
      return withdrawn?.unseen.includes(person) === true ? 'withdrawn' : 'withdrawn-seen';
    default:
      return status satisfies never;
  }
}

/** Of two states with the same one a message to this person need not be drawn anew. */
function lookOf(alert: Alert, person: PersonId, policy: Policy): string {
  const { revision, finding, steps, failsafe, acknowledged, readBack } = alert;
  const name = nowFor(alert, person, policy);
  // Who is called is for whoever sent it, and for the switchboard.
  const called = name === 'repeat' ? 0 : steps.length;
  return JSON.stringify([name, revision, finding.category, called, failsafe?.taken?.at, acknowledged?.at, readBack?.at]);
}
