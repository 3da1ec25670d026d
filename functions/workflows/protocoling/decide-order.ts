import type { PersonId } from '#core/ids.js';
import { nothing } from '#core/workflow.js';
import type { Decision, Moment } from '#core/workflow.js';
import type { Order, OrderReceived } from '#domain/order.js';
import type { Patient } from '#domain/patient.js';
import { forgetDeadline, gatherContext, showCard, tell, tellCoordinators, wakeInMinutes, wakeInSeconds, withdraw } from './effects.ts';
import { evolve } from './evolve.ts';
import type { Fact } from './events.ts';
import type { Policy } from './policy.ts';
import { isOpened } from './state.ts';
import type { Opened, State } from './state.ts';

/** Seconds beyond the budget after which a case goes on without what it asked for, should even the refusal get lost. */
const GRACE_SECONDS = 1;

/** A new order, a change or a cancel, in whatever order they come. */
export function byOrder(state: State, input: OrderReceived, moment: Moment<Policy>): Decision<Fact> {
  const at = { at: moment.now, v: 1 } as const;
  switch (state.status) {
    case 'none':
      return first(input, moment);
    case 'cancelled-before-order':
      if (input.verb !== 'new') return nothing;
      return { facts: [opened(input, input.order, moment), { type: 'orderCancelled', ...at, rawHash: input.rawHash }], effects: [] };
    case 'changed-before-order': {
      if (input.verb !== 'new') return anotherPatient(state.order.patient, input.order.patient) ? nothing : first(input, moment);
      // The order is what counts: a change that came before it and names somebody else is held.
      const strange = anotherPatient(input.order.patient, state.order.patient);
      if (strange) {
        const { facts, effects } = open(input, input.order, moment);
        const held: Fact = { type: 'messageHeld', ...at, rawHash: state.rawHash, reason: strange };
        return { facts: [...facts, held], effects: [...effects, ...tellCoordinators('held-message', 0, moment)] };
      }
      // The change was made after the order, though it came before it.
      const changeIsNewer = (state.messageTime ?? '') >= (input.messageTime ?? '');
      return open(input, changeIsNewer ? merged(input.order, state.order) : input.order, moment);
    }
    default:
      return isOpened(state) ? later(state, input, moment) : nothing;
  }
}

function first(input: OrderReceived, moment: Moment<Policy>): Decision<Fact> {
  const at = { at: moment.now, v: 1 } as const;
  const { order, rawHash, messageTime } = input;
  switch (input.verb) {
    case 'new':
      return open(input, order, moment);
    case 'change':
      return {
        facts: [{ type: 'changedBeforeOrder', ...at, order, rawHash, messageTime }],
        effects: [wakeInMinutes('order', moment.policy.orderWithinMinutes, 0, moment.now, moment)],
      };
    case 'cancel':
      return { facts: [{ type: 'cancelledBeforeOrder', ...at, rawHash }], effects: [] };
    default:
      return input.verb satisfies never;
  }
}

function open(input: OrderReceived, order: Order, moment: Moment<Policy>): Decision<Fact> {
  const { contextBudgetSeconds } = moment.policy;
  return {
    facts: [opened(input, order, moment)],
    effects: [gatherContext(order, 1, moment), wakeInSeconds('context', contextBudgetSeconds + GRACE_SECONDS, 1, moment)],
  };
}

function opened(input: OrderReceived, order: Order, moment: Moment<Policy>): Fact {
  const { rawHash, messageTime } = input;
  return { type: 'orderOpened', at: moment.now, v: 1, order, rawHash, messageTime, orderer: ordererOf(order, moment.policy) };
}

function later(state: Opened, input: OrderReceived, moment: Moment<Policy>): Decision<Fact> {
  const at = { at: moment.now, v: 1 } as const;
  const { rawHash } = input;
  const strange = anotherPatient(state.order.patient, input.order.patient);
  if (strange) {
    const facts: Fact[] = [{ type: 'messageHeld', ...at, rawHash, reason: strange }];
    return { facts, effects: [...cardIfShown(state, facts, moment), ...tellCoordinators('held-message', state.revision, moment)] };
  }
  if (state.status === 'cancelled') return nothing;
  if (input.verb === 'cancel') {
    const facts: Fact[] = [{ type: 'orderCancelled', ...at, rawHash }];
    const quiet = ['context', 'models', 'answer', 'question'].map((name) => forgetDeadline(name, moment));
    const effects = [withdraw(moment), ...quiet, ...cardIfShown(state, facts, moment)];
    const asked = state.question === null ? [] : [tell(state.question.of, 'question', state.revision, moment)];
    return { facts, effects: [...effects, ...asked] };
  }
  const order = merged(state.order, input.order);
  const changed = differences(state.order, order);
  if (changed.length === 0) return nothing;
  const facts: Fact[] = [{ type: 'orderChanged', ...at, order, rawHash, orderer: ordererOf(order, moment.policy), changed }];
  const next = facts.reduce(evolve, state);
  if (!isOpened(next)) return nothing;
  // The RIS changed what somebody had decided on: what is undelivered stays here, and who decided is told once (DECISIONS 14).
  const undone =
    state.status === 'approved' ? [withdraw(moment), tell(state.decided.approval.person, 'changed-after-approval', state.revision, moment)] : [];
  return {
    facts,
    effects: [
      ...undone,
      gatherContext(order, next.epoch, moment),
      wakeInSeconds('context', moment.policy.contextBudgetSeconds + GRACE_SECONDS, next.epoch, moment),
      forgetDeadline('answer', moment),
    ],
  };
}

function cardIfShown(state: Opened, facts: readonly Fact[], moment: Moment<Policy>) {
  const next = facts.reduce<State>(evolve, state);
  return isOpened(next) && next.revision > 0 ? [showCard(next, moment)] : [];
}

/** Why this message can't be about the patient of the order; null when one identifier agrees. */
function anotherPatient(known: Patient, told: Patient): 'another-patient' | 'no-patient-number' | null {
  if (told.identifiers.length === 0) return known.identifiers.length === 0 ? null : 'no-patient-number';
  const same = known.identifiers.some((a) => told.identifiers.some((b) => a.id === b.id && a.assigner === b.assigner));
  return same ? null : 'another-patient';
}

/** What the later message says, over what was known; silence keeps what was known. */
function merged(known: Order, told: Order): Order {
  return {
    ...known,
    accessionNumber: told.accessionNumber ?? known.accessionNumber,
    fillerOrderNumber: told.fillerOrderNumber ?? known.fillerOrderNumber,
    procedure: told.procedure ?? known.procedure,
    procedures: told.procedures.length > 0 ? told.procedures : known.procedures,
    kind: told.procedure === null ? known.kind : told.kind,
    modality: told.procedure === null ? known.modality : told.modality,
    priority: told.priority ?? known.priority,
    indication: told.indication ?? known.indication,
    patientClass: told.patientClass ?? known.patientClass,
    orderingProvider: told.orderingProvider ?? known.orderingProvider,
  };
}

/** Names of the decided fields that differ: only these reopen a decision. */
function differences(before: Order, after: Order): string[] {
  const codes = (order: Order) => [order.procedure, ...order.procedures].map((p) => `${p?.code ?? ''}^${p?.text ?? ''}`).join('~');
  const parts = {
    procedure: codes(before) !== codes(after),
    priority: before.priority !== after.priority,
    indication: before.indication !== after.indication,
    patientClass: before.patientClass !== after.patientClass,
  };
  return Object.entries(parts).flatMap(([name, differs]) => (differs ? [name] : []));
}

function ordererOf(order: Order, policy: Policy): PersonId | null {
  return policy.providers[order.orderingProvider?.id ?? ''] ?? null;
}
