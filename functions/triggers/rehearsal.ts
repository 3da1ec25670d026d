import { app } from '@azure/functions';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { addressClass } from '#core/address.js';
import type { Counters } from '#engine/counters.js';
import { addressesOf } from './teams.ts';

/**
 * GET /rehearsal/counters (behind the app's prefix too): `{"handlers":n,"effects":n,"audited":n}` since the start, of what came in at POST /api/messages. Registered on the
 * rehearsal site only; whoever does not ask from this machine gets 403.
 */
export function registerRehearsalCounters(now: () => Counters): void {
  app.http('rehearsal-counters', { methods: ['GET'], authLevel: 'anonymous', route: 'rehearsal/counters', handler: countersHandler(now) });
}

export function countersHandler(now: () => Counters): (request: HttpRequest) => Promise<HttpResponseInit> {
  return (request) => {
    const from = addressesOf(request);
    // Every hop: a proxy on this machine would else let anybody in.
    const isHere = from.length > 0 && from.every((address) => addressClass(address) === 'loopback');
    return Promise.resolve(isHere ? { status: 200, headers: { 'Cache-Control': 'no-store' }, jsonBody: now() } : { status: 403 });
  };
}
