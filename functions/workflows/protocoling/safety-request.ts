import { applies } from '#domain/condition.js';
import { examRegion, readExam } from '#domain/exam.js';
import type { SafetyRule } from '#domain/content.js';
import type { PriorStudy } from '#domain/context.js';
import type { Flag } from '#domain/protocol.js';
import { affirmed, durationsInDays, findTerms, readText } from '#domain/text.js';
import { coversRegion, daysOld, numberOf, wordsOf } from './safety-look.ts';
import type { Check, Look } from './safety-look.ts';

/** Is there a clinical word left when filler, parts of the body and placeholders are taken away? */
function saysNothing(look: Look, row: SafetyRule): boolean {
  const { vocabulary } = look.content;
  const { tokens } = look.read.indication;
  const find = (name: string) => findTerms(look.read.indication, wordsOf(row, name), vocabulary);
  const parts = find('parts');
  const gone = new Set<number>();
  for (const hit of [...parts, ...find('empty'), ...find('filler')]) for (let i = hit.from; i < hit.to; i += 1) gone.add(i);
  // "per Dr. Smith": a name is no reason.
  tokens.forEach((token, i) => {
    if (token.word === 'dr' || token.word === 'doctor') gone.add(i + 1);
  });
  const left = tokens.filter((token, i) => !gone.has(i) && /\p{L}{2}/u.test(token.raw));
  if (left.reduce((sum, token) => sum + token.raw.length, 0) >= numberOf(row, 'fewestLetters')) return false;
  // "knee pain" is little, but it is a reason; "pain" is none.
  return !(find('complaints').length > 0 && parts.length > 0);
}

/** A prior of the same modality that covers the same part in the same manner. */
function isSameKind(prior: PriorStudy, look: Look): boolean {
  const { vocabulary } = look.content;
  const { exam } = look.read;
  const read = readText(prior.text, vocabulary);
  const before = readExam({ ...look.order, procedure: { code: '', text: prior.text, system: '' }, procedures: [], modality: null }, vocabulary);
  const region = examRegion(read, vocabulary);
  const modality = prior.modality === '' ? before.modality : prior.modality;
  if (exam.modality === null || exam.region === null || region === null || modality !== exam.modality) return false;
  if (region !== exam.region && !coversRegion(region, exam.region, look)) return false;
  const differs = (pattern: RegExp) => pattern.test(prior.text) !== pattern.test(exam.read.text);
  if (differs(/\b(?:CTA|MRA|MRV|CTV|angio|runoff|venogram)\b/iu) || differs(/\b(?:screen|screening|scr)\b/iu) || differs(/\b(?:calcium|CAC)\b/iu))
    return false;
  if (exam.side !== null && before.side !== null && exam.side !== 'both' && before.side !== 'both' && exam.side !== before.side) return false;
  if (exam.modality === 'CT' || exam.modality === 'MR' || exam.modality === 'XR' || exam.modality === 'MG') return true;
  const words = new Set(read.tokens.map((token) => token.word).filter((word) => word.length > 2));
  return exam.read.tokens.some((token) => words.has(token.word) && token.word !== 'doppler');
}

/** "6 wk f/u" after six weeks: the interval was meant. */
function planned(days: number, look: Look): boolean {
  return durationsInDays(look.read.indication.text).some((named) => named >= 14 && Math.abs(named - days) <= named / 4);
}

export const requestChecks: readonly Check[] = [
  {
    rule: 'missing-indication',
    asked: () => true,
    needs: [],
    find: (look, row) => (saysNothing(look, row) ? [`Indication: “${look.read.indication.text}”`] : null),
  },
  {
    rule: 'duplicate-study',
    asked: (look) => look.read.exam.modality !== null && !['S'].includes(look.order.priority ?? ''),
    needs: ['priors'],
    find: (look, row) => {
      const { exam, indication } = look.read;
      if (affirmed(indication, wordsOf(row, 'reasons'), look.content.vocabulary).length > 0) return null;
      if (exam.modality === 'XR' && (look.order.patientClass === 'I' || look.order.patientClass === 'E')) return null;
      const yearly = /\b(?:screen|screening|scr|ldct)\b/iu.test(exam.read.text);
      const density = /\b(?:dxa|dexa|bone density)\b/iu.test(exam.read.text);
      const limit = numberOf(row, density ? 'densityDays' : yearly ? 'screeningDays' : 'withinDays');
      const found = (look.context?.priors ?? []).flatMap((prior) => {
        const days = daysOld(prior.date, look.today);
        return days !== null && days <= limit && !planned(days, look) && isSameKind(prior, look)
          ? [`Earlier study: ${prior.text}, ${prior.date ?? ''} (${days} days ago)`]
          : [];
      });
      return found.length === 0 ? null : found;
    },
  },
];

/** Rows of the authored appropriateness set that apply; one flag a row. Unreviewed rows stay silent: they are advice, not safety. */
export function appropriatenessFlags(look: Look): Flag[] {
  return look.content.appropriateness
    .filter((row) => row.reviewedBy !== null)
    .flatMap((row) => {
      const hits = applies(row.when, look.read, look.content.vocabulary);
      if (hits === null) return [];
      const evidence =
        hits.length > 0
          ? [`Indication: “${look.read.indication.text}”`]
          : [`Order: “${look.read.exam.read.text}”, age ${look.read.ageYears ?? 'not known'}`];
      return [
        {
          code: 'low-appropriateness',
          severity: 'ask' as const,
          rule: `${row.ruleId}@${row.version}`,
          source: `${row.source} (${row.sourceDate})`,
          text: row.output.text,
          evidence,
        },
      ];
    });
}
