import type { FhirServer } from '#ports/fhir-server.js';
import type { StubFault, StubResource } from '../support/fhir-stub.ts';
import { adaChart, adaOrder, patientOf } from '../support/fhir-stub-chart.ts';

/** An adapter before an EHR that holds these resources and fails in these ways (by resource type, `*` for all). */
export interface FhirServerUnderTest {
  readonly server: FhirServer;
  /** All that the EHR was asked of patients. */
  requests(): readonly string[];
  stop(): Promise<void>;
}
export type StartFhirServer = (resources: readonly StubResource[], faults: Readonly<Record<string, StubFault>>) => Promise<FhirServerUnderTest>;

/** What every adapter of the port `fhir-server` promises. */
export function fhirServerContract(start: StartFhirServer): void {
  let running: FhirServerUnderTest | null = null;
  const before = async (resources: readonly StubResource[], faults: Readonly<Record<string, StubFault>> = {}): Promise<FhirServer> => {
    running = await start(resources, faults);
    return running.server;
  };
  afterEach(async () => {
    await running?.stop();
    running = null;
  });

  it('brings everything that the EHR has', async () => {
    const server = await before(adaChart());
    const result = await server.gather(adaOrder(), 5);
    expect(result).toEqual({ ok: true, tookMs: expect.any(Number), context: { ...ADA, missing: [] } });
  });

  it('names what the EHR has nothing of, and does not take silence on allergies for none', async () => {
    const server = await before([patientOf('ada')]);
    const result = await server.gather(adaOrder(), 5);
    expect(result).toMatchObject({
      ok: true,
      context: { missing: ['weight', 'pregnancy', 'allergies', 'egfr', 'creatinine'], medications: [], priors: [] },
    });
  });

  it('keeps the parts that came in time and names those that did not', async () => {
    const server = await before(adaChart(), {
      ImagingStudy: { kind: 'hang' },
      Condition: { kind: 'status', status: 500 },
      DocumentReference: { kind: 'html' },
    });
    const started = performance.now();
    const result = await server.gather(adaOrder(), 0.4);
    expect(performance.now() - started).toBeLessThan(900);
    expect(result).toMatchObject({ ok: true, context: { ...ADA, problems: [], priors: [], notes: [], missing: ['problems', 'priors', 'notes'] } });
  });

  it('keeps what one of two lists of medications said, and says that it is not all', async () => {
    const server = await before(adaChart(), { MedicationRequest: { kind: 'status', status: 503 } });
    expect(await server.gather(adaOrder(), 5)).toMatchObject({ ok: true, context: { medications: ['Aspirin 100 mg'], missing: ['medications'] } });
  });

  it('gives up within the budget when the EHR is silent', async () => {
    const server = await before(adaChart(), { '*': { kind: 'hang' } });
    const started = performance.now();
    expect(await server.gather(adaOrder(), 0.3)).toEqual({ ok: false, why: 'The EHR did not answer within 0.3 s' });
    expect(performance.now() - started).toBeLessThan(800);
  });

  it.each<[string, StubFault, string]>([
    ['refuses', { kind: 'status', status: 500 }, 'The EHR refused (HTTP 500). It says: an unexpected internal error (error)'],
    ['asks for a login', { kind: 'status', status: 401 }, 'The EHR refused (HTTP 401). It says: an unexpected internal error (error)'],
    ['answers a web page', { kind: 'html' }, 'The EHR answered something that is not FHIR'],
    ['answers half of its JSON', { kind: 'half' }, 'The EHR answered something that is not FHIR'],
    ['answers a list', { kind: 'body', body: [] }, 'The EHR answered something that is not FHIR'],
    [
      'answers a bundle that is no search',
      { kind: 'body', body: { resourceType: 'Bundle', type: 'history' } },
      'The EHR answered something that is not FHIR',
    ],
    ['hangs up in the middle', { kind: 'cut' }, "The EHR's answer broke off"],
    ['answers without end', { kind: 'huge', bytes: 6_000_000 }, 'The EHR answered more than 5 MB'],
  ])('says so in plain words when the EHR %s', async (_, fault, why) => {
    const server = await before(adaChart(), { '*': fault });
    expect(await server.gather(adaOrder(), 3)).toEqual({ ok: false, why });
  });

  it('says that the EHR has no such patient', async () => {
    const server = await before(adaChart());
    expect(await server.gather(adaOrder({ id: '4712' }), 3)).toEqual({ ok: false, why: 'The EHR has no patient with this number' });
  });

  it('asks nothing for an order that names no patient', async () => {
    const server = await before(adaChart());
    expect(await server.gather(adaOrder({ id: null }), 3)).toMatchObject({ ok: false });
    expect(running?.requests()).toEqual([]);
  });

  it('mixes two patients of one number never, and takes the one whose assigner the order names', async () => {
    const [, ...rest] = adaChart();
    const other = (display: string): StubResource =>
      patientOf('bob', { identifier: [{ system: 'urn:oid:9', value: '4711', assigner: { display } }] });
    const north = await before([patientOf('ada'), other('SOUTH'), ...rest]);
    expect(await north.gather(adaOrder(), 3)).toMatchObject({ ok: true, context: { problems: ['Type 2 diabetes'] } });
    await running?.stop();
    const both = await before([patientOf('ada'), other('NORTH'), ...rest]);
    expect(await both.gather(adaOrder(), 3)).toEqual({ ok: false, why: 'The EHR has more than one patient with this number' });
    expect(running?.requests()).toHaveLength(1);
  });

  it('never follows a page to another host, and says that there is more', async () => {
    const sink = await start(adaChart(), {});
    const host = `127.0.0.1:9`;
    const server = await before([...adaChart(), ...adaChart().slice(-4)], { Condition: { kind: 'pages', host } });
    expect(await server.gather(adaOrder(), 3)).toMatchObject({ ok: true, context: { problems: ['Type 2 diabetes'], missing: ['problems'] } });
    expect(sink.requests()).toEqual([]);
    await sink.stop();
  });
}

const ADA = {
  ageYears: 45,
  sex: 'F',
  weightKg: { value: 69.85, unit: 'kg', date: '2026-11-01' },
  pregnant: false,
  allergies: ['Iodinated contrast media (criticality high; reaction: Urticaria, moderate)'],
  medications: ['Metformin 500 mg', 'Aspirin 100 mg'],
  problems: ['Type 2 diabetes'],
  egfr: { value: 44, unit: 'mL/min/{1.73_m2}', date: '2026-11-20T08:00:00Z' },
  creatinine: [
    { value: 1.6, unit: 'mg/dL', date: '2026-11-20' },
    { value: 1.5, unit: 'mg/dL', date: '2026-11-18' },
    { value: 1.4, unit: 'mg/dL', date: '2026-10-01' },
    { value: 1.3, unit: 'mg/dL', date: '2026-07-01' },
    { value: 1.2, unit: 'mg/dL', date: '2026-03-01' },
  ],
  priors: [{ text: 'CT CHEST W CONTRAST', modality: 'CT', date: '2025-05-05' }],
  notes: ['No implants. Walks unaided.'],
};
