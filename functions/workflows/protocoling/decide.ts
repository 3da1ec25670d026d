import type { Decision, Moment } from '#core/workflow.js';
import { nothing } from '#core/workflow.js';
import { byAppointment, byStudy } from './decide-arrival.ts';
import { byDeadline } from './decide-deadline.ts';
import { byOrder } from './decide-order.ts';
import { byMerge, byUpdate, withPatientNow } from './decide-patient.ts';
import { byPerson } from './decide-person.ts';
import { afterModels } from './decide-proposal.ts';
import { showCard, tellCoordinators } from './effects.ts';
import type { Fact, Input } from './events.ts';
import type { Policy } from './policy.ts';
import { isOpened } from './state.ts';
import type { State } from './state.ts';
import { evolve } from './evolve.ts';

/** The whole clinical logic of protocoling: one case per input. What no longer fits the state changes nothing. */
export function decide(state: State, input: Input, moment: Moment<Policy>): Decision<Fact> {
  const at = { at: moment.now, v: 1 } as const;
  switch (input.type) {
    case 'orderReceived':
      return byOrder(state, input, moment);
    case 'patientUpdated':
      return byUpdate(state, input, moment);
    case 'patientMerged':
      return byMerge(state, input, moment);
    case 'appointmentReceived':
      return byAppointment(state, input, moment);
    case 'studyArrived':
      return byStudy(state, input, moment);
    case 'contextGathered':
      if (state.status !== 'gathering' || input.epoch !== state.epoch) return nothing;
      return withPatientNow(state, input.patientNow, { type: 'contextKnown', ...at, context: input.context }, moment);
    case 'contextUnavailable':
      if (state.status !== 'gathering' || input.epoch !== state.epoch) return nothing;
      return withPatientNow(state, input.patientNow, { type: 'contextMissing', ...at, why: input.why }, moment);
    case 'modelAnswered':
      if (state.status !== 'proposing' || input.epoch !== state.epoch) return nothing;
      return afterModels(state, [proposed(input.answer, at)], moment);
    case 'modelUnavailable':
      if (state.status !== 'proposing' || input.epoch !== state.epoch) return nothing;
      return afterModels(
        state,
        [{ type: input.task === 'protocol-choice' ? 'protocolNotProposed' : 'priorityNotProposed', ...at, why: input.why }],
        moment,
      );
    case 'personAnswered':
      return byPerson(state, input, moment);
    case 'deadlinePassed':
      return byDeadline(state, input, moment);
    case 'cardShown': {
      if (!isOpened(state)) return nothing;
      const superseded: Fact[] =
        input.superseded === null ? [] : [{ type: 'cardSuperseded', ...at, posting: input.superseded, why: 'the card was no longer there' }];
      if (state.posting?.activityId === input.posting.activityId) return { facts: superseded, effects: [] };
      return { facts: [...superseded, { type: 'cardPosted', ...at, revision: input.revision, posting: input.posting }], effects: [] };
    }
    case 'personTold':
      return { facts: [{ type: 'personTold', ...at, person: input.person, note: input.note }], effects: [] };
    case 'effectDelivered': {
      const { controlId, ack, behind } = input;
      if (input.kind === 'writeFhir') return { facts: [{ type: 'approvalRecorded', ...at, behind, resource: input.message }], effects: [] };
      if (input.message === 'protocol-recommendation') return { facts: [{ type: 'recommendationSent', ...at, controlId, ack }], effects: [] };
      if (input.message !== 'order-change') return nothing;
      return shown(state, [{ type: 'protocolWrittenBack', ...at, behind, controlId, ack }], moment);
    }
    case 'effectFailed': {
      const { kind, message, code, detail, behind } = input;
      const facts: Fact[] = [{ type: 'deliveryFailed', ...at, behind, kind, message, code, detail }];
      const failed = shown(state, facts, moment);
      if (kind === 'showCard' || !isOpened(state)) return { ...failed, effects: [] };
      // The protocol is in the RIS all the same, or on its way: the card does not change.
      if (kind === 'writeFhir') return { facts, effects: tellCoordinators('ehr-write-failed', state.revision, moment) };
      return message === 'order-change'
        ? { ...failed, effects: [...failed.effects, ...tellCoordinators('write-failed', state.revision, moment)] }
        : failed;
    }
    case 'historyMissing': {
      if (!isOpened(state) || !isOpenTask(state)) return nothing;
      const { from, until } = input;
      const missing: Fact = { type: 'historyMissing', ...at, from, until };
      // What stands in the channel may say what this history does not know.
      const lost: Fact[] = state.posting === null ? [] : [{ type: 'cardSuperseded', ...at, posting: state.posting, why: 'a backup was put back' }];
      return shown(state, [missing, ...lost], moment);
    }
    case 'cardsLost': {
      if (!isOpened(state) || state.posting === null || !isOpenTask(state)) return nothing;
      return shown(state, [{ type: 'cardSuperseded', ...at, posting: state.posting, why: 'the Teams client was started anew' }], moment);
    }
    default:
      return input satisfies never;
  }
}

/** These facts, and the card edited to what the case is then. */
function shown(state: State, facts: readonly Fact[], moment: Moment<Policy>): Decision<Fact> {
  const next = facts.reduce(evolve, state);
  return { facts, effects: isOpened(next) && next.revision > 0 ? [showCard(next, moment)] : [] };
}

/** Is somebody still expected to act, or a write-back still under way? */
export function isOpenTask(state: State): boolean {
  switch (state.status) {
    case 'gathering':
    case 'proposing':
    case 'waiting':
    case 'asking':
      return true;
    case 'approved':
      return state.written !== 'written';
    case 'changed-before-order':
      return state.surfaced || state.held.length > 0;
    case 'cancelled-before-order':
      return state.held.length > 0;
    case 'none':
    case 'rejected':
    case 'cancelled':
      return false;
    default:
      return state satisfies never;
  }
}

type At = Pick<Extract<Fact, { type: 'contextKnown' }>, 'at' | 'v'>;

function proposed(answer: Extract<Input, { type: 'modelAnswered' }>['answer'], at: At): Fact {
  switch (answer.task) {
    case 'protocol-choice':
      return { type: 'protocolProposed', ...at, answer };
    case 'order-priority':
      return { type: 'priorityProposed', ...at, answer };
    default:
      return answer satisfies never;
  }
}
