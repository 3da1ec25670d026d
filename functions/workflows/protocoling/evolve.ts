import type { EventId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { Order } from '#domain/order.js';
import type { Patient } from '#domain/patient.js';
import { lookAfter } from './look.ts';
import type { Fact } from './events.ts';
import { joinedBy, stampedWith } from './fold.ts';
import { isOpened, isOpenTask, isUndecided } from './state.ts';
import type { Decided, Known, Opened, PrivateCard, State } from './state.ts';
import { field, nobodySaid } from './told.ts';
import type { Account, DecidedBy } from './told.ts';

/** The state after one more fact: pure, total, and indifferent to facts that no longer matter. */
export function evolve(state: State, fact: Fact): State {
  switch (fact.type) {
    case 'orderOpened':
      return open(fact, isOpened(state) || state.status === 'none' ? [] : state.held);
    case 'cancelledBeforeOrder':
    case 'changedBeforeOrder':
    case 'arrivedBeforeOrder':
    case 'orderNeverCame':
      return isOpened(state) ? state : evolveEarly(state, fact);
    default:
      return isOpened(state) ? quieted(evolveOpened(state, fact)) : evolveWaited(state, fact);
  }
}

/** Nobody is reminded of a closed case. */
function quieted(state: State): State {
  return isOpened(state) && state.reminders.length > 0 && !isOpenTask(state) ? { ...state, reminders: [] } : state;
}

type EarlyFact = Extract<Fact, { type: 'cancelledBeforeOrder' | 'changedBeforeOrder' | 'arrivedBeforeOrder' | 'orderNeverCame' }>;
type LaterFact = Exclude<Fact, EarlyFact | { type: 'orderOpened' }>;
type EarlyState = Exclude<State, Opened>;

/** Before the order has come. */
function evolveEarly(state: EarlyState, fact: EarlyFact): State {
  const before = state.status === 'none' ? { at: fact.at, parked: [], arrivals: [], held: [] } : state;
  switch (fact.type) {
    case 'cancelledBeforeOrder': {
      const { at, parked, arrivals, held } = before;
      return { status: 'cancelled-before-order', at, parked, arrivals, held, order: fact.order ?? null, cancel: fact.rawHash };
    }
    case 'changedBeforeOrder': {
      const { order, rawHash, at } = fact;
      const told = fact.message ?? { ...nothingElse, verb: 'change', stamp: { at, hash: rawHash, arrival: true } };
      const parked = [...before.parked, { ...told, order }];
      return state.status === 'none' ? { ...before, parked, status: 'changed-before-order', surfaced: false } : { ...state, parked };
    }
    case 'arrivedBeforeOrder':
      return state.status === 'none' ? state : { ...state, arrivals: [...state.arrivals, fact.arrival] };
    case 'orderNeverCame':
      return state.status === 'changed-before-order' ? { ...state, surfaced: true } : state;
    default:
      return fact satisfies never;
  }
}

const nothingElse = { cleared: [], orderStatus: null, serviceRequest: null, quality: [] };

/** What happens to an order that has not come: messages are held, its patient's records merged. */
function evolveWaited(state: EarlyState, fact: LaterFact): State {
  if (state.status === 'none') return state;
  if (fact.type === 'messageHeld') {
    const parked = state.parked.filter(({ stamp }) => stamp.hash !== fact.rawHash);
    return { ...state, parked, held: [...state.held, heldBy(fact)] };
  }
  if (fact.type !== 'patientMerged') return state;
  const person = (known: Patient): Patient => joinedBy(known, fact.surviving, fact.prior);
  const joined = (order: Order): Order => ({ ...order, patient: person(order.patient) });
  const parked = state.parked.map((one) => ({ ...one, order: joined(one.order) }));
  const arrivals = state.arrivals.map((one) => ({ ...one, patient: person(one.patient) }));
  if (state.status === 'changed-before-order') return { ...state, parked, arrivals };
  return { ...state, parked, arrivals, order: state.order === null ? null : joined(state.order) };
}

function heldBy({ reason, at, rawHash }: Extract<Fact, { type: 'messageHeld' }>): Known['held'][number] {
  return { reason, at, rawHash };
}

function evolveOpened(state: Opened, fact: LaterFact): State {
  switch (fact.type) {
    case 'orderChanged':
      return {
        ...known({ ...state, ...toldBy(state, fact) }),
        ...nothingProposed,
        orderer: fact.orderer,
        changed: fact.changed,
        epoch: state.epoch + 1,
        status: 'gathering',
      };
    case 'orderNoted':
      return { ...state, ...toldBy(state, fact), orderer: fact.orderer };
    case 'patientMerged':
      return fact.told === null ? state : { ...state, ...toldBy(state, { ...fact.told, at: fact.at, rawHash: fact.rawHash }), mergedAt: fact.at };
    case 'patientUpdated':
      return { ...state, ...toldBy(state, { ...fact, rawHash: '' }) };
    case 'appointmentKnown': {
      const { appointment } = fact;
      const others = state.appointments.filter(({ appointmentId }) => appointmentId !== appointment.appointmentId);
      return { ...state, appointments: [...others, appointment] };
    }
    case 'imagesArrived':
      return { ...state, images: [...state.images, fact.images] };
    case 'orderCancelled':
      return { ...known(state), question: null, status: 'cancelled', at: fact.at, decided: state.status === 'approved' ? state.decided : null };
    case 'messageHeld':
      return { ...state, held: [...state.held, heldBy(fact)] };
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
      const asked = {
        revision,
        priority,
        priorityPhrases,
        prioritySource,
        flags,
        askedAt: since,
        putAt: fact.at,
        epoch: state.epoch + 1,
        look: null,
      };
      // What changed is said until the question is put again for another reason.
      const changed = state.status === 'proposing' ? state.changed : [];
      return { ...known(state), ...asked, changed, status: 'waiting', since };
    }
    case 'protocolApproved': {
      const decided: Decided = {
        approval: fact.approval,
        protocolId: fact.protocolId,
        changedFrom: fact.changedFrom,
        reason: fact.reason,
        paper: fact.paper,
      };
      return { ...known(state), question: null, takenBack: null, status: 'approved', decided, written: 'not-yet', writtenAt: null };
    }
    case 'orderRejected':
      return {
        ...known(state),
        question: null,
        status: 'rejected',
        by: fact.by,
        at: fact.paper?.decidedAt ?? fact.at,
        reason: fact.reason,
        paper: fact.paper,
      };
    case 'ordererAsked': {
      const question = { by: fact.by, of: fact.of, text: fact.question, at: fact.at, revision: fact.revision };
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
    case 'reminderSet': {
      const { person, due, at: setAt } = fact;
      const others = state.reminders.filter((one) => one.person !== person);
      return { ...state, reminders: [...others, { person, due, setAt, epoch: state.reminderEpoch }], reminderEpoch: state.reminderEpoch + 1 };
    }
    case 'reminderDue':
      return { ...state, reminders: state.reminders.filter(({ person }) => person !== fact.person) };
    case 'handedOver':
      return { ...state, round: state.round + 1, handedOver: { by: fact.by, to: fact.to, at: fact.at, before: state.handedOver } };
    case 'takenBack':
      return withoutAct({ ...state, round: state.round + 1 }, fact);
    case 'protocolWrittenBack': {
      const { takenBack } = state;
      // It had left before it was taken back.
      if (takenBack !== null && fact.behind !== undefined && takenBack.answer === fact.behind)
        return { ...state, takenBack: { ...takenBack, inRis: true } };
      return isOfDecision(state, fact.behind) ? { ...state, written: 'written', writtenAt: fact.at } : state;
    }
    case 'deliveryFailed': {
      const { kind, message, code, detail, at } = fact;
      const look = lookAfter(state.look, fact);
      const failed = { ...state, look, failures: [...state.failures, { kind, message, code, detail, at }] };
      return message === 'order-change' && isOfDecision(failed, fact.behind) ? { ...failed, written: 'failed' } : failed;
    }
    case 'historyMissing':
      return { ...state, missing: { from: fact.from, until: fact.until } };
    case 'lookAsked':
    case 'lookedAt':
      return { ...state, look: lookAfter(state.look, fact) };
    case 'personTold': {
      const { person, revision, posting } = fact;
      return posting === undefined || revision === undefined ? state : withCard(state, { person, shows: 'question', revision, posting });
    }
    case 'viewShown':
      return withView(state, fact);
    case 'privateCardOver':
      return { ...state, privateCards: state.privateCards.filter(({ posting }) => posting.activityId !== fact.posting.activityId) };
    case 'recommendationSent':
    case 'approvalRecorded':
      return state;
    default:
      return fact satisfies never;
  }
}

function withView(state: Opened, { person, revision, posting }: Extract<Fact, { type: 'viewShown' }>): State {
  return withCard(state, { person, shows: isUndecided(state) ? 'view' : 'view-of-decided', revision, posting });
}

function withCard(state: Opened, card: PrivateCard): State {
  return { ...state, privateCards: [...state.privateCards, card] };
}

/** Is this about the decision that stands? An ACK for an earlier approval, withdrawn meanwhile, says nothing of it. */
function isOfDecision(state: Opened, behind: EventId | undefined): state is Extract<Opened, { status: 'approved' }> {
  return state.status === 'approved' && (behind === undefined || behind === state.decided.approval.answer);
}

function withoutAct(state: Opened, fact: Extract<Fact, { type: 'takenBack' }>): State {
  switch (fact.what) {
    case 'approval':
    case 'rejection': {
      // The RIS may still have what an earlier decision wrote.
      const inRis = fact.sent || (state.takenBack?.inRis ?? false);
      const takenBack = { by: fact.by, at: fact.at, answer: fact.behind, inRis };
      return { ...known(state), takenBack, status: 'waiting', since: state.askedAt ?? fact.at };
    }
    case 'question':
      return { ...state, question: null };
    case 'hand-over':
      return { ...state, handedOver: state.handedOver?.before ?? null };
    case 'reminder':
      return { ...state, reminders: state.reminders.filter(({ person }) => person !== fact.by.id) };
    default:
      return fact.what satisfies never;
  }
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

/** What the order is after a fact. One of an earlier release speaks for every field, as of when it was recorded. */
function toldBy(
  state: Pick<Known, 'account' | 'stamps'>,
  {
    at,
    rawHash,
    order,
    account,
    decidedBy,
  }: { at: Instant; rawHash: string; order: Order; account?: Account | undefined; decidedBy?: DecidedBy | undefined },
): Pick<Known, 'order' | 'account' | 'stamps'> {
  const decided = decidedBy ?? [{ at, hash: rawHash, arrival: false, fields: [...field.options].filter((name) => name !== 'survivor') }];
  return { order, account: account ?? state.account, stamps: stampedWith(state.stamps, decided) };
}

function open(fact: Extract<Fact, { type: 'orderOpened' }>, held: Known['held']): State {
  return {
    ...nothingProposed,
    ...toldBy({ account: nobodySaid, stamps: {} }, fact),
    status: 'gathering',
    orderer: fact.orderer,
    openedAt: fact.at,
    revision: 0,
    putAt: null,
    askedAt: null,
    changed: [],
    mergedAt: null,
    appointments: [],
    images: [],
    exchanges: [],
    question: null,
    epoch: 1,
    posting: null,
    privateCards: [],
    lapsedQuestions: 0,
    missing: null,
    reminders: [],
    reminderEpoch: 1,
    round: 0,
    handedOver: null,
    takenBack: null,
    held,
    look: null,
    failures: [],
  };
}

/** What every opened state has, without what belongs to one status. */
function known(state: Known): Known {
  const { order, account, stamps, changed, mergedAt, appointments, images, orderer, openedAt, revision, putAt, askedAt } = state;
  const { context, protocol, priorityAnswer, priority, priorityPhrases, prioritySource, flags } = state;
  const { exchanges, question, epoch, posting, privateCards, overdueSince, lapsedQuestions, missing, held, failures, look } = state;
  const { reminders, reminderEpoch, round, handedOver, takenBack } = state;
  return {
    ...{ order, account, stamps, changed, mergedAt, appointments, images, orderer, openedAt, revision, putAt, askedAt },
    ...{ context, protocol, priorityAnswer, priority, priorityPhrases, prioritySource, flags },
    ...{ exchanges, question, epoch, posting, privateCards, overdueSince, lapsedQuestions, missing, held, failures, look },
    ...{ reminders, reminderEpoch, round, handedOver, takenBack },
  };
}
