import type { PersonId } from '#core/ids.js';
import { caseId, caseNumber, effectKey, eventId } from '#core/ids.js';
import { language } from '#core/language.js';
import type { Language } from '#core/language.js';
import type { RenderedCard } from '#core/card.js';
import type { Meta } from '#workflows/critical-results/card-meta.js';
import { earlierCard, noteCard, nowCard } from '#workflows/critical-results/card-note.js';
import { personalView, sharedCard } from '#workflows/critical-results/card.js';
import { evolve } from '#workflows/critical-results/evolve.js';
import { examplePolicy, examples } from '#workflows/critical-results/examples.js';
import { criticalResults } from '#workflows/critical-results/index.js';
import { pageOf } from '#workflows/critical-results/page.js';
import { isAlert } from '#workflows/critical-results/state.js';
import type { Alert, State } from '#workflows/critical-results/state.js';
import { NOTES } from '#workflows/critical-results/words.js';
import { wordsIn } from '#workflows/critical-results/words-in.js';

const NUMBER = caseNumber.parse('7KF3QN');

interface Stage {
  readonly name: string;
  readonly alert: Alert;
  readonly now: Meta['now'];
}

/** Drills as they stand before and after the examples. */
const drills = examples.flatMap(({ name, given, when, now }): Stage[] => {
  const before = given.reduce<State>(evolve, criticalResults.initial);
  const ids = { caseId: caseId.parse('0'.repeat(32)), caseNumber: NUMBER, event: eventId.parse('example') };
  const moment = { now, ...ids, actor: { kind: 'system', part: 'example' }, policy: examplePolicy } as const;
  const after = criticalResults.decide(before, when, moment).facts.reduce<State>(evolve, before);
  const stages = [['before', before] as const, ['after', after] as const];
  return stages.flatMap(([at, alert]) => (isAlert(alert) && alert.drill ? [{ name: `${at}: ${name}`, alert, now }] : []));
});
const may = { decide: true, ask: true, answer: true, allows: () => true };
/** Whoever has to do with it. */
const peopleOf = ({ addressed, draftedBy }: Alert): readonly PersonId[] => [
  ...new Set([...addressed, ...(draftedBy === null ? [] : [draftedBy.id]), ...examplePolicy.withRole('switchboard')]),
];

/** What is read on a card, and what a screen reader or a notification says of it. */
function readOn({ card, speak }: RenderedCard): readonly string[] {
  return [JSON.stringify(card['body']), speak];
}

function everyText({ alert, now }: Stage, spoken: Language): readonly string[] {
  const meta: Meta = { caseNumber: NUMBER, now, names: {}, language: spoken, policy: examplePolicy };
  const people = peopleOf(alert);
  const cards = [
    ...[sharedCard(alert, meta), personalView(alert, meta, may), earlierCard(alert, meta)],
    ...NOTES.flatMap((note) => people.map((person) => noteCard(note, alert, meta, person))),
    ...people.map((person) => nowCard(alert, meta, person)),
  ];
  const to = { to: 'somebody', key: effectKey.parse('some/event/page') };
  const pages = NOTES.flatMap((note) => (['pager', 'print'] as const).flatMap((channel) => pageOf(note, alert, meta, { channel, ...to }) ?? []));
  return [...cards.flatMap(readOn), ...pages.flatMap(({ subject, text, sheet }) => [subject, text, ...(sheet?.slice(0, 1) ?? [])])];
}

describe.each(language.options)('whatever is read of a drill says that it is one, in %s', (spoken) => {
  const { drill } = wordsIn(spoken);

  it.each(drills.map((stage) => [stage.name, stage] as const))('%s', (_name, stage) => {
    const texts = everyText(stage, spoken);
    expect(texts.length).toBeGreaterThan(100);
    expect(texts.filter((text) => !text.includes(drill))).toEqual([]);
  });

  it('and of what is in earnest nothing does', () => {
    const stage = drills.find(({ alert }) => alert.status === 'open')!;
    const real = {
      ...stage,
      alert: { ...stage.alert, drill: false, about: { ...stage.alert.about, exam: 'CT' }, finding: { ...stage.alert.finding, text: 'x' } },
    };
    const notes = NOTES.filter((note) => note !== 'drill-ended');
    const meta: Meta = { caseNumber: NUMBER, now: stage.now, names: {}, language: spoken, policy: examplePolicy };
    const cards = [sharedCard(real.alert, meta), earlierCard(real.alert, meta), ...notes.map((note) => noteCard(note, real.alert, meta))];
    expect(cards.flatMap(readOn).filter((text) => text.includes(drill))).toEqual([]);
  });
});

it('there are drills at every stage to look at', () => {
  const stages = new Set(drills.map(({ alert: { status, failsafe } }) => (failsafe === null ? status : `${status} at the failsafe`)));
  expect([...stages]).toEqual(expect.arrayContaining(['draft', 'open', 'open at the failsafe', 'acknowledged', 'read-back', 'closed', 'drill-over']));
});
