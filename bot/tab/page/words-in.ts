import { spanish } from './words-es.ts';
import { english } from './words.ts';
import type { Words } from './words.ts';

/** @param language of the person, or of the browser: `es`, `es-MX`, anything else is English */
export function wordsIn(language: string): Words {
  return language.toLowerCase().startsWith('es') ? spanish : english;
}
