import { askingButton, textInput } from '#cards/kit/ask.js';
import { adaptiveCard, textBlock } from '#cards/kit/card.js';
import type { Language } from '#core/language.js';
import type { Opened } from '#ports/desk.js';
import type { RenderedCard } from '#ports/people.js';
import { dialogWordsIn } from './dialog-words.ts';

/** What somebody sees of a critical result that they were not called for: why not, and the button to take it over with a reason. No patient data. */
export function takeOverCard(
  why: string,
  about: NonNullable<Extract<Opened, { ok: false }>['mayTakeOver']>,
  language: Language | undefined,
): RenderedCard {
  const { takeOver } = dialogWordsIn(language);
  const reason = textInput('overReason', takeOver.reason, { required: takeOver.required });
  return adaptiveCard(why, [textBlock(why)], [askingButton(takeOver.button, 'take-over', about, [reason], takeOver.confirm)]);
}
