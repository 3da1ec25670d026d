import { z } from 'zod/v4';
import { instant } from '#core/time.js';

/** Names of the feeds that are no subscription (endpoints.json); no subscription may have one of them. */
export const PACS_FEED = 'pacs';
export const GRID_FEED = 'event-grid';

/** By this name the states of all feeds are kept (ports/cursors.ts). */
export const FEED_STATES = 'feed-states';

/**
 * What a feed is like: `starting` not asked yet, `up`, `not-subscribed` the EHR does not take the subscription, `stopped` it had it in error or off, `silent`
 * two heartbeats were missed, `behind` what it told of two heartbeats ago is not read yet, `down` the other side does not answer.
 */
const feedState = z.object({
  name: z.string(),
  state: z.enum(['starting', 'up', 'not-subscribed', 'stopped', 'silent', 'behind', 'down']),
  since: instant,
  /** No patient data; empty for one that is up. */
  reason: z.string(),
});
export type FeedState = z.infer<typeof feedState>;

/** The states as they are kept; what can't be read is as none. */
export function feedStatesIn(text: string | null): readonly FeedState[] {
  try {
    return z.array(feedState).parse(text === null ? [] : JSON.parse(text));
  } catch {
    return [];
  }
}

/** Is it for a person to look at? */
export function isInTrouble({ state }: FeedState): boolean {
  return state !== 'up' && state !== 'starting';
}
