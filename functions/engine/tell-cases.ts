import type { Effect } from '#core/effect.js';
import { eventId } from '#core/ids.js';
import type { CaseId } from '#core/ids.js';
import type { OutboxItem } from '#ports/outbox-store.js';
import { digest } from './digest.ts';
import type { Parts } from './parts.ts';

type Telling = Effect & { readonly kind: 'tellCase' };

/** Publishes it for each of them under one name, so that a repeat is heard once. Gives how many there were. */
export async function tellCases(parts: Parts, { workflow, caseId: own }: OutboxItem, effect: Telling): Promise<{ readonly told: number }> {
  const cases = (await casesOf(parts, workflow, effect.to)).filter((caseId) => caseId !== own);
  for (const caseId of cases) {
    await parts.bus.publish({
      id: eventId.parse(`told:${digest(effect.key)}`),
      ...{ workflow, caseId, occurredAt: parts.clock.now(), actor: { kind: 'system', part: workflow }, input: effect.data },
    });
  }
  parts.wake();
  return { told: cases.length };
}

async function casesOf({ cases }: Parts, workflow: string, to: Telling['to']): Promise<readonly CaseId[]> {
  if ('opens' in to) return [cases.caseIdOf(workflow, to.opens)];
  if ('key' in to) return (await cases.findByKey(to.key)).filter((found) => found.workflow === workflow).map(({ caseId }) => caseId);
  const found = await cases.findByNumber(to.number);
  return found?.workflow === workflow ? [found.caseId] : [];
}
