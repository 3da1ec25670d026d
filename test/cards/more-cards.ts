import { examCard } from '#bot/conversation/exam-card.js';
import { askCard, offerCard, whichCard } from '#bot/conversation/offer-card.js';
import type { Offer } from '#bot/conversation/offer-card.js';
import { searchCard } from '#bot/conversation/search-card.js';
import { waitingCard } from '#bot/conversation/waiting-card.js';
import { talkIn } from '#bot/words.js';
import { caseId, caseNumber, checkCharacter, personId } from '#core/ids.js';
import type { CaseNumber } from '#core/ids.js';
import type { Language } from '#core/language.js';
import { addMinutes, instant } from '#core/time.js';
import { withAccess } from '#domain/break-glass.js';
import type { Command } from '#domain/utterance.js';
import type { NamedExams, Search } from '#ports/desk.js';
import type { CaseRow } from '#ports/views.js';
import { noteCard as accessNote } from '#workflows/break-glass/card.js';
import { noteNames } from '#workflows/break-glass/effects.js';
import type { Fact as AccessFact } from '#workflows/break-glass/events.js';
import { noteCard as gapNote } from '#workflows/on-call-gaps/card.js';
import { allWanting, examplePolicy as gapPolicy, gap } from '#workflows/on-call-gaps/examples.js';
import { cardStates } from '../support/card-states.ts';
import type { ShownCard } from './shown-card.ts';

/** Cards that belong to no state of a case: what the bot shows in conversation, and the notes of an emergency access and of a gap of a roster. */
export function moreCards(spoken: Language): readonly ShownCard[] {
  return [...conversationCards(spoken), ...accessNotes(spoken), ...gapNotes(spoken)];
}

const of = cardStates[0]!;
const { now } = of.meta;
const numbers = ['7KF3Q', '9M2QX', '4YYTW', 'KTQXT', '6TQ7Y', 'BCDFG'].map((five) => caseNumber.parse(`${five}${checkCharacter(five)}`));
const [first, second, third] = numbers as [CaseNumber, CaseNumber, CaseNumber];

function row(n: number, urgency: string, kind: string, minutes: number): CaseRow {
  const task = {
    status: 'waiting',
    waiting: true,
    open: true,
    kind,
    urgency,
    since: addMinutes(now, -minutes),
    owner: null,
    note: null,
    revision: 1,
  };
  return { ...task, workflow: 'protocoling', caseId: caseId.parse('0'.repeat(32)), caseNumber: numbers[n % numbers.length]!, updatedAt: now };
}

const rows = [
  row(0, 'STAT', 'CT protocol request', 4),
  row(1, 'URGENT', 'MR protocol request', 75),
  row(2, 'ROUTINE', 'US protocol request', 300),
  row(3, '', 'Change without an order', 3000),
];
const many = Array.from({ length: 23 }, (_, n) =>
  row(n, n < 3 ? 'STAT' : n < 9 ? 'URGENT' : 'ROUTINE', n % 5 === 0 ? 'Imaging protocol request' : 'MG protocol request', 7 * n),
);

function conversationCards(spoken: Language): readonly ShownCard[] {
  const talk = talkIn(spoken);
  const named = (what: string): string => `conversation/${what}${spoken === 'en' ? '' : `.${spoken}`}`;
  const offered = (...commands: readonly Command[]) =>
    offerCard(
      commands.map((command): Offer => ({ command, revision: 2 })),
      talk,
    );
  const reason = spoken === 'en' ? 'the same study was done last week' : 'el mismo estudio se hizo la semana pasada';
  const due = { at: addMinutes(now, 20), says: '25 Nov 11:02' };
  const data = (verb: string, more: object) => ({ verb, caseNumber: first, revision: 2, round: 1, ...more });
  const handOver = [
    { title: talk.handOver.button(first, 'Maja Lindqvist'), data: data('hand-over', { to: 'dr-lindqvist' }) },
    { title: talk.handOver.button(first, 'Ngozi Okafor'), data: data('hand-over', { to: 'dr-okafor' }) },
  ];
  const mine = spoken === 'en' ? `your approval of ${first}` : `su aprobación de ${first}`;
  const found: Search = {
    matches: [
      { row: rows[0]!, name: 'Vandermolen, Ottilie', birthDate: '19610303', number: 'MRN 0048813' },
      { row: rows[1]!, name: 'Vandermolen, Otto', birthDate: null, number: null },
    ],
    more: 3,
    complete: false,
  };
  const exams: Extract<NamedExams, { ok: true }> = {
    ok: true,
    exams: [
      { ...{ caseNumber: first, revision: 3, since: addMinutes(now, -70), exam: 'CT CHEST W CONTRAST' }, ...found.matches[0]! },
      { ...{ caseNumber: second, revision: 1, since: addMinutes(now, -3000), exam: 'XR CHEST' }, ...found.matches[1]! },
    ],
    ...{ more: 2, certain: false, complete: false },
  };
  const finding = { finding: spoken === 'en' ? 'left tension pneumothorax' : 'neumotórax a tensión izquierdo', category: 1 } as const;
  const waiting = (name: string, list: readonly CaseRow[]): ShownCard => ({
    name: named(`waiting-${name}`),
    kind: 'list',
    of,
    card: waitingCard(list, now, talk, spoken),
    by: waitingCard,
  });
  const asks = (name: string, card: ShownCard['card'], by: ShownCard['by']): ShownCard => ({ name: named(name), kind: 'ask', of, card, by });
  return [
    waiting('some', rows),
    waiting('one', rows.slice(0, 1)),
    waiting('many', many),
    asks('which', whichCard([first, second, third], talk), whichCard),
    asks('offer-approve', offered({ verb: 'approve', caseNumber: first }), offerCard),
    asks('offer-choose', offered({ verb: 'choose-other', caseNumber: first, protocolId: 'CTA-HEAD-NECK', text: null }), offerCard),
    asks('offer-reject', offered({ verb: 'reject', caseNumber: first, text: reason }), offerCard),
    asks('offer-question', offered({ verb: 'ask-orderer', caseNumber: first, text: '*Which* [side](http://x.example)?' }), offerCard),
    asks('offer-two', offered({ verb: 'approve', caseNumber: first }, { verb: 'approve', caseNumber: second }), offerCard),
    asks(
      'offer-remind',
      offerCard([{ command: { verb: 'remind', caseNumber: first, when: 'in 20 minutes' }, revision: 2, due }], talk, talk.remind.ask),
      offerCard,
    ),
    asks('hand-over', askCard(talk.handOver.ask, handOver), askCard),
    asks(
      'take-back',
      askCard(talk.takeBack.ask(mine, null), [{ title: talk.takeBack.button(mine), data: data('take-back', { confirmed: true }) }]),
      askCard,
    ),
    { name: named('search'), kind: 'search', of, card: searchCard(found, talk, spoken), by: searchCard },
    { name: named('exams'), kind: 'search', of, card: examCard(exams, finding, { talk, language: spoken, zone: of.meta.zone }), by: examCard },
  ];
}

const novak = { id: personId.parse('t-novak'), name: 'Jana Novak' };
const at = (text: string) => ({ at: instant.parse(`2026-11-25T${text}:00.000Z`), v: 1 }) as const;
const broken: AccessFact = {
  ...{ type: 'glassBroken', ...at('10:40'), opening: 1, by: novak, reason: 'emergency-care', text: 'Trauma bay 2, reader not reachable' },
  ...{ target: { caseId: caseId.parse('0'.repeat(32)), caseNumber: first }, signedInAt: at('10:39').at, until: at('11:40').at },
};

function accessNotes(spoken: Language): readonly ShownCard[] {
  const state = withAccess({ status: 'none' }, broken);
  if (state.status !== 'known') return [];
  return noteNames.flatMap((note): ShownCard[] => {
    const card = accessNote(`${note}:1`, state, { zone: of.meta.zone, language: spoken });
    const name = `break-glass/${note}${spoken === 'en' ? '' : `.${spoken}`}`;
    return card === null ? [] : [{ name, kind: 'access', of, card, by: accessNote }];
  });
}

function gapNotes(spoken: Language): readonly ShownCard[] {
  const states: Readonly<Record<string, Parameters<typeof gapNote>[1]>> = {
    open: { status: 'open', gap },
    mended: { status: 'mended', gap },
    over: { status: 'over', gap },
    endless: { status: 'open', gap: { ...gap, to: null } },
    wanting: { status: 'open', gap: allWanting },
    'nothing-wanting': { status: 'mended', gap: allWanting },
  };
  return Object.entries(states).flatMap(([state, here]): ShownCard[] => {
    const card = gapNote(here.status === 'open' ? 'gap' : 'gap-closed', here, gapPolicy, spoken);
    return card === null ? [] : [{ name: `on-call-gaps/${state}${spoken === 'en' ? '' : `.${spoken}`}`, kind: 'gap', of, card, by: gapNote }];
  });
}
