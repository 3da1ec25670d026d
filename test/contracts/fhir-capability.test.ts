import { fitted, offersOf } from '#adapters/fhir/capability.js';
import { fhirClient } from '#adapters/fhir/client.js';
import { fhirServer } from '#adapters/fhir/context.js';
import { toInstant } from '#core/time.js';
import type { Context } from '#domain/context.js';
import { unreviewed } from '../support/content.ts';
import { startFhirStub } from '../support/fhir-stub.ts';
import type { FhirStub, StubFault, StubResource } from '../support/fhir-stub.ts';
import { adaChart, adaOrder, resource } from '../support/fhir-stub-chart.ts';

let clock = Date.UTC(2026, 10, 25, 12);
const { validity } = unreviewed;
const now = () => toInstant(clock);
const stubs: FhirStub[] = [];
beforeEach(() => {
  clock = Date.UTC(2026, 10, 25, 12);
});
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.stop()));
});

const TYPES = ['Patient', 'Observation', 'AllergyIntolerance', 'MedicationRequest', 'Condition', 'ImagingStudy', 'DocumentReference'];
const searchable = (...names: readonly string[]): { readonly searchParam: readonly unknown[] } => ({ searchParam: names.map((name) => ({ name })) });

function statement(types: Readonly<Record<string, object>>, common: object = {}): object {
  const resources = Object.entries(types).map(([type, more]) => ({ type, ...more }));
  return { resourceType: 'CapabilityStatement', fhirVersion: '4.0.1', status: 'active', rest: [{ mode: 'server', resource: resources, ...common }] };
}
const all = (more: Readonly<Record<string, object>> = {}): Readonly<Record<string, object>> => ({
  ...Object.fromEntries(TYPES.map((type) => [type, {}])),
  ...more,
});

async function ehr(body: object, resources: readonly StubResource[] = adaChart(), faults: Readonly<Record<string, StubFault>> = {}) {
  const stub = await startFhirStub(resources, { metadata: { kind: 'body', body }, ...faults });
  stubs.push(stub);
  const server = fhirServer({ client: fhirClient({ baseUrl: stub.baseUrl, now }), validity, now });
  const gather = async (seconds = 3): Promise<Context> => {
    const result = await server.gather(adaOrder(), seconds);
    if (!result.ok) throw new Error(result.why);
    return result.context;
  };
  return { stub, gather };
}

describe('what the EHR offers', () => {
  it('is read from its statement: types, search parameters, includes', () => {
    const offers = offersOf(
      statement(
        { MedicationRequest: { ...searchable('patient'), searchInclude: ['MedicationRequest:medication'], conditionalCreate: true }, Task: {} },
        searchable('_id'),
      ),
    );
    expect(offers?.get('MedicationRequest')).toEqual({
      searchParams: ['patient', '_id'],
      includes: ['MedicationRequest:medication'],
      conditionalCreate: true,
    });
    expect(offers?.get('Task')).toEqual({ searchParams: [], includes: [], conditionalCreate: null });
  });

  it.each([[{ resourceType: 'CapabilityStatement' }], [statement({})], [{ resourceType: 'Patient' }], [null], ['text']])(
    'is not known from %j, and everything is asked as the standard has it',
    (body) => {
      expect(offersOf(body)).toBeNull();
      expect(fitted(null, 'Condition', 'ada', { _count: 100 }, 'x')).toEqual({ patient: 'ada', _count: 100 });
    },
  );

  it('a type that is not offered is not asked for, and its part is named as missing', async () => {
    const { Condition: _, ...rest } = all();
    const { stub, gather } = await ehr(statement(rest));
    const context = await gather();
    expect(context.missing).toEqual(['problems']);
    expect(context.medications).toEqual(['Metformin 500 mg']);
    expect(stub.asked().some((one) => /\/(?:Condition|MedicationStatement)\?/u.test(one))).toBe(false);
  });

  it('a server without the parameter `patient` is asked by `subject`', async () => {
    const params = ['subject', 'date', '_count'];
    const { stub, gather } = await ehr(statement(all({ DocumentReference: searchable('subject', 'date') })), adaChart(), {
      DocumentReference: { kind: 'strict', params: [...params, '_sort'] },
    });
    expect(await gather()).toMatchObject({ notes: ['No implants. Walks unaided.'], missing: [] });
    expect(stub.asked()).toContainEqual(expect.stringMatching(/DocumentReference\?subject=Patient\/ada&_sort=-date/u));
  });

  it('what a strict server can not sort or filter is sorted and filtered here', async () => {
    const strict = searchable('patient', '_count', '_include');
    const { stub, gather } = await ehr(statement(all({ Observation: strict, MedicationRequest: strict })), [
      ...[...adaChart()].reverse(),
      resource('MedicationRequest', { status: 'stopped', medicationCodeableConcept: { text: 'Warfarin' } }),
    ], { Observation: { kind: 'strict', params: ['patient', '_count'] }, MedicationRequest: { kind: 'strict', params: ['patient', '_count'] } }); // prettier-ignore
    expect(await gather()).toMatchObject({ egfr: { value: 44 }, weightKg: { value: 69.85 }, medications: ['Metformin 500 mg'], missing: [] });
    expect(stub.asked().filter((one) => one.includes('Observation'))).toEqual(Array(4).fill('/fhir/Observation?patient=ada&_count=100'));
  });

  const referred = [
    ...adaChart().filter((one) => one.resourceType !== 'MedicationRequest'),
    resource('MedicationRequest', { status: 'active', intent: 'order', medicationReference: { reference: 'Medication/m1' } }),
    { resourceType: 'Medication', id: 'm1', code: { text: 'Metformin 850 mg' } },
  ];

  it('medications come along where the server includes them', async () => {
    const include = { MedicationRequest: { searchInclude: ['MedicationRequest:medication'] } };
    const { stub, gather } = await ehr(statement(all({ ...include, Medication: {} })), referred);
    expect(await gather()).toMatchObject({ medications: ['Metformin 850 mg'], missing: [] });
    expect(stub.asked().some((one) => one.startsWith('/fhir/Medication?'))).toBe(false);
  });

  it('without `_include` their names are asked for in one more search', async () => {
    const { stub, gather } = await ehr(statement(all({ Medication: {} })), referred);
    expect(await gather()).toMatchObject({ medications: ['Metformin 850 mg'], missing: [] });
    expect(stub.asked()).toContain('/fhir/Medication?_id=m1&_count=100');
  });

  it('a medication that nobody names makes the list one that is not all', async () => {
    const { gather } = await ehr(statement(all()), referred);
    expect(await gather()).toMatchObject({ medications: [], missing: ['medications'] });
  });

  it('is read once, and again after 24 hours', async () => {
    const { stub, gather } = await ehr(statement(all()));
    const read = (): number => stub.requests.filter((one) => one.endsWith('/metadata')).length;
    await gather();
    await gather();
    clock += 23 * 3600 * 1000;
    await gather();
    expect(read()).toBe(1);
    clock += 2 * 3600 * 1000;
    await gather();
    expect(read()).toBe(2);
  });

  it.each<[string, StubFault]>([
    ['does not tell', { kind: 'status', status: 404 }],
    ['answers a web page', { kind: 'html' }],
    ['is silent about it', { kind: 'hang' }],
    ['is slow to tell', { kind: 'delay', milliseconds: 600 }],
  ])('a server that %s is asked for everything, in time', async (_, fault) => {
    const stub = await startFhirStub(adaChart(), { metadata: fault });
    stubs.push(stub);
    const server = fhirServer({ client: fhirClient({ baseUrl: stub.baseUrl, now }), validity, now });
    const started = performance.now();
    expect(await server.gather(adaOrder(), 1)).toMatchObject({ ok: true, context: { missing: [] } });
    expect(performance.now() - started).toBeLessThan(900);
  });

  it('a server that did not tell is asked again after five minutes, not with every order', async () => {
    const stub = await startFhirStub(adaChart(), { metadata: { kind: 'status', status: 404 } });
    stubs.push(stub);
    const client = fhirClient({ baseUrl: stub.baseUrl, now });
    for (const minutes of [0, 1, 1, 4]) {
      clock += minutes * 60_000;
      expect(await client.offers(1)).toBeNull();
    }
    expect(stub.requests).toHaveLength(2);
  });
});
