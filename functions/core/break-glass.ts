import { z } from 'zod/v4';

/**
 * Emergency access to one case without the relationship that looking at it needs (INVARIANTS 3; 45 CFR 164.312(a)(2)(ii)). It shows, and lets nobody decide.
 * Figures in minutes.
 */
export const breakGlassMinutes = {
  /** The sign-in behind it, with a second factor, is at most this old. */
  freshSignIn: 10,
  /** It ends by itself. */
  open: 60,
  /** A longer time waits this long for a second person. */
  second: 30,
  /** The privacy auditor judges it within this time of its beginning. */
  review: 72 * 60,
} as const;

/** Why, as a code; the person's own words stand beside it. */
export const breakGlassReason = z.enum(['emergency-care', 'responsible-unreachable', 'patient-asks', 'fault-under-work']);
export type BreakGlassReason = z.infer<typeof breakGlassReason>;

/** What the privacy auditor found. */
export const breakGlassFinding = z.enum(['justified', 'not-justified']);
export type BreakGlassFinding = z.infer<typeof breakGlassFinding>;

/** Name of the workflow that keeps it: of infrastructure, never off. */
export const BREAK_GLASS = 'break-glass';
