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
