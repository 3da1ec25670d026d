import { plainButton } from '#cards/kit/ask.js';
import { adaptiveCard, container, paragraph, run } from '#cards/kit/card.js';
import type { CaseNumber } from '#core/ids.js';
import type { Language } from '#core/language.js';
import type { RenderedCard } from '#ports/people.js';
import { dialogWordsIn } from './dialog-words.ts';

/** What was to reach a clinician and did not, with whom to phone now: it stands until somebody closes it. The button opens the case as it is now. No patient data. */
export function notSentCard(
  said: string,
  about: { readonly caseNumber: CaseNumber; readonly revision: number },
  language: Language | undefined,
): RenderedCard {
  const { open } = dialogWordsIn(language).notSent;
  const line = paragraph([run(said, { weight: 'bolder', size: 'large' }, 600)], 'none');
  return adaptiveCard(said, [container('attention', [line])], [plainButton(open, 'open', about)]);
}
