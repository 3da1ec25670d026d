import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readContent } from '#adapters/embedded/content.js';
import { reportReader } from '#models/report-reader/index.js';
import { asMeant, judge } from './judge-reports.ts';
import type { Judged } from './judge-reports.ts';
import { readBank, readLabelledReports } from './labelled-reports.ts';
import type { Span } from './labelled-reports.ts';
import { wilson } from './wilson.ts';

/**
 * `npm run eval reports [-- --file NAME.labels.jsonl] [--misses]`: what the report reader makes of labelled reports, by default of every file in test/eval/reports.
 * A finding is met when any of its clauses shares a character with any place that the label names for it. A question is what the reader would ask a radiologist (category 1
 * or 2, or category 1 not excluded) at a place that no label names. Ends with 1 when a category 1 that the label wants asked is dropped.
 */
export function run(args: string[]): number {
  const { values } = parseArgs({ args, options: { file: { type: 'string', multiple: true }, misses: { type: 'boolean', default: false } } });
  const folder = fileURLToPath(new URL('../../test/eval/reports/', import.meta.url));
  const files = values.file ?? ['', 'unseen/'].flatMap((under) => readdirSync(`${folder}${under}`).filter((name) => name.endsWith('.labels.jsonl')).map((name) => `${folder}${under}${name}`)); // prettier-ignore
  const reader = reportReader(readContent());
  console.log(
    `content ${reader.version.slice(0, 12)}; labels are a model's or an author's hand, checked by no clinician unless the file's origin says so`,
  );
  let dropped = 0;
  for (const file of files) {
    const reports = readLabelledReports(file);
    // Once unjudged: times are those of a service that has been up for a while.
    judge(reports, reader);
    dropped += print(basename(file), judge(reports, reader), values.misses);
  }
  const bank = readBank(`${folder}own.txt`);
  const wrong = bank.filter((one) => !asMeant(one, reader));
  console.log(`\nown.txt: ${share(bank.length - wrong.length, bank.length)} read as meant`);
  if (values.misses) for (const { exam, wanted, text } of wrong) console.log(`  ${wanted}: ${exam}: ${text}`);
  return dropped === 0 ? 0 : 1;
}

function print(name: string, judged: readonly Judged[], misses: boolean): number {
  const met = judged.flatMap((one) => one.met);
  const asked = judged.flatMap((one) => one.asked);
  const twins = judged.filter(({ report }) => report.twin !== 'none');
  console.log(`\n${name}: ${judged.length} reports, ${twins.length} of them twins`);
  for (const category of [1, 2, 3] as const) {
    const wanted = met.filter(({ stated }) => stated.category === category);
    const found = wanted.filter(({ by }) => by !== null);
    const only = wanted.filter(({ askedOnly }) => askedOnly).length;
    const clearest = wanted.filter(({ byClearest }) => byClearest).length;
    console.log(
      `  category ${category}: found        ${share(found.length, wanted.length)}; by the clearest clause alone ${clearest}${only === 0 ? '' : `; ${only} more only asked`}`,
    );
    console.log(`              category right ${share(found.filter(({ by }) => by?.category === category).length, found.length)}`);
  }
  console.log(
    `  not excluded, of category 1: asked ${share(asked.filter(({ how }) => how === 'asked').length, asked.length)}; dropped ${asked.filter(({ how }) => how === 'dropped').length}`,
  );
  confusion(met.flatMap(({ stated, by }) => (by === null ? [] : [[stated.category, by.category] as const])));
  questionsOf(judged, twins);
  const times = judged.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  console.log(`  milliseconds a report: median ${quantile(times, 0.5)}, p99 ${quantile(times, 0.99)}`);
  if (misses) for (const one of judged) printMisses(one);
  return asked.filter(({ how }) => how === 'dropped').length;
}

function questionsOf(judged: readonly Judged[], twins: readonly Judged[]): void {
  const raised = (list: readonly Judged[]): number => list.filter(({ questions }) => questions.length > 0).length;
  console.log(`  twins with a question that no label wants ${share(raised(twins), twins.length)}`);
  for (const kind of [...new Set(twins.map(({ report }) => report.twin))].sort()) {
    const of = twins.filter(({ report }) => report.twin === kind);
    console.log(`    ${kind.padEnd(16)} ${raised(of)} of ${of.length}`);
  }
  const all = judged.reduce((sum, { critical, asks }) => sum + critical.filter(({ category }) => category < 3).length + asks.length, 0);
  const wrong = judged.reduce((sum, { questions }) => sum + questions.length, 0);
  const per = (n: number): string => ((100 * n) / Math.max(1, judged.length)).toFixed(1);
  console.log(`  questions per 100 signed reports: ${per(all)}, of which no label wants ${per(wrong)}; what waits for days (category 3) asks nobody`);
}

function confusion(pairs: readonly (readonly [number, number])[]): void {
  console.log('  category    read 1  read 2  read 3');
  for (const wanted of [1, 2, 3])
    console.log(
      `  labelled ${wanted} ${[1, 2, 3].map((read) => String(pairs.filter(([a, b]) => a === wanted && b === read).length).padStart(7)).join(' ')}`,
    );
}

function printMisses({ report, met, asked, questions }: Judged): void {
  const quote = ({ start, end }: Span): string => report.text.slice(start, end).replaceAll(/\s+/gu, ' ');
  for (const { stated, by } of met) {
    const [place] = stated.places;
    if (by?.category === stated.category || place === undefined) continue;
    console.log(`  ${report.id}: ${stated.category} ${by === null ? 'missed' : `read as ${by.category}, ${by.classId}`}: ${quote(place)}`);
  }
  for (const { stated, how } of asked) if (how !== 'asked') console.log(`  ${report.id}: to be asked, ${how}: ${stated.finding}`);
  for (const one of questions)
    console.log(`  ${report.id} (${report.twin}): question ${one.category} ${one.classId}, ${one.assertion}: ${quote(one)}`);
}

function share(part: number, whole: number): string {
  if (whole === 0) return 'none labelled';
  const [low, high] = wilson(part, whole);
  return `${part} of ${whole} (${((100 * part) / whole).toFixed(1)} %; 95 % Wilson interval ${low.toFixed(3)} to ${high.toFixed(3)})`;
}

function quantile(sorted: readonly number[], q: number): string {
  return (sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0).toFixed(2);
}
