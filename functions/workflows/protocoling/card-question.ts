import { chatButton, textInput } from '#cards/kit/ask.js';
import { paragraph, run, textBlock, verbatim } from '#cards/kit/card.js';
import type { Action, Element } from '#cards/kit/card.js';
import { facts } from '#cards/kit/facts.js';
import { receiptOf } from '#cards/kit/receipt.js';
import { about } from './card-ask.ts';
import { patientOf, textOf } from './card-order.ts';
import { timeOf, wordsOf } from './card-status.ts';
import type { CardMeta } from './card-status.ts';
import type { Amount } from './card-amount.ts';
import { isUndecided } from './state.ts';
import type { Opened } from './state.ts';

/** The least that the orderer needs to answer: who, which exam, what is asked by whom. */
export function questionBody(
  state: Opened,
  meta: CardMeta,
  amount: Amount,
): { readonly body: readonly Element[]; readonly buttons: readonly Action[] } {
  const { ask, question: said, view } = wordsOf(meta);
  const { question } = state;
  if (question === null) return { body: [questionOver(false, state, meta)], buttons: [] };
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

/** What became of a question. */
export function questionOver(isAnswered: boolean, state: Opened, meta: CardMeta): Element {
  const { question: said } = wordsOf(meta);
  const last = state.exchanges.at(-1);
  if (isAnswered && last !== undefined) return receiptOf({ tone: 'good', title: said.answered(last.answeredBy.name), lines: [said.thanks] });
  if (state.status === 'cancelled') return receiptOf({ tone: 'emphasis', title: said.closed, lines: [said.closedCancelled] });
  const line = isUndecided(state) ? said.closedLapsed : said.closedDecided;
  return receiptOf({ tone: 'emphasis', title: said.closed, lines: [line] });
}
