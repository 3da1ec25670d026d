import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { HttpRequest } from '@azure/functions';
import type { HttpResponseInit } from '@azure/functions';
import { fhirClient } from '#adapters/fhir/client.js';
import { fhirDoor } from '#adapters/fhir-in/door.js';
import { secrets } from '#adapters/fhir-in/secrets.js';
import { readSite } from '#adapters/embedded/site-folder.js';
import { addSeconds, toInstant } from '#core/time.js';
import type { Endpoints, FhirSubscriptions } from '#domain/site.js';
import { allowGrid, hearGrid, hearSubscription } from '#engine/fhir-doors.js';
import { feedStates } from '#engine/feed-states.js';
import { fhirFeed } from '#engine/fhir-feed.js';
import type { FeedNeeds, FhirFeed } from '#engine/fhir-feed.js';
import type { FhirClient } from '#ports/fhir-client.js';
import { eventGridHandler } from '../../functions/triggers/event-grid.ts';
import { fhirInHandler } from '../../functions/triggers/fhir-in.ts';
import { findRoute, route } from '../../infra/local/function-host/routes.ts';
import { startEhr } from '../../infra/rehearsal/ehr.ts';
import type { Ehr } from '../../infra/rehearsal/ehr.ts';
import type { NotifierOptions } from '../../infra/rehearsal/ehr-notifier.ts';
import type { ChartResource } from '../../infra/rehearsal/chart.ts';
import { startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { testSite } from '../support/planned-orders.ts';
import { hospitalPatient, practitioner } from './resources.ts';

export interface FhirSide {
  readonly ehr: Ehr;
  readonly engine: EngineFixture;
  readonly feed: FhirFeed;
  readonly client: FhirClient;
  readonly needs: FeedNeeds;
  /** `http://127.0.0.1:PORT/api` of our own functions. */
  readonly base: string;
  /** Writes a resource to the EHR by its id; waits until whoever is told has been told. */
  put(resource: ChartResource): Promise<void>;
  remove(reference: string): Promise<void>;
  /** Serves the subscription (and Event Grid's feed) until nothing is left, then the engine; the clock stands. */
  settle(): Promise<void>;
  pass(seconds: number): void;
  /** Number of cases, and what was kept by type. */
  cases(): Promise<number>;
  kept(): Promise<readonly string[]>;
  subscription(): Promise<Record<string, unknown>>;
  post(path: string, body: unknown, headers?: Record<string, string>, method?: string): Promise<Response>;
  denials(): readonly unknown[];
  /** Our door is away: nobody answers there. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  /** A new process over the same stores. */
  restart(): FhirFeed;
  stop(): Promise<void>;
}

export const GRID_SECRET = 'event-grid-secret-of-the-test';
const GRID_SHA256 = '11f9d702fb46df4c5a6b49a03b1901e7749f71d81c5ef958750b50e49ad816b6';

/** Radloop's FHIR door, feed and engine over real stores and real HTTP, with the rehearsal EHR on the other side and a clock that the test moves. */
export async function startFhirSide(
  options: NotifierOptions & { criteria?: string; baseUrl?: string; rows?: FhirSubscriptions['rows'] },
): Promise<FhirSide> {
  const ehr = await startEhr({ port: 0, charts: [[hospitalPatient, practitioner]], writable: options });
  const engine = startEngineFixture('assist');
  // The EHR's resources carry the real time.
  engine.now = toInstant(Date.now());
  const site = readSite(testSite);
  const kind = options.shape.startsWith('classic') ? 'classic' : 'topic';
  const payload = options.shape === 'classic-empty' ? 'empty' : 'full-resource';
  const listener = createServer((request, response) => {
    void buffer(request).then(async (bytes) => {
      const path = (request.url ?? '').split('?')[0] ?? '';
      const found = findRoute(routes, request.method ?? '', path);
      if (found === null) {
        response.writeHead(404).end();
        return;
      }
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const url = `http://127.0.0.1${request.url ?? ''}`;
      const method = request.method as 'POST';
      const body = bytes.length === 0 ? {} : { body: { bytes } };
      const asked = new HttpRequest({ method, url, headers, params: found.params, ...body });
      // A handler that throws is answered 500 by the host.
      const answer = await found.target(asked).catch((): HttpResponseInit => ({ status: 500 }));
      response.writeHead(answer.status ?? 200, { ...(answer.headers as Record<string, string>) });
      response.end(answer.jsonBody === undefined ? (answer.body as string | undefined) : JSON.stringify(answer.jsonBody));
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  const base = `http://127.0.0.1:${port}/api`;
  const rows = options.rows ?? [
    { name: 'orders', criteria: options.criteria ?? 'ServiceRequest?status=active', topic: 'http://radloop.example/topic/orders', payload },
  ];
  const subscriptions: FhirSubscriptions = { kind, callbackUrl: `${base}/fhir`, rows, heartbeatSeconds: 60 };
  const baseUrl = options.baseUrl ?? ehr.baseUrl;
  const endpoints: Endpoints = {
    ...site.endpoints,
    ehr: { ...site.endpoints.ehr, baseUrl, assigners: { 'urn:oid:2.16.840.1.113883.19.1': 'REHEARSAL-EHR' } },
  };
  const client = fhirClient({ baseUrl, now: () => engine.now });
  const denials: unknown[] = [];
  const audit: typeof engine.parts.audit = {
    ...engine.parts.audit,
    async record(entry) {
      denials.push({ ...(entry.actor.kind === 'sender' ? { endpoint: entry.actor.endpoint } : {}), ...entry.detail });
      await engine.stores.audit.record(entry);
    },
  };
  const needs: FeedNeeds & { audit: typeof audit } = {
    ...engine.parts,
    audit,
    cursors: engine.stores.cursors,
    states: feedStates(engine.stores.cursors, { now: () => engine.now }, [...rows.map(({ name }) => name), 'event-grid']),
    fhir: client,
    fhirDoor: fhirDoor({ ...site, endpoints }),
    secrets,
    subscriptions,
  };
  let feed = fhirFeed(needs);
  const grid = { secretSha256: [GRID_SHA256] };
  type Handler = (request: HttpRequest) => Promise<HttpResponseInit>;
  const hear: Handler = fhirInHandler((name, path, request) => hearSubscription(needs, feed, name, path, request));
  const routes = [
    route<Handler>('api/fhir/{name}', ['POST', 'PUT'], hear),
    route<Handler>('api/fhir/{name}/{type}/{id}', ['POST', 'PUT'], hear),
    route<Handler>(
      'api/events',
      ['POST', 'OPTIONS'],
      eventGridHandler({ hear: (request) => hearGrid(needs, feed, grid, request), allow: allowGrid }),
    ),
  ];
  const fhir = async (method: string, path: string, body?: unknown): Promise<Response> =>
    fetch(`${ehr.baseUrl}/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/fhir+json' } }),
    });
  const side: FhirSide = {
    ehr,
    engine,
    client,
    needs,
    base,
    get feed() {
      return feed;
    },
    async put(resource) {
      const answer = await fhir('PUT', `${resource.resourceType}/${resource.id}`, resource);
      if (!answer.ok) throw new Error(`the EHR refused: ${await answer.text()}`);
      await ehr.notifier.idle();
    },
    async remove(reference) {
      await fhir('DELETE', reference);
    },
    async settle() {
      for (let round = 0; round < 20; round += 1) {
        const waits = await Promise.all([...rows.map((row) => feed.serve(row.name)), feed.serve('event-grid')]);
        await ehr.notifier.idle();
        if (waits.every((wait) => wait > 0)) break;
      }
      await engine.settle();
    },
    pass(seconds) {
      engine.now = addSeconds(engine.now, seconds);
    },
    cases: async () => (await engine.stores.views.open('protocoling')).length,
    kept: async () => (await engine.stores.raw.list(100)).map((row) => `${row.messageType ?? ''} ${row.state}`).sort(),
    async subscription() {
      const found = (await (await fhir('GET', 'Subscription?status:not=off&_sort=-_lastUpdated')).json()) as {
        entry?: { resource: Record<string, unknown> }[];
      };
      const live = (found.entry ?? []).map((entry) => entry.resource).filter((one) => one['status'] !== 'off');
      if (live[0] === undefined) throw new Error('the EHR has no subscription');
      return live[0];
    },
    post: (path, body, headers = {}, method = 'POST') =>
      fetch(`${base}/${path}`, {
        method,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    denials: () => denials,
    async goAway() {
      listener.closeAllConnections();
      await new Promise<void>((resolve) => listener.close(() => resolve()));
    },
    async comeBack() {
      await new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve));
    },
    restart() {
      feed = fhirFeed(needs);
      return feed;
    },
    async stop() {
      listener.closeAllConnections();
      listener.close();
      await ehr.stop();
      await engine.close();
    },
  };
  return side;
}

/** The secret that the EHR was given, as it stands in its subscription. */
export async function secretAtEhr(side: FhirSide): Promise<string> {
  const { channel } = (await side.subscription()) as { channel: { header: string[] } };
  return channel.header[0]!.replace('X-Radloop-Secret: ', '');
}
