import { longer, shortenings } from '#domain/retention.js';
import type { RetentionPolicy } from '#domain/retention.js';
import type { DataCustody, PolicyShown } from '#ports/custody.js';
import type { Clock } from '#ports/clock.js';
import type { Log } from '#ports/log.js';

/** What counts, and what site.json asks for that two people have still to agree on. */
export async function policyShown(data: Pick<DataCustody, 'policy'>, wanted: RetentionPolicy): Promise<PolicyShown> {
  const before = (await data.policy()) ?? wanted;
  return { inForce: longer(before, wanted), shorter: shortenings(before, wanted) };
}

export interface Sweeping {
  readonly data: DataCustody;
  readonly wanted: RetentionPolicy;
  readonly clock: Clock;
  readonly log: Log;
  readonly stop: AbortSignal;
}

/** Takes away what is older than the policy in force, which is the longer of what was in force and what site.json asks for. */
export async function sweepRetention({ data, wanted, clock, log, stop }: Sweeping): Promise<'done' | 'failed'> {
  try {
    const policy = await inForce({ data, wanted, clock });
    const { messages, cases, days, auditRows } = await data.retention(policy).sweep(clock.now(), stop);
    log.info('retention.swept', { messages, cases, days, rows: auditRows });
    return 'done';
  } catch (fault) {
    if (stop.aborted) return 'done';
    log.error('retention.not-swept', { fault });
    return 'failed';
  }
}

async function inForce({ data, wanted, clock }: Pick<Sweeping, 'data' | 'wanted' | 'clock'>): Promise<RetentionPolicy> {
  const before = await data.policy();
  const policy = before === null ? wanted : longer(before, wanted);
  if (JSON.stringify(before) === JSON.stringify(policy)) return policy;
  const { rawDays, caseDays, auditYears, source } = policy;
  const actor = { kind: 'system', part: 'retention' } as const;
  const detail = { rawDays, caseDays, auditYears, source };
  await data.adopt(policy, { caseId: null, at: clock.now(), actor, action: 'retention-set', outcome: 'done', detail });
  return policy;
}
