import { readContent } from '#adapters/embedded/content.js';
import { chooseProtocol } from '#models/protocol-choice/index.js';
import { choosePriority } from '#models/order-priority/index.js';
import { checkSafety, needsRadiologist } from '#workflows/protocoling/safety.js';
import type { Content } from '#domain/content.js';
import type { Flag, PriorityAnswer, Protocol, ProtocolAnswer } from '#domain/protocol.js';
import { asOrder, vignette } from './order-vignette.ts';
import type { Vignette } from './order-vignette.ts';
import { answerLines, linesArgs, whyNot } from './json-lines.ts';

export const usage = `radloop order suggest FILE.jsonl [--json] [--site DIR]

The protocol, the priority and the safety flags that would be proposed for each order of FILE (- for standard input), one JSON object a line.
--site DIR  the site's folder (default: the rehearsal hospital); its content/ and reviews.json say what may be proposed.
--json      one JSON object a line, in input order
Exit 0: every line was answered; 1: some line was not an order; 2: FILE or the site's content can't be read.

Example: echo '{"id":"a1","order":{"procedureCode":"CTHWO","procedureText":"CT HEAD WO","modality":"CT","indication":"fall, on warfarin","orderedPriority":"S","patientClass":"E"},"patient":{"ageYears":81,"sex":"F"}}' | radloop order suggest -`;

/** Labelled and shown for one order. `appropriateness` stays null until the engine for it exists. */
interface Suggestion {
  readonly id: string;
  readonly protocol: Shown | null;
  readonly alternatives: readonly Shown[];
  readonly confidence: number;
  readonly abstained: boolean;
  readonly priority: PriorityAnswer['priority'];
  readonly priorityPhrases: PriorityAnswer['phrases'];
  readonly flags: readonly Flag[];
  readonly needsRadiologist: boolean;
  readonly appropriateness: null;
  readonly questions: readonly string[];
  readonly reasons: readonly string[];
}
type Shown = Pick<Protocol, 'id' | 'name' | 'modality' | 'region' | 'contrast' | 'phases' | 'sequences' | 'sliceMm'>;

export async function run(args: string[]): Promise<number> {
  const wanted = linesArgs(args);
  if (wanted === null) {
    console.error(usage);
    return 2;
  }
  try {
    const content = readContent(wanted.site);
    const today = new Date().toISOString().slice(0, 10);
    return await answerLines(wanted, { line: vignette, code: 'not-an-order', answer: (one) => suggest(one, content, today), forPeople });
  } catch (error) {
    console.error(whyNot(wanted, error, 'orders'));
    return 2;
  }
}

/** The same models and checks that the service calls, in its order. */
export function suggest(given: Vignette, content: Content, today: string): Suggestion {
  const { order, context } = asOrder(given, today);
  const chosen = chooseProtocol({ order, context }, content);
  const priority = choosePriority({ order, context }, content);
  const protocol = rowOf(chosen.protocolId, content);
  const flags = checkSafety({ order, context, protocol, today }, content);
  return {
    id: given.id,
    protocol: protocol === null ? null : shown(protocol),
    alternatives: chosen.alternatives.flatMap((id) => shownById(id, content)),
    confidence: chosen.confidence,
    abstained: protocol === null,
    priority: priority.priority,
    priorityPhrases: priority.phrases,
    flags,
    needsRadiologist: needsRadiologist(flags, protocol === null, content),
    appropriateness: null,
    questions: questionsOf(flags, chosen),
    reasons: chosen.reasons,
  };
}

function rowOf(id: string | null, content: Content): Protocol | null {
  return content.protocols.find((row) => row.id === id) ?? null;
}

function shownById(id: string, content: Content): Shown[] {
  const row = rowOf(id, content);
  return row === null ? [] : [shown(row)];
}

function shown({ id, name, modality, region, contrast, phases, sequences, sliceMm }: Protocol): Shown {
  return { id, name, modality, region, contrast, phases, sequences, sliceMm };
}

/** What somebody has to answer before the exam: the flags that ask. */
function questionsOf(flags: readonly Flag[], chosen: ProtocolAnswer): string[] {
  const asked = flags.filter((flag) => flag.severity !== 'inform').map((flag) => flag.text);
  return chosen.protocolId === null ? [...asked, 'Which exam is meant?'] : asked;
}

function forPeople(answer: Suggestion): string {
  const { protocol } = answer;
  const head = protocol === null ? `abstained (best guess ${answer.alternatives[0]?.id ?? 'none'})` : `${protocol.id}  ${protocol.name}`;
  const lines = [
    `${answer.id}  ${head}  ${Math.round(answer.confidence * 100)} %  ${answer.priority}`,
    ...answer.flags.map((flag) => `    ${flag.severity.padEnd(6)} ${flag.code}: ${flag.text}`),
    ...answer.reasons.map((reason) => `    why    ${reason}`),
  ];
  return lines.join('\n');
}
