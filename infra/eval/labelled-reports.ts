import { readFileSync } from 'node:fs';
import { z } from 'zod/v4';

const category = z.literal([1, 2, 3]);

const stated = z.object({ quote: z.string(), finding: z.string(), category, also: z.array(z.string()).default([]) });

const label = z.object({
  id: z.string(),
  critical: z.array(stated),
  asks: z.array(stated).default([]),
  twin: z.string().default('none'),
});

const report = z.object({ id: z.string(), exam: z.string().optional(), text: z.string() });

/** A place in the raw text, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A labelled finding with every place that states it, the clearest first. */
export interface Stated {
  readonly finding: string;
  readonly category: 1 | 2 | 3;
  readonly places: readonly Span[];
}

export interface LabelledReport {
  readonly id: string;
  readonly exam: string | undefined;
  readonly text: string;
  readonly critical: readonly Stated[];
  readonly asks: readonly Stated[];
  /** What makes it a twin of a positive report (negated, historical, known-stable …); `none`: it is no twin. */
  readonly twin: string;
}

/** Reads `NAME.labels.jsonl` and the reports of `NAME.jsonl` beside it. @throws Error naming file, line and quote that do not fit */
export function readLabelledReports(labelsFile: string): LabelledReport[] {
  const reportsFile = labelsFile.replace(/\.labels\.jsonl$/u, '.jsonl');
  if (reportsFile === labelsFile) throw new Error(`${labelsFile}: the name of a file of labels ends with .labels.jsonl; its reports stand beside it`);
  const reports = new Map(lines(reportsFile, report).map((one) => [one.id, one]));
  return lines(labelsFile, label).map(({ id, critical, asks, twin }) => {
    const found = reports.get(id);
    if (found === undefined) throw new Error(`${labelsFile}: ${id} is no report of ${reportsFile}`);
    const placed = (list: readonly z.infer<typeof stated>[]): Stated[] =>
      list.map(({ quote, also, ...rest }) => ({ ...rest, places: [quote, ...also].map((one) => place(found, one)) }));
    return { id, exam: found.exam, text: found.text, critical: placed(critical), asks: placed(asks), twin };
  });
}

/** Where a quote stands; runs of blanks are one blank in it. */
function place({ id, text }: { readonly id: string; readonly text: string }, quote: string): Span {
  const at: number[] = [];
  let flat = '';
  for (let i = 0; i < text.length; i += 1) {
    const blank = /\s/u.test(text.charAt(i));
    if (blank && flat.endsWith(' ')) continue;
    flat += blank ? ' ' : text.charAt(i);
    at.push(i);
  }
  const wanted = quote.replaceAll(/\s+/gu, ' ').trim();
  const from = flat.indexOf(wanted);
  const [start, last] = [at[from], at[from + wanted.length - 1]];
  if (from === -1 || start === undefined || last === undefined) throw new Error(`${id}: "${quote}" does not stand in the report`);
  return { start, end: last + 1 };
}

/** One line of the author's bank. `wanted`: the category that is affirmed, `ask`, or `none`. */
export interface Banked {
  readonly exam: string;
  readonly wanted: string;
  readonly text: string;
}

/** `exam | wanted | text`, with `\n` for a line break and `#` before a remark. */
export function readBank(file: string): Banked[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.includes(' | ') && !line.startsWith('#'))
    .map((line) => {
      const [exam = '', wanted = '', text = ''] = line.split(' | ');
      return { exam, wanted, text: text.replaceAll('\\n', '\n') };
    });
}

function lines<T>(file: string, schema: z.ZodType<T>): T[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line, i) => {
      if (line.trim() === '') return [];
      try {
        return [schema.parse(JSON.parse(line))];
      } catch (error) {
        throw new Error(`${file}, line ${i + 1}: does not fit (${error instanceof Error ? error.message : String(error)})`);
      }
    });
}
