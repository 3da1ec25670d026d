import { auditStore } from '#adapters/embedded/audit-store.js';
import { openFact } from '#adapters/embedded/case-pieces.js';
import { openDatabase } from '#adapters/embedded/database.js';
import { SEALED_COLUMNS, openPiece } from '#adapters/embedded/raw-piece.js';
import type { SealedRow } from '#adapters/embedded/raw-piece.js';
import type { CaseId } from '#core/ids.js';
import type { StoreAt } from './azure-part.ts';
import { azureRecords } from './azure-records.ts';
import type { OpenedFact } from './opened-facts.ts';
import type { EffectRecord, RawRow, Records } from './records-shape.ts';

export async function recordsOf(kept: StoreAt): Promise<Records> {
  return typeof kept === 'string' ? embeddedRecords(kept) : azureRecords(kept);
}

/** One open database a look, so that each sees the latest commit. The canary comes and goes, and is left out. */
function embeddedRecords(folder: string): Records {
  const db = openDatabase(folder, { readOnly: true });
  const count = (table: string): Promise<number> => Promise.resolve(db.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)?.n ?? 0);
  return {
    facts<Fact>(type?: string) {
      const rows = db.all<{ case_id: CaseId; number: string; seq: number; type: string; fact: Uint8Array }>(
        'SELECT f.case_id, c.number, f.seq, f.type, f.fact FROM facts AS f JOIN cases AS c USING (case_id) WHERE ?1 IS NULL OR f.type = ?1 ORDER BY f.at, f.case_id, f.seq',
        type ?? null,
      );
      const opened = rows.map(({ case_id: caseId, number, seq, type: of, fact }): OpenedFact<Fact> => {
        return { caseId, number, type: of, fact: openFact(db, caseId, seq, fact) as Fact };
      });
      return Promise.resolve(opened);
    },
    raw() {
      const columns = `CAST(id AS TEXT) AS name, id, endpoint, lower(hex(hash)) AS hash, length, ack_code, state, reason, ${SEALED_COLUMNS}`;
      const rows = db.all<Omit<RawRow, 'kept' | 'id'> & SealedRow & { readonly name: string }>(
        `SELECT ${columns} FROM raw WHERE endpoint <> 'canary' ORDER BY id`,
      );
      return Promise.resolve(rows.map((row) => ({ ...row, id: row.name, kept: openPiece(db.sealing, row).bytes.length })));
    },
    events: () => Promise.resolve(db.all<{ state: string }>("SELECT state FROM events WHERE workflow <> 'progress'").map(({ state }) => state)),
    effects: () =>
      Promise.resolve(db.all<EffectRecord>("SELECT number, kind, state, code, detail FROM outbox WHERE workflow <> 'progress' ORDER BY id")),
    cases: () => count('rows'),
    auditRows: () => count('audit'),
    verify: () => auditStore(db).verify(),
    close: () => db.close(),
  };
}
