import { basename } from 'node:path';
import { readContent } from '#adapters/embedded/content.js';
import { reportReader } from '#models/report-reader/index.js';
import type { ReportReader } from '#models/report-reader/index.js';
import { askedFrom, openLookWith } from '#models/report-reader/open-look.js';
import { decoded, doubtedBelow, lookWith, secondLook } from '#models/report-reader/second-look.js';
import type { Learned } from '#models/report-reader/second-look.js';
import { asMeant, judge } from './judge-reports.ts';
import { readLabelledReports } from './labelled-reports.ts';
import type { LabelledReport } from './labelled-reports.ts';
import { bankLines, coded, learnMentions, mentionsOf, mentionsOfBank, sentencesOf, sentencesOfBank, teaching } from './learn-reports.ts';
import type { Mentioned } from './learn-reports.ts';

const folds = 5;

/**
 * `npm run eval cross-reports [BELOW …]`: what the second look does on reports that did not teach it: each file is judged by what the others and the bank taught, the bank in five parts.
 * The rules were written after a look at most of them, so what the look takes back there is little: the figures that count are those of files that the rules have not seen.
 */
export function run(args: string[]): number {
  const content = readContent();
  const files = teaching().map((file) => {
    const reports = readLabelledReports(file);
    return { name: basename(file), reports, mentions: mentionsOf(reports) };
  });
  const bank = bankLines();
  const parts = Array.from({ length: folds }, (_, fold) => bank.filter((_line, i) => i % folds === fold));
  const ofBank = parts.map(mentionsOfBank);
  const learn = (rows: readonly Mentioned[]): Learned => decoded(coded(learnMentions(rows)));
  const taught = files.map(({ name }) =>
    learn([...files.filter((other) => other.name !== name).flatMap(({ mentions }) => mentions), ...ofBank.flat()]),
  );
  const ofParts = parts.map((_, fold) => learn([...files.flatMap(({ mentions }) => mentions), ...ofBank.filter((_part, i) => i !== fold).flat()]));
  for (const below of [0, ...(args.length > 0 ? args.map(Number) : [doubtedBelow])]) {
    console.log(`\ndoubted below ${below}`);
    for (const [i, { name, reports }] of files.entries())
      print(name, reports, reportReader(content, taught[i] === undefined ? null : lookWith(taught[i], below), null));
    const right = parts.map((lines, fold) => {
      const reader = reportReader(content, ofParts[fold] === undefined ? null : lookWith(ofParts[fold], below), null);
      return lines.filter((one) => asMeant(one, reader)).length;
    });
    console.log(`  own.txt and frames.txt: ${right.reduce((sum, n) => sum + n, 0)} of ${bank.length} as meant`);
  }
  crossOpen(files);
  return 0;
}

/** What asking adds where the rules find nothing: a quarter of the files judged by what the others and the bank taught. */
function crossOpen(files: readonly { readonly name: string; readonly reports: readonly LabelledReport[] }[]): void {
  const content = readContent();
  const sentences = files.map(({ reports }) => sentencesOf(reports));
  const bank = sentencesOfBank(bankLines());
  const quarters = [0, 1, 2, 3];
  const taught = quarters.map((quarter) => decoded(coded(learnMentions([...bank, ...sentences.filter((_, i) => i % 4 !== quarter).flat()]))));
  for (const from of [0.1, askedFrom, 0.3, 1.1]) {
    console.log(`\nasked from ${from}`);
    for (const quarter of quarters) {
      const look = openLookWith(taught[quarter] ?? { bias: 0, weights: new Float64Array() });
      const reader = reportReader(content, secondLook, (seen) => { const probable = look(seen); return (heard) => Number(probable(heard) >= from); }); // prettier-ignore
      print(`quarter ${quarter + 1}`, files.filter((_, i) => i % 4 === quarter).flatMap(({ reports }) => reports), reader); // prettier-ignore
    }
  }
}

function print(name: string, reports: readonly LabelledReport[], reader: ReportReader): void {
  const judged = judge(reports, reader);
  const twins = judged.filter(({ report }) => report.twin !== 'none');
  const found = ([1, 2] as const).map((category) => {
    const wanted = judged.flatMap(({ met }) => met).filter(({ stated }) => stated.category === category);
    return `${wanted.filter(({ by }) => by !== null).length} of ${wanted.length}`;
  });
  const asked = judged.flatMap((one) => one.asked);
  const dropped = asked.filter(({ how }) => how === 'dropped').length;
  console.log(
    `  ${name.padEnd(24)} twins with a question ${twins.filter(({ questions }) => questions.length > 0).length} of ${twins.length}; category 1 ${found[0]}, 2 ${found[1]}; not excluded: dropped ${dropped} of ${asked.length}`,
  );
}
