import { openButton } from '#cards/kit/ask.js';
import { badged } from '#cards/kit/badge.js';
import { adaptiveCard, container, paragraph, run, textBlock, verbatim } from '#cards/kit/card.js';
import type { ColumnSet, Element, RenderedCard } from '#cards/kit/card.js';
import { facts } from '#cards/kit/facts.js';
import { firstThatFits } from '#cards/kit/fit.js';
import { receiptOf } from '#cards/kit/receipt.js';
import type { Order } from '#domain/order.js';
import { AMOUNTS } from './card-amount.ts';
import type { Amount } from './card-amount.ts';
import { alikeLines } from './card.ts';
import type { Seeing } from './card.ts';
import { bannerOf, numbersOf, textOf } from './card-order.ts';
import { timeOf, wordsOf } from './card-status.ts';
import type { CardMeta } from './card-status.ts';
import { lookUp } from './look-up.ts';
import type { Opened, State } from './state.ts';

/** What came without its order, for whoever has to look for it. */
export type EarlyState = Exclude<State, Opened | { status: 'none' }>;

/** A private note about it: no patient data. */
export function earlyNote(note: 'held-message' | 'order-never-came', state: EarlyState, meta: CardMeta): RenderedCard {
  const { notes, shared } = wordsOf(meta);
  const { title, todo } = notes[note];
  const body = [head(state, meta), container('warning', [textBlock(title, { weight: 'bolder' }), textBlock(todo, { spacing: 'small' })])];
  return adaptiveCard(notes.speak(title, meta.caseNumber), body, [openButton(shared.open, { caseNumber: meta.caseNumber, revision: 0 })]);
}

/** One person's own view of it: who it names, what it says. There is nothing to decide. */
export function earlyView(state: EarlyState, meta: CardMeta, { notice, alike }: Seeing = {}): RenderedCard {
  const { view, early } = wordsOf(meta);
  const asOf = early.asOf(timeOf(meta.now, meta));
  const held = [...new Set(state.held.map(({ reason }) => reason))].map((reason) =>
    receiptOf({ tone: 'attention', title: view.heldTitle, lines: [lookUp(view.heldLines, reason, '')] }),
  );
  return firstThatFits(AMOUNTS, (amount) => {
    const shown = state.parked.slice(0, amount.items);
    const left = state.parked.length - shown.length;
    const body = [
      ...(notice === undefined ? [] : [container('warning', [textBlock(notice, { weight: 'bolder' })])]),
      head(state, meta, asOf),
      ...alikeLines(alike, meta),
      ...held,
      statusOf(state, meta),
      ...(state.status === 'cancelled-before-order' && state.order !== null ? orderSection(state.order, early.message.cancel, meta, amount) : []),
      ...shown.flatMap(({ verb, order, stamp }) => orderSection(order, `${early.message[verb]}, ${timeOf(stamp.at, meta)}`, meta, amount)),
      ...(left > 0 ? [textBlock(early.more(left), { weight: 'bolder' })] : []),
    ];
    return adaptiveCard(early.speak(kindOf(state, meta), meta.caseNumber), body);
  });
}

function statusOf(state: EarlyState, meta: CardMeta): Element {
  const { early } = wordsOf(meta);
  if (state.status === 'cancelled-before-order') return receiptOf({ tone: 'emphasis', title: early.cancelled, lines: [early.cancelledLine] });
  return state.surfaced
    ? receiptOf({ tone: 'warning', title: early.neverCame, lines: [early.neverCameLine] })
    : receiptOf({ tone: 'emphasis', title: early.waits, lines: [] });
}

/** @param what says which message it was. */
function orderSection(order: Order, what: string, meta: CardMeta, amount: Amount): readonly Element[] {
  const { view, question } = wordsOf(meta);
  const exam = textOf(order.procedure);
  return [
    bannerOf(order.patient, null, meta),
    paragraph([run(what, { weight: 'bolder' })], 'small'),
    ...facts([
      { label: question.exam, value: exam === '' ? '' : run(exam, {}, amount.text).text },
      { label: view.indication, value: order.indication === null ? '' : [verbatim(order.indication, {}, amount.text * 2)] },
      { label: view.orderedBy, value: order.orderingProvider?.name ?? '' },
      { label: view.numbers, value: numbersOf(order, meta) },
    ]),
  ];
}

function head(state: EarlyState, meta: CardMeta, asOf = ''): ColumnSet {
  const number = run(meta.caseNumber, { fontType: 'monospace', weight: 'bolder' });
  return badged({ word: wordsOf(meta).early.badge, tone: 'warning' }, [
    textBlock(kindOf(state, meta), { style: 'heading', size: 'medium', weight: 'bolder' }),
    paragraph(asOf === '' ? [number] : [number, run(`  ·  ${asOf}`, { isSubtle: true })], 'none'),
  ]);
}

export function kindOf({ status }: EarlyState, meta: Pick<CardMeta, 'language'>): string {
  const { early } = wordsOf(meta);
  return status === 'changed-before-order' ? early.change : early.cancel;
}
