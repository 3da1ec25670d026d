import { intent as intents } from '#domain/utterance.js';
import type { Intent } from '#domain/utterance.js';
import weights from './weights.json' with { type: 'json' };

/** A weight is a character, this far from `zero`, in steps of `step`. */
export const encoding = { zero: 80, most: 44, step: 0.08 } as const;

const names = intents.options;
/** Of the weights: they were learned for just these intents. */
export const version = weights.version;
if (names.join(' ') !== weights.intents.join(' '))
  throw new TypeError('models/intents/weights.json was learned for other intents: npm run eval learn');
const table: ReadonlyMap<string, string> = new Map(
  weights.rows.flatMap((line): [string, string][] => {
    const at = line.lastIndexOf('\t');
    return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
  }),
);
const bias = table.get('') ?? '';

/** A multinomial logistic regression over the features of one request; learned from the development utterances by `npm run eval learn`. */
export function classify(features: readonly string[]): { readonly intent: Intent; readonly sure: number } {
  const scale = 1 / Math.sqrt(Math.max(features.length, 1));
  const sums = names.map((_, k) => valueAt(bias, k));
  for (const feature of features) {
    const row = table.get(feature);
    if (row === undefined) continue;
    for (let k = 0; k < sums.length; k += 1) sums[k] = (sums[k] ?? 0) + valueAt(row, k) * scale;
  }
  const highest = Math.max(...sums);
  const best = sums.indexOf(highest);
  const total = sums.reduce((sum, value) => sum + Math.exp(value - highest), 0);
  return { intent: names[best] ?? 'none', sure: 1 / total };
}

function valueAt(row: string, k: number): number {
  return row === '' ? 0 : (row.charCodeAt(k) - encoding.zero) * encoding.step;
}
