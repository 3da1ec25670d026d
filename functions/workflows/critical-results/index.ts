import type { Language } from '#core/language.js';
import type { Look, Workflow } from '#core/workflow.js';
import { boardOf } from './board.ts';
import { callingOf } from './calling.ts';
import { kindOf, personalView, sharedCard } from './card.ts';
import type { Meta } from './card-meta.ts';
import { earlierCard, noteCard, nowCard } from './card-note.ts';
import { decide } from './decide.ts';
import { evolve } from './evolve.ts';
import { fact, input, verbs } from './events.ts';
import type { Fact, Input } from './events.ts';
import { isOvertaken, pageOf, stands } from './page.ts';
import { paperOf } from './paper.ts';
import type { Policy } from './policy.ts';
import { isAlert, isEnded } from './state.ts';
import type { State } from './state.ts';
import { headingOf, lineOf } from './story.ts';
import { keysOf, likenessOf, modeFor, pagedAt, row, subject } from './views.ts';
import { timesWith } from './times.ts';
import { NOTES } from './words.ts';
import type { NoteName } from './words.ts';

/** A finding that somebody must hear of in time: pushed, escalated, read back, and not let go until a named person has really taken it (CRT-01 to CRT-07). */
export const criticalResults: Workflow<State, Input, Fact, Policy> = {
  name: 'critical-results',
  inputs: input,
  facts: fact,
  verbs,
  initial: { status: 'none' },
  decide,
  evolve,
  row,
  subject,
  likeness: likenessOf,
  kind: (state, language, policy) => (isAlert(state) ? kindOf(state, { language: language ?? policy.language ?? 'en' }) : null),
  keys: keysOf,
  posting: (state) => (isAlert(state) ? state.posting : null),
  round: (state) => (isAlert(state) ? state.round : 0),
  sharedCard: (state, look) => (isAlert(state) && state.status !== 'draft' ? sharedCard(state, metaOf(look)) : null),
  personalView: (state, look, may) => (isAlert(state) ? personalView(state, metaOf(look), may, look) : null),
  viewsEnd: (state) => isAlert(state) && !isEnded(state),
  modeFor,
  // Nobody is to declare a finding on the exam of a drill.
  about: (state) => (isAlert(state) && !state.drill ? state.about : null),
  paper: (state, look) => paperOf(state, metaOf(look)),
  note(note, state, look) {
    if (isAlert(state) && note === 'earlier') return { ...earlierCard(state, metaOf(look)), sensitive: false };
    if (isAlert(state) && note === 'now' && look.told !== undefined) return { ...nowCard(state, metaOf(look), look.told.person), sensitive: false };
    const name = noteNamed(note);
    if (!isAlert(state) || name === null || !stands(name, state) || isOvertaken(name, state, look.told)) return null;
    return { ...noteCard(name, state, metaOf(look), look.told?.person), sensitive: false };
  },
  page(note, state, look, to) {
    const name = noteNamed(note);
    return isAlert(state) && name !== null && !isOvertaken(name, state, look.told) ? pageOf(name, state, metaOf(look), to, look.others) : null;
  },
  pagedAt,
  board: (state, look) => boardOf(state, metaOf(look)),
  calling: (state, { policy, now }) => (isAlert(state) ? callingOf(state, policy, now) : null),
  figures: timesWith,
  story: { heading: (state, look) => headingOf(state, metaOf(look)), line: (one, look, least) => lineOf(one, metaOf(look), least) },
};

function noteNamed(note: string): NoteName | null {
  return NOTES.find((name) => name === note) ?? null;
}

function metaOf({ caseNumber, now, policy, names, language = policy.language ?? 'en' }: Look<Policy> & { readonly language?: Language }): Meta {
  return { caseNumber, now, names, language, policy };
}
