import type { PersonId } from '#core/ids.js';
import type { Fact, FactOf, Posting, Reached } from './events.ts';
import { askedOf, byPhone, saidAgain, seenBy, union, waitedForAgain, withChange, withPut } from './evolve-seen.ts';
import { isAlert, isToldAgain } from './state.ts';
import type { Alert, Attempt, State, Step } from './state.ts';

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
    ...{ opened: fact.at, alike: [], holds: [], same: null },
    ...{ about, finding, sources: [source], drill: isDraft && fact.drill, since: isDraft ? fact.at : fact.since },
    ...{ terms: (isDraft ? fact.terms : undefined) ?? null, ended: null },
    status: isDraft ? 'draft' : 'asking',
    draftedBy: isDraft ? fact.by : null,
    draftedAt: isDraft ? fact.at : null,
    reader: isDraft ? null : fact.reader,
    reading: null,
    clock: { from: isDraft ? fact.at : fact.since, steps: 0 },
    ...{ revision: 1, round: 0, asked: { n: 0, people: [] }, released: null, steps: [], addressed: [], failsafe: null },
    ...{ until: isDraft ? fact.until : null, epoch: 1, leftFrom: null },
    ...{ acknowledged: null, readBack: null, conversation: null, comingNow: [], declined: [], handedOn: [], attempts: [], told: [], withdrawn: null },
    ...{ change: null, notices: 0, seenByPhone: [], overBefore: null, askedAnewAt: null, noLonger: null, record: { version: 0, stands: false } },
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
      // What is graver, or asks anew, has the windows of its own category from when it reached us; the question that waits is its first step.
      const steps = fact.asksAnew === true || alert.asked.n === 0 ? 0 : 1;
      const clock = isWorse || fact.asksAnew === true ? { from: fact.since, steps } : alert.clock;
      const reader = fact.reader ?? alert.reader;
      const joined = { ...alert, finding, sources: [...alert.sources, fact.source], since, until, failsafe, clock, reader, ...saidAgain(fact) };
      return fact.asksAnew === true ? askedAnew({ ...joined, askedAnewAt: fact.at }, alert) : joined;
    }
    case 'alikeFound': {
      const { with: other, why, people } = fact;
      return { ...alert, alike: [...alert.alike, { with: other, why, people, judged: null }] };
    }
    case 'alikeJudged': {
      const judged = { by: fact.by, same: fact.same };
      return { ...alert, alike: alert.alike.map((one) => (one.with === fact.with ? { ...one, judged } : one)) };
    }
    case 'tookIn':
      return { ...alert, holds: [...alert.holds, fact.of] };
    case 'foundSame':
      return { ...again(alert), status: 'same', same: fact, until: null };
    case 'saidNoLonger':
      return { ...alert, noLonger: { at: fact.at, people: fact.people } };
    case 'unsentTold':
      return askedOf(alert, fact);
    case 'askedWhether':
      return { ...askedOf(alert, fact), clock: { ...alert.clock, steps: alert.clock.steps + 1 } };
    case 'readingRaised':
      return { ...alert, reading: fact.priority };
    case 'foundNotCritical':
      return overAgain({ ...alert, notCritical: fact, until: null });
    case 'alertReleased': {
      const { by, at, approval, category } = fact;
      const sent = { released: { by, at, approval }, finding: { ...alert.finding, category }, noLonger: null };
      if (alert.released === null && alert.overBefore === null) return { ...again(alert), status: 'open', ...sent };
      // Sent once more: what was taken, or withdrawn, was another version.
      const anew = { revision: alert.revision + 1, failsafe: null, withdrawn: null, overBefore: null, handedOn: [], comingNow: [], until: null };
      return withChange(seenBy({ ...again(openAgain(alert)), ...sent, ...anew }, by.id), fact);
    }
    case 'stepTaken': {
      const { level, at, because, reached, skipped, placeUnsure, until } = fact;
      const step: Step = { level, at, because, reached, skipped, placeUnsure, triedBefore: alert.attempts.length };
      // What is posted now is a message of its own, that mentions who is meant now.
      const handedOn = alert.handedOn.filter((one) => !reached.some(({ person }) => person === one));
      return { ...again(reopened(alert)), steps: [...alert.steps, step], addressed: addressedWith(alert, reached), handedOn, until, posting: null };
    }
    case 'incomingTold': {
      const called = { ...alert, addressed: addressedWith(alert, fact.reached) };
      if (fact.because === undefined) return called;
      // They are of the step that stands, and mentioned by a message of its own.
      const steps = alert.steps.map((step, n) => (n === alert.steps.length - 1 ? { ...step, reached: [...step.reached, ...fact.reached] } : step));
      return { ...called, steps, posting: null };
    }
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
      return withAttempt(alert, { ...fact, failed: null, receipt: fact.receipt ?? null, logged: fact.logged ?? false });
    case 'wasTold':
      return withAttempt(alert, { ...fact, channel: 'chat', to: fact.person, failed: null, receipt: null, logged: false });
    case 'notReached':
      return withAttempt(alert, { ...fact, failed: fact.code, receipt: null, logged: false });
    case 'pageDelivered':
    case 'pageUndeliverable': {
      const came = { delivered: fact.type === 'pageDelivered', at: fact.at };
      const isIt = (one: Attempt) => one.channel === fact.channel && one.receipt === fact.receipt;
      return { ...alert, attempts: alert.attempts.map((one) => (isIt(one) ? { ...one, came } : one)) };
    }
    case 'comesNow': {
      // An answer to a page names no version: nothing is seen by it.
      const after = fact.via === undefined ? again(seenBy(alert, fact.by.id)) : alert;
      return { ...after, comingNow: [...alert.comingNow.filter(({ id }) => id !== fact.by.id), fact.by] };
    }
    case 'acknowledged':
      return { ...again(seenBy(alert, fact.by.id)), status: 'acknowledged', acknowledged: fact, until: fact.until };
    case 'readBackOverdue':
      return { ...again(alert), status: 'open', acknowledged: null, until: null };
    case 'readBack':
      return { ...again(alert), status: 'read-back', readBack: fact, until: null, record: { version: alert.record.version + 1, stands: true } };
    case 'conversationAsked':
      return { ...alert, until: fact.until };
    case 'conversationRecorded':
      return { ...again(alert), conversation: fact };
    case 'alertClosed':
      return { ...alert, status: 'closed', until: null };
    case 'disputed':
      return { ...again(openAgain(alert)), until: null, remarks: [...alert.remarks, fact] };
    case 'declined':
      // At the failsafe everybody is called already, and again at its time.
      return {
        ...again(reopened(seenBy(alert, fact.by.id))),
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
      const until = isToldAgain(alert) ? null : alert.until;
      const clock = { from: fact.at, steps: 0 };
      const changed = { ...reopened(again(alert)), finding, revision: alert.revision + 1, until, clock, remarks: [...alert.remarks, fact] };
      return withChange(seenBy(changed, fact.by.id), fact);
    }
    case 'patientMoved': {
      const { location, patientClass, asOf, present, attending } = fact;
      const place = location === null ? alert.about.location : { at: location, asOf };
      if (present === false) {
        const last = place ?? alert.leftFrom;
        return { ...alert, about: { ...alert.about, location: null, patientClass: 'O' }, leftFrom: last === null ? null : { ...last, asOf } };
      }
      const said = { ...(patientClass === null ? {} : { patientClass }), ...(attending === undefined ? {} : { attending }) };
      const former = alert.about.location;
      const isLeft = former !== null && location !== null && former.at.pointOfCare !== location.pointOfCare;
      return { ...alert, about: { ...alert.about, location: place, ...said }, leftFrom: isLeft ? former : alert.leftFrom };
    }
    case 'patientJoined': {
      const { patient } = alert.about;
      const about = { ...alert.about, patient: { ...patient, identifiers: [...patient.identifiers, ...fact.identifiers] } };
      // Who it is about is not what people were told: what they had acknowledged was another thing.
      return isToldAgain(alert)
        ? withChange({ ...again(reopened(alert)), about, revision: alert.revision + 1, until: null }, fact)
        : { ...alert, about };
    }
    case 'withdrawn': {
      const { version } = alert.record;
      return {
        ...again(alert),
        ...{ status: 'withdrawn', revision: alert.revision + 1, withdrawn: fact, until: fact.unseen.length === 0 ? null : fact.until },
        ...{ record: { version: version === 0 ? 0 : version + 1, stands: false }, change: null, seenByPhone: [], overBefore: null },
      };
    }
    case 'withdrawalSeen': {
      if (alert.withdrawn === null) return alert;
      const unseen = alert.withdrawn.unseen.filter((person) => person !== fact.by.id);
      const seen = byPhone(alert, fact.by.id, fact.recordedBy !== undefined);
      return { ...again(seen), withdrawn: { ...alert.withdrawn, unseen }, until: unseen.length === 0 ? null : alert.until };
    }
    case 'changeSeen':
      return again(byPhone(seenBy(alert, fact.by.id), fact.by.id, fact.recordedBy !== null));
    case 'changeRepeated':
      return alert.change === null ? alert : { ...alert, change: { ...alert.change, until: fact.remindAt }, notices: alert.notices + 1 };
    case 'seenDisputed':
      return again(waitedForAgain(byPhone(alert, fact.by.id, false), fact));
    case 'withdrawalRepeated':
      return { ...alert, until: fact.until };
    case 'drillEnded':
      return { ...again(alert), status: 'drill-over', revision: alert.revision + 1, ended: fact, until: null };
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
      return { ...alert, missing: { from: fact.from, until: fact.until }, notices: alert.notices + (alert.change === null ? 0 : 1) };
    case 'identifierWrong':
    case 'resultSent':
    case 'resultNotSent':
      return alert;
    default:
      return fact satisfies never;
  }
}

/** A later source says more than what was judged, communicated or withdrawn: a radiologist is asked, and until then nothing of it is undone. */
function askedAnew(joined: Alert, before: Alert): Alert {
  const asking: Alert = { ...again(joined), status: 'asking', notCritical: null, asked: { n: 0, people: [] }, until: null };
  const { status, finding, withdrawn, until, notices } = before;
  if (status !== 'closed' && status !== 'withdrawn') return asking;
  const over = { ...asking, overBefore: { status, finding } };
  if (status === 'closed' || withdrawn === null) return over;
  const isWaitedFor = withdrawn.unseen.length > 0 && until !== null;
  const waiting = isWaitedFor ? { change: { since: withdrawn.at, unseen: withdrawn.unseen, until }, notices: notices + 1 } : {};
  return { ...over, ...waiting, withdrawn: { ...withdrawn, unseen: [] } };
}

/** Not critical, or not again: what was over is over as it was. */
export function overAgain(alert: Alert): Alert {
  const { overBefore, withdrawn, change } = alert;
  if (overBefore === null) return { ...alert, status: 'not-critical' };
  const over = { ...alert, finding: overBefore.finding, overBefore: null };
  if (overBefore.status === 'closed' || withdrawn === null) return { ...over, status: 'closed' };
  const unseen = [...(change?.unseen ?? [])];
  return { ...over, status: 'withdrawn', withdrawn: { ...withdrawn, unseen }, until: change?.until ?? null, change: null };
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
  return isOver ? openAgain(alert) : alert;
}

function openAgain(alert: Alert): Alert {
  return { ...alert, status: 'open', acknowledged: null, readBack: null, conversation: null, record: { ...alert.record, stands: false } };
}

function addressedWith({ addressed }: Alert, reached: readonly Reached[]): readonly PersonId[] {
  return union(
    addressed,
    reached.map(({ person }) => person),
  );
}

function withAttempt(alert: Alert, { channel, to, note, at, failed, receipt, logged }: Omit<Attempt, 'came'>): Alert {
  const attempts = [...alert.attempts, { channel, to, note, at, failed, receipt, logged, came: null }];
  const isNew = failed === null && !logged && !alert.told.some((one) => one.channel === channel && one.to === to);
  return { ...alert, attempts, told: isNew ? [...alert.told, { channel, to }] : alert.told };
}

function isSame(one: Posting, other: Posting): boolean {
  return one.conversationId === other.conversationId && one.activityId === other.activityId;
}
