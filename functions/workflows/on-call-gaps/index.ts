import type { TaskRow, Workflow } from '#core/workflow.js';
import { noteCard } from './card.ts';
import { decide } from './decide.ts';
import { PAGE } from './effects.ts';
import { fact, input } from './events.ts';
import type { Fact, Input } from './events.ts';
import { pageOf } from './page.ts';
import type { Policy } from './policy.ts';
import { evolve } from './state.ts';
import type { State } from './state.ts';
import { wordsIn } from './words-in.ts';

/** Hours of a roster without anybody, one case each, and what else is wanting, one case a service: coordinators are told the day before, and paged when it is near. It has no card in a channel and stands in no list of tasks. */
export const onCallGaps: Workflow<State, Input, Fact, Policy> = {
  name: 'on-call-gaps',
  inputs: input,
  facts: fact,
  initial: { status: 'none' },
  decide,
  evolve,
  row,
  subject: () => ({ modality: null, orderer: null, askedOf: null }),
  keys: () => [],
  posting: () => null,
  sharedCard: () => null,
  personalView: () => null,
  paper: () => null,
  about: (state) => (state.status === 'open' ? { ...state.gap, paged: state.paged } : null),
  page: (note, state, { policy }) => (note === PAGE && state.status === 'open' ? pageOf(state, policy) : null),
  note(note, state, { language, policy }) {
    if (state.status === 'none') return null;
    const card = noteCard(note, state, policy, language ?? policy.language ?? 'en');
    return card === null ? null : { ...card, sensitive: false, isEdited: true };
  },
};

function row(state: State): TaskRow | null {
  if (state.status === 'none') return null;
  const { status, since, revision } = state;
  const isOpen = status === 'open';
  return {
    ...{ status, waiting: isOpen, open: isOpen, kind: wordsIn('en').kind },
    ...{ urgency: '', since, owner: 'coordinator', note: null, revision },
  };
}
