import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readContent } from '#adapters/embedded/content.js';
import { featuresOf, size } from '#models/report-reader/features.js';
import type { Seen } from '#models/report-reader/features.js';
import { reportReader } from '#models/report-reader/index.js';
import type { Stated } from '#models/report-reader/resolve.js';
import { mayLeaveOpen } from '#models/report-reader/left-open.js';
import { openFeaturesOf } from '#models/report-reader/open-look.js';
import type { Report } from '#models/report-reader/reading.js';
import { encoding } from '#models/report-reader/second-look.js';
import type { Learned } from '#models/report-reader/second-look.js';
import { readBank, readLabelledReports } from './labelled-reports.ts';
import type { Banked, LabelledReport, Span } from './labelled-reports.ts';
import { drawn, shuffle } from './learn.ts';

const { abs, exp, sqrt } = Math;

/** Passes over the data, of which the last ones count, by their mean; step and decay of AdaGrad; share of the features that a pass leaves out. */
const [passes, counting, rate, decay, biasRate, leftOut] = [12, 8, 0.3, 0.0002, 0.02, 0.2];
/** What it costs to doubt what is there, and what nobody excludes, against what it costs to believe what is not. */
const cost = { absent: 1, present: 1.5, uncertain: 3 } as const;

/** A mention with what the labels say of it. */
export interface Mentioned {
  readonly features: readonly number[];
  readonly is: keyof typeof cost;
}

/** Every mention that the lexicon finds in labelled reports, whatever the rules make of it. */
export function mentionsOf(reports: readonly LabelledReport[]): Mentioned[] {
  const rows: Mentioned[] = [];
  let labels: Pick<LabelledReport, 'critical' | 'asks'> = { critical: [], asks: [] };
  const reader = reportReader(readContent(), (seen) => {
    const features = featuresOf(seen);
    const places = seen.stated.map((one) => placeOf(seen, one));
    const is = seen.stated.map((): Mentioned['is'] => 'absent');
    const note = (span: Span, what: Mentioned['is']): void => {
      const meeting = (spans: readonly Span[]): number[] => [...spans.entries()].flatMap(([i, one]) => (meet(one, span) ? [i] : []));
      const open = (met: readonly number[]): readonly number[] => met.filter((i) => isOpen(seen.stated[i]));
      // "Subdural 6 mm, no shift": of what one quote holds that is meant which the rules take for stated, then what stands in its sentence.
      const met = meeting(places);
      const meant = [open(met), open(meeting(seen.stated)), met].find(({ length }) => length > 0) ?? [];
      for (const i of meant) if (is[i] === 'absent') is[i] = what;
    };
    for (const one of labels.critical) for (const span of one.places) note(span, 'present');
    for (const one of labels.asks) for (const span of one.places) note(span, 'uncertain');
    // What a label says once may stand in the report twice: of a class that is there, nothing that the rules take for stated teaches that it is not.
    const there = new Set(seen.stated.flatMap(({ row }, i) => (is[i] === 'absent' ? [] : [row.ruleId, ...row.over])));
    for (const [i, one] of seen.stated.entries()) {
      const what = is[i] ?? 'absent';
      if (what === 'absent' && isOpen(one) && there.has(one.row.ruleId)) continue;
      rows.push({ features: features(one).flat(), is: what });
    }
    return seen.stated;
  });
  for (const report of reports) {
    labels = report;
    reader.read(report);
  }
  return rows;
}

/** The mentions of the author's bank: what the rules, which were written on it, take for stated or asked is so where the line wants something. */
export function mentionsOfBank(bank: readonly Banked[]): Mentioned[] {
  const rows: Mentioned[] = [];
  let wanted = 'none';
  const reader = reportReader(readContent(), (seen) => {
    const features = featuresOf(seen);
    for (const one of seen.stated)
      rows.push({ features: features(one).flat(), is: wanted === 'none' || !isOpen(one) ? 'absent' : wanted === 'ask' ? 'uncertain' : 'present' });
    return seen.stated;
  });
  for (const one of bank) {
    wanted = one.wanted;
    reader.read(one);
  }
  return rows;
}

function isOpen(one: Stated | undefined): boolean {
  return one?.assertion === 'affirmed' || one?.assertion === 'uncertain';
}

/** Every sentence that may leave something open, whatever the rules make of it: "uncertain" where a label wants a question there. */
export function sentencesOf(reports: readonly LabelledReport[]): Mentioned[] {
  return taughtBy(
    reports,
    ({ asks }) =>
      (span) =>
        asks.some(({ places }) => places.some((place) => meet(place, span))),
  );
}

/** The sentences of the author's bank: a line that wants a question has it where the rules, which were written on it, ask; else in its only sentence. */
export function sentencesOfBank(bank: readonly Banked[]): Mentioned[] {
  return taughtBy(
    bank,
    ({ wanted }, asked, alone) =>
      (span) =>
        wanted === 'ask' && (alone || asked.some((one) => meet(one, span))),
  );
}

function taughtBy<R extends Report>(
  reports: readonly R[],
  wants: (report: R, asked: readonly Span[], alone: boolean) => (span: Span) => boolean,
): Mentioned[] {
  let seen: Seen | null = null;
  const reader = reportReader(
    readContent(),
    (all) => {
      seen = all;
      return all.stated;
    },
    null,
  );
  return reports.flatMap((report) => {
    const { asks } = reader.read(report);
    if (seen === null) return [];
    const features = openFeaturesOf(seen);
    const sentences = seen.heard.flatMap(({ sentence }, at) => (mayLeaveOpen(sentence) ? [{ sentence, at }] : []));
    const isOpen = wants(report, asks.flatMap((one) => [one, ...one.also]), sentences.length === 1); // prettier-ignore
    return sentences.map(({ sentence, at }) => ({ features: features(at), is: isOpen(sentence) ? 'uncertain' : 'absent' }) as const);
  });
}

function meet(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end;
}

/** From the first to the last word of a mention. */
function placeOf({ heard }: Seen, { heard: at, parts }: Stated): Span {
  const tokens = heard[at]?.tokens ?? [];
  const from = Math.min(...parts.map((part) => part.from));
  const to = Math.max(...parts.map((part) => part.to));
  return { start: tokens[from]?.start ?? 0, end: tokens[to - 1]?.end ?? 0 };
}

/** A logistic regression by stochastic gradients: how probable it is that a mention is present, or not excluded. The same data give the same weights. */
export function learnMentions(rows: readonly Mentioned[]): Learned {
  const weights = new Float64Array(size);
  const squares = new Float64Array(size).fill(1e-6);
  let bias = 0;
  const mean = { bias: 0, weights: new Float64Array(size) };
  const chance = drawn(7);
  const order = rows.map((_, i) => i);
  for (let pass = 0; pass < passes; pass += 1) {
    shuffle(order, chance);
    for (const i of order) {
      const one = rows[i];
      if (one === undefined) continue;
      const features = one.features.filter(() => chance() >= leftOut);
      const scale = 1 / sqrt(Math.max(features.length, 1));
      let sum = bias;
      for (const feature of features) sum += (weights[feature] ?? 0) * scale;
      const error = (1 / (1 + exp(-sum)) - (one.is === 'absent' ? 0 : 1)) * cost[one.is];
      bias -= biasRate * error;
      if (abs(error) < 1e-4) continue;
      for (const feature of features) {
        const gradient = error * scale + decay * (weights[feature] ?? 0);
        squares[feature] = (squares[feature] ?? 0) + gradient * gradient;
        weights[feature] = (weights[feature] ?? 0) - (rate * gradient) / sqrt(squares[feature] ?? 1);
      }
    }
    if (pass < passes - counting) continue;
    mean.bias += bias / counting;
    for (let k = 0; k < size; k += 1) mean.weights[k] = (mean.weights[k] ?? 0) + (weights[k] ?? 0) / counting;
  }
  return mean;
}

const folder = fileURLToPath(new URL('../../test/eval/reports/', import.meta.url));

/** Labelled reports that teach: all of the folder. What waits for a first look, in `unseen`, never teaches. */
export function teaching(): string[] {
  const labels = (under: string): string[] =>
    existsSync(`${folder}${under}`) ? readdirSync(`${folder}${under}`).filter((name) => name.endsWith('.labels.jsonl')).map((name) => `${folder}${under}${name}`) : []; // prettier-ignore
  return labels('').sort();
}

/** The author's bank, and his frames with findings in them. */
export function bankLines(): Banked[] {
  return [...readBank(`${folder}own.txt`), ...readFrames(`${folder}frames.txt`)];
}

/** Own words are no features: what differs between them is in how many ways each is found. */
const framed = [
  ['CT HEAD', 'a subdural haematoma'],
  ['CT HEAD', 'subarachnoid haemorrhage'],
  ['CTPA', 'pulmonary embolism'],
  ['CT ABDOMEN', 'free air'],
  ['US SCROTUM', 'testicular torsion'],
  ['CT CHEST', 'a tension pneumothorax'],
] as const;

/** `expected | frame`, each with every finding in the place of X. */
function readFrames(file: string): Banked[] {
  const frames = readFileSync(file, 'utf8').split('\n').filter((line) => line.includes(' | ') && !line.startsWith('#')).map((line) => line.split(' | ')); // prettier-ignore
  return frames.flatMap(([wanted = '', frame = '']) =>
    framed.map(([exam, finding]) => ({ exam, wanted, text: frame.replaceAll('X', finding).replaceAll('\\n', '\n') })),
  );
}

const perRow = 128;

/** What was learned as it is stored: rounded, a character a weight. */
export function coded({ bias, weights }: Learned): { readonly bias: number; readonly rows: readonly string[] } {
  const letters = Array.from(weights, (value) =>
    String.fromCharCode(encoding.zero + Math.max(-encoding.most, Math.min(encoding.most, Math.round(value / encoding.step)))),
  ).join('');
  // A backslash would have to be escaped in the file.
  const rows = Array.from({ length: size / perRow }, (_, i) => letters.slice(i * perRow, (i + 1) * perRow).replaceAll('\\', ']'));
  return { bias: Number(bias.toFixed(4)), rows };
}

export function versionOf({ bias, rows }: ReturnType<typeof coded>): string {
  return `sha256:${createHash('sha256')
    .update([bias, ...rows].join('\n'))
    .digest('hex')
    .slice(0, 16)}`;
}

/** `npm run eval learn-reports`: the labelled reports, the author's bank and his frames become functions/models/report-reader/weights.json and open-weights.json. */
export function run(): number {
  const files = teaching().map((file) => ({ name: basename(file), reports: readLabelledReports(file) }));
  const bank = { name: 'own.txt, frames.txt', lines: bankLines() };
  write('weights.json', 'second-look.ts', [
    ...files.map(({ name, reports }) => ({ name, rows: mentionsOf(reports) })),
    { name: bank.name, rows: mentionsOfBank(bank.lines) },
  ]);
  write('open-weights.json', 'open-look.ts', [
    ...files.map(({ name, reports }) => ({ name, rows: sentencesOf(reports) })),
    { name: bank.name, rows: sentencesOfBank(bank.lines) },
  ]);
  return 0;
}

function write(name: string, by: string, taught: readonly { readonly name: string; readonly rows: readonly Mentioned[] }[]): void {
  const learned = coded(learnMentions(taught.flatMap(({ rows }) => rows)));
  const file = {
    about: `Weights of ${by}, a character a feature. Written by \`npm run eval learn-reports\`; never by hand.`,
    source: 'Invented reports, labelled by models and by the author of the reader; no clinician has checked a label',
    reviewedBy: null,
    version: versionOf(learned),
    taughtBy: Object.fromEntries(taught.map(({ name: from, rows }) => [from, rows.length])),
    ...learned,
  };
  const body = `${JSON.stringify(file, null, 2)}\n`;
  writeFileSync(fileURLToPath(new URL(`../../functions/models/report-reader/${name}`, import.meta.url)), body);
  console.log(`${name}: ${taught.reduce((sum, { rows }) => sum + rows.length, 0)} rows, ${Math.round(body.length / 1024)} kB, ${file.version}`);
}
