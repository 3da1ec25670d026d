import { container, paragraph, run } from './card.ts';
import type { Container, Tone } from './card.ts';

/** Who did what and when, in place of the buttons. `lines` say what it means now: where the answer is, what happens next. */
export interface Receipt {
  readonly tone: Tone;
  readonly title: string;
  readonly lines: readonly string[];
}

export function receiptOf(receipt: Receipt): Container {
  const lines = receipt.lines.map((line) => paragraph([run(line, {}, 600)], 'small'));
  return container(receipt.tone, [paragraph([run(receipt.title, { weight: 'bolder' })], 'none'), ...lines]);
}
