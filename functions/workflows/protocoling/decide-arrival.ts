import { nothing } from '#core/workflow.js';
import type { Decision, Moment } from '#core/workflow.js';
import type { AppointmentReceived, StudyArrived } from '#domain/hospital-event.js';
import { recordNumbers } from '#domain/patient.js';
import type { Patient } from '#domain/patient.js';
import { cardIfShown } from './decide-order.ts';
import { tellCoordinators } from './effects.ts';
import type { Fact } from './events.ts';
import { hasOneOf } from './fold.ts';
import type { Policy } from './policy.ts';
import { isOpened, isUndecided } from './state.ts';
import type { Opened, State } from './state.ts';
import { isNewer, stampOf } from './told.ts';

/** The exam was booked, moved or called off: shown, nothing is decided by it. */
export function byAppointment(state: State, input: AppointmentReceived, moment: Moment<Policy>): Decision<Fact> {
  if (!isOpened(state) || isAnother(state, input.patient)) return nothing;
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
  if (!isOpened(state) || isAnother(state, input.patient)) return nothing;
  if (state.images.some(({ studyUid }) => studyUid === input.studyUid)) return nothing;
  const { studyUid, startedAt, modalities, description } = input;
  const facts: Fact[] = [{ type: 'imagesArrived', at: moment.now, v: 1, images: { studyUid, startedAt, modalities, description } }];
  if (!isUndecided(state) || state.images.length > 0) return { facts, effects: [] };
  return { facts, effects: [...cardIfShown(state, facts, moment), ...tellCoordinators('images-arrived', state.revision, moment)] };
}

/** Matched by a number that names somebody else: not this order's. What names nobody was matched by its number alone. */
function isAnother({ order }: Opened, patient: Patient): boolean {
  const numbers = recordNumbers(patient);
  return numbers.length > 0 && !hasOneOf(order.patient, numbers);
}
