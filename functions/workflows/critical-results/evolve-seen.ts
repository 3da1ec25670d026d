import type { PagingChannel } from '#core/effect.js';
import type { PersonId } from '#core/ids.js';
import type { FactOf, Put } from './events.ts';
import type { Alert, PrivateNote } from './state.ts';

/** Whoever had been told has to say that they have seen it; a release before this one waited for nobody. */
export function withChange(
  alert: Alert,
  { at, unseen = [], remindAt }: FactOf<'alertReleased'> | FactOf<'recategorised'> | FactOf<'patientJoined'>,
): Alert {
  if (unseen.length === 0 || remindAt === undefined) return alert;
  return { ...alert, change: { since: at, unseen, until: remindAt }, notices: alert.notices + 1, seenByPhone: [] };
}

export function askedOf(alert: Alert, { n, people, until }: FactOf<'unsentTold'> | FactOf<'askedWhether'>): Alert {
  return { ...alert, asked: { n, people: union(alert.asked.people, people) }, until };
}

/** A report says it, whatever a correction had left out. */
export function saidAgain({ source }: FactOf<'sourceJoined'>): Partial<Pick<Alert, 'noLonger'>> {
  return source.kind === 'report' && source.unread !== true ? { noLonger: null } : {};
}

/** Whoever answers to what it is now has seen what was changed. */
export function seenBy(alert: Alert, person: PersonId): Alert {
  if (alert.change?.unseen.includes(person) !== true) return alert;
  const unseen = alert.change.unseen.filter((one) => one !== person);
  return { ...alert, change: unseen.length === 0 ? null : { ...alert.change, unseen } };
}

export function byPhone(alert: Alert, person: PersonId, isByPhone: boolean): Alert {
  const others = alert.seenByPhone.filter((one) => one !== person);
  return { ...alert, seenByPhone: isByPhone ? [...others, person] : others };
}

export function waitedForAgain(alert: Alert, { at, by, remindAt }: FactOf<'seenDisputed'>): Alert {
  const { withdrawn, change, notices } = alert;
  if (alert.status === 'withdrawn' && withdrawn !== null)
    return { ...alert, withdrawn: { ...withdrawn, unseen: [...union(withdrawn.unseen, [by.id])] }, until: alert.until ?? remindAt };
  if (change !== null) return { ...alert, change: { ...change, unseen: union(change.unseen, [by.id]) } };
  return { ...alert, change: { since: at, unseen: [by.id], until: remindAt }, notices: notices + 1 };
}

/** Each once, in their order. */
export function union(some: readonly PersonId[], more: readonly PersonId[]): readonly PersonId[] {
  return [...new Set([...some, ...more])];
}

/**
 * Messages to one person that are remembered: repeats and reminders of three hours in which none comes through, and the one before them; of older ones the last that went
 * by each way.
 */
const MOST_NOTES = 73;

export function withPut(alert: Alert, put: Put | undefined): Alert {
  if (put === undefined) return alert;
  const { event, to } = put;
  const notes = [...alert.notes, ...to.map(({ person, note, ways }) => ({ person, note, event, ways }))];
  return {
    ...alert,
    notes: notes.filter((one, n) =>
      isKept(
        one,
        notes.slice(n + 1).filter(({ person }) => person === one.person),
      ),
    ),
  };
}

function isKept(one: PrivateNote, later: readonly PrivateNote[]): boolean {
  const wentSince = (way: PagingChannel): boolean =>
    later.some((other) => 'event' in other && 'event' in one && other.note === one.note && other.ways?.includes(way) === true);
  return later.length < MOST_NOTES || ('event' in one && one.ways?.every(wentSince) === false);
}
