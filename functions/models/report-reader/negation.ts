import { saidIn } from './assertion.ts';
import { linesOf } from './lines.ts';
import type { Patterns } from './pattern.ts';
import type { Negation } from './reading.ts';
import type { Section } from './sections.ts';
import { sentencesOf } from './sentences.ts';
import { bit } from './triggers.ts';
import type { Triggers } from './triggers.ts';
import { folded, wordsOf } from './words.ts';
import type { Token } from './words.ts';

interface Kit {
  readonly patterns: Patterns;
  readonly triggers: Triggers;
  readonly abbreviations: ReadonlySet<string>;
}

/** What a text says of a concept that stands in it; nothing where it does not. What has gone counts as negated. */
export function negation(concept: string, text: string, { patterns, triggers, abbreviations }: Kit): Negation {
  const whole: Section = { kind: 'findings', heading: '', start: 0, end: text.length };
  const flags = saidOfConcept();
  return {
    negated: (flags & (bit.negated | bit.resolved)) !== 0,
    uncertain: (flags & (bit.uncertain | bit.open)) !== 0,
    historical: (flags & bit.historical) !== 0,
  };

  function saidOfConcept(): number {
    let first: number | null = null;
    for (const { start, end } of [...sentencesOf(text, [whole], linesOf(text), abbreviations), whole]) {
      const tokens = patterns.recognise(wordsOf(text, start, end));
      const place = placeOf(concept, text, tokens);
      if (place === null) continue;
      const said = saidIn(tokens, patterns.find(tokens), [place], triggers);
      const flagsHere = said.whole | (said.on[place.from] ?? 0) | (said.back[place.to - 1] ?? 0);
      if (place.marked) return flagsHere;
      first ??= flagsHere;
    }
    return first ?? 0;
  }
}

/** Where a concept stands in a sentence; a place in capitals before others (the NegEx set marks it so). */
function placeOf(
  concept: string,
  sentence: string,
  tokens: readonly Token[],
): { readonly from: number; readonly to: number; readonly marked: boolean } | null {
  const raw = wordsOf(concept, 0, concept.length).map(({ word }) => word);
  if (raw.length === 0) return null;
  const wanted = raw.join('');
  const upper = concept.replaceAll(/\s+/gu, ' ').trim().toUpperCase();
  let best: { from: number; to: number; marked: boolean } | null = null;
  for (let from = 0; from < tokens.length; from += 1) {
    let joined = '';
    for (let to = from; to < tokens.length && joined.length < wanted.length; to += 1) {
      const one = tokens[to];
      joined += one === undefined ? '' : folded(sentence.slice(one.start, one.end).replaceAll(/[\s-]/gu, ''));
      if (joined !== wanted) continue;
      best ??= { from, to: to + 1, marked: false };
      const said = sentence.slice(tokens[from]?.start, one?.end).replaceAll(/\s+/gu, ' ');
      if (said === upper && said !== said.toLowerCase()) return { from, to: to + 1, marked: true };
    }
  }
  return best;
}
