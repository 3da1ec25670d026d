import { openFact } from '#adapters/embedded/case-pieces.js';
import type { Database } from '#adapters/embedded/database.js';
import type { CaseId } from '#core/ids.js';

/** A fact as a test looks at it. It stands sealed in the store, so that nobody reads it without the site key. */
export interface OpenedFact<Fact> {
  readonly caseId: CaseId;
  readonly number: string;
  readonly type: string;
  readonly fact: Fact;
}

/** In the order in which they happened, case by case. */
export function openedFacts<Fact>(db: Database, type?: string): OpenedFact<Fact>[] {
  const rows = db.all<{ case_id: CaseId; number: string; seq: number; type: string; fact: Uint8Array }>(
    'SELECT f.case_id, c.number, f.seq, f.type, f.fact FROM facts AS f JOIN cases AS c USING (case_id) WHERE ?1 IS NULL OR f.type = ?1 ORDER BY f.at, f.case_id, f.seq',
    type ?? null,
  );
  return rows.map(({ case_id: caseId, number, seq, type: of, fact }) => ({
    caseId,
    number,
    type: of,
    fact: openFact(db, caseId, seq, fact) as Fact,
  }));
}
