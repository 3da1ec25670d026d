import type { CaseId, PersonId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { AuditEntry } from '#ports/audit-store.js';
import type { HistoryRow } from '#ports/queue.js';
import type { Database } from './database.ts';
import { numberOf, partsOf } from './queue-rows.ts';

interface AuditRow {
  readonly case_id: string;
  readonly at: Instant;
  readonly actor: string;
  readonly action: string;
  readonly outcome: HistoryRow['outcome'];
  readonly detail: string;
}

const AUDIT = 'SELECT case_id, at, actor, action, outcome, detail FROM audit';
/** Every act of an operator is named `q-…`; as the index audit_operator has it. */
const OPERATORS = "action >= 'q-' AND action < 'q.'";

/** Of everything, or of one item, the newest first. */
export function history(db: Database, id: string | null, most: number): HistoryRow[] {
  return historyRows(db, id, most).map(({ case_id, at, actor, action, outcome, detail }) => {
    return {
      at,
      who: whoOf(actor),
      action,
      outcome,
      caseNumber: numberOf(db, case_id as CaseId),
      detail: JSON.parse(detail) as AuditEntry['detail'],
    };
  });
}

function historyRows(db: Database, id: string | null, most: number): AuditRow[] {
  if (id === null) return db.all(`${AUDIT} WHERE ${OPERATORS} ORDER BY seq DESC LIMIT ?`, most);
  const { kind, key } = partsOf(id);
  if (kind === 'case') {
    return db.all(`${AUDIT} WHERE case_id = (SELECT case_id FROM cases WHERE number = ?) ORDER BY seq DESC LIMIT ?`, key, most);
  }
  const acts = db.all<AuditRow & { seq: number }>(
    `${AUDIT.replace('SELECT', 'SELECT seq,')} WHERE ${OPERATORS} AND (detail ->> '$.item' = ?1 OR detail ->> '$.bulk' = ?1) ORDER BY seq DESC LIMIT ?2`,
    id,
    most,
  );
  if (kind !== 'delivery') return acts;
  // What its case was told of it is part of its life.
  const told = db.all<AuditRow & { seq: number }>(
    `${AUDIT.replace('SELECT', 'SELECT seq,')} WHERE case_id = (SELECT case_id FROM outbox WHERE id = CAST(?1 AS INTEGER)) AND (detail ->> '$.event' IN ('outbox:' || ?1, 'skip:o' || ?1) OR detail ->> '$.event' GLOB 'outbox:' || ?1 || ':*') ORDER BY seq DESC LIMIT ?2`,
    String(key),
    most,
  );
  return [...acts, ...told].sort((a, b) => b.seq - a.seq).slice(0, most);
}

function whoOf(actor: string): string {
  const { kind, person, endpoint, part } = JSON.parse(actor) as { kind: string; person?: PersonId; endpoint?: string; part?: string };
  return person ?? `${kind}:${endpoint ?? part ?? ''}`;
}
