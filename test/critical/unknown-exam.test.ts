import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fhirClient } from '#adapters/fhir/client.js';
import { fhirDoor } from '#adapters/fhir-in/door.js';
import type { CaseNumber } from '#core/ids.js';
import { person } from '#core/people.js';
import type { About } from '#domain/critical.js';
import { desk } from '#engine/desk.js';
import { ehrExams } from '#engine/ehr-exam.js';
import type { Declared, TypedExam } from '#ports/desk.js';
import { startEhr } from '../../infra/rehearsal/ehr.ts';
import type { Ehr } from '../../infra/rehearsal/ehr.ts';
import { numbersOf } from '../../infra/rehearsal/order-message.ts';
import { hospitalPatient, practitioner, serviceRequest } from '../fhir-in/resources.ts';
import { plannedOrders } from '../support/planned-orders.ts';
import { openWard, personOf, site } from '../tab/board-fixture.ts';
import type { Ward } from '../tab/board-fixture.ts';

/** Exams that no order here is of: as the EHR has them over real HTTP, or as a radiologist types them. */
const IN_EHR = 'RAD900009';
const NOWHERE = 'XX-4711';
const okafor = personOf('dr-okafor');
const [planned] = plannedOrders(4711, 1);
const acsn = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'ACSN' }] };
const typed: TypedExam = { recordNumber: 'R77', family: 'Ross', given: 'Mary', birthDate: '1980-05-15', exam: 'CT of the chest' };
let ehr: Ehr;
let ward: Ward;

beforeAll(async () => {
  const request = serviceRequest({ id: 'sr9', identifier: [{ type: acsn, system: 'urn:oid:2.16.840.1.113883.19.3', value: IN_EHR }] });
  ehr = await startEhr({ port: 0, charts: [[hospitalPatient, practitioner, request]], writable: { shape: 'classic-empty' } });
});
afterAll(() => ehr.stop());
beforeEach(async () => {
  ward = await openWard();
});
afterEach(() => ward.engine.close());

/** @param baseUrl null: there is no EHR */
function at(baseUrl: string | null = ehr.baseUrl) {
  const { parts } = ward.engine;
  const { clock, log } = parts;
  const endpoints = { ...site.endpoints, ehr: { ...site.endpoints.ehr, baseUrl: baseUrl ?? '' } };
  const asked =
    baseUrl === null
      ? {}
      : { ehrExams: ehrExams({ fhir: fhirClient({ baseUrl, now: () => clock.now() }), fhirDoor: fhirDoor({ ...site, endpoints }), clock, log }) };
  const ofSite = { zone: 'UTC', rota: null, assigner: 'RADLOOP-MRN', phoneOf: () => ({ name: 'Sara Abebe', phone: '0142' }) };
  return desk(parts, [], undefined, { ...ofSite, ...asked });
}
const declare = (accession: string, of?: TypedExam, where = at(), finding = 'free air') =>
  where.declare({ person: okafor, of: of === undefined ? { accession } : { accession, typed: of }, finding, category: 1, side: null, via: 'tab' });
const alerts = () => ward.engine.stores.views.open('critical-results');
const views = () => ward.engine.stores.db.all<{ detail: string }>('SELECT detail FROM audit WHERE action = ? ORDER BY seq', 'view');

async function aboutOf(declared: Declared): Promise<About> {
  if (!declared.ok) throw new Error(declared.why);
  const known = await ward.engine.parts.cases.findByNumber(declared.caseNumber);
  const { facts } = await ward.engine.parts.cases.read('critical-results', known!.caseId);
  return (facts[0]!.fact as { about: About }).about;
}
const shownOf = async (number: CaseNumber) => JSON.stringify(await at(null).open(okafor, number));

describe('an exam that only the EHR knows', () => {
  it('is looked at there, on record, and a critical result of it is written with the patient and the orderer that the EHR says', async () => {
    const where = at();
    const { family, given, mrn } = planned!.patient;
    expect(await where.exam(okafor, IN_EHR.toLowerCase())).toMatchObject({
      ...{ ok: true, accession: IN_EHR, exam: 'CT HEAD WO CONTRAST', name: `${family}, ${given}` },
      number: { id: mrn, assigner: 'RADLOOP-MRN' },
    });
    expect(JSON.parse(views().at(-1)!.detail)).toMatchObject({ from: 'ehr', surface: 'exam' });
    const about = await aboutOf(await declare(IN_EHR, undefined, where));
    expect(about).toMatchObject({ accessionNumber: IN_EHR, modality: 'CT', orderCase: null, orderingProvider: { id: 'NPI4711' } });
    expect(about).not.toHaveProperty('asTyped');
    expect(about).not.toHaveProperty('indication');
    expect(await alerts()).toMatchObject([{ status: 'draft' }]);
  });

  it('no address that is asked for has the number', async () => {
    await at().exam(okafor, IN_EHR);
    const searched = ehr.asked.filter((line) => line.includes(IN_EHR));
    expect(searched.length).toBeGreaterThan(0);
    for (const line of searched) expect(line.split(' ').slice(0, 2).join(' ')).not.toContain(IN_EHR);
  });

  it('is asked for once within some minutes', async () => {
    const where = at();
    await where.exam(okafor, IN_EHR);
    const before = ehr.requests();
    await where.exam(okafor, IN_EHR);
    await declare(IN_EHR, undefined, where);
    expect(ehr.requests()).toBe(before);
  });

  it('tells whoever is on another list nothing, and whoever may not declare neither', async () => {
    const elsewhere = person.parse({ ...okafor, id: 'dr-elsewhere', modalities: ['MG'] });
    for (const who of [elsewhere, personOf('c-reyes')]) {
      const looked = await at().exam(who, IN_EHR);
      expect(looked).toMatchObject({ ok: false });
      expect(JSON.stringify(looked)).not.toContain(planned!.patient.family);
    }
  });

  it('typed with another record number it is refused, with its own it is what the EHR says', async () => {
    const where = at();
    await where.exam(okafor, IN_EHR);
    expect(await declare(IN_EHR, typed, where)).toMatchObject({ ok: false, why: expect.stringContaining('another patient') });
    const about = await aboutOf(await declare(IN_EHR, { ...typed, recordNumber: planned!.patient.mrn }, where));
    expect(about.patient.name).toEqual({ family: planned!.patient.family, given: planned!.patient.given });
    expect(about).not.toHaveProperty('asTyped');
  });
});

describe('an exam that nobody knows', () => {
  it('is not sent, and it is said whom to phone now', async () => {
    const where = at();
    for (const answer of [await where.exam(okafor, NOWHERE), await declare(NOWHERE, undefined, where)])
      expect(answer).toMatchObject({ ok: false, code: 'unknown', why: expect.stringMatching(/^NOT SENT: phone Sara Abebe, 0142 now\./u) });
    expect(await alerts()).toEqual([]);
  });

  it('neither is one that an EHR which hangs may know: it is said within the second', async () => {
    const hangs = createServer(() => undefined);
    await new Promise<void>((resolve) => hangs.listen(0, '127.0.0.1', resolve));
    const began = performance.now();
    const { port } = hangs.address() as AddressInfo;
    expect(await declare(IN_EHR, undefined, at(`http://127.0.0.1:${port}/fhir`))).toMatchObject({
      ok: false,
      why: expect.stringContaining('phone Sara Abebe'),
    });
    expect(performance.now() - began).toBeLessThan(1000);
    hangs.closeAllConnections();
    hangs.close();
  });

  it('is written once its patient and exam are typed, and the card says that they were', async () => {
    const declared = await declare(NOWHERE, typed);
    expect(await aboutOf(declared)).toMatchObject({
      ...{ accessionNumber: NOWHERE, exam: 'CT of the chest', asTyped: true, orderCase: null, modality: null, location: null },
      patient: { id: 'R77', assigner: 'RADLOOP-MRN', name: { family: 'Ross', given: 'Mary' }, birthDate: '19800515' },
    });
    if (!declared.ok) throw new Error(declared.why);
    await ward.engine.settle();
    const shown = await shownOf(declared.caseNumber);
    for (const part of ['NOT SENT YET', 'Ross, Mary', 'R77', 'as the radiologist typed them']) expect(shown).toContain(part);
  });

  it('is at the place where ADT says that its patient is', async () => {
    const header = 'MSH|^~\\&|RIS|GENERAL|RADLOOP|GENERAL|20261125103000+0000||ADT^A02|ADT1|P|2.5.1';
    const lines = [header, 'EVN||20261125090000+0000', 'PID|1||R77^^^RADLOOP-MRN^MR||ROSS^MARY||19800515|F', 'PV1|1|I|W9^1^B'];
    await ward.engine.bring(Buffer.from(`${lines.join('\r')}\r`));
    await ward.engine.settle();
    expect(await aboutOf(await declare(NOWHERE, typed))).toMatchObject({ patientClass: 'I', location: { at: { pointOfCare: 'W9', bed: 'B' } } });
  });

  it.each([
    ['record number', { recordNumber: ' ' }],
    ['family name', { family: '' }],
    ['exam', { exam: ' ' }],
  ])('is not written without its %s', async (_, less) => {
    expect(await declare(NOWHERE, { ...typed, ...less })).toMatchObject({ ok: false, why: expect.stringContaining('NOT SENT') });
    expect(await alerts()).toEqual([]);
  });

  it('typed twice is one alert; of another patient it is another one, and neither takes the other’s', async () => {
    const first = await declare(NOWHERE, typed);
    const again = await declare(NOWHERE.toLowerCase(), typed);
    expect(again).toMatchObject({ ok: true, text: expect.stringContaining('NOT SENT YET') });
    const other = await declare(NOWHERE, { ...typed, recordNumber: 'R78', family: 'Kline' });
    expect(first.ok && other.ok && first.caseNumber !== other.caseNumber).toBe(true);
    expect((await aboutOf(other)).patient).toMatchObject({ id: 'R78', name: { family: 'Kline' } });
    expect(await at(null).exam(okafor, NOWHERE)).toMatchObject({ ok: false, why: expect.stringContaining('more than one patient') });
  });

  it('what was typed is forgotten with its critical result: the number names nobody afterwards', async () => {
    const declared = await declare(NOWHERE, typed);
    expect(await at(null).exam(okafor, NOWHERE)).toMatchObject({ ok: true, name: 'Ross, Mary', exam: 'CT of the chest' });
    if (!declared.ok) throw new Error(declared.why);
    await ward.engine.settle();
    await ward.act('dr-okafor', declared.caseNumber, 'not-critical', { text: 'Typed of the wrong patient' });
    expect(await at(null).exam(okafor, NOWHERE)).toMatchObject({ ok: false, code: 'unknown' });
  });

  it('with an order here, what is typed counts only if the record number is that of the order', async () => {
    const { accession } = numbersOf(planned!.n);
    expect(await declare(accession, typed)).toMatchObject({ ok: false, why: expect.stringContaining('another patient') });
    expect(await aboutOf(await declare(accession, { ...typed, recordNumber: planned!.patient.mrn }))).toMatchObject({
      orderCase: ward.order,
      patient: { name: { family: planned!.patient.family } },
    });
  });
});
