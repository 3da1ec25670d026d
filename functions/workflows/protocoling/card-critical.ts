import { askingButton, choiceInput, textInput } from '#cards/kit/ask.js';
import type { About } from '#cards/kit/ask.js';
import type { Action } from '#cards/kit/card.js';
import type { Words } from './words.ts';

/** Characters of a finding, as it is kept (domain/critical.ts). */
const LONGEST_FINDING = 500;

/** Writes a critical result of this order's exam: finding, category, side. It is not sent yet: the card that opens then has the one button that sends it. */
export function criticalButton(about: About, { critical }: Words): Action {
  const inputs = [
    textInput('criticalFinding', critical.finding, { required: critical.findingRequired, most: LONGEST_FINDING }),
    choiceInput('criticalCategory', critical.category, choicesOf(critical.categories), { required: null, placeholder: critical.byFinding }),
    choiceInput('criticalSide', critical.side, choicesOf(critical.sides), { required: null, placeholder: critical.noSide }),
  ];
  return askingButton(critical.button, 'declare-critical', about, inputs, critical.write);
}

function choicesOf(named: Readonly<Record<string, string>>) {
  return Object.entries(named).map(([value, title]) => ({ value, title }));
}
