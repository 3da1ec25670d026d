import { eventId } from '#core/ids.js';
import type { Cursors } from '#ports/cursors.js';
import { HELD_BY_RESTORE } from '#ports/restored.js';
import type { Restored } from '#ports/restored.js';
import type { Queue } from '#ports/queue.js';
import type { Parts } from './parts.ts';
import { runCase } from './run-case.ts';

interface Kept {
  readonly queue: Pick<Queue, 'list' | 'find'>;
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
 * a restore.
 */
export async function afterRestore(parts: Parts, { queue, cursors }: Kept, { epoch, from, until }: Restored): Promise<void> {
  if ((await cursors.read(CURSOR)) === String(epoch)) return;
  const now = parts.clock.now();
  for (const { id, caseId, reason } of await queue.list({ kind: 'delivery', state: 'held' }, MOST_HELD, now)) {
    if (caseId === null || !reason.includes(HELD_BY_RESTORE)) continue;
    const failing = (await queue.find(id))?.failing;
    if (failing == null) continue;
    const { workflow, kind, message, behind } = failing;
    const input = { type: 'effectFailed', kind, message, ...(behind === null ? {} : { behind }), code: 'cut-after-send', detail: HELD_BY_RESTORE };
    await runCase(parts, { id: eventId.parse(`restored:${epoch}:${id}`), workflow, caseId, occurredAt: now, actor: RESTORE, input });
  }
  const id = eventId.parse(`restored:${epoch}`);
  for (const { name: workflow } of parts.workflows)
    for (const { caseId } of await parts.views.open(workflow))
      await parts.bus.publish({ id, workflow, caseId, occurredAt: now, actor: RESTORE, input: { type: 'historyMissing', from, until } });
  await cursors.write(CURSOR, String(epoch));
}
