import { person } from '#core/people.js';
import { desk } from '#engine/desk.js';
import { CRITICAL } from '#domain/critical.js';
import type { CaseNumber } from '#core/ids.js';
import { addMinutes } from '#core/time.js';
import { numbersOf, orderMessage } from '../../infra/rehearsal/order-message.ts';
import type { PlannedOrder } from '../../infra/rehearsal/orders.ts';
import { plannedOrders } from '../support/planned-orders.ts';
import { openWard, personOf } from '../tab/board-fixture.ts';
import type { Ward } from '../tab/board-fixture.ts';

/** Which exams a patient's name means to whoever declares a critical result, over a real store. */
const [first, second] = plannedOrders(4711, 2);
const { family, given, mrn } = first!.patient;
const okafor = personOf('dr-okafor');
let ward: Ward;
let messages = 1;

beforeEach(async () => {
  ward = await openWard();
});
afterEach(() => ward.engine.close());

const at = () => desk(ward.engine.parts, [], undefined, { zone: 'UTC', rota: null, phoneOf: () => ({ name: 'Sara Abebe', phone: '0142' }) });
const called = (name: string, who = okafor) => at().examsCalled(who, name);
const audited = (action: string) =>
  ward.engine.stores.db.all<{ outcome: string; detail: string; case_id: string | null }>(
    'SELECT outcome, detail, case_id FROM audit WHERE action = ? ORDER BY seq',
    action,
  );

/** Another CT order, as planned or of this patient. */
async function ordered(planned: PlannedOrder, patient = planned.patient): Promise<void> {
  const ct = { code: 'CTHEADWO', text: 'CT HEAD WO CONTRAST', modality: 'CT', kind: 'imaging', then: null } as const;
  messages += 1;
  ward.engine.now = addMinutes(ward.engine.now, 1);
  await ward.engine.bring(Buffer.from(orderMessage({ ...planned, ...ct, patient }, 'new', `M${messages}`, new Date(ward.engine.now))));
  await ward.engine.settle();
}

it('one exam of that name is certain, in any spelling, and found also once its order was answered and written', async () => {
  await ward.engine.approve();
  await ward.engine.settle();
  expect(await ward.engine.stores.views.open('protocoling')).toEqual([]);
  for (const name of [family, family.toLowerCase(), `${given} ${family}`, `${family.toUpperCase()}, ${given[0]}.`, `Mrs ${family}`])
    expect([name, await called(name)]).toMatchObject([
      name,
      { ok: true, certain: true, complete: true, more: 0, exams: [{ caseNumber: ward.order, number: mrn, name: `${family}, ${given}`, exam: 'CT HEAD WO CONTRAST' }] },
    ]); // prettier-ignore
});

it('one that is a slip away is given to choose, and never chosen', async () => {
  const slip = `${family.slice(0, 2)}${family.slice(3)}`;
  expect(await called(slip)).toMatchObject({ ok: true, certain: false, exams: [{ caseNumber: ward.order }] });
});

it('an initial that is another’s, and a second surname that the patient has not, find nobody', async () => {
  const other = given.startsWith('X') ? 'Y' : 'X';
  for (const name of [`${other}. ${family}`, `${family} Zabala`, given[0]!, '', '...'])
    expect([name, await called(name)]).toMatchObject([name, { ok: false, code: 'unknown' }]);
});

it('several are given to choose from, the newest first, five at most', async () => {
  for (const planned of plannedOrders(4711, 9).slice(1)) await ordered(planned, first!.patient);
  const found = await called(family);
  expect(found).toMatchObject({ ok: true, certain: false, more: 4 });
  expect(found.ok && found.exams).toHaveLength(5);
  expect(found.ok && found.exams.map(({ caseNumber }) => caseNumber)).not.toContain(ward.order);
});

it('the critical result of an exam is no exam beside it', async () => {
  await ward.declare('free air', 1);
  expect(await called(family)).toMatchObject({ ok: true, certain: true, exams: [{ caseNumber: ward.order }] });
});

it('nobody of that name: whom to phone, and how the accession number is said', async () => {
  const found = await called('Zabala');
  expect(found).toMatchObject({
    ok: false,
    code: 'unknown',
    why: expect.stringMatching(/^NOT SENT: phone Sara Abebe, 0142 now\..*accession NUMBER/u),
  });
  expect(JSON.stringify(found)).not.toContain('Zabala');
});

it('a search is on record with what it found and without the name; what is shown to choose from is on record as a view', async () => {
  await called(family);
  await called('Zabala');
  await ordered(second!, first!.patient);
  const before = audited('view').length;
  await called(family);
  const searches = audited('search');
  expect(searches.map(({ outcome, detail }) => [outcome, JSON.parse(detail) as unknown])).toEqual([
    ['done', { surface: 'critical-result', found: 1, shown: 0 }],
    ['nothing', { surface: 'critical-result', found: 0, shown: 0 }],
    ['done', { surface: 'critical-result', found: 2, shown: 2 }],
  ]);
  expect(JSON.stringify(searches)).not.toMatch(new RegExp(`${family}|Zabala`, 'iu'));
  expect(
    audited('view')
      .slice(before)
      .map(({ case_id }) => case_id),
  ).toHaveLength(2);
});

it('whoever may not declare may not search, on record; whoever may not see the exam is told of none', async () => {
  const elsewhere = person.parse({ ...okafor, id: 'dr-elsewhere', modalities: ['MG'] });
  const before = audited('declare-critical').length;
  expect(await called(family, personOf('c-reyes'))).toMatchObject({ ok: false, code: 'denied' });
  expect(audited('declare-critical').slice(before)).toMatchObject([{ outcome: 'denied' }]);
  expect(audited('search')).toEqual([]);
  const found = await called(family, elsewhere);
  expect(found).toMatchObject({ ok: false, code: 'unknown' });
  expect(JSON.stringify(found)).not.toContain(mrn);
});

it('an ended case is looked at for some days, an open one as long as it is open', async () => {
  await ward.engine.approve();
  await ward.engine.settle();
  await ordered(second!);
  const open = `${second!.patient.given} ${second!.patient.family}`;
  for (const [days, isFound] of [
    [2, true],
    [3, false],
  ] as const) {
    ward.engine.now = addMinutes(ward.engine.now, days * 24 * 60);
    expect(await called(`${given} ${family}`)).toMatchObject({ ok: isFound });
    expect(await called(open)).toMatchObject({ ok: true });
  }
});

it('what has come since it was looked at is found', async () => {
  const name = `${second!.patient.given} ${second!.patient.family}`;
  expect(await called(name)).toMatchObject({ ok: false });
  await ordered(second!);
  expect(await called(name)).toMatchObject({ ok: true, certain: true });
});

it('of two who are said of one exam nothing is written', async () => {
  const asked = { person: okafor, finding: 'free air', category: 1, side: null, via: 'words' } as const;
  const declare = (of: { caseNumber: CaseNumber } | { accession: string }, also: { patient: string | null; accession: string | null }) =>
    at().declare({ ...asked, of, also });
  const { accession } = numbersOf(first!.n);
  for (const also of [
    { patient: 'Zabala', accession: null },
    { patient: null, accession: 'X-99' },
  ])
    expect(await declare({ caseNumber: ward.order }, also)).toMatchObject({ ok: false, code: 'unknown', why: expect.stringContaining('two exams') });
  expect(await declare({ accession }, { accession, patient: 'Zabala' })).toMatchObject({ ok: false });
  expect(await ward.engine.stores.views.open(CRITICAL)).toEqual([]);
  expect(await declare({ caseNumber: ward.order }, { accession: accession.toLowerCase(), patient: `${given} ${family}` })).toMatchObject({
    ok: true,
  });
});

it('with the store away, or slow, it is said within the second whom to phone', async () => {
  const { views } = ward.engine.parts;
  const since = views.since.bind(views);
  Object.assign(views, { since: () => Promise.reject(new Error('away')) });
  expect(await called(family)).toEqual({ ok: false, code: 'not-sent', why: 'NOT SENT: phone Sara Abebe, 0142 now.' });
  Object.assign(views, { since: () => new Promise(() => undefined) });
  const begun = performance.now();
  expect(await called(family)).toMatchObject({ ok: false, why: expect.stringContaining('NOT SENT') });
  expect(performance.now() - begun).toBeLessThan(1000);
  Object.assign(views, { since });
});

it('where reading takes too long what was read is given to choose from, and it is said that there may be others', async () => {
  for (const planned of plannedOrders(4711, 24).slice(1)) await ordered(planned);
  const { cases } = ward.engine.parts;
  const read = cases.read.bind(cases);
  // The newest twenty are read at once, and then the time is up.
  cases.read = async (...asked) => {
    await new Promise((resolve) => setTimeout(resolve, 360));
    return read(...asked);
  };
  const newest = plannedOrders(4711, 24)[23]!.patient;
  const found = await called(`${newest.given} ${newest.family}`);
  expect(found).toMatchObject({ ok: true, certain: false, complete: false });
  cases.read = read;
  expect(await called(`${newest.given} ${newest.family}`)).toMatchObject({ ok: true, complete: true });
});

it('a case that can’t be read keeps none of the others from being found, and nothing is certain then', async () => {
  await ordered(second!);
  const broken = await ward.engine.parts.cases.findByNumber(ward.order);
  const { cases } = ward.engine.parts;
  const read = cases.read.bind(cases);
  cases.read = async (workflow, caseId, ...more) =>
    caseId === broken?.caseId ? Promise.reject(new Error('its key is gone')) : read(workflow, caseId, ...more);
  const found = await called(`${second!.patient.given} ${second!.patient.family}`);
  expect(found).toMatchObject({ ok: true, certain: false, complete: false });
  expect(await called(`${given} ${family}`)).toMatchObject({ ok: false, why: expect.stringContaining('Not all could be looked at') });
});
