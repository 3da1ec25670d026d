import { person } from '#core/people.js';
import { desk } from '#engine/desk.js';
import { numbersOf, orderMessage } from '../../infra/rehearsal/order-message.ts';
import { plannedOrders } from '../support/planned-orders.ts';
import { openWard, personOf } from '../tab/board-fixture.ts';
import type { Ward } from '../tab/board-fixture.ts';

/** Which exam an accession number means, over a real store. */
const [first, second] = plannedOrders(4711, 2);
const { accession } = numbersOf(first!.n);
const okafor = personOf('dr-okafor');
let ward: Ward;

beforeEach(async () => {
  ward = await openWard();
});
afterEach(() => ward.engine.close());

const at = () => desk(ward.engine.parts, [], undefined, { zone: 'UTC', rota: null, phoneOf: () => ({ name: 'Sara Abebe', phone: '0142' }) });
const declare = (who = okafor, number = accession) =>
  at().declare({ person: who, of: { accession: number }, finding: 'free air', category: 1, side: null, via: 'link' });
const audited = (action: string) =>
  ward.engine.stores.db.all<{ outcome: string; detail: string; case_id: string }>(
    'SELECT outcome, detail, case_id FROM audit WHERE action = ? ORDER BY seq',
    action,
  );

it('one whose order was answered and written long ago is found in any spelling, and a critical result of it is written', async () => {
  await ward.engine.approve();
  await ward.engine.settle();
  expect(await ward.engine.stores.views.open('protocoling')).toEqual([]);
  const { family, given, mrn } = first!.patient;
  for (const typed of [accession, accession.toLowerCase(), ` ${accession} `]) {
    expect(await at().exam(okafor, typed)).toMatchObject({
      ...{ ok: true, accession, exam: 'CT HEAD WO CONTRAST', name: `${family}, ${given}` },
      number: { id: mrn },
    });
  }
  expect(await declare()).toMatchObject({ ok: true, text: expect.stringContaining('NOT SENT YET') });
  expect(await ward.engine.stores.views.open('critical-results')).toMatchObject([{ status: 'draft' }]);
});

it('the look is on record with the case that says whose exam it is', async () => {
  const exam = await ward.engine.parts.cases.findByNumber(ward.order);
  const before = audited('view').length;
  await at().exam(okafor, accession);
  const looks = audited('view').slice(before);
  expect(looks).toMatchObject([{ outcome: 'done', case_id: exam?.caseId }]);
  expect(JSON.parse(looks[0]!.detail)).toMatchObject({ number: ward.order, surface: 'exam' });
});

it('whoever may not declare, or may not see the case, is told nothing of whose it is, and the no is on record', async () => {
  const elsewhere = person.parse({ ...okafor, id: 'dr-elsewhere', modalities: ['MG'] });
  for (const [who, code] of [[personOf('c-reyes'), 'denied'] as const, [elsewhere, 'unknown'] as const]) {
    const before = audited('declare-critical').length;
    const looked = await at().exam(who, accession);
    expect(looked).toMatchObject({ ok: false, code });
    expect(JSON.stringify(looked)).not.toContain(first!.patient.family);
    expect(audited('declare-critical').slice(before)).toMatchObject([{ outcome: 'denied' }]);
    expect(await declare(who)).toMatchObject({ ok: false, code });
  }
  expect(await ward.engine.stores.views.open('critical-results')).toEqual([]);
});

it('two patients under one accession number are never chosen between', async () => {
  const of = { ...second!, code: 'CTHEADWO', text: 'CT HEAD WO CONTRAST', modality: 'CT', kind: 'imaging', then: null } as const;
  const other = orderMessage(of, 'new', 'M2', new Date(ward.engine.now)).replaceAll(numbersOf(of.n).accession, accession);
  await ward.engine.bring(Buffer.from(other));
  await ward.engine.settle();
  expect(await ward.engine.stores.views.open('protocoling')).toHaveLength(2);
  expect(await at().exam(okafor, accession)).toMatchObject({ ok: false, code: 'unknown', why: expect.stringContaining('more than one patient') });
  expect(await declare()).toMatchObject({ ok: false, why: expect.stringContaining('NOT SENT') });
  expect(await ward.engine.stores.views.open('critical-results')).toEqual([]);
});

it('with the store away it is said within the second whom to phone', async () => {
  ward.engine.parts.cases.findByKey = () => Promise.reject(new Error('away'));
  expect(await at().exam(okafor, accession)).toEqual({ ok: false, code: 'not-sent', why: 'NOT SENT: phone Sara Abebe, 0142 now.' });
});
