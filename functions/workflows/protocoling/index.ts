import type { RenderedCard } from '#core/card.js';
import type { Look, May, Workflow } from '#core/workflow.js';
import { earlyNote, earlyView } from './card-early.ts';
import { noteCard, noteName, personalView, sharedCard } from './card.ts';
import type { CardMeta, NoteName } from './card.ts';
import { decide } from './decide.ts';
import { evolve } from './evolve.ts';
import { fact, input } from './events.ts';
import type { Fact, Input } from './events.ts';
import { keysOf } from './keys.ts';
import { paperOf } from './paper.ts';
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
  keys: keysOf,
  posting: (state) => (isOpened(state) ? state.posting : null),
  sharedCard: (state, look) => sharedCard(state, metaOf(look)),
  personalView: (state, look, may) => viewOf(state, metaOf(look), may),
  paper: (state, { policy, now, caseNumber, names }) => paperOf(state, { ...metaOf({ policy, now, caseNumber, names }), policy }),
  note: (note, state, look) => noteOf(noteName.parse(note), state, metaOf(look)),
};

function metaOf({ caseNumber, now, policy, names }: Look<Policy>): CardMeta {
  return { caseNumber, now, names, zone: policy.zone, catalogue: policy.content.protocols };
}

function viewOf(state: State, meta: CardMeta, may: May): RenderedCard | null {
  if (isOpened(state)) return personalView(state, meta, may);
  return state.status === 'none' ? null : earlyView(state, meta);
}

function noteOf(note: NoteName, state: State, meta: CardMeta): (RenderedCard & { readonly sensitive: boolean }) | null {
  if (isOpened(state)) return { ...noteCard(note, state, meta), sensitive: note === 'question' };
  if (state.status === 'none' || (note !== 'held-message' && note !== 'order-never-came')) return null;
  return { ...earlyNote(note, state, meta), sensitive: false };
}
