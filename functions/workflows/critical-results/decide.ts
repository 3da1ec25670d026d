import { recordNumbers } from '#domain/patient.js';
import { nothing } from '#core/workflow.js';
import type { Decision, Moment } from '#core/workflow.js';
import { recorded } from './addendum.ts';
import { alikeFound, judgedThere, takenIn } from './decide-alike.ts';
import { calledOff, cleared, ended, marked } from './decide-drill.ts';
import { saidNoLonger } from './decide-no-longer.ts';
import { byPerson } from './decide-person.ts';
import { drafted, raised, stillUnasked, stillUnsent } from './decide-source.ts';
import { calledThere, goOn, handedOff, isKnown, notReached, notRecorded } from './decide-step.ts';
import { REPORTING, replied, reported } from './decide-reply.ts';
import { alsoTold, everybodyTold, remindAt, reminded, repeatedChange } from './decide-seen.ts';
import { askedAgain, readBackLapsed, repeatedFailsafe, repeatedWithdrawal, tellAnew } from './decide-wait.ts';
import { withoutPatient } from './views.ts';
import { forget, showCard, wakeAt } from './effects.ts';
import { evolve } from './evolve.ts';
import { recordMessage } from './events.ts';
import type { Fact, FactOf, Input } from './events.ts';
import { withNotes } from './notes.ts';
import type { Policy } from './policy.ts';
import { isAlert, isEnded, isOpen, isToldAgain, levelOf } from './state.ts';
import type { Alert, State } from './state.ts';

export function decide(state: State, input: Input, moment: Moment<Policy>): Decision<Fact> {
  const decision = marked(state, decided(state, input, moment), input, moment);
  if (decision.facts.length === 0) return decision;
  return cleared(state, watched(state, besides(state, withoutPatient(state, decision, moment), moment), moment), moment);
}

function besides(before: State, decision: Decision<Fact>, moment: Moment<Policy>): Decision<Fact> {
  return withNotes(before, reminded(before, recorded(before, decision, moment), moment), moment);
}

/** What every decision has besides: the end of what is waited for now is the one time that wakes the case, whatever was done. */
function watched(before: State, decision: Decision<Fact>, moment: Moment<Policy>): Decision<Fact> {
  const after = decision.facts.reduce<State>(evolve, before);
  if (!isAlert(after) || (isAlert(before) && before.epoch === after.epoch)) return decision;
  if (after.until !== null) return { ...decision, effects: [...decision.effects, wakeAt('window', after.until, after.epoch, moment)] };
  return isAlert(before) && before.until !== null ? { ...decision, effects: [...decision.effects, forget('window', moment)] } : decision;
}

function decided(state: State, input: Input, moment: Moment<Policy>): Decision<Fact> {
  if (input.type === 'criticalDrafted') return drafted(state, input, moment);
  if (input.type === 'criticalRaised') return raised(state, input, moment);
  if (!isAlert(state)) return nothing;
  switch (input.type) {
    case 'reportSaysNoLonger':
      return saidNoLonger(state, input, moment);
    case 'personAnswered':
      return byPerson(state, input, moment);
    case 'drillCalledOff':
      return calledOff(state, input, moment);
    case 'deadlinePassed':
      return byDeadline(state, input, moment);
    case 'patientUpdated':
      return moved(state, input, moment);
    case 'patientMerged':
      return joined(state, input, moment);
    case 'alikeFound':
      return alikeFound(state, input, moment);
    case 'alikeJudged':
      return judgedThere(state, input, moment);
    case 'takenIn':
      return takenIn(state, input, moment);
    case 'cardShown': {
      const { posting, revision } = input;
      const isKnown = state.posting?.activityId === posting.activityId;
      return isKnown ? nothing : { facts: [{ type: 'cardPosted', at: moment.now, v: 1, revision, posting }], effects: [] };
    }
    case 'viewShown': {
      const { person, revision, posting } = input;
      return { facts: [{ type: 'viewShown', at: moment.now, v: 1, person, revision, posting }], effects: [] };
    }
    case 'personTold':
      return wasReached(state, 'chat', input.person, { type: 'wasTold', at: moment.now, v: 1, person: input.person, note: input.note });
    case 'paged': {
      const { channel, to, note, receipt, logged } = input;
      const kept = { ...(receipt === null || !REPORTING.includes(channel) ? {} : { receipt }), ...(logged === true ? { logged } : {}) };
      return wasReached(state, channel, to, { type: 'wasPaged', at: moment.now, v: 1, channel, to, note, ...kept });
    }
    case 'pageReported':
      return reported(state, input, moment);
    case 'pageReplied':
      return replied(state, input, moment);
    case 'effectFailed':
      return input.kind === 'sendHl7' || input.kind === 'writeFhir' ? notRecorded(state, input, moment) : notReached(state, input, moment);
    case 'effectDelivered': {
      const { controlId, ack } = input;
      const what = recordMessage.safeParse(input.message).data;
      return what === undefined ? nothing : { facts: [{ type: 'resultSent', at: moment.now, v: 1, controlId, ack, what }], effects: [] };
    }
    case 'historyMissing': {
      // Whatever it was that nobody knows of now: whoever was told is told how it stands, by the next step or repeat.
      const { from, until } = input;
      return isOpen(state) ? { facts: [{ type: 'historyMissing', at: moment.now, v: 1, from, until }], effects: [showCard(state, moment)] } : nothing;
    }
    case 'cardsLost':
      return isOpen(state) ? { facts: [], effects: [showCard({ ...state, posting: null }, moment)] } : nothing;
    default:
      return input satisfies never;
  }
}

/** A further repeat to whom it had reached is no news: the deliveries themselves are on record. */
function wasReached(alert: Alert, channel: string, to: string, fact: FactOf<'wasTold'> | FactOf<'wasPaged'>): Decision<Fact> {
  return isKnown(alert, { channel, to, note: fact.note, isFailure: false }) ? nothing : { facts: [fact], effects: [] };
}

/** A window is over. It is the one that is open if its epoch says so, whatever a clock that was set says; a late one, or one told twice, changes nothing. */
function byDeadline(alert: Alert, { name, epoch }: Extract<Input, { type: 'deadlinePassed' }>, moment: Moment<Policy>): Decision<Fact> {
  if (name === 'hand-off') return handedOff(alert, moment);
  if (name === 'drill-end') return ended(alert, { why: 'time', by: null, alert: null }, moment);
  if (name === 'seen') return repeatedChange(alert, epoch, moment);
  if (name !== 'window' || alert.until === null || epoch !== alert.epoch) return nothing;
  switch (alert.status) {
    case 'draft':
      // Whoever began it does not wait for a press.
      return alert.drill ? ended(alert, { why: 'not-sent', by: null, alert: null }, moment) : stillUnsent(alert, moment);
    case 'asking':
      return stillUnasked(alert, moment);
    case 'open':
      return alert.failsafe === null ? goOn(alert, levelOf(alert), 'time', moment) : repeatedFailsafe(alert, moment);
    case 'acknowledged':
      return readBackLapsed(alert, moment);
    case 'read-back':
      return askedAgain(alert, moment);
    case 'withdrawn':
      return repeatedWithdrawal(alert, moment);
    case 'closed':
    case 'not-critical':
    case 'same':
    case 'drill-over':
      return nothing;
    default:
      return alert.status satisfies never;
  }
}

/** Where the patient is decides whom each step reaches (A02); who is responsible there is called at once, as far as it has come. */
function moved(alert: Alert, input: Extract<Input, { type: 'patientUpdated' }>, moment: Moment<Policy>): Decision<Fact> {
  if (isEnded(alert) || !isSame(alert, input.patient)) return nothing;
  const { location, patientClass, present, sortTime, attending } = input;
  const asOf = sortTime ?? input.receivedAt;
  const known = alert.about.location ?? alert.leftFrom;
  if (known !== null && asOf < known.asOf) return nothing;
  const isOtherClass = patientClass !== null && patientClass !== alert.about.patientClass;
  const isOtherDoctor = attending !== undefined && attending.id !== alert.about.attending?.id;
  if (location === null && present !== false && !isOtherClass && !isOtherDoctor) return nothing;
  const said = attending === undefined ? {} : { attending };
  const fact: Fact = { type: 'patientMoved', at: moment.now, v: 1, location, patientClass, asOf, present, ...said };
  const after = evolve(alert, fact);
  if (!isAlert(after)) return nothing;
  const called = calledThere(after, moment);
  return { facts: [fact, ...called.facts], effects: called.effects };
}

function isSame({ about }: Alert, patient: Alert['about']['patient']): boolean {
  const own = recordNumbers(about.patient);
  return recordNumbers(patient).some((one) => own.some(({ id, assigner }) => id === one.id && assigner === one.assigner));
}

/** Two records are one patient: the number in use is one by which the patient is known here too, and whoever was told is told again. */
function joined(alert: Alert, input: Extract<Input, { type: 'patientMerged' }>, moment: Moment<Policy>): Decision<Fact> {
  const own = recordNumbers(alert.about.patient);
  const isOurs = input.prior.some((one) => own.some(({ id, assigner }) => id === one.id && assigner === one.assigner));
  const fresh = recordNumbers(input.surviving).filter((one) => !own.some(({ id, assigner }) => id === one.id && assigner === one.assigner));
  if (!isOurs || fresh.length === 0) return nothing;
  const plain: FactOf<'patientJoined'> = { type: 'patientJoined', at: moment.now, v: 1, identifiers: [...fresh] };
  if (!isToldAgain(alert)) return { facts: [plain], effects: [] };
  const fact: Fact = { ...plain, unseen: everybodyTold(alert, null, moment.policy), remindAt: remindAt(alert, moment) };
  const after = evolve(alert, fact);
  if (!isAlert(after)) return nothing;
  const next = tellAnew(after, 'merged', moment);
  return { facts: [fact, ...next.facts], effects: [...next.effects, ...alsoTold(after, next.effects, moment)] };
}
