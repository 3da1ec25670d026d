import { decodeProtectedHeader, exportJWK, generateKeyPair, jwtVerify } from 'jose';
import type { JWK } from 'jose';
import { fhirClient } from '#adapters/fhir/client.js';
import { smartTokens } from '#adapters/fhir/smart.js';
import { toInstant } from '#core/time.js';
import type { FhirClient } from '#ports/fhir-client.js';
import { cut, json, silent, startScripted } from '../support/scripted-http.ts';
import type { ScriptedServer, Seen, Step } from '../support/scripted-http.ts';

const patient = { resourceType: 'Patient', id: 'ada' };
const issue = (token: string, seconds: number): Step =>
  json(200, { access_token: token, token_type: 'Bearer', expires_in: seconds, scope: 'system/*.rs' });

let clock = Date.now();
const now = () => toInstant(clock);
const running: ScriptedServer[] = [];
beforeEach(() => {
  clock = Date.now();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

async function start(...steps: readonly Step[]): Promise<ScriptedServer> {
  const server = await startScripted(...steps);
  running.push(server);
  return server;
}

async function keyOf(alg: 'RS384' | 'ES384'): Promise<{ key: JWK; publicKey: Awaited<ReturnType<typeof generateKeyPair>>['publicKey'] }> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { key: { ...(await exportJWK(privateKey)), kid: 'radloop-1' }, publicKey };
}

async function client(tokens: readonly Step[], ehr: readonly Step[], alg: 'RS384' | 'ES384' = 'ES384') {
  const { key, publicKey } = await keyOf(alg);
  const [tokenServer, ehrServer] = [await start(...tokens), await start(...ehr)];
  const smart = { tokenUrl: `${tokenServer.origin}/token`, clientId: 'radloop-client', scope: 'system/*.rs', key };
  const made: FhirClient = fhirClient({ baseUrl: `${ehrServer.origin}/fhir`, now, smart });
  return { client: made, tokenServer, ehrServer, publicKey, smart };
}

const bearers = (server: ScriptedServer): (string | undefined)[] => server.seen.map(({ headers }) => headers.authorization);

describe('SMART Backend Services', () => {
  it.each(['RS384', 'ES384'] as const)('the token is asked for with a signed assertion of the client (%s)', async (alg) => {
    const { client: ehr, tokenServer, ehrServer, publicKey, smart } = await client([issue('t1', 300)], [json(200, patient)], alg);
    expect(await ehr.read('Patient', 'ada')).toMatchObject({ ok: true });
    expect(bearers(ehrServer)).toEqual(['Bearer t1']);
    const [asked] = tokenServer.seen as [Seen];
    expect(asked).toMatchObject({ method: 'POST', headers: { 'content-type': expect.stringMatching(/^application\/x-www-form-urlencoded/u) } });
    const form = new URLSearchParams(asked.body);
    expect(Object.fromEntries(form)).toMatchObject({
      grant_type: 'client_credentials',
      scope: 'system/*.rs',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });
    const assertion = form.get('client_assertion') ?? '';
    expect(decodeProtectedHeader(assertion)).toEqual({ alg, typ: 'JWT', kid: 'radloop-1' });
    const { payload } = await jwtVerify(assertion, publicKey, { audience: smart.tokenUrl, issuer: 'radloop-client', subject: 'radloop-client' });
    expect(payload.jti).toMatch(/^[0-9a-f-]{36}$/u);
    // SMART: no more than five minutes ahead.
    expect((payload.exp ?? 0) - Math.floor(clock / 1000)).toBeLessThanOrEqual(300);
  });

  it('one token serves all until shortly before it ends, and each assertion is used once', async () => {
    const { client: ehr, tokenServer, ehrServer } = await client([issue('t1', 300), issue('t2', 300)], [json(200, patient)]);
    await Promise.all([1, 2, 3, 4].map(() => ehr.read('Patient', 'ada')));
    clock += 269_000;
    await ehr.read('Patient', 'ada');
    expect(tokenServer.seen).toHaveLength(1);
    clock += 2_000;
    await ehr.read('Patient', 'ada');
    expect(bearers(ehrServer)).toEqual([...Array<string>(5).fill('Bearer t1'), 'Bearer t2']);
    const ids = tokenServer.seen.map(({ body }) => new URLSearchParams(body).get('client_assertion'));
    expect(new Set(ids).size).toBe(2);
  });

  it('a token that the EHR refuses is replaced once, and no more', async () => {
    const { client: ehr, tokenServer, ehrServer } = await client([issue('t1', 300), issue('t2', 300)], [json(401, {}), json(200, patient)]);
    expect(await ehr.read('Patient', 'ada')).toMatchObject({ ok: true });
    expect(bearers(ehrServer)).toEqual(['Bearer t1', 'Bearer t2']);
    const never = await client([issue('t1', 300), issue('t2', 300), issue('t3', 300)], [json(401, {})]);
    expect(await never.client.read('Patient', 'ada')).toMatchObject({ ok: false, code: 'not-allowed', status: 401 });
    expect(never.tokenServer.seen).toHaveLength(2);
    expect(never.ehrServer.seen).toHaveLength(2);
    expect(tokenServer.seen).toHaveLength(2);
  });

  it('a create without a condition is sent again after a 401, which says that nothing was done', async () => {
    const made = json(201, { resourceType: 'Subscription', id: 's1' });
    const { client: ehr, ehrServer } = await client([issue('t1', 300), issue('t2', 300)], [json(401, {}), made]);
    expect(await ehr.create({ resourceType: 'Subscription' }, null)).toMatchObject({ ok: true, value: { id: 's1' } });
    expect(ehrServer.seen).toHaveLength(2);
  });

  it.each<[string, Step, string, RegExp]>([
    [
      'a client it does not know',
      json(400, { error: 'invalid_client', error_description: 'secret words' }),
      'not-allowed',
      /\(HTTP 400, invalid_client\)$/u,
    ],
    ['words of its own', json(401, { error: 'Ada Stone' }), 'not-allowed', /\(HTTP 401\)$/u],
    ['a web page', (response) => response.writeHead(200).end('<html>'), 'not-allowed', /\(HTTP 200\)$/u],
    ['another kind of token', json(200, { access_token: 't', token_type: 'mac' }), 'not-allowed', /\(HTTP 200\)$/u],
    ['a token that breaks a header', json(200, { access_token: 'a\r\nx: y', token_type: 'bearer' }), 'not-allowed', /\(HTTP 200\)$/u],
    ['a redirect', (response) => response.writeHead(302, { location: '/else' }).end(), 'not-allowed', /\(HTTP 302\)$/u],
    ['a fault', json(503, {}), 'not-connected', /could not be reached$/u],
    ['nothing', cut, 'not-connected', /could not be reached$/u],
  ])('says in plain words that the token server answered %s; the EHR is not asked', async (_, step, code, detail) => {
    const { client: ehr, ehrServer } = await client([step], [json(200, patient)]);
    const result = await ehr.search('Patient', { identifier: '4711' }, { seconds: 3 });
    expect(result).toMatchObject({ ok: false, code, detail: expect.stringMatching(detail) });
    expect(JSON.stringify(result)).not.toMatch(/secret words|Stone|4711|client_assertion/u);
    expect(ehrServer.seen).toEqual([]);
  });

  it('a silent token server costs no more than the time of the call', async () => {
    const { client: ehr } = await client([silent], [json(200, patient)]);
    const started = performance.now();
    expect(await ehr.read('Patient', 'ada', { seconds: 0.3 })).toMatchObject({ code: 'timed-out-after-send' });
    expect(performance.now() - started).toBeLessThan(800);
  });

  it('a token without a stated end is used for five minutes', async () => {
    const { client: ehr, tokenServer } = await client([json(200, { access_token: 't', token_type: 'bearer' })], [json(200, patient)]);
    await ehr.read('Patient', 'ada');
    clock += 260_000;
    await ehr.read('Patient', 'ada');
    expect(tokenServer.seen).toHaveLength(1);
  });

  it('a key that can not be one stops the start, with a sentence that says why', async () => {
    const { key } = await keyOf('ES384');
    const { d, ...publicOnly } = key;
    const { kid, ...unnamed } = key;
    const options = { tokenUrl: 'https://ehr.example/token', clientId: 'c', scope: 's' };
    expect(d).toBeDefined();
    expect(kid).toBe('radloop-1');
    expect(() => smartTokens({ ...options, key: publicOnly }, now)).toThrow('"d" is missing');
    expect(() => smartTokens({ ...options, key: unnamed }, now)).toThrow('no "kid"');
    expect(() => smartTokens({ ...options, key: { ...key, crv: 'P-256' } }, now)).toThrow('EC P-384');
  });
});
