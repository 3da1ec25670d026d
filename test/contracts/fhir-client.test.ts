import { createServer } from 'node:https';
import { gzipSync } from 'node:zlib';
import { fhirClient } from '#adapters/fhir/client.js';
import { orthanc } from '#adapters/orthanc/pacs.js';
import { afterFailure, classOf } from '#core/delivery.js';
import { toInstant } from '#core/time.js';
import type { FhirClient, FhirResource } from '#ports/fhir-client.js';
import { authority } from '../support/certificates.ts';
import { cut, json, silent, startScripted } from '../support/scripted-http.ts';
import type { ScriptedServer, Step } from '../support/scripted-http.ts';

const now = () => toInstant(Date.now());
const running: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

async function before(...steps: readonly Step[]): Promise<{ client: FhirClient; server: ScriptedServer }> {
  const server = await startScripted(...steps);
  running.push(server);
  return { server, client: fhirClient({ baseUrl: `${server.origin}/fhir`, now }) };
}

const request = { resourceType: 'ServiceRequest', id: 'sr1', meta: { versionId: '3' } };
const bundle = (resources: readonly FhirResource[], next?: string): unknown => ({
  resourceType: 'Bundle',
  type: 'searchset',
  link: next === undefined ? [] : [{ relation: 'next', url: next }],
  entry: resources.map((resource) => ({ resource })),
});
const outcome = (issue: readonly unknown[]): unknown => ({ resourceType: 'OperationOutcome', issue });
const task = { resourceType: 'Task', status: 'completed', intent: 'order' };

async function timed<T>(work: Promise<T>): Promise<[T, number]> {
  const started = performance.now();
  const result = await work;
  return [result, performance.now() - started];
}

describe('reading', () => {
  it('gives a resource, and one version of it', async () => {
    const { client, server } = await before(json(200, request));
    expect(await client.read('ServiceRequest', 'sr1')).toEqual({ ok: true, value: request });
    await client.read('ServiceRequest', 'sr1', { versionId: '3' });
    expect(server.seen.map(({ url }) => url)).toEqual(['/fhir/ServiceRequest/sr1', '/fhir/ServiceRequest/sr1/_history/3']);
  });

  it.each([
    ['ServiceRequest', '..'],
    ['ServiceRequest', '../metadata'],
    ['ServiceRequest', 'a?b'],
    ['ServiceRequest', ''],
    ['../admin', 'x'],
    ['http://other.example/fhir/Patient', 'x'],
  ])('never asks for %s with the id "%s"', async (type, id) => {
    const { client, server } = await before(json(200, request));
    expect(await client.read(type, id)).toMatchObject({ ok: false, code: 'cannot-be-written' });
    expect(server.seen).toEqual([]);
  });

  it('does not take another resource for the one that was asked for', async () => {
    const { client } = await before(json(200, { resourceType: 'Patient', id: 'sr1' }));
    expect(await client.read('ServiceRequest', 'sr1')).toMatchObject({ ok: false, code: 'answer-unreadable' });
  });

  it('asks for an operation under the base address, and for nothing outside it', async () => {
    const { client, server } = await before(json(200, { resourceType: 'Bundle', type: 'history' }));
    expect(await client.get('Subscription/7/$events', { eventsSinceNumber: 3, eventsUntilNumber: 9 })).toMatchObject({ ok: true });
    expect(server.seen[0]?.url).toBe('/fhir/Subscription/7/$events?eventsSinceNumber=3&eventsUntilNumber=9');
    for (const path of [
      'http://169.254.169.254/latest',
      '../admin',
      '%2e%2e/admin',
      '//other.example/fhir/x',
      '/fhirs/x',
      '\\\\other.example\\fhir',
    ]) {
      expect(await client.get(path, {})).toMatchObject({ ok: false, code: 'cannot-be-written' });
    }
    expect(server.seen).toHaveLength(1);
  });
});

describe('asking again', () => {
  it('waits as long as Retry-After says in seconds', async () => {
    const { client, server } = await before(json(503, {}, { 'retry-after': '1' }), json(200, request));
    const [result, ms] = await timed(client.read('ServiceRequest', 'sr1', { seconds: 5 }));
    expect(result).toMatchObject({ ok: true });
    expect(ms).toBeGreaterThan(990);
    expect(server.seen).toHaveLength(2);
  });

  it("waits until Retry-After's date, reckoned by the server's own clock", async () => {
    const date = Date.UTC(2020, 0, 1, 12, 0, 0);
    const headers = { date: new Date(date).toUTCString(), 'retry-after': new Date(date + 1000).toUTCString() };
    const { client } = await before(json(429, {}, headers), json(200, request));
    const [result, ms] = await timed(client.read('ServiceRequest', 'sr1', { seconds: 5 }));
    expect(result).toMatchObject({ ok: true });
    expect(ms).toBeGreaterThan(990);
    expect(ms).toBeLessThan(3000);
  });

  it('does not begin a wait that outlasts the time it has, and hands the wait on', async () => {
    const { client, server } = await before(json(429, {}, { 'retry-after': '30' }));
    const [result, ms] = await timed(client.read('ServiceRequest', 'sr1', { seconds: 2 }));
    expect(result).toMatchObject({ ok: false, code: 'throttled', status: 429, retryAfterSeconds: 30 });
    expect(ms).toBeLessThan(1000);
    expect(server.seen).toHaveLength(1);
  });

  it('is never sent away for longer than an hour', async () => {
    const { client } = await before(json(503, {}, { 'retry-after': '99999999' }));
    expect(await client.read('ServiceRequest', 'sr1', { seconds: 2 })).toMatchObject({ retryAfterSeconds: 3600 });
  });

  it.each<[string, Step, string]>([
    ['a server that is busy', json(503, {}), 'unavailable'],
    ['a server with a fault', json(500, {}), 'refused-for-now'],
    ['a gateway without its server', json(502, {}), 'cut-after-send'],
    ['a connection that is cut', cut, 'cut-after-send'],
  ])('asks %s three times', async (_, step, code) => {
    const { client, server } = await before(step);
    expect(await client.read('ServiceRequest', 'sr1', { seconds: 5 })).toMatchObject({ ok: false, code });
    expect(server.seen).toHaveLength(3);
  });

  it('asks again when nothing listens, and says so', async () => {
    const { client, server } = await before(silent);
    await server.stop();
    expect(await client.read('ServiceRequest', 'sr1', { seconds: 5 })).toEqual({
      ok: false,
      code: 'not-connected',
      status: null,
      detail: 'The EHR could not be reached',
    });
  });

  it('gives up on silence when its time is over, also in the middle of a body that trickles', async () => {
    const trickle: Step = (response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => {
        clearInterval(timer);
      });
    };
    for (const step of [silent, trickle]) {
      const { client } = await before(step);
      const [result, ms] = await timed(client.read('ServiceRequest', 'sr1', { seconds: 0.3 }));
      expect(result).toMatchObject({ code: 'timed-out-after-send', detail: 'The EHR did not answer within 0.3 s' });
      expect(ms).toBeLessThan(800);
    }
  });

  it.each<[number, string]>([
    [400, 'refused'],
    [403, 'not-allowed'],
    [404, 'refused'],
    [409, 'changed-meanwhile'],
    [410, 'gone'],
    [412, 'changed-meanwhile'],
    [422, 'refused'],
  ])('field report 6: HTTP %i is permanent: sent once, held at once', async (status, code) => {
    const { client, server } = await before(json(status, outcome([])));
    const result = await client.create(task, { identifier: 'urn:radloop:effect|k1' }, { seconds: 5 });
    expect(result).toMatchObject({ ok: false, code, status });
    expect(server.seen).toHaveLength(1);
    if (result.ok) return;
    expect(classOf(result.code)).toBe('permanent');
    expect(afterFailure(result.code, 1)).toEqual({ step: 'askPerson' });
  });

  it.each<[string, Step]>([
    ['cut', cut],
    ['busy', json(503, {}, { 'retry-after': '0' })],
  ])('never repeats a create without a condition (%s)', async (_, step) => {
    const { client, server } = await before(step);
    expect(await client.create(task, null, { seconds: 5 })).toMatchObject({ ok: false });
    expect(server.seen).toHaveLength(1);
  });

  it('repeats a create with a condition, with the same condition and the same body', async () => {
    const { client, server } = await before(cut, json(201, { ...task, id: 't1', meta: { versionId: '1' } }));
    expect(await client.create(task, { identifier: 'urn:radloop:effect|k1' })).toEqual({
      ok: true,
      value: { id: 't1', version: '1', made: 'created' },
    });
    expect(server.seen.map(({ headers }) => headers['if-none-exist'])).toEqual(Array(2).fill('identifier=urn%3Aradloop%3Aeffect%7Ck1'));
    expect(new Set(server.seen.map(({ body }) => body)).size).toBe(1);
  });
});

describe('over TLS', () => {
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  it('a certificate that nobody here trusts ends the connection before anything is sent, and is said so', async () => {
    const { cert, key } = await (await authority('Unknown CA')).issue('localhost', { names: [{ type: 'ip', value: '127.0.0.1' }] });
    let asked = 0;
    const server = createServer({ cert, key }, (_, response) => {
      asked += 1;
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    closing.push(() => {
      server.close();
      server.closeAllConnections();
    });
    const origin = `https://127.0.0.1:${String(typeof address === 'object' && address !== null ? address.port : 0)}`;
    const why = /shows a certificate that is not trusted here$/u;
    expect(await fhirClient({ baseUrl: `${origin}/fhir`, now }).read('Patient', 'ada')).toMatchObject({
      ok: false,
      code: 'not-connected',
      detail: expect.stringMatching(why),
    });
    expect(await orthanc({ baseUrl: origin, timeoutSeconds: 3, zone: 'UTC', now }).changes(0)).toEqual({
      ok: false,
      why: expect.stringMatching(why),
    });
    expect(asked).toBe(0);
  });
});

describe('searching', () => {
  it('sends a list as the parameter repeated', async () => {
    const { client, server } = await before(json(200, bundle([request])));
    expect(await client.search('ServiceRequest', { _lastUpdated: ['ge2026-11-25', 'lt2026-11-26'] })).toEqual({
      ok: true,
      value: { resources: [request], complete: true },
    });
    expect(server.seen[0]?.url).toBe('/fhir/ServiceRequest?_lastUpdated=ge2026-11-25&_lastUpdated=lt2026-11-26');
  });

  it('a search that names somebody goes by POST, and is repeated like any other', async () => {
    const { client, server } = await before(cut, json(200, bundle([])));
    expect(await client.search('Task', { identifier: 'a|b c', _count: 2 }, { seconds: 5 })).toMatchObject({ ok: true });
    expect(server.seen.map(({ method, url, body }) => [method, url, body])).toEqual(
      Array(2).fill(['POST', '/fhir/Task/_search', 'identifier=a%7Cb+c&_count=2']),
    );
    expect(server.seen[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded');
  });

  it.each([
    ['under another name', 'subject=Patient/4711'],
    ['with a type', 'patient:Patient=4711'],
    ['as a part of a chain', 'patient.identifier=x'],
    ['within another value', '_query=pages+of+4711'],
    ['under another name, a short one', '_text=for+b'],
  ])('invariant 36: a next page that names a patient %s is asked for by POST too', async (_, query) => {
    const { client, server } = await before(json(200, bundle([request], `Task?${query}`)), json(200, bundle([])));
    expect(await client.search('Task', { patient: 'Patient/4711', owner: 'a|b' })).toMatchObject({ ok: true });
    expect(server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual(Array(2).fill('POST /fhir/Task/_search'));
    expect(server.seen[1]?.body).toBe(new URLSearchParams(query).toString());
  });

  it('a next page of an opaque name is asked for as the server wrote it', async () => {
    const { client, server } = await before(json(200, bundle([request], 'Task?_getpages=7b3c-47b1&_count=20')), json(200, bundle([])));
    await client.search('Task', { patient: 'Patient/7', owner: 'a|b' });
    expect(server.seen[1]).toMatchObject({ method: 'GET', url: '/fhir/Task?_getpages=7b3c-47b1&_count=20' });
  });

  it('reads further pages up to the number that the caller allows', async () => {
    const next: Step = (response, seen) => {
      json(200, bundle([request], `ServiceRequest?page=${String(Number(/\d+$/u.exec(seen.url)?.[0] ?? 0) + 1)}`))(response, seen);
    };
    const { client, server } = await before(next);
    expect(await client.search('ServiceRequest', {}, { mostPages: 9 })).toMatchObject({ ok: true, value: { complete: false } });
    expect(server.seen).toHaveLength(9);
  });

  it('stops when the caller has enough', async () => {
    const { client, server } = await before(json(200, bundle([request], 'ServiceRequest?page=2')));
    expect(await client.search('ServiceRequest', {}, { enough: (soFar) => soFar.length > 0 })).toMatchObject({ value: { complete: true } });
    expect(server.seen).toHaveLength(1);
  });

  it.each([
    'http://127.0.0.1:9/fhir/ServiceRequest?page=2',
    'BASE-other/ServiceRequest?page=2',
    'BASE/../admin?page=2',
    'BASE/%2e%2e/admin?page=2',
    'http://user@HOST/fhir/ServiceRequest?page=2',
    'file:///etc/passwd',
    'http://[::ffff:169.254.169.254]/fhir',
    'not an address\u0000',
  ])('does not follow the next page to %s', async (written) => {
    const server = await startScripted((response, seen) => {
      const url = written.replace('BASE', `${server.origin}/fhir`).replace('HOST', server.origin.replace('http://', ''));
      json(200, bundle([request], url))(response, seen);
    });
    running.push(server);
    const client = fhirClient({ baseUrl: `${server.origin}/fhir`, now });
    const result = await client.search('ServiceRequest', {}, { mostPages: 3 });
    // A page that can only be read as lying under the base is read there, and nowhere else.
    expect(result).toMatchObject({ ok: true, value: { complete: false } });
    expect(server.seen.every(({ url }) => url.startsWith('/fhir/'))).toBe(true);
  });

  it('reads no more than 5 MB, also of what was compressed', async () => {
    const body = gzipSync(JSON.stringify(bundle([{ ...request, note: 'x'.repeat(60_000_000) }])));
    const { client } = await before((response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(body));
    expect(await client.search('ServiceRequest', {})).toMatchObject({
      ok: false,
      code: 'answer-unreadable',
      detail: 'The EHR answered more than 5 MB',
    });
  });

  it('stops asking for pages when 50 MB have come', async () => {
    const big = JSON.stringify(bundle([{ ...request, note: 'x'.repeat(4_900_000) }], 'ServiceRequest?page=2'));
    const { client, server } = await before((response) => response.writeHead(200).end(big));
    const result = await client.search('ServiceRequest', {}, { mostPages: 100 });
    expect(result).toMatchObject({ ok: true, value: { complete: false } });
    expect(server.seen).toHaveLength(11);
  });

  it('does not follow a redirect', async () => {
    const { client, server } = await before((response) => response.writeHead(307, { location: '/fhir/elsewhere' }).end());
    expect(await client.search('ServiceRequest', {})).toMatchObject({ ok: false, status: 307, code: 'refused' });
    expect(server.seen).toHaveLength(1);
  });
});

describe('what a failure says', () => {
  it('is an OperationOutcome in our words: no text of the server, no search value, no address', async () => {
    const issues = [
      { severity: 'warning', code: 'informational', diagnostics: 'for Ada Stone' },
      {
        severity: 'error',
        code: 'required',
        details: { text: 'Ada Stone 4711 lacks a value' },
        diagnostics: 'identifier=4711',
        expression: ['Patient.name'],
      },
      { severity: 'error', code: 'Ada Stone' },
      { severity: 'Stone', code: 'value' },
    ];
    const { client, server } = await before(json(400, outcome(issues)));
    const result = await client.search('Patient', { identifier: '4711', name: 'Stone' });
    expect(result).toEqual({
      ok: false,
      code: 'refused',
      status: 400,
      detail: 'The EHR refused (HTTP 400). It says: a required element is missing (error); a note (warning)',
    });
    expect(JSON.stringify(result)).not.toMatch(/4711|Stone|127\.0\.0\.1|Patient/u);
    expect(server.seen).toHaveLength(1);
  });

  it('is the status alone when the refusal is a web page, without end or does not come', async () => {
    const endless: Step = (response) => response.writeHead(400).write('x'.repeat(200_000));
    for (const step of [json(400, '<html>'), endless, (response) => response.writeHead(400).write('{')] satisfies Step[]) {
      const { client } = await before(step);
      const [result, ms] = await timed(client.search('Patient', { identifier: '4711' }, { seconds: 10 }));
      expect(result).toMatchObject({ ok: false, detail: 'The EHR refused (HTTP 400)' });
      expect(ms).toBeLessThan(2500);
    }
  });
});

describe('conditional writes', () => {
  const written = { ...task, id: 't1' };

  it('an update names the version that was read', async () => {
    const { client, server } = await before(json(200, { ...written, meta: { versionId: '4' } }));
    expect(await client.update(written, '3')).toEqual({ ok: true, value: { id: 't1', version: '4', made: 'updated' } });
    expect(server.seen[0]).toMatchObject({ method: 'PUT', url: '/fhir/Task/t1', headers: { 'if-match': 'W/"3"' } });
  });

  it.each([409, 412])('HTTP %i on an update says that somebody else wrote first', async (status) => {
    const { client } = await before(json(status, outcome([])), json(200, { ...written, status: 'failed', meta: { versionId: '4' } }));
    expect(await client.update(written, '3')).toMatchObject({ ok: false, code: 'changed-meanwhile', status });
  });

  it('an update whose answer was lost finds its own content there, and does not take it for the change of another', async () => {
    const there = { ...written, meta: { versionId: '4', lastUpdated: '2026-11-25T12:00:00Z' }, text: { status: 'generated', div: '<div/>' } };
    const { client, server } = await before(cut, json(412, outcome([])), json(200, there));
    expect(await client.update(written, '3')).toEqual({ ok: true, value: { id: 't1', version: '4', made: 'existing' } });
    expect(server.seen.map(({ method }) => method)).toEqual(['PUT', 'PUT', 'GET']);
  });

  it('HTTP 412 on a create says that there is more than one already', async () => {
    const { client } = await before(json(412, outcome([{ severity: 'error', code: 'multiple-matches' }])));
    expect(await client.create(task, { identifier: 'k' })).toMatchObject({
      code: 'changed-meanwhile',
      detail: 'The EHR refused (HTTP 412). It says: more than one was found (error)',
    });
  });

  it('reads id and version of what was made from Location and ETag when no body comes', async () => {
    const headers = { location: 'https://ehr.example/fhir/Task/t9/_history/1', etag: 'W/"1"' };
    const { client } = await before((response) => response.writeHead(201, headers).end());
    expect(await client.create(task, { identifier: 'k' })).toEqual({ ok: true, value: { id: 't9', version: '1', made: 'created' } });
  });

  it('searches for the one that is there when the server does not say which', async () => {
    const { client } = await before((response) => response.writeHead(200).end(), json(200, bundle([{ ...written, meta: { versionId: '2' } }])));
    expect(await client.create(task, { identifier: 'k' })).toEqual({ ok: true, value: { id: 't1', version: '2', made: 'existing' } });
  });
});
