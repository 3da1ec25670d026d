import { z } from 'zod/v4';
import { readContent } from '#adapters/embedded/content.js';
import { PatternError } from '#models/report-reader/pattern.js';
import { reportReader } from '#models/report-reader/index.js';
import type { ReportReader } from '#models/report-reader/index.js';
import type { CriticalFinding, ReportReading } from '#models/report-reader/reading.js';
import { answerLines, linesArgs, whyNot } from './json-lines.ts';

export const usage = `radloop report read FILE.jsonl [--json] [--as-of DATE] [--site DIR]

The sections and the actionable findings of each report of FILE (- for standard input), one JSON object a line: "id", "text", and "exam" where it is known.
"critical" are findings that the report states as present now, by ACR category; "asks" are those of category 1 that it can't exclude.
Recommendations, nodules and guidelines are NOT read in this release: "recs", "nodules" and "guidelines" are empty, and "notRead" names them.
--as-of DATE  the day on which it is read (2026-11-26); nothing that is read in this release depends on it.
--site DIR    the site's folder (default: the rehearsal hospital); its content/ may replace finding classes and words.
--json        one JSON object a line, in input order; offsets count UTF-16 code units of "text"
Exit 0: every line was read; 1: some line was no report; 2: FILE or the site's content can't be read.

Example: echo '{"id":"r1","exam":"CT HEAD","text":"IMPRESSION: Acute left subdural hematoma. No skull fracture."}' | radloop report read -`;

const report = z.object({
  id: z.string(),
  text: z.string(),
  exam: z.string().optional(),
  patient: z.record(z.string(), z.unknown()).optional(),
});
type Report = z.infer<typeof report>;

const notRead = ['recs', 'nodules', 'guidelines'] as const;

interface Answered extends ReportReading {
  readonly id: string;
  /** Read when follow-up exists. */
  readonly recs: readonly never[];
  readonly nodules: readonly never[];
  readonly guidelines: readonly never[];
  readonly notRead: typeof notRead;
}

export async function run(args: string[]): Promise<number> {
  const wanted = asked(args);
  if (wanted === null) {
    console.error(usage);
    return 2;
  }
  try {
    const reader = reportReader(readContent(wanted.site));
    if (!wanted.json) console.log(`Recommendations, nodules and guidelines are not read in this release: only actionable findings are.`);
    return await answerLines(wanted, { line: report, code: 'not-a-report', answer: (one) => answerTo(one, reader), forPeople });
  } catch (error) {
    console.error(
      error instanceof PatternError ? `The content of ${wanted.site} can't be used:\n${error.message}` : whyNot(wanted, error, 'reports'),
    );
    return 2;
  }
}

/** FILE and flags without `--as-of DATE`, which must be a day; null: usage. */
function asked(args: string[]): ReturnType<typeof linesArgs> {
  const at = args.findIndex((arg) => arg === '--as-of' || arg.startsWith('--as-of='));
  if (at === -1) return linesArgs(args);
  const inOne = args[at]?.split('=')[1];
  const day = inOne ?? args[at + 1] ?? '';
  return z.iso.date().safeParse(day).success ? linesArgs(args.toSpliced(at, inOne === undefined ? 2 : 1)) : null;
}

/** What the service reads of a signed report, by the same reader. */
export function answerTo({ id, text, exam }: Report, reader: ReportReader): Answered {
  return { id, recs: [], nodules: [], guidelines: [], ...reader.read({ text, exam }), notRead };
}

function forPeople({ id, critical, asks }: Answered): string {
  if (critical.length + asks.length === 0) return `${id}  nothing actionable`;
  const line = ({ category, finding, side, start, end }: CriticalFinding, what: string) =>
    `    ${what} category ${category}: ${finding}${side === null ? '' : ` (${side})`}, characters ${start} to ${end}`;
  return [id, ...critical.map((one) => line(one, 'states')), ...asks.map((one) => line(one, 'to be asked,'))].join('\n');
}
