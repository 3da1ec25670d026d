import type { RenderedCard } from '#ports/people.js';
import { noteCard, noteName, personalView, questionCard, sharedCard } from '#workflows/protocoling/card.js';
import { earlyNote, earlyView } from '#workflows/protocoling/card-early.js';
import { cardStates, earlyStates, headOrder } from '../support/card-states.ts';
import type { CardState } from '../support/card-states.ts';

export interface ShownCard {
  /** Name of its file in the gallery. */
  readonly name: string;
  readonly kind: 'shared' | 'note' | 'view' | 'question';
  readonly of: Pick<CardState, 'name' | 'meta'> & { readonly state: Pick<CardState['state'], 'order' | 'revision'> };
  readonly card: RenderedCard;
}

const all = { decide: true, ask: true, answer: false };
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
};

/** Cards that stand in the gallery: of every example state the shared card and the view, and where they belong notes and questions. */
export function galleryCards(): readonly ShownCard[] {
  const opened = cardStates.flatMap((of) => {
    const { name, state, meta } = of;
    const shared = sharedCard(state, meta);
    const notes = (notesOf[name] ?? []).map((note) => shown(`${name}.note`, 'note', of, noteCard(noteName.parse(note), state, meta)));
    return [
      ...(shared === null ? [] : [shown(`${name}.shared`, 'shared', of, shared)]),
      shown(`${name}.view`, 'view', of, personalView(state, meta, all)),
      ...(name.startsWith('question') || name === 'hostile' ? [shown(`${name}.question`, 'question', of, questionCard(state, meta))] : []),
      ...notes,
    ];
  });
  return [...opened, ...earlyCards()];
}

/** Of what came without its order: the private note and the view. */
function earlyCards(): readonly ShownCard[] {
  return earlyStates.flatMap(({ name, state, meta }) => {
    const order = state.parked[0]?.order ?? headOrder;
    const of = { name, meta, state: { order, revision: 0 } };
    const note = state.held.length > 0 ? 'held-message' : 'order-never-came';
    return [shown(`${name}.note`, 'note', of, earlyNote(note, state, meta)), shown(`${name}.view`, 'view', of, earlyView(state, meta))];
  });
}

/** Every card that any state can give: every note in every state, and what each kind of person sees. */
export function everyCard(): readonly ShownCard[] {
  const rest = cardStates.flatMap((of) => {
    const { name, state, meta } = of;
    const notes = noteName.options.map((note) =>
      shown(`${name}.note-${note}`, note === 'question' ? 'question' : 'note', of, noteCard(note, state, meta)),
    );
    const views = [looking, { ...looking, ask: true }, { ...looking, answer: true }].map((may, n) =>
      shown(`${name}.view-${n}`, 'view', of, personalView(state, meta, may)),
    );
    return [...notes, ...views];
  });
  return [...galleryCards(), ...rest];
}

function shown(name: string, kind: ShownCard['kind'], of: ShownCard['of'], card: RenderedCard): ShownCard {
  return { name, kind, of, card };
}
