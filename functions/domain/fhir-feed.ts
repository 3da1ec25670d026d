import { z } from 'zod/v4';
import { instant } from '#core/time.js';

/** How far a subscription's feed has got. `told` counts what came in, so that something told again while it is being read is not taken as read. */
export const feedProgress = z.object({
  told: z.number().int().default(0),
  /** Changes up to here have been taken (meta.lastUpdated, the EHR's clock); null: never swept. */
  since: instant.nullable().default(null),
  /** Our clock at the last sweep that came to its end. */
  sweptAt: instant.nullable().default(null),
  /** Events up to this number have been told or are in `gap`; null: not known. */
  number: z.number().int().nullable().default(null),
  /** Numbers that never came, both inclusive. */
  gap: z.object({ from: z.number().int(), to: z.number().int(), told: z.number().int() }).nullable().default(null),
  /** Set: everything since `since` is to be looked through. */
  sweep: z.number().int().nullable().default(null),
  /** `Type/ID` to be read, with `told` of the last time it was named. */
  wanted: z.record(z.string(), z.number().int()).default({}),
  heardAt: instant.nullable().default(null),
  /** The server told that the subscription is in error or off. */
  stopped: z.boolean().default(false),
});
export type FeedProgress = z.infer<typeof feedProgress>;

/** A subscription as Radloop keeps it. */
export const keptSubscription = z.object({
  /** On the EHR; null: not made yet. */
  id: z.string().nullable().default(null),
  /** Newest first. The older one holds until `until`, null: until the EHR has the newer one. */
  secrets: z.array(z.object({ secret: z.string(), until: instant.nullable() })),
  rotatedAt: instant,
  /** What was asked for, without the secret: another criterion or address in the site's folder is written there. */
  form: z.string().default(''),
  /** Does the EHR have the newest secret? */
  written: z.boolean().default(false),
  checkedAt: instant.nullable().default(null),
  /** When it was last made or written again: the heartbeat is counted from here. */
  subscribedAt: instant.nullable().default(null),
  /** Times in a row that it was silent and was subscribed again. */
  silences: z.number().int().default(0),
});
export type KeptSubscription = z.infer<typeof keptSubscription>;

/** Which version of a resource was taken last. */
export const takenVersion = z.object({ version: z.string(), updated: z.string().nullable() });
export type TakenVersion = z.infer<typeof takenVersion>;
