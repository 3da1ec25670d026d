import type { CaseId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { Arrival, Consequence } from '#ports/raw-store.js';
import { arrivalPlace, keepArrival } from './arrivals.ts';
import { caseKnownBy, caseOfOrder, casesToTell } from './case-keys.ts';
import type { Database } from './database.ts';
import { publishEvent } from './event-bus.ts';
import type { Keeping } from './keeper.ts';
import { mergePatients, movePatient } from './patients.ts';
import { SEALED_COLUMNS, placeOf, scopeOf } from './raw-piece.ts';
import type { SealedRow } from './raw-piece.ts';
import { OF_SITE, ofCase } from './sealing.ts';

/** Everything that a message causes; where that is about one case alone, its bytes are that case's from now on. */
export function carryOutAll(keeping: Keeping, consequences: readonly Consequence[], rawId: number, at: Instant): void {
  const cases = new Set(consequences.flatMap((consequence) => carryOut(keeping, consequence, rawId, at)));
  for (const caseId of cases) keeping.db.run('INSERT OR IGNORE INTO raw_cases (case_id, raw_id) VALUES (?, ?)', caseId, rawId);
  const [caseId] = cases;
  if (caseId !== undefined && cases.size === 1) giveToCase(keeping.db, rawId, caseId);
}

function giveToCase(db: Database, rawId: number, caseId: CaseId): void {
  const row = db.get<SealedRow>(`SELECT ${SEALED_COLUMNS} FROM raw WHERE id = ? AND case_id IS NULL`, rawId);
  if (row === undefined) return;
  const place = placeOf(row.identity);
  const sealed = db.sealing.seal(ofCase(caseId), place, db.sealing.open(scopeOf(row), place, row.sealed));
  // What was sealed under the key of its day would outlive the case's.
  db.sealing.erased(() => db.run('UPDATE raw SET sealed = ?, case_id = ? WHERE id = ?', sealed, caseId, rawId));
}

/** @returns the cases that it was told to, or is of */
function carryOut(keeping: Keeping, consequence: Consequence, rawId: number, at: Instant): readonly CaseId[] {
  const { db } = keeping;
  switch (consequence.kind) {
    case 'to-order': {
      const { id, workflow, actor, input } = consequence;
      const { numbers, known = [], onlyIfKnown } = consequence;
      const caseId = caseKnownBy(keeping, workflow, known) ?? caseOfOrder(keeping, workflow, numbers, onlyIfKnown);
      if (caseId === null) return [];
      publishEvent(db, { id, workflow, caseId, occurredAt: at, actor, input }, at);
      return [caseId];
    }
    case 'to-cases-with': {
      const { id, actor, input } = consequence;
      const found = casesToTell(keeping, consequence.keys, consequence.of);
      for (const { caseId, workflow } of found) publishEvent(db, { id, workflow, caseId, occurredAt: at, actor, input }, at);
      return found.map(({ caseId }) => caseId);
    }
    case 'patient-moved':
      db.sealing.erased(() => {
        movePatient(keeping, consequence, at);
      });
      return [];
    case 'patients-merged':
      db.sealing.erased(() => {
        mergePatients(keeping, consequence, at);
      });
      return [];
    case 'arrival': {
      const caseId = keepArrival(keeping, consequence.arrival, rawId, at);
      return caseId === null ? [] : [caseId];
    }
    default:
      return consequence satisfies never;
  }
}

/** Looks again for the order of one that is unmatched; whichever door it came by. False when there is none to look for. */
export function matchAgain(keeping: Keeping, id: string): boolean {
  const { sealing } = keeping.db;
  const row = keeping.db.get<{ what: string; version_hash: Uint8Array; kept: Uint8Array | null; raw_id: number; received_at: Instant }>(
    "SELECT what, version_hash, kept, raw_id, received_at FROM arrivals WHERE id = ? AND state = 'unmatched'",
    id,
  );
  if (row?.kept == null) return false;
  const kept = sealing.open(OF_SITE, arrivalPlace(row.what, row.version_hash), row.kept).toString();
  // With the message that brought it, which is the case's from then on.
  carryOutAll(keeping, [{ kind: 'arrival', arrival: JSON.parse(kept) as Arrival }], row.raw_id, row.received_at);
  return true;
}
