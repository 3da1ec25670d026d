import { chatButton, textInput } from '#cards/kit/ask.js';
import { paragraph, run, textBlock, verbatim } from '#cards/kit/card.js';
import type { Action, Element } from '#cards/kit/card.js';
import { facts } from '#cards/kit/facts.js';
import { receiptOf } from '#cards/kit/receipt.js';
import { about } from './card-ask.ts';
import { patientOf, textOf } from './card-order.ts';
import { isWaiting, timeOf, wordsOf } from './card-status.ts';
import type { CardMeta } from './card-status.ts';
import type { Amount } from './card-amount.ts';
import type { Opened } from './state.ts';

/** The least that the orderer needs to answer: who, which exam, what is asked by whom. Closed: what became of it, and no patient any more. */
export function questionBody(
  state: Opened,
  meta: CardMeta,
  amount: Amount,
): { readonly body: readonly Element[]; readonly buttons: readonly Action[] } {
  const { ask, question: said, view } = wordsOf(meta);
  const { question } = state;
  if (question === null || !isWaiting(state)) return { body: [closedBy(state, meta)], buttons: [] };
  const exam = textOf(state.order.procedure);
  const body = [
    patientOf(state, meta),
    textBlock(said.title(question.by.name), { weight: 'bolder', size: 'medium' }),
    paragraph([verbatim(question.text, {}, 1200)], 'small'),
    ...facts([
      { label: said.exam, value: run(exam === '' ? view.noProcedure : exam, {}, amount.text).text },
      { label: said.asked, value: timeOf(question.at, meta) },
    ]),
    textInput('answerText', ask.answerLabel, { required: ask.answerRequired }),
  ];
  return { body, buttons: [chatButton(ask.answerSend, 'answer-question', about(state, meta))] };
}

function closedBy(state: Opened, meta: CardMeta): Element {
  const { question: said } = wordsOf(meta);
  const last = state.exchanges.at(-1);
  if (state.status === 'cancelled') return receiptOf({ tone: 'emphasis', title: said.closed, lines: [said.closedCancelled] });
  if (last !== undefined && isWaiting(state)) return receiptOf({ tone: 'good', title: said.answered(last.answeredBy.name), lines: [said.thanks] });
  const line = isWaiting(state) || state.status === 'gathering' || state.status === 'proposing' ? said.closedLapsed : said.closedDecided;
  return receiptOf({ tone: 'emphasis', title: said.closed, lines: [line] });
}
