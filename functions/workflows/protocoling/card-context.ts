import type { Element, TextRun } from '#cards/kit/card.js';
import { run } from '#cards/kit/card.js';
import { facts } from '#cards/kit/facts.js';
import { formatDate, formatNumber } from '#cards/kit/text.js';
import type { Context, Measured } from '#domain/context.js';
import { listOf } from './card-order.ts';
import { lookUp } from './look-up.ts';
import type { Amount } from './card-amount.ts';
import { words } from './words.ts';

/** What the EHR said, kidney function and allergies first. What it did not say is not a row here but missingOf. */
export function contextSection(context: Context, amount: Amount): readonly Element[] {
  const { view } = words;
  const missing = new Set(context.missing);
  const list = (part: string, items: readonly string[]): string => {
    if (missing.has(part) && items.length === 0) return '';
    return items.length === 0 ? view.noneRecorded : listOf(items, amount);
  };
  const priors = context.priors.map(({ text, date }) => `${text} (${date === null ? view.undated : formatDate(date)})`);
  return facts(
    [
      { label: view.egfr, value: context.egfr === null ? '' : valueOf(context.egfr) },
      { label: view.creatinine, value: context.creatinine.slice(0, amount.items).map(valueOf).join('; ') },
      { label: view.allergies, value: list('allergies', context.allergies) },
      { label: view.pregnancy, value: pregnancyOf(context) },
      { label: view.weight, value: context.weightKg === null ? '' : valueOf(context.weightKg) },
      { label: view.problems, value: list('problems', context.problems) },
      { label: view.medications, value: list('medications', context.medications) },
      { label: view.priors, value: list('priors', priors) },
      { label: view.notes, value: listOf(context.notes, amount) },
    ],
    amount.items * amount.text,
  );
}

/** A value never stands without its unit and its date. */
function valueOf({ value, unit, date }: Measured): string {
  return `${formatNumber(value)} ${unit} (${date === null ? words.view.undated : formatDate(date)})`;
}

function pregnancyOf({ pregnant }: Context): readonly TextRun[] {
  const { view } = words;
  if (pregnant === null) return [];
  return [pregnant ? run(view.pregnant, { weight: 'bolder' }) : run(view.notPregnant)];
}

/** What is not known, in words. Pregnancy of a man is not missed unless the EHR was asked for it. */
export function missingOf(context: Context): readonly string[] {
  const { parts } = words.view;
  const empty = [
    ...(context.ageYears === null ? ['age'] : []),
    ...(context.weightKg === null ? ['weight'] : []),
    ...(context.pregnant === null && context.sex?.toLowerCase().startsWith('m') !== true ? ['pregnancy'] : []),
    ...(context.egfr === null ? ['egfr'] : []),
    ...(context.creatinine.length === 0 ? ['creatinine'] : []),
  ];
  return [...new Set([...context.missing, ...empty])].map((part) => lookUp(parts, part, part));
}
