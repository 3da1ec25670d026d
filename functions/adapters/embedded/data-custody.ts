import type { Actor } from '#core/event.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import { z } from 'zod/v4';
import { instant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { retention } from '#domain/retention.js';
import type { DataCustody, Hold, KeptCase } from '#ports/custody.js';
import { appendAudit } from './audit-rows.ts';
import type { Database } from './database.ts';
import { retentionOf } from './retention.ts';
import { SHARED, forgetLog, holdCase, shredCase, shreddable } from './shredding.ts';

/** Plain, as it tells nothing of a patient: who only looks at a copy of the store reads it too. */
const POLICY = 'retention';
const SWEEPS = 'retention-sweeps';
const sweeps = z.object({ last: instant.nullable(), notBefore: instant.nullable() });

/** What is kept, how long, and for whom. */
export function dataCustody(db: Database): DataCustody {
  return {
    find: (number) => Promise.resolve(keptCase(db, number)),
    held: () => {
      const rows = db.all<{ case_id: CaseId; number: CaseNumber; hold: string }>(
        'SELECT case_id, number, hold FROM cases WHERE hold IS NOT NULL ORDER BY number',
      );
      return Promise.resolve(rows.map(({ case_id, number, hold }) => ({ number, ...holdOf(db, case_id, hold) })));
    },
    hold: (number, reason, act) => holdCase(db, number, reason, act),
    async shred(number, act) {
      const stays = await db.write(() => {
        const id = caseOf(db, number);
        return id === null ? 'unknown' : shredCase(db, id, act);
      });
      if (stays === null) await forgetLog(db);
      return stays;
    },
    policy: () => {
      const kept = db.get<{ value: string }>('SELECT value FROM meta WHERE name = ?', POLICY);
      return Promise.resolve(kept === undefined ? null : retention.parse(JSON.parse(kept.value)));
    },
    adopt: (policy, audit) =>
      db.write(() => {
        db.run('INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value', POLICY, JSON.stringify(policy));
        appendAudit(db, audit);
      }),
    sweeps() {
      const kept = db.get<{ value: string }>('SELECT value FROM meta WHERE name = ?', SWEEPS);
      return Promise.resolve(kept === undefined ? { last: null, notBefore: null } : sweeps.parse(JSON.parse(kept.value)));
    },
    noteSweeps: (noted, audit) =>
      db.write(() => {
        db.run('INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value', SWEEPS, JSON.stringify(noted));
        if (audit !== null) appendAudit(db, audit);
      }),
    retention: (policy) => retentionOf(db, policy),
  };
}

function caseOf(db: Database, number: CaseNumber): CaseId | null {
  return db.get<{ case_id: CaseId }>('SELECT case_id FROM cases WHERE number = ?', number)?.case_id ?? null;
}

function keptCase(db: Database, number: CaseNumber): KeptCase | null {
  const id = caseOf(db, number);
  const found = id === null ? null : shreddable(db, id);
  if (id === null || found === null) return null;
  const count = (sql: string): number => db.get<{ n: number }>(`SELECT count(*) AS n FROM ${sql}`, id)?.n ?? 0;
  const row = db.get<{ hold: string | null; shredded_at: Instant | null }>('SELECT hold, shredded_at FROM cases WHERE case_id = ?', id);
  const messages = 'raw_cases AS c JOIN raw ON raw.id = c.raw_id WHERE c.case_id = ?1 AND';
  return {
    ...{ number, stays: found.stays, shreddedAt: row?.shredded_at ?? null },
    hold: row?.hold == null ? null : holdOf(db, id, row.hold),
    facts: count('facts WHERE case_id = ?'),
    deliveries: count('outbox WHERE case_id = ?'),
    messages: count(`${messages} raw.case_id IS ?1 AND NOT ${SHARED}`),
    shared: count(`${messages} (raw.case_id IS NOT ?1 OR ${SHARED})`),
    auditRows: count('audit WHERE case_id = ?'),
    receipts: count('outbox WHERE case_id = ? AND receipt_hash IS NOT NULL'),
  };
}

function holdOf(db: Database, caseId: CaseId, reason: string): Hold {
  const row = db.get<{ at: Instant; actor: string }>(
    "SELECT at, actor FROM audit WHERE case_id = ? AND action = 'legal-hold' ORDER BY seq DESC LIMIT 1",
    caseId,
  );
  const actor = row === undefined ? null : (JSON.parse(row.actor) as Actor);
  return { reason, by: actor?.kind === 'person' ? actor.person : null, since: row?.at ?? null };
}
