import { openButton } from '#cards/kit/ask.js';
import { adaptiveCard, container, paragraph, run, textBlock } from '#cards/kit/card.js';
import type { Container, Element, Tone } from '#cards/kit/card.js';
import { unbroken } from '#cards/kit/text.js';
import type { Action as Right } from '#core/action.js';
import type { RenderedCard } from '#core/card.js';
import type { PersonId } from '#core/ids.js';
import { actionsOf, seenButton } from './card-ask.ts';
import { actionSet, callBack, drillOf, head, phoneOf, standing, statusOf, whoIsCalled } from './card.ts';
import { aboutOf } from './card-meta.ts';
import type { Meta } from './card-meta.ts';
import { declarerOf } from './ladder.ts';
import { nowFor, toldTo } from './notes.ts';
import { unseenOf } from './state.ts';
import type { Alert } from './state.ts';
import type { NoteName, NowName, Words } from './words.ts';
import { drillEndIn, wordsIn } from './words-in.ts';

const tones: Readonly<Record<NoteName | NowName, Tone>> = {
  ...{
    unsent: 'attention',
    asked: 'attention',
    'still-asked': 'attention',
    'phone-reading-room': 'attention',
    'no-longer-said': 'attention',
    alert: 'attention',
    repeat: 'attention',
    failsafe: 'attention',
  },
  ...{ 'failsafe-again': 'attention', untaken: 'attention', phoned: 'attention', disputed: 'attention', withdrawn: 'attention' },
  ...{ alike: 'attention', changed: 'attention', 'not-recorded': 'attention', 'phoned-seen': 'accent', 'drill-ended': 'attention' },
  ...{ 'read-back-overdue': 'attention', 'conversation-due': 'attention' },
  ...{ 'in-hand': 'warning', 'read-back-due': 'warning', 'speak-now': 'warning' },
  ...{ taken: 'accent', 'taken-over': 'accent', 'was-read-back': 'accent', 'view-over': 'accent' },
  ...{ sent: 'accent', closed: 'accent', 'not-critical': 'accent', same: 'accent', 'withdrawn-seen': 'accent' },
};

/**
 * A note in somebody's private chat: no patient data, and the button that opens it; for the switchboard, who may not see the patient, what is phoned.
 * @param person whose chat; left out: nobody's, and of a change only what is a message about it is answered on it
 */
export function noteCard(note: NoteName, alert: Alert, meta: Meta, person?: PersonId): RenderedCard {
  const card = messageCard(note, alert, meta, person);
  return tones[note] === 'accent' ? card : { ...card, alert: true };
}

/** The same message later: how it stands for whoever got it. */
export function nowCard(alert: Alert, meta: Meta, person: PersonId): RenderedCard {
  return messageCard(nowFor(alert, person, meta.policy), toldTo(alert, person, meta.policy), meta, person);
}

/** What is left of a message that a newer one has followed: one line. */
export function earlierCard(alert: Alert, meta: Meta): RenderedCard {
  const { card, drill } = wordsIn(meta.language);
  const number = run(meta.caseNumber, { fontType: 'monospace', weight: 'bolder' });
  const mark = alert.drill ? [run(`${drill} · `, { weight: 'bolder' })] : [];
  const text = paragraph([...mark, number, run(` · ${card.earlier}`, { isSubtle: true })], 'none');
  const open = actionSet([openButton(card.open, aboutOf(alert, meta))]);
  return adaptiveCard(speakOf(card.earlier, alert, meta), [
    {
      type: 'ColumnSet',
      columns: [
        { type: 'Column', width: 'stretch', verticalContentAlignment: 'center', items: [text] },
        { type: 'Column', width: 'auto', verticalContentAlignment: 'center', items: open },
      ],
    },
  ]);
}

function messageCard(name: NoteName | NowName, alert: Alert, meta: Meta, person?: PersonId): RenderedCard {
  const isUnseen = person !== undefined && unseenOf(alert).includes(person);
  if (name === 'failsafe' || name === 'failsafe-again' || name === 'in-hand') return switchboardCard(name, alert, meta, isUnseen);
  const words = wordsIn(meta.language);
  const { todo } = { ...words.notes, ...words.now }[name];
  const title = titleOf(name, alert, words);
  if (name === 'phone-reading-room') return roomCard(title, todo, alert, meta);
  const body = [
    ...drillOf(alert, words),
    head(alert, meta),
    saying(title, todoOf(name, todo, alert, meta), tones[name]),
    standing(alert, meta, 'told'),
    ...moreOf(name, alert, meta),
  ];
  const buttons = [openButton(words.card.open, aboutOf(alert, meta))];
  return adaptiveCard(speakOf(title, alert, meta), body, isToBeSeen(name, isUnseen) ? [...buttons, seenButton(alert, meta)] : buttons);
}

function titleOf(name: NoteName | NowName, alert: Alert, words: Words): string {
  return name === 'drill-ended' ? drillEndIn(alert, words) : { ...words.notes, ...words.now }[name].title;
}

/** Said on the message itself; whoever is called has seen it by taking it. */
function isToBeSeen(name: NoteName | NowName, isUnseen: boolean): boolean {
  if (name === 'withdrawn' || name === 'changed') return true;
  return isUnseen && name !== 'alert' && name !== 'repeat';
}

function todoOf(name: NoteName | NowName, todo: string, { readBack }: Alert, { language }: Meta): string {
  return name === 'phoned' && readBack?.recordedBy != null ? wordsIn(language).card.phonedBy(readBack.recordedBy.name) : todo;
}

/** Whoever sent it reads who is called; whoever has read it back, whom to speak with. */
function moreOf(name: NoteName | NowName, alert: Alert, meta: Meta): readonly Element[] {
  if (name === 'sent' || name === 'untaken') return [...whoIsCalled(alert, meta), callBack(meta)];
  if (name !== 'speak-now') return [callBack(meta)];
  const { name: who, phone } = declarerOf(alert, meta.policy);
  return [paragraph([run(wordsIn(meta.language).card.callBack(who, unbroken(phone)), { weight: 'bolder' })], 'medium')];
}

/** What is to be phoned, and whether somebody there has it in hand. */
function switchboardCard(note: 'failsafe' | 'failsafe-again' | 'in-hand', alert: Alert, meta: Meta, isUnseen: boolean): RenderedCard {
  const words = wordsIn(meta.language);
  const name = (alert.failsafe?.taken ?? null) === null ? note : 'in-hand';
  const { title, todo } = { ...words.notes, ...words.now }[name];
  const allows = (action: Right): boolean => action === 'take-failsafe' || action === 'record-attempt' || (isUnseen && action === 'seen');
  const buttons = actionsOf(alert, meta, { decide: false, ask: false, answer: false, allows });
  const body = [
    ...[...drillOf(alert, words), head(alert, meta), saying(title, todo, tones[name]), standing(alert, meta, 'phoned')],
    ...actionSet(buttons),
    ...whoIsCalled(alert, meta),
    callBack(meta),
  ];
  return adaptiveCard(speakOf(title, alert, meta), body);
}

/** For the switchboard, while nobody has judged it: whom to phone. */
function roomCard(title: string, todo: string, alert: Alert, meta: Meta): RenderedCard {
  const { names, policy } = meta;
  const people = alert.asked.people.map((person) => paragraph([run(`${names[person] ?? person}${phoneOf(person, policy)}`, {}, 200)], 'small'));
  const body = [head(alert, meta), saying(title, todo, tones['phone-reading-room']), callBack(meta, { weight: 'bolder' }), ...people];
  return adaptiveCard(speakOf(title, alert, meta), body);
}

function saying(title: string, todo: string, tone: Tone): Container {
  return container(tone, [textBlock(title, { weight: 'bolder' }), textBlock(todo, { spacing: 'small' })]);
}

function speakOf(title: string, alert: Alert, meta: Meta): string {
  const words = wordsIn(meta.language);
  const isMarked = title.startsWith(words.drill);
  return words.card.speak(`${alert.drill && !isMarked ? `${words.drill}: ` : ''}${title}`, meta.caseNumber, statusOf(alert, words));
}
