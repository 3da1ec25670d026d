import { z } from 'zod/v4';
import type { Instant } from '#core/time.js';
import { clinicalService } from './critical.ts';
import { modality } from './modality.ts';
import type { OnCallLevel } from './roster.ts';

const service = clinicalService.extend({
  /** What else people say for it: `neuro`, `head CT`. */
  alsoCalled: z.array(z.string().min(1)).default([]),
  levels: z.undefined('shifts stand in roster/ID.ics or roster/ID.csv, not here: move them there and take "levels" out').optional(),
});
export type OnCallService = z.infer<typeof service>;

/** One after another until somebody has looked: the people on call at a level (1 is called first), or the site's coordinators. */
const step = z.object({
  to: z.union([z.object({ level: z.number().int().min(1) }), z.literal('coordinator')]),
  /** Minutes that they have; nobody is asked after the last step, which has none. */
  minutes: z.number().min(1).nullable(),
});
export type LookStep = z.infer<typeof step>;

/**
 * on-call.json: the services that have somebody on call, and who is made to look at a STAT task (ORD-22). Who is on call when stands in roster/SERVICE.ics or
 * roster/SERVICE.csv.
 */
export const onCallRules = z.object({
  version: z.string().min(1),
  source: z.string().min(1),
  /** Null: nobody has checked it, which is said at the start. */
  reviewedBy: z.string().min(1).nullable(),
  reviewedOn: z.iso.date().nullable(),
  services: z.array(service).min(1),
  /** A roster file that has not changed for longer is a gap; null: none is too old. */
  olderThanDays: z.number().int().min(1).nullable().default(null),
  /** A gap that begins within so many minutes is paged to coordinators too. */
  gapPagedWithinMinutes: z
    .number()
    .int()
    .min(1)
    .max(24 * 60)
    .default(60),
  madeToLook: z.object({
    /** Whose people look at a STAT task of a modality: id of a service. `*`: of every other. */
    services: z.partialRecord(z.union([modality, z.literal('*')]), z.string()),
    steps: z.array(step).min(1),
    /** What stops it before an answer does: that somebody who was asked has opened the case, or nothing. */
    stoppedBy: z.enum(['opened', 'answered']),
  }),
});
export type OnCallRules = z.infer<typeof onCallRules>;

export interface OnCall {
  /** Its id. */
  readonly service: string;
  readonly name: string;
  readonly at: Instant;
  readonly levels: readonly OnCallLevel[];
}

/** The service that these words name, by id, name or what else it is called; null: none does. */
export function serviceNamed(services: readonly OnCallService[], words: string): OnCallService | null {
  const said = plain(words);
  return services.find(({ id, name, alsoCalled }) => [id, name, ...alsoCalled].some((one) => plain(one) === said)) ?? null;
}

/** The service whose people look at STAT tasks of this modality; null: the site names none. */
export function serviceFor({ madeToLook: { services } }: Pick<OnCallRules, 'madeToLook'>, of: string | null): string | null {
  const known = modality.safeParse(of);
  return (known.success ? services[known.data] : undefined) ?? services['*'] ?? null;
}

function plain(words: string): string {
  return words.trim().toLowerCase().replaceAll(/\s+/gu, ' ');
}
