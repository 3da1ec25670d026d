import type { Person } from '#core/people.js';
import type { OutsideAnswer, OutsideDesk } from '#ports/outside.js';

/** A tool's input: flat, one type a field, nothing referred to, because Copilot Studio reads no other schema. */
export interface FlatSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, { readonly type: 'string'; readonly description: string }>>;
  readonly required?: readonly string[];
  readonly additionalProperties: false;
}

export interface Tool {
  readonly name: string;
  readonly title: string;
  /** Read by the orchestrator's model: what it gives, and what it does not. */
  readonly description: string;
  readonly inputSchema: FlatSchema;
  /** Arguments have been read by `argumentsOf`. */
  readonly ask: (desk: OutsideDesk, person: Person, given: Readonly<Record<string, string>>) => Promise<OutsideAnswer<object>>;
}

const nothing: FlatSchema = { type: 'object', properties: {}, additionalProperties: false };
const oneCase: FlatSchema = {
  type: 'object',
  properties: { caseNumber: { type: 'string', description: 'Case number as people read it aloud, such as 7KF3QN.' } },
  required: ['caseNumber'],
  additionalProperties: false,
};
const inTeams = (number: string) => `The patient and the proposal are shown in Teams only: write "show ${number}" to Radloop in a private chat.`;

/**
 * All that an outside orchestrator can do, whoever is signed in: it reads. No tool approves, chooses, rejects, releases, acknowledges, reads back or declines (DEP-09):
 * a decision is a person's, on the case that Radloop itself has shown to them. test/mcp/tools.test.ts holds the list closed.
 */
export const TOOLS: readonly Tool[] = [
  {
    name: 'list_waiting_tasks',
    title: 'What is waiting',
    description:
      'Imaging tasks that wait for a decision and that the signed-in person may see, most urgent and oldest first, at most 50. Holds no patient data. It decides nothing.',
    inputSchema: nothing,
    ask: (desk, person) => desk.waiting(person),
  },
  {
    name: 'show_case_status',
    title: 'Status of a case',
    description:
      'Where one case stands: kind, urgency, status, since when, who is expected to act. Holds no patient data; the case itself is opened and decided in Microsoft Teams.',
    inputSchema: oneCase,
    async ask(desk, person, { caseNumber = '' }) {
      const answer = await desk.show(person, caseNumber);
      return answer.ok ? { ok: true, found: { ...answer.found, next: inTeams(answer.found.caseNumber) } } : answer;
    },
  },
  {
    name: 'show_case_history',
    title: 'History of a case',
    description: 'What happened to one case, oldest first, with times in UTC and who did it. Holds no patient data and no free text.',
    inputSchema: oneCase,
    ask: (desk, person, { caseNumber = '' }) => desk.history(person, caseNumber),
  },
  {
    name: 'show_system_status',
    title: 'Is Radloop working',
    description: 'Whether Radloop gets its work done at this moment, what does not go on, and how many tasks wait by urgency.',
    inputSchema: nothing,
    ask: (desk, person) => desk.status(person),
  },
];

/** What was given, or a sentence that says what is wrong with it. */
export function argumentsOf({ inputSchema }: Tool, given: unknown): Readonly<Record<string, string>> | { readonly wrong: string } {
  const { properties, required = [] } = inputSchema;
  const named = Object.entries(typeof given === 'object' && given !== null ? given : {});
  const foreign = named.filter(([name]) => !Object.hasOwn(properties, name));
  if (foreign.length > 0) return { wrong: `This tool takes ${Object.keys(properties).join(', ') || 'nothing'}, and something else was given.` };
  const texts: Record<string, string> = {};
  for (const [name, value] of named) {
    if (typeof value !== 'string' || value.length > 100) return { wrong: `${name} must be text of at most 100 characters.` };
    texts[name] = value;
  }
  const missing = required.find((name) => texts[name] === undefined);
  return missing === undefined ? texts : { wrong: `${missing} is missing: ${properties[missing]?.description ?? ''}` };
}
