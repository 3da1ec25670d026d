import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { z } from 'zod/v4';
import { ContentError } from '#adapters/embedded/content.js';
import { whyUnreadable, write } from './hl7-input.ts';

/** The rehearsal hospital's folder, the worked example and the default. */
const rehearsalSite = fileURLToPath(new URL('../rehearsal/site', import.meta.url));

export interface LinesArgs {
  readonly file: string;
  readonly json: boolean;
  readonly site: string;
}

/** `FILE [--json] [--site DIR]`; null for anything else. */
export function linesArgs(args: string[]): LinesArgs | null {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, site: { type: 'string' } },
    });
    const [file] = positionals;
    return file === undefined || positionals.length > 1 ? null : { file, json: values.json, site: values.site ?? rehearsalSite };
  } catch {
    return null;
  }
}

/** What one line holds, and what is answered to it. */
export interface Answering<One, Answer> {
  readonly line: z.ZodType<One>;
  /** The code of what does not fit. */
  readonly code: string;
  readonly answer: (one: One) => Answer;
  readonly forPeople: (answer: Answer) => string;
}

/** Answers a file (- for standard input) of one JSON object a line, in its order. Exit code: 0 every line was answered, 1 some line does not fit. */
export async function answerLines<One, Answer>({ file, json }: LinesArgs, answering: Answering<One, Answer>): Promise<number> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  await opened(input);
  let refused = 0;
  let n = 0;
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    n += 1;
    if (text.trim() === '') continue;
    const one = readLine(text, n, answering);
    if (!one.ok) {
      refused += 1;
      await write(json ? `${JSON.stringify({ id: one.id, error: one.error })}\n` : `${one.error.at}: ${one.error.message}\n`);
      continue;
    }
    const answer = answering.answer(one.value);
    await write(json ? `${JSON.stringify(answer)}\n` : `${answering.forPeople(answer)}\n`);
  }
  return refused === 0 ? 0 : 1;
}

/** Why nothing was answered. @param what the lines hold, such as `orders` */
export function whyNot({ file, site }: LinesArgs, error: unknown, what: string): string {
  if (error instanceof ContentError) return `The content of ${site} can't be used:\n${error.message}`;
  return whyUnreadable(file, error).replace('HL7 v2 messages', `${what}, one JSON object a line`);
}

/** readline does not report a stream that fails to open: wait for the first sign of it. */
async function opened(input: NodeJS.ReadableStream): Promise<void> {
  if (input === process.stdin) return;
  await new Promise<void>((done, fail) => {
    input.once('open', () => {
      done();
    });
    input.once('error', fail);
  });
}

type Line<One> =
  | { readonly ok: true; readonly value: One }
  | { readonly ok: false; readonly id: string | null; readonly error: { readonly code: string; readonly message: string; readonly at: string } };

function readLine<One>(text: string, n: number, { line, code }: Pick<Answering<One, unknown>, 'line' | 'code'>): Line<One> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return { ok: false, id: null, error: { code: 'not-json', message: 'The line is not JSON. Give one object a line.', at: `line ${n}` } };
  }
  const parsed = line.safeParse(data);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  const id = data !== null && typeof data === 'object' && 'id' in data && typeof data.id === 'string' ? data.id : null;
  const field = issue?.path.join('.') ?? '';
  return { ok: false, id, error: { code, message: `${field}: ${issue?.message ?? 'is wrong'}`, at: `line ${n}, ${field}` } };
}
