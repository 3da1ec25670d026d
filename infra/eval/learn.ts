import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { intent as intents } from '#domain/utterance.js';
import { requestsIn, withoutQuotes } from '#models/intents/clauses.js';
import { featuresOf } from '#models/intents/features.js';
import { cleaned, fold } from '#models/intents/fold.js';
import type { Classify } from '#models/intents/requests.js';
import { encoding } from '#models/intents/statistic.js';
import { readByIntent, readFrames, readUtterances } from './utterances.ts';
import type { Labelled } from './utterances.ts';

/** Passes over the data, step and decay of AdaGrad; chosen by five-fold cross-validation over the development half. */
const [passes, rate, decay, biasRate] = [25, 0.5, 0.0002, 0.05];
/** Share of the features of an utterance that a pass leaves out. */
const leftOut = 0.2;
/** A feature that was seen less often is not kept. */
const leastOften = 3;

export interface Row {
  readonly features: readonly string[];
  readonly label: number;
}

/** An utterance with several requests teaches each of them. */
export function rowsOf(one: Labelled): Row[] {
  const folded = fold(cleaned(one.text), true).text;
  const { text } = withoutQuotes(folded);
  const parts = requestsIn(text);
  const { also } = one.expect;
  const label = (name: (typeof intents.options)[number]) => intents.options.indexOf(name);
  if (also.length === 0 || parts.length !== also.length + 1) return [{ features: featuresOf(folded, '', one), label: label(one.expect.intent) }];
  return parts.map((part, i) => ({
    features: featuresOf(folded.slice(part.start, part.start + part.text.length), text.slice(0, part.start), one),
    label: label(i === 0 ? one.expect.intent : (also[i - 1]?.intent ?? 'none')),
  }));
}

export interface Learned {
  readonly names: ReadonlyMap<string, number>;
  readonly weights: Float64Array;
  readonly bias: Float64Array;
}

/** A multinomial logistic regression by stochastic gradients; the same data give the same weights. */
export function learn(rows: readonly Row[], least = leastOften): Learned {
  const seen = new Map<string, number>();
  for (const { features } of rows) for (const feature of features) seen.set(feature, (seen.get(feature) ?? 0) + 1);
  const names = new Map([...seen].filter(([, times]) => times >= least).map(([feature], i) => [feature, i]));
  const kinds = intents.options.length;
  const weights = new Float64Array(names.size * kinds);
  const squares = new Float64Array(names.size * kinds).fill(1e-6);
  const bias = new Float64Array(kinds);
  const chance = drawn(7);
  const order = rows.map((_, i) => i);
  const data = rows.map(({ features, label }) => ({
    label,
    ids: Int32Array.from(features.flatMap((name) => names.get(name) ?? [])),
    scale: 1 / Math.sqrt(Math.max(features.length, 1)),
  }));
  const sums = new Float64Array(kinds);
  for (let pass = 0; pass < passes; pass += 1) {
    shuffle(order, chance);
    for (const i of order) {
      const one = data[i];
      if (one === undefined) continue;
      // A part of the features is left out by chance, the same every time: what is learned leans on no single one.
      const ids = one.ids.filter(() => chance() >= leftOut);
      softmax({ ids, scale: one.scale }, weights, bias, sums);
      for (let k = 0; k < kinds; k += 1) {
        const error = (sums[k] ?? 0) - (k === one.label ? 1 : 0);
        bias[k] = (bias[k] ?? 0) - biasRate * error;
        if (Math.abs(error) < 1e-4) continue;
        for (const id of ids) {
          const at = id * kinds + k;
          const gradient = error * one.scale + decay * (weights[at] ?? 0);
          squares[at] = (squares[at] ?? 0) + gradient * gradient;
          weights[at] = (weights[at] ?? 0) - (rate * gradient) / Math.sqrt(squares[at] ?? 1);
        }
      }
    }
  }
  return { names, weights, bias };
}

function softmax(one: { readonly ids: Int32Array; readonly scale: number }, weights: Float64Array, bias: Float64Array, sums: Float64Array): void {
  const kinds = bias.length;
  sums.set(bias);
  for (const id of one.ids) for (let k = 0; k < kinds; k += 1) sums[k] = (sums[k] ?? 0) + (weights[id * kinds + k] ?? 0) * one.scale;
  const highest = Math.max(...sums);
  let total = 0;
  for (let k = 0; k < kinds; k += 1) total += sums[k] = Math.exp((sums[k] ?? 0) - highest);
  for (let k = 0; k < kinds; k += 1) sums[k] = (sums[k] ?? 0) / total;
}

/** Numbers from 0 to 1, the same for the same seed. */
export function drawn(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff;
}

export function shuffle(order: number[], chance: () => number): void {
  for (let i = order.length - 1; i > 0; i -= 1) {
    const j = Math.floor(chance() * (i + 1));
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
}

/** What was learned, used at once: for cross-validation. */
export function classifierOf({ names, weights, bias }: Learned): Classify {
  const sums = new Float64Array(bias.length);
  return (features) => {
    softmax(
      { ids: Int32Array.from(features.flatMap((name) => names.get(name) ?? [])), scale: 1 / Math.sqrt(Math.max(features.length, 1)) },
      weights,
      bias,
      sums,
    );
    const sure = Math.max(...sums);
    return { intent: intents.options[sums.indexOf(sure)] ?? 'none', sure };
  };
}

/** `npm run eval learn`: the development halves, own.txt to own-4.txt and frames.txt become functions/models/intents/weights.json. */
export function run(): number {
  const folder = fileURLToPath(new URL('../../test/eval/intents/', import.meta.url));
  const all = [
    ...readUtterances(`${folder}dev.jsonl`),
    ...readUtterances(`${folder}dev-2.jsonl`),
    ...readUtterances(`${folder}dev-3.jsonl`),
    ...readUtterances(`${folder}dev-4.jsonl`),
    ...readByIntent(`${folder}own.txt`),
    ...readByIntent(`${folder}own-2.txt`),
    ...readByIntent(`${folder}own-3.txt`),
    ...readByIntent(`${folder}own-4.txt`),
    ...readFrames(`${folder}frames.txt`),
  ];
  const { names, weights, bias } = learn(all.flatMap(rowsOf));
  const kinds = intents.options.length;
  const coded = (value: number) => {
    const steps = Math.max(-encoding.most, Math.min(encoding.most, Math.round(value / encoding.step)));
    // A backslash would have to be escaped in the file.
    const character = String.fromCharCode(encoding.zero + steps);
    return character === '\\' || character === '"' ? String.fromCharCode(encoding.zero + steps + 1) : character;
  };
  const lines = [...names]
    .map(([name, id]) => `${name}\t${[...weights.subarray(id * kinds, id * kinds + kinds)].map(coded).join('')}`)
    .filter((line) => !/^[^\t]*\tP+$/u.test(line))
    .sort();
  const rows = [`\t${[...bias].map(coded).join('')}`, ...lines];
  const version = `sha256:${createHash('sha256').update(rows.join('\n')).digest('hex').slice(0, 16)}`;
  const about = 'Weights of statistic.ts: a feature, a tab, one character an intent. Written by `npm run eval learn`; never by hand.';
  const file = { about, version, utterances: all.length, intents: intents.options, rows };
  const body = `${JSON.stringify(file, null, 2)}\n`;
  writeFileSync(fileURLToPath(new URL('../../functions/models/intents/weights.json', import.meta.url)), body);
  console.log(`${all.length} utterances, ${lines.length} features, ${Math.round(body.length / 1024)} kB, ${version}`);
  return 0;
}
