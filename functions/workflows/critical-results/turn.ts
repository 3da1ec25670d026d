import type { Effect } from '#core/effect.js';
import { personId } from '#core/ids.js';
import type { PersonId } from '#core/ids.js';
import { epochOf } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { asBefore, print, tell, showCard } from './effects.ts';
import type { Answer, Decision, Moment } from '#core/workflow.js';
import type { Category } from '#domain/critical.js';
import { evolve } from './evolve.ts';
import type { Answered, Fact } from './events.ts';
import type { Policy } from './policy.ts';
import { isAlert } from './state.ts';
import type { Alert } from './state.ts';
import type { Words } from './words.ts';

export type At = Moment<Policy>;
/** What a person said, and the words for the answer. */
export interface Turn {
  readonly by: { readonly id: Answered['person']; readonly name: string };
  readonly answer: Answered;
  readonly says: Words['answers'];
}

export function fold(alert: Alert, fact: Fact): Alert {
  const after = evolve(alert, fact);
  return isAlert(after) ? after : alert;
}

/** Whoever else was reached may put the telephone down. */
export function tellOthers(alert: Alert, note: string, but: string, moment: At) {
  return alert.addressed
    .filter((person) => person !== but && alert.told.some(({ to }) => to === person))
    .map((person) => tell(person, note, alert, moment));
}

/** Whoever was called for it, or may have been, by the ways of before, and on paper where paper has said it. @param but this one needs not be told */
export function tellEverybody(
  alert: Alert,
  after: Alert,
  note: string,
  but: PersonId | null,
  moment: At,
): { readonly people: readonly PersonId[]; readonly effects: readonly Effect[] } {
  const { policy } = moment;
  const atFailsafe = alert.failsafe === null ? [] : [...policy.withRole('switchboard'), ...policy.withRole('coordinator')];
  const told = alert.told.filter(({ channel }) => channel !== 'print').map(({ to }) => personId.parse(to));
  const people = [...new Set([...alert.addressed, ...atFailsafe, ...told])].filter((person) => person !== but);
  const wasPrinted = alert.failsafe !== null || alert.told.some(({ channel }) => channel === 'print');
  const effects = [
    ...people.flatMap((person) => [tell(person, note, after, moment), ...asBefore(person, note, after, moment)]),
    ...(wasPrinted ? print(note, after, moment) : []),
  ];
  return { people, effects };
}

export function noted(alert: Alert, fact: Fact, text: string, moment: At, outcome: Answer['outcome'] = 'noted'): Decision<Fact> {
  const after = fold(alert, fact);
  const card = after.released === null && after.status !== 'not-critical' ? [] : [showCard(after, moment)];
  return { facts: [fact], effects: after.posting === null && alert.released === null ? [] : card, answer: { outcome, text } };
}

export function categoryOf(written: string | undefined): Category | null {
  return written === '1' ? 1 : written === '2' ? 2 : written === '3' ? 3 : null;
}

/** Until then, as people are told it: whole minutes, never more than there are; of less than one its part. */
export function minutesLeft(now: Instant, until: Instant): number {
  const minutes = Math.max(0, epochOf(until) - epochOf(now)) / 60_000;
  return minutes < 1 ? minutes : Math.floor(minutes);
}

/** As it is kept: what is longer than a fact may hold is cut, so that it can be read again. */
export function written(text: string | null | undefined): string {
  return (text ?? '').trim().slice(0, 1000).trim();
}

export function no(outcome: Answer['outcome'], text: string): Decision<Fact> {
  return { facts: [], effects: [], answer: { outcome, text } };
}
