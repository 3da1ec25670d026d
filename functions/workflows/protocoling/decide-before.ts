import { nothing } from '#core/workflow.js';
import type { Decision, Moment } from '#core/workflow.js';
import type { OrderReceived } from '#domain/order.js';
import type { Patient } from '#domain/patient.js';
import { arrivedBefore } from './decide-arrival.ts';
import { forgetDeadline, gatherContext, GRACE_SECONDS, tellCoordinators, wakeInMinutes, wakeInSeconds } from './effects.ts';
import { evolve } from './evolve.ts';
import type { Fact } from './events.ts';
import { anotherPatient, folded } from './fold.ts';
import { ordererOf } from './policy.ts';
import type { Policy } from './policy.ts';
import type { Early, Opened, State } from './state.ts';
import { isNewer, messageOf, recorded } from './told.ts';
import type { Message } from './told.ts';

type Waited = Exclude<State, Opened>;

/** Messages of an order that has not come yet: all are kept, a cancel among them settles it (INVARIANTS 10). */
export function beforeOrder(state: Waited, input: OrderReceived, moment: Moment<Policy>): Decision<Fact> {
  switch (input.verb) {
    case 'new':
      return state.status === 'cancelled-before-order' ? underTombstone(state, input, moment) : opening(state, input, moment);
    case 'cancel':
      return state.status === 'cancelled-before-order' ? cancelledAgain(state, input, moment) : tombstone(state, input, moment);
    case 'change':
    case 'status':
    case 'numbers':
      return park(state, input, moment);
    default:
      return input.verb satisfies never;
  }
}

/** The order and what waited for it, folded. What names another patient is not this order's: it is held, and a person looks. */
function opening(state: Waited, input: OrderReceived, moment: Moment<Policy>): Decision<Fact> {
  const { parked, strangers } = sorted(state, input.order.patient);
  const first = opened(input, parked, moment);
  const held = strangers.map(({ stamp, order }) => heldFor(stamp.hash, input.order.patient, order.patient, moment));
  const waits = state.status === 'changed-before-order' ? [forgetDeadline('order', moment)] : [];
  const asks = [gatherContext(first.order, 1, moment), wakeInSeconds('context', moment.policy.contextBudgetSeconds + GRACE_SECONDS, 1, moment)];
  const arrived = arrivedBefore([first, ...held].reduce<State>(evolve, state), state.status === 'none' ? [] : state.arrivals, moment);
  const effects = [...asks, ...waits, ...alarm(held, moment), ...arrived.effects];
  return { facts: [first, ...held, ...arrived.facts], effects: eachOnce(effects) };
}

/** The cancel came first: the order opens cancelled, and nobody is ever asked about it. */
function underTombstone(state: Extract<Waited, { status: 'cancelled-before-order' }>, input: OrderReceived, moment: Moment<Policy>): Decision<Fact> {
  const { patient } = input.order;
  const known = state.order?.patient ?? null;
  const strange = known === null ? null : anotherPatient(known, patient);
  // A cancel that names nobody can't take away the order of somebody: the same comes of it as when it comes after the order.
  if (strange === 'another-patient' && known?.identifiers.length === 0) {
    const { facts, effects } = opening(state, input, moment);
    const held: Fact[] = [{ type: 'messageHeld', at: moment.now, v: 1, rawHash: state.cancel, reason: 'no-patient-number' }];
    return { facts: [...facts, ...held], effects: eachOnce([...effects, ...alarm(held, moment)]) };
  }
  if (strange !== null) return hold(input.rawHash, strange, moment);
  const { parked } = sorted(state, patient);
  return { facts: [opened(input, parked, moment), { type: 'orderCancelled', at: moment.now, v: 1, rawHash: state.cancel }], effects: [] };
}

function tombstone(state: Waited, input: OrderReceived, moment: Moment<Policy>): Decision<Fact> {
  const { patient } = input.order;
  const { strangers } = sorted(state, patient);
  const held = patient.identifiers.length === 0 ? [] : strangers.map(({ stamp, order }) => heldFor(stamp.hash, patient, order.patient, moment));
  const facts: Fact[] = [{ type: 'cancelledBeforeOrder', at: moment.now, v: 1, rawHash: input.rawHash, order: input.order }, ...held];
  return { facts, effects: [...(state.status === 'none' ? [] : [forgetDeadline('order', moment)]), ...alarm(held, moment)] };
}

function cancelledAgain(state: Extract<Waited, { status: 'cancelled-before-order' }>, input: OrderReceived, moment: Moment<Policy>): Decision<Fact> {
  const strange = state.order === null || input.rawHash === state.cancel ? null : anotherPatient(state.order.patient, input.order.patient);
  return strange === null ? nothing : hold(input.rawHash, strange, moment);
}

/** Kept until the order comes. A change is looked for by a person after its wait; a status or a number alone asks nobody for anything. */
function park(state: Waited, input: OrderReceived, moment: Moment<Policy>): Decision<Fact> {
  const message = messageOf(input);
  const { parked } = state.status === 'none' ? { parked: [] } : state;
  if (parked.some(({ stamp }) => stamp.hash === message.stamp.hash)) return nothing;
  if (state.status === 'cancelled-before-order' && state.order !== null && state.order.patient.identifiers.length > 0) {
    const strange = anotherPatient(state.order.patient, input.order.patient);
    if (strange !== null) return hold(input.rawHash, strange, moment);
  }
  const { order, ...rest } = message;
  const fact: Fact = {
    type: 'changedBeforeOrder',
    at: moment.now,
    v: 1,
    order,
    rawHash: input.rawHash,
    messageTime: input.messageTime,
    message: rest,
  };
  const waiting = input.verb !== 'change' || state.status === 'cancelled-before-order' || parked.some(({ verb }) => verb === 'change');
  const wait = waiting ? [] : [wakeInMinutes('order', moment.policy.orderWithinMinutes, 0, moment.now, moment)];
  return { facts: [fact], effects: wait };
}

function opened(input: OrderReceived, parked: readonly Message[], moment: Moment<Policy>): Extract<Fact, { type: 'orderOpened' }> {
  const { rawHash, messageTime } = input;
  const messages = [messageOf(input), ...parked].toSorted((a, b) => (isNewer(a.stamp, b.stamp) ? 1 : -1));
  const { told, decidedBy } = folded(null, messages);
  const orderer = ordererOf(told.order, moment.policy);
  return { type: 'orderOpened', at: moment.now, v: 1, ...recorded(told, decidedBy), rawHash, messageTime, orderer };
}

/** What waited, by whether it can be about this patient. */
function sorted(state: Waited, patient: Patient): { readonly parked: readonly Message[]; readonly strangers: readonly Message[] } {
  const all: Early['parked'] = state.status === 'none' ? [] : state.parked;
  const fits = (one: Message): boolean => anotherPatient(patient, one.order.patient) === null;
  return { parked: all.filter(fits), strangers: all.filter((one) => !fits(one)) };
}

function heldFor(rawHash: string, known: Patient, told: Patient, moment: Moment<Policy>): Fact {
  return { type: 'messageHeld', at: moment.now, v: 1, rawHash, reason: anotherPatient(known, told) ?? 'another-patient' };
}

function hold(rawHash: string, reason: 'another-patient' | 'no-patient-number', moment: Moment<Policy>): Decision<Fact> {
  const held: Fact[] = [{ type: 'messageHeld', at: moment.now, v: 1, rawHash, reason }];
  return { facts: held, effects: alarm(held, moment) };
}

/** However many messages are held at once, a person is told once. */
function eachOnce(effects: Decision<Fact>['effects']): Decision<Fact>['effects'] {
  return effects.filter(({ key }, n) => effects.findIndex((other) => other.key === key) === n);
}

function alarm(held: readonly Fact[], moment: Moment<Policy>): Decision<Fact>['effects'] {
  return held.length === 0 ? [] : tellCoordinators('held-message', 0, moment);
}
