import type { CaseId, CaseNumber } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { TaskRow } from '#core/workflow.js';
import type { CaseRow, HeldRow, Views } from '#ports/views.js';
import type { Database } from './database.ts';

interface Row {
  readonly case_id: CaseId;
  readonly workflow: string;
  readonly number: CaseNumber;
  readonly row: string;
  readonly updated_at: Instant;
}

export function views(db: Database): Views {
  const read = (rows: readonly Row[]): CaseRow[] =>
    rows.map((row) => ({
      ...(JSON.parse(row.row) as TaskRow),
      workflow: row.workflow,
      caseId: row.case_id,
      caseNumber: row.number,
      updatedAt: row.updated_at,
    }));
  return {
    open: (workflow) => Promise.resolve(read(db.all<Row>('SELECT * FROM rows WHERE workflow = ? AND open = 1 ORDER BY rowid', workflow))),
    all: (workflow) => Promise.resolve(read(db.all<Row>('SELECT * FROM rows WHERE workflow = ? ORDER BY rowid', workflow))),
    since: (workflow, at) =>
      Promise.resolve(read(db.all<Row>('SELECT * FROM rows WHERE workflow = ? AND updated_at >= ? ORDER BY rowid', workflow, at))),
    held() {
      const outbox = db.all<{ id: number; number: CaseNumber; code: string; detail: string; done_at: Instant }>(
        "SELECT id, number, code, detail, done_at FROM outbox WHERE state = 'held' ORDER BY id",
      );
      const events = db.all<{ id: number; number: CaseNumber | null; reason: string; due: Instant }>(
        "SELECT e.id, c.number, e.reason, e.due FROM events AS e LEFT JOIN cases AS c ON c.case_id = e.case_id WHERE e.state = 'quarantined' ORDER BY e.id",
      );
      const held: HeldRow[] = [
        ...outbox.map(({ id, number, code, detail, done_at }) => ({
          kind: 'outbox' as const,
          id: String(id),
          caseNumber: number,
          reason: `${code}: ${detail}`,
          since: done_at,
        })),
        ...events.map(({ id, number, reason, due }) => ({ kind: 'event' as const, id: String(id), caseNumber: number, reason, since: due })),
      ];
      return Promise.resolve(held);
    },
  };
}
