import { z } from 'zod/v4';

/** `retention` of site.json: how long what is kept. Who decided it stands in `source`; a hospital's own rule comes in here, not into the program. */
export const retention = z.object({
  /** Days that the messages that came in are kept: long enough to look into a fault, no longer. */
  rawDays: z.number().int().min(30).max(90).default(90),
  /** Days after its end that a case's patient data is kept; null: until the site says. */
  caseDays: z.number().int().min(30).nullable().default(null),
  /** Years that the audit is kept. The documentation of access is kept six years at least (45 CFR 164.316(b)(2)(i)). */
  auditYears: z.number().int().min(6).max(100).default(7),
  source: z.string().min(1).default('Radloop’s own defaults; the site has not decided'),
});
export type RetentionPolicy = z.infer<typeof retention>;

/** What the first keeps longer than the second, in words. */
export function shortenings(inForce: RetentionPolicy, wanted: RetentionPolicy): readonly string[] {
  const days = (n: number | null): string => (n === null ? 'for good' : `${n} days`);
  return [
    ...(wanted.rawDays < inForce.rawDays ? [`messages ${days(wanted.rawDays)} in place of ${days(inForce.rawDays)}`] : []),
    ...(lasting(wanted.caseDays) < lasting(inForce.caseDays) ? [`cases ${days(wanted.caseDays)} in place of ${days(inForce.caseDays)}`] : []),
    ...(wanted.auditYears < inForce.auditYears ? [`audit ${wanted.auditYears} years in place of ${inForce.auditYears}`] : []),
  ];
}

/** The longer of the two, each by itself: to keep longer needs nobody's consent, to keep shorter that of two people. */
export function longer(inForce: RetentionPolicy, wanted: RetentionPolicy): RetentionPolicy {
  const isCases = lasting(wanted.caseDays) >= lasting(inForce.caseDays);
  return {
    rawDays: Math.max(inForce.rawDays, wanted.rawDays),
    caseDays: isCases ? wanted.caseDays : inForce.caseDays,
    auditYears: Math.max(inForce.auditYears, wanted.auditYears),
    source: shortenings(inForce, wanted).length === 0 ? wanted.source : inForce.source,
  };
}

function lasting(days: number | null): number {
  return days ?? Infinity;
}
