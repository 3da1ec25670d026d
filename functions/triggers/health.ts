import { app } from '@azure/functions';
import type { FeedState } from '#domain/feed-state.js';

/** GET /api/livez: up. GET /api/readyz: up and the store answers; how many things are held for a person, how each feed is. */
export function registerHealth(held: () => Promise<readonly unknown[]>, feeds: () => Promise<readonly FeedState[]>): void {
  app.http('livez', { methods: ['GET'], authLevel: 'anonymous', route: 'livez', handler: () => ({ status: 200, jsonBody: { ok: true } }) });
  app.http('readyz', {
    methods: ['GET'],
    authLevel: 'anonymous',
    route: 'readyz',
    async handler() {
      const states = (await feeds()).map(({ name, state }) => ({ name, state }));
      return { status: 200, jsonBody: { ok: true, held: (await held()).length, feeds: states } };
    },
  });
}
