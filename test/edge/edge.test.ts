import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { activityToPage } from '../../infra/local/edge/dialogs.ts';
import { readDirectory, type Directory } from '../../infra/local/edge/directory.ts';
import { startEdge, type Edge } from '../../infra/local/edge/edge.ts';
import { isObject, list, object, text, type JsonObject } from '../../infra/local/edge/json.ts';
import { edgeSettings, REHEARSAL_APP_ID } from '../../infra/local/edge/settings.ts';
import { sharedCard, startEchoBot, type EchoBot } from './echo-bot.ts';

const SITE = join(import.meta.dirname, '../../infra/rehearsal/site');
const directory: Directory = readDirectory(SITE, REHEARSAL_APP_ID);
const CHANNEL = directory.places[0]?.channelId ?? '';

let dataDir: string;
let edge: Edge;
let bot: EchoBot;
let botPort: number;
let edgePort: number;

const open = (port: number): Promise<Edge> =>
  startEdge({ dataDir, directory, bot: `http://127.0.0.1:${String(botPort)}/api/messages`, port, playgroundPort: null, facePorts: [] });

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

async function call(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<{ status: number; body: JsonObject }> {
  const answer = await fetch(`${edge.url}${path}`, {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json', ...headers },
  });
  const source = await answer.text();
  return { status: answer.status, body: source === '' ? {} : object(JSON.parse(source)) };
}

const act = (body: JsonObject): Promise<{ status: number; body: JsonObject }> => call('/act', body);
const feed = async (query: string): Promise<{ next: number; items: JsonObject[] }> => {
  const { body } = await call(`/feed?${query}`);
  return { next: Number(body['next']), items: list(body['items']).map(object) };
};
const botToken = async (resource = 'https://api.botframework.com'): Promise<string> => {
  const headers = { 'x-identity-header': 'radloop-rehearsal' };
  const { body } = await call(`/msi/token?resource=${encodeURIComponent(resource)}&client_id=${REHEARSAL_APP_ID}`, undefined, headers);
  return text(body['access_token']);
};

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'radloop-edge-'));
  botPort = await freePort();
  edge = await open(0);
  edgePort = Number(new URL(edge.url).port);
  bot = await startEchoBot(edgeSettings(edgePort, REHEARSAL_APP_ID, directory.tenantId), botPort);
});
afterAll(async () => {
  await edge.close();
  await bot.close();
  rmSync(dataDir, { recursive: true, force: true });
});

describe('the signing edge', () => {
  it('lets the stock token checks of the bot accept what a person says, and gives the answer back', async () => {
    const { status, body } = await act({ person: 'dr-okafor', kind: 'message', text: 'hello' });
    expect(status).toBe(200);
    expect(body).toEqual({ status: 200, body: null, replies: [{ text: 'Ngozi Okafor said: hello' }] });
  });

  it('serves the very settings that the launcher works out by itself', async () => {
    expect((await call('/settings.json')).body).toEqual(edgeSettings(edgePort, REHEARSAL_APP_ID, directory.tenantId));
  });

  it('refuses an activity whose service URL is not its own', async () => {
    const activity = {
      type: 'message',
      text: 'x',
      channelId: 'msteams',
      serviceUrl: 'https://evil.example/',
      from: { id: 'x' },
      conversation: { id: 'x' },
    };
    const { status, body } = await call('/api/messages', activity);
    expect(status).toBe(403);
    expect(object(body['error'])['code']).toBe('ForeignServiceUrl');
    expect((await call('/api/messages', { ...activity, serviceUrl: '' })).status).toBe(403);
  });

  it('answers the page server when it only looks whether somebody is there', async () => {
    expect((await fetch(`${edge.url}/api/messages`)).status).toBe(200);
  });

  it('refuses a request that another web page makes', async () => {
    const { status } = await call('/act', { person: 'dr-okafor', kind: 'message', text: 'hello' }, { origin: 'https://elsewhere.example' });
    expect(status).toBe(403);
  });

  it('gives no token without the identity header', async () => {
    expect((await call('/msi/token?resource=x')).status).toBe(401);
  });

  it.each([
    ['no token', ''],
    ['garbage', 'Bearer x.y.z'],
    ['an unsigned token', `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{}').toString('base64url')}.`],
  ])('answers a call to the connector with %s 401', async (_what, authorization) => {
    const { status } = await call('/_connector/v3/conversations', { isGroup: false }, authorization === '' ? {} : { authorization });
    expect(status).toBe(401);
  });

  it('answers a token for another audience 401', async () => {
    const authorization = `Bearer ${await botToken('https://graph.microsoft.com')}`;
    expect((await call('/_connector/v3/conversations', { isGroup: false }, { authorization })).status).toBe(401);
  });
});

describe('the ledger of what the bot did', () => {
  it('has a line for a new thread, for its edit and for a private message, and tells them by the feed', async () => {
    const { next } = await feed('since=0');
    const { id, activityId } = await bot.post(CHANNEL, '7KF3QN');
    expect(id).toBe(`${CHANNEL};messageid=${activityId}`);
    await bot.update(id, activityId, '7KF3QN', 'done');
    await bot.tell('29:rehearsal-dr-haddad', 'a question');
    const { items } = await feed(`since=${String(next)}`);
    expect(items.map(({ kind, place, text: words }) => ({ kind, place, words }))).toEqual([
      { kind: 'posted', place: 'protocoling', words: '' },
      { kind: 'updated', place: 'protocoling', words: '' },
      { kind: 'personal', place: 'dr-haddad', words: 'a question' },
    ]);
    expect(items[0]?.['card']).toEqual(sharedCard('7KF3QN', 'waiting'));
    expect(items[1]?.['activityId']).toBe(activityId);
    const lines = readFileSync(join(dataDir, 'ledgers', 'teams.jsonl'), 'utf8')
      .trim()
      .split('\n');
    expect(lines.filter((line) => line.includes('"kind":"posted"'))).toHaveLength(1);
  });

  it('holds a question of the feed open until something is shown', async () => {
    const { next } = await feed('since=0');
    const waiting = feed(`since=${String(next)}&wait=20`);
    await bot.post(CHANNEL, '8KF3QN');
    expect((await waiting).items).toHaveLength(1);
    const started = Date.now();
    expect((await feed(`since=${String(next + 1000)}&wait=0.2`)).items).toHaveLength(0);
    expect(Date.now() - started).toBeGreaterThan(150);
  });

  it('writes down what was said to the bot and what it answered', async () => {
    await act({ person: 'c-reyes', kind: 'message', text: 'written down' });
    const line = readFileSync(join(dataDir, 'ledgers', 'teams.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((one) => object(JSON.parse(one)))
      .at(-1);
    expect(line).toMatchObject({ kind: 'told', person: 'c-reyes', text: 'written down', status: 200 });
  });
});

describe('what the Playground is shown', () => {
  it('words above a card go into it, since a message there is words or a card, and a mention reads as one', () => {
    const card = { type: 'AdaptiveCard', body: [{ type: 'TextBlock', text: 'STAT' }] };
    const attachments = [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }];
    const shown = activityToPage({ type: 'message', text: '<at>Maja Lindqvist</at>', textFormat: 'xml', entities: [{}], summary: 's', attachments });
    expect(Object.keys(shown).toSorted()).toEqual(['attachments', 'summary', 'type']);
    const { body } = object(object(list(shown['attachments'])[0])['content']);
    expect(list(body).map((block) => object(block)['text'])).toEqual(['@Maja Lindqvist', 'STAT']);
    expect(activityToPage({ type: 'message', text: 'only words', attachments: [] })).toEqual({
      type: 'message',
      text: 'only words',
      attachments: [],
    });
  });
});

describe('faults that are asked for', () => {
  afterEach(() => call('/faults', { what: 'none' }));

  it('answer the next calls of one kind with what was asked for, Retry-After included, then no more', async () => {
    const { id, activityId } = await bot.post(CHANNEL, '3KF3QN');
    await call('/faults', { what: 'answers', call: 'update', place: 'protocoling', status: 429, retryAfterSeconds: 1 });
    const began = Date.now();
    await bot.update(id, activityId, '3KF3QN', 'done'); // the stock client waits as long as it is told to, and tries again
    expect(Date.now() - began).toBeGreaterThan(950);
    const { body } = await call('/faults');
    expect(list(body['refused']).map(object)).toEqual([expect.objectContaining({ call: 'update', status: 429, place: 'protocoling', activityId })]);
  });

  it('a deleted message is not there to edit, a deleted channel takes none, somebody who left is not reached', async () => {
    const { id, activityId } = await bot.post(CHANNEL, '4KF3QN');
    await call('/faults', { what: 'message-deleted', conversationId: id, activityId });
    await expect(bot.update(id, activityId, '4KF3QN', 'x')).rejects.toMatchObject({ statusCode: 404, code: 'ActivityNotFoundInConversation' });
    await call('/faults', { what: 'channel-deleted', place: 'protocoling' });
    await expect(bot.post(CHANNEL, '4KF3QN')).rejects.toMatchObject({ statusCode: 404, code: 'ConversationNotFound' });
    await call('/faults', { what: 'person-left', person: 'dr-haddad' });
    await expect(bot.tell('29:rehearsal-dr-haddad', 'x')).rejects.toMatchObject({ statusCode: 403 });
    await bot.tell('29:rehearsal-dr-okafor', 'x');
  });

  it('what is no fault is refused with why', async () => {
    const { status, body } = await call('/faults', { what: 'answers', call: 'sing', status: 200 });
    expect(status).toBe(400);
    expect(text(object(body['error'])['message'])).toMatch(/call|status/u);
  });
});

describe('a telephone', () => {
  it('is given what one person may see: the channels and their own private chat', async () => {
    const { next } = await feed('since=0');
    const { conversationId, activityId } = await bot
      .post(CHANNEL, '2TF3QN')
      .then((made) => ({ conversationId: made.id, activityId: made.activityId }));
    await bot.tell('29:rehearsal-dr-haddad', 'for Haddad');
    await bot.tell('29:rehearsal-dr-okafor', 'for Okafor');
    const seen = async (person: string) =>
      list((await call(`/phone/feed?person=${person}&since=${String(next)}`)).body['items']).map((item) => object(item)['place']);
    expect(await seen('dr-okafor')).toEqual(['protocoling', 'dr-okafor']);
    expect(await seen('dr-haddad')).toEqual(['protocoling', 'dr-haddad']);
    expect(await seen('nobody')).toEqual(['protocoling']);
    await call('/faults', { what: 'message-deleted', conversationId, activityId });
    expect((await call('/phone/feed?person=dr-okafor')).body['gone']).toContain(`${conversationId}\n${activityId}`);
  });

  it('draws nothing from elsewhere and is no page for another site', async () => {
    const page = await fetch(`${edge.url}/phone?person=dr-okafor`);
    expect([page.status, page.headers.get('content-security-policy')]).toEqual([200, expect.stringContaining("default-src 'none'")]);
    for (const file of ['phone.css', 'phone.js', 'adaptivecards.js']) expect((await fetch(`${edge.url}/phone/${file}`)).status).toBe(200);
    expect((await fetch(`${edge.url}/phone/data.json?person=nobody`)).status).toBe(404);
    expect(await (await fetch(`${edge.url}/phone`)).text()).toContain('/phone?person=dr-lindqvist');
    expect((await fetch(`${edge.url}/phone`, { headers: { origin: 'https://elsewhere.example' } })).status).toBe(403);
  });
});

describe('acting as a person', () => {
  it('opens and submits a card as invokes, and gets the bodies of their answers', async () => {
    const { id, activityId } = await bot.post(CHANNEL, '9KF3QN');
    const where = { person: 'dr-lindqvist', kind: 'invoke', conversationId: id, replyToId: activityId };
    const opened = await act({ ...where, name: 'task/fetch', value: { data: { caseNumber: '9KF3QN' }, context: { theme: 'default' } } });
    expect(JSON.stringify(opened.body)).toContain('Order for Maja Lindqvist only');
    const { next } = await feed('since=0');
    const sent = await act({ ...where, name: 'task/submit', value: { data: { caseNumber: '9KF3QN', reason: 'fits' } } });
    expect(sent.body).toEqual({ status: 200, body: { task: { type: 'message', value: 'Approved 9KF3QN. fits' } }, replies: [] });
    expect((await feed(`since=${String(next)}`)).items[0]).toMatchObject({
      kind: 'updated',
      activityId,
      card: sharedCard('9KF3QN', 'approved by Maja Lindqvist'),
    });
  });

  it('mentions the bot in a channel, where it would not hear otherwise', async () => {
    const { id } = await bot.post(CHANNEL, '2KF3QN');
    const { body } = await act({ person: 'dr-lindqvist', kind: 'message', conversationId: id, text: 'what is waiting' });
    expect(body['replies']).toEqual([{ text: 'Maja Lindqvist said: what is waiting' }]);
  });

  it('keeps each of two people in their own private chat', async () => {
    const [one, two] = await Promise.all([
      act({ person: 'dr-okafor', kind: 'message', text: 'card AAAA' }),
      act({ person: 'dr-lindqvist', kind: 'message', text: 'mine' }),
    ]);
    expect(one.body['replies']).toEqual([{ card: sharedCard('AAAA', 'waiting') }]);
    expect(two.body['replies']).toEqual([{ text: 'Maja Lindqvist said: mine' }]);
    expect((await act({ person: 'dr-okafor', kind: 'message', conversationId: 'a:radloop-dr-lindqvist', text: 'x' })).status).toBe(404);
  });

  it('refuses somebody who is not in people.json', async () => {
    expect(await act({ person: 'nobody', kind: 'message', text: 'x' })).toMatchObject({ status: 404, body: { status: 0 } });
  });

  it('passes on how the bot refuses an invoke that it does not know', async () => {
    expect((await act({ person: 'dr-okafor', kind: 'invoke', name: 'other/thing' })).body['status']).toBe(501);
  });
});

describe('the stand-in connector', () => {
  const as = async (method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${await botToken()}` };
    const answer = await fetch(`${edge.url}/_connector/v3/conversations${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: await answer.json() };
  };
  const code = (body: unknown): unknown => object(object(body)['error'])['code'];

  it('names what it does not know', async () => {
    const { id } = await bot.post(CHANNEL, '3KF3QN');
    const unknownActivity = await as('PUT', `/${encodeURIComponent(id)}/activities/1`, { type: 'message' });
    expect([unknownActivity.status, code(unknownActivity.body)]).toEqual([404, 'ActivityNotFound']);
    const unknownConversation = await as('POST', '/19:nowhere/activities', { type: 'message', text: 'x' });
    expect([unknownConversation.status, code(unknownConversation.body)]).toEqual([404, 'ConversationNotFound']);
    const unknownPerson = await as('POST', '', { isGroup: false, members: [{ id: '29:nobody' }] });
    expect([unknownPerson.status, code(unknownPerson.body)]).toEqual([403, 'BotNotInConversationRoster']);
  });

  it('refuses a message that Teams would find too big', async () => {
    expect((await as('POST', `/${encodeURIComponent('a:radloop-dr-okafor')}/activities`, { type: 'message', text: 'x'.repeat(50_000) })).status).toBe(
      413,
    );
  });

  it('lists the members of a channel and finds one by Entra id', async () => {
    const paged = await as('GET', `/${encodeURIComponent(CHANNEL)}/pagedmembers?pageSize=100`);
    expect(list(object(paged.body)['members'])).toHaveLength(directory.members.length);
    const okafor = directory.member('dr-okafor');
    const found = await as('GET', `/${encodeURIComponent(CHANNEL)}/members/${okafor?.aadObjectId ?? ''}`);
    expect(found.body).toMatchObject({ id: okafor?.teamsId, name: 'Ngozi Okafor' });
  });
});

describe('restarts', () => {
  it('says so while the bot is away, and works again when it is back', async () => {
    await bot.close();
    expect(await act({ person: 'dr-okafor', kind: 'message', text: 'hello' })).toEqual({
      status: 502,
      body: { status: 0, error: 'bot not reachable' },
    });
    bot = await startEchoBot(edgeSettings(edgePort, REHEARSAL_APP_ID, directory.tenantId), botPort);
    expect((await act({ person: 'dr-okafor', kind: 'message', text: 'hello' })).status).toBe(200);
  });

  it('keeps its key, its conversations and its count when it is itself restarted, so that the running bot notices nothing', async () => {
    const { id, activityId } = await bot.post(CHANNEL, '4KF3QN');
    const keys = (await call('/.well-known/keys')).body;
    const before = await feed('since=0');
    await edge.close();
    await new Promise((resolve) => setTimeout(resolve, 50)); // this test's own client hears that its connections are gone
    edge = await open(edgePort);
    expect((await call('/.well-known/keys')).body).toEqual(keys);
    expect(await feed('since=0')).toEqual(before);
    expect((await act({ person: 'dr-okafor', kind: 'message', text: 'hello' })).status).toBe(200);
    await bot.update(id, activityId, '4KF3QN', 'still there');
    const [last] = (await feed(`since=${String(before.next)}`)).items.filter(({ kind }) => kind === 'updated');
    expect(last).toMatchObject({ activityId, conversationId: id });
    expect(Number(last?.['n'])).toBeGreaterThan(before.next);
    expect(statSync(join(dataDir, 'edge-key.json')).mode & 0o777).toBe(0o600);
  });
});

describe('the program', () => {
  const run = (...args: string[]): { line: Promise<string>; errors: () => string; code: Promise<number | null>; end: () => void } => {
    const child = spawn(
      process.execPath,
      ['--conditions=source', 'infra/local/edge/main.ts', '--bot', 'http://127.0.0.1:9/api/messages', '--no-playground', '--json', ...args],
      {
        cwd: join(import.meta.dirname, '../..'),
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')));
    const line = new Promise<string>((resolve) =>
      child.stdout.once('data', (chunk: Buffer) => {
        resolve(chunk.toString('utf8'));
      }),
    );
    const code = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { line, errors: () => errors, code, end: () => child.kill('SIGTERM') };
  };

  it('prints one line when it is ready and ends cleanly when it is asked to', async () => {
    const program = run('--data', join(dataDir, 'program'), '--port', '0');
    const ready: unknown = JSON.parse(await program.line);
    expect(isObject(ready) && ready).toMatchObject({ ready: true, playground: null, faces: [], standIn: true });
    program.end();
    expect(await program.code).toBe(0);
  });

  it('names a port that is taken and how to give another', async () => {
    const program = run('--data', join(dataDir, 'program'), '--port', String(edgePort));
    expect(await program.code).toBe(1);
    expect(program.errors()).toContain(`port ${String(edgePort)} (the signing edge) is in use`);
    expect(program.errors()).toContain('--port');
  });
});
