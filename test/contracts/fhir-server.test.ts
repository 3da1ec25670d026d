import { fhirClient } from '#adapters/fhir/client.js';
import { fhirServer } from '#adapters/fhir/context.js';
import { reachable } from '#adapters/fhir/reachable.js';
import { toInstant } from '#core/time.js';
import type { FhirServer } from '#ports/fhir-server.js';
import { unreviewed } from '../support/content.ts';
import { startFhirStub } from '../support/fhir-stub.ts';
import type { FhirStub, StubFault, StubResource } from '../support/fhir-stub.ts';
import { adaChart, adaOrder, resource } from '../support/fhir-stub-chart.ts';
import { fhirServerContract } from './fhir-server.contract.ts';

const { validity } = unreviewed;
const now = () => toInstant(Date.UTC(2026, 10, 25, 12));
const ehrAt = (baseUrl: string): FhirServer => fhirServer({ client: fhirClient({ baseUrl, now }), validity, now });

const PATIENT_TYPES = ['Patient', 'Observation', 'AllergyIntolerance', 'MedicationRequest', 'MedicationStatement', 'Condition', 'ImagingStudy', 'DocumentReference']; // prettier-ignore

describe('the FHIR adapter over HTTP', () => {
  fhirServerContract(async (resources, faults) => {
    const stub = await startFhirStub(resources, faults);
    return { server: ehrAt(stub.baseUrl), requests: () => stub.asked(), stop: () => stub.stop() };
  });

  const stubs: FhirStub[] = [];
  const withStub = async (resources: readonly StubResource[], faults: Readonly<Record<string, StubFault>> = {}): Promise<FhirStub> => {
    const stub = await startFhirStub(resources, faults);
    stubs.push(stub);
    return stub;
  };
  afterEach(async () => {
    await Promise.all(stubs.splice(0).map((stub) => stub.stop()));
  });

  it('does not follow a redirect', async () => {
    const sink = await withStub(adaChart());
    const stub = await withStub(adaChart(), { '*': { kind: 'redirect', to: `${sink.baseUrl}/Patient?identifier=4711` } });
    const result = await ehrAt(stub.baseUrl).gather(adaOrder(), 3);
    expect(result).toEqual({ ok: false, why: 'The EHR points to another address (HTTP 302), which is not followed' });
    expect(sink.requests).toEqual([]);
  });

  it('says that nothing listens there', async () => {
    const stub = await withStub([]);
    await stub.stop();
    expect(await ehrAt(stub.baseUrl).gather(adaOrder(), 3)).toEqual({ ok: false, why: 'The EHR could not be reached' });
  });

  it('reads further pages of the same server, five at most', async () => {
    const problems = (count: number): StubResource[] =>
      Array.from({ length: count }, (_, at) => resource('Condition', { code: { text: `Problem ${String(at)}` } }));
    const [patient] = adaChart();
    const chart = (count: number): StubResource[] => [...(patient === undefined ? [] : [patient]), ...problems(count)];
    const five = await withStub(chart(5), { Condition: { kind: 'pages' } });
    const all = await ehrAt(five.baseUrl).gather(adaOrder(), 3);
    expect(all.ok && [all.context.problems.length, all.context.missing.includes('problems')]).toEqual([5, false]);
    const six = await withStub(chart(6), { Condition: { kind: 'pages' } });
    const some = await ehrAt(six.baseUrl).gather(adaOrder(), 3);
    expect(some.ok && [some.context.problems.length, some.context.missing.includes('problems')]).toEqual([5, true]);
  });

  it('repeats nothing beyond the budget, whatever the EHR asks to wait', async () => {
    const [patient] = adaChart();
    const stub = await withStub(patient === undefined ? [] : [patient], {
      Observation: { kind: 'status', status: 503 },
      Condition: { kind: 'status', status: 500 },
      ImagingStudy: { kind: 'hang' },
    });
    const started = performance.now();
    const result = await ehrAt(stub.baseUrl).gather(adaOrder(), 0.6);
    expect(performance.now() - started).toBeLessThan(900);
    expect(result).toMatchObject({ ok: true, context: { missing: expect.arrayContaining(['weight', 'egfr', 'problems', 'priors']) } });
  });

  it('finds the newest results itself when the server neither sorts nor filters by code', async () => {
    const stub = await withStub([...adaChart()].reverse(), { Observation: { kind: 'careless' } });
    const result = await ehrAt(stub.baseUrl).gather(adaOrder(), 3);
    expect(result).toMatchObject({ ok: true, context: { egfr: { value: 44 }, weightKg: { value: 69.85 }, missing: [] } });
  });

  it("asks with the site's identifier system and escapes what FHIR would read as syntax", async () => {
    const stub = await withStub(adaChart());
    const server = fhirServer({ client: fhirClient({ baseUrl: stub.baseUrl, now }), patientSystem: 'urn:oid:1.2.3', validity, now });
    expect(await server.gather(adaOrder(), 3)).toMatchObject({ ok: true });
    expect(await server.gather(adaOrder({ id: '47,11|x$\\' }), 3)).toMatchObject({ ok: false });
    expect(stub.asked()[0]).toBe('/fhir/Patient?identifier=urn:oid:1.2.3|4711&_count=20');
    expect(stub.asked().at(-1)).toBe('/fhir/Patient?identifier=urn:oid:1.2.3|47\\,11\\|x\\$\\\\&_count=20');
  });

  it('invariant 36: no number and no id of a patient stands in an address, not even in that of a next page', async () => {
    const stub = await withStub([...adaChart(), ...adaChart().slice(-4)], { Condition: { kind: 'pages' }, MedicationStatement: { kind: 'pages' } });
    expect(await ehrAt(stub.baseUrl).gather(adaOrder(), 3)).toMatchObject({ ok: true, context: { missing: [] } });
    expect(stub.asked().filter((one) => one.includes('Condition')).map((one) => /page=\d/u.exec(one)?.[0])).toEqual([undefined, 'page=1']); // prettier-ignore
    expect(new Set(stub.lines)).toEqual(new Set(['GET /fhir/metadata', ...PATIENT_TYPES.map((type) => `POST /fhir/${type}/_search`)]));
  });

  it('a server that takes no search by POST is not asked in another way, and the card says what to do', async () => {
    const stub = await withStub(adaChart(), { '*': { kind: 'get-only' } });
    expect(await ehrAt(stub.baseUrl).gather(adaOrder(), 3)).toEqual({
      ok: false,
      why: 'The EHR takes no search by POST to _search (HTTP 405); a search that names a patient is sent in no other way: have it switched on there',
    });
    expect(stub.lines.filter((line) => !line.endsWith('/metadata'))).toEqual(['POST /fhir/Patient/_search']);
  });

  it('loses nothing when the server holds no medication statements at all', async () => {
    const stub = await withStub(adaChart(), { MedicationStatement: { kind: 'status', status: 404 } });
    const result = await ehrAt(stub.baseUrl).gather(adaOrder(), 3);
    expect(result).toMatchObject({ ok: true, context: { medications: ['Metformin 500 mg'], missing: [] } });
  });

  it.each<[string, StubFault | undefined, boolean, RegExp]>([
    ['an R4 server', undefined, true, /^FHIR 4\.0\.1, answered in \d+ ms$/u],
    [
      'a server of another version',
      { kind: 'body', body: { resourceType: 'CapabilityStatement', fhirVersion: '5.0.0' } },
      false,
      /R4 \(4\.0\.1\) is needed/u,
    ],
    ['something else that speaks FHIR', { kind: 'body', body: { resourceType: 'Patient' } }, false, /not with a CapabilityStatement/u],
    ['a web page', { kind: 'html' }, false, /not FHIR/u],
    ['silence', { kind: 'hang' }, false, /did not answer within 0.2 s/u],
  ])('doctor tells of %s', async (_, fault, ok, what) => {
    const stub = await withStub([], fault === undefined ? {} : { metadata: fault });
    const result = await reachable(stub.baseUrl, 0.2);
    expect(result.ok).toBe(ok);
    expect(result.what).toMatch(what);
  });
});
