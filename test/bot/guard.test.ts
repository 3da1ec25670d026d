import type { Bot } from '#bot/agent.js';
import { createBot } from '#bot/agent.js';
import { botSettings, serviceUrlAllowed } from '#bot/settings.js';
import { startBotFixture, startTeamsSide } from '../support/bot-fixture.ts';
import type { BotFixture } from '../support/bot-fixture.ts';
import { settingsFor } from '../support/teams-provider.ts';
import type { TeamsSide } from '../support/teams-provider.ts';
import { approval, hostile, written } from './hostile.ts';
import type { Sent } from './hostile.ts';

let side: TeamsSide;
let f: BotFixture;
beforeAll(async () => {
  side = await startTeamsSide();
});
beforeEach(async () => {
  Object.assign(side.keyService, { down: false, fetched: 0, published: ['good', 'otherChannel', 'noEndorsements'] });
  side.calls.length = 0;
  f = await startBotFixture(side);
});
afterAll(() => side.close());

const forge = () => ({ side, caseNumber: f.desk.case, revision: 2 });
const invoke = (parts: Record<string, unknown> = {}) => approval(forge(), parts);
const now = () => Math.floor(Date.now() / 1000);

async function send({ activity = invoke(), authorization, ...rest }: Sent, isTold = authorization !== undefined): ReturnType<Bot['handle']> {
  // As a host passes on a header that came twice.
  const token = typeof authorization === 'object' ? authorization.join(', ') : authorization;
  const shown = isTold ? token : `Bearer ${await side.token()}`;
  return f.bot.handle({
    contentType: 'application/json',
    body: Buffer.from(JSON.stringify(activity)),
    address: '203.0.113.9',
    ...rest,
    authorization: shown,
  });
}
const bearer = async (...of: Parameters<TeamsSide['token']>): Promise<Sent> => ({ authorization: `Bearer ${await side.token(...of)}` });
const conversation = (parts: Record<string, unknown>) => ({
  conversation: { id: 'a:okafor', conversationType: 'personal', tenantId: side.tenantId, ...parts },
});

describe('a hostile activity is refused, once audited, and reaches no handler', () => {
  it.each(hostile(forge))('%s: %i (%s)', async (_name, status, check, sent) => {
    const request = await sent();
    const answer = await send(request, 'authorization' in request);
    expect(answer.body).toMatchObject({ statusCode: status });
    const isRead = ['unknown-invoke', 'card-data', 'automatic'].includes(check);
    expect(answer.status).toBe(isRead ? 200 : status);
    expect(f.desk.denials).toEqual([{ what: 'teams-activity-refused', detail: expect.objectContaining({ status, check, from: 'public' }) }]);
    expect(JSON.stringify([f.desk.denials, f.log.lines, answer.body])).not.toContain(written);
    expect([f.desk.answers, f.desk.opened, side.calls, f.heard]).toEqual([[], [], [], 0]);
  });
});

it.each([
  ['127.0.0.1', 'loopback'],
  ['127.0.0.1:51234', 'loopback'],
  ['::1', 'loopback'],
  ['[::1]:443', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['10.1.2.3', 'private'],
  ['172.31.0.9:80', 'private'],
  ['169.254.169.254', 'private'],
  ['fd00::7', 'private'],
  ['172.32.0.9', 'public'],
  ['203.0.113.9', 'public'],
  ['2001:db8::1', 'public'],
  ['127.0.0.1.evil.example', 'unknown'],
  ['', 'unknown'],
  [undefined, 'unknown'],
])('a refusal from %s is on record as %s, without the address', async (address, from) => {
  await f.bot.handle({ authorization: undefined, contentType: 'application/json', body: Buffer.from('{}'), address });
  expect(f.desk.denials).toEqual([{ what: 'teams-activity-refused', detail: expect.objectContaining({ check: 'no-token', from }) }]);
  expect(JSON.stringify(f.desk.denials)).not.toContain(address === undefined || address === '' ? 'an address' : address);
});

describe('a genuine activity', () => {
  it('is heard', async () => {
    const { status, body } = await send({});
    expect(status).toBe(200);
    expect(JSON.stringify(body)).toContain('"text":"Done."');
    expect(f.desk.denials).toEqual([]);
  });

  it.each([
    ['expired four minutes ago', { exp: () => now() - 240 }],
    ['valid in four minutes', { nbf: () => now() + 240 }],
  ])('is heard while clocks differ by less than five minutes: %s', async (_name, changed) => {
    const merged = Object.fromEntries(Object.entries(changed).map(([claim, value]) => [claim, value()]));
    expect((await send(await bearer(merged))).status).toBe(200);
  });

  it('is heard with the tenant in one of the two places', async () => {
    expect((await send({ activity: invoke({ channelData: {} }) })).status).toBe(200);
    expect((await send({ activity: invoke(conversation({ tenantId: undefined })) })).status).toBe(200);
  });

  it('is heard 50 levels deep and at the largest size', async () => {
    const deep = JSON.parse(`${'['.repeat(48)}${']'.repeat(48)}`) as unknown;
    expect((await send({ activity: invoke({ x: deep }) })).status).toBe(200);
    const room = 256 * 1024 - JSON.stringify(invoke({ x: '' })).length;
    expect((await send({ activity: invoke({ x: 'x'.repeat(room) }) })).status).toBe(200);
  });

  it('has one effect a replay, which the engine hears as one', async () => {
    const token = await bearer();
    for (let again = 0; again < 100; again += 1) await send(token);
    expect(new Set(f.desk.answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });
});

describe('the keys', () => {
  it('are fetched once, however many ask at the same time', async () => {
    await Promise.all(Array.from({ length: 20 }, () => send({})));
    expect(side.keyService.fetched).toBe(1);
  });

  it('that can’t be had mean 503, one audit row, and nothing done', async () => {
    side.keyService.down = true;
    expect((await send({})).status).toBe(503);
    expect(f.desk.denials).toMatchObject([{ detail: { check: 'keys-unavailable', status: 503 } }]);
    expect(f.desk.answers).toEqual([]);
  });

  it('that are known go on being used while the key service is down', async () => {
    expect((await send({})).status).toBe(200);
    side.keyService.down = true;
    expect((await send({})).status).toBe(200);
  });

  it('that are unknown don’t make us ask the key service each time', async () => {
    await send({});
    for (let again = 0; again < 10; again += 1) await send(await bearer({}, { kid: `guess-${again}`, key: side.keys.unpublished.private }));
    expect(side.keyService.fetched).toBe(1);
  });
});

describe('settings', () => {
  it('without an app id there is no bot', () => {
    for (const appId of ['', 'the bot']) expect(() => botSettings.parse({ ...settingsFor(side), appId })).toThrow(/app registration/u);
    expect(() => createBot({ settings: { ...settingsFor(side), appId: '' } } as never)).toThrow(/app registration/u);
  });

  it('a local identity provider is refused at a real site', () => {
    expect(() => botSettings.parse({ ...settingsFor(side), rehearsal: false })).toThrow(/rehearsal site only/u);
  });

  it('all the local addresses are set, or none', () => {
    const { OAuthUrl: _left, ...rest } = settingsFor(side).local ?? {};
    expect(() => botSettings.parse({ ...settingsFor(side), local: rest })).toThrow(/OAuthUrl/u);
  });

  it.each([
    ['https://smba.trafficmanager.net/emea/', false, true],
    ['https://a.botframework.com/', false, true],
    ['https://botframework.com/', false, false],
    ['https://evilbotframework.com/', false, false],
    ['https://smba.trafficmanager.net:8443/', false, false],
    ['http://127.0.0.1:3979/_connector', true, true],
    ['http://127.0.0.1:3979/_connector', false, false],
    ['http://localhost:3979/', true, false],
    ['ftp://smba.trafficmanager.net/', false, false],
  ])('the token may go to %s (rehearsal %s): %s', (url, rehearsal, allowed) => {
    expect(serviceUrlAllowed(url, { serviceUrlHosts: ['smba.trafficmanager.net', '.botframework.com', '127.0.0.1:3979'], rehearsal })).toBe(allowed);
  });
});
