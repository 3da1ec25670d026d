import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fhirClient } from '#adapters/fhir/client.js';
import { fhirServer } from '#adapters/fhir/context.js';
import { hl7Sender } from '#adapters/hl7/sender.js';
import { instant } from '#core/time.js';
import type { CaseNumber } from '#core/ids.js';
import { openHospital } from '../../infra/rehearsal/hospital.ts';
import type { Hospital } from '../../infra/rehearsal/hospital.ts';
import { readSettings } from '../../infra/rehearsal/settings.ts';
import { receiver } from '../rehearsal/wire.ts';
import type { Receiver } from '../rehearsal/wire.ts';
import { unreviewed } from '../support/content.ts';
import { readCriticalSide } from '../support/ledgers.ts';
import { testSite } from '../support/planned-orders.ts';
import { openWard, site } from '../tab/board-fixture.ts';
import type { Ward } from '../tab/board-fixture.ts';

/** What the hospital's record is told of critical results. Its systems are the rehearsal's, reached over their own sockets and judged by their ledgers. */
const FINDING = 'tension pneumothorax';
const start = instant.parse('2026-11-02T16:00:00.000Z');
let ward: Ward;

/** Taken and read back by the first who was called. */
async function readBack(alert: CaseNumber): Promise<void> {
  const [called = ''] = await ward.calledFor(alert);
  const { id: identifier } = await ward.patient(alert);
  const outcome = await ward.act(called, alert, 'read-back', { fields: { identifier, finding: FINDING, action: 'chest tube' } });
  if (outcome !== 'won') throw new Error(`the read-back of ${alert} is ${outcome}`);
}

const withdraw = (alert: CaseNumber) =>
  ward.act('dr-okafor', alert, 'withdraw-critical', { text: 'Images of Jane Roe', fields: { kind: 'wrong-patient' } });

async function factsOf(alert: CaseNumber): Promise<readonly { readonly type: string; readonly what?: string }[]> {
  const { cases } = ward.engine.parts;
  const known = await cases.findByNumber(alert);
  if (known === null) throw new Error(`there is no ${alert}`);
  return (await cases.read(known.workflow, known.caseId)).facts.map(({ fact }) => fact as { type: string; what?: string });
}

describe('in the rehearsal hospital', () => {
  let dataDir: string;
  let radloop: Receiver;
  let hospital: Hospital;
  let hl7: ReturnType<typeof hl7Sender>;

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'radloop-record-'));
    radloop = await receiver();
    const ports = ['--ris-port', '0', '--ehr-port', '0', '--page-port', '0', '--model-port', '0', '--paging-ports', '0,0,0'];
    const of = ['--data', dataDir, '--rate', '0', '--radloop-mllp', `127.0.0.1:${String(radloop.port)}`];
    // The order of the fixture is the first of this seed.
    hospital = await openHospital({ ...readSettings([...of, ...ports], testSite), seed: 4711 });
    await fetch(`${hospital.addresses.page}orders/next`, { method: 'POST' });
    ward = await openWard(start);
    const { ris } = site.endpoints.destinations;
    if (ris === undefined) throw new Error('the rehearsal site names no RIS');
    const [host = '', port = ''] = hospital.addresses.ris.split(':');
    const destinations = { ris: { ...ris, host, port: Number(port) } };
    hl7 = hl7Sender({ destinations, fieldMap: site.fieldMap });
    const now = () => ward.engine.now;
    const client = fhirClient({ baseUrl: hospital.addresses.ehr, now });
    Object.assign(ward.engine.parts, { destinations, hl7, ehr: fhirServer({ client, validity: unreviewed.validity, now }) });
  });
  afterEach(async () => {
    hl7.close();
    await ward.engine.close();
    await hospital.stop();
    await radloop.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const side = () => readCriticalSide(dataDir);

  it('the read-back is told as results, as a document to be signed and as a Communication, each once, and each is on the record of the alert', async () => {
    const alert = await ward.send(FINDING, 1);
    expect(side()).toEqual({ ris: [], ehr: [] });
    await readBack(alert);
    expect(side()).toEqual({
      ris: [`critical P000001 ${alert} v1 read-back`, `document P000001 ${alert}-1`],
      ehr: [{ caseNumber: alert, id: expect.any(String), status: 'completed' }],
    });
    const sent = (await factsOf(alert)).filter(({ type }) => type === 'resultSent').map(({ what }) => what);
    expect(sent.toSorted()).toEqual(['Communication', 'critical-document', 'critical-result']);
    const page = await (await fetch(`${hospital.addresses.page}table`)).text();
    expect(page).toContain(`document ${alert}-1, to be signed`);
    expect(page).not.toContain('pneumothorax');
  });

  it('what is read back again after a dispute is the second version, in the place of the first', async () => {
    const alert = await ward.send(FINDING, 1);
    await readBack(alert);
    await ward.act('dr-okafor', alert, 'not-what-i-said', { text: 'the left side' });
    await readBack(alert);
    const { ris, ehr } = side();
    expect(ris.slice(2)).toEqual([`critical P000001 ${alert} v2 read-back`, `document P000001 ${alert}-2`]);
    expect(ehr.map(({ status }) => status)).toEqual(['completed', 'completed']);
    expect(new Set(ehr.map(({ id }) => id)).size).toBe(1);
  });

  it('one that is withdrawn for the wrong patient is a further version, which says neither the finding again nor why in words', async () => {
    const alert = await ward.send(FINDING, 1);
    await readBack(alert);
    const before = (await (await fetch(`${hospital.addresses.ehr}/Communication`)).text()).includes(FINDING);
    expect(await withdraw(alert)).toBe('won');
    const { ris, ehr } = side();
    expect(ris.slice(2)).toEqual([`critical P000001 ${alert} v2 withdrawn`, `document P000001 ${alert}-2`]);
    expect(ehr.map(({ status }) => status)).toEqual(['completed', 'entered-in-error']);
    const after = await (await fetch(`${hospital.addresses.ehr}/Communication`)).text();
    expect([before, after.includes(FINDING), after.includes('Jane Roe')]).toEqual([true, false, false]);
  });

  it('one that was never read back is withdrawn without a word to the hospital’s record', async () => {
    const alert = await ward.send(FINDING, 1);
    await withdraw(alert);
    expect(side()).toEqual({ ris: [], ehr: [] });
  });
});

describe('with a RIS that is away', () => {
  beforeEach(async () => {
    ward = await openWard(start);
  });
  afterEach(() => ward.engine.close());

  const waiting = () =>
    ward.engine.stores.db
      .all<{ kind: string; state: string; n: number }>(
        "SELECT kind, state, count(*) AS n FROM outbox WHERE workflow = 'critical-results' AND destination IS NOT NULL AND kind <> 'page' GROUP BY kind, state ORDER BY kind, state",
      )
      .map(({ kind, state, n }) => `${kind} ${state} ${n}`);

  it('what has not left when it is withdrawn never leaves; what it says of the withdrawal does', async () => {
    ward.engine.risAnswers.push({ ok: false, code: 'not-connected', detail: 'nobody takes it' });
    const alert = await ward.send(FINDING, 1);
    await readBack(alert);
    expect(waiting()).toEqual(['sendHl7 waiting 2', 'writeFhir delivered 1']);
    const before = ward.engine.left.filter(({ to }) => to === 'ris').length;
    await withdraw(alert);
    await ward.later(1);
    expect(waiting()).toEqual(['sendHl7 delivered 2', 'sendHl7 withdrawn 2', 'writeFhir delivered 2']);
    expect(ward.engine.left.filter(({ to }) => to === 'ris')).toHaveLength(before + 2);
  });

  it('what it refuses for good is told to the radiologist and the coordinators, and is no secret of the outbox', async () => {
    ward.engine.risAnswers.push(
      { ok: true, receipt: { code: 'AA', controlId: 'x', text: 'MSA|AA|x' } },
      { ok: false, code: 'refused', detail: 'AR' },
    );
    const alert = await ward.send(FINDING, 1);
    await readBack(alert);
    expect((await factsOf(alert)).filter(({ type }) => type === 'resultNotSent')).toMatchObject([{ what: 'critical-document', code: 'refused' }]);
    // The radiologist reads English, the coordinator Spanish.
    for (const title of ['is NOT in the hospital’s record', 'NO está en el registro del hospital'])
      expect(ward.engine.left.filter((one) => one.to === 'person' && one.card.includes(title)).length).toBeGreaterThanOrEqual(1);
  });
});
