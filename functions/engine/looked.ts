import type { Posting } from '#core/card.js';
import { eventId } from '#core/ids.js';
import type { CaseId } from '#core/ids.js';
import type { Person } from '#core/people.js';
import type { Seen } from '#core/workflow.js';
import type { Parts } from './parts.ts';
import { digest } from './digest.ts';
import { runCase } from './run-case.ts';

interface Opening {
  readonly workflow: string;
  readonly caseId: CaseId;
  readonly seen: Seen;
}

/**
 * Somebody who was made to look at a case has been shown their own view, which is on record: the case is told, once a person and revision. A case that can't be
 * told holds no view up; the next person is asked then, which is the safe side.
 */
export async function tellLooked(parts: Parts, person: Person, { workflow, caseId, seen }: Opening, revision: number): Promise<void> {
  if (seen.awaited?.includes(person.id) !== true) return;
  try {
    await runCase(parts, {
      id: eventId.parse(`opened:${revision}:${person.id}`),
      ...{ workflow, caseId },
      occurredAt: parts.clock.now(),
      actor: { kind: 'person', person: person.id },
      input: { type: 'caseOpened', person: person.id, revision },
    });
  } catch (error) {
    parts.log.error('desk.opening-not-told', { fault: error });
  }
}

/** Where a person's own view stands in their private chat: the case takes it away there once it has gone on. */
export async function tellStanding(
  parts: Parts,
  person: Person,
  { workflow, caseId }: Opening,
  { revision, posting: { place, conversationId, activityId } }: { readonly revision: number; readonly posting: Posting },
): Promise<void> {
  await runCase(parts, {
    id: eventId.parse(`shown:${revision}:${person.id}:${digest(`${conversationId} ${activityId}`)}`),
    ...{ workflow, caseId },
    occurredAt: parts.clock.now(),
    actor: { kind: 'person', person: person.id },
    input: { type: 'viewShown', person: person.id, revision, posting: { place, conversationId, activityId } },
  });
}
