import type { PersonId } from '#core/ids.js';
import type { Fact, FactOf, Posting, Put, Reached } from './events.ts';
import { isAlert, isToldAgain } from './state.ts';
import type { Alert, State, Step } from './state.ts';

/** The state after one more fact: pure, total, and indifferent to facts that no longer matter. */
export function evolve(state: State, fact: Fact): State {
  if (!isAlert(state)) return fact.type === 'alertDrafted' || fact.type === 'alertRaised' ? opened(fact) : state;
  const after = withPut(evolveAlert(state, fact), fact.put);
  return after.until === state.until && !('until' in fact) ? after : { ...after, epoch: state.epoch + 1 };
}

function opened(fact: FactOf<'alertDrafted'> | FactOf<'alertRaised'>): Alert {
  const { about, finding, source } = fact;
  const isDraft = fact.type === 'alertDrafted';
  return {
    ...{ about, finding, sources: [source], drill: isDraft && fact.drill, since: isDraft ? fact.at : fact.since },
    status: isDraft ? 'draft' : 'asking',
    draftedBy: isDraft ? fact.by : null,
    draftedAt: isDraft ? fact.at : null,
    reader: isDraft ? null : fact.reader,
    ...{ revision: 1, round: 0, asked: { n: 0, people: [] }, released: null, steps: [], addressed: [], failsafe: null },
    ...{ until: isDraft ? fact.until : null, epoch: 1, leftFrom: null },
    ...{ acknowledged: null, readBack: null, conversation: null, comingNow: [], declined: [], handedOn: [], attempts: [], told: [], withdrawn: null },
    ...{ notCritical: null, posting: null, views: [], notes: [], missing: null, remarks: [] },
  };
}

function evolveAlert(alert: Alert, fact: Fact): Alert {
  switch (fact.type) {
    case 'alertRaised':
      return alert;
    case 'alertDrafted':
      return alert.status === 'asking' ? declared(alert, fact) : alert;
    case 'sourceJoined': {
      const isWorse = fact.category < alert.finding.category;
      const finding = isWorse ? { ...alert.finding, category: fact.category } : alert.finding;
      const since = fact.since < alert.since ? fact.since : alert.since;
      const until = fact.until ?? alert.until;
      const taken = alert.failsafe?.taken ?? null;
      const failsafe =
        alert.failsafe === null || taken === null || until === null ? alert.failsafe : { ...alert.failsafe, taken: { ...taken, until } };
      const joined = { ...alert, finding, sources: [...alert.sources, fact.source], since, until, failsafe };
      return fact.asksAnew === true ? { ...again(joined), status: 'asking', notCritical: null, asked: { n: 0, people: [] } } : joined;
    }
    case 'unsentTold':
    case 'askedWhether':
      return { ...alert, asked: { n: fact.n, people: union(alert.asked.people, fact.people) }, until: fact.until };
    case 'foundNotCritical':
      return { ...alert, status: 'not-critical', notCritical: fact, until: null };
    case 'alertReleased': {
      const { by, at, approval, category } = fact;
      return { ...again(alert), status: 'open', released: { by, at, approval }, finding: { ...alert.finding, category } };
    }
    case 'stepTaken': {
      const { level, at, because, reached, skipped, placeUnsure, until } = fact;
      const step: Step = { level, at, because, reached, skipped, placeUnsure, triedBefore: alert.attempts.length };
      // What is posted now is a message of its own, that mentions who is meant now.
      const handedOn = alert.handedOn.filter((one) => !reached.some(({ person }) => person === one));
      return { ...again(reopened(alert)), steps: [...alert.steps, step], addressed: addressedWith(alert, reached), handedOn, until, posting: null };
    }
    case 'incomingTold':
      return { ...alert, addressed: addressedWith(alert, fact.reached) };
    case 'failsafeReached': {
      const { because, at, skipped, until } = fact;
      const step: Step = { level: 0, at, because, reached: [], skipped, placeUnsure: false, triedBefore: alert.attempts.length };
      const open = reopened(alert);
      const failsafe = { since: alert.failsafe?.since ?? at, repeats: 0, sheets: (alert.failsafe?.sheets ?? 0) + 1, taken: null };
      return { ...again(open), failsafe, until, posting: null, steps: skipped.length === 0 ? open.steps : [...open.steps, step] };
    }
    case 'failsafeRepeated': {
      const failsafe = { since: alert.failsafe?.since ?? fact.at, repeats: fact.n, sheets: (alert.failsafe?.sheets ?? 0) + 1, taken: null };
      return { ...alert, failsafe, until: fact.until, addressed: addressedWith(alert, fact.reached) };
    }
    case 'failsafeTaken': {
      const { by, at, until } = fact;
      return alert.failsafe === null ? alert : { ...again(alert), failsafe: { ...alert.failsafe, taken: { by, at, until } }, until };
    }
    case 'wasPaged':
      return withAttempt(alert, fact.channel, fact.to, fact.note, fact.at, null);
    case 'wasTold':
      return withAttempt(alert, 'chat', fact.person, fact.note, fact.at, null);
    case 'notReached':
      return withAttempt(alert, fact.channel, fact.to, fact.note, fact.at, fact.code);
    case 'comesNow':
      return { ...again(alert), comingNow: [...alert.comingNow.filter(({ id }) => id !== fact.by.id), fact.by] };
    case 'acknowledged':
      return { ...again(alert), status: 'acknowledged', acknowledged: fact, until: fact.until };
    case 'readBackOverdue':
      return { ...again(alert), status: 'open', acknowledged: null, until: null };
    case 'readBack':
      return { ...again(alert), status: 'read-back', readBack: fact, until: null };
    case 'conversationAsked':
      return { ...alert, until: fact.until };
    case 'conversationRecorded':
      return { ...again(alert), conversation: fact };
    case 'alertClosed':
      return { ...alert, status: 'closed', until: null };
    case 'disputed':
      return {
        ...again(alert),
        status: 'open',
        acknowledged: null,
        readBack: null,
        conversation: null,
        until: null,
        remarks: [...alert.remarks, fact],
      };
    case 'declined':
      // At the failsafe everybody is called already, and again at its time.
      return {
        ...again(reopened(alert)),
        declined: [...alert.declined, fact],
        handedOn: union(alert.handedOn, [fact.by.id]),
        until: alert.status === 'acknowledged' ? null : alert.until,
      };
    case 'takenOver':
      return { ...again(alert), addressed: union(alert.addressed, [fact.by.id]), remarks: [...alert.remarks, fact] };
    case 'attemptRecorded':
      return { ...again(alert), remarks: [...alert.remarks, fact] };
    case 'recategorised': {
      const finding = { ...alert.finding, category: fact.to };
      const until = alert.released === null ? alert.until : null;
      return { ...reopened(again(alert)), finding, revision: alert.revision + 1, until, remarks: [...alert.remarks, fact] };
    }
    case 'patientMoved': {
      const { location, patientClass, asOf, present } = fact;
      const place = location === null ? alert.about.location : { at: location, asOf };
      if (present === false) {
        const last = place ?? alert.leftFrom;
        return { ...alert, about: { ...alert.about, location: null, patientClass: 'O' }, leftFrom: last === null ? null : { ...last, asOf } };
      }
      return { ...alert, about: { ...alert.about, location: place, ...(patientClass === null ? {} : { patientClass }) } };
    }
    case 'patientJoined': {
      const { patient } = alert.about;
      const about = { ...alert.about, patient: { ...patient, identifiers: [...patient.identifiers, ...fact.identifiers] } };
      // Who it is about is not what people were told: what they had acknowledged was another thing.
      return isToldAgain(alert) ? { ...again(reopened(alert)), about, revision: alert.revision + 1, until: null } : { ...alert, about };
    }
    case 'withdrawn': {
      const { unseen } = fact;
      return { ...again(alert), status: 'withdrawn', revision: alert.revision + 1, withdrawn: fact, until: unseen.length === 0 ? null : fact.until };
    }
    case 'withdrawalSeen': {
      if (alert.withdrawn === null) return alert;
      const unseen = alert.withdrawn.unseen.filter((person) => person !== fact.by.id);
      return { ...again(alert), withdrawn: { ...alert.withdrawn, unseen }, until: unseen.length === 0 ? null : alert.until };
    }
    case 'withdrawalRepeated':
      return { ...alert, until: fact.until };
    case 'cardPosted':
      return { ...alert, posting: fact.posting };
    case 'viewShown':
      return { ...alert, views: [...alert.views, { person: fact.person, posting: fact.posting }] };
    case 'privateCardOver': {
      const { person, posting } = fact;
      // What stands there now is a message without the patient, and goes on saying how it stands.
      return { ...alert, views: alert.views.filter((view) => !isSame(view.posting, posting)), notes: [...alert.notes, { person, posting }] };
    }
    case 'historyMissing':
      return { ...alert, missing: { from: fact.from, until: fact.until } };
    case 'identifierWrong':
    case 'resultSent':
      return alert;
    default:
      return fact satisfies never;
  }
}

/** A person declares what a report or a model had raised: it is theirs now, with the category that they give, and not sent yet. */
function declared(alert: Alert, { by, at, source, finding, until }: FactOf<'alertDrafted'>): Alert {
  const whose = { status: 'draft', draftedBy: by, draftedAt: at, finding, until } as const;
  return { ...again(alert), ...whose, sources: [...alert.sources, source], asked: { n: 0, people: [] }, revision: alert.revision + 1 };
}

function again(alert: Alert): Alert {
  return { ...alert, round: alert.round + 1 };
}

/** What goes on after it was taken is open again; what it had of an answer counts no more. */
function reopened(alert: Alert): Alert {
  const isOver = alert.status === 'acknowledged' || alert.status === 'read-back' || alert.status === 'closed';
  return isOver ? { ...alert, status: 'open', acknowledged: null, readBack: null, conversation: null } : alert;
}

function addressedWith({ addressed }: Alert, reached: readonly Reached[]): readonly PersonId[] {
  return union(
    addressed,
    reached.map(({ person }) => person),
  );
}

function withAttempt(alert: Alert, channel: string, to: string, note: string, at: Alert['since'], failed: string | null): Alert {
  const attempts = [...alert.attempts, { channel, to, note, at, failed }];
  const isNew = failed === null && !alert.told.some((one) => one.channel === channel && one.to === to);
  return { ...alert, attempts, told: isNew ? [...alert.told, { channel, to }] : alert.told };
}

/** Messages to one person that are remembered: those of an hour in which none comes through, and the one before it. */
const MOST_NOTES = 13;

function withPut(alert: Alert, put: Put | undefined): Alert {
  if (put === undefined) return alert;
  const { event, to } = put;
  const notes = [...alert.notes, ...to.map(({ person, note }) => ({ person, note, event }))];
  return { ...alert, notes: notes.filter(({ person }, n) => notes.slice(n).filter((one) => one.person === person).length <= MOST_NOTES) };
}

function union(some: readonly PersonId[], more: readonly PersonId[]): readonly PersonId[] {
  return [...new Set([...some, ...more])];
}

function isSame(one: Posting, other: Posting): boolean {
  return one.conversationId === other.conversationId && one.activityId === other.activityId;
}
