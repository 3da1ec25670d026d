import type { Subject } from '#core/authorise.js';
import type { Likeness } from '#core/likeness.js';
import type { TaskRow } from '#core/workflow.js';
import { recordNumbers } from '#domain/patient.js';
import { didOn } from './own-acts.ts';
import { isOpened, isOpenTask, isUndecided } from './state.ts';
import type { Opened, State } from './state.ts';

/** One line of the task list: no patient data. Null for what is no case yet (a cancel or a change before its order), unless a person must look. */
export function row(state: State): TaskRow | null {
  if (!isOpened(state)) return earlyRow(state);
  return {
    status: state.status,
    waiting: state.status === 'waiting' || state.status === 'asking',
    open: isOpenTask(state),
    kind: `${state.order.modality ?? 'Imaging'} protocol request`,
    urgency: state.priority ?? '',
    since: state.askedAt ?? state.openedAt,
    owner: ownerOf(state),
    note: noteOf(state),
    revision: state.revision,
  };
}

function ownerOf(state: Opened): string | null {
  if (state.status === 'asking') return 'orderer';
  if (state.handedOver !== null && isUndecided(state)) return state.handedOver.to.id;
  if (state.overdueSince !== null) return 'coordinator';
  return state.status === 'waiting' ? looker(state) : null;
}

function isUnshown(state: Opened): boolean {
  return isUndecided(state) && state.posting === null && state.failures.some(({ kind }) => kind === 'showCard');
}

/** Who has opened it of those who were made to look, else who was asked last. */
function looker({ look }: Opened): string | null {
  return look?.openedBy[0]?.by ?? look?.asked.at(-1)?.people[0] ?? null;
}

function earlyRow(state: Exclude<State, Opened>): TaskRow | null {
  if (state.status === 'none' || !isOpenTask(state)) return null;
  const { status, at: since, held } = state;
  const kind = status === 'changed-before-order' ? 'Change without an order' : 'Cancel without an order';
  return { status, since, waiting: true, open: true, kind, urgency: '', owner: 'coordinator', note: heldNote(held), revision: 0 };
}

function heldNote(held: Opened['held']): string | null {
  const last = held.at(-1);
  if (last === undefined) return null;
  return `a message under this number was held: ${last.reason === 'no-patient-number' ? 'it names no patient' : 'it names another patient'}`;
}

function noteOf(state: Opened): string | null {
  const held = heldNote(state.held);
  if (held !== null) return held;
  if (isUnshown(state)) return 'no card in the channel: it could not be posted';
  if (isUndecided(state) && state.images.length > 0) return 'images have arrived without an answer';
  if (state.status === 'approved' && state.written === 'not-yet') return 'not yet in the RIS';
  if (state.status === 'approved' && state.written === 'failed') return 'the RIS did not take it';
  return null;
}

export function subject(state: State): Subject {
  if (!isOpened(state)) return { modality: null, orderer: null, askedOf: null };
  return { modality: state.order.modality, orderer: state.orderer, askedOf: state.question?.of ?? null, did: didOn(state).map(({ by }) => by) };
}

/** The patient of the order, or of the first message that waits for it. */
export function likenessOf(state: State): Likeness | null {
  const order = isOpened(state) ? state.order : state.status === 'none' ? null : (state.parked[0]?.order ?? cancelledOrder(state));
  if (order?.patient.name == null) return null;
  const { name, birthDate } = order.patient;
  return { ...name, birthDate, numbers: recordNumbers(order.patient).map(({ assigner, id }) => `${assigner}|${id}`) };
}

function cancelledOrder(state: Exclude<State, Opened | { status: 'none' }>): Opened['order'] | null {
  return state.status === 'cancelled-before-order' ? state.order : null;
}

/** What a critical result about this exam needs to know of it (domain/critical.ts About, without the case number). */
export function aboutOf(state: State): unknown {
  if (!isOpened(state)) return null;
  const { order, account, openedAt } = state;
  const text = order.procedure === null ? '' : order.procedure.text === '' ? order.procedure.code : order.procedure.text;
  return {
    ...order,
    exam: text === '' ? (order.modality ?? 'imaging exam') : text,
    location: account.location === null || account.present === false ? null : { at: account.location, asOf: openedAt },
  };
}
