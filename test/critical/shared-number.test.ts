import type { CaseNumber } from '#core/ids.js';
import { person } from '#core/people.js';
import { addSeconds } from '#core/time.js';
import type { About } from '#domain/critical.js';
import { caseNow } from '#engine/case-now.js';
import { desk } from '#engine/desk.js';
import { takeIn } from '#engine/take-in.js';
import type { TypedExam } from '#ports/desk.js';
import { segment } from '../golden/hl7/hl7-samples.ts';
import { orderBytes } from '../support/engine-fixture.ts';
import { openWard, personOf } from '../tab/board-fixture.ts';
import type { Ward } from '../tab/board-fixture.ts';

/** Whose a source is: an accession number that two patients have, or that a person typed, over a real store. */
const QUOTE = 'Tension pneumothorax on the left.';
const OTHER_PATIENT = 'PID|1||R77^^^RADLOOP-MRN^MR||ROSS^MARY||19800515|F';
/** The patient of the order. */
const ORDERED = 'PID';
const okafor = personOf('dr-okafor');
const lindqvist = personOf('dr-lindqvist');
let ward: Ward;
let told: string[];

beforeEach(async () => {
  ward = await openWard();
  told = [];
  const { people } = ward.engine.parts;
  const tell = people.tell.bind(people);
  people.tell = (who, card, of) => {
    told.push(`${who} ${/under one accession number|con un mismo número de acceso/u.test(JSON.stringify(card)) ? 'alike' : 'other'}`);
    return tell(who, card, of);
  };
  Object.assign(ward.engine.parts, { findingsIn: () => [{ classId: 'pneumothorax', category: 1, side: 'left', quote: QUOTE }] });
});
afterEach(() => ward.engine.close());

const at = () =>
  desk(ward.engine.parts, [], undefined, {
    ...{ zone: 'UTC', rota: null, assigner: 'RADLOOP-MRN', phoneOf: () => null },
    classOf: () => ({ id: 'pneumothorax', category: 1 }),
  });

async function declare(of: { readonly caseNumber: CaseNumber } | { readonly accession: string; readonly typed: TypedExam }, category: 1 | 2 = 1) {
  const declared = await at().declare({ person: okafor, of, finding: 'tension pneumothorax', category, side: null, via: 'words' });
  if (!declared.ok) throw new Error(declared.why);
  await ward.engine.settle();
  return declared.caseNumber;
}

async function send(category: 1 | 2 = 1): Promise<CaseNumber> {
  const alert = await declare({ caseNumber: ward.order }, category);
  expect(await ward.act('dr-okafor', alert, 'release-critical')).toBe('won');
  return alert;
}

let reports = 0;
/** A signed report. @param pid null: it names no patient @param accession left out: that of the order */
async function report(pid: string | null, accession?: string, exam?: string): Promise<void> {
  reports += 1;
  ward.engine.now = addSeconds(ward.engine.now, 1);
  const order = orderBytes('new', `S${String(reports)}`)
    .toString()
    .split('\r');
  const line = (name: string): string => order.find((one) => one.startsWith(name)) ?? '';
  const obr = line('OBR').split('|');
  const message = [
    line('MSH').replace(/O(RM|MI)\^O\d\d\^\w+/u, 'ORU^R01^ORU_R01'),
    pid === ORDERED ? line('PID') : (pid ?? 'PID|1'),
    segment('OBR', {
      1: '1',
      4: exam ?? obr[4] ?? '',
      18: accession ?? obr[18] ?? '',
      22: `202611021630${String(reports).padStart(2, '0')}`,
      25: 'F',
    }),
    segment('OBX', { 1: '1', 2: 'TX', 3: '&IMP', 5: QUOTE, 11: 'F' }),
  ];
  await ward.engine.receive(Buffer.from(`${message.join('\r')}\r`));
  await ward.engine.settle();
}

async function stateOf(alert: CaseNumber) {
  const { parts } = ward.engine;
  const found = await parts.cases.findByNumber(alert);
  if (found === null) throw new Error(`there is no ${alert}`);
  const { workflow, state } = await caseNow(parts, found.workflow, found.caseId);
  const facts = (await parts.cases.read(found.workflow, found.caseId)).facts.map(({ fact }) => fact as Record<string, unknown> & { type: string });
  return { seen: workflow.see(state), facts, types: facts.map(({ type }) => type) };
}
const open = async () => (await ward.engine.stores.views.open('critical-results')).map(({ caseNumber, status }) => ({ caseNumber, status }));
const others = async (alert: CaseNumber) => (await open()).filter(({ caseNumber }) => caseNumber !== alert);
async function only(alert: CaseNumber): Promise<CaseNumber> {
  const [one, ...more] = await others(alert);
  if (one === undefined || more.length > 0) throw new Error(`${String(more.length + 1)} others are open`);
  return one.caseNumber;
}
const viewOf = async (who: typeof okafor, alert: CaseNumber): Promise<string> => JSON.stringify(await at().open(who, alert));
const answer = (alert: CaseNumber, verb: 'join-alert' | 'keep-apart', other: CaseNumber, who = 'dr-lindqvist') =>
  ward.act(who, alert, verb, { fields: { with: other } });
const typed: TypedExam = { recordNumber: 'R77', family: 'Ross', given: 'Mary', birthDate: '1980-05-15', exam: 'CT of the chest' };

describe('a report of another patient under the accession number of an open alert', () => {
  it('joins nothing: it is a question of its own, both say that the number is shared, and a person is asked', async () => {
    const alert = await send();
    const before = (await stateOf(alert)).types.length;
    told = [];
    await report(OTHER_PATIENT);
    const question = await only(alert);
    expect((await stateOf(alert)).types.slice(before)).toEqual(['alikeFound']);
    expect((await stateOf(question)).seen.about).toMatchObject({ patient: { id: 'R77' } });
    for (const [one, other] of [
      [alert, question],
      [question, alert],
    ] as const) {
      const view = await viewOf(okafor, one);
      expect(view).toContain(`TWO PATIENTS UNDER ONE ACCESSION NUMBER: ${other}`);
      expect(view).toContain(`Not the same as ${other}`);
      const shared = JSON.stringify(await at().shared(one));
      expect(shared).toContain(`TWO PATIENTS UNDER ONE ACCESSION NUMBER: ${other}`);
      expect(shared).not.toMatch(/ROSS|R77/iu);
    }
    const asked = told.filter((one) => one.endsWith('alike'));
    expect(asked).toEqual(expect.arrayContaining(ward.engine.parts.directory.withRole('coordinator').map(({ id }) => `${id} alike`)));
    expect(new Set(asked).size).toBe(asked.length);
    expect((await open()).map(({ status }) => status).toSorted()).toEqual(['asking', 'open']);
  });

  it('with one report after the other it is one question, and its own patient’s report still joins the alert', async () => {
    const alert = await send();
    await report(OTHER_PATIENT);
    await report(OTHER_PATIENT);
    await report(ORDERED);
    const question = await only(alert);
    expect((await stateOf(question)).types.filter((type) => type === 'sourceJoined')).toHaveLength(1);
    expect((await stateOf(alert)).types.filter((type) => type === 'sourceJoined')).toHaveLength(1);
  });

  it('both escalate as ever while nobody has answered', async () => {
    const alert = await send();
    await report(OTHER_PATIENT);
    const question = await only(alert);
    const asked = async () => (await stateOf(question)).types.filter((type) => type === 'askedWhether').length;
    const before = await asked();
    await ward.later(30);
    expect(await asked()).toBeGreaterThan(before);
    expect((await stateOf(alert)).types).toEqual(expect.arrayContaining(['failsafeReached', 'failsafeRepeated']));
  });

  it('kept apart by a named person both go on, and neither asks any more', async () => {
    const alert = await send();
    await report(OTHER_PATIENT);
    const question = await only(alert);
    expect(await answer(question, 'keep-apart', alert)).toBe('won');
    expect(await answer(alert, 'join-alert', question, 'dr-okafor')).toBe('already');
    for (const one of [alert, question]) expect(await viewOf(okafor, one)).not.toContain('A person has to say');
    expect(await viewOf(okafor, alert)).toContain(`Not the same as ${question}, says ${lindqvist.name}`);
    expect(await others(alert)).toEqual([{ caseNumber: question, status: 'asking' }]);
  });

  it('judged the same the question ends with a name, and what is graver counts; nobody is called anew', async () => {
    const alert = await send(2);
    await report(OTHER_PATIENT);
    const question = await only(alert);
    told = [];
    expect(await answer(question, 'join-alert', alert)).toBe('won');
    expect(told).toEqual([]);
    expect(await open()).toEqual([{ caseNumber: alert, status: 'open' }]);
    expect((await stateOf(question)).facts.at(-1)).toMatchObject({ type: 'foundSame', as: alert, by: { id: 'dr-lindqvist' } });
    expect((await stateOf(alert)).facts.findLast(({ type }) => type === 'sourceJoined')).toMatchObject({ category: 1, source: { quote: QUOTE } });
    expect(JSON.stringify(await at().shared(question))).toContain(`Ended as the same as ${alert}, says ${lindqvist.name}`);
  });

  it('judged the same on the alert itself it is the question that ends', async () => {
    const alert = await send();
    await report(OTHER_PATIENT);
    const question = await only(alert);
    expect(await answer(alert, 'join-alert', question)).toBe('won');
    expect(await open()).toEqual([{ caseNumber: alert, status: 'open' }]);
  });

  it('neither an on-call doctor nor the switchboard may say it', async () => {
    const alert = await send();
    await report(OTHER_PATIENT);
    const question = await only(alert);
    const [called] = await ward.calledFor(alert);
    for (const who of [String(called), ...ward.engine.parts.directory.withRole('switchboard').map(({ id }) => String(id))])
      expect(await answer(alert, 'join-alert', question, who)).toBe('denied');
    expect(await others(alert)).toHaveLength(1);
  });
});

it('a report that names no patient is that of the order, as long as all that its number finds is of one patient', async () => {
  const arrivals = async () => (await ward.engine.stores.raw.arrivals(9)).map(({ state, matchedBy }) => [state, matchedBy]);
  const alert = await send();
  await report(null);
  expect(await arrivals()).toEqual([['matched', 'accession']]);
  expect(await ward.act('dr-okafor', await only(alert), 'not-critical', { text: 'It is asked already' })).toBe('won');
  await report(OTHER_PATIENT);
  await report(null);
  expect((await arrivals())[0]).toEqual(['unmatched', null]);
});

it('images of an exam that only a critical result is of wait for their order, and stop no alert', async () => {
  const { parts, stores } = ward.engine;
  await report(OTHER_PATIENT, 'XX-4711');
  const [question] = await open();
  const origin = { rawHash: 'x', sendingApplication: 'PACS', sendingFacility: '', messageTime: null, receivedAt: ward.engine.now, quality: [] };
  const { patient } = (await stateOf(question!.caseNumber)).seen.about as About;
  const study = { ...origin, type: 'studyArrived' as const, studyUid: '1.2.3', accessionNumber: 'XX-4711', patient, modalities: ['CT'] };
  const brought = { endpoint: 'pacs', bytes: Buffer.from('study'), messageType: 'study', controlId: null, sender: '' };
  await takeIn(parts, brought, [{ ...study, startedAt: null, description: null }]);
  await ward.engine.settle();
  expect((await stores.raw.arrivals(9, 'unmatched')).map(({ what }) => what)).toContain('study');
  await ward.later(30);
  expect(await stores.views.held()).toEqual([]);
});

it('a report that names no patient joins no alert by itself: it is a question of its own, and both say so', async () => {
  const alert = await send();
  await report(null);
  const question = await only(alert);
  expect(await viewOf(okafor, alert)).toContain(`${question} has the same accession number, and one of the two names no patient`);
  expect(await viewOf(okafor, question)).toContain(`Not the same as ${alert}`);
});

describe('an exam that the radiologist typed, and a report of a system on the same number', () => {
  it('are two until a person says that they are one; then the report’s question ends in what the radiologist has sent', async () => {
    const alert = await declare({ accession: 'XX-4711', typed });
    expect(await ward.act('dr-okafor', alert, 'release-critical')).toBe('won');
    await report(OTHER_PATIENT, 'XX-4711');
    const question = await only(alert);
    expect(await viewOf(okafor, alert)).toContain('the exam of one of the two was typed');
    expect(await answer(question, 'join-alert', alert)).toBe('won');
    expect(await open()).toEqual([{ caseNumber: alert, status: 'open' }]);
  });

  it('after that a later version of the report goes to the one that goes on, and asks nobody again', async () => {
    const alert = await declare({ accession: 'XX-4711', typed });
    await ward.act('dr-okafor', alert, 'release-critical');
    await report(OTHER_PATIENT, 'XX-4711');
    await answer(await only(alert), 'join-alert', alert);
    const before = (await stateOf(alert)).types.filter((type) => type === 'sourceJoined').length;
    told = [];
    await report(OTHER_PATIENT, 'XX-4711');
    expect((await stateOf(alert)).types.filter((type) => type === 'sourceJoined')).toHaveLength(before + 1);
    expect([told, await others(alert)]).toEqual([[], []]);
  });

  it('the report first, and then typed with its patient’s number: it is one alert from the start', async () => {
    await report(OTHER_PATIENT, 'XX-4711');
    const [question] = await open();
    expect(await declare({ accession: 'XX-4711', typed })).toBe(question!.caseNumber);
    expect(await open()).toEqual([{ caseNumber: question!.caseNumber, status: 'draft' }]);
  });
});

it('whoever is asked may open it, also where their lists are others and the exam names no modality', async () => {
  const limited = person.parse({ ...okafor, modalities: ['MG'] });
  await report(OTHER_PATIENT, 'XX-4711', 'X1^Foreign exam^L');
  const [question] = await open();
  expect((await stateOf(question!.caseNumber)).seen.subject).toMatchObject({ modality: null, asked: ['dr-okafor'] });
  expect(await at().open(limited, question!.caseNumber)).toMatchObject({ ok: true });
  const elsewhere = person.parse({ ...limited, id: 'dr-elsewhere' });
  expect(await at().open(elsewhere, question!.caseNumber)).toMatchObject({ ok: false });
});
