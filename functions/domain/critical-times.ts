import { z } from 'zod/v4';
import { instant } from '#core/time.js';
import { category } from './critical.ts';
import { drillRecord } from './drill.ts';

/** What stood in the way of an alert, as its record has it. */
export const TROUBLES = ['not-sent-at-once', 'nobody-on-call', 'not-reached', 'declined', 'read-back-overdue', 'disputed', 'changed'] as const;
export type Trouble = (typeof TROUBLES)[number];

/** `not-sent`: written, or asked, and not released. `drill-over`: a drill that ended before it was closed. */
export const OUTCOMES = ['not-sent', 'open', 'acknowledged', 'read-back', 'closed', 'withdrawn', 'not-critical', 'same', 'drill-over'] as const;
export type Outcome = (typeof OUTCOMES)[number];

const at = instant.nullable();

const minutes = z.number().positive();
/** Minutes within which one of each category must be acknowledged. */
export const acknowledgeWithin = z.object({ 1: minutes, 2: minutes, 3: minutes });

/** The times of one critical result, for figures across all of them. No patient data, nobody's name. */
export const alertTimes = z.object({
  drill: z.boolean(),
  /** As it was last. */
  category,
  outcome: z.enum(OUTCOMES),
  /** Id of the service that was called first; null: people who stand for none. */
  service: z.string().nullable(),
  /** What may begin the clock: a radiologist's word, a model's answer, a signed report; the earliest of each. */
  ...{ declaredAt: at, modelAt: at, reportAt: at },
  releasedAt: at,
  /** First taken by a channel for a person who was called: not paper, not the switchboard. */
  deliveredAt: at,
  /** Of the acknowledgement and the read-back that stand; one that was disputed or lapsed counts no more. */
  ...{ acknowledgedAt: at, readBackAt: at, closedAt: at },
  /** The acknowledgement is a recorded telephone call. */
  phoned: z.boolean(),
  ...{ failsafeAt: at, failsafeTakenAt: at },
  troubles: z.array(z.enum(TROUBLES)),
  /** As it was when it was sent: a rehearsal's may be faster, and a site's may change. Left out: not sent, or nobody said. */
  acknowledgeWithin: acknowledgeWithin.optional(),
  /** Of a drill that names its service. */
  ofDrill: drillRecord.optional(),
  /** When a signed report put it to a radiologist, each time. Left out: none did, as far as was counted. */
  questions: z.array(instant).optional(),
  /** A later source asked anew after it was over; its clock begins with that once it is sent again. Left out: none did. */
  again: z.object({ at: instant, by: z.enum(['model', 'report']) }).optional(),
});
export type AlertTimes = z.infer<typeof alertTimes>;
