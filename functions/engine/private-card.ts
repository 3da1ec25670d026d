import { authorise } from '#core/authorise.js';
import type { Posting } from '#core/card.js';
import type { Delivery } from '#core/delivery.js';
import { posting } from '#core/effect.js';
import type { Effect } from '#core/effect.js';
import type { EffectKey, PersonId } from '#core/ids.js';
import type { Seen } from '#core/workflow.js';
import type { OutboxItem, OutboxStore } from '#ports/outbox-store.js';
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

/** Where what an edit is of stands; null: nowhere, or what it comes after has never come. Later, while one of them is on its way. */
export async function placeOf(
  outbox: Pick<OutboxStore, 'outcome'>,
  { caseId }: Pick<OutboxItem, 'caseId'>,
  { edits, replaces = [], after }: Extract<Effect, { kind: 'tellPerson' }>,
): Promise<Delivery<Posting | null>> {
  const placed = async (key: EffectKey): Promise<Posting | 'open' | null> => {
    const found = await outbox.outcome(caseId, key);
    return found === 'open' ? found : (posting.safeParse(found?.receipt).data ?? null);
  };
  const newer = after === undefined ? undefined : await placed(after);
  if (newer === 'open') return onItsWay;
  if (edits !== undefined || newer === null) return { ok: true, receipt: newer === null ? null : (edits ?? null) };
  for (const one of replaces) {
    const found = typeof one === 'string' ? await placed(one) : one;
    if (found === 'open') return onItsWay;
    if (found !== null) return { ok: true, receipt: found };
  }
  return { ok: true, receipt: null };
}

const onItsWay = { ok: false, code: 'own-limit', detail: 'what it edits, or what it comes after, is still on its way' } as const;

async function record(
  { audit, clock }: Pick<Parts, 'audit' | 'clock'>,
  { caseId, caseNumber: number }: OutboxItem,
  to: PersonId,
  what: { readonly action: string; readonly outcome: 'done' | 'denied' },
): Promise<void> {
  const actor = { kind: 'system', part: 'deliver' } as const;
  await audit.record({ caseId, at: clock.now(), actor, ...what, detail: { number, to, surface: 'private-chat' } });
}
