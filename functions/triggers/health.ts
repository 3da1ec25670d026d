import { app } from '@azure/functions';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { FeedState } from '#domain/feed-state.js';
import type { ProgressReport } from '#engine/progress.js';
import type { Check } from '#engine/readiness.js';

/** How the service is, as whoever watches it asks. */
export interface Health {
  /** Seconds that the event loop is late. */
  readonly loopDelay: () => number;
  readonly hasStarted: () => boolean;
  readonly ready: () => Promise<readonly Check[]>;
  readonly progress: () => Promise<ProgressReport>;
  readonly held: () => Promise<readonly unknown[]>;
  readonly feeds: () => Promise<readonly FeedState[]>;
  /** Prometheus' text format. */
  readonly metrics: () => Promise<string>;
  /** Is this Authorization header of somebody who may read more than yes or no? */
  readonly mayReadDetail: (authorization: string) => boolean;
}

const LIVE_SECONDS = 5;

/**
 * GET /api/livez: the event loop is less than 5 s late; red: start the process anew. /api/startupz: the start is over. /api/readyz: the store takes what is
 * written, there is room on its disk, its instance is known, the bot's keys are at hand; red: send no work here. /api/healthz/progress: work is getting done
 * (engine/progress.ts); red: call somebody. /api/metrics. Each answers 200 or 503 and no more than `{"ok":…}`; detail, and all metrics, need the bearer token.
 */
export function registerHealth(health: Health): void {
  const get = (name: string, route: string, handler: (request: HttpRequest) => Promise<HttpResponseInit>): void => {
    app.http(name, { methods: ['GET'], authLevel: 'anonymous', route, handler });
  };
  const mayRead = (request: HttpRequest): boolean => health.mayReadDetail(request.headers.get('authorization') ?? '');
  const answer = (request: HttpRequest, ok: boolean, detail: object): HttpResponseInit => ({
    status: ok ? 200 : 503,
    headers: { 'Cache-Control': 'no-store' },
    jsonBody: mayRead(request) ? { ok, ...detail } : { ok },
  });
  get('livez', 'livez', (request) => {
    const loopDelay = health.loopDelay();
    return Promise.resolve(answer(request, loopDelay < LIVE_SECONDS, { loopDelay }));
  });
  get('startupz', 'startupz', (request) => Promise.resolve(answer(request, health.hasStarted(), {})));
  get('readyz', 'readyz', async (request) => {
    const checks = await health.ready();
    return answer(request, checks.every(({ ok }) => ok), mayRead(request) ? { checks, ...(await waiting(health)) } : {}); // prettier-ignore
  });
  get('progress', 'healthz/progress', async (request) => {
    const report = await health.progress().catch(() => null);
    return answer(request, report?.ok === true, report ?? { missing: ['store'] });
  });
  get('metrics', 'metrics', async (request) => {
    if (!mayRead(request)) return { status: 401, headers: { 'WWW-Authenticate': 'Bearer' } };
    return {
      status: 200,
      headers: { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8', 'Cache-Control': 'no-store' },
      body: await health.metrics(),
    };
  });
}

/** What waits for a person, and how each feed is; nothing of it while the store does not answer. */
async function waiting({ held, feeds }: Health): Promise<object> {
  try {
    return { held: (await held()).length, feeds: (await feeds()).map(({ name, state }) => ({ name, state })) };
  } catch {
    return {};
  }
}
