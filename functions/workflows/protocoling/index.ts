import type { RenderedCard } from '#core/card.js';
import type { Language } from '#core/language.js';
import type { Look, May, Workflow } from '#core/workflow.js';
import { earlyNote, earlyView, kindOf as earlyKind } from './card-early.ts';
import { kindOf, noteCard, noteName, personalView, sharedCard } from './card.ts';
import type { CardMeta, NoteName, Seeing } from './card.ts';
import { couldTakeBack } from './decide-own.ts';
import { decide } from './decide.ts';
import { evolve } from './evolve.ts';
import { fact, input } from './events.ts';
import type { Fact, Input } from './events.ts';
import { keysOf } from './keys.ts';
import { isLookWanted, LOOK_NOTES, toldOfOpening } from './look.ts';
import { paperOf } from './paper.ts';
import type { Policy } from './policy.ts';
import { isOpened, isOpenTask } from './state.ts';
import { headingOf, lineOf } from './story.ts';
import type { Opened, State } from './state.ts';
import { aboutOf, likenessOf, row, subject } from './views.ts';
import { wordsIn } from './words-in.ts';

/** Protocol, contrast and safety questions of an order, and the order's one card. */
export const protocoling: Workflow<State, Input, Fact, Policy> = {
  name: 'protocoling',
  inputs: input,
  facts: fact,
  verbs: ['approve', 'choose-other', 'reject', 'ask-orderer', 'answer-question', 'remind', 'hand-over', 'take-back'],
  initial: { status: 'none' },
  decide,
  evolve,
  row,
  subject,
  likeness: likenessOf,
  kind: (state, language, policy) => titleOf(state, language ?? policy.language),
  keys: keysOf,
  posting: (state) => (isOpened(state) ? state.posting : null),
  round: (state) => (isOpened(state) ? state.round : 0),
  takeBack: (state, person, { caseNumber, language, policy }) => couldTakeBack(state, person, caseNumber, wordsIn(language ?? policy.language)),
  sharedCard: (state, look) => sharedCard(state, metaOf(look)),
  personalView: (state, look, may) => viewOf(state, metaOf(look), may, look),
  awaited: toldOfOpening,
  about: aboutOf,
  viewsEnd: (state) => isOpened(state) && isOpenTask(state),
  paper: (state, look) => paperOf(state, { ...metaOf({ ...look, language: 'en' }), policy: look.policy }),
  note: (note, state, look) => noteOf(noteName.parse(note), state, metaOf(look), look.told),
  story: { heading: (state, look) => headingOf(state, metaOf(look)), line: (fact, look, least) => lineOf(fact, metaOf(look), least) },
};

function metaOf({ caseNumber, now, policy, names, language = policy.language ?? 'en' }: Look<Policy>): CardMeta {
  return { caseNumber, now, names, language, zone: policy.zone, catalogue: policy.content.protocols };
}

function titleOf(state: State, language: Language | undefined): string | null {
  const meta = language === undefined ? {} : { language };
  if (isOpened(state)) return kindOf(state, meta);
  return state.status === 'none' ? null : earlyKind(state, meta);
}

function viewOf(state: State, meta: CardMeta, may: May, seeing: Seeing): RenderedCard | null {
  if (isOpened(state)) return personalView(state, meta, may, seeing);
  return state.status === 'none' ? null : earlyView(state, meta, seeing);
}

function noteOf(note: NoteName, state: State, meta: CardMeta, told: Look<Policy>['told']): (RenderedCard & { readonly sensitive: boolean }) | null {
  if (isOpened(state)) {
    if (note === 'question' && !isOpenTo(told, state)) return null;
    // Answered, cancelled, opened or put anew meanwhile: nobody is made to look any more.
    if ((note === 'on-duty' || note === 'not-looked-at') && !isLookWanted(state)) return null;
    const alert = LOOK_NOTES.includes(note) && state.priority === 'STAT';
    return { ...noteCard(note, state, meta), sensitive: note === 'question', ...(alert ? { alert } : {}) };
  }
  if (state.status === 'none' || (note !== 'held-message' && note !== 'order-never-came')) return null;
  return { ...earlyNote(note, state, meta), sensitive: false };
}

/** Is the question that is open now the one that this note was written for? One that is closed needs no answer, and nobody is told of it any more. */
function isOpenTo(told: Look<Policy>['told'], { question }: Opened): boolean {
  if (question === null) return false;
  return told === undefined || (question.of === told.person && question.revision === told.revision);
}
