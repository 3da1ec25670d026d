import type { Named } from '#domain/utterance.js';

/** Why an endpoint's answer was not used; the embedded model's stands. */
export const unusable = ['late', 'not-reached', 'refused', 'too-long', 'not-in-form', 'not-verbatim', 'resting'] as const;
export type Unusable = (typeof unusable)[number];

/** What a language model at an address of the site's makes of a sentence: a name and words of the sentence, and no power. */
export interface Understanding {
  /** @param text minimised (models/intents/minimised.ts). Never throws. */
  ask(text: string): Promise<{ readonly ok: true; readonly named: Named } | { readonly ok: false; readonly why: Unusable }>;
}
