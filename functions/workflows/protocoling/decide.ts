import type { Effect } from '#core/effect.js';
import type { Decision, Moment } from '#core/workflow.js';
import { nothing } from '#core/workflow.js';
import { isWaiting } from './card-status.ts';
import { byAppointment, byStudy } from './decide-arrival.ts';
import { byDeadline } from './decide-deadline.ts';
import { byOrder } from './decide-order.ts';
import { byOpening, byUntold, madeToLook } from './decide-look.ts';
import { byMerge, byUpdate, withPatientNow } from './decide-patient.ts';
import { leftAllTheSame, quiet } from './decide-own.ts';
import { byPerson } from './decide-person.ts';
import { afterModels } from './decide-proposal.ts';
import { showCard, tell, tellCoordinators } from './effects.ts';
import type { Fact, Input } from './events.ts';
import { isLookWanted, LOOK_NOTES } from './look.ts';
import { OVER_NOTES, withoutPatient } from './private-cards.ts';
import type { Policy } from './policy.ts';
import { isOpened, isOpenTask } from './state.ts';
import type { Opened, State } from './state.ts';
import { evolve } from './evolve.ts';

/** The whole clinical logic of protocoling: one case per input. What no longer fits the state changes nothing. */
export function decide(state: State, input: Input, moment: Moment<Policy>): Decision<Fact> {
  return withoutPatient(state, madeToLook(state, quiet(state, decided(state, input, moment), moment), moment), moment);
}

function decided(state: State, input: Input, moment: Moment<Policy>): Decision<Fact> {
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
      return { facts: [personTold(input, at)], effects: [] };
    case 'viewShown': {
      if (!isOpened(state)) return nothing;
      const { person, revision, posting } = input;
      return { facts: [{ type: 'viewShown', ...at, person, revision, posting }], effects: [] };
    }
    case 'effectDelivered': {
      const { controlId, ack, behind } = input;
      if (input.kind === 'writeFhir') return { facts: [{ type: 'approvalRecorded', ...at, behind, resource: input.message }], effects: [] };
      if (input.message === 'protocol-recommendation') return { facts: [{ type: 'recommendationSent', ...at, controlId, ack }], effects: [] };
      if (input.message !== 'order-change') return nothing;
      const written = shown(state, [{ type: 'protocolWrittenBack', ...at, behind, controlId, ack }], moment);
      return { ...written, effects: [...written.effects, ...leftAllTheSame(state, behind, moment)] };
    }
    case 'effectFailed': {
      const { kind, message, code, detail, behind, person } = input;
      const fact: Fact = { type: 'deliveryFailed', ...at, behind, kind, message, code, detail, ...(person === undefined ? {} : { person }) };
      const facts: Fact[] = [fact];
      const failed = shown(state, facts, moment);
      if (!isOpened(state)) return { ...failed, effects: [] };
      // What it was to take the place of may be gone, or nobody can reach it: the log says so, and nothing can be done.
      if (kind === 'tellPerson' && OVER_NOTES.includes(message)) return { facts, effects: [] };
      if (kind === 'showCard') return { ...failed, effects: code === 'skipped' ? [] : unseen(state, moment) };
      if (kind === 'tellPerson' && LOOK_NOTES.includes(message) && isLookWanted(state)) {
        const next = byUntold(state, fact, moment);
        const alsoTold = message === 'handed-over' ? tellCoordinators('hand-over-not-told', state.revision, moment) : [];
        return { ...next, effects: [...next.effects, ...alsoTold] };
      }
      // Nobody waits for somebody who does not know of it.
      if (kind === 'tellPerson' && message === 'handed-over')
        return { facts, effects: tellCoordinators('hand-over-not-told', state.revision, moment) };
      // Nobody waits for an answer to a question that nobody was asked.
      if (kind === 'tellPerson' && message === 'question' && state.question !== null) {
        const asker = tell(state.question.by.id, 'question-not-told', state.revision, moment);
        return { facts, effects: [...tellCoordinators('question-not-told', state.revision, moment), asker] };
      }
      // The protocol is in the RIS all the same, or on its way: the card does not change.
      if (kind === 'writeFhir') return { facts, effects: tellCoordinators('ehr-write-failed', state.revision, moment) };
      return message === 'order-change'
        ? { ...failed, effects: [...failed.effects, ...tellCoordinators('write-failed', state.revision, moment)] }
        : failed;
    }
    case 'caseOpened':
      return byOpening(state, input, moment);
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

/** The channel does not have the card: who looks after what waits is told of what can't wait for somebody to look into the list. */
function unseen(state: Opened, moment: Moment<Policy>): Effect[] {
  if (!isWaiting(state) || state.posting !== null || state.priority === 'ROUTINE') return [];
  return tellCoordinators('card-not-shown', state.revision, moment);
}

/** These facts, and the card edited to what the case is then. */
function shown(state: State, facts: readonly Fact[], moment: Moment<Policy>): Decision<Fact> {
  const next = facts.reduce(evolve, state);
  return { facts, effects: isOpened(next) && next.revision > 0 ? [showCard(next, moment)] : [] };
}

type At = Pick<Extract<Fact, { type: 'contextKnown' }>, 'at' | 'v'>;

/** Where it stands is kept of what holds patient data alone. */
function personTold({ person, note, revision, posting }: Extract<Input, { type: 'personTold' }>, at: At): Fact {
  return { type: 'personTold', ...at, person, note, ...(posting === undefined ? {} : { revision, posting }) };
}

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
