import { notSentCard } from '#bot/inbound/not-sent-card.js';
import { receiptCard } from '#bot/inbound/receipt-card.js';
import { caseId, caseNumber, checkCharacter } from '#core/ids.js';
import { language } from '#core/language.js';
import type { Language } from '#core/language.js';
import { addMinutes } from '#core/time.js';
import type { RenderedCard } from '#ports/people.js';
import type { CaseRow } from '#ports/views.js';
import { noteCard, noteName, personalView, questionCard, questionOverCard, sharedCard } from '#workflows/protocoling/card.js';
import type { CardMeta, Seeing } from '#workflows/protocoling/card.js';
import { earlyNote, earlyView } from '#workflows/protocoling/card-early.js';
import { wordsIn as criticalWordsIn } from '#workflows/critical-results/words-in.js';
import { wordsIn } from '#workflows/protocoling/words-in.js';
import { cardStates, earlyStates, headOrder } from '../support/card-states.ts';
import type { CardState } from '../support/card-states.ts';
import { criticalCards, everyCriticalCard } from './critical-cards.ts';
import { followUpCards } from './follow-up-cards.ts';
import { moreCards } from './more-cards.ts';
import type { ShownCard } from './shown-card.ts';

const all = { decide: true, ask: true, answer: false };
const declaring = { ...all, allows: (action: string) => action === 'declare-critical' };
const looking = { decide: false, ask: false, answer: false };

/** Notes that a state gives rise to; for the others the words are the same. */
const notesOf: Readonly<Record<string, readonly string[]>> = {
  overdue: ['overdue'],
  rejected: ['rejected'],
  'write-failed': ['write-failed'],
  'question-answered': ['orderer-answered'],
  changed: ['changed-after-approval'],
  'question-lapsed': ['question-lapsed'],
  held: ['held-message'],
  'images-arrived': ['images-arrived'],
  'ehr-refused': ['ehr-write-failed'],
  'question-open': ['question-not-told'],
  written: ['entered-from-paper', 'left-all-the-same'],
};
/** What stands in the chat of whoever was asked. */
const ofQuestions: readonly string[] = ['question', 'question-answered', 'question-over'];
/** A state of their own matters little to the others: what waits. */
const otherNotes = noteName.options.filter((note) => !ofQuestions.includes(note) && !Object.values(notesOf).flat().includes(note));

/** Cards that stand in the gallery, in English and Spanish: of every example state the shared card and the view, and where they belong notes and questions. */
export function galleryCards(): readonly ShownCard[] {
  return language.options.flatMap((spoken) => [
    ...cardStates.flatMap((of) => cardsOf(inLanguage(of, spoken))),
    ...earlyStates.flatMap((of) => earlyCardsOf(inLanguage(of, spoken))),
    ...dialogs(spoken),
    ...moreCards(spoken),
    ...criticalCards(spoken),
    ...followUpCards(spoken),
  ]);
}

function inLanguage<Of extends { readonly name: string; readonly meta: CardMeta }>(of: Of, spoken: Language): Of {
  return { ...of, name: spoken === 'en' ? of.name : `${of.name}.${spoken}`, meta: { ...of.meta, language: spoken } };
}

function cardsOf(of: CardState): readonly ShownCard[] {
  const { name, state, meta } = of;
  const [plain = name] = name.split('.');
  const shared = sharedCard(state, meta);
  const notes = (plain === 'normal-stat' ? otherNotes : (notesOf[plain] ?? [])).map((note, n) =>
    shown(
      n === 0 && plain !== 'normal-stat' ? `${name}.note` : `${name}.note-${note}`,
      'note',
      of,
      noteCard(noteName.parse(note), state, meta),
      noteCard,
    ),
  );
  return [
    ...(shared === null ? [] : [shown(`${name}.shared`, 'shared', of, shared, sharedCard)]),
    shown(`${name}.view`, 'view', of, personalView(state, meta, all), personalView),
    ...(plain === 'question-answered' || plain === 'question-lapsed'
      ? [
          shown(
            `${name}.over`,
            'question',
            of,
            questionOverCard(plain === 'question-answered' ? plain : 'question-over', state, meta),
            questionOverCard,
          ),
        ]
      : []),
    ...(plain === 'question-open' || plain === 'hostile' ? [shown(`${name}.question`, 'question', of, questionCard(state, meta), questionCard)] : []),
    ...notes,
    ...(plain === 'normal-stat' ? alikeViews(of) : []),
    // As a radiologist sees it who may say that it holds a critical result.
    ...(['normal-stat', 'written'].includes(plain)
      ? [shown(`${name}.radiologist.view`, 'view', of, personalView(state, meta, declaring), personalView)]
      : []),
    // As whoever decided it sees it.
    ...(['approved', 'written', 'rejected'].includes(plain)
      ? [shown(`${name}.own.view`, 'view', of, personalView(state, meta, { ...all, takeBack: true }), personalView)]
      : []),
  ];
}

/** What a view says besides the case: why it was opened anew, and open cases of patients with a similar name. */
function alikeViews(of: CardState): readonly ShownCard[] {
  const { name, state, meta } = of;
  const { language: spoken } = meta;
  const notice = wordsIn(spoken).answers.stale;
  const [one, ...more] = ['9M2QX', '4YYTW', 'KTQXT', '6TQ7Y'].map((five) => caseNumber.parse(`${five}${checkCharacter(five)}`));
  const views: Readonly<Record<string, Seeing>> = {
    alike: { alike: { cases: [one!], complete: true } },
    'opened-anew': { notice, alike: { cases: [one!, ...more], complete: false } },
  };
  return Object.entries(views).map(([what, seeing]) =>
    shown(`${name}.${what}.view`, 'view', of, personalView(state, meta, all, seeing), personalView),
  );
}

/** What stands in the dialog after an answer. */
function dialogs(spoken: Language): readonly ShownCard[] {
  const of = cardStates[0]!;
  const { meta, state } = of;
  const said = wordsIn(spoken).answers.won('approve', meta.caseNumber);
  const { caseNumber: number } = meta;
  const task = { status: 'waiting', waiting: true, open: true, kind: '', urgency: 'STAT', since: addMinutes(meta.now, -4), owner: null, note: null };
  const row: CaseRow = {
    ...task,
    revision: state.revision,
    workflow: 'protocoling',
    caseId: caseId.parse('0'.repeat(32)),
    caseNumber: number,
    updatedAt: meta.now,
  };
  const next = { row, waiting: 11, orMore: false };
  const nexts = { next, 'nothing-waits': null, 'next-not-known': undefined, alone: 'unsaid' } as const;
  const named = (what: string): string => (spoken === 'en' ? `answered.${what}` : `answered.${spoken}.${what}`);
  const notSent = criticalWordsIn(spoken).answers.notSent('+1 555 555 0199');
  const about = { caseNumber: number, revision: state.revision };
  return [
    ...Object.entries(nexts).map(([what, then]) => shown(named(what), 'receipt', of, receiptCard(said, then, meta.now, spoken), receiptCard)),
    shown(named('not-sent'), 'receipt', of, notSentCard(notSent, about, spoken), notSentCard),
  ];
}

/** Of what came without its order: the private note and the view. */
function earlyCardsOf({ name, state, meta }: (typeof earlyStates)[number]): readonly ShownCard[] {
  const order = state.parked[0]?.order ?? headOrder;
  const of = { name, meta, state: { order, revision: 0 } };
  const note = state.held.length > 0 ? 'held-message' : 'order-never-came';
  return [
    shown(`${name}.note`, 'note', of, earlyNote(note, state, meta), earlyNote),
    shown(`${name}.view`, 'view', of, earlyView(state, meta), earlyView),
  ];
}

/** Every card that any state can give: every note in every state, and what each kind of person sees. */
export function everyCard(): readonly ShownCard[] {
  const rest = cardStates.flatMap((of) => {
    const { name, state, meta } = of;
    const notes = noteName.options.map((note) =>
      shown(`${name}.note-${note}`, ofQuestions.includes(note) ? 'question' : 'note', of, noteCard(note, state, meta), noteCard),
    );
    const views = [looking, { ...looking, ask: true }, { ...looking, answer: true }].map((may, n) =>
      shown(`${name}.view-${n}`, 'view', of, personalView(state, meta, may), personalView),
    );
    return [...notes, ...views];
  });
  return [...galleryCards(), ...rest, ...language.options.flatMap((spoken) => everyCriticalCard(spoken))];
}

function shown(name: string, kind: ShownCard['kind'], of: ShownCard['of'], card: RenderedCard, by: unknown): ShownCard {
  return { name: `protocoling/${name}`, kind, of, card, by };
}
