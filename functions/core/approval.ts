import { z } from 'zod/v4';
import { caseNumber, eventId, personId } from './ids.ts';
import type { CaseNumber, EventId } from './ids.ts';
import { instant } from './time.ts';
import type { Instant } from './time.ts';
import type { Person } from './people.ts';

/** A named person's yes to one revision of one case. A commit can't be written without one. */
const shape = z
  .object({ person: personId, name: z.string(), at: instant, caseNumber, revision: z.number().int().positive(), answer: eventId })
  .brand<'Approval'>();
export type Approval = z.infer<typeof shape>;

/** Reads an approval back from a stored fact. It makes none: the engine checks that the answer it names was heard by the case. */
export const storedApproval = shape;

/** The only maker: from an answer that a known person gave, heard under `answer`. */
export function approvalBy(person: Person, at: Instant, caseNo: CaseNumber, revision: number, answer: EventId): Approval {
  return shape.parse({ person: person.id, name: person.name, at, caseNumber: caseNo, revision, answer });
}
