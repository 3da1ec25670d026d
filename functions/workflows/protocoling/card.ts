import { z } from 'zod/v4';
import { openButton } from '#cards/kit/ask.js';
import { badged } from '#cards/kit/badge.js';
import type { Badge } from '#cards/kit/badge.js';
import { adaptiveCard, container, paragraph, run, textBlock } from '#cards/kit/card.js';
import type { ColumnSet, Element, RenderedCard } from '#cards/kit/card.js';
import { firstThatFits } from '#cards/kit/fit.js';
import { receiptOf } from '#cards/kit/receipt.js';
import { formatDayTime } from '#cards/kit/text.js';
import type { May } from '#core/workflow.js';
import type { Priority } from '#domain/modality.js';
import { AMOUNTS } from './card-amount.ts';
import { about, actionsOf } from './card-ask.ts';
import { orderSection, patientOf } from './card-order.ts';
import { questionBody } from './card-question.ts';
import { appointmentLine, appointmentOf, isBooked, noticesOf, statusOf } from './card-status.ts';
import type { CardMeta } from './card-status.ts';
import { findingsOf, noticeSections, viewSections } from './card-view.ts';
import { isOpened } from './state.ts';
import type { Opened, State } from './state.ts';
import { words } from './words.ts';

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
  'held-message',
  'images-arrived',
  'order-never-came',
  'ehr-write-failed',
  'entered-from-paper',
]);
export type NoteName = z.infer<typeof noteName>;

/** The card of the channel: no patient data, one button. Null where there is no card: nothing came yet, or only a cancel or a change. */
export function sharedCard(state: State, meta: CardMeta): RenderedCard | null {
  if (!isOpened(state)) return null;
  const { shared } = words;
  const status = statusOf(state, meta);
  const notices = noticesOf(state, meta).map((notice) => container('warning', [textBlock(notice)], 'small'));
  const body = [head(state, meta.caseNumber), receiptOf({ ...status, lines: [...status.lines, ...bookedLine(state, meta)] }), ...notices, hint(meta)];
  const speak = shared.speak(kindOf(state), meta.caseNumber, badgeOf(state.priority).word, status.title);
  return adaptiveCard(speak, body, [openButton(shared.open, about(state, meta))]);
}

/** One person's own view, for a dialog or their private chat. After the decision the receipt stands where the buttons were. */
export function personalView(state: Opened, meta: CardMeta, may: May): RenderedCard {
  const { view } = words;
  const speak = view.speak(kindOf(state), meta.caseNumber);
  const asOf = view.asOf(formatDayTime(meta.now, meta.zone), state.revision);
  return firstThatFits(AMOUNTS, (amount) => {
    const body = [
      head(state, meta.caseNumber, asOf),
      patientOf(state, meta.now),
      ...noticeSections(state, meta),
      ...orderSection(state, meta, amount),
      ...findingsOf(state, amount),
      ...viewSections(state, meta, amount),
    ];
    const ask = actionsOf(state, meta, may, amount);
    return adaptiveCard(speak, [...body, ...ask.above], ask.buttons);
  });
}

/** For the orderer's private chat: who it is about, the question, a field for the answer; what became of it once it is closed. */
export function questionCard(state: Opened, meta: CardMeta): RenderedCard {
  const asOf = words.view.asOf(formatDayTime(meta.now, meta.zone), state.revision);
  return firstThatFits(AMOUNTS, (amount) => {
    const { body, buttons } = questionBody(state, meta, amount);
    return adaptiveCard(words.question.speak(meta.caseNumber), [head(state, meta.caseNumber, asOf), ...body], buttons);
  });
}

/** A private note to coordinator or approver: what happened, what to do, "Open". No patient data; `question` is the question itself. */
export function noteCard(note: NoteName, state: Opened, meta: CardMeta): RenderedCard {
  if (note === 'question') return questionCard(state, meta);
  const { notes, shared } = words;
  const { title, todo } = notes[note];
  const status = statusOf(state, meta);
  const body = [
    head(state, meta.caseNumber),
    container(note === 'orderer-answered' ? 'accent' : 'warning', [textBlock(title, { weight: 'bolder' }), textBlock(todo, { spacing: 'small' })]),
    paragraph([run([status.title, ...status.lines].join(' · '), { isSubtle: true }, 400)], 'small'),
  ];
  return adaptiveCard(notes.speak(title, meta.caseNumber), body, [openButton(shared.open, about(state, meta))]);
}

function head(state: Opened, caseNumber: string, asOf = ''): ColumnSet {
  const number = run(caseNumber, { fontType: 'monospace', weight: 'bolder' });
  const second = asOf === '' ? [number] : [number, run(`  ·  ${asOf}`, { isSubtle: true })];
  return badged(badgeOf(state.priority), [
    textBlock(kindOf(state), { style: 'heading', size: 'medium', weight: 'bolder' }),
    paragraph(second, 'none'),
  ]);
}

function bookedLine(state: Opened, { zone }: CardMeta): readonly string[] {
  const appointment = appointmentOf(state);
  return appointment !== null && isBooked(appointment) && state.status !== 'cancelled' ? [appointmentLine(appointment, zone)] : [];
}

function hint({ caseNumber }: CardMeta): Element {
  return textBlock(words.shared.hint(caseNumber), { isSubtle: true, size: 'small', spacing: 'small' });
}

function badgeOf(priority: Priority | null): Badge {
  const { urgency } = words;
  if (priority === null) return { word: urgency.unknown, tone: 'emphasis' };
  const tones = { STAT: 'attention', URGENT: 'warning', ROUTINE: 'emphasis' } as const;
  return { word: urgency[priority], tone: tones[priority] };
}

function kindOf(state: Opened): string {
  return words.shared.kind(state.order.modality);
}
