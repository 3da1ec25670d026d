import type { TaskRow, Workflow } from '#core/workflow.js';
import { noteCard } from './card.ts';
import { decide } from './decide.ts';
import { fact, input } from './events.ts';
import type { Fact, Input } from './events.ts';
import type { Policy } from './policy.ts';
import { withAccess } from '#domain/break-glass.js';
import type { Access as State } from '#domain/break-glass.js';
import { wordsIn } from './words-in.ts';

/** Emergency access: who looked at which case without a relationship, until when, and what privacy says of it. It has no card and stands in no list of tasks. */
export const breakGlass: Workflow<State, Input, Fact, Policy> = {
  name: 'break-glass',
  inputs: input,
  facts: fact,
  initial: { status: 'none' },
  decide,
  evolve: withAccess,
  row,
  subject: () => ({ modality: null, orderer: null, askedOf: null }),
  keys: () => [],
  posting: () => null,
  sharedCard: () => null,
  personalView: () => null,
  paper: () => null,
  note(note, state, { language, policy }) {
    if (state.status === 'none') return null;
    const card = noteCard(note, state, { zone: policy.zone, language: language ?? policy.language ?? 'en' });
    return card === null ? null : { ...card, sensitive: false };
  },
};

/** Open until privacy has judged each opening. Who it was stands nowhere in it. */
function row(state: State): TaskRow | null {
  const first = state.status === 'known' ? (state.openings.find(({ review }) => review === null) ?? state.openings.at(-1)) : undefined;
  if (first === undefined) return null;
  const isOpen = first.review === null;
  const status = !isOpen ? 'reviewed' : first.overdue ? 'review-overdue' : first.closedAt === null ? 'open' : 'to-review';
  return {
    status,
    waiting: isOpen,
    open: isOpen,
    kind: wordsIn('en').kind,
    urgency: '',
    since: first.at,
    owner: 'auditor',
    note: null,
    revision: first.n,
  };
}
