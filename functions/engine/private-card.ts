import { authorise } from '#core/authorise.js';
import type { PersonId } from '#core/ids.js';
import type { Seen } from '#core/workflow.js';
import type { OutboxItem } from '#ports/outbox-store.js';
import type { Parts } from './parts.ts';

/** What holds patient data in private is a question: it is for whoever may answer it, at the moment in which it leaves. */
export function mayAnswer({ directory }: Pick<Parts, 'directory'>, person: PersonId, { subject }: Pick<Seen, 'subject'>): boolean {
  const known = directory.byId(person);
  return known !== null && authorise(known, 'answer-question', subject).allowed;
}

/** Patient data goes into somebody's private chat: on record before it leaves. */
export function recordView(parts: Pick<Parts, 'audit' | 'clock'>, item: OutboxItem, person: PersonId): Promise<void> {
  return record(parts, item, person, { action: 'view', outcome: 'done' });
}

/** It stays here: the person may not read it any more. */
export function recordDenial(parts: Pick<Parts, 'audit' | 'clock'>, item: OutboxItem, person: PersonId): Promise<void> {
  return record(parts, item, person, { action: 'answer-question', outcome: 'denied' });
}

async function record(
  { audit, clock }: Pick<Parts, 'audit' | 'clock'>,
  { caseId, caseNumber: number }: OutboxItem,
  to: PersonId,
  what: { readonly action: string; readonly outcome: 'done' | 'denied' },
): Promise<void> {
  const actor = { kind: 'system', part: 'deliver' } as const;
  await audit.record({ caseId, at: clock.now(), actor, ...what, detail: { number, to, surface: 'private-chat' } });
}
