import { validateResource } from '@medplum/core';
import { fhirClient } from '#adapters/fhir/client.js';
import { communicationOf } from '#adapters/fhir/communication.js';
import { fhirServer } from '#adapters/fhir/context.js';
import { toInstant } from '#core/time.js';
import { criticalRecordData } from '#domain/outbound.js';
import type { CriticalRecordData } from '#domain/outbound.js';
import type { FhirServer } from '#ports/fhir-server.js';
import { numbered } from '../support/clinic.ts';
import { unreviewed } from '../support/content.ts';
import { adaOrder } from '../support/fhir-stub-chart.ts';
import { learnFhir, startFhirStore } from '../support/fhir-store.ts';
import type { FhirStore } from '../support/fhir-store.ts';
import { json, startScripted } from '../support/scripted-http.ts';
import type { ScriptedServer } from '../support/scripted-http.ts';

const now = () => toInstant(Date.UTC(2026, 10, 25, 12));
const PATIENT_SYSTEM = 'urn:oid:1.2.3';
const NUMBER = numbered('7KF3Q');
const by = { id: 'dr-okafor', name: 'Dr Okafor' };

const readBack = (version: number, more: object = {}): CriticalRecordData =>
  criticalRecordData.parse({
    ...{ order: adaOrder(), caseNumber: NUMBER, version, category: 1, declaredBy: by, releasedAt: '2026-11-25T11:50:00.000Z' },
    ...{ addendum: 'Communicated.', finding: 'Tension pneumothorax', receivedBy: 'Dr Singh', receiver: 'dr-singh', via: 'form' },
    acknowledgedAt: '2026-11-25T11:52:00.000Z',
    readBack: { at: '2026-11-25T11:53:00.000Z', finding: 'collapsed lung', action: 'chest tube' },
    ...more,
  });
const withdrawn = (version: number): CriticalRecordData =>
  criticalRecordData.parse({
    ...{ order: adaOrder(), caseNumber: NUMBER, version, category: 1, declaredBy: by, releasedAt: '2026-11-25T11:50:00.000Z' },
    ...{ addendum: 'WITHDRAWN.', withdrawn: { at: '2026-11-25T11:59:00.000Z', by, why: 'wrong-patient' } },
  });
const ehrAt = (baseUrl: string): FhirServer =>
  fhirServer({ client: fhirClient({ baseUrl, now }), patientSystem: PATIENT_SYSTEM, validity: unreviewed.validity, now });

describe('the Communication of a critical result', () => {
  beforeAll(learnFhir);

  const told: [string, CriticalRecordData][] = [
    ['that was read back', readBack(1)],
    ['that was read back by telephone, by somebody whom a release before did not name', readBack(1, { via: 'phone', receiver: null })],
    ['of an order without a number, of a patient without one', readBack(1, { order: { ...adaOrder({ id: null }), placerOrderNumber: null, accessionNumber: null } })], // prettier-ignore
    ['that was withdrawn', withdrawn(2)],
  ];
  it.each(told)('is valid FHIR R4: %s', (_, data) => {
    for (const system of [PATIENT_SYSTEM, null]) {
      const resource = communicationOf(data, NUMBER, 'key', system);
      expect(() => validateResource(resource as never)).not.toThrow();
      expect(JSON.stringify(resource)).not.toMatch(/:(?:""|null|\[\]|\{\})/u);
    }
  });

  it('says who told whom of which finding, how, when, and what came back', () => {
    expect(communicationOf(readBack(1), NUMBER, 'key', PATIENT_SYSTEM)).toMatchObject({
      status: 'completed',
      priority: 'stat',
      subject: { identifier: { system: PATIENT_SYSTEM, value: '4711' } },
      medium: [{ coding: [{ code: 'ONLINEWRIT' }] }],
      sent: '2026-11-25T11:50:00.000Z',
      received: '2026-11-25T11:52:00.000Z',
      sender: { display: 'Dr Okafor' },
      recipient: [{ identifier: { value: 'dr-singh' }, display: 'Dr Singh' }],
      payload: [
        { contentString: 'Tension pneumothorax' },
        { contentString: expect.stringContaining('chest tube') },
        { contentString: 'Communicated.' },
      ],
    });
  });

  it('that was withdrawn was entered in error, and says nothing of the finding', () => {
    const resource = communicationOf(withdrawn(2), NUMBER, 'key', PATIENT_SYSTEM);
    expect(resource).toMatchObject({
      status: 'entered-in-error',
      statusReason: { text: 'wrong-patient' },
      payload: [{ contentString: 'WITHDRAWN.' }],
    });
    expect(JSON.stringify(resource)).not.toContain('pneumothorax');
  });
});

describe('written to a FHIR engine', () => {
  let store: FhirStore;
  beforeEach(async () => {
    store = await startFhirStore();
  });
  afterEach(() => store.stop());

  const found = async () => {
    const client = fhirClient({ baseUrl: store.baseUrl, now });
    const result = await client.search('Communication', { identifier: `urn:radloop:critical-result|${NUMBER}` });
    return result.ok ? result.value.resources : [];
  };

  it('invariant 28: the first version is written once, however often and however late it is repeated', async () => {
    const first = await ehrAt(store.baseUrl).write('Communication', readBack(1), 'key-1');
    expect(first).toEqual({ ok: true, receipt: { id: expect.any(String), version: expect.any(String) } });
    expect(await ehrAt(store.baseUrl).write('Communication', readBack(1), 'key-1')).toEqual(first);
    expect(await found()).toHaveLength(1);
  });

  it('a later version takes the place of the one before, once, and the history keeps both', async () => {
    const server = ehrAt(store.baseUrl);
    const first = await server.write('Communication', readBack(1), 'key-1');
    const second = await server.write('Communication', withdrawn(2), 'key-2');
    expect(await server.write('Communication', withdrawn(2), 'key-2')).toMatchObject(second);
    expect(first.ok && second.ok && first.receipt.id === second.receipt.id && first.receipt.version !== second.receipt.version).toBe(true);
    expect(await found()).toMatchObject([{ status: 'entered-in-error' }]);
    const id = first.ok ? first.receipt.id : '';
    const history = await fhirClient({ baseUrl: store.baseUrl, now }).get(`Communication/${id}/_history`, {});
    expect(history.ok && (history.value['entry'] as unknown[])).toHaveLength(2);
  });

  it('the answers to a first and to a later version are lost: the repeat finds what was stored', async () => {
    const server = ehrAt(store.baseUrl);
    store.loseAnswers(2);
    expect(await server.write('Communication', readBack(1), 'key-1')).toMatchObject({ ok: true });
    store.loseAnswers(2, 'PUT');
    expect(await server.write('Communication', readBack(2), 'key-2')).toMatchObject({ ok: true });
    expect(await found()).toMatchObject([{ identifier: expect.arrayContaining([{ system: 'urn:radloop:effect', value: 'key-2' }]) }]);
  });

  it('of two critical results each has a Communication of its own', async () => {
    const server = ehrAt(store.baseUrl);
    await server.write('Communication', readBack(1), 'key-1');
    await server.write('Communication', { ...readBack(1), caseNumber: numbered('BCDFG') }, 'key-2');
    expect(await found()).toHaveLength(1);
    const all = await fhirClient({ baseUrl: store.baseUrl, now }).search('Communication', { _count: 10 });
    expect(all.ok && all.value.resources).toHaveLength(2);
  });

  it('is not written without its case number, by which the next version would find it', async () => {
    const result = await ehrAt(store.baseUrl).write('Communication', { ...readBack(1), caseNumber: null }, 'key');
    expect(result).toMatchObject({ ok: false, code: 'cannot-be-written' });
    expect(store.writes()).toBe(0);
  });
});

describe('a server that can not or will not', () => {
  let server: ScriptedServer | null = null;
  afterEach(async () => {
    await server?.stop();
    server = null;
  });
  /** Says what it offers, and answers everything else with this. */
  async function ehr(resource: object[] | null, answer: object): Promise<FhirServer> {
    server = await startScripted((response, seen) => {
      const statement = resource === null ? null : { resourceType: 'CapabilityStatement', rest: [{ mode: 'server', resource }] };
      if (seen.url.endsWith('/metadata')) json(statement === null ? 404 : 200, statement ?? {})(response, seen);
      else json(200, answer)(response, seen);
    });
    return ehrAt(`${server.origin}/fhir`);
  }
  const asked = () => (server?.seen ?? []).filter(({ url }) => !url.endsWith('/metadata')).map(({ method }) => method);

  it('is not asked for what its statement does not offer', async () => {
    const without = await ehr([{ type: 'Patient' }], {});
    expect(await without.write('Communication', readBack(1), 'key')).toMatchObject({
      code: 'refused',
      detail: expect.stringMatching(/does not offer Communication/u),
    });
    expect(asked()).toEqual([]);
  });

  it('that takes any Communication for ours is found out, and nothing of others is replaced', async () => {
    const foreign = {
      resourceType: 'Communication',
      id: 'f1',
      status: 'completed',
      meta: { versionId: '1' },
      identifier: [{ system: 'other', value: NUMBER }],
    };
    const any = await ehr(null, foreign);
    expect(await any.write('Communication', readBack(1), 'key')).toMatchObject({ code: 'refused', detail: expect.stringMatching(/took another/u) });
    expect(asked()).not.toContain('PUT');
  });

  it('that tells no version of what stands there is not written over', async () => {
    const ours = {
      resourceType: 'Communication',
      id: 'f1',
      status: 'completed',
      identifier: [{ system: 'urn:radloop:critical-result', value: NUMBER }],
    };
    const silent = await ehr(null, ours);
    expect(await silent.write('Communication', readBack(2), 'key-2')).toMatchObject({
      code: 'refused',
      detail: expect.stringMatching(/no version/u),
    });
    expect(asked()).not.toContain('PUT');
  });
});
