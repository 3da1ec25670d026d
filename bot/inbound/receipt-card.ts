import { plainButton } from '#cards/kit/ask.js';
import { adaptiveCard, textBlock } from '#cards/kit/card.js';
import { receiptOf } from '#cards/kit/receipt.js';
import type { Language } from '#core/language.js';
import { minutesBetween } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Next } from '#ports/desk.js';
import type { RenderedCard } from '#ports/people.js';
import { dialogWordsIn } from './dialog-words.ts';

/**
 * What stands in the dialog after an answer: what became of it, and the next case that waits for this person. The button opens that case's own view, with its
 * own identifiers and nothing chosen. No patient data.
 * @param next null: nothing waits; undefined: it could not be looked up; `unsaid`: neither is said
 */
export function receiptCard(said: string, next: Next | null | undefined | 'unsaid', now: Instant, language: Language | undefined): RenderedCard {
  const words = dialogWordsIn(language);
  const done = receiptOf({ tone: 'good', title: said, lines: [] });
  if (next === 'unsaid') return adaptiveCard(said, [done]);
  if (next == null) {
    const line = next === null ? words.nothingWaits : words.nextNotKnown;
    return adaptiveCard(`${said} ${line}`, [done, textBlock(line, { isSubtle: true })]);
  }
  const { urgency, since, caseNumber, revision } = next.row;
  const title = words.next(urgency, minutesBetween(since, now), next.waiting, next.orMore);
  return adaptiveCard(`${said} ${title}.`, [done], [plainButton(title, 'open', { caseNumber, revision })]);
}
