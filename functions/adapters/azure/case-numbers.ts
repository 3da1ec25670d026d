import { createHmac } from 'node:crypto';
import { SIX_CHARACTER_NUMBERS, caseId as caseIdOf, drawnCaseNumber } from '#core/ids.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import type { Cosmos } from './cosmos.ts';

interface NumberDocument {
  readonly id: CaseNumber;
  readonly caseId: string;
  readonly workflow: string;
}

/** How many numbers were given to instances to draw. Its name is no case number. */
interface CountDocument {
  readonly id: 'count';
  readonly given: number;
}

/** Case numbers of a site: each is written under its own name before its case opens, so that no two cases can have one. Nothing here is ever deleted. */
export interface CaseNumbers {
  /** The same number for the same case, whoever asks and however often. */
  reserve(workflow: string, caseId: CaseId): Promise<CaseNumber>;
  caseOf(number: CaseNumber): Promise<{ readonly workflow: string; readonly caseId: CaseId } | null>;
}

/** Numbers that an instance counts at once. What it does not draw before it ends counts as given: the half of all is no exact line. */
const BLOCK = 100;

/**
 * @param secret of the site: the numbers are drawn from a hash keyed by it, and tell nothing of the order
 * @param six numbers of six characters that are given before those of seven
 */
export function caseNumbers(cosmos: Cosmos, secret: string, six = SIX_CHARACTER_NUMBERS): CaseNumbers {
  const read = (number: CaseNumber) => cosmos.read<NumberDocument>('numbers', number, number);
  let counting: Promise<{ next: number; end: number }> | null = null;
  /** How many were given before this one. */
  const count = async (): Promise<number> => {
    for (;;) {
      const block = await (counting ??= blockOf(cosmos));
      if (block.next < block.end) return block.next++;
      counting = null;
    }
  };
  /** The first of this length that is the case's already, or that nobody has. */
  const free = async (caseId: CaseId, length: 6 | 7): Promise<{ readonly number: CaseNumber; readonly isOurs: boolean }> => {
    for (let attempt = 0; ; attempt += 1) {
      const number = numberFor(secret, caseId, attempt, length);
      const found = await read(number);
      if (found === null || found.caseId === caseId) return { number, isOurs: found !== null };
    }
  };
  return {
    async reserve(workflow, caseId) {
      const before = await free(caseId, 6);
      if (before.isOurs) return before.number;
      const length = (await count()) < six ? 6 : 7;
      for (;;) {
        const { number, isOurs } = await free(caseId, length);
        if (isOurs) return number;
        const document: NumberDocument = { id: number, caseId, workflow };
        await cosmos.write('numbers', number, [{ do: 'create', document }]);
      }
    },
    async caseOf(number) {
      const found = await read(number);
      return found === null ? null : { workflow: found.workflow, caseId: caseIdOf.parse(found.caseId) };
    },
  };
}

async function blockOf(cosmos: Cosmos): Promise<{ next: number; end: number }> {
  for (;;) {
    const before = await cosmos.read<CountDocument>('numbers', 'count', 'count');
    const next = before?.given ?? 0;
    const document: CountDocument = { id: 'count', given: next + BLOCK };
    const change = before === null ? ({ do: 'create', document } as const) : ({ do: 'replace', document, etag: before._etag } as const);
    if ((await cosmos.write('numbers', 'count', [change])).ok) return { next, end: next + BLOCK };
  }
}

/** The next one when it is taken: the same ones in the same order for the same case. */
function numberFor(secret: string, caseId: CaseId, attempt: number, length: 6 | 7): CaseNumber {
  const digest = createHmac('sha256', secret).update(`number:${caseId}:${attempt}`).digest();
  return drawnCaseNumber([0, 1, 2, 3, 4, 5].slice(0, length - 1).map((i) => digest.readUInt32BE(i * 4)));
}
