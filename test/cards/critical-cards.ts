import { takeOverCard } from '#bot/inbound/take-over-card.js';
import { authorise } from '#core/authorise.js';
import type { Action } from '#core/action.js';
import { caseId, caseNumber, eventId } from '#core/ids.js';
import type { Language } from '#core/language.js';
import { person, role } from '#core/people.js';
import type { Example, May } from '#core/workflow.js';
import { personalView, sharedCard } from '#workflows/critical-results/card.js';
import type { Meta } from '#workflows/critical-results/card-meta.js';
import { earlierCard, noteCard, nowCard } from '#workflows/critical-results/card-note.js';
import type { Fact, Input } from '#workflows/critical-results/events.js';
import { exampleAbout, examplePolicy, examples } from '#workflows/critical-results/examples.js';
import { criticalResults } from '#workflows/critical-results/index.js';
import { nowFor, toldTo } from '#workflows/critical-results/notes.js';
import { stands } from '#workflows/critical-results/page.js';
import { isAlert, unseenOf } from '#workflows/critical-results/state.js';
import type { Alert } from '#workflows/critical-results/state.js';
import { NOTES } from '#workflows/critical-results/words.js';
import type { NoteName, NowName } from '#workflows/critical-results/words.js';
import { wordsIn } from '#workflows/critical-results/words-in.js';
import { cardStates, headOrder } from '../support/card-states.ts';
import type { ShownCard } from './shown-card.ts';

const NUMBER = caseNumber.parse('7KF3QN');
const ids = ['dr-okafor', 'dr-lindqvist', 'dr-singh', 'dr-moreau', 'dr-brandt', 'dr-adler', 'dr-haas', 'c-reyes', 's-tamm'] as const;
type Id = (typeof ids)[number];
const people = new Map(
  ids.map((id, n) => {
    const roles = role.options.filter((one) => examplePolicy.withRole(one).some((holder) => holder === id));
    return [id, person.parse({ id, name: id, roles, aadObjectId: `6f1c1f0e-0c3b-4f0e-9d0a-6a2f5b8d1c0${n}` })] as const;
  }),
);
const names = Object.fromEntries([...people.values()].map(({ id }) => [id, examplePolicy.nameOf(id)]));

/** Examples whose outcome stands in the gallery, and who looks at it. */
const inGallery: Readonly<Record<string, { readonly of: string; readonly by: readonly Id[] }>> = {
  draft: { of: 'what a radiologist writes is a draft', by: ['dr-okafor'] },
  nobody: { of: 'where nobody stands on any level', by: [] },
  sent: { of: 'sent, the first on call is called', by: ['dr-okafor', 'dr-singh', 'dr-haas'] },
  second: { of: 'nobody in five minutes', by: ['dr-moreau'] },
  'duty-radiologist': { of: 'an outpatient in the evening', by: ['dr-lindqvist'] },
  'place-unsure': { of: 'where the patient’s place is too old', by: ['dr-singh'] },
  taken: { of: 'taken by who was called', by: ['dr-singh', 'c-reyes'] },
  overdue: { of: 'a read-back that does not come', by: ['dr-singh'] },
  'read-back': { of: 'taken and read back with the right number', by: ['dr-okafor', 'dr-singh'] },
  conversation: { of: 'the conversation names who spoke', by: ['dr-okafor'] },
  'read-back-2': { of: 'category 2 is closed by the form', by: ['dr-okafor'] },
  phoned: { of: 'a coordinator who phoned records it', by: ['dr-singh'] },
  failsafe: { of: 'a print is no person', by: ['dr-okafor', 'dr-adler', 'c-reyes'] },
  'in-hand': { of: 'an operator takes it in hand', by: ['c-reyes'] },
  'opened-again': { of: '"not what I said" opens', by: ['dr-moreau'] },
  withdrawn: { of: 'withdrawn: whoever was called', by: ['dr-singh'] },
  changed: { of: 'closed, and somebody who was told', by: ['dr-moreau', 'c-reyes'] },
  'phoned-seen': { of: 'a recorded call takes nothing that was withdrawn', by: ['dr-singh'] },
  'not-recorded': { of: 'what the hospital’s record does not take', by: [] },
  'no-longer-said': { of: 'a corrected report no longer says what was communicated', by: ['dr-okafor'] },
  asking: { of: 'a signed report says it', by: ['dr-okafor'] },
  'still-asked': { of: 'then to all of them and on paper', by: ['c-reyes'] },
  'asked-anew': { of: 'closed, and an amended report says that it is graver', by: ['dr-lindqvist', 'dr-okafor'] },
  'sent-anew': { of: '"yes" to what was closed', by: ['dr-moreau'] },
  'not-critical': { of: '"no" with a name and a reason', by: ['dr-okafor'] },
  alike: { of: 'another patient under the number of one that was sent', by: ['dr-lindqvist', 'dr-singh'] },
  same: { of: 'taken in by the other, a question ends', by: ['dr-lindqvist'] },
  'draft-gaps': { of: 'a patient who is moved before it was sent', by: ['dr-okafor'] },
  drill: { of: 'a drill goes the whole way', by: ['dr-okafor'] },
  'drill-sent': { of: 'a drill is sent by whoever begins it', by: ['dr-singh', 'c-reyes'] },
  'drill-ended': { of: 'a drill that ends at the switchboard', by: ['dr-singh'] },
};
/** Where each private note stands in the gallery. */
const notesIn: Readonly<Record<NoteName, string>> = {
  ...{ 'phone-reading-room': 'still-asked', 'no-longer-said': 'no-longer-said' },
  ...{ unsent: 'draft', asked: 'asking', 'still-asked': 'still-asked', alert: 'sent', repeat: 'failsafe', taken: 'taken', 'taken-over': 'second' },
  ...{
    'read-back-overdue': 'overdue',
    'was-read-back': 'read-back',
    'conversation-due': 'read-back',
    failsafe: 'nobody',
    'failsafe-again': 'failsafe',
  },
  ...{ untaken: 'failsafe', phoned: 'phoned', disputed: 'opened-again', withdrawn: 'withdrawn', 'view-over': 'read-back-2' },
  ...{ alike: 'alike', changed: 'changed', 'phoned-seen': 'phoned-seen', 'not-recorded': 'not-recorded', 'drill-ended': 'drill-ended' },
};

/** What a message in somebody's chat says later: in which state, and to whom. */
const laterIn: Readonly<Record<NowName, { readonly of: string; readonly to: Id }>> = {
  sent: { of: 'sent', to: 'dr-okafor' },
  'in-hand': { of: 'in-hand', to: 's-tamm' },
  'read-back-due': { of: 'taken', to: 'dr-singh' },
  'speak-now': { of: 'read-back', to: 'dr-singh' },
  closed: { of: 'read-back-2', to: 'dr-singh' },
  'not-critical': { of: 'not-critical', to: 'dr-okafor' },
  same: { of: 'same', to: 'dr-lindqvist' },
  'withdrawn-seen': { of: 'withdrawn', to: 'dr-okafor' },
};

/** How the alert of an example stands after it. */
function after({ given, when, now }: Example<Fact, Input>): Alert | null {
  const before = given.reduce(criticalResults.evolve, criticalResults.initial);
  const moment = {
    now,
    caseId: caseId.parse('0'.repeat(32)),
    caseNumber: NUMBER,
    event: eventId.parse('example'),
    actor: { kind: 'system', part: 'example' } as const,
    policy: examplePolicy,
  };
  const state = criticalResults.decide(before, when, moment).facts.reduce(criticalResults.evolve, before);
  return isAlert(state) ? state : null;
}

function metaOf({ now }: Example<Fact, Input>, spoken: Language): Meta {
  return { caseNumber: NUMBER, now, names, language: spoken, policy: examplePolicy };
}

/** What the cards of another workflow are measured against: the same patient, this exam, this finding. */
function ofAlert(name: string, alert: Alert, meta: Meta): ShownCard['of'] {
  const procedure = { code: 'CTCHEST', text: exampleAbout.exam, system: 'L' };
  const order = { ...headOrder, procedure, procedures: [], indication: alert.finding.text, orderingProvider: null };
  return {
    name,
    meta: { ...cardStates[0]!.meta, caseNumber: NUMBER, now: meta.now, language: meta.language },
    state: { order, revision: alert.revision },
  };
}

interface Seen {
  readonly viewers: readonly Id[];
  readonly notes: readonly NoteName[];
  /** Whose message is looked at later; `isEarlier`: when a newer one has followed. */
  readonly later: readonly Id[];
  readonly isEarlier: boolean;
}

function cardsOf(name: string, example: Example<Fact, Input>, { viewers, notes, later, isEarlier }: Seen, spoken: Language): readonly ShownCard[] {
  const alert = after(example);
  if (alert === null) return [];
  const meta = metaOf(example, spoken);
  const of = ofAlert(name, alert, meta);
  const named = (what: string) => `critical-results/${name}${spoken === 'en' ? '' : '.es'}.${what}`;
  const shared =
    alert.status === 'draft' ? [] : [{ name: named('shared'), kind: 'shared', of, card: sharedCard(alert, meta), by: sharedCard } as const];
  const views = viewers.map((id): ShownCard => {
    const card = personalView(alert, meta, mayOf(id, alert));
    return { name: named(viewers[0] === id ? 'view' : `view-${id}`), kind: 'view', of, card, by: personalView };
  });
  const told = notes
    .filter((note) => stands(note, alert))
    .map((note): ShownCard => {
      return { name: named(`note-${note}`), kind: kindOf(note), of, card: noteCard(note, alert, meta), by: noteCard };
    });
  const edited = later.map((id): ShownCard => {
    const says = nowFor(alert, people.get(id)!.id, examplePolicy);
    const isUnseen = unseenOf(toldTo(alert, people.get(id)!.id, examplePolicy)).includes(people.get(id)!.id);
    const kind = kindOf(says, isUnseen);
    return { name: named(`now-${says}-${id}`), kind, of, card: nowCard(alert, meta, people.get(id)!.id), by: nowCard };
  });
  const line: readonly ShownCard[] = isEarlier ? [{ name: named('earlier'), kind: 'note', of, card: earlierCard(alert, meta), by: earlierCard }] : [];
  return [...shared, ...views, ...told, ...edited, ...line];
}

function kindOf(note: NoteName | NowName, isUnseen = false): ShownCard['kind'] {
  if (note === 'failsafe' || note === 'failsafe-again' || note === 'in-hand' || note === 'phone-reading-room') return 'switchboard';
  return note === 'withdrawn' || note === 'changed' || (isUnseen && note !== 'repeat') ? 'seen' : 'note';
}

/** Of some states the shared card, who looks at it, and the notes that it gives rise to. */
export function criticalCards(spoken: Language): readonly ShownCard[] {
  return [...statesIn(spoken), takeOver(spoken), typedAgain(spoken)];
}

/** What somebody sees who was not called. */
function takeOver(spoken: Language): ShownCard {
  const example = examples.find(({ name }) => name.startsWith(inGallery['sent']!.of))!;
  const alert = after(example)!;
  const of = ofAlert('take-over', alert, metaOf(example, spoken));
  const why =
    spoken === 'en'
      ? 'Jonas Haas was not called for this. Take it over, with a reason, if the patient is yours.'
      : 'No se llamó a Jonas Haas por esto. Hágase cargo, con un motivo, si el paciente es suyo.';
  const card = takeOverCard(why, { caseNumber: NUMBER, revision: alert.revision }, spoken);
  return { name: `critical-results/take-over${spoken === 'en' ? '' : '.es'}`, kind: 'ask', of, card, by: takeOverCard };
}

/** What whoever typed another patient's number sees, with what else they had typed. */
function typedAgain(spoken: Language): ShownCard {
  const example = examples.find(({ name }) => name.startsWith(inGallery['sent']!.of))!;
  const [alert, meta] = [after(example)!, metaOf(example, spoken)];
  const typed = { finding: 'Air around the left lung', action: 'I come down and drain it' };
  const notice = wordsIn(spoken).answers.wrongIdentifier('4701');
  const card = personalView(alert, meta, mayOf('dr-singh', alert), { notice, typed });
  return {
    name: `critical-results/again${spoken === 'en' ? '' : '.es'}.view`,
    kind: 'view',
    of: ofAlert('again', alert, meta),
    card,
    by: personalView,
  };
}

function mayOf(id: Id, alert: Alert): May {
  const subject = criticalResults.subject(alert);
  return { decide: false, ask: false, answer: false, allows: (action: Action) => authorise(people.get(id)!, action, subject).allowed };
}

function statesIn(spoken: Language): readonly ShownCard[] {
  return Object.entries(inGallery).flatMap(([name, { of, by }]) => {
    const example = examples.find((one) => one.name.startsWith(of));
    if (example === undefined) throw new Error(`no example begins with "${of}"`);
    const later = Object.values(laterIn).flatMap((one) => (one.of === name ? [one.to] : []));
    const notes = NOTES.filter((note) => notesIn[note] === name);
    return cardsOf(name, example, { viewers: by, notes, later, isEarlier: name === 'failsafe' }, spoken);
  });
}

/** Of every example everything that anybody could see. */
export function everyCriticalCard(spoken: Language): readonly ShownCard[] {
  const all = { viewers: ids, notes: NOTES, later: ids, isEarlier: true };
  return examples.flatMap((example, n) => cardsOf(`example-${n}`, example, all, spoken));
}
