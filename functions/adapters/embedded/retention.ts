import type { CaseId } from '#core/ids.js';
import { epochOf, toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { RetentionPolicy } from '#domain/retention.js';
import type { Retention } from '#ports/retention.js';
import { purgeAudit } from './audit-retention.ts';
import type { Database } from './database.ts';
import { ENDED, forgetLog, shredCase } from './shredding.ts';
import type { Scope } from './sealing.ts';

/** Rows that one step looks at: a few milliseconds in which nothing else is written. */
const STEP = 500;
const DAY_MS = 86_400_000;
const YEAR_DAYS = 365.25;

const daysBefore = (now: Instant, days: number): Instant => toInstant(epochOf(now) - days * DAY_MS);

export function retentionOf(db: Database, policy: RetentionPolicy): Retention {
  return {
    async sweep(now, stop) {
      const steps = { db, stop };
      const cases = policy.caseDays === null ? 0 : await sweepCases(steps, daysBefore(now, policy.caseDays), now);
      const { messages, days } = await sweepMessages(steps, daysBefore(now, policy.rawDays));
      if (cases + days > 0) forgetLog(db);
      return { messages, cases, days, auditRows: await sweepAudit(steps, daysBefore(now, policy.auditYears * YEAR_DAYS), now) };
    },
  };
}

/** Where each step begins. */
interface Steps {
  readonly db: Database;
  readonly stop: AbortSignal | undefined;
}

interface MessageRow {
  readonly id: number;
  readonly case_id: CaseId | null;
  readonly received_at: Instant;
  readonly kept: number;
}

/** Whoever must still look at a message, or is owed its answer, finds it; so does whoever works on a case of it, or holds it for a court. */
const KEPT = `state IN ('new', 'refused') OR owed = 1 OR reused = 1
  OR EXISTS (SELECT 1 FROM arrivals WHERE arrivals.raw_id = raw.id AND arrivals.state = 'unmatched')
  OR EXISTS (SELECT 1 FROM raw_cases AS c WHERE c.raw_id = raw.id
    AND (NOT (${ENDED}) OR EXISTS (SELECT 1 FROM cases WHERE cases.case_id = c.case_id AND hold IS NOT NULL)))`;

/** In the order in which they came; ends where a whole step is young enough. */
async function sweepMessages({ db, stop }: Steps, before: Instant): Promise<{ readonly messages: number; readonly days: number }> {
  const needed = new Set<string>();
  let messages = 0;
  let after = 0;
  for (;;) {
    stop?.throwIfAborted();
    const rows = await db.write(() => {
      const found = db.all<MessageRow>(`SELECT id, case_id, received_at, (${KEPT}) AS kept FROM raw WHERE id > ? ORDER BY id LIMIT ${STEP}`, after);
      for (const { id, received_at, kept } of found) if (received_at < before && kept === 0) messages += removeMessage(db, id);
      return found;
    });
    const last = rows.at(-1);
    if (last === undefined || rows.every(({ received_at }) => received_at >= before)) break;
    for (const { case_id, received_at, kept } of rows) {
      if (case_id === null && (kept === 1 || received_at >= before)) needed.add(received_at.slice(0, 10));
    }
    after = last.id;
  }
  return { messages, days: await dropDays(db, before.slice(0, 10), needed) };
}

function removeMessage(db: Database, id: number): number {
  db.run('DELETE FROM raw_cases WHERE raw_id = ?', id);
  return db.run('DELETE FROM raw WHERE id = ?', id).changes;
}

/** The keys of days of which no message is left. The day of `before` itself has younger ones. */
function dropDays(db: Database, before: string, needed: ReadonlySet<string>): Promise<number> {
  return db.write(() => {
    const days = db.all<{ scope: Scope }>("SELECT scope FROM data_keys WHERE scope >= 'day:' AND scope < ?", `day:${before}`);
    return days.filter(({ scope }) => !needed.has(scope.slice('day:'.length)) && db.sealing.shred(scope)).length;
  });
}

async function sweepCases({ db, stop }: Steps, before: Instant, at: Instant): Promise<number> {
  const by = { at, actor: { kind: 'system', part: 'retention' }, reason: `ended before ${before}` } as const;
  const shred = (due: readonly { readonly case_id: CaseId }[]) =>
    db.write(() => due.filter(({ case_id }) => shredCase(db, case_id, by) === null).length);
  let cases = 0;
  for (;;) {
    stop?.throwIfAborted();
    const due = db.all<{ case_id: CaseId }>(
      `SELECT r.case_id FROM rows AS r JOIN cases AS c ON c.case_id = r.case_id WHERE r.open = 0 AND r.updated_at < ? AND c.hold IS NULL AND ${ENDED} LIMIT ${STEP}`,
      before,
    );
    const done = await shred(due);
    cases += done;
    if (done === 0) break;
  }
  return cases + (await sweepRowless({ db, stop }, before, shred));
}

/** What is no case any more: a change whose order never came, then cancelled. Few, and found by no index. */
async function sweepRowless(
  { db, stop }: Steps,
  before: Instant,
  shred: (due: readonly { readonly case_id: CaseId }[]) => Promise<number>,
): Promise<number> {
  let cases = 0;
  for (let after = ''; ;) {
    stop?.throwIfAborted();
    const page = db.all<{ case_id: CaseId; due: number }>(
      `SELECT case_id, shredded_at IS NULL AND hold IS NULL AND NOT EXISTS (SELECT 1 FROM rows WHERE rows.case_id = c.case_id)
         AND (SELECT max(at) FROM facts WHERE facts.case_id = c.case_id) < ? AND ${ENDED} AS due
       FROM cases AS c WHERE case_id > ? ORDER BY case_id LIMIT ${STEP}`,
      ...[before, after],
    );
    const last = page.at(-1);
    if (last === undefined) return cases;
    cases += await shred(page.filter(({ due }) => due === 1));
    after = last.case_id;
  }
}

async function sweepAudit({ db, stop }: Steps, before: Instant, at: Instant): Promise<number> {
  const held = db.all<{ case_id: string }>('SELECT case_id FROM cases WHERE hold IS NOT NULL').map(({ case_id }) => case_id);
  let rows = 0;
  for (;;) {
    stop?.throwIfAborted();
    const purged = await purgeAudit(db, db.siteKey, { before, at, held });
    if (purged === 0) return rows;
    rows += purged;
  }
}
