import type { Look, Workflow } from '#core/workflow.js';
import { noteCard, noteName, personalView, sharedCard } from './card.ts';
import type { CardMeta } from './card.ts';
import { decide } from './decide.ts';
import { evolve } from './evolve.ts';
import { fact, input } from './events.ts';
import type { Fact, Input } from './events.ts';
import type { Policy } from './policy.ts';
import { isOpened } from './state.ts';
import type { State } from './state.ts';
import { row, subject } from './views.ts';

/** Protocol, contrast and safety questions of an order, and the order's one card. */
export const protocoling: Workflow<State, Input, Fact, Policy> = {
  name: 'protocoling',
  inputs: input,
  facts: fact,
  initial: { status: 'none' },
  decide,
  evolve,
  row,
  subject,
  posting: (state) => (isOpened(state) ? state.posting : null),
  sharedCard: (state, look) => sharedCard(state, metaOf(look)),
  personalView: (state, look, may) => (isOpened(state) ? personalView(state, metaOf(look), may) : null),
  note: (note, state, look) => (isOpened(state) ? { ...noteCard(noteName.parse(note), state, metaOf(look)), sensitive: note === 'question' } : null),
};

function metaOf({ caseNumber, now, policy, names }: Look<Policy>): CardMeta {
  return { caseNumber, now, names, zone: policy.zone, catalogue: policy.content.protocols };
}
