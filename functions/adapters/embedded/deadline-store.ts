import { eventId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { DeadlineStore, DueDeadline } from '#ports/deadline-store.js';
import type { Database } from './database.ts';
import { publishEvent } from './event-bus.ts';

interface Row {
  readonly workflow: string;
  readonly case_id: DueDeadline['caseId'];
  readonly name: string;
  readonly epoch: number;
  readonly at: Instant;
}

export function deadlineStore(db: Database): DeadlineStore {
  return {
    due(now, most) {
      const rows = db.all<Row>('SELECT workflow, case_id, name, epoch, at FROM deadlines WHERE at <= ? ORDER BY at LIMIT ?', now, most);
      return Promise.resolve(rows.map(({ workflow, case_id, name, epoch, at }) => ({ workflow, caseId: case_id, name, epoch, at })));
    },
    async fire({ workflow, caseId, name, epoch, at }, now) {
      await db.write(() => {
        const gone = db.run('DELETE FROM deadlines WHERE case_id = ? AND name = ? AND epoch = ? AND at = ?', caseId, name, epoch, at);
        if (gone.changes === 0) return;
        const id = eventId.parse(`deadline:${name}:${epoch}:${at}`);
        publishEvent(
          db,
          { id, workflow, caseId, occurredAt: now, actor: { kind: 'system', part: 'clock' }, input: { type: 'deadlinePassed', name, epoch } },
          now,
        );
      });
    },
    nextDue() {
      return Promise.resolve(db.get<{ at: Instant | null }>('SELECT min(at) AS at FROM deadlines')?.at ?? null);
    },
  };
}
