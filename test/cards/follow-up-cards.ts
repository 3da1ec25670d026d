import { caseId, caseNumber, eventId } from '#core/ids.js';
import type { Language } from '#core/language.js';
import type { Example } from '#core/workflow.js';
import { examplePolicy } from '#workflows/critical-results/examples.js';
import { overCard, personalView } from '#workflows/follow-up/card.js';
import type { Meta } from '#workflows/follow-up/card.js';
import type { Fact, Input } from '#workflows/follow-up/events.js';
import { isFollowUp } from '#workflows/follow-up/evolve.js';
import type { FollowUp } from '#workflows/follow-up/evolve.js';
import { exampleAbout, examples } from '#workflows/follow-up/examples.js';
import { followUp } from '#workflows/follow-up/index.js';
import { cardStates, headOrder } from '../support/card-states.ts';
import type { ShownCard } from './shown-card.ts';

const NUMBER = caseNumber.parse('7KF3QN');

/** Where the gallery shows how one stands: the beginning of an example's name. */
const inGallery: Readonly<Record<string, string>> = {
  open: 'a signed report says it',
  coordinators: 'neither is known',
  joined: 'what was done about an older version',
  done: 'its owner says that it is dealt with',
  withdrawn: 'a corrected report that says it no longer',
};

function after({ given, when, now }: Example<Fact, Input>): FollowUp {
  const before = given.reduce(followUp.evolve, followUp.initial);
  const actor = { kind: 'system', part: 'example' } as const;
  const moment = { now, caseId: caseId.parse('0'.repeat(32)), caseNumber: NUMBER, event: eventId.parse('example'), actor, policy: examplePolicy };
  const state = followUp.decide(before, when, moment).facts.reduce(followUp.evolve, before);
  if (!isFollowUp(state)) throw new Error('the example opens none');
  return state;
}

/** The view of its owner, how it stands in each state, and what is left of it in a private chat. */
export function followUpCards(spoken: Language): readonly ShownCard[] {
  return Object.entries(inGallery).flatMap(([name, begins]): readonly ShownCard[] => {
    const example = examples.find((one) => one.name.startsWith(begins));
    if (example === undefined) throw new Error(`no example begins with "${begins}"`);
    const one = after(example);
    const names = { 'dr-brandt': 'Lena Brandt' };
    const meta: Meta = { caseNumber: NUMBER, now: example.now, names, language: spoken, zone: examplePolicy.zone };
    const procedure = { code: 'CTCHEST', text: exampleAbout.exam, system: 'L' };
    const order = { ...headOrder, procedure, procedures: [], indication: one.finding.text, orderingProvider: null };
    const of = {
      name,
      meta: { ...cardStates[0]!.meta, caseNumber: NUMBER, now: meta.now, language: spoken },
      state: { order, revision: one.revision },
    };
    const named = (what: string): string => `follow-up/${name}${spoken === 'en' ? '' : '.es'}.${what}`;
    const may = { decide: false, ask: false, answer: false, allows: () => true };
    const view: ShownCard = { name: named('view'), kind: 'view', of, card: personalView(one, meta, may), by: personalView };
    const over: ShownCard = { name: named('note-view-over'), kind: 'note', of, card: overCard(one, meta), by: overCard };
    return one.status === 'open' ? [view] : [view, over];
  });
}
