import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { backpressure } from '#engine/backpressure.js';
import { hearGrid } from '#engine/fhir-doors.js';
import { silentLog } from '../support/clinic.ts';
import { GRID_SECRET, startFhirSide } from './fhir-side.ts';
import type { FhirSide } from './fhir-side.ts';
import { cloudEvent, dicomData, fhirData, gridEvent, validation } from './grid-fixtures.ts';
import { serviceRequest } from './resources.ts';

let side: FhirSide;
let host: string;
beforeEach(async () => {
  side = await startFhirSide({ shape: 'backport-r4' });
  await side.settle();
  host = new URL(side.ehr.baseUrl).host;
  // What follows comes by Event Grid alone.
  side.ehr.notifier.forget();
});
afterEach(() => side.stop());

const secret = { 'X-Radloop-Secret': GRID_SECRET };
const json = { 'content-type': 'application/json; charset=utf-8' };
const cloud = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
const batch = { 'content-type': 'application/cloudevents-batch+json; charset=utf-8' };

describe('Event Grid', () => {
  it.each([
    ['the Event Grid schema', json, (data: object): unknown => [gridEvent('FhirResourceCreated', data)]],
    ['one CloudEvent', cloud, (data: object): unknown => cloudEvent('FhirResourceCreated', data)],
    [
      'a batch of CloudEvents, told three times',
      batch,
      (data: object): unknown => Array.from({ length: 3 }, () => cloudEvent('FhirResourceUpdated', data)),
    ],
  ])('%s: the resource is read again and becomes one case', async (_name, headers, body) => {
    await side.put(serviceRequest());
    const answer = await side.post('events', body(fhirData(host, 'ServiceRequest', 'sr1')), { ...secret, ...headers });
    expect(answer.status).toBe(200);
    expect(await side.cases()).toBe(0);
    side.restart();
    await side.settle();
    expect(await side.cases()).toBe(1);
    expect(await side.kept()).toEqual(['ServiceRequest used']);
  });

  it('a delivery of many resources is taken whole', async () => {
    const ids = Array.from({ length: 60 }, (_, index) => `g${String(index)}`);
    for (const id of ids) await side.put(serviceRequest({ id, identifier: [] }));
    await side.post(
      'events',
      ids.map((id) => gridEvent('FhirResourceCreated', fhirData(host, 'ServiceRequest', id))),
      { ...secret, ...json },
    );
    await side.settle();
    expect(await side.cases()).toBe(60);
  });

  it('a deleted resource is kept for a person to see', async () => {
    await side.post('events', [gridEvent('FhirResourceDeleted', fhirData(host, 'ServiceRequest', 'sr9', 2))], { ...secret, ...json });
    await side.settle();
    expect(await side.kept()).toEqual(['ServiceRequest: deleted in the EHR, or never there kept']);
  });

  it.each([
    ['another FHIR service', (): object => fhirData('else.fhir.azurehealthcareapis.com', 'ServiceRequest', 'sr1')],
    ['an address as an id', (): object => fhirData(host, 'ServiceRequest', 'x/../../admin')],
    ['an address as a type', (): object => fhirData(host, 'http://127.0.0.1/Patient', '1')],
  ])('%s is not read', async (_name, data) => {
    const before = side.ehr.requests();
    expect((await side.post('events', [gridEvent('FhirResourceCreated', data())], { ...secret, ...json })).status).toBe(200);
    await side.feed.serve('event-grid');
    expect(side.ehr.requests()).toBe(before);
  });

  it('images of a study are kept once a study and kind of event, and no workflow hears of them yet', async () => {
    const study = '1.2.826.0.1.3680043.8.498.1';
    const events = Array.from({ length: 40 }, (_, image) => gridEvent('DicomImageCreated', dicomData(study, image)));
    for (const body of [events, events, [cloudEvent('DicomImageDeleted', dicomData(study, 1))]]) {
      expect((await side.post('events', body, { ...secret, ...json })).status).toBe(200);
    }
    expect(await side.kept()).toEqual(['DICOM study created kept', 'DICOM study deleted kept']);
  });

  it.each([
    ['is shut', [true], 503],
    ['shuts while it is being answered', [false, true], 200],
    ['has a flood before it', [false, false], 200],
  ])('a delivery that comes while intake %s is answered at once (invariant 7)', async (_name, shut, status) => {
    const pressure = backpressure({ ...side.engine.stores, freeBytes: () => Promise.resolve(null), log: silentLog() }, { most: 1000 });
    pressure.stop();
    const isShut = (): boolean => (shut.length > 1 ? shut.shift() : shut[0]) === true;
    const never = () => new Promise<never>(() => undefined);
    const parts = { ...side.needs, pressure: { ...pressure, isShut, room: never, open: never } };
    const body = Buffer.from(JSON.stringify([gridEvent('DicomImageCreated', dicomData('1.2.3', 1))]));
    const headers: Readonly<Record<string, string>> = { 'x-radloop-secret': GRID_SECRET, 'content-type': 'application/json' };
    const request = { header: (name: string) => headers[name] ?? null, body: () => Promise.resolve(body) };
    const grid = { secretSha256: [createHash('sha256').update(GRID_SECRET).digest('hex')] };
    const answer = hearGrid(parts, side.feed, grid, request).then((given) => given.status);
    expect(await Promise.race([answer, pause(2000, 'no answer')])).toBe(status);
    expect(await side.kept()).toHaveLength(status === 200 ? 1 : 0);
  });

  it('the validation of the Event Grid schema is echoed, with and without the secret, and its address is not called', async () => {
    let called = 0;
    const sink = createServer((_request, response) => {
      called += 1;
      response.end();
    });
    await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
    const body = validation('512d38b6-c7b8-40c8-89fe-f46f9e9622b6', `http://127.0.0.1:${(sink.address() as AddressInfo).port}/validate`);
    const handshake = { ...json, 'aeg-event-type': 'SubscriptionValidation' };
    for (const headers of [handshake, { ...handshake, ...secret }]) {
      const answer = await side.post('events', body, headers);
      expect([answer.status, await answer.json()]).toEqual([200, { validationResponse: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6' }]);
    }
    sink.closeAllConnections();
    sink.close();
    expect(called).toBe(0);
  });

  it('the validation of CloudEvents is answered to Event Grid only', async () => {
    const ask = (origin: string): Promise<Response> => side.post('events', undefined, { 'WebHook-Request-Origin': origin }, 'OPTIONS');
    const right = await ask('eventgrid.azure.net');
    expect([right.status, right.headers.get('webhook-allowed-origin'), right.headers.get('webhook-allowed-rate')]).toEqual([
      200,
      'eventgrid.azure.net',
      '*',
    ]);
    const wrong = await ask('else.example');
    expect([wrong.status, wrong.headers.get('webhook-allowed-origin')]).toEqual([403, null]);
  });

  it.each([
    ['no secret', {}, 'no-secret'],
    ['a wrong secret', { 'X-Radloop-Secret': 'wrong' }, 'wrong-secret'],
    ['no secret, dressed as a validation', { 'aeg-event-type': 'SubscriptionValidation' }, 'no-secret'],
    ['a wrong secret, dressed as a validation', { 'aeg-event-type': 'SubscriptionValidation', 'X-Radloop-Secret': 'wrong' }, 'wrong-secret'],
  ])('%s: 401, on record, nothing read', async (_name, headers, why) => {
    await side.put(serviceRequest());
    const answer = await side.post('events', [gridEvent('FhirResourceCreated', fhirData(host, 'ServiceRequest', 'sr1'))], { ...json, ...headers });
    expect(answer.status).toBe(401);
    await side.feed.serve('event-grid');
    expect(side.denials()).toEqual([{ endpoint: 'event-grid', why }]);
    expect(await side.kept()).toEqual([]);
  });

  it.each([
    ['no JSON', 'hello'],
    ['an empty list', '[]'],
    ['a list of numbers', '[1,2]'],
    ['JSON that is no event', '{"a":1}'],
  ])('%s: 400 with a sentence', async (_name, body) => {
    const answer = await side.post('events', body, { ...secret, ...json });
    expect([answer.status, (await answer.text()).length > 20]).toEqual([400, true]);
  });

  it('more than can wait is answered 503, so that it is sent again', async () => {
    const many = Array.from({ length: 1001 }, (_, index) => gridEvent('FhirResourceCreated', fhirData(host, 'ServiceRequest', `m${String(index)}`)));
    const more = [gridEvent('FhirResourceCreated', fhirData(host, 'ServiceRequest', 'late'))];
    const post = async (body: unknown): Promise<number> => (await side.post('events', body, { ...secret, ...json })).status;
    expect([await post(many), await post(more)]).toEqual([200, 503]);
    await side.feed.serve('event-grid');
    await side.feed.serve('event-grid');
    expect(await post(more)).toBe(200);
  });
});
