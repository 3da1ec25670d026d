import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A function app in a temporary folder, laid out as dist/ is: package.json, host.json, functions/main.js, and the repository's node_modules. */
export interface FixtureApp {
  readonly root: string;
  remove(): Promise<void>;
}

export async function fixtureApp(
  main: string,
  hostJson: unknown = { version: '2.0' },
  more: Readonly<Record<string, string>> = {},
): Promise<FixtureApp> {
  const root = await mkdtemp(join(tmpdir(), 'radloop-app-'));
  await mkdir(join(root, 'functions'));
  await symlink(join(import.meta.dirname, '..', '..', 'node_modules'), join(root, 'node_modules'), 'junction');
  await writeFile(
    join(root, 'package.json'),
    JSON.stringify({ type: 'module', main: 'functions/main.js', imports: { '#here/*.js': './functions/*.js' } }),
  );
  await writeFile(join(root, 'host.json'), JSON.stringify(hostJson));
  await writeFile(join(root, 'functions', 'main.js'), main);
  for (const [name, text] of Object.entries(more)) await writeFile(join(root, 'functions', name), text);
  return { root, remove: () => rm(root, { recursive: true, force: true }) };
}

/** Main module of the app that the tests ask: one function for each thing that a host has to do. */
export const EVERYTHING = `
import { app, HttpResponse } from '@azure/functions';
import { suffix } from '#here/suffix.js';

export const marker = 'loaded';
export const seen = { hooks: [], ticks: 0, together: 0, most: 0 };

app.hook.appStart(() => { seen.hooks.push('appStart'); });
app.hook.appTerminate(() => { process.stdout.write(JSON.stringify({ terminated: true, seen }) + '\\n'); });
app.hook.preInvocation((context) => {
  if (context.invocationContext.functionName === 'hooked') context.inputs = ['put there by a hook'];
});
app.hook.postInvocation((context) => {
  if (context.invocationContext.functionName === 'hooked') context.result = { body: context.result.body + suffix };
});

app.http('echo', {
  methods: ['POST'],
  route: 'echo/{id:int}/{tail?}',
  handler: async (request, context) => ({
    status: 201,
    headers: { 'x-name': context.functionName },
    jsonBody: {
      url: request.url, method: request.method, params: request.params, query: Object.fromEntries(request.query),
      type: request.headers.get('content-type'), user: request.user, text: await request.text(),
    },
  }),
});
app.http('bytes', { route: 'bytes', methods: ['POST'], handler: async (request) => ({ body: Buffer.from(await request.arrayBuffer()).reverse() }) });
app.http('word', { route: 'echo/fixed', handler: () => ({ body: 'the word wins' }) });
app.http('rest', { route: 'files/{*path}', handler: (request) => ({ body: request.params.path ?? 'no path' }) });
app.get('defaultRoute', () => ({ body: 'found by its name' }));
app.get('hooked', (given) => ({ body: String(given) }));
app.get('nothing', () => undefined);
app.get('cookie', () => new HttpResponse({ status: 302, headers: { location: '/elsewhere' }, cookies: [{ name: 'a', value: 'b', path: '/', httpOnly: true, sameSite: 'Strict', maxAge: 60 }] }));
app.get('throws', () => { throw new Error('MRN 4711 could not be read'); });
app.get('slow', async () => { await new Promise((resolve) => setTimeout(resolve, 800)); return { body: 'finished' }; });
app.get('seen', () => ({ jsonBody: seen }));

app.timer('tick', {
  schedule: '* * * * * *',
  runOnStartup: true,
  handler: async (timer) => {
    seen.ticks++;
    seen.together++;
    seen.most = Math.max(seen.most, seen.together);
    seen.past = timer.isPastDue;
    await new Promise((resolve) => setTimeout(resolve, 1300));
    seen.together--;
    if (seen.ticks === 1) throw new Error('the first run fails');
  },
});
app.serviceBusQueue('queue', { queueName: 'q', connection: 'c', handler: () => undefined });
`;
