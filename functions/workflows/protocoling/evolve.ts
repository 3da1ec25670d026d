import type { EventId } from '#core/ids.js';
import type { Fact } from './events.ts';
import { isOpened } from './state.ts';
import type { Decided, Known, Opened, State } from './state.ts';

/** The state after one more fact: pure, total, and indifferent to facts that no longer matter. */
export function evolve(state: State, fact: Fact): State {
  switch (fact.type) {
    case 'orderOpened':
      return open(fact);
    case 'cancelledBeforeOrder':
      return { status: 'cancelled-before-order', at: fact.at };
    case 'changedBeforeOrder':
      return {
        status: 'changed-before-order',
        at: fact.at,
        order: fact.order,
        rawHash: fact.rawHash,
        messageTime: fact.messageTime,
        surfaced: false,
      };
    case 'orderNeverCame':
      return state.status === 'changed-before-order' ? { ...state, surfaced: true } : state;
    default:
      return isOpened(state) ? evolveOpened(state, fact) : state;
  }
}

type LaterFact = Exclude<Fact, { type: 'orderOpened' | 'cancelledBeforeOrder' | 'changedBeforeOrder' | 'orderNeverCame' }>;

function evolveOpened(state: Opened, fact: LaterFact): State {
  switch (fact.type) {
    case 'orderChanged':
      return { ...known(state), ...nothingProposed, order: fact.order, orderer: fact.orderer, epoch: state.epoch + 1, status: 'gathering' };
    case 'orderCancelled':
      return { ...known(state), question: null, status: 'cancelled', at: fact.at, decided: state.status === 'approved' ? state.decided : null };
    case 'messageHeld':
      return { ...state, held: [...state.held, { reason: fact.reason, at: fact.at }] };
    case 'contextKnown':
      return { ...known(state), context: { ok: true, value: fact.context }, epoch: state.epoch + 1, status: 'proposing' };
    case 'contextMissing':
      return { ...known(state), context: { ok: false, why: fact.why }, epoch: state.epoch + 1, status: 'proposing' };
    case 'protocolProposed':
      return { ...state, protocol: { ok: true, value: fact.answer } };
    case 'protocolNotProposed':
      return { ...state, protocol: { ok: false, why: fact.why } };
    case 'priorityProposed':
      return { ...state, priorityAnswer: { ok: true, value: fact.answer } };
    case 'priorityNotProposed':
      return { ...state, priorityAnswer: { ok: false, why: fact.why } };
    case 'approvalAsked': {
      const { revision, priority, priorityPhrases, prioritySource, flags } = fact;
      const since = state.askedAt ?? fact.at;
      const asked = { revision, priority, priorityPhrases, prioritySource, flags, askedAt: since, epoch: state.epoch + 1 };
      return { ...known(state), ...asked, status: 'waiting', since };
    }
    case 'protocolApproved': {
      const decided: Decided = { approval: fact.approval, protocolId: fact.protocolId, changedFrom: fact.changedFrom, reason: fact.reason };
      return { ...known(state), question: null, status: 'approved', decided, written: 'not-yet', writtenAt: null };
    }
    case 'orderRejected':
      return { ...known(state), question: null, status: 'rejected', by: fact.by, at: fact.at, reason: fact.reason };
    case 'ordererAsked': {
      const question = { by: fact.by, of: fact.of, text: fact.question, at: fact.at };
      return { ...known(state), question, epoch: state.epoch + 1, status: 'asking', since: state.askedAt ?? fact.at };
    }
    case 'ordererAnswered': {
      if (state.question === null) return state;
      const { text: question, by } = state.question;
      return { ...state, question: null, exchanges: [...state.exchanges, { question, by, answer: fact.text, answeredBy: fact.by }] };
    }
    case 'questionLapsed':
      return { ...state, question: null, lapsedQuestions: state.lapsedQuestions + 1 };
    case 'answerOverdue':
      return { ...state, overdueSince: state.overdueSince ?? fact.at };
    case 'cardPosted':
      return { ...state, posting: fact.posting };
    case 'cardSuperseded':
      return state.posting?.activityId === fact.posting.activityId ? { ...state, posting: null } : state;
    case 'protocolWrittenBack':
      return isOfDecision(state, fact.behind) ? { ...state, written: 'written', writtenAt: fact.at } : state;
    case 'deliveryFailed': {
      const { kind, message, code, detail, at } = fact;
      const failed = { ...state, failures: [...state.failures, { kind, message, code, detail, at }] };
      return message === 'order-change' && isOfDecision(failed, fact.behind) ? { ...failed, written: 'failed' } : failed;
    }
    case 'personTold':
    case 'recommendationSent':
      return state;
    default:
      return fact satisfies never;
  }
}

/** Is this about the decision that stands? An ACK for an earlier approval, withdrawn meanwhile, says nothing of it. */
function isOfDecision(state: Opened, behind: EventId | undefined): state is Extract<Opened, { status: 'approved' }> {
  return state.status === 'approved' && (behind === undefined || behind === state.decided.approval.answer);
}

const nothingProposed = {
  context: null,
  protocol: null,
  priorityAnswer: null,
  priority: null,
  priorityPhrases: [],
  prioritySource: 'ordered',
  flags: [],
  overdueSince: null,
} as const;

function open(fact: Extract<Fact, { type: 'orderOpened' }>): State {
  return {
    ...nothingProposed,
    status: 'gathering',
    order: fact.order,
    orderer: fact.orderer,
    openedAt: fact.at,
    revision: 0,
    askedAt: null,
    exchanges: [],
    question: null,
    epoch: 1,
    posting: null,
    lapsedQuestions: 0,
    held: [],
    failures: [],
  };
}

/** What every opened state has, without what belongs to one status. */
function known(state: Opened): Known {
  const { order, orderer, openedAt, revision, askedAt, context, protocol, priorityAnswer, priority, priorityPhrases, prioritySource, flags } = state;
  const { exchanges, question, epoch, posting, overdueSince, lapsedQuestions, held, failures } = state;
  return {
    ...{ order, orderer, openedAt, revision, askedAt, context, protocol, priorityAnswer, priority, priorityPhrases, prioritySource, flags },
    ...{ exchanges, question, epoch, posting, overdueSince, lapsedQuestions, held, failures },
  };
}
