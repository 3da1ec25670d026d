import type { CaseEvent } from '#core/event.js';
import { eventId, personId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { Cursors } from '#ports/cursors.js';
import { HELD_BY_RESTORE } from '#ports/restored.js';
import type { Restored } from '#ports/restored.js';
import type { Queue } from '#ports/queue.js';
import type { Parts } from './parts.ts';

interface Kept {
  readonly queue: Pick<Queue, 'list' | 'find' | 'apply'>;
  readonly cursors: Cursors;
}

const RESTORE = { kind: 'system', part: 'restore' } as const;
/** The restore that has been told of. */
const CURSOR = 'after-restore';
/** More than a store can have waiting at one moment. */
const MOST_HELD = 100_000;

/**
 * The store was put back from a backup: the case of each change that the restore holds is told that it did not arrive, so that its card says so and the coordinators
 * look in the RIS; every open case is told of which time nothing is known, and its card is posted anew, since what stands in Teams may be of that time. Each once
 * a restore. A case that can't be told, or not which change it was, is set aside for a person and holds up no other, nor the start: by the bus, which has the event, else
 * here.
 */
export async function afterRestore(parts: Parts, { queue, cursors }: Kept, { epoch, from, until }: Restored): Promise<void> {
  if ((await cursors.read(CURSOR)) === String(epoch)) return;
  const now = parts.clock.now();
  for (const { id, caseId, reason } of await queue.list({ kind: 'delivery', state: 'held' }, MOST_HELD, now)) {
    if (caseId === null || !reason.includes(HELD_BY_RESTORE)) continue;
    const found = await queue.find(id);
    if (found === null) continue;
    const { failing } = found;
    if (failing === null) {
      await setAside(queue, { caseId, at: now }, `the change that is held with it (${id}) can't be read, so that nobody knows which it was`);
      parts.log.error('restore.case-set-aside');
      continue;
    }
    const { workflow, kind, message, behind } = failing;
    const input = { type: 'effectFailed', kind, message, ...(behind === null ? {} : { behind }), code: 'cut-after-send', detail: HELD_BY_RESTORE };
    await tell(parts, queue, { id: eventId.parse(`restored:${epoch}:${id}`), workflow, caseId, occurredAt: now, actor: RESTORE, input });
  }
  const id = eventId.parse(`restored:${epoch}`);
  for (const { name: workflow } of parts.workflows)
    for (const { caseId } of await parts.views.open(workflow))
      await tell(parts, queue, { id, workflow, caseId, occurredAt: now, actor: RESTORE, input: { type: 'historyMissing', from, until } });
  await cursors.write(CURSOR, String(epoch));
}

/** In the case's queue, where it waits for what came before it, and goes to a person when the case can't take it. */
async function tell({ bus, log }: Parts, queue: Kept['queue'], event: CaseEvent): Promise<void> {
  try {
    await bus.publish(event);
  } catch (fault) {
    const why = `this case can not be told: it can't be read (${fault instanceof Error ? fault.name : 'unknown'})`;
    await setAside(queue, { caseId: event.caseId, at: event.occurredAt }, why);
    log.error('restore.case-set-aside', { fault });
  }
}

/** Nothing that is true can be told to it, or not even an event be kept for it: its key is damaged. A store that takes nothing at all fails here too, and the start with it. */
async function setAside(queue: Kept['queue'], { caseId, at }: Pick<CaseEvent, 'caseId'> & { readonly at: Instant }, why: string): Promise<void> {
  const reason = `${HELD_BY_RESTORE}, and ${why}. Look in the RIS`;
  const audit = { caseId, at, actor: RESTORE, action: 'q-park', outcome: 'done', detail: { reason } } as const;
  await queue.apply({ change: 'park', caseId, by: personId.parse('radloop'), reason, at }, audit);
}
