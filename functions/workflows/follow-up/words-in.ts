import type { Language } from '#core/language.js';
import { spanish } from './words-es.ts';
import { english } from './words.ts';
import type { Words } from './words.ts';

const languages: Readonly<Record<Language, Words>> = { en: english, es: spanish };

/** @param language left out: English */
export function wordsIn(language: Language = 'en'): Words {
  return languages[language];
}
