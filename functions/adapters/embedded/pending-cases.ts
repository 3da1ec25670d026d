import type { CaseId, CaseNumber } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { TaskRow } from '#core/workflow.js';
import type { PendingCase, PendingCases } from '#ports/pending-cases.js';
import { openDatabase } from './database.ts';
import type { Database } from './database.ts';

interface Row {
  readonly case_id: CaseId;
  readonly number: CaseNumber;
  readonly row: string;
  readonly updated_at: Instant;
  /** JSON: time by name. */
  readonly armed: string;
  readonly queued: Instant | null;
  readonly poison: Instant | null;
  readonly parked: Instant | null;
  readonly unsent: Instant | null;
}

/** One statement, so that all of it is of one moment. Nothing of it is sealed. */
const OPEN = `
SELECT r.case_id, r.number, r.row, r.updated_at,
  (SELECT json_group_object(name, at) FROM deadlines AS d WHERE d.case_id = r.case_id) AS armed,
  (SELECT min(due) FROM events AS e WHERE e.case_id = r.case_id AND e.state <> 'quarantined') AS queued,
  (SELECT min(due) FROM events AS e WHERE e.case_id = r.case_id AND e.state = 'quarantined') AS poison,
  (SELECT at FROM parked AS p WHERE p.case_id = r.case_id) AS parked,
  (SELECT min(written_at) FROM outbox AS o WHERE o.case_id = r.case_id AND o.state = 'waiting' AND o.kind = 'page' AND o.attempt = 0) AS unsent
FROM rows AS r WHERE r.workflow = ?1 AND r.open = 1 ORDER BY r.rowid`;

export function pendingCases(db: Pick<Database, 'all'>): PendingCases {
  return {
    open(workflow) {
      const rows = db.all<Row>(OPEN, workflow);
      return Promise.resolve(
        rows.map(({ case_id, number, row, updated_at, armed, queued, poison, parked, unsent }) => ({
          ...(JSON.parse(row) as TaskRow),
          ...{ workflow, caseId: case_id, caseNumber: number, updatedAt: updated_at },
          armed: JSON.parse(armed) as PendingCase['armed'],
          ...{ queued, held: poison === null || (parked !== null && parked < poison) ? parked : poison, unsent },
        })),
      );
    },
  };
}

/** As the file of the store says at each question, opened for it: one that is gone, or can't be read, is not answered from what was open before. */
export function pendingCasesIn(folder: string): PendingCases {
  return {
    async open(...asked) {
      const db = openDatabase(folder, { readOnly: true });
      try {
        return await pendingCases(db).open(...asked);
      } finally {
        await db.close();
      }
    },
  };
}
