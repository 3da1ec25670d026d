import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod/v4';
import { ContentError, readContent } from '#adapters/embedded/content.js';
import { planFor } from '#bot/conversation/plan.js';
import { person } from '#core/people.js';
import type { Person, Role } from '#core/people.js';
import { askerRole } from '#domain/utterance.js';
import type { AskerRole, Intent, ProtocolName, Slots } from '#domain/utterance.js';
import { understand } from '#models/intents/index.js';
import { whyUnreadable, write } from './hl7-input.ts';

export const usage = `radloop ask FILE.jsonl [--json] [--site DIR]

What the bot would understand and answer for each sentence of FILE (- for standard input), one JSON object a line; nothing is done.
--site DIR  the site's folder (default: the rehearsal hospital); its content/ says which protocols there are.
--json      one JSON object a line, in input order
Exit 0: every line was answered; 1: some line was no question; 2: FILE or the site's content can't be read.

Example: echo '{"id":"q1","text":"approve it","place":"private","threadCase":null,"lastShown":["7KF3QN"],"role":"radiologist"}' | radloop ask - --json`;

/** The rehearsal hospital's folder, the worked example and the default. */
const rehearsalSite = fileURLToPath(new URL('../rehearsal/site', import.meta.url));

const asked = z.object({
  id: z.string(),
  text: z.string(),
  place: z.enum(['channel', 'thread', 'private']),
  threadCase: z.string().nullable().default(null),
  lastShown: z.array(z.string()).default([]),
  role: askerRole,
});
export type Asked = z.infer<typeof asked>;

export interface Answered {
  readonly id: string;
  readonly intent: Intent;
  readonly slots: Slots;
  readonly act: boolean;
  readonly confirm: boolean;
  readonly also: readonly { readonly intent: Intent; readonly slots: Slots }[];
  readonly reply: string;
}

export async function run(args: string[]): Promise<number> {
  const parsed = readArgs(args);
  if (parsed === null) {
    console.error(usage);
    return 2;
  }
  if (!existsSync(parsed.site)) {
    console.error(`There is no folder ${parsed.site}. Give the site's folder after --site.`);
    return 2;
  }
  try {
    return await answerAll(parsed.file, parsed.json, readContent(parsed.site).protocols);
  } catch (error) {
    console.error(
      error instanceof ContentError
        ? `The content of ${parsed.site} can't be used:\n${error.message}`
        : whyUnreadable(parsed.file, error).replace('HL7 v2 messages', 'sentences, one JSON object a line'),
    );
    return 2;
  }
}

function readArgs(args: string[]): { readonly file: string; readonly json: boolean; readonly site: string } | null {
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

async function answerAll(file: string, json: boolean, protocols: readonly ProtocolName[]): Promise<number> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  await opened(input);
  let refused = 0;
  let n = 0;
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    n += 1;
    if (line.trim() === '') continue;
    const one = readLine(line, n);
    if (!one.ok) {
      refused += 1;
      await write(json ? `${JSON.stringify({ id: one.id, error: one.error })}\n` : `${one.error.at}: ${one.error.message}\n`);
      continue;
    }
    const answer = answerTo(one.value, protocols);
    await write(json ? `${JSON.stringify(answer)}\n` : `${forPeople(answer)}\n`);
  }
  return refused === 0 ? 0 : 1;
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

type Line =
  | { readonly ok: true; readonly value: Asked }
  | { readonly ok: false; readonly id: string | null; readonly error: { readonly code: string; readonly message: string; readonly at: string } };

function readLine(line: string, n: number): Line {
  let data: unknown;
  try {
    data = JSON.parse(line);
  } catch {
    return { ok: false, id: null, error: { code: 'not-json', message: 'The line is not JSON. Give one object a line.', at: `line ${n}` } };
  }
  const parsed = asked.safeParse(data);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  const id = data !== null && typeof data === 'object' && 'id' in data && typeof data.id === 'string' ? data.id : null;
  const field = issue?.path.join('.') ?? '';
  return { ok: false, id, error: { code: 'not-a-question', message: `${field}: ${issue?.message ?? 'is wrong'}`, at: `line ${n}, ${field}` } };
}

/** What the running bot would make of it: the same model, and the same plan. */
export function answerTo(given: Asked, protocols: readonly ProtocolName[]): Answered {
  const understood = understand(given, protocols);
  const plan = planFor(understood, {
    person: asker(given.role),
    inPrivate: given.place === 'private',
    seen: (caseNumber) => given.lastShown.includes(caseNumber),
    shown: given.place === 'private' ? [...new Set(given.lastShown)] : [],
  });
  const { intent, slots, also } = understood;
  return { id: given.id, intent, slots, act: plan.kind === 'act', confirm: plan.asks, also, reply: plan.text };
}

const roles: Readonly<Record<AskerRole, readonly Role[]>> = {
  radiologist: ['protocoling-radiologist', 'reading-radiologist'],
  technologist: ['technologist'],
  'protocoling-technologist': ['protocoling-technologist'],
  coordinator: ['coordinator'],
  scheduler: ['scheduler'],
  oncall: ['oncall'],
  operator: ['operator'],
};

function asker(role: AskerRole): Person {
  return person.parse({ id: role, name: role, roles: roles[role], aadObjectId: '00000000-0000-4000-8000-000000000000' });
}

function forPeople({ id, intent, slots, act, confirm, also, reply }: Answered): string {
  const { cases = [], ...words } = slots;
  const said = [
    ...(cases.length === 0 ? [] : [`cases: ${cases.join(', ')}`]),
    ...Object.entries<string>(words).map(([name, value]) => `${name}: ${value}`),
  ];
  const rest = also.length === 0 ? '' : ` (also ${also.map((one) => one.intent).join(', ')})`;
  return [`${id}  ${intent}${rest}  ${act ? 'done at once' : confirm ? 'asked back' : 'nothing changes'}`, ...said.map((line) => `    ${line}`), `    "${reply.replaceAll('\n', ' ')}"`].join('\n'); // prettier-ignore
}
