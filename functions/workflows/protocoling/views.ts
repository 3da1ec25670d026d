import type { Subject } from '#core/authorise.js';
import type { TaskRow } from '#core/workflow.js';
import { isOpenTask } from './decide.ts';
import { isOpened } from './state.ts';
import type { State } from './state.ts';

/** One line of the task list: no patient data. Null for what is no case yet (a cancel or a change before its order). */
export function row(state: State): TaskRow | null {
  if (!isOpened(state)) {
    if (state.status !== 'changed-before-order' || !state.surfaced) return null;
    const { status, at: since } = state;
    return { status, since, waiting: true, open: true, kind: 'Change without an order', urgency: '', owner: 'coordinator', note: null, revision: 0 };
  }
  return {
    status: state.status,
    waiting: state.status === 'waiting' || state.status === 'asking',
    open: isOpenTask(state),
    kind: `${state.order.modality ?? 'Imaging'} protocol request`,
    urgency: state.priority ?? '',
    since: state.askedAt ?? state.openedAt,
    owner: state.status === 'asking' ? 'orderer' : state.overdueSince === null ? null : 'coordinator',
    note: noteOf(state),
    revision: state.revision,
  };
}

function noteOf(state: Extract<State, { revision: number }>): string | null {
  const held = state.held.at(-1);
  if (held !== undefined)
    return `a message under this number was held: ${held.reason === 'no-patient-number' ? 'it names no patient' : 'it names another patient'}`;
  if (state.status === 'approved' && state.written === 'not-yet') return 'not yet in the RIS';
  if (state.status === 'approved' && state.written === 'failed') return 'the RIS did not take it';
  return null;
}

export function subject(state: State): Subject {
  if (!isOpened(state)) return { modality: null, orderer: null, askedOf: null };
  return { modality: state.order.modality, orderer: state.orderer, askedOf: state.question?.of ?? null };
}
