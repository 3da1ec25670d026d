import { createHmac } from 'node:crypto';
import { exportSPKI } from 'jose';
import type { Bot } from '#bot/agent.js';
import { createBot } from '#bot/agent.js';
import { botSettings, serviceUrlAllowed } from '#bot/settings.js';
import { startBotFixture, startTeamsSide } from '../support/bot-fixture.ts';
import type { BotFixture } from '../support/bot-fixture.ts';
import { patientName } from '../support/clinic.ts';
import { settingsFor } from '../support/teams-provider.ts';
import type { TeamsSide } from '../support/teams-provider.ts';

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

const invoke = (parts: Record<string, unknown> = {}) =>
  f.activity({
    type: 'invoke',
    name: 'task/submit',
    value: { data: { verb: 'approve', caseNumber: f.desk.case, revision: 2, note: patientName } },
    ...parts,
  });
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);
const claims = () => ({ iss: side.origin, aud: side.appId, serviceurl: side.serviceUrl, nbf: now() - 10, exp: now() + 3600 });

type Sent = Partial<Parameters<Bot['handle']>[0]> & { readonly activity?: Record<string, unknown> };
async function send({ activity = invoke(), ...rest }: Sent): ReturnType<Bot['handle']> {
  const authorization = 'authorization' in rest ? rest.authorization : `Bearer ${await side.token()}`;
  return f.bot.handle({ contentType: 'application/json', body: Buffer.from(JSON.stringify(activity)), ...rest, authorization });
}
const bearer = async (...of: Parameters<TeamsSide['token']>): Promise<Sent> => ({ authorization: `Bearer ${await side.token(...of)}` });
const conversation = (parts: Record<string, unknown>) => ({
  conversation: { id: 'a:okafor', conversationType: 'personal', tenantId: side.tenantId, ...parts },
});
const stranger = '11111111-1111-4111-8111-111111111111';
const evil = async (serviceUrl: string): Promise<Sent> => ({ activity: invoke({ serviceUrl }), ...(await bearer({ serviceurl: serviceUrl })) });
const depth = (levels: number) => `{"type":"message","channelId":"msteams","x":${'['.repeat(levels)}${']'.repeat(levels)}}`;

const hostile: readonly (readonly [name: string, status: number, check: string, sent: () => Promise<Sent> | Sent])[] = [
  ['no token', 401, 'no-token', () => ({ authorization: undefined })],
  ['an empty header', 401, 'not-a-bearer-token', () => ({ authorization: '' })],
  ['another scheme', 401, 'not-a-bearer-token', () => ({ authorization: 'Basic dXNlcjpwYXNz' })],
  ['garbage', 401, 'not-a-bearer-token', () => ({ authorization: 'Bearer garbage' })],
  ['three parts of garbage', 401, 'token-unreadable', () => ({ authorization: 'Bearer aaaa.bbbb.cccc' })],
  ['two tokens', 401, 'not-a-bearer-token', async () => ({ authorization: `Bearer ${await side.token()} ${await side.token()}` })],
  ['a token of 20 kB', 401, 'not-a-bearer-token', () => bearer({ padding: 'x'.repeat(20_000) })],
  ['alg none', 401, 'not-a-bearer-token', () => ({ authorization: `Bearer ${part({ alg: 'none', kid: 'good' })}.${part(claims())}.` })],
  [
    'alg none with a signature',
    401,
    'token-algorithm',
    () => ({ authorization: `Bearer ${part({ alg: 'none', kid: 'good' })}.${part(claims())}.AAAA` }),
  ],
  [
    'HS256 with the public key as its secret',
    401,
    'token-algorithm',
    async () => {
      const unsigned = `${part({ alg: 'HS256', kid: 'good' })}.${part(claims())}`;
      const signature = createHmac('sha256', await exportSPKI(side.keys.good.public))
        .update(unsigned)
        .digest('base64url');
      return { authorization: `Bearer ${unsigned}.${signature}` };
    },
  ],
  ['no key id', 401, 'token-without-key-id', () => bearer({}, { header: { kid: undefined as unknown as string } })],
  ['an unknown key id', 401, 'unknown-key', () => bearer({}, { kid: 'nowhere', key: side.keys.unpublished.private })],
  ['a foreign key under a known id', 401, 'token-signature', () => bearer({}, { key: side.keys.unpublished.private })],
  [
    'a key that the token brings itself (jwk)',
    401,
    'token-signature',
    () => bearer({}, { key: side.keys.unpublished.private, header: { jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB' } } }),
  ],
  [
    'a key set that the token names (jku)',
    401,
    'unknown-key',
    () => bearer({}, { kid: 'hidden', key: side.keys.unpublished.private, header: { jku: `${side.origin}/keys` } }),
  ],
  [
    'a certificate that the token names (x5u)',
    401,
    'unknown-key',
    () => bearer({}, { kid: 'hidden', key: side.keys.unpublished.private, header: { x5u: `${side.origin}/x` } }),
  ],
  [
    'a critical header that nobody knows',
    401,
    'token-invalid',
    async () => {
      const unsigned = await side.token();
      const [, body, signature] = unsigned.split('.');
      return { authorization: `Bearer ${part({ alg: 'RS256', kid: 'good', crit: ['x'], x: 1 })}.${body}.${signature}` };
    },
  ],
  [
    'changed claims under a good signature',
    401,
    'token-signature',
    async () => {
      const [header, , signature] = (await side.token()).split('.');
      return { authorization: `Bearer ${header}.${part({ ...claims(), exp: now() + 100_000 })}.${signature}` };
    },
  ],
  ['another issuer', 401, 'token-iss', () => bearer({ iss: 'https://evil.example' })],
  ['the issuer of the emulator', 401, 'token-iss', () => bearer({ iss: 'https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/' })],
  ['the bot’s own tenant as issuer', 401, 'token-iss', () => bearer({ iss: `https://login.microsoftonline.com/${side.tenantId}/v2.0` })],
  ['no issuer', 401, 'token-iss', () => bearer({ iss: null })],
  ['another audience', 401, 'token-aud', () => bearer({ aud: stranger })],
  ['our audience among others', 401, 'token-aud', () => bearer({ aud: [side.appId, stranger] })],
  ['no audience', 401, 'token-aud', () => bearer({ aud: null })],
  ['expired six minutes ago', 401, 'token-expired', () => bearer({ exp: now() - 360 })],
  ['no end', 401, 'token-exp', () => bearer({ exp: null })],
  ['valid in six minutes', 401, 'token-nbf', () => bearer({ nbf: now() + 360 })],
  ['a key endorsed for another channel', 401, 'key-endorsement', () => bearer({}, { kid: 'other', key: side.keys.otherChannel.private })],
  ['a key without endorsements', 401, 'key-endorsement', () => bearer({}, { kid: 'none', key: side.keys.noEndorsements.private })],
  ['no service URL in the token', 401, 'token-serviceurl', () => bearer({ serviceurl: null })],
  ['another service URL in the token', 401, 'token-serviceurl', () => bearer({ serviceurl: 'https://smba.trafficmanager.net/emea/' })],
  ['an empty service URL in both', 401, 'token-serviceurl', () => evil('')],
  ['no service URL in the activity', 401, 'token-serviceurl', () => ({ activity: invoke({ serviceUrl: undefined }) })],
  ['a service URL elsewhere', 403, 'service-url', () => evil('https://evil.example/')],
  ['a service URL that looks like ours', 403, 'service-url', () => evil('https://smba.trafficmanager.net.evil.example/')],
  ['a service URL with our host as its user', 403, 'service-url', () => evil('https://smba.trafficmanager.net@evil.example/')],
  ['a service URL over http', 403, 'service-url', () => evil('http://smba.trafficmanager.net/')],
  ['a service URL on another port of loopback', 403, 'service-url', () => evil('http://127.0.0.1:1/')],
  ['a service URL of the cloud’s metadata', 403, 'service-url', () => evil('http://169.254.169.254/')],
  ['a service URL that is none', 403, 'service-url', () => evil('javascript:alert(1)')],
  ['the emulator’s channel', 403, 'channel', () => ({ activity: invoke({ channelId: 'emulator' }) })],
  ['the channel that takes the bot’s own tokens', 403, 'channel', () => ({ activity: invoke({ channelId: 'AseChannel' }) })],
  ['web chat', 403, 'channel', () => ({ activity: invoke({ channelId: 'webchat' }) })],
  ['an empty channel', 403, 'channel', () => ({ activity: invoke({ channelId: '' }) })],
  ['no channel', 403, 'channel', () => ({ activity: invoke({ channelId: undefined }) })],
  [
    'another tenant',
    403,
    'tenant',
    () => ({ activity: invoke({ channelData: { tenant: { id: stranger } }, ...conversation({ tenantId: stranger }) }) }),
  ],
  ['two tenants', 403, 'tenant', () => ({ activity: invoke(conversation({ tenantId: stranger })) })],
  ['no tenant', 403, 'no-tenant', () => ({ activity: invoke({ channelData: {}, ...conversation({ tenantId: undefined }) }) })],
  ['no conversation', 400, 'no-conversation', () => ({ activity: invoke({ conversation: undefined }) })],
  [
    'a person whom the directory does not know',
    403,
    'person',
    () => ({ activity: invoke({ from: { id: '29:x', name: 'Ngozi Okafor', aadObjectId: stranger } }) }),
  ],
  ['a guest without an object id', 403, 'person', () => ({ activity: invoke({ from: { id: '29:rehearsal-dr-okafor', name: 'Ngozi Okafor' } }) })],
  ['a person’s id where the object id belongs', 403, 'person', () => ({ activity: invoke({ from: { id: '29:x', aadObjectId: 'dr-okafor' } }) })],
  [
    'a message by somebody unknown',
    403,
    'person',
    () => ({ activity: f.activity({ text: 'approve', from: { id: '29:x', aadObjectId: stranger } }) }),
  ],
  ['a body of another type', 415, 'content-type', () => ({ contentType: 'text/plain' })],
  ['a body of no type', 415, 'content-type', () => ({ contentType: undefined })],
  ['another character set', 415, 'content-type', () => ({ contentType: 'application/json; charset=utf-16' })],
  ['a compressed body', 415, 'content-encoding', () => ({ contentEncoding: 'gzip' })],
  ['a body over 256 kB', 413, 'size', () => ({ activity: invoke({ text: 'x'.repeat(256 * 1024) }) })],
  ['a body 51 levels deep', 400, 'depth', () => ({ body: Buffer.from(depth(50)) })],
  ['a body 100,000 levels deep', 400, 'depth', () => ({ body: Buffer.from(depth(100_000)) })],
  ['an empty body', 400, 'not-json', () => ({ body: Buffer.alloc(0) })],
  ['half a body', 400, 'not-json', () => ({ body: Buffer.from('{"type":"mess') })],
  ['a body that is not UTF-8', 400, 'not-json', () => ({ body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]) })],
  ['a body that reaches for a prototype', 400, 'not-json', () => ({ body: Buffer.from('{"type":"message","__proto__":{"x":1}}') })],
  ['a list', 400, 'not-an-activity', () => ({ body: Buffer.from('[]') })],
  ['an activity without a type', 400, 'not-an-activity', () => ({ activity: invoke({ type: undefined }) })],
  ['a text that is a number', 400, 'not-an-activity', () => ({ activity: invoke({ text: 7 }) })],
];

describe('a hostile activity is refused, once audited, and reaches no handler', () => {
  it.each(hostile)('%s: %i (%s)', async (_name, status, check, sent) => {
    const answer = await send(await sent());
    expect(answer).toMatchObject({ status, body: { statusCode: status } });
    expect(f.desk.denials).toEqual([{ what: 'teams-activity-refused', detail: expect.objectContaining({ status, check }) }]);
    expect(JSON.stringify([f.desk.denials, f.log.lines, answer.body])).not.toContain(patientName);
    expect([f.desk.answers, f.desk.opened, side.calls]).toEqual([[], [], []]);
  });
});

describe('a genuine activity', () => {
  it('is heard', async () => {
    expect(await send({})).toMatchObject({ status: 200, body: { task: { value: 'Done.' } } });
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
