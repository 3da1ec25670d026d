import type { Condition, Vocabulary } from './content.ts';
import type { Context } from './context.ts';
import { readExam } from './exam.ts';
import type { Exam } from './exam.ts';
import type { Contrast } from './modality.ts';
import type { Order } from './order.ts';
import { affirmed, durationsInDays, findTerms, readText } from './text.ts';
import type { Hit, ReadText } from './text.ts';

/** An order and its context, read once for all rows. */
export interface ReadOrder {
  readonly order: Order;
  readonly context: Context | null;
  readonly exam: Exam;
  readonly indication: ReadText;
  /** Indication, problems and notes, a line each: what free-text conditions look at. */
  readonly story: ReadText;
  /** Null when nobody knows. */
  readonly ageYears: number | null;
  readonly sex: 'F' | 'M' | null;
  readonly pregnant: boolean | null;
}

export function readOrder(order: Order, context: Context | null, vocabulary: Vocabulary): ReadOrder {
  const indication = order.indication ?? '';
  const lines = [indication, ...(context?.problems ?? []), ...(context?.notes ?? [])];
  const sex = (order.patient.sex ?? context?.sex ?? '').slice(0, 1).toUpperCase();
  return {
    order,
    context,
    exam: readExam(order, vocabulary),
    indication: readText(indication, vocabulary),
    story: readText(lines.filter((line) => line.trim() !== '').join('\n'), vocabulary),
    ageYears: context?.ageYears ?? ageAt(order.patient.birthDate, order.orderedAt),
    sex: sex === 'F' || sex === 'M' ? sex : null,
    pregnant: context?.pregnant ?? null,
  };
}

/** Years between two dates that begin YYYYMMDD or YYYY-MM-DD; null when one is not there. */
function ageAt(birthDate: string | null, day: string | null): number | null {
  const born = yearsOf(birthDate);
  const now = yearsOf(day);
  return born === null || now === null || now < born ? null : Math.floor((now - born) * 100) / 100;
}

function yearsOf(text: string | null): number | null {
  const match = /^(\d{4})-?(\d\d)?-?(\d\d)?/u.exec(text ?? '');
  return match === null ? null : Number(match[1]) + (Number(match[2] ?? 1) - 1) / 12 + (Number(match[3] ?? 1) - 1) / 365;
}

/** Does the row apply? The phrases that made it so, empty when it names none; null when it does not. */
export function applies(when: Condition, read: ReadOrder, vocabulary: Vocabulary, contrast: Contrast | null = null): readonly Hit[] | null {
  const { exam, ageYears } = read;
  if (when.modalities !== undefined && (exam.modality === null || !when.modalities.includes(exam.modality))) return null;
  if (when.regions !== undefined && (exam.region === null || !when.regions.includes(exam.region))) return null;
  if (when.contrasts !== undefined && (contrast === null || !when.contrasts.includes(contrast))) return null;
  if (when.exam !== undefined && findTerms(exam.read, when.exam, vocabulary).length === 0) return null;
  if (when.notExam !== undefined && findTerms(exam.read, when.notExam, vocabulary).length > 0) return null;
  if (when.ageFrom !== undefined && (ageYears === null || ageYears < when.ageFrom)) return null;
  if (when.ageBelow !== undefined && (ageYears === null || ageYears >= when.ageBelow)) return null;
  if (when.sex !== undefined && read.sex !== when.sex) return null;
  if (when.pregnant !== undefined && read.pregnant !== when.pregnant) return null;
  if (when.orderedPriority !== undefined && !when.orderedPriority.includes(read.order.priority ?? '')) return null;
  if (when.shorterThanDays !== undefined) {
    const longest = durationsInDays(read.order.indication ?? '');
    if (longest.length === 0 || Math.max(...longest) >= when.shorterThanDays) return null;
  }
  const text = when.indicationOnly === true ? read.indication : read.story;
  if (when.none !== undefined && affirmed(text, when.none, vocabulary).length > 0) return null;
  const found: Hit[] = [];
  for (const group of when.all ?? []) {
    const hits = affirmed(text, group, vocabulary);
    if (hits.length === 0) return null;
    found.push(...hits);
  }
  return found;
}
