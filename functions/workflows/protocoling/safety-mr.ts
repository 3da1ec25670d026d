import { affirmed } from '#domain/text.js';
import { cited, says, wordsOf } from './safety-look.ts';
import type { Check, Cited, Look } from './safety-look.ts';

const isMr = (look: Look): boolean => look.modality === 'MR' || look.protocol?.modality === 'MR';
const stories = ['indication', 'problem', 'note', 'allergy'] as const;

function unsafe(look: Look): readonly Cited[] {
  const row = look.content.safety.find((one) => one.ruleId === 'mr-unsafe-implant');
  return row === undefined ? [] : cited(look, wordsOf(row, 'unsafe'), stories);
}

/** A statement with a question mark, or one that nobody is sure of, settles nothing. */
function isCertain({ hit, source }: Cited): boolean {
  const { text } = source.read;
  const before = text.slice(Math.max(0, hit.start - 24), hit.start);
  const after = text.slice(hit.end, hit.end + 24);
  return (
    !/\?\s*$|\b(?:unsure|unknown|not sure|unclear|if|whether|maybe|possibly|thinks|confirm|verify)\b[^.]*$/iu.test(before) &&
    !/^\s*(?:\?|status|unknown|unclear|unsure|unverified|not known)/iu.test(after)
  );
}

export const mrChecks: readonly Check[] = [
  {
    rule: 'mr-unsafe-implant',
    asked: isMr,
    needs: ['problems'],
    find: (look) => citations(unsafe(look)),
  },
  {
    rule: 'mr-implant-unknown',
    asked: isMr,
    needs: ['problems'],
    find: (look, row) => {
      if (unsafe(look).length > 0) return null;
      const cleared = cited(look, wordsOf(row, 'conditional'), stories).some(isCertain);
      const devices = cleared
        ? []
        : cited(look, wordsOf(row, 'devices'), stories).filter(
            (one) => !(one.hit.text.toLowerCase().includes('clip') && says(one.source, wordsOf(row, 'harmless'), look)),
          );
      const eyeCleared = look.sources.some(
        (source) =>
          affirmed(source.read, wordsOf(row, 'eyeCleared'), look.content.vocabulary).length > 0 ||
          (says(source, wordsOf(row, 'eyeFilms'), look) && affirmed(source.read, wordsOf(row, 'filmClear'), look.content.vocabulary).length > 0),
      );
      const eye = eyeCleared ? [] : cited(look, wordsOf(row, 'eyeMetal'), stories);
      return citations([...devices, ...eye]);
    },
  },
  {
    rule: 'claustrophobia',
    asked: isMr,
    needs: [],
    find: (look, row) => citations(cited(look, wordsOf(row, 'claustrophobia'), stories)),
  },
];

function citations(found: readonly Cited[]): readonly string[] | null {
  return found.length === 0 ? null : found.map((one) => one.cite);
}
