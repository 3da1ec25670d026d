import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { keptSubscription } from '#domain/fhir-feed.js';
import { hearSubscription } from '#engine/fhir-doors.js';
import { BASE, r5 } from './fixtures.ts';
import { secretAtEhr, startFhirSide } from './fhir-side.ts';
import type { FhirSide } from './fhir-side.ts';
import { serviceRequest } from './resources.ts';

let side: FhirSide;
afterEach(() => side.stop());
const start = async (options: Partial<Parameters<typeof startFhirSide>[0]> = {}): Promise<FhirSide> => {
  side = await startFhirSide({ shape: 'classic-put', ...options });
  await side.settle();
  return side;
};
/** The secret as our store has it. */
const secretHere = async (): Promise<string> =>
  keptSubscription.parse(JSON.parse((await side.needs.cursors.read('fhir-subscription:orders'))!)).secrets[0]!.secret;
const notify = (secret: string, more: Record<string, string> = {}): Promise<Response> =>
  side.post('fhir/orders/ServiceRequest/sr1', serviceRequest(), { 'X-Radloop-Secret': secret, ...more }, 'PUT');

describe('who may notify', () => {
  it('the secret of the subscription, in its own header or as a bearer token', async () => {
    await start();
    const secret = await secretAtEhr(side);
    expect((await notify(secret)).status).toBe(200);
    expect((await side.post('fhir/orders', undefined, { authorization: `Bearer ${secret}` })).status).toBe(200);
    expect(side.denials()).toEqual([]);
  });

  it.each([
    ['no secret', 'fhir/orders', {}, 'no-secret'],
    ['a wrong one', 'fhir/orders', { 'X-Radloop-Secret': 'x'.repeat(43) }, 'wrong-secret'],
    ['an empty one', 'fhir/orders', { 'X-Radloop-Secret': '' }, 'wrong-secret'],
    ['a wrong bearer token', 'fhir/orders', { authorization: 'Bearer nothing' }, 'wrong-secret'],
    ['basic authentication', 'fhir/orders', { authorization: 'Basic b3JkZXJzOnNlY3JldA==' }, 'no-secret'],
    ['a secret in the address', 'fhir/orders?secret=SECRET', {}, 'no-secret'],
    ['the secret of another subscription', 'fhir/reports', { 'X-Radloop-Secret': 'SECRET' }, 'wrong-secret'],
    ['a subscription that there is none of', 'fhir/nothing', { 'X-Radloop-Secret': 'SECRET' }, 'no-such-subscription'],
  ])('%s: 401, on record, nothing read', async (_name, path, headers, why) => {
    await start({ rows: [{ name: 'orders', criteria: 'ServiceRequest', payload: 'empty' }, { name: 'reports', criteria: 'DiagnosticReport', payload: 'empty' }] }); // prettier-ignore
    const secret = await secretHere();
    const filled = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace('SECRET', secret)]));
    const before = [side.ehr.requests(), await side.needs.cursors.read('fhir-feed:orders')];
    const answer = await side.post(path.replace('SECRET', secret), serviceRequest(), filled);
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    await side.settle();
    expect(side.denials()).toEqual([
      { endpoint: path.startsWith('fhir/nothing') ? 'fhir:unknown' : `fhir:${/[a-z]+$/u.exec(path.split('?')[0]!)![0]}`, why },
    ]);
    expect([side.ehr.requests(), await side.needs.cursors.read('fhir-feed:orders')]).toEqual(before);
    expect(await side.kept()).toEqual([]);
  });

  it('whoever tries again and again is on record once a minute for a door and a reason', async () => {
    await start();
    const rows = () => side.engine.stores.db.all("SELECT detail FROM audit WHERE outcome = 'denied'").length;
    const flood = async (): Promise<void> => {
      for (let time = 0; time < 20; time += 1) {
        const name = ['orders', `nothing${String(time)}`][time % 2]!;
        expect((await side.post(`fhir/${name}`, {}, { 'X-Radloop-Secret': 'wrong' })).status).toBe(401);
        expect((await side.post('events', {}, { 'X-Radloop-Secret': 'wrong' })).status).toBe(401);
      }
    };
    await flood();
    expect(rows()).toBe(3);
    expect(side.denials()).toEqual([
      { endpoint: 'fhir:orders', why: 'wrong-secret' },
      { endpoint: 'event-grid', why: 'wrong-secret' },
      { endpoint: 'fhir:unknown', why: 'no-such-subscription' },
    ]);
    side.pass(61);
    await flood();
    expect(rows()).toBe(6);
  });

  it('of a subscription that there is none of nothing is read, signed or not', async () => {
    await start();
    const at = Math.round(Date.parse(side.engine.now) / 1000);
    const headers = new Map([['x-radloop-signature', `t=${String(at)},v1=${'a'.repeat(64)}`]]);
    let read = 0;
    const body = (): Promise<Buffer> => Promise.resolve(Buffer.alloc((read += 1)));
    const request = { header: (name: string) => headers.get(name) ?? null, body };
    expect((await hearSubscription(side.needs, side.feed, 'nothing', null, request)).status).toBe(401);
    expect(read).toBe(0);
  });

  it('during a rotation both hold; the old one ends an hour after the EHR has the new one', async () => {
    await start();
    const old = await secretAtEhr(side);
    await side.feed.rotate('orders');
    expect((await notify(old)).status).toBe(200);
    await side.settle();
    const young = await secretAtEhr(side);
    expect(young).not.toBe(old);
    expect([(await notify(old)).status, (await notify(young)).status]).toEqual([200, 200]);
    side.pass(3599);
    expect([(await notify(old)).status, (await notify(young)).status]).toEqual([200, 200]);
    side.pass(2);
    expect([(await notify(old)).status, (await notify(young)).status]).toEqual([401, 200]);
    expect(side.denials()).toEqual([{ endpoint: 'fhir:orders', why: 'wrong-secret' }]);
  });

  it('while the EHR will not have the new secret, the old one holds on', async () => {
    await start();
    const old = await secretAtEhr(side);
    const update = side.client.update.bind(side.client);
    Object.assign(side.client, { update: () => Promise.resolve({ ok: false, code: 'refused-for-now', status: 500, detail: '' }) });
    await side.feed.rotate('orders');
    await side.settle();
    side.pass(7200);
    await side.settle();
    expect([(await notify(old)).status, (await notify(await secretHere())).status]).toEqual([200, 200]);
    Object.assign(side.client, { update });
    side.pass(301);
    await side.settle();
    expect(await secretAtEhr(side)).toBe(await secretHere());
  });

  it('each day there is a new secret', async () => {
    await start();
    const old = await secretAtEhr(side);
    side.pass(23 * 3600);
    await side.settle();
    expect(await secretAtEhr(side)).toBe(old);
    side.pass(3601);
    await side.settle();
    expect(await secretAtEhr(side)).not.toBe(old);
  });
});

describe('a sender that can sign', () => {
  const signed = async (at: number, body: string, secret: string, more: Record<string, string> = {}): Promise<Response> => {
    const hmac = createHmac('sha256', secret)
      .update(`${String(at)}.${body}`)
      .digest('hex');
    return side.post('fhir/orders', body, { 'X-Radloop-Signature': `t=${String(at)},v1=${hmac}`, ...more });
  };
  const body = JSON.stringify(r5('heartbeat'));

  it('needs no secret in a header: HMAC-SHA256 over time and body, five minutes either way, also with the secret before', async () => {
    await start();
    const now = Math.round(Date.parse(side.engine.now) / 1000);
    const old = await secretAtEhr(side);
    for (const at of [now, now - 299, now + 299]) expect((await signed(at, body, old)).status).toBe(200);
    await side.feed.rotate('orders');
    await side.settle();
    for (const secret of [old, await secretAtEhr(side)]) expect((await signed(now, body, secret)).status).toBe(200);
    expect(side.denials()).toEqual([]);
  });

  it("a bad, an old, another body's signature: 401, on record", async () => {
    await start();
    const now = Math.round(Date.parse(side.engine.now) / 1000);
    const secret = await secretAtEhr(side);
    const other = createHmac('sha256', secret)
      .update(`${String(now)}.{}`)
      .digest('hex');
    const answers = [
      await signed(now, body, 'wrong'),
      await signed(now - 301, body, secret),
      await signed(now + 302, body, secret),
      await signed(now, body, 'x', { 'X-Radloop-Signature': `t=${String(now)},v1=${other}` }),
      await signed(now, body, 'x', { 'X-Radloop-Signature': `t=${String(now)}` }),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([401, 401, 401, 401, 401]);
    expect(side.denials().map((one) => (one as { why: string }).why)).toEqual(['wrong-signature', 'old-signature', 'no-secret']);
  });
});

describe('what is answered', () => {
  it.each([
    ['a handshake', r5('handshake'), 'application/fhir+json', 200],
    ['a heartbeat', r5('heartbeat'), 'application/fhir+json; charset=utf-8', 200],
    ['a status', r5('query-status', { status: 'active' }), 'application/fhir+json', 200],
    ['XML', '<Bundle xmlns="http://hl7.org/fhir"/>', 'application/fhir+xml', 415],
    ['broken JSON', '{"resourceType":"Bundle"', 'application/fhir+json', 400],
    ['another Bundle', { resourceType: 'Bundle', type: 'searchset' }, 'application/fhir+json', 400],
    ['6 MB', `{"resourceType":"Basic","x":"${'x'.repeat(6_000_000)}"}`, 'application/fhir+json', 413],
  ])('%s: with a sentence where it is refused', async (_name, body, type, status) => {
    await start();
    const answer = await side.post('fhir/orders', body, { 'X-Radloop-Secret': await secretAtEhr(side), 'content-type': type });
    expect(answer.status).toBe(status);
    const text = await answer.text();
    expect(status === 200 ? text === '' : text.length > 20).toBe(true);
  });

  it('a store that fails is answered 500, so that the sender knows that it was not taken', async () => {
    await start();
    const secret = await secretAtEhr(side);
    const swap = side.needs.cursors.swap.bind(side.needs.cursors);
    Object.assign(side.needs.cursors, { swap: () => Promise.reject(new Error('disk')) });
    expect((await notify(secret)).status).toBe(500);
    Object.assign(side.needs.cursors, { swap });
    expect((await notify(secret)).status).toBe(200);
  });
});

describe('no request leaves for an address that a message names', () => {
  let sink: Server;
  let called: string[];
  let port: number;
  beforeEach(async () => {
    called = [];
    sink = createServer((request, response) => {
      called.push(request.url ?? '');
      response.writeHead(200, { 'content-type': 'application/fhir+json' }).end(JSON.stringify({ resourceType: 'Patient', id: '1' }));
    });
    await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
    port = (sink.address() as AddressInfo).port;
  });
  afterEach(() => {
    sink.closeAllConnections();
    sink.close();
  });
  const hosts = (): string[] => [
    `127.0.0.1:${port}`, `localhost:${port}`, `2130706433:${port}`, `0x7f000001:${port}`, `0177.0.0.1:${port}`, `127.1:${port}`,
    `[::ffff:127.0.0.1]:${port}`, `[::ffff:7f00:1]:${port}`, `[::1]:${port}`, `ehr.example@127.0.0.1:${port}`, '169.254.169.254', '[fd00:ec2::254]',
  ]; // prettier-ignore

  it('as focus, entry or path of a notification', async () => {
    await start({ shape: 'r5' });
    const secret = { 'X-Radloop-Secret': await secretAtEhr(side) };
    for (const host of hosts()) {
      const reference = `http://${host}/fhir/ServiceRequest/1`;
      const focus = r5('event-notification', { notificationEvent: [{ eventNumber: '1', focus: { reference } }] });
      const entry = r5('event-notification', { notificationEvent: [{ eventNumber: '1' }] }, [{ fullUrl: reference }]);
      for (const body of [focus, entry]) expect((await side.post('fhir/orders', body, secret)).status).toBe(200);
    }
    await side.settle();
    expect(called).toEqual([]);
    expect(await side.kept()).toEqual([]);
  });

  it('as a reference within a resource of the own EHR', async () => {
    await start();
    const foreign = { reference: `http://127.0.0.1:${port}/fhir/Patient/1` };
    await side.put(serviceRequest({ subject: foreign, requester: foreign, encounter: foreign, reasonReference: [foreign] }));
    await side.settle();
    expect(called).toEqual([]);
    expect(await side.cases()).toBe(1);
  });

  it('as the address of the own EHR with another port, path or scheme', async () => {
    await start({ shape: 'r5' });
    const secret = { 'X-Radloop-Secret': await secretAtEhr(side) };
    const before = side.ehr.requests();
    for (const reference of [
      `${side.ehr.baseUrl}/../admin/Patient/1`,
      `${side.ehr.baseUrl.replace('/fhir', '')}/other/Patient/1`,
      `${BASE}/Patient/1`,
    ]) {
      await side.post('fhir/orders', r5('event-notification', { notificationEvent: [{ focus: { reference } }] }), secret);
    }
    await side.feed.serve('orders');
    expect(side.ehr.asked.slice(before).filter((line) => !line.includes('_lastUpdated'))).toEqual([]);
  });

  it('as a redirect of the own EHR', async () => {
    const ehr = createServer((_request, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${port}/fhir/ServiceRequest/sr1` }).end();
    });
    await new Promise<void>((resolve) => ehr.listen(0, '127.0.0.1', resolve));
    await start({ baseUrl: `http://127.0.0.1:${(ehr.address() as AddressInfo).port}/fhir` });
    expect((await notify(await secretHere())).status).toBe(200);
    await side.settle();
    ehr.closeAllConnections();
    ehr.close();
    expect(called).toEqual([]);
    expect(await side.cases()).toBe(0);
  });
});
