import type { SafetyRule } from '#domain/content.js';
import { affirmed, findTerms, sentenceAround } from '#domain/text.js';
import type { ReadText } from '#domain/text.js';
import { readText } from '#domain/text.js';
import { cite, cited, daysOld, numberOf, says, wordsOf } from './safety-look.ts';
import type { Check, Look, Source } from './safety-look.ts';

/** A reaction of the class of contrast that is wanted: the sentence, and what it says. */
interface Reaction {
  readonly cite: string;
  readonly read: ReadText;
}

/** Entries of the allergy list, and sentences of notes that name agent and reaction together. */
function reactions(look: Look, row: SafetyRule): readonly Reaction[] {
  return look.sources.flatMap((source) => (source.from === 'medication' ? [] : inSource(source, look, row)));
}

function inSource(source: Source, look: Look, row: SafetyRule): Reaction[] {
  const { vocabulary } = look.content;
  const listed = source.from === 'allergy';
  const hits = ['agents', 'unspecified'].flatMap((name) => affirmed(source.read, wordsOf(row, name), vocabulary));
  const sentences = listed ? [source.read.text] : [...new Set(hits.map((hit) => sentenceAround(source.read.text, hit.start, hit.end)))];
  return sentences.flatMap((sentence) => {
    const read = readText(sentence, vocabulary);
    return isReaction(read, listed, look, row)
      ? [{ cite: `${listed ? 'Allergy list' : (cite(source, hits[0] ?? nowhere).split(':')[0] ?? '')}: “${sentence}”`, read }]
      : [];
  });
}

const nowhere = { term: '', text: '', start: 0, end: 0, from: 0, to: 0, negated: false };

function isReaction(read: ReadText, listed: boolean, look: Look, row: SafetyRule): boolean {
  const { vocabulary } = look.content;
  const has = (name: string) => affirmed(read, wordsOf(row, name), vocabulary).length > 0;
  const named = has('agents') || (has('unspecified') && !has('notAnAgent'));
  if (!named || findTerms(read, wordsOf(row, 'never'), vocabulary).length > 0) return false;
  if (has('reactions')) return true;
  // Warmth and nausea are no hypersensitivity; an entry of the allergy list that says nothing further is one of unknown grade.
  return listed && !has('physiologic') && findTerms(read, wordsOf(row, 'tolerated'), vocabulary).length === 0;
}

function rowFor(look: Look, ruleId: string): readonly Reaction[] {
  const row = look.content.safety.find((one) => one.ruleId === ruleId);
  return row === undefined ? [] : reactions(look, row);
}

const needsIodine = (look: Look): boolean => look.iodinated || look.iodinatedElsewhere;

/** Thyroid nuclear medicine, by the words of the procedure. */
function isThyroidScan(look: Look): boolean {
  const row = look.content.safety.find((one) => one.ruleId === 'thyroid');
  return look.modality === 'NM' && row !== undefined && findTerms(look.read.exam.read, wordsOf(row, 'scans'), look.content.vocabulary).length > 0;
}

export const contrastChecks: readonly Check[] = [
  {
    rule: 'contrast-allergy-iodinated',
    asked: needsIodine,
    needs: ['allergies'],
    find: (look, row) => citations(reactions(look, row)),
  },
  {
    rule: 'contrast-allergy-gadolinium',
    asked: (look) => look.gadolinium,
    needs: ['allergies'],
    find: (look, row) => citations(reactions(look, row)),
  },
  {
    rule: 'premedication-needed',
    asked: (look) => needsIodine(look) || look.gadolinium,
    needs: ['allergies'],
    find: (look, row) => {
      const { vocabulary } = look.content;
      const all = [
        ...(needsIodine(look) ? rowFor(look, 'contrast-allergy-iodinated') : []),
        ...(look.gadolinium ? rowFor(look, 'contrast-allergy-gadolinium') : []),
      ];
      const graded = all.filter(
        ({ read }) => affirmed(read, wordsOf(row, 'severe'), vocabulary).length > 0 || affirmed(read, wordsOf(row, 'mild'), vocabulary).length === 0,
      );
      return citations(graded);
    },
  },
  {
    rule: 'lactation',
    asked: (look) => look.iodinated || look.gadolinium || look.radiotracer,
    needs: [],
    find: (look, row) => citations(cited(look, wordsOf(row, 'lactation'), ['indication', 'problem', 'note'])),
  },
  {
    rule: 'thyroid',
    asked: (look) => look.iodinated || isThyroidScan(look),
    needs: ['problems'],
    find: (look, row) => citations(look.iodinated ? overactive(look, row) : iodineBefore(look, row)),
  },
  {
    rule: 'weight-missing',
    asked: (look) => (look.iodinated || look.gadolinium || look.radiotracer) && look.read.ageYears !== null && look.read.ageYears < ageLimit(look),
    needs: ['weight'],
    find: ({ context, read }) =>
      context === null || context.missing.includes('weight') || context.weightKg !== null
        ? null
        : [`Age ${read.ageYears ?? 'not known'} years, no weight`],
  },
];

function ageLimit(look: Look): number {
  const row = look.content.safety.find((one) => one.ruleId === 'weight-missing');
  return row === undefined ? 18 : numberOf(row, 'ageBelow');
}

function overactive(look: Look, row: SafetyRule): readonly { readonly cite: string }[] {
  const treated = wordsOf(row, 'treated');
  return cited(look, wordsOf(row, 'atRisk'), ['indication', 'problem', 'note', 'medication']).filter((one) => !says(one.source, treated, look));
}

/** Iodine given before a thyroid scan: a contrast study of the last weeks, or amiodarone. */
function iodineBefore(look: Look, row: SafetyRule): readonly { readonly cite: string }[] {
  const recent = (look.context?.priors ?? []).filter((prior) => {
    const days = daysOld(prior.date, look.today);
    return (
      days !== null &&
      days <= numberOf(row, 'iodineWithinDays') &&
      /\bCT/iu.test(`${prior.modality} ${prior.text}`) &&
      !/\bw\/?o\b(?!.*\bw\b)|without/iu.test(prior.text)
    );
  });
  return [
    ...recent.map((prior) => ({ cite: `Earlier study: ${prior.text}, ${prior.date ?? ''}` })),
    ...cited(look, wordsOf(row, 'amiodarone'), ['medication', 'problem', 'note', 'indication']),
  ];
}

function citations(found: readonly { readonly cite: string }[]): readonly string[] | null {
  return found.length === 0 ? null : found.map((one) => one.cite);
}
