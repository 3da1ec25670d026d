import { readFileSync } from 'node:fs';
import { NotASheet, filledRows } from '#cards/downtime/sheet.js';
import type { FilledRow } from '#cards/downtime/sheet.js';
import type { PaperReply } from '#ports/downtime.js';
import { COMMON_HELP, NoAnswer, answered, askPaper, words } from './q-ask.ts';

export const usage = `radloop downtime enter FILE [--dry-run] [--data DIR] [--json]

Takes back in what was decided on paper. FILE is the CSV that "radloop downtime list --csv" gave, filled in: in the
last six columns of a case the decision (approve, other or reject), the id of the other protocol, who decided (id or
whole name), when (2026-11-25 03:12), whether it was entered in the RIS by hand (yes or no: what is there already is
not sent again), and a note (the reason of a reject). Lines without a decision are left out; the earliest decision
goes first.

Each decision is recorded as that of the person who took it, with you as the one who entered it; that person is told.
What was decided or changed meanwhile is shown as a conflict and stays as it is. The same file again does nothing
twice. You must be a coordinator, or one who protocols (people.json, osAccount). Needs the running service.

  --dry-run      says what would happen and changes nothing
${COMMON_HELP}

Example: radloop downtime enter list.csv --dry-run
         line 2   7KF3QN would      Approved 7KF3QN. The RIS is being told; the card says when it has it.
         line 5   9BQ2HT conflict   Ngozi Okafor approved this order at 04:51. Your answer changed nothing.`;

export function run(args: string[]): Promise<number> {
  return answered(async () => {
    const { values, positionals } = words(args, { 'dry-run': { type: 'boolean', default: false } });
    const [file] = positionals;
    if (file === undefined || positionals.length > 1) throw new NoAnswer(2, usage);
    const rows = rowsOf(file);
    const counts = new Map<string, number>();
    for (const { line, row } of rows.toSorted(earliestFirst)) {
      const reply = await askPaper(values, { ask: 'enter-paper', row, dryRun: values['dry-run'] });
      if (!reply.ok) throw new NoAnswer(1, reply.text);
      counts.set(reply.outcome, (counts.get(reply.outcome) ?? 0) + 1);
      print(line, row.caseNumber, reply, values.json);
    }
    if (!values.json) console.log(summary(rows.length, counts));
    return (counts.get('conflict') ?? 0) + (counts.get('refused') ?? 0) > 0 ? 1 : 0;
  });
}

function rowsOf(file: string): readonly FilledRow[] {
  try {
    return filledRows(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch (error) {
    if (error instanceof NotASheet) throw new NoAnswer(2, `${file}: ${error.message}`);
    throw error;
  }
}

/** Two people may have decided one case on two copies: the first of them wins, as it would have in Teams. */
function earliestFirst(one: FilledRow, other: FilledRow): number {
  const [a, b] = [one.row.decidedAt, other.row.decidedAt];
  return a === b ? one.line - other.line : a < b ? -1 : 1;
}

function print(line: number, caseNumber: string, { outcome, text }: Extract<PaperReply, { ok: true }>, json: boolean): void {
  const number = /^[A-Za-z0-9]{1,10}$/u.test(caseNumber) ? caseNumber.toUpperCase() : '?';
  if (json) console.log(JSON.stringify({ line, case: number, outcome, text }));
  else console.log(`line ${String(line).padEnd(4)}${number.padEnd(7)}${outcome.padEnd(10)} ${text}`);
}

function summary(rows: number, counts: ReadonlyMap<string, number>): string {
  if (rows === 0) return 'No line has a decision: nothing was entered.';
  const parts = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  const look =
    (counts.get('conflict') ?? 0) + (counts.get('refused') ?? 0) > 0
      ? ' A conflict or a refused line changed nothing: open the case in Teams, or mend the line and enter the file again.'
      : '';
  return `${rows} lines: ${parts}.${look}`;
}
