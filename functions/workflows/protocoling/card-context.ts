import type { Element, TextRun } from '#cards/kit/card.js';
import { run } from '#cards/kit/card.js';
import { facts } from '#cards/kit/facts.js';
import { formatDate, formatNumber } from '#cards/kit/text.js';
import type { Context, Measured } from '#domain/context.js';
import { listOf } from './card-order.ts';
import { wordsOf } from './card-status.ts';
import type { Tongue } from './card-status.ts';
import { lookUp } from './look-up.ts';
import type { Amount } from './card-amount.ts';

/** What the EHR said, kidney function and allergies first. What it did not say is not a row here but missingOf. */
export function contextSection(context: Context, meta: Tongue, amount: Amount): readonly Element[] {
  const { view } = wordsOf(meta);
  const measured = (value: Measured): string => valueOf(value, meta);
  const missing = new Set(context.missing);
  const list = (part: string, items: readonly string[]): string => {
    if (missing.has(part) && items.length === 0) return '';
    return items.length === 0 ? view.noneRecorded : listOf(items, meta, amount);
  };
  const priors = context.priors.map(({ text, date }) => `${text} (${date === null ? view.undated : formatDate(date, meta.language)})`);
  return facts(
    [
      { label: view.egfr, value: context.egfr === null ? '' : measured(context.egfr) },
      { label: view.creatinine, value: context.creatinine.slice(0, amount.items).map(measured).join('; ') },
      { label: view.allergies, value: list('allergies', context.allergies) },
      { label: view.pregnancy, value: pregnancyOf(context, meta) },
      { label: view.weight, value: context.weightKg === null ? '' : measured(context.weightKg) },
      { label: view.problems, value: list('problems', context.problems) },
      { label: view.medications, value: list('medications', context.medications) },
      { label: view.priors, value: list('priors', priors) },
      { label: view.notes, value: listOf(context.notes, meta, amount) },
    ],
    amount.items * amount.text,
  );
}

/** A value never stands without its unit and its date. */
function valueOf({ value, unit, date }: Measured, meta: Tongue): string {
  const when = date === null ? wordsOf(meta).view.undated : formatDate(date, meta.language);
  return `${formatNumber(value, meta.language)} ${unit} (${when})`;
}

function pregnancyOf({ pregnant }: Context, meta: Tongue): readonly TextRun[] {
  const { view } = wordsOf(meta);
  if (pregnant === null) return [];
  return [pregnant ? run(view.pregnant, { weight: 'bolder' }) : run(view.notPregnant)];
}

/** What is not known, in words. Pregnancy of a man is not missed unless the EHR was asked for it. */
export function missingOf(context: Context, meta: Tongue): readonly string[] {
  const { parts } = wordsOf(meta).view;
  const empty = [
    ...(context.ageYears === null ? ['age'] : []),
    ...(context.weightKg === null ? ['weight'] : []),
    ...(context.pregnant === null && context.sex?.toLowerCase().startsWith('m') !== true ? ['pregnancy'] : []),
    ...(context.egfr === null ? ['egfr'] : []),
    ...(context.creatinine.length === 0 ? ['creatinine'] : []),
  ];
  return [...new Set([...context.missing, ...empty])].map((part) => lookUp(parts, part, part));
}
