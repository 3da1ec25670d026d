import { parseArgs } from 'node:util';
import { readContent } from '#adapters/embedded/content.js';
import { reportReader } from '#models/report-reader/index.js';
import type { ReportReader } from '#models/report-reader/index.js';
import { bytesOf, whyUnreadable, write } from './hl7-input.ts';

export const usage = `radloop report negation FILE.tsv [--json]

Whether each sentence of FILE (- for standard input) denies its concept. Columns, parted by tabs, under a header: Report No., Concept, Sentence; more are ignored and
quotes are ordinary characters. A concept in capitals in the sentence is the one that is meant. What is said to have gone counts as denied.
--json  one JSON object a line, in input order, "n" from 1
Exit 0: every row was read; 1: some row has no sentence; 2: FILE can't be read.

Example: printf 'Report No.\\tConcept\\tSentence\\n1\\tpneumothorax\\tThere is no pneumothorax.\\n' | radloop report negation - --json`;

export async function run(args: string[]): Promise<number> {
  const wanted = asked(args);
  if (wanted === null) {
    console.error(usage);
    return 2;
  }
  const reader = reportReader(readContent());
  try {
    return await answerRows(wanted, reader);
  } catch (error) {
    console.error(whyUnreadable(wanted.file, error).replace('HL7 v2 messages', 'rows parted by tabs'));
    return 2;
  }
}

function asked(args: string[]): { readonly file: string; readonly json: boolean } | null {
  try {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { json: { type: 'boolean', default: false } } });
    const [file] = positionals;
    return file === undefined || positionals.length > 1 ? null : { file, json: values.json };
  } catch {
    return null;
  }
}

async function answerRows({ file, json }: { readonly file: string; readonly json: boolean }, reader: ReportReader): Promise<number> {
  let refused = 0;
  let n = -1;
  for await (const line of linesOf(file)) {
    if (line.trim() === '') continue;
    n += 1;
    if (n === 0) continue;
    const [, concept, sentence] = line.split('\t');
    if (concept === undefined || sentence === undefined) {
      refused += 1;
      const error = {
        code: 'not-a-row',
        message: 'The row has no third column. Give Report No., Concept and Sentence, parted by tabs.',
        at: `row ${n}`,
      };
      await write(json ? `${JSON.stringify({ n, error })}\n` : `${error.at}: ${error.message}\n`);
      continue;
    }
    const { negated, uncertain, historical } = reader.negation(concept, sentence);
    const said = [negated ? 'negated' : 'affirmed', ...(uncertain ? ['uncertain'] : []), ...(historical ? ['historical'] : [])];
    await write(json ? `${JSON.stringify({ n, negated, uncertain, historical })}\n` : `${String(n).padStart(5)}  ${said.join(', ')}  ${concept}\n`);
  }
  return refused === 0 ? 0 : 1;
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of bytesOf(file)) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split(/\r?\n/u);
    rest = lines.pop() ?? '';
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
