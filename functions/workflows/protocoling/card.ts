import { z } from 'zod/v4';
import { openButton } from '#cards/kit/ask.js';
import { badged } from '#cards/kit/badge.js';
import type { Badge } from '#cards/kit/badge.js';
import { adaptiveCard, container, paragraph, run, textBlock } from '#cards/kit/card.js';
import type { Action, ColumnSet, Container, Element, RenderedCard } from '#cards/kit/card.js';
import { firstThatFits } from '#cards/kit/fit.js';
import { receiptOf } from '#cards/kit/receipt.js';
import type { Alike, May } from '#core/workflow.js';
import type { Priority } from '#domain/modality.js';
import { AMOUNTS } from './card-amount.ts';
import { about, actionsOf } from './card-ask.ts';
import { orderSection, patientOf } from './card-order.ts';
import { questionBody, questionOver } from './card-question.ts';
import { appointmentLine, appointmentOf, closedBy, isBooked, noticesOf, statusOf, timeOf, wordsOf } from './card-status.ts';
import type { CardMeta } from './card-status.ts';
import { findingsOf, noticeSections, viewSections } from './card-view.ts';
import { isLookWanted } from './look.ts';
import { isOpened } from './state.ts';
import type { Opened, State } from './state.ts';

export type { CardMeta } from './card-status.ts';

/** Names of the private notes, as they stand in a tellPerson effect. */
export const noteName = z.enum([
  'question',
  'overdue',
  'rejected',
  'write-failed',
  'orderer-answered',
  'changed-after-approval',
  'question-lapsed',
  'question-not-told',
  'held-message',
  'images-arrived',
  'order-never-came',
  'ehr-write-failed',
  'entered-from-paper',
  'reminder',
  'on-duty',
  'not-looked-at',
  'card-not-shown',
  'handed-over',
  'handed-on',
  'hand-over-not-told',
  'taken-back',
  'left-all-the-same',
  'question-answered',
  'question-over',
  'view-over',
]);
export type NoteName = z.infer<typeof noteName>;

/** The card of the channel: no patient data, one button. Null where there is no card: nothing came yet, or only a cancel or a change. */
export function sharedCard(state: State, meta: CardMeta): RenderedCard | null {
  if (!isOpened(state)) return null;
  const { shared } = wordsOf(meta);
  const status = statusOf(state, meta);
  const notices = noticesOf(state, meta).map((notice) => container('warning', [textBlock(notice)], 'small'));
  const speak = shared.speak(kindOf(state, meta), meta.caseNumber, badgeOf(state.priority, meta).word, status.title);
  const open = openButton(shared.open, about(state, meta));
  // Nobody is expected to act any more: one line, so that what waits stands out in the channel.
  const closed = notices.length === 0 ? closedBy(state, meta) : null;
  if (closed !== null) return adaptiveCard(speak, [closedLine(state, closed, meta, open)]);
  const body = [head(state, meta), receiptOf({ ...status, lines: [...status.lines, ...bookedLine(state, meta)] }), ...notices, hint(meta)];
  const mentions = isLookWanted(state) ? [...(state.look.asked.at(-1)?.people ?? [])] : [];
  return { ...adaptiveCard(speak, body, [open]), ...(mentions.length === 0 ? {} : { mentions }) };
}

/** Number, what it is, who did what and when, and the button, beside one another; on a telephone the text takes several lines. */
function closedLine(state: Opened, closed: string, meta: CardMeta, open: Action): ColumnSet {
  const what = wordsOf(meta).shared.shortKind(state.order.modality);
  const number = run(meta.caseNumber, { fontType: 'monospace', weight: 'bolder' });
  const text = paragraph([number, run(` · ${what} · ${closed}`, {}, 400)], 'none');
  return {
    type: 'ColumnSet',
    columns: [
      { type: 'Column', width: 'stretch', verticalContentAlignment: 'center', items: [text] },
      { type: 'Column', width: 'auto', verticalContentAlignment: 'center', items: [{ type: 'ActionSet', actions: [open] }] },
    ],
  };
}

/** What the view of one person at one moment says besides the case. */
export interface Seeing {
  readonly notice?: string | undefined;
  readonly alike?: Alike | undefined;
}

/** One person's own view, for a dialog or their private chat. After the decision the receipt stands where the buttons were. */
export function personalView(state: Opened, meta: CardMeta, may: May, { notice, alike }: Seeing = {}): RenderedCard {
  const { view } = wordsOf(meta);
  const said = view.speak(kindOf(state, meta), meta.caseNumber);
  const speak = notice === undefined ? said : `${notice} ${said}`;
  const asOf = view.asOf(timeOf(meta.now, meta), state.revision);
  return firstThatFits(AMOUNTS, (amount) => {
    const body = [
      ...(notice === undefined ? [] : [container('warning', [textBlock(notice, { weight: 'bolder' })])]),
      head(state, meta, asOf),
      patientOf(state, meta),
      ...alikeLines(alike, meta),
      ...noticeSections(state, meta),
      ...orderSection(state, meta, amount),
      ...findingsOf(state, meta, amount),
      ...viewSections(state, meta, amount, may.least === true),
    ];
    const ask = actionsOf(state, meta, may, amount);
    return adaptiveCard(speak, [...body, ...ask.above], ask.buttons);
  });
}

/** Most case numbers that are named; with more of them the rest is counted. */
const MOST_ALIKE = 3;

/** Under the identifiers, since these are what must be compared. The other patient is not named: this person may not be allowed to see them. */
export function alikeLines(alike: Alike | undefined, meta: Pick<CardMeta, 'language'>): readonly Container[] {
  if (alike === undefined) return [];
  const { view } = wordsOf(meta);
  const { cases, complete } = alike;
  const named = cases.slice(0, MOST_ALIKE).join(', ');
  const lines = [
    ...(cases.length === 0 ? [] : [textBlock(view.alike(named, cases.length, Math.max(0, cases.length - MOST_ALIKE)), { weight: 'bolder' })]),
    ...(complete ? [] : [textBlock(view.alikeUnknown)]),
  ];
  return lines.length === 0 ? [] : [container('warning', lines, 'small')];
}

/** For the orderer's private chat: who it is about, the question, a field for the answer; what became of it once it is closed. */
export function questionCard(state: Opened, meta: CardMeta): RenderedCard {
  const { view, question } = wordsOf(meta);
  const asOf = view.asOf(timeOf(meta.now, meta), state.revision);
  return firstThatFits(AMOUNTS, (amount) => {
    const { body, buttons } = questionBody(state, meta, amount);
    return adaptiveCard(question.speak(meta.caseNumber), [head(state, meta, asOf), ...body], buttons);
  });
}

/** In the place of a question that needs no answer any more: what became of it, and no patient. */
export function questionOverCard(note: 'question-answered' | 'question-over', state: Opened, meta: CardMeta): RenderedCard {
  return adaptiveCard(wordsOf(meta).question.speak(meta.caseNumber), [head(state, meta), questionOver(note === 'question-answered', state, meta)]);
}

/** Notes of what somebody asked for, or of what went well. */
const calm: readonly NoteName[] = ['orderer-answered', 'reminder', 'handed-over', 'handed-on', 'view-over'];

/** A private note to coordinator or approver: what happened, what to do, "Open". No patient data; `question` is the question itself. */
export function noteCard(note: NoteName, state: Opened, meta: CardMeta): RenderedCard {
  if (note === 'question') return questionCard(state, meta);
  if (note === 'question-answered' || note === 'question-over') return questionOverCard(note, state, meta);
  const { notes, shared } = wordsOf(meta);
  const { title, todo } = notes[note];
  const status = statusOf(state, meta);
  const body = [
    head(state, meta),
    container(calm.includes(note) ? 'accent' : 'warning', [textBlock(title, { weight: 'bolder' }), textBlock(todo, { spacing: 'small' })]),
    paragraph([run([status.title, ...status.lines].map((line) => line.replace(/\.$/u, '')).join(' · '), { isSubtle: true }, 400)], 'small'),
  ];
  return adaptiveCard(notes.speak(title, meta.caseNumber), body, [openButton(shared.open, about(state, meta))]);
}

function head(state: Opened, meta: CardMeta, asOf = ''): ColumnSet {
  const number = run(meta.caseNumber, { fontType: 'monospace', weight: 'bolder' });
  const second = asOf === '' ? [number] : [number, run(`  ·  ${asOf}`, { isSubtle: true })];
  return badged(badgeOf(state.priority, meta), [
    textBlock(kindOf(state, meta), { style: 'heading', size: 'medium', weight: 'bolder' }),
    paragraph(second, 'none'),
  ]);
}

function bookedLine(state: Opened, meta: CardMeta): readonly string[] {
  const appointment = appointmentOf(state);
  return appointment !== null && isBooked(appointment) && state.status !== 'cancelled' ? [appointmentLine(appointment, meta)] : [];
}

function hint(meta: CardMeta): Element {
  return textBlock(wordsOf(meta).shared.hint(meta.caseNumber), { isSubtle: true, size: 'small', spacing: 'small' });
}

function badgeOf(priority: Priority | null, meta: CardMeta): Badge {
  const { urgency } = wordsOf(meta);
  if (priority === null) return { word: urgency.unknown, tone: 'emphasis' };
  const tones = { STAT: 'attention', URGENT: 'warning', ROUTINE: 'emphasis' } as const;
  return { word: urgency[priority], tone: tones[priority] };
}

export function kindOf(state: Opened, meta: Pick<CardMeta, 'language'>): string {
  return wordsOf(meta).shared.kind(state.order.modality);
}
