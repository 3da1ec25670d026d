import type { SafetyRule } from '#domain/content.js';
import type { Measured } from '#domain/context.js';
import { findTerms } from '#domain/text.js';
import { cited, daysOld, isPast, numberOf, says, wordsOf } from './safety-look.ts';
import type { Check, Look } from './safety-look.ts';

/** The kidney's last word: an eGFR as reported, or one reckoned from creatinine, whichever is newer. */
interface Kidney {
  readonly egfr: number;
  readonly days: number | null;
  readonly text: string;
}

/** CKD-EPI 2021 without race, mL/min/1.73 m². Source: Inker, N Engl J Med 2021;385:1737. Adults only. */
export function ckdEpi2021(creatinineMgDl: number, ageYears: number, sex: 'F' | 'M'): number {
  const [kappa, alpha, factor] = sex === 'F' ? [0.7, -0.241, 1.012] : [0.9, -0.302, 1];
  const ratio = creatinineMgDl / kappa;
  return Math.round(142 * Math.min(ratio, 1) ** alpha * Math.max(ratio, 1) ** -1.2 * 0.9938 ** ageYears * factor);
}

function mgDl(value: Measured): number {
  return /mol/iu.test(value.unit) ? value.value / 88.4 : value.value;
}

function kidneyOf(look: Look): Kidney | null {
  const { context, today, read } = look;
  if (context === null) return null;
  const reported = context.egfr;
  const [newest] = context.creatinine;
  const reportedDays = reported === null ? null : daysOld(reported.date, today);
  const creatinineDays = newest === undefined ? null : daysOld(newest.date, today);
  const newer = reported === null || (creatinineDays !== null && reportedDays !== null && creatinineDays < reportedDays);
  if (newest !== undefined && newer && read.ageYears !== null && read.ageYears >= 18 && read.sex !== null) {
    const egfr = ckdEpi2021(mgDl(newest), read.ageYears, read.sex);
    return {
      egfr,
      days: creatinineDays,
      text: `eGFR ${egfr} mL/min/1.73 m² (CKD-EPI 2021) from creatinine ${newest.value} ${newest.unit}, ${newest.date ?? 'date not known'}`,
    };
  }
  if (reported === null) return null;
  return { egfr: reported.value, days: reportedDays, text: `eGFR ${reported.value} ${reported.unit}, ${reported.date ?? 'date not known'}` };
}

function rowOf(look: Look, ruleId: string): SafetyRule | undefined {
  return look.content.safety.find((row) => row.ruleId === ruleId);
}

/** What makes the kidney a question, cited; empty: nothing does. */
function kidneyRisks(look: Look): readonly string[] {
  const row = rowOf(look, 'kidney-egfr-missing');
  if (row === undefined) return [];
  const told = cited(look, wordsOf(row, 'riskFactors'), ['indication', 'problem', 'note']);
  const drugs = cited(look, wordsOf(row, 'required'), ['medication']);
  return [...told, ...drugs].map((one) => one.cite);
}

function dialysis(look: Look): readonly string[] {
  const row = rowOf(look, 'kidney-dialysis');
  if (row === undefined) return [];
  const past = wordsOf(row, 'past');
  return cited(look, wordsOf(row, 'dialysis'), ['indication', 'problem', 'note'])
    .filter((one) => !says(one.source, past, look))
    .map((one) => one.cite);
}

/** KDIGO rise between two creatinines, or words that say so and are not of the past. */
function acuteInjury(look: Look): readonly string[] {
  const row = rowOf(look, 'kidney-aki');
  if (row === undefined || look.context === null) return [];
  const past = wordsOf(row, 'past');
  const told = cited(look, wordsOf(row, 'acute'), ['indication', 'problem', 'note']).filter(
    (one) => !isPast(one, past, look) && !says(one.source, past, look),
  );
  return [...creatinineRise(look, row), ...told.map((one) => one.cite)];
}

function creatinineRise(look: Look, row: SafetyRule): readonly string[] {
  const values = (look.context?.creatinine ?? []).flatMap((one) => {
    const days = daysOld(one.date, look.today);
    return days === null ? [] : [{ mgDl: mgDl(one), days, text: `${one.value} ${one.unit} (${one.date ?? ''})` }];
  });
  const [now, ...before] = values.toSorted((a, b) => a.days - b.days);
  if (now === undefined || now.days > numberOf(row, 'currentDays')) return [];
  const lower = before.find(
    (one) =>
      (one.days - now.days <= numberOf(row, 'riseWithinDays') && now.mgDl - one.mgDl >= numberOf(row, 'riseMgDl') - 1e-9) ||
      (one.days - now.days <= numberOf(row, 'ratioWithinDays') && now.mgDl / one.mgDl >= numberOf(row, 'ratio')),
  );
  return lower === undefined ? [] : [`Creatinine ${lower.text}, then ${now.text}`];
}

/** Agents whose label or group asks for an eGFR first. */
function namedAgents(look: Look, words: string): readonly string[] {
  const row = rowOf(look, 'gadolinium-group-i');
  if (row === undefined) return [];
  const inExam = findTerms(look.read.exam.read, wordsOf(row, words), look.content.vocabulary).map((hit) => `Order: “${hit.text}”`);
  return [...inExam, ...cited(look, wordsOf(row, words), ['indication', 'note']).map((one) => one.cite)];
}

const forIodine = (look: Look): boolean => look.iodinated;
const withContrast = (look: Look): boolean => look.iodinated || look.gadolinium;
const strictGadolinium = (look: Look): boolean => look.gadolinium && namedAgents(look, 'egfrRequired').length > 0;

const labs = ['egfr', 'creatinine'] as const;

export const kidneyChecks: readonly Check[] = [
  {
    rule: 'kidney-egfr-missing',
    asked: (look) => look.iodinated || strictGadolinium(look),
    needs: [...labs, 'problems', 'medications'],
    find: (look) => {
      const { context } = look;
      if (context === null || context.missing.includes('egfr') || context.missing.includes('creatinine')) return null;
      if (context.egfr !== null || context.creatinine.length > 0 || dialysis(look).length > 0) return null;
      const why = strictGadolinium(look) ? namedAgents(look, 'egfrRequired') : kidneyRisks(look);
      return why.length === 0 ? null : why;
    },
  },
  {
    rule: 'kidney-egfr-low',
    asked: (look) => look.iodinated || strictGadolinium(look),
    needs: labs,
    find: (look, row) => {
      const kidney = kidneyOf(look);
      if (kidney === null || kidney.egfr >= numberOf(row, 'belowMlMin') || dialysis(look).length > 0) return null;
      return !look.iodinated && namedAgents(look, 'groupI').length > 0 ? null : [kidney.text];
    },
  },
  {
    rule: 'kidney-egfr-stale',
    asked: forIodine,
    needs: labs,
    find: (look, row) => {
      const kidney = kidneyOf(look);
      if (kidney === null || dialysis(look).length > 0) return null;
      const limit = numberOf(row, look.order.patientClass === 'I' ? 'inpatientDays' : 'outpatientDays');
      if (kidney.days !== null && kidney.days <= limit) return null;
      const risks = kidneyRisks(look);
      if (risks.length === 0 && kidney.egfr >= numberOf(row, 'riskBelowMlMin')) return null;
      return [`${kidney.text}, ${kidney.days ?? 'an unknown number of'} days old; accepted here: ${limit}`, ...risks];
    },
  },
  { rule: 'kidney-aki', asked: forIodine, needs: ['creatinine'], find: (look) => orNull(dialysis(look).length > 0 ? [] : acuteInjury(look)) },
  { rule: 'kidney-dialysis', asked: withContrast, needs: ['problems'], find: (look) => orNull(dialysis(look)) },
  {
    rule: 'metformin-hold',
    asked: forIodine,
    needs: ['medications', ...labs],
    find: (look, row) => {
      const taken = cited(look, wordsOf(row, 'metformin'), ['medication', 'note', 'indication', 'problem']).filter(
        (one) => !/\b(?:stopped|held|off|d\/c'?d?|discontinued|allergy)\b/iu.test(one.source.read.text),
      );
      if (taken.length === 0) return null;
      const kidney = kidneyOf(look);
      const low = kidney !== null && kidney.egfr < numberOf(row, 'egfrBelowMlMin') ? [kidney.text] : [];
      const why = [...low, ...acuteInjury(look)];
      return why.length === 0 ? null : [...taken.map((one) => one.cite), ...why];
    },
  },
  {
    rule: 'gadolinium-group-i',
    asked: (look) => look.gadolinium && namedAgents(look, 'groupI').length > 0,
    needs: [...labs, 'problems'],
    find: (look, row) => {
      const kidney = kidneyOf(look);
      const low = kidney !== null && kidney.egfr < numberOf(row, 'egfrBelowMlMin') ? [kidney.text] : [];
      const told = kidney === null ? kidneyRisks(look) : [];
      const why = [...low, ...acuteInjury(look), ...dialysis(look), ...told];
      return why.length === 0 ? null : [...namedAgents(look, 'groupI'), ...why];
    },
  },
];

function orNull(evidence: readonly string[]): readonly string[] | null {
  return evidence.length === 0 ? null : evidence;
}
