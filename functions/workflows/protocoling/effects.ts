import type { Approval } from '#core/approval.js';
import type { Effect, Precedence } from '#core/effect.js';
import { effectKey } from '#core/ids.js';
import type { EffectKey, PersonId } from '#core/ids.js';
import { addMinutes, addSeconds } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Decision, Moment } from '#core/workflow.js';
import type { Order } from '#domain/order.js';
import type { ApprovalRecordData, OrderChangeData, RecommendationData } from '#domain/outbound.js';
import type { ModelTask, Protocol, ProtocolChoice } from '#domain/protocol.js';
import { evolve } from './evolve.ts';
import type { Fact, Posting } from './events.ts';
import type { Policy } from './policy.ts';
import { isOpened } from './state.ts';
import type { Opened, State } from './state.ts';

/** Seconds beyond a budget after which a case goes on without what it asked for, should even the refusal get lost. */
export const GRACE_SECONDS = 1;

/** Effects by name, so that decide.ts reads as prose. A key is made of case, event and kind: told twice, the same effect. */
type At = Moment<Policy>;

export function gatherContext(order: Order, epoch: number, moment: At): Effect {
  return {
    kind: 'gatherContext',
    weight: 'inner',
    key: keyOf(moment, 'context'),
    epoch,
    data: order,
    budgetSeconds: moment.policy.contextBudgetSeconds,
  };
}

export function askModel(task: ModelTask, state: Opened, moment: At): Effect {
  const data = { task, formatVersion: 1, order: state.order, context: state.context?.ok === true ? state.context.value : null };
  return {
    kind: 'askModel',
    weight: 'inner',
    key: keyOf(moment, task),
    epoch: state.epoch,
    task,
    data,
    budgetSeconds: moment.policy.modelBudgetSeconds,
  };
}

export function showCard(state: Opened, moment: At): Effect {
  const { posting, priority, revision } = state;
  const precedence: Precedence = priority === 'STAT' ? 'stat' : posting === null ? 'new' : 'edit';
  return { kind: 'showCard', weight: 'advice', key: keyOf(moment, 'card'), place: moment.policy.place, revision, precedence };
}

/** The card as the case is after these facts, where one stands. */
export function cardIfShown(state: Opened, facts: readonly Fact[], moment: At): Effect[] {
  const next = facts.reduce<State>(evolve, state);
  return isOpened(next) && next.revision > 0 ? [showCard(next, moment)] : [];
}

/** A message about somebody else is kept out: the card says so, and the coordinators are told. */
export function heldAside(state: Opened, rawHash: string, reason: HeldReason, moment: At): Decision<Fact> {
  const facts: Fact[] = [{ type: 'messageHeld', at: moment.now, v: 1, rawHash, reason }];
  return { facts, effects: [...cardIfShown(state, facts, moment), ...tellCoordinators('held-message', state.revision, moment)] };
}

type HeldReason = Extract<Fact, { type: 'messageHeld' }>['reason'];

/** @param edits where a card stands that it takes the place of, and which one of several */
export function tell(
  person: PersonId,
  note: string,
  revision: number,
  moment: At,
  precedence: Precedence = 'new',
  edits?: { readonly posting: Posting; readonly n: number },
): Effect {
  const what = `tell-${note}-${person}${edits === undefined ? '' : `-${edits.n}`}`;
  const more = edits === undefined ? {} : { edits: edits.posting };
  return { kind: 'tellPerson', weight: 'advice', key: keyOf(moment, what), person, note, revision, precedence, ...more };
}

/** Every coordinator of the site gets the note: one of them takes it. */
export function tellCoordinators(note: string, revision: number, moment: At): Effect[] {
  return moment.policy.coordinators.map((person) => tell(person, note, revision, moment));
}

/** Deadline names: `order`, `context`, `models`, `answer`, `question`, `remind-` and a person. */
export function wakeInMinutes(name: string, minutes: number, epoch: number, from: Instant, moment: At): Effect {
  return { kind: 'setDeadline', weight: 'inner', key: keyOf(moment, `wake-${name}`), name, epoch, at: addMinutes(from, minutes) };
}

export function wakeInSeconds(name: string, seconds: number, epoch: number, moment: At): Effect {
  return { kind: 'setDeadline', weight: 'inner', key: keyOf(moment, `wake-${name}`), name, epoch, at: addSeconds(moment.now, seconds) };
}

export function wakeAt(name: string, epoch: number, at: Instant, moment: At): Effect {
  return { kind: 'setDeadline', weight: 'inner', key: keyOf(moment, `wake-${name}`), name, epoch, at };
}

export function forgetDeadline(name: string, moment: At): Effect {
  return { kind: 'setDeadline', weight: 'inner', key: keyOf(moment, `wake-${name}`), name, epoch: 0, at: null };
}

/** What has not left yet for the RIS, or for the EHR where the site writes there, stays here. */
export function withdraw(moment: At): Effect[] {
  const { destination, fhirWrites } = moment.policy;
  const destinations = fhirWrites.length === 0 ? [destination] : [destination, 'ehr'];
  return destinations.map((name) => ({ kind: 'withdraw', weight: 'inner', key: keyOf(moment, `withdraw-${name}`), destination: name }));
}

/** ORU^R01 with OBR-25 = P: a recommendation, before anybody has answered. */
export function recommend(order: Order, protocol: Protocol, confidence: number, versions: readonly string[], moment: At): Effect {
  const data: RecommendationData = { order, protocol: shownOf(protocol), confidence, versions: [...versions] };
  return {
    kind: 'sendHl7',
    weight: 'advice',
    key: keyOf(moment, 'recommend'),
    destination: moment.policy.destination,
    message: 'protocol-recommendation',
    data,
  };
}

/** The order change with the protocol in the site's field: only with a named person's approval. */
export function writeBack(order: Order, protocol: Protocol, approval: Approval, moment: At): Effect {
  const data: OrderChangeData = {
    order,
    protocol: shownOf(protocol),
    approvedBy: { id: approval.person, name: approval.name },
    approvedAt: approval.at,
  };
  return {
    kind: 'sendHl7',
    weight: 'commit',
    key: keyOf(moment, 'write'),
    destination: moment.policy.destination,
    message: 'order-change',
    data,
    approval,
  };
}

/** What the site wants to stand in its EHR of an approval. */
export function writeToEhr(state: Opened, protocol: Protocol, approval: Approval, moment: At): Effect[] {
  const { order, account } = state;
  const data: ApprovalRecordData = {
    order,
    protocol: shownOf(protocol),
    approvedBy: { id: approval.person, name: approval.name },
    approvedAt: approval.at,
    serviceRequest: account.serviceRequest,
  };
  return moment.policy.fhirWrites.map((resource) => ({
    kind: 'writeFhir',
    weight: 'commit',
    key: keyOf(moment, `ehr-${resource}`),
    resource,
    data,
    approval,
  }));
}

function shownOf(row: Protocol): ProtocolChoice {
  const { id, name, modality, region, contrast, phases, sequences, sliceMm } = row;
  return { id, name, modality, region, contrast, phases, sequences, sliceMm };
}

function keyOf(moment: At, what: string): EffectKey {
  return effectKey.parse(`${moment.caseId}/${moment.event}/${what}`);
}
