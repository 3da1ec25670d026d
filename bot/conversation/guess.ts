import { caseNumber } from '#core/ids.js';
import type { Guess } from './heard.ts';

const wants: readonly (readonly [Guess['kind'], RegExp])[] = [
  ['approve', /\b(?:approve[ds]?|accept|confirm|sign\s+off|looks?\s+(?:good|right|fine)|go\s+ahead|agree)\b/iu],
  ['reject', /\b(?:reject|decline|refuse|cancel|turn\s+down)\b/iu],
  ['use', /\b(?:use|choose|take|switch|change)\b/iu],
  ['ask', /\bask\b/iu],
  ['show', /\b(?:show|open|look|see|view|tell\s+me\s+about|what\s+about|details?)\b/iu],
  ['waiting', /\b(?:waiting|pending|queue|worklist|to\s+do|left|outstanding)\b/iu],
];

/** Words after which a sentence may be a refusal, a condition, a report or a quotation: then nothing is guessed. */
const doubtful =
  /\b(?:not|never|don['’]?t|doesn['’]?t|didn['’]?t|won['’]?t|can['’]?t|cannot|no|nobody|without|if|unless|when|would|should|might|maybe|said|says|told|wants?|wanted|thinks?|asked|asking|heard|according|already|all|every\w*|both)\b|["“”«»>]/iu;

/**
 * What somebody seems to want, in freer words; pure. Never acted on: it only lets the bot ask back with the exact words.
 * Null: no idea, or reason to doubt.
 */
export function guess(text: string): Guess | null {
  if (doubtful.test(text)) return null;
  const numbers = new Set((text.toUpperCase().match(/\b[A-Z0-9]{6,7}\b/gu) ?? []).filter((word) => caseNumber.safeParse(word).success));
  if (numbers.size > 1) return null;
  const kind = wants.find(([, words]) => words.test(text))?.[0];
  if (kind === undefined) return null;
  const [only] = numbers;
  return { kind, caseNumber: only === undefined ? null : caseNumber.parse(only) };
}
