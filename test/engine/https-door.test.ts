import { X509Certificate, createHash } from 'node:crypto';
import { HttpRequest } from '@azure/functions';
import type { HttpResponseInit } from '@azure/functions';
import { certificateReader } from '#adapters/embedded/facility-certificates.js';
import { facilityByToken } from '#adapters/embedded/facility-tokens.js';
import type { Facility } from '#domain/site.js';
import { toInstant } from '#core/time.js';
import { doorkeeper, facilityBy } from '#engine/doorkeeper.js';
import { keepNoise, receive } from '#engine/intake.js';
import { readConfig } from '../../functions/config.ts';
import { hl7InHandler } from '../../functions/triggers/hl7-in.ts';
import { sitePki } from '../support/certificates.ts';
import type { Identity, SitePki } from '../support/certificates.ts';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';

const token = 'a-secret-of-the-interface-engine';
const facility = (id: string, more: Partial<Facility>): Facility => ({
  ...{ id, name: id, certificateNames: [], mshFacilities: ['RADLOOP-GENERAL'], mshApplications: [], answersTo: null },
  ...more,
});
const facilities = [
  facility('general', { tokenSha256: createHash('sha256').update(token).digest('hex'), certificateNames: ['urn:hospital:ris'] }),
  facility('ward', { certificateNames: ['ward-engine'], mshApplications: ['WARD'] }),
];

let pki: SitePki;
beforeAll(async () => {
  pki = await sitePki();
});
let engine: EngineFixture;
let handle: (request: HttpRequest) => Promise<HttpResponseInit>;
const open = (trust: 'trusted' | 'ignored'): void => {
  engine = startEngineFixture('assist', (site) => ({ ...site, settings: { ...site.settings, facilities } }));
  engine.now = toInstant(Date.now());
  const { parts } = engine;
  const readers = { byToken: facilityByToken(facilities), namesIn: certificateReader(trust, pki.ca) };
  handle = hl7InHandler(facilityBy(parts, readers), {
    receive: (bytes, from) => receive(parts, bytes, from),
    keepNoise: (bytes, length, reason, from) => keepNoise(parts, bytes, length, reason, from),
    answered: (identity) => parts.raw.answered(identity),
    batchOf: (answers) => parts.door.batchOf(answers, parts.clock.now()),
    refused: doorkeeper(parts).refused,
  });
};
beforeEach(() => {
  open('trusted');
});
afterEach(() => engine.close());

const bearer = { authorization: `Bearer ${token}` };
const holder = ({ cert }: Identity) => ({ 'x-arr-clientcert': new X509Certificate(cert).raw.toString('base64') });
async function post(body: Buffer | string, headers: Record<string, string> = bearer) {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const { status = 200, body: answer } = await handle(new HttpRequest({ method: 'POST', url: 'http://127.0.0.1/api/hl7', headers, body: { bytes } }));
  return { status, text: Buffer.from((answer ?? '') as string | Uint8Array).toString('latin1') };
}
const json = { ...bearer, 'content-type': 'application/json' };
const rows = () => engine.stores.raw.list(9);
const denials = () => engine.stores.db.all<{ action: string; detail: string }>("SELECT action, detail FROM audit WHERE outcome = 'denied'");

describe('the HTTPS door', () => {
  it('answers ER7 with the HL7 ACK, 200 whenever there is one, the same for the same bytes', async () => {
    const first = await post(orderBytes());
    expect(first).toMatchObject({ status: 200, text: expect.stringContaining('MSA|AA|M1') });
    expect(await post(orderBytes())).toEqual(first);
    expect(await rows()).toMatchObject([{ endpoint: 'https:general', state: 'new' }]);
    expect(await post('MSH|^~\\&|A|RADLOOP-GENERAL')).toMatchObject({ status: 200, text: expect.stringMatching(/MSA\|A[ER]/u) });
  });

  it('takes JSON with the message in base64 and reads nothing else in it', async () => {
    const body = JSON.stringify({ message: orderBytes().toString('base64'), endpoint: 'mllp', facility: 'ward' });
    expect(await post(body, json)).toMatchObject({ status: 200, text: expect.stringContaining('MSA|AA|M1') });
    expect(await rows()).toMatchObject([{ endpoint: 'https:general', length: orderBytes().length }]);
  });

  it.each([
    ['no JSON', '{"message":'],
    ['JSON without a message', '{"hl7":"TVNI"}'],
    ['a message that is no base64', '{"message":"MSH|^~\\\\&|"}'],
    ['an empty message', '{"message":""}'],
    ['a list', '[1]'],
  ])('answers %s with 400 and a sentence, and keeps it', async (_name, body) => {
    expect(await post(body, json)).toMatchObject({ status: 400, text: expect.stringContaining('{"message":"<base64') });
    expect(await rows()).toMatchObject([{ state: 'refused', reason: expect.stringContaining('JSON'), length: body.length }]);
  });

  it.each([
    ['by its content type', 'MSH', { 'content-type': 'application/hl7-v2+xml' }],
    ['by what it is', '\u00ef\u00bb\u00bf <?xml version="1.0"?><ORM_O01/>', { 'content-type': 'text/plain' }],
    ['by its root alone', '<ORM_O01 xmlns="urn:hl7-org:v2xml">', {}],
  ])('refuses HL7 as XML with a reason, known %s, and keeps it', async (_name, body, type) => {
    expect(await post(Buffer.from(body, 'latin1'), { ...bearer, ...type })).toMatchObject({ status: 415, text: expect.stringContaining('XML') });
    expect(await rows()).toMatchObject([{ state: 'refused', reason: expect.stringContaining('XML') }]);
  });

  it('keeps the beginning of a long one, with the length and the hash of all of it', async () => {
    const long = (end: string): Buffer => Buffer.from(`<ORM_O01>${'x'.repeat(300_000)}${end}`);
    for (const end of ['1', '2', '2']) expect((await post(long(end))).status).toBe(415);
    const kept = await rows();
    expect(kept.map(({ length }) => length)).toEqual([300_010, 300_010]);
    for (const { id } of kept) expect(await engine.stores.raw.read(id)).toEqual(long('').subarray(0, 65_536));
  });

  it('takes a batch, and UTF-16 with its mark', async () => {
    const batch = Buffer.concat([Buffer.from('BHS|^~\\&|A|B\r'), orderBytes('new', 'B1'), orderBytes('cancel', 'B2'), Buffer.from('BTS|2\r')]);
    const { status, text } = await post(batch);
    expect(status).toBe(200);
    expect(text).toMatch(/^BHS\|[^]*MSA\|AA\|B1[^]*MSA\|AA\|B2[^]*BTS\|2/u);
    const wide = Buffer.concat([
      Buffer.from([0xff, 0xfe]),
      Buffer.from(orderBytes('new', 'W1').toString().replace('UNICODE UTF-8', 'UNICODE UTF-16'), 'utf16le'),
    ]);
    const answer = await post(wide);
    expect(answer.status).toBe(200);
    expect(answer.text.replaceAll('\u0000', '')).toContain('W1');
  });

  it('answers commit and application together where a sender asks for both, and owes nothing then', async () => {
    const { status, text } = await post(orderBytes().toString().replace('|2.5.1||||||', '|2.5.1|||AL|AL||'));
    expect(status).toBe(200);
    expect(text).toMatch(/^BHS\|[^]*MSA\|CA\|M1[^]*MSA\|AA\|M1/u);
    expect(await engine.stores.raw.unanswered(toInstant(Date.now() + 99_000), 9)).toEqual([]);
  });

  it('answers 401 to whoever shows nothing of a facility, on record once a minute, and keeps nothing of theirs', async () => {
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: 'Basic eDp5' }, holder(pki.foreign), holder(pki.expired)]) {
      expect(await post(orderBytes(), headers)).toMatchObject({ status: 401 });
    }
    expect(await post(orderBytes(), { 'x-arr-clientcert': 'bm8gY2VydGlmaWNhdGU=' })).toMatchObject({ status: 401 });
    expect(await rows()).toEqual([]);
    await new Promise(setImmediate);
    expect(denials()).toEqual([{ action: 'door', detail: '{"why":"no-facility"}' }]);
  });

  it('knows a facility by its client certificate, by any of its names', async () => {
    expect(await post(orderBytes(), holder(pki.good))).toMatchObject({ status: 200, text: expect.stringContaining('MSA|AA') });
    expect(await rows()).toMatchObject([{ endpoint: 'https:general' }]);
  });

  it('takes nobody by a certificate in a header that is not trusted: only bearer tokens count', async () => {
    await engine.close();
    open('ignored');
    expect(await post(orderBytes(), holder(pki.good))).toMatchObject({ status: 401 });
    expect(await rows()).toEqual([]);
    expect(await post(orderBytes(), { ...bearer, ...holder(pki.plainName) })).toMatchObject({ status: 200 });
    expect(await rows()).toMatchObject([{ endpoint: 'https:general' }]);
  });

  it('does not trust that header unless the environment says so', () => {
    const { env } = process;
    try {
      process.env = { RADLOOP_SITE: 's', RADLOOP_DATA: 'd', MicrosoftAppId: 'a', MicrosoftAppTenantId: 't' };
      expect(readConfig().RADLOOP_CLIENT_CERTIFICATE_HEADER).toBe('ignored');
      process.env['RADLOOP_CLIENT_CERTIFICATE_HEADER'] = 'yes';
      expect(readConfig).toThrow('RADLOOP_CLIENT_CERTIFICATE_HEADER');
    } finally {
      process.env = env;
    }
  });

  it('refuses the right certificate with a wrong MSH-3 or MSH-4, on record, with no effect', async () => {
    const wrongApplication = await post(orderBytes(), holder(pki.plainName));
    expect(wrongApplication).toMatchObject({ status: 200, text: expect.stringContaining('MSA|AR|M1') });
    expect(wrongApplication.text).toMatch(/ERR\|.*MSH\^1\^3/u);
    const wrongFacility = await post(orderBytes().toString().replace('|RADLOOP-GENERAL|', '|ELSEWHERE|'), holder(pki.good));
    expect(wrongFacility.text).toMatch(/MSA\|AR[^]*ERR\|.*MSH\^1\^4/u);
    expect((await rows()).map(({ endpoint, state }) => [endpoint, state])).toEqual([
      ['https:general', 'refused'],
      ['https:ward', 'refused'],
    ]);
    expect(denials().map(({ detail }) => detail)).toEqual(['{"why":"application"}', '{"why":"facility"}']);
    expect(await engine.stores.bus.nextDue()).toBeNull();
  });

  it('takes nobody with the token of one facility and the certificate of another', async () => {
    expect(await post(orderBytes(), { ...bearer, ...holder(pki.plainName) })).toMatchObject({ status: 401 });
    expect(await post(orderBytes(), { ...bearer, ...holder(pki.good) })).toMatchObject({ status: 200 });
  });
});
