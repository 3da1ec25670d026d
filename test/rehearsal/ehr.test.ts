import { chartOf } from '../../infra/rehearsal/chart.ts';
import type { ChartResource } from '../../infra/rehearsal/chart.ts';
import { startEhr } from '../../infra/rehearsal/ehr.ts';
import type { Ehr } from '../../infra/rehearsal/ehr.ts';
import type { EhrLine } from '../../infra/rehearsal/ehr-ledger.ts';
import { patientOf } from '../../infra/rehearsal/patients.ts';

const PATIENTS = 500;
const today = new Date('2026-11-25T10:00:00Z');
const charts = Array.from({ length: PATIENTS }, (_, index) => chartOf(1, patientOf(1, index), today));

interface Bundle {
  readonly resourceType: string;
  readonly total?: number;
  readonly entry?: readonly { readonly fullUrl: string; readonly resource: ChartResource }[];
}

async function get(ehr: Ehr, path: string): Promise<{ readonly status: number; readonly bundle: Bundle; readonly ms: number }> {
  const start = performance.now();
  const response = await fetch(`${ehr.baseUrl}/${path}`);
  const bundle = (await response.json()) as Bundle;
  return { status: response.status, bundle, ms: performance.now() - start };
}

const idsIn = (bundle: Bundle): string[] => (bundle.entry ?? []).map((entry) => entry.resource.id).sort();

describe('the rehearsal EHR', () => {
  let ehr: Ehr;
  beforeAll(async () => {
    ehr = await startEhr({ port: 0, charts });
  });
  afterAll(() => ehr.stop());

  it('finds a patient by record number, with and without its system', async () => {
    const { mrn } = patientOf(1, 42);
    for (const identifier of [mrn, `urn:oid:2.16.840.1.113883.19.4711|${mrn}`]) {
      const { bundle } = await get(ehr, `Patient?identifier=${encodeURIComponent(identifier)}`);
      expect(idsIn(bundle)).toEqual(['p1-42']);
    }
    expect(idsIn((await get(ehr, 'Patient?identifier=other%7C' + mrn)).bundle)).toEqual([]);
    expect(idsIn((await get(ehr, 'Patient?identifier=nobody')).bundle)).toEqual([]);
  });

  it('gives by patient exactly what stands in the chart of that patient', async () => {
    for (const index of [0, 17, 499]) {
      for (const type of ['Observation', 'AllergyIntolerance', 'MedicationStatement', 'Condition', 'ImagingStudy', 'DocumentReference']) {
        const expected = (charts[index] ?? []).filter((resource) => resource.resourceType === type).map((resource) => resource.id);
        const { status, bundle } = await get(ehr, `${type}?patient=p1-${String(index)}`);
        expect([status, idsIn(bundle)]).toEqual([200, expected.sort()]);
        expect(idsIn((await get(ehr, `${type}?patient=Patient/p1-${String(index)}&_count=100`)).bundle)).toEqual(expected);
      }
    }
  });

  it('narrows by code and sorts by date', async () => {
    const { bundle } = await get(ehr, `Observation?patient=p1-0&code=${encodeURIComponent('http://loinc.org|2160-0')}&_sort=-date`);
    const dates = (bundle.entry ?? []).map((entry) => String(entry.resource['effectiveDateTime']));
    expect(dates.length).toBeGreaterThan(0);
    expect(dates).toEqual([...dates].sort().reverse());
    expect(JSON.stringify(bundle)).not.toContain('29463-7');
  });

  it('answers each search of a context within 20 ms among 500 patients', async () => {
    const took: number[] = [];
    for (let round = 0; round < 30; round += 1) {
      const index = (round * 37) % PATIENTS;
      const mrn = encodeURIComponent(patientOf(1, index).mrn);
      took.push((await get(ehr, `Patient?identifier=${mrn}`)).ms);
      for (const type of [
        'Observation',
        'AllergyIntolerance',
        'MedicationStatement',
        'MedicationRequest',
        'Condition',
        'ImagingStudy',
        'DocumentReference',
      ]) {
        took.push((await get(ehr, `${type}?patient=p1-${String(index)}&_count=100`)).ms);
      }
    }
    took.sort((a, b) => a - b);
    // The middle one: a machine that does other work at the same time may hold up some answers.
    expect(took[Math.floor(took.length / 2)]).toBeLessThanOrEqual(20);
  });

  it('says what it can do, reads one resource, and refuses what it does not hold', async () => {
    expect((await get(ehr, 'metadata')).bundle.resourceType).toBe('CapabilityStatement');
    expect((await get(ehr, 'Patient/p1-3')).status).toBe(200);
    expect((await get(ehr, 'Patient/nobody')).status).toBe(404);
    expect((await get(ehr, 'Slot?patient=p1-3')).status).toBe(404);
    expect((await fetch(`${ehr.baseUrl}/Patient`, { method: 'POST', body: '{}' })).status).toBe(405);
  });
});

describe('the rehearsal EHR that others write to', () => {
  const told = (status: string): object => ({
    ...{ resourceType: 'Communication', status, identifier: [{ system: 'urn:radloop:critical-result', value: '7KF3QN' }] },
    payload: [{ contentString: 'tension pneumothorax' }],
  });
  const send = (ehr: Ehr, method: string, path: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${ehr.baseUrl}/${path}`, { method, headers: { 'content-type': 'application/fhir+json', ...headers }, body: JSON.stringify(body) });

  it('takes a Communication once, its next version in its place, and nothing else; its ledger has each before it was answered, and fills it again', async () => {
    const lines: EhrLine[] = [];
    const ledger = { past: [], write: (line: EhrLine) => void lines.push(line) };
    const ehr = await startEhr({ port: 0, charts: [], ledger });
    const once = { 'if-none-exist': 'identifier=urn:radloop:critical-result|7KF3QN' };
    const first = await send(ehr, 'POST', 'Communication', told('completed'), once);
    const { id } = (await first.json()) as { id: string };
    const again = await send(ehr, 'POST', 'Communication', told('completed'), once);
    expect([first.status, again.status, lines.length]).toEqual([201, 200, 1]);
    const wrong = await send(ehr, 'PUT', `Communication/${id}`, { ...told('entered-in-error'), id }, { 'if-match': 'W/"nothing-of-this-name"' });
    expect([wrong.status, lines.length]).toEqual([412, 1]);
    expect((await send(ehr, 'PUT', `Communication/${id}`, { ...told('entered-in-error'), id })).status).toBe(200);
    expect((await send(ehr, 'POST', 'Patient', { resourceType: 'Patient' })).status).toBe(405);
    await ehr.stop();
    expect(lines).toMatchObject([{ method: 'POST', id, resource: { status: 'completed' } }, { method: 'PUT', id, resource: { status: 'entered-in-error' } }]); // prettier-ignore

    const anew = await startEhr({ port: 0, charts: [], ledger: { ...ledger, past: lines } });
    const { bundle } = await get(anew, 'Communication?identifier=urn:radloop:critical-result%7C7KF3QN');
    await anew.stop();
    expect(bundle.entry?.map(({ resource }) => [resource.id, resource['status']])).toEqual([[id, 'entered-in-error']]);
  });
});

describe('the rehearsal EHR in trouble', () => {
  it('refuses with an error of its own, a proxy page, and a page that claims success', async () => {
    const ehr = await startEhr({ port: 0, charts: [], fault: 'ehr-refuses' });
    const seen: [number, string][] = [];
    for (let count = 0; count < 3; count += 1) {
      const response = await fetch(`${ehr.baseUrl}/Patient?identifier=x`);
      seen.push([response.status, (response.headers.get('content-type') ?? '').split(';')[0] ?? '']);
      await response.text();
    }
    await ehr.stop();
    expect(seen).toEqual([[500, 'application/fhir+json'], [503, 'text/html'], [200, 'text/html']]); // prettier-ignore
  });

  it('hangs without an answer', async () => {
    const ehr = await startEhr({ port: 0, charts: [], fault: 'ehr-hangs' });
    await expect(fetch(`${ehr.baseUrl}/metadata`, { signal: AbortSignal.timeout(300) })).rejects.toThrow();
    expect(ehr.requests()).toBe(1);
    await ehr.stop();
  });
});
