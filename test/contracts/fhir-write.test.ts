import { validateResource } from '@medplum/core';
import { fhirClient } from '#adapters/fhir/client.js';
import { fhirServer } from '#adapters/fhir/context.js';
import { provenanceOf, taskOf } from '#adapters/fhir/write.js';
import { classOf } from '#core/delivery.js';
import { toInstant } from '#core/time.js';
import { approvalRecordData } from '#domain/outbound.js';
import type { ApprovalRecordData } from '#domain/outbound.js';
import type { FhirServer } from '#ports/fhir-server.js';
import { unreviewed } from '../support/content.ts';
import { adaOrder } from '../support/fhir-stub-chart.ts';
import { learnFhir, startFhirStore } from '../support/fhir-store.ts';
import type { FhirStore } from '../support/fhir-store.ts';
import { cut, json, startScripted } from '../support/scripted-http.ts';
import type { ScriptedServer, Step } from '../support/scripted-http.ts';

const { validity } = unreviewed;
const now = () => toInstant(Date.UTC(2026, 10, 25, 12));
const PATIENT_SYSTEM = 'urn:oid:1.2.3';
const KEY = '0123456789abcdef0123456789abcdef:4:writeFhir:Task';

const record = (more: Partial<ApprovalRecordData> = {}): ApprovalRecordData =>
  approvalRecordData.parse({
    order: adaOrder(),
    protocol: {
      id: 'CT-CHEST-W',
      name: 'CT chest with contrast',
      modality: 'CT',
      region: 'chest',
      contrast: 'iv',
      phases: [],
      sequences: [],
      sliceMm: 1,
    },
    approvedBy: { id: 'dr-okafor', name: 'Dr Okafor' },
    approvedAt: '2026-11-25T11:58:30.000Z',
    serviceRequest: 'ServiceRequest/sr1',
    ...more,
  });

const ehrAt = (baseUrl: string): FhirServer => fhirServer({ client: fhirClient({ baseUrl, now }), patientSystem: PATIENT_SYSTEM, validity, now });

describe('Task and Provenance of an approval', () => {
  beforeAll(learnFhir);

  const orders: [string, Partial<ApprovalRecordData>][] = [
    ['of an order whose ServiceRequest is known', {}],
    ['of an order that came by HL7', { serviceRequest: null }],
    [
      'of an order with an OID for its assigner',
      { serviceRequest: null, order: { ...adaOrder(), placerOrderNumber: { id: 'P1', assigner: '1.2.840.1' } } },
    ],
    ['of an order without any number', { serviceRequest: null, order: { ...adaOrder(), placerOrderNumber: null, accessionNumber: null } }],
    ['of a patient without a number', { order: { ...adaOrder({ id: null }), placerOrderNumber: null } }],
  ];
  it.each(orders)('are valid FHIR R4: %s', (_, more) => {
    for (const resource of [taskOf(record(more), KEY, PATIENT_SYSTEM), taskOf(record(more), KEY, null), provenanceOf(record(more), KEY)]) {
      expect(() => validateResource(resource as never)).not.toThrow();
      expect(JSON.stringify(resource)).not.toMatch(/:(?:""|null|\[\]|\{\})/u);
    }
  });

  it('say who approved which protocol when, for which order and patient', () => {
    expect(taskOf(record(), KEY, PATIENT_SYSTEM)).toMatchObject({
      identifier: [{ system: 'urn:radloop:effect', value: KEY }],
      status: 'completed',
      intent: 'order',
      basedOn: [{ reference: 'ServiceRequest/sr1' }],
      focus: { reference: 'ServiceRequest/sr1' },
      for: { type: 'Patient', identifier: { system: PATIENT_SYSTEM, value: '4711' } },
      authoredOn: '2026-11-25T11:58:30.000Z',
      owner: { type: 'Practitioner', identifier: { value: 'dr-okafor' }, display: 'Dr Okafor' },
      output: [{ valueCodeableConcept: { coding: [{ code: 'CT-CHEST-W' }] } }],
    });
    expect(provenanceOf(record({ serviceRequest: null }), KEY)).toMatchObject({
      target: [{ type: 'ServiceRequest', identifier: { type: { coding: [{ code: 'PLAC' }] }, value: 'P1', assigner: { display: 'RIS' } } }],
      recorded: '2026-11-25T11:58:30.000Z',
      agent: [{ who: { display: 'Dr Okafor' } }, { who: { display: 'Radloop' } }],
    });
  });

  it('take nothing for a ServiceRequest that is none', () => {
    expect(taskOf(record({ serviceRequest: 'http://other.example/ServiceRequest/sr1' }), KEY, null)).toMatchObject({
      focus: { type: 'ServiceRequest' },
    });
  });
});

describe('writing to a FHIR engine', () => {
  let store: FhirStore;
  beforeAll(async () => {
    store = await startFhirStore();
  });
  afterAll(() => store.stop());

  it.each(['Task', 'Provenance'] as const)('invariant 28: a %s is written once, however often and however late it is repeated', async (what) => {
    const key = `${KEY}-once-${what}`;
    const first = await ehrAt(store.baseUrl).write(what, record(), key);
    expect(first).toEqual({ ok: true, receipt: { id: expect.any(String), version: expect.any(String) } });
    expect(await ehrAt(store.baseUrl).write(what, record(), key)).toEqual(first);
    const other = await ehrAt(store.baseUrl).write(what, record(), `${key}-other`);
    expect(other.ok && first.ok && other.receipt.id !== first.receipt.id).toBe(true);
  });

  it.each(['Task', 'Provenance'] as const)('the answer to a stored %s is lost: the repeat makes no second one', async (what) => {
    const key = `${KEY}-lost-${what}`;
    const search = what === 'Task' ? `Task?identifier=urn:radloop:effect|${key}` : `Provenance?_tag=urn:radloop:effect|${key}`;
    const writesBefore = store.writes();
    store.loseAnswers(2);
    const result = await ehrAt(store.baseUrl).write(what, record(), key);
    expect(result).toMatchObject({ ok: true });
    expect(store.writes() - writesBefore).toBe(3);
    const client = fhirClient({ baseUrl: store.baseUrl, now });
    const found = await client.get(search, {});
    expect(found.ok && (found.value['entry'] as unknown[])).toHaveLength(1);
  });

  it('no answer at all is ambiguous, and the next attempt finds what was stored', async () => {
    const key = `${KEY}-silent`;
    store.loseAnswers(3);
    const result = await ehrAt(store.baseUrl).write('Task', record(), key);
    expect(result).toMatchObject({ ok: false, code: 'cut-after-send' });
    if (!result.ok) expect(classOf(result.code)).toBe('ambiguous');
    expect(await ehrAt(store.baseUrl).write('Task', record(), key)).toMatchObject({ ok: true });
    const found = await fhirClient({ baseUrl: store.baseUrl, now }).search('Task', { identifier: `urn:radloop:effect|${key}` });
    expect(found.ok && found.value.resources).toHaveLength(1);
  });

  it('comes back as it was written', async () => {
    const written = await ehrAt(store.baseUrl).write('Task', record(), `${KEY}-round`);
    const client = fhirClient({ baseUrl: store.baseUrl, now });
    const read = await client.read('Task', written.ok ? written.receipt.id : '');
    expect(read.ok && read.value).toMatchObject({ ...taskOf(record(), `${KEY}-round`, PATIENT_SYSTEM) });
  });

  it('an update of a version that is no longer the current one changes nothing and says so', async () => {
    const client = fhirClient({ baseUrl: store.baseUrl, now });
    const made = await client.create(taskOf(record(), `${KEY}-match`, null), { identifier: `urn:radloop:effect|${KEY}-match` });
    if (!made.ok) throw new Error(made.detail);
    const { id, version } = made.value;
    const task = { ...taskOf(record(), `${KEY}-match`, null), id };
    expect(await client.update({ ...task, priority: 'urgent' }, version)).toMatchObject({ ok: true, value: { made: 'updated' } });
    expect(await client.update({ ...task, priority: 'stat' }, version)).toMatchObject({ ok: false, code: 'changed-meanwhile', status: 412 });
    expect(await client.read('Task', id)).toMatchObject({ value: { priority: 'urgent' } });
  });

  it('a condition that fits more than one is shown to a person', async () => {
    const identifier = [{ system: 'urn:radloop:effect', value: `${KEY}-two` }];
    const twin = { resourceType: 'Task', status: 'completed', intent: 'order', identifier } as const;
    await store.repository.createResource(twin as never);
    await store.repository.createResource(twin as never);
    const result = await ehrAt(store.baseUrl).write('Task', record(), `${KEY}-two`);
    expect(result).toMatchObject({ ok: false, code: 'changed-meanwhile' });
  });
});

describe('a server that can not or will not', () => {
  const running: ScriptedServer[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.stop()));
  });
  /** Answers `/metadata` with this statement (404: none), everything else by the steps. */
  async function ehr(statement: object | null, ...steps: readonly Step[]): Promise<{ server: FhirServer; asked: () => readonly string[] }> {
    let at = 0;
    const scripted = await startScripted((response, seen) => {
      if (seen.url.endsWith('/metadata')) {
        json(statement === null ? 404 : 200, statement)(response, seen);
        return;
      }
      const step = steps[Math.min(at, steps.length - 1)] ?? cut;
      at += 1;
      step(response, seen);
    });
    running.push(scripted);
    const asked = () => scripted.seen.filter(({ url }) => !url.endsWith('/metadata')).map(({ method, url }) => `${method} ${url}`);
    return { server: ehrAt(`${scripted.origin}/fhir`), asked };
  }
  const offering = (...resource: object[]): object => ({ resourceType: 'CapabilityStatement', rest: [{ mode: 'server', resource }] });

  it('is not asked for what its statement does not offer', async () => {
    const without = await ehr(offering({ type: 'Patient' }), cut);
    expect(await without.server.write('Task', record(), KEY)).toMatchObject({
      ok: false,
      code: 'refused',
      detail: expect.stringMatching(/does not offer Task/u),
    });
    const unconditional = await ehr(offering({ type: 'Task', conditionalCreate: false }), cut);
    expect(await unconditional.server.write('Task', record(), KEY)).toMatchObject({
      code: 'refused',
      detail: expect.stringMatching(/could make a second one/u),
    });
    expect([...without.asked(), ...unconditional.asked()]).toEqual([]);
  });

  it('that takes any Task for ours is found out', async () => {
    const foreign = { resourceType: 'Task', id: 'f1', identifier: [{ system: 'other', value: KEY }], status: 'completed', intent: 'order' };
    const { server } = await ehr(null, json(200, foreign));
    expect(await server.write('Task', record(), KEY)).toMatchObject({
      ok: false,
      code: 'refused',
      detail: expect.stringMatching(/took another Task/u),
    });
  });

  it('field report 6: HTTP 400 on a write is sent once and held at once; its reason has no word of the patient', async () => {
    const issue = [{ severity: 'error', code: 'invalid', diagnostics: 'Task.for: 4711 Ada Stone is not known' }];
    const { server, asked } = await ehr(null, json(400, { resourceType: 'OperationOutcome', issue }));
    const result = await server.write('Task', record(), KEY);
    expect(result).toMatchObject({ ok: false, code: 'refused', detail: 'The EHR refused (HTTP 400). It says: content is not valid (error)' });
    expect(asked()).toEqual(['POST /fhir/Task']);
  });

  it('hands on how long it wants to be left alone', async () => {
    const { server, asked } = await ehr(null, json(503, {}, { 'retry-after': '120' }));
    expect(await server.write('Provenance', record(), KEY)).toMatchObject({ ok: false, code: 'unavailable', retryAfterSeconds: 120 });
    expect(asked()).toHaveLength(1);
  });

  it('is never sent what is not complete', async () => {
    const { server, asked } = await ehr(null, cut);
    const result = await server.write('Task', { order: adaOrder(), approvedBy: 'Ada' }, KEY);
    expect(result).toMatchObject({ ok: false, code: 'cannot-be-written', detail: expect.stringMatching(/protocol, approvedBy, approvedAt/u) });
    expect(asked()).toEqual([]);
  });
});
