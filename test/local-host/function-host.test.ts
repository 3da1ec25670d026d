import { EVERYTHING, fixtureApp } from './fixture-app.ts';
import type { FixtureApp } from './fixture-app.ts';
import type { HostProcess } from './host-process.ts';
import { startHostProcess } from './host-process.ts';

let app: FixtureApp;
let host: HostProcess;

async function start(root: string): Promise<HostProcess> {
  const started = await startHostProcess(root);
  if (typeof started === 'string') throw new Error(started);
  return started;
}

beforeAll(async () => {
  app = await fixtureApp(EVERYTHING, { version: '2.0' }, { 'suffix.js': 'export const suffix = ", and changed after";' });
  host = await start(app.root);
});

afterAll(async () => {
  await host.close();
  await app.remove();
});

describe('the local function host', () => {
  it('tells what it serves, and what it does not', () => {
    expect(host.ready['routes']).toContainEqual({ name: 'echo', methods: ['POST'], path: '/api/echo/{id:int}/{tail?}' });
    expect(host.ready['routes']).toContainEqual({ name: 'defaultRoute', methods: ['GET'], path: '/api/defaultRoute' });
    expect(host.ready).toMatchObject({ timers: ['tick'], notServed: ['queue'], exported: ['marker', 'seen'] });
  });

  it("hands the request over through the library's own conversion and answers with what the function returned", async () => {
    const response = await fetch(`${host.base}/api/echo/42/so%20what?a=1&b=%2F`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', 'x-ms-client-principal': 'eyJ1c2VySWQiOiJhZG1pbiJ9' },
      body: 'MSH|^~\\&',
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('x-name')).toBe('echo');
    expect(await response.json()).toEqual({
      url: `${host.base}/api/echo/42/so%20what?a=1&b=%2F`,
      method: 'POST',
      params: { id: '42', tail: 'so what' },
      query: { a: '1', b: '/' },
      type: 'text/plain',
      user: null,
      text: 'MSH|^~\\&',
    });
  });

  it('carries bytes that are no text', async () => {
    const response = await fetch(`${host.base}/api/bytes`, { method: 'POST', body: Uint8Array.of(0, 200, 255) });
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([255, 200, 0]);
  });

  it.each([
    ['POST', '/api/echo/7', 201, 'an optional segment may be left out'],
    ['POST', '/api/ECHO/7', 201, 'words do not tell capitals apart'],
    ['POST', '/api/echo/seven', 404, 'int takes digits only'],
    ['GET', '/api/echo/fixed', 200, 'a word wins over a value'],
    ['GET', '/api/files/a/b%2Fc', 200, 'a rest takes several segments'],
    ['GET', '/api/files', 200, 'a rest may be empty'],
    ['GET', '/api/echo/7', 404, 'another method is no route, as on Azure'],
    ['GET', '/echo/fixed', 404, 'the prefix is part of the path'],
    ['GET', '/api/defaultroute', 200, 'without a route the name is the route'],
    ['GET', '/api/%E0%A4%A', 400, 'a path that is not encoded properly'],
    ['GET', '//elsewhere.example/api/seen', 404, 'a path that looks like a host'],
  ])('%s %s is %d: %s', async (method, path, status) => {
    const response = await fetch(host.base + path, { method });
    expect(response.status).toBe(status);
  });

  it('lets hooks change what goes in and what comes out', async () => {
    const response = await fetch(`${host.base}/api/hooked`);
    expect(await response.text()).toBe('put there by a hook, and changed after');
  });

  it('answers 204 when a function returns nothing', async () => {
    expect((await fetch(`${host.base}/api/nothing`)).status).toBe(204);
  });

  it('sends status, location and cookies as the function gave them', async () => {
    const response = await fetch(`${host.base}/api/cookie`, { redirect: 'manual' });
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('/elsewhere');
    expect(response.headers.getSetCookie()).toEqual(['a=b; Path=/; Max-Age=60; HttpOnly; SameSite=Strict']);
  });

  it('answers 500 without a word of the error, and logs where it was but not what it said', async () => {
    const response = await fetch(`${host.base}/api/throws`);
    expect(response.status).toBe(500);
    expect(await response.text()).toBe('');
    const said = (): unknown[] => host.lines.filter((line) => line['log'] === 'error' && String(line['message']).startsWith('throws'));
    // The line comes through another pipe than the answer.
    for (let tries = 0; tries < 40 && said().length === 0; tries++) await new Promise((resolve) => setTimeout(resolve, 25));
    const logged = said();
    expect(logged).toHaveLength(1);
    expect(JSON.stringify(logged)).toMatch(/main\.js/u);
    expect(JSON.stringify(logged)).not.toMatch(/4711/u);
  });

  it.each([
    ['a length that says so', new Blob(['x'.repeat(1001)])],
    ['a stream without a length', new Blob(['x'.repeat(5_000_000)]).stream()],
  ])('answers 413 to a body over the limit: %s', async (_, body) => {
    const response = await fetch(`${host.base}/api/bytes`, { method: 'POST', body, duplex: 'half' });
    expect(response.status).toBe(413);
  });

  it('takes a body of exactly the limit', async () => {
    expect((await fetch(`${host.base}/api/bytes`, { method: 'POST', body: 'x'.repeat(1000) })).status).toBe(200);
  });

  it('runs a timer at the start and every second, never twice at once, and goes on after a failed run', async () => {
    let seen: { ticks: number; most: number; past: boolean; hooks: string[] } | undefined;
    for (let tries = 0; tries < 40 && (seen?.ticks ?? 0) < 3; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      seen = (await (await fetch(`${host.base}/api/seen`)).json()) as typeof seen;
    }
    expect(seen).toMatchObject({ most: 1, past: false, hooks: ['appStart'] });
    expect(seen?.ticks).toBeGreaterThanOrEqual(3);
    expect(host.lines.some((line) => String(line['message']).startsWith("tick: the timer's run failed"))).toBe(true);
  });

  it('lets a request under way finish when it closes, and runs the last hook', async () => {
    const own = await fixtureApp(
      EVERYTHING,
      { version: '2.0', extensions: { http: { routePrefix: '' } } },
      { 'suffix.js': 'export const suffix = "";' },
    );
    const other = await start(own.root);
    const slow = fetch(`${other.base}/slow`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const code = await other.close();
    expect(await (await slow).text()).toBe('finished');
    expect(code).toBe(0);
    expect(other.lines.filter((line) => line['terminated'] === true)).toHaveLength(1);
    expect(other.lines.at(-1)).toEqual({ closed: true });
    await own.remove();
  });
});

describe('an app that can not be served', () => {
  it.each([
    ['two functions of one name', `app.get('a', () => ({})); app.get('a', () => ({}));`, /Two functions are named "a"/u],
    ['a route that is not understood', `app.http('a', { route: 'x-{id}', handler: () => ({}) });`, /does not read "x-\{id\}"/u],
    ['an unknown constraint', `app.http('a', { route: '{id:regex}', handler: () => ({}) });`, /knows no constraint "regex"/u],
    ['a schedule that is none', `app.timer('a', { schedule: '61 * * * * *', handler: () => {} });`, /"61" is no second/u],
    ['streaming', `app.setup({ enableHttpStream: true });`, /enableHttpStream/u],
  ])('%s is named when it starts', async (_, code, sentence) => {
    const bad = await fixtureApp(`import { app } from '@azure/functions';\n${code}`);
    expect(await startHostProcess(bad.root)).toMatch(sentence);
    await bad.remove();
  });

  it('a folder that was never built is named, with what to do', async () => {
    expect(await startHostProcess('no-such-folder')).toMatch(/no package\.json in no-such-folder: build the app first/u);
  });
});
