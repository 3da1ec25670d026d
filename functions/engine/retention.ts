import { epochOf, toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { longer, shortenings } from '#domain/retention.js';
import type { RetentionPolicy } from '#domain/retention.js';
import type { DataCustody, PolicyShown } from '#ports/custody.js';
import type { Clock } from '#ports/clock.js';
import type { Log } from '#ports/log.js';

/** What counts, and what site.json asks for that two people have still to agree on. */
export async function policyShown(data: Pick<DataCustody, 'policy' | 'sweeps'>, wanted: RetentionPolicy): Promise<PolicyShown> {
  const before = (await data.policy()) ?? wanted;
  const { notBefore } = await data.sweeps();
  return { inForce: longer(before, wanted), shorter: shortenings(before, wanted), notBefore };
}

const RETENTION = { kind: 'system', part: 'retention' } as const;

export interface Sweeping {
  readonly data: DataCustody;
  readonly wanted: RetentionPolicy;
  readonly clock: Clock;
  readonly log: Log;
  readonly stop: AbortSignal;
}

/** Hours between saying what would go and its going. */
const WAIT_HOURS = 24;
/** Days without a sweep after which one is not simply made: a store of an older Radloop, one that was put back, or a clock that is wrong. */
const QUIET_DAYS = 7;

/**
 * Takes away what is older than the policy in force, which is the longer of what was in force and what site.json asks for. Where that would be the first sweep, or
 * the first for long, it is said what would go, and nothing goes for a day: a wrong clock, or a policy that nobody has seen, deletes nothing.
 */
export async function sweepRetention({ data, wanted, clock, log, stop }: Sweeping): Promise<'done' | 'failed'> {
  try {
    const policy = await inForce({ data, wanted, clock });
    if (!(await mayGo({ data, clock, log, stop }, policy))) return 'done';
    const now = clock.now();
    const { messages, cases, days, auditRows } = await data.retention(policy).sweep(now, stop);
    await data.noteSweeps({ last: now, notBefore: null }, null);
    log.info('retention.swept', { messages, cases, days, rows: auditRows });
    return 'done';
  } catch (fault) {
    if (stop.aborted) return 'done';
    log.error('retention.not-swept', { fault });
    return 'failed';
  }
}

const HOUR_MS = 3_600_000;

async function mayGo({ data, clock, log, stop }: Omit<Sweeping, 'wanted'>, policy: RetentionPolicy): Promise<boolean> {
  const now = clock.now();
  const { last, notBefore } = await data.sweeps();
  const hoursSince = (at: Instant | null): number | null => (at === null ? null : (epochOf(now) - epochOf(at)) / HOUR_MS);
  const since = hoursSince(notBefore ?? last);
  // A wait that is longer than it can have been was begun under a clock that was ahead.
  if (notBefore !== null && since !== null && since < 0 && since >= -WAIT_HOURS) return false;
  if (since !== null && since <= QUIET_DAYS * 24 && (since >= 0 || notBefore === null)) return true;
  const due = await data.retention(policy).due(now, stop);
  const { messages, cases, auditRows } = due;
  if (messages + cases + auditRows === 0) return true;
  const until = toInstant(epochOf(now) + WAIT_HOURS * HOUR_MS);
  const detail = { notBefore: until, messages, cases, auditRows };
  await data.noteSweeps({ last, notBefore: until }, { caseId: null, at: now, actor: RETENTION, action: 'retention-waits', outcome: 'done', detail });
  log.info('retention.waits', { messages, cases, rows: auditRows });
  return false;
}

async function inForce({ data, wanted, clock }: Pick<Sweeping, 'data' | 'wanted' | 'clock'>): Promise<RetentionPolicy> {
  const before = await data.policy();
  const policy = before === null ? wanted : longer(before, wanted);
  if (JSON.stringify(before) === JSON.stringify(policy)) return policy;
  const { rawDays, caseDays, auditYears, source } = policy;
  const detail = { rawDays, caseDays, auditYears, source };
  await data.adopt(policy, { caseId: null, at: clock.now(), actor: RETENTION, action: 'retention-set', outcome: 'done', detail });
  return policy;
}
