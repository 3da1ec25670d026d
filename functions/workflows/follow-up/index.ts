import type { Look, Workflow } from '#core/workflow.js';
import { overCard, personalView } from './card.ts';
import type { Meta } from './card.ts';
import { decide } from './decide.ts';
import { fact, input, verbs } from './events.ts';
import type { Fact, Input } from './events.ts';
import { evolve, isFollowUp } from './evolve.ts';
import type { State } from './evolve.ts';
import type { Policy } from './policy.ts';
import { headingOf, lineOf } from './story.ts';
import { aboutOf, keysOf, paperOf, row, subject } from './views.ts';
import { wordsIn } from './words-in.ts';

/** What a signed report says and can wait for days: kept with whose it is and by when it is due. It has no card in a channel, calls nobody, and is no critical result. */
export const followUp: Workflow<State, Input, Fact, Policy> = {
  name: 'follow-up',
  inputs: input,
  facts: fact,
  verbs,
  initial: { status: 'none' },
  decide,
  evolve,
  row,
  subject,
  kind: (_state, language, policy) => wordsIn(language ?? policy.language).kind,
  keys: keysOf,
  posting: () => null,
  sharedCard: () => null,
  personalView: (state, look, may) => (isFollowUp(state) ? personalView(state, metaOf(look), may, look.notice) : null),
  viewsEnd: (state) => isFollowUp(state) && state.status === 'open',
  // Nothing of it leaves: it is kept, and can be dealt with, whatever the site has switched off.
  modeFor: () => 'assist',
  about: aboutOf,
  paper: (state, look) => paperOf(state, look),
  note: (note, state, look) => (note === 'view-over' && isFollowUp(state) ? { ...overCard(state, metaOf(look)), sensitive: false } : null),
  story: { heading: (state, look) => headingOf(state, metaOf(look)), line: (one, look, least) => lineOf(one, metaOf(look), least) },
};

function metaOf({ caseNumber, now, names, policy, language = policy.language ?? 'en' }: Look<Policy>): Meta {
  return { caseNumber, now, names, language, zone: policy.zone };
}
