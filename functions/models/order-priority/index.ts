import { applies, readOrder } from '#domain/condition.js';
import type { Content } from '#domain/content.js';
import type { Context } from '#domain/context.js';
import type { Priority } from '#domain/modality.js';
import type { Order } from '#domain/order.js';
import type { Phrase, PriorityAnswer } from '#domain/protocol.js';
import { affirmed } from '#domain/text.js';

const MODEL = 'radloop-order-priority';
const MODEL_VERSION = '1';

const rank: Readonly<Record<Priority, number>> = { ROUTINE: 0, URGENT: 1, STAT: 2 };

/**
 * How soon an order is wanted: as ordered, or sooner where the indication says so; never later (CLINICAL-CONTENT 7).
 * Phrases are those that led to the answer, with UTF-16 offsets in the indication; empty when the ordered priority stands by itself.
 */
export function choosePriority({ order, context }: { readonly order: Order; readonly context: Context | null }, content: Content): PriorityAnswer {
  const read = readOrder(order, context, content.vocabulary);
  const found = content.priority
    .filter((row) => row.reviewedBy !== null)
    .flatMap((row) => {
      const others = applies(row.when, read, content.vocabulary);
      if (others === null) return [];
      const hits = affirmed(read.indication, row.phrases, content.vocabulary);
      return hits.length === 0 ? [] : [{ priority: row.output.priority, hits: [...hits, ...(row.when.indicationOnly === true ? others : [])] }];
    });
  const ordered = content.tuning.orderedAs[(order.priority ?? '').toUpperCase()] ?? 'ROUTINE';
  const priority = found.reduce<Priority>((highest, one) => (rank[one.priority] > rank[highest] ? one.priority : highest), ordered);
  const phrases = found.filter((one) => one.priority === priority).flatMap((one) => one.hits);
  return {
    task: 'order-priority',
    model: MODEL,
    version: `${MODEL_VERSION}+${content.version.slice(0, 12)}`,
    formatVersion: 1,
    priority,
    phrases: distinct(phrases),
  };
}

/** In the order of the text; a phrase within a longer one is left out. */
function distinct(phrases: readonly Phrase[]): Phrase[] {
  const kept: Phrase[] = [];
  for (const { text, start, end } of [...phrases].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (!kept.some((other) => other.start <= start && other.end >= end)) kept.push({ text, start, end });
  }
  return kept;
}
