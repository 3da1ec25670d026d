import { nothing } from '#core/workflow.js';
import type { Decision, Moment } from '#core/workflow.js';
import type { AppointmentReceived, StudyArrived } from '#domain/hospital-event.js';
import { recordNumbers } from '#domain/patient.js';
import type { Patient } from '#domain/patient.js';
import { cardIfShown, heldAside, tellCoordinators } from './effects.ts';
import { evolve } from './evolve.ts';
import type { Arrived, Fact } from './events.ts';
import { likeness } from './fold.ts';
import type { Policy } from './policy.ts';
import { isOpened, isUndecided } from './state.ts';
import type { Opened, State } from './state.ts';
import { isNewer, stampOf } from './told.ts';

/** The exam was booked, moved or called off: shown, nothing is decided by it. */
export function byAppointment(state: State, input: AppointmentReceived, moment: Moment<Policy>): Decision<Fact> {
  if (!isOpened(state)) return keptForOrder(state, input, moment);
  if (isAnother(state, input.patient)) return held(state, input.rawHash, moment);
  const { status, appointmentId, startsAt, startsAtInstant, resources } = input;
  const known = state.appointments.find((one) => one.appointmentId === appointmentId);
  if (!isNewer(stampOf(input), known?.stamp)) return nothing;
  const appointment = { status, appointmentId, startsAt, startsAtInstant, resources, stamp: stampOf(input) };
  const facts: Fact[] = [{ type: 'appointmentKnown', at: moment.now, v: 1, appointment }];
  const differs = known?.status !== status || known.startsAt !== startsAt;
  return { facts, effects: differs && state.status !== 'cancelled' ? cardIfShown(state, facts, moment) : [] };
}

/** Images are there. While nobody has answered, the exam was done without the answer: the coordinators are told, once, and a person still closes the case. */
export function byStudy(state: State, input: StudyArrived, moment: Moment<Policy>): Decision<Fact> {
  if (!isOpened(state)) return keptForOrder(state, input, moment);
  if (isAnother(state, input.patient)) return held(state, input.rawHash, moment);
  if (state.images.some(({ studyUid }) => studyUid === input.studyUid)) return nothing;
  const { studyUid, startedAt, modalities, description } = input;
  const facts: Fact[] = [{ type: 'imagesArrived', at: moment.now, v: 1, images: { studyUid, startedAt, modalities, description } }];
  if (!isUndecided(state) || state.images.length > 0) return { facts, effects: [] };
  return { facts, effects: [...cardIfShown(state, facts, moment), ...tellCoordinators('images-arrived', state.revision, moment)] };
}

/** The order has come: what arrived before it is told to it now, and the same comes of it as if it had arrived after. @param opened the case with its order. */
export function arrivedBefore(opened: State, arrivals: readonly Arrived[], moment: Moment<Policy>): Decision<Fact> {
  let state = opened;
  const all = arrivals.map((one) => {
    const decision = one.type === 'studyArrived' ? byStudy(state, one, moment) : byAppointment(state, one, moment);
    state = decision.facts.reduce<State>(evolve, state);
    return decision;
  });
  return { facts: all.flatMap(({ facts }) => facts), effects: all.flatMap(({ effects }) => effects) };
}

/** Whoever matched it counts it as this order's: nobody tells it again when the order comes. Under a tombstone no exam is expected. */
function keptForOrder(state: Exclude<State, Opened>, arrival: Arrived, moment: Moment<Policy>): Decision<Fact> {
  if (state.status !== 'changed-before-order' || state.arrivals.some((one) => isSame(one, arrival))) return nothing;
  return { facts: [{ type: 'arrivedBeforeOrder', at: moment.now, v: 1, rawHash: arrival.rawHash, arrival }], effects: [] };
}

/** One body from a PACS may tell of several studies. */
function isSame(one: Arrived, other: Arrived): boolean {
  const studyOf = (arrival: Arrived): string | null => (arrival.type === 'studyArrived' ? arrival.studyUid : null);
  return one.rawHash === other.rawHash && studyOf(one) === studyOf(other);
}

/** A message is held once, however many studies of somebody else it tells of. */
function held(state: Opened, rawHash: string, moment: Moment<Policy>): Decision<Fact> {
  return state.held.some((one) => one.rawHash === rawHash) ? nothing : heldAside(state, rawHash, 'another-patient', moment);
}

/** Matched by a number that names somebody else: not this order's. What names nobody was matched by its number alone. */
function isAnother({ order }: Opened, patient: Patient): boolean {
  return recordNumbers(patient).length > 0 && likeness(order.patient, patient) !== 'same';
}
