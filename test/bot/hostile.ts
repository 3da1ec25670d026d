import { createHmac } from 'node:crypto';
import { exportSPKI } from 'jose';
import type { TeamsSide } from '../support/teams-provider.ts';

/** A request to POST /api/messages; what is left out is as Teams sends it. */
export interface Sent {
  readonly activity?: Record<string, unknown>;
  readonly body?: Buffer;
  /** Two: the header comes twice. */
  readonly authorization?: string | readonly [string, string] | undefined;
  readonly contentType?: string | undefined;
  readonly contentEncoding?: string;
}

/** What forged requests are made of. */
export interface Forge {
  readonly side: TeamsSide;
  /** A case that is open, and its revision. */
  readonly caseNumber: string;
  readonly revision: number;
}

/** Stands in the activities: nothing that a sender wrote may come back or be written down. */
export const written = 'DOE^JANE';
/** Nobody of the site, and no tenant of it. */
const stranger = '11111111-1111-4111-8111-111111111111';

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = (): number => Math.floor(Date.now() / 1000);

/** Dr Okafor approves, in her private chat. Parts are merged over it. */
export function approval({ side, caseNumber, revision }: Forge, parts: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    ...{ type: 'invoke', name: 'task/submit', id: '1732531200000', timestamp: '2026-11-25T10:40:00.000Z', channelId: 'msteams' },
    ...{ serviceUrl: side.serviceUrl, recipient: { id: `28:${side.appId}`, name: 'Radloop' } },
    from: { id: '29:rehearsal-dr-okafor', name: 'Ngozi Okafor', aadObjectId: 'f3267af5-3040-4fc6-9205-761ce2ab09e7' },
    conversation: { id: 'a:okafor', conversationType: 'personal', tenantId: side.tenantId },
    channelData: { tenant: { id: side.tenantId } },
    value: { data: { verb: 'approve', caseNumber, revision, note: written } },
    ...parts,
  };
}

/** name, status, the check that the audit row names, and the request. For an invoke that was read the status is the body's `statusCode`. */
export type Hostile = readonly [name: string, status: number, check: string, sent: () => Promise<Sent> | Sent];

/** Requests that nobody who uses Teams and our cards can have sent. */
export function hostile(forge: () => Forge): readonly Hostile[] {
  return [...tokens(forge), ...places(forge), ...people(forge), ...bodies(forge), ...presses(forge)];
}

const toolsOf = (forge: () => Forge) => {
  const invoke = (parts: Record<string, unknown> = {}) => approval(forge(), parts);
  const bearer = async (...of: Parameters<TeamsSide['token']>): Promise<Sent> => ({ authorization: `Bearer ${await forge().side.token(...of)}` });
  const conversation = (parts: Record<string, unknown>) => ({
    conversation: { id: 'a:okafor', conversationType: 'personal', tenantId: forge().side.tenantId, ...parts },
  });
  const evil = async (serviceUrl: string): Promise<Sent> => ({ activity: invoke({ serviceUrl }), ...(await bearer({ serviceurl: serviceUrl })) });
  const claims = () => {
    const { side } = forge();
    return { iss: side.origin, aud: side.appId, serviceurl: side.serviceUrl, nbf: now() - 10, exp: now() + 3600 };
  };
  return { invoke, bearer, conversation, evil, claims };
};
const raw = (text: string): Sent => ({ body: Buffer.from(text) });
const depth = (levels: number) => `{"type":"message","channelId":"msteams","x":${'['.repeat(levels)}${']'.repeat(levels)}}`;

function tokens(forge: () => Forge): readonly Hostile[] {
  const { invoke, bearer, evil, claims } = toolsOf(forge);
  return [
    ['no token', 401, 'no-token', () => ({ authorization: undefined })],
    ['an empty header', 401, 'not-a-bearer-token', () => ({ authorization: ' ' })],
    ['another scheme', 401, 'not-a-bearer-token', () => ({ authorization: 'Basic dXNlcjpwYXNz' })],
    ['garbage', 401, 'not-a-bearer-token', () => ({ authorization: 'Bearer garbage' })],
    ['three parts of garbage', 401, 'token-unreadable', () => ({ authorization: 'Bearer aaaa.bbbb.cccc' })],
    ['two tokens', 401, 'not-a-bearer-token', async () => ({ authorization: `Bearer ${await forge().side.token()} ${await forge().side.token()}` })],
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
        const signature = createHmac('sha256', await exportSPKI(forge().side.keys.good.public))
          .update(unsigned)
          .digest('base64url');
        return { authorization: `Bearer ${unsigned}.${signature}` };
      },
    ],
    ['no key id', 401, 'token-without-key-id', () => bearer({}, { header: { kid: undefined as unknown as string } })],
    ['an unknown key id', 401, 'unknown-key', () => bearer({}, { kid: 'nowhere', key: forge().side.keys.unpublished.private })],
    ['a foreign key under a known id', 401, 'token-signature', () => bearer({}, { key: forge().side.keys.unpublished.private })],
    [
      'a key that the token brings itself (jwk)',
      401,
      'token-signature',
      () => bearer({}, { key: forge().side.keys.unpublished.private, header: { jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB' } } }),
    ],
    [
      'a key set that the token names (jku)',
      401,
      'unknown-key',
      () => bearer({}, { kid: 'hidden', key: forge().side.keys.unpublished.private, header: { jku: `${forge().side.origin}/keys` } }),
    ],
    [
      'a certificate that the token names (x5u)',
      401,
      'unknown-key',
      () => bearer({}, { kid: 'hidden', key: forge().side.keys.unpublished.private, header: { x5u: `${forge().side.origin}/x` } }),
    ],
    [
      'a critical header that nobody knows',
      401,
      'token-invalid',
      async () => {
        const unsigned = await forge().side.token();
        const [, body, signature] = unsigned.split('.');
        return { authorization: `Bearer ${part({ alg: 'RS256', kid: 'good', crit: ['x'], x: 1 })}.${body}.${signature}` };
      },
    ],
    [
      'changed claims under a good signature',
      401,
      'token-signature',
      async () => {
        const [header, , signature] = (await forge().side.token()).split('.');
        return { authorization: `Bearer ${header}.${part({ ...claims(), exp: now() + 100_000 })}.${signature}` };
      },
    ],
    ['another issuer', 401, 'token-iss', () => bearer({ iss: 'https://evil.example' })],
    ['the issuer of the emulator', 401, 'token-iss', () => bearer({ iss: 'https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/' })],
    ['the bot’s own tenant as issuer', 401, 'token-iss', () => bearer({ iss: `https://login.microsoftonline.com/${forge().side.tenantId}/v2.0` })],
    ['no issuer', 401, 'token-iss', () => bearer({ iss: null })],
    ['another audience', 401, 'token-aud', () => bearer({ aud: stranger })],
    ['our audience among others', 401, 'token-aud', () => bearer({ aud: [forge().side.appId, stranger] })],
    ['no audience', 401, 'token-aud', () => bearer({ aud: null })],
    ['expired six minutes ago', 401, 'token-expired', () => bearer({ exp: now() - 360 })],
    ['no end', 401, 'token-exp', () => bearer({ exp: null })],
    ['valid in six minutes', 401, 'token-nbf', () => bearer({ nbf: now() + 360 })],
    ['a key endorsed for another channel', 401, 'key-endorsement', () => bearer({}, { kid: 'other', key: forge().side.keys.otherChannel.private })],
    ['a key without endorsements', 401, 'key-endorsement', () => bearer({}, { kid: 'none', key: forge().side.keys.noEndorsements.private })],
    ['no service URL in the token', 401, 'token-serviceurl', () => bearer({ serviceurl: null })],
    ['another service URL in the token', 401, 'token-serviceurl', () => bearer({ serviceurl: 'https://smba.trafficmanager.net/emea/' })],
    ['an empty service URL in both', 401, 'token-serviceurl', () => evil('')],
    ['no service URL in the activity', 401, 'token-serviceurl', () => ({ activity: invoke({ serviceUrl: undefined }) })],
    ['bearer in small letters', 401, 'not-a-bearer-token', async () => ({ authorization: `bearer ${await forge().side.token()}` })],
    ['two spaces before the token', 401, 'not-a-bearer-token', async () => ({ authorization: `Bearer  ${await forge().side.token()}` })],
    [
      'a good token and a second header',
      401,
      'not-a-bearer-token',
      async () => ({ authorization: [`Bearer ${await forge().side.token()}`, 'Bearer x.y.z'] }),
    ],
    ['an end before the clocks’ difference', 401, 'token-expired', () => bearer({ exp: now() - 302 })],
    ['a beginning after the clocks’ difference', 401, 'token-nbf', () => bearer({ nbf: now() + 302 })],
    ['an end that is text', 401, 'token-exp', () => bearer({ exp: String(now() + 3600) })],
    ['a beginning that is text', 401, 'token-nbf', () => bearer({ nbf: 'yesterday' })],
    ['the issuer of a skill', 401, 'token-iss', () => bearer({ iss: 'https://login.microsoftonline.com/f8cdef31-a31e-4b4a-93e4-5f571e91255a/v2.0' })],
    ['the issuer of the government’s cloud', 401, 'token-iss', () => bearer({ iss: 'https://api.botframework.us' })],
    ['a list of issuers with ours in it', 401, 'token-iss', () => bearer({ iss: [forge().side.origin] })],
    ['PS256', 401, 'token-algorithm', () => ({ authorization: `Bearer ${part({ alg: 'PS256', kid: 'good' })}.${part(claims())}.AAAA` })],
    [
      'a key id that is a number',
      401,
      'token-without-key-id',
      () => ({ authorization: `Bearer ${part({ alg: 'RS256', kid: 7 })}.${part(claims())}.AAAA` }),
    ],
    ['a key id that reaches for a prototype', 401, 'unknown-key', () => bearer({}, { kid: '__proto__', key: forge().side.keys.unpublished.private })],
    ['an empty signature', 401, 'not-a-bearer-token', () => ({ authorization: `Bearer ${part({ alg: 'RS256', kid: 'good' })}.${part(claims())}.` })],
    ['claims that are a list', 401, 'token-unreadable', () => ({ authorization: `Bearer ${part({ alg: 'RS256', kid: 'good' })}.${part([])}.AAAA` })],
    ['a service URL that differs by a slash', 401, 'token-serviceurl', () => bearer({ serviceurl: `${forge().side.serviceUrl}/` })],
  ];
}

function places(forge: () => Forge): readonly Hostile[] {
  const { invoke, conversation, evil } = toolsOf(forge);
  return [
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
    ['a sender of another tenant', 403, 'tenant', () => ({ activity: invoke({ from: { ...(invoke()['from'] as object), tenantId: stranger } }) })],
    ['another tenant in the channel’s data alone', 403, 'tenant', () => ({ activity: invoke({ channelData: { tenant: { id: stranger } } }) })],
    ['our channel in capitals', 403, 'channel', () => ({ activity: invoke({ channelId: 'MSTeams' }) })],
    ['a service URL with a suffix of ours in its path', 403, 'service-url', () => evil('https://evil.example/.botframework.com')],
    ['a service URL with a dot behind the host', 403, 'service-url', () => evil('https://smba.trafficmanager.net./')],
    ['a service URL with a password', 403, 'service-url', () => evil('https://x:y@smba.trafficmanager.net/')],
    ['a service URL on loopback written in hexadecimal', 403, 'service-url', () => evil('http://0x7f000001:1/')],
  ];
}

function people(forge: () => Forge): readonly Hostile[] {
  const { invoke, conversation } = toolsOf(forge);
  return [
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
      () => ({ activity: invoke({ type: 'message', text: 'approve', value: undefined, from: { id: '29:x', aadObjectId: stranger } }) }),
    ],
    ['a conversation without an id', 400, 'no-conversation', () => ({ activity: invoke(conversation({ id: '' })) })],
    [
      'a person’s object id with something behind it',
      403,
      'person',
      () => ({ activity: invoke({ from: { aadObjectId: 'f3267af5-3040-4fc6-9205-761ce2ab09e7 ' } }) }),
    ],
    ['nobody at all', 403, 'person', () => ({ activity: invoke({ from: undefined }) })],
    ['an activity of no known type', 400, 'activity-type', () => ({ activity: invoke({ type: 'Message' }) })],
  ];
}

function bodies(forge: () => Forge): readonly Hostile[] {
  const { invoke, conversation } = toolsOf(forge);
  return [
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
    ['a name that stands twice', 400, 'duplicate-name', () => raw(JSON.stringify(invoke()).replace('{', '{"channelId":"emulator",'))],
    [
      'a name that stands twice, once escaped',
      400,
      'duplicate-name',
      () => raw(JSON.stringify(invoke()).replace('{', '{"ch\\u0061nnelId":"emulator",')),
    ],
    [
      'a name that stands twice further in',
      400,
      'duplicate-name',
      () => raw(JSON.stringify(invoke()).replace('"tenant":{', '"tenant":{"id":"x","id":"y",').replace('"id":"x",', '')),
    ],
    ['a body of nothing but null', 400, 'not-an-activity', () => raw('null')],
    ['a number with a thousand digits for a type', 400, 'not-an-activity', () => raw(`{"type":${'9'.repeat(1000)}}`)],
    ['a list of senders', 400, 'not-an-activity', () => ({ activity: invoke({ from: [invoke()['from']] }) })],
    ['a list of conversations', 400, 'not-an-activity', () => ({ activity: invoke({ conversation: [invoke()['conversation']] }) })],
    ['a tenant that is an object', 400, 'not-an-activity', () => ({ activity: invoke({ channelData: { tenant: { id: {} } } }) })],
    [
      'an object id that is a list',
      400,
      'not-an-activity',
      () => ({ activity: invoke({ from: { aadObjectId: ['f3267af5-3040-4fc6-9205-761ce2ab09e7'] } }) }),
    ],
    ['a conversation’s id of 200 kB', 400, 'not-an-activity', () => ({ activity: invoke(conversation({ id: 'a'.repeat(200_000) })) })],
    ['a type of 200 kB', 400, 'not-an-activity', () => ({ activity: invoke({ type: 'x'.repeat(200_000) }) })],
    ['XML', 415, 'content-type', () => ({ contentType: 'application/xml', body: Buffer.from('<a/>') })],
    ['JSON and something else', 415, 'content-type', () => ({ contentType: 'application/json, text/plain' })],
  ];
}

function presses(forge: () => Forge): readonly Hostile[] {
  const { invoke } = toolsOf(forge);
  const data = () => ({ verb: 'approve', caseNumber: forge().caseNumber, revision: forge().revision });
  return [
    ['an invoke of no known name', 400, 'unknown-invoke', () => ({ activity: invoke({ name: 'composeExtension/query' }) })],
    ['an invoke without a name', 400, 'unknown-invoke', () => ({ activity: invoke({ name: undefined }) })],
    ['a known invoke in capitals', 400, 'unknown-invoke', () => ({ activity: invoke({ name: 'TASK/SUBMIT' }) })],
    ['a verb that nobody knows', 400, 'card-data', () => ({ activity: invoke({ value: { data: { ...data(), verb: 'release' } } }) })],
    ['a revision that is text', 400, 'card-data', () => ({ activity: invoke({ value: { data: { ...data(), revision: '2 or 1=1' } } }) })],
    ['a revision below one', 400, 'card-data', () => ({ activity: invoke({ value: { data: { ...data(), revision: -1 } } }) })],
    ['a case number that does not check', 400, 'card-data', () => ({ activity: invoke({ value: { data: { ...data(), caseNumber: '7KF3Q2' } } }) })],
    ['a case number in a list', 400, 'card-data', () => ({ activity: invoke({ value: { data: { ...data(), caseNumber: [data().caseNumber] } } }) })],
    ['a press without data', 400, 'card-data', () => ({ activity: invoke({ value: undefined }) })],
    [
      'a reason of 100 kB',
      400,
      'card-data',
      () => ({ activity: invoke({ value: { data: { ...data(), verb: 'reject', reason: 'x'.repeat(100_000) } } }) }),
    ],
    [
      'a card action whose two verbs differ',
      400,
      'card-data',
      () => ({ activity: invoke({ name: 'adaptiveCard/action', value: { action: { verb: 'open', data: data() } } }) }),
    ],
    [
      'an approval that nobody pressed',
      400,
      'automatic',
      () => ({ activity: invoke({ name: 'adaptiveCard/action', value: { trigger: 'automatic', action: { verb: 'approve', data: data() } } }) }),
    ],
  ];
}
