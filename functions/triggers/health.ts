import { app } from '@azure/functions';

/** GET /api/livez: up. GET /api/readyz: up and the store answers; how many things are held for a person. */
export function registerHealth(held: () => Promise<readonly unknown[]>): void {
  app.http('livez', { methods: ['GET'], authLevel: 'anonymous', route: 'livez', handler: () => ({ status: 200, jsonBody: { ok: true } }) });
  app.http('readyz', {
    methods: ['GET'],
    authLevel: 'anonymous',
    route: 'readyz',
    async handler() {
      return { status: 200, jsonBody: { ok: true, held: (await held()).length } };
    },
  });
}
