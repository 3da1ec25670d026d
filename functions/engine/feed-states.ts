import type { Instant } from '#core/time.js';
import { FEED_STATES, feedStatesIn } from '#domain/feed-state.js';
import type { FeedState } from '#domain/feed-state.js';
import type { Clock } from '#ports/clock.js';
import type { Cursors } from '#ports/cursors.js';

/** What is told of a feed. `since`: when it became so; left out: now, or since it was first told. */
export type FeedNews = Pick<FeedState, 'state' | 'reason'> & { readonly since?: Instant };

/** Of a feed that is not read while intake is shut (backpressure.ts). */
export const SHUT_REASON = 'not read while too much waits here, or the disk is nearly full';

/** How the feeds are, for the operator: on disk, so that it is seen beside a service that has ended too. */
export interface FeedStates {
  tell(name: string, news: FeedNews): Promise<void>;
  now(name: string): Promise<FeedState['state']>;
  all(): Promise<readonly FeedState[]>;
}

/** @param names the feeds that are followed; what was kept of others is dropped */
export function feedStates(cursors: Cursors, clock: Clock, names: readonly string[]): FeedStates {
  const started = clock.now();
  /** As they stand in the store: another process may have told of one. */
  const followed = (text: string | null): readonly FeedState[] => {
    const kept = feedStatesIn(text);
    return names.map((name) => kept.find((one) => one.name === name) ?? { name, state: 'starting', since: started, reason: '' });
  };
  const load = async (): Promise<readonly FeedState[]> => followed(await cursors.read(FEED_STATES));
  const change = async (name: string, { state, reason, since }: FeedNews): Promise<void> => {
    for (;;) {
      const text = await cursors.read(FEED_STATES);
      const before = followed(text);
      const own = before.find((one) => one.name === name);
      if (own === undefined || (own.state === state && own.reason === reason)) return;
      const news = { name, state, reason, since: own.state === state ? own.since : (since ?? clock.now()) };
      const after = before.map((one) => (one.name === name ? news : one));
      if (await cursors.swap(FEED_STATES, text, JSON.stringify(after))) return;
    }
  };
  const dropOthers = async (): Promise<void> => {
    const kept = feedStatesIn(await cursors.read(FEED_STATES));
    if (kept.some(({ name }) => !names.includes(name))) await cursors.write(FEED_STATES, JSON.stringify(await load()));
  };
  // A store that fails here fails the next news too, which then says so.
  let last: Promise<unknown> = dropOthers().catch(() => undefined);
  return {
    tell(name, news) {
      const next = last.then(
        () => change(name, news),
        () => change(name, news),
      );
      last = next;
      return next;
    },
    now: async (name) => (await load()).find((one) => one.name === name)?.state ?? 'starting',
    all: load,
  };
}
