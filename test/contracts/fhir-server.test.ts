import { fhirServer } from '#adapters/fhir/context.js';
import { reachable } from '#adapters/fhir/reachable.js';
import { toInstant } from '#core/time.js';
import { startFhirStub } from '../support/fhir-stub.ts';
import type { FhirStub, StubFault, StubResource } from '../support/fhir-stub.ts';
import { adaChart, adaOrder, resource } from '../support/fhir-stub-chart.ts';
import { fhirServerContract } from './fhir-server.contract.ts';

const now = () => toInstant(Date.UTC(2026, 10, 25, 12));

describe('the FHIR adapter over HTTP', () => {
  fhirServerContract(async (resources, faults) => {
    const stub = await startFhirStub(resources, faults);
    return { server: fhirServer({ baseUrl: stub.baseUrl, now }), requests: () => stub.requests, stop: () => stub.stop() };
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
    const result = await fhirServer({ baseUrl: stub.baseUrl, now }).gather(adaOrder(), 3);
    expect(result).toEqual({ ok: false, why: 'The EHR points to another address (HTTP 302), which is not followed' });
    expect(sink.requests).toEqual([]);
  });

  it('says that nothing listens there', async () => {
    const stub = await withStub([]);
    await stub.stop();
    expect(await fhirServer({ baseUrl: stub.baseUrl, now }).gather(adaOrder(), 3)).toEqual({ ok: false, why: 'The EHR could not be reached' });
  });

  it('reads further pages of the same server, five at most', async () => {
    const problems = (count: number): StubResource[] =>
      Array.from({ length: count }, (_, at) => resource('Condition', { code: { text: `Problem ${String(at)}` } }));
    const [patient] = adaChart();
    const chart = (count: number): StubResource[] => [...(patient === undefined ? [] : [patient]), ...problems(count)];
    const five = await withStub(chart(5), { Condition: { kind: 'pages' } });
    const all = await fhirServer({ baseUrl: five.baseUrl, now }).gather(adaOrder(), 3);
    expect(all.ok && [all.context.problems.length, all.context.missing.includes('problems')]).toEqual([5, false]);
    const six = await withStub(chart(6), { Condition: { kind: 'pages' } });
    const some = await fhirServer({ baseUrl: six.baseUrl, now }).gather(adaOrder(), 3);
    expect(some.ok && [some.context.problems.length, some.context.missing.includes('problems')]).toEqual([5, true]);
  });

  it('finds the newest results itself when the server neither sorts nor filters by code', async () => {
    const stub = await withStub([...adaChart()].reverse(), { Observation: { kind: 'careless' } });
    const result = await fhirServer({ baseUrl: stub.baseUrl, now }).gather(adaOrder(), 3);
    expect(result).toMatchObject({ ok: true, context: { egfr: { value: 44 }, weightKg: { value: 69.85 }, missing: [] } });
  });

  it("asks with the site's identifier system and escapes what FHIR would read as syntax", async () => {
    const stub = await withStub(adaChart());
    const server = fhirServer({ baseUrl: stub.baseUrl, patientSystem: 'urn:oid:1.2.3', now });
    expect(await server.gather(adaOrder(), 3)).toMatchObject({ ok: true });
    expect(await server.gather(adaOrder({ id: '47,11|x$\\' }), 3)).toMatchObject({ ok: false });
    expect(stub.requests[0]).toBe('/fhir/Patient?identifier=urn:oid:1.2.3|4711&_count=20');
    expect(stub.requests.at(-1)).toBe('/fhir/Patient?identifier=urn:oid:1.2.3|47\\,11\\|x\\$\\\\&_count=20');
  });

  it('loses nothing when the server holds no medication statements at all', async () => {
    const stub = await withStub(adaChart(), { MedicationStatement: { kind: 'status', status: 404 } });
    const result = await fhirServer({ baseUrl: stub.baseUrl, now }).gather(adaOrder(), 3);
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
