import { existsSync } from 'node:fs';
import { z } from 'zod/v4';
import { readContent } from '#adapters/embedded/content.js';
import { planFor } from '#bot/conversation/plan.js';
import { person } from '#core/people.js';
import type { Person, Role } from '#core/people.js';
import { askerRole } from '#domain/utterance.js';
import type { AskerRole, Intent, ProtocolName, Slots } from '#domain/utterance.js';
import { understand } from '#models/intents/index.js';
import { answerLines, linesArgs, whyNot } from './json-lines.ts';

export const usage = `radloop ask FILE.jsonl [--json] [--site DIR]

What the bot would understand and answer for each sentence of FILE (- for standard input), one JSON object a line; nothing is done.
--site DIR  the site's folder (default: the rehearsal hospital); its content/ says which protocols there are.
--json      one JSON object a line, in input order
Exit 0: every line was answered; 1: some line was no question; 2: FILE or the site's content can't be read.

Example: echo '{"id":"q1","text":"approve it","place":"private","threadCase":null,"lastShown":["7KF3QN"],"role":"radiologist"}' | radloop ask - --json`;

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
  const wanted = linesArgs(args);
  if (wanted === null) {
    console.error(usage);
    return 2;
  }
  const { site } = wanted;
  if (!existsSync(site)) {
    console.error(`There is no folder ${site}. Give the site's folder after --site.`);
    return 2;
  }
  try {
    const { protocols } = readContent(site);
    return await answerLines(wanted, { line: asked, code: 'not-a-question', answer: (one) => answerTo(one, protocols), forPeople });
  } catch (error) {
    console.error(whyNot(wanted, error, 'sentences'));
    return 2;
  }
}

/** What the running bot would make of it: the same model, and the same plan. */
export function answerTo(given: Asked, protocols: readonly ProtocolName[]): Answered {
  const understood = understand(given, protocols);
  const plan = planFor(understood, {
    person: asker(given.role),
    inPrivate: given.place === 'private',
    seen: (caseNumber) => given.lastShown.includes(caseNumber),
    shown: given.place === 'private' ? [...new Set(given.lastShown)] : [],
    said: given.text,
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
