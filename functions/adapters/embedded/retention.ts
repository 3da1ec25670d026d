import type { CaseId } from '#core/ids.js';
import { epochOf, toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { RetentionPolicy } from '#domain/retention.js';
import type { Retention } from '#ports/retention.js';
import { countAudit, heldCases, purgeAudit } from './audit-retention.ts';
import type { Database } from './database.ts';
import { STEP, countOldMessages, sweepMessages } from './old-messages.ts';
import type { Steps } from './old-messages.ts';
import { sweepPatients } from './old-patients.ts';
import { ENDED, forgetLog, isLogKept, shredCase } from './shredding.ts';

const DAY_MS = 86_400_000;
const YEAR_DAYS = 365.25;

const daysBefore = (now: Instant, days: number): Instant => toInstant(epochOf(now) - days * DAY_MS);

export function retentionOf(db: Database, policy: RetentionPolicy): Retention {
  const limits = (now: Instant) => ({
    raw: daysBefore(now, policy.rawDays),
    cases: policy.caseDays === null ? null : daysBefore(now, policy.caseDays),
    audit: daysBefore(now, policy.auditYears * YEAR_DAYS),
  });
  return {
    async due(now, stop) {
      const steps = { db, now, stop };
      const { raw, cases, audit } = limits(now);
      return {
        cases: cases === null ? 0 : await countCases(steps, cases),
        messages: await countOldMessages(steps, raw),
        auditRows: await countAudit(steps, audit),
      };
    },
    async sweep(now, stop) {
      const steps = { db, now, stop };
      const before = limits(now);
      const cases = before.cases === null ? 0 : await sweepCases(steps, before.cases);
      const { messages, days } = await sweepMessages(steps, before.raw);
      const patients = await sweepPatients(steps, before.raw);
      if (cases + days + patients > 0 || isLogKept(db)) await forgetLog(db);
      return { messages, cases, days, auditRows: await sweepAudit(steps, before.audit) };
    },
  };
}

/** Ended before then, whatever its row says: one of its facts may have been written under a clock that was right when the last one was not. `c` is the case. */
const OLD = `shredded_at IS NULL AND hold IS NULL AND coalesce((SELECT max(at) FROM facts WHERE facts.case_id = c.case_id), '') < ? AND ${ENDED}`;

async function sweepCases({ db, now, stop }: Steps, before: Instant): Promise<number> {
  const by = { at: now, actor: { kind: 'system', part: 'retention' }, reason: `ended before ${before}` } as const;
  const shred = (due: readonly { readonly case_id: CaseId }[]) =>
    db.write(() => due.filter(({ case_id }) => shredCase(db, case_id, by) === null).length);
  let cases = 0;
  for (;;) {
    stop?.throwIfAborted();
    const due = db.all<{ case_id: CaseId }>(
      `SELECT r.case_id FROM rows AS r JOIN cases AS c ON c.case_id = r.case_id WHERE r.open = 0 AND r.updated_at < ? AND ${OLD} LIMIT ${STEP}`,
      ...[before, before],
    );
    const done = await shred(due);
    cases += done;
    if (done === 0) break;
  }
  for await (const page of rowless({ db, now, stop }, before)) cases += await shred(page);
  return cases;
}

/** What is no case any more: a change whose order never came, then cancelled. Few, and found by no index. */
async function* rowless({ db, stop }: Steps, before: Instant): AsyncGenerator<readonly { readonly case_id: CaseId }[]> {
  for (let after = ''; ;) {
    stop?.throwIfAborted();
    const page = db.all<{ case_id: CaseId; due: number }>(
      `SELECT case_id, NOT EXISTS (SELECT 1 FROM rows WHERE rows.case_id = c.case_id) AND ${OLD} AND version > 0 AS due
       FROM cases AS c WHERE case_id > ? ORDER BY case_id LIMIT ${STEP}`,
      ...[before, after],
    );
    const last = page.at(-1);
    if (last === undefined) return;
    yield page.filter(({ due }) => due === 1);
    after = last.case_id;
    await new Promise((resume) => setImmediate(resume));
  }
}

/** How many would go. */
async function countCases({ db, stop }: Steps, before: Instant): Promise<number> {
  let cases = 0;
  for (let after = ''; ;) {
    stop?.throwIfAborted();
    const page = db.get<{ last: string | null; n: number | null }>(
      `SELECT max(case_id) AS last, sum(due) AS n FROM (
         SELECT case_id, (version > 0 OR EXISTS (SELECT 1 FROM rows WHERE rows.case_id = c.case_id)) AND ${OLD} AND NOT EXISTS (SELECT 1 FROM rows WHERE rows.case_id = c.case_id AND updated_at >= ?) AS due
         FROM cases AS c WHERE case_id > ? ORDER BY case_id LIMIT ${STEP})`,
      ...[before, before, after],
    );
    if (page?.last == null) return cases;
    cases += page.n ?? 0;
    after = page.last;
    await new Promise((resume) => setImmediate(resume));
  }
}

async function sweepAudit({ db, now: at, stop }: Steps, before: Instant): Promise<number> {
  let rows = 0;
  for (;;) {
    stop?.throwIfAborted();
    const purged = await purgeAudit(db, db.siteKey, { before, at, held: heldCases(db) });
    if (purged === 0) return rows;
    rows += purged;
  }
}
