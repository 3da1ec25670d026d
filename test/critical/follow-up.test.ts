import { readContent } from '#adapters/embedded/content.js';
import { answerOf, readPress } from '#bot/inbound/card-answer.js';
import { authorise } from '#core/authorise.js';
import { role } from '#core/people.js';
import type { CaseNumber } from '#core/ids.js';
import { addMinutes, instant } from '#core/time.js';
import { boardFor } from '#engine/board.js';
import { caseDesk } from '#engine/case-desk.js';
import { caseNow } from '#engine/case-now.js';
import { desk as deskOf } from '#engine/desk.js';
import { reportFor } from '#engine/critical-report.js';
import type { FindingsIn } from '#engine/route-critical.js';
import { reportReader } from '#models/report-reader/index.js';
import type { FollowUpLine } from '#ports/desk.js';
import { wordsIn } from '#workflows/follow-up/words-in.js';
import { followUpLines } from '../../infra/cli/case-print.ts';
import { segment } from '../golden/hl7/hl7-samples.ts';
import { orderBytes } from '../support/engine-fixture.ts';
import { testSite } from '../support/planned-orders.ts';
import { openWard, personOf, site } from '../tab/board-fixture.ts';
import type { Ward } from '../tab/board-fixture.ts';

/** What signed reports say of category 3, over a real store, read as the service reads it. */
const reader = reportReader(readContent(testSite));
const findingsIn: FindingsIn = (report) => {
  const { critical, asks } = reader.read(report);
  return [...critical, ...asks].map(({ classId, category, side, start, end }) => ({ classId, category, side, quote: report.text.slice(start, end) }));
};
const NODULE = 'There is a spiculated nodule of 12 mm in the right upper lobe.';
const OTHER = 'There is a thyroid nodule of 2 cm in the left lobe.';
const ORDERER = 'D4711^Haddad^Karim';
const start = instant.parse('2026-11-02T16:00:00.000Z');
let ward: Ward;

beforeEach(async () => {
  ward = await openWard(start);
  Object.assign(ward.engine.parts, { findingsIn });
});
afterEach(() => ward.engine.close());

const desk = () => deskOf(ward.engine.parts, []);

let reports = 0;
interface Sent {
  readonly status?: 'P' | 'F' | 'C';
  readonly orderer?: string;
  readonly attending?: string;
}
/** A report of the order's exam. */
async function report(text: string, { status = 'F', orderer = ORDERER, attending = '' }: Sent = {}): Promise<void> {
  reports += 1;
  const order = orderBytes('new', `R${String(reports)}`)
    .toString()
    .split('\r');
  const line = (name: string): string => order.find((one) => one.startsWith(name)) ?? '';
  const obr = line('OBR').split('|');
  const ofOrder = Object.fromEntries([1, 2, 3, 4, 18].map((field) => [field, obr[field] ?? '']));
  const time = `202611021${String(6300 + reports).padStart(4, '0')}`;
  const message = [
    line('MSH').replace(/O(RM|MI)\^O\d\d\^\w+/u, 'ORU^R01^ORU_R01'),
    line('PID'),
    segment('PV1', { 1: '1', 2: 'O', 7: attending }),
    segment('OBR', { ...ofOrder, 16: orderer, 22: time, 25: status }),
    segment('OBX', { 1: '1', 2: 'TX', 3: '&IMP', 5: text, 11: status }),
  ];
  await ward.engine.receive(Buffer.from(`${message.join('\r')}\r`));
  await ward.engine.settle();
}

async function listOf(id: string): Promise<readonly FollowUpLine[]> {
  const found = await desk().followUps(personOf(id));
  if ('denied' in found) throw new Error(found.denied);
  return found;
}
const rows = (workflow: string) => ward.engine.stores.views.open(workflow);
async function only(): Promise<CaseNumber> {
  const [row, ...more] = await rows('follow-up');
  if (row === undefined || more.length > 0) throw new Error(`${more.length + (row === undefined ? 0 : 1)} follow-ups are open`);
  return row.caseNumber;
}

it('is kept with the orderer as its owner, the exam’s case and when it is due; nobody is called, asked or paged', async () => {
  await report(NODULE);
  const number = await only();
  const { caseId } = (await ward.engine.parts.cases.findByNumber(number))!;
  const line = { caseNumber: number, orderCase: ward.order, owner: { id: 'dr-haddad' }, as: 'orderer', finding: 'lung-nodule', overdue: false };
  expect(await listOf('dr-haddad')).toMatchObject([{ ...line, since: start, due: addMinutes(start, 4320) }]);
  await ward.later(5000);
  expect(await listOf('dr-haddad')).toMatchObject([{ ...line, overdue: true }]);
  expect(ward.engine.stores.db.get<{ n: number }>('SELECT count(*) AS n FROM outbox WHERE case_id = ?', caseId)?.n).toBe(0);
  expect(JSON.stringify(ward.engine.left)).not.toContain(number);
});

it('is no critical result: not on the board, not in the list of alerts, not in the report on times', async () => {
  await report(NODULE);
  await only();
  expect(await rows('critical-results')).toEqual([]);
  const radiologist = personOf('dr-okafor');
  expect(await boardFor(ward.engine.parts, ward.rota, radiologist)).toMatchObject({ ok: true, found: { alerts: [] } });
  expect(await desk().alerts(radiologist)).toEqual([]);
  const source = { parts: ward.engine.parts, rules: readContent(testSite).critical, zone: site.settings.zone };
  const times = await reportFor(source, radiologist, { from: '2026-11-01', to: '2026-11-30' }, 'en');
  expect(times).toMatchObject({ ok: true, found: { report: { misses: [], leftOut: { withdrawn: 0, notCritical: 0 } } } });
});

it('is the attending’s where people.json does not know the orderer, and the coordinators’ where it knows neither', async () => {
  await report(NODULE, { orderer: 'X1^Practice^A', attending: 'D7131^Mensah^Kofi' });
  expect(await listOf('dr-mensah')).toMatchObject([{ owner: { id: 'dr-mensah' }, as: 'attending' }]);
  await report(OTHER, { orderer: '', attending: 'X2^Away^B' });
  expect(await listOf('c-reyes')).toMatchObject([
    { owner: { id: 'dr-mensah' }, finding: 'lung-nodule' },
    { owner: null, as: 'coordinator', finding: 'thyroid-nodule' },
  ]);
});

it('an unsigned report keeps nothing; of several versions of a signed one there is one, until a correction says it no longer', async () => {
  await report(NODULE, { status: 'P' });
  expect(await rows('follow-up')).toEqual([]);
  await report(NODULE);
  const number = await only();
  await report(NODULE, { status: 'C' });
  expect(await only()).toBe(number);
  await report(OTHER, { status: 'C' });
  expect((await listOf('c-reyes')).map(({ finding }) => finding)).toEqual(['thyroid-nodule']);
  await report(`${NODULE} ${OTHER}`, { status: 'C' });
  expect((await listOf('c-reyes')).map(({ finding, caseNumber }) => [finding, caseNumber === number]).toSorted()).toEqual([
    ['lung-nodule', true],
    ['thyroid-nodule', false],
  ]);
  // A correction without a text says nothing of it.
  await report('', { status: 'C' });
  expect((await rows('follow-up')).length).toBe(2);
});

it('a later report that raises the same finding to category 2 asks a radiologist at once; the follow-up stays with its owner', async () => {
  await report(NODULE);
  const number = await only();
  Object.assign(ward.engine.parts, {
    findingsIn: (said: Parameters<FindingsIn>[0]) => findingsIn(said).map((one) => ({ ...one, category: 2 })),
  });
  await report(NODULE, { status: 'C' });
  expect(await rows('critical-results')).toMatchObject([{ status: 'asking', kind: 'Critical result, category 2' }]);
  expect(await only()).toBe(number);
  // The report says that it waits no longer, and the radiologist that it can: nothing is lost by that.
  const [alert] = await rows('critical-results');
  expect(await ward.act('dr-okafor', alert!.caseNumber, 'not-critical', { text: 'A matter of days' })).toBe('won');
  expect(await only()).toBe(number);
});

it('stands among what is waiting for its owner alone, or for coordinators where it is theirs', async () => {
  const waiting = async (id: string) => {
    const found = await desk().waiting(personOf(id));
    return 'denied' in found ? found.denied : found.filter(({ workflow }) => workflow === 'follow-up').length;
  };
  await report(NODULE);
  expect([await waiting('dr-okafor'), await waiting('c-reyes')]).toEqual([0, 0]);
  await report(OTHER, { orderer: '' });
  expect([await waiting('dr-okafor'), await waiting('c-reyes')]).toEqual([0, 1]);
});

it('nobody is listed what they may not open, and who has no role for it is denied, on record', async () => {
  await report(NODULE);
  expect(await listOf('dr-abebe')).toEqual([]);
  expect((await listOf('dr-okafor')).length).toBe(1);
  for (const id of ['w-dubois', 'm-brandt', 'v-moreau', 'a-kim']) expect(await desk().followUps(personOf(id))).toHaveProperty('denied');
  const denials = ward.engine.stores.db.get<{ n: number }>("SELECT count(*) AS n FROM audit WHERE outcome = 'denied'");
  expect(denials?.n).toBe(4);
});

it('names nothing of the patient in the list, on the command line or in a row', async () => {
  await report(NODULE);
  const { id, family } = await ward.patient(await only());
  const said = [
    JSON.stringify(await listOf('dr-haddad')),
    followUpLines(await listOf('dr-haddad')).join('\n'),
    JSON.stringify(await rows('follow-up')),
  ];
  for (const text of said) for (const secret of [id, family, 'spiculated']) expect(text).not.toContain(secret);
  expect(said[1]).toMatch(new RegExp(`lung-nodule {2}.*\\(orderer\\) {2}exam ${ward.order} {2}since .* {2}due `, 'u'));
});

describe('dealt with', () => {
  it('by a press of its owner, who was shown it: it leaves the list, with who said so, when and what', async () => {
    await report(NODULE);
    const number = await only();
    const opened = await desk().open(personOf('dr-haddad'), number);
    expect(opened).toMatchObject({ ok: true, title: `Finding for follow-up ${number}`, ends: true });
    expect(JSON.stringify(opened)).toContain('spiculated nodule of 12 mm');
    const press = readPress({ verb: 'follow-up-done', caseNumber: number, revision: 1, followUpText: 'CT in three months is booked' });
    if (press?.verb !== 'follow-up-done') throw new Error('the press is not understood');
    expect(await desk().answer(answerOf(personOf('dr-haddad'), press))).toMatchObject({ outcome: 'won' });
    expect(await listOf('c-reyes')).toEqual([]);
    const { caseId } = (await ward.engine.parts.cases.findByNumber(number))!;
    const { facts } = await ward.engine.parts.cases.read('follow-up', caseId);
    expect(facts.at(-1)?.fact).toMatchObject({ type: 'followUpDone', by: { id: 'dr-haddad' }, text: 'CT in three months is booked' });
    const row = ward.engine.stores.db.get<{ actor: string }>("SELECT actor FROM audit WHERE case_id = ? AND action = 'followUpDone'", caseId);
    expect(row?.actor).toContain('dr-haddad');
    // Pressed again: the same answer, and nothing more.
    expect(await desk().answer(answerOf(personOf('dr-haddad'), press))).toMatchObject({ outcome: 'won' });
  });

  it('from the command line by a coordinator, once they have looked; without a look nothing is done', async () => {
    await report(NODULE);
    const caseNumber = await only();
    const cases = caseDesk({ parts: ward.engine.parts, desk: desk(), rehearsal: true });
    const caller = { account: 'x', as: 'c-reyes' };
    const done = { ask: 'case-answer', caseNumber, verb: 'follow-up-done', protocolId: null, text: 'Letter to the practice' } as const;
    expect(await cases.ask(caller, done)).toMatchObject({ ok: true, outcome: 'stale' });
    expect(await cases.ask(caller, { ask: 'case-show', caseNumber })).toMatchObject({ ok: true, answer: 'view' });
    expect(await cases.ask(caller, done)).toMatchObject({ ok: true, outcome: 'won' });
    expect(await cases.ask(caller, { ask: 'case-follow-ups' })).toMatchObject({ ok: true, answer: 'follow-ups', followUps: [] });
  });

  it('by nobody else: what the table says holds for each role, as owner or not', async () => {
    await report(NODULE);
    const number = await only();
    const { caseId } = (await ward.engine.parts.cases.findByNumber(number))!;
    const { workflow, state } = await caseNow(ward.engine.parts, 'follow-up', caseId);
    const { subject } = workflow.see(state);
    const may = (which: (typeof role.options)[number], id: string) =>
      authorise({ ...personOf('dr-haddad'), id: id as ReturnType<typeof personOf>['id'], roles: [which] }, 'follow-up-done', subject).allowed;
    const allowed = role.options.filter((which) => may(which, 'somebody'));
    const asOwner = role.options.filter((which) => may(which, 'dr-haddad'));
    expect(allowed).toEqual(['coordinator']);
    expect(asOwner.includes('referrer') && asOwner.includes('oncall')).toBe(true);
    for (const which of ['scheduler', 'operator', 'auditor', 'admin', 'switchboard'] as const) expect(asOwner).not.toContain(which);
    for (const id of ['dr-okafor', 'dr-abebe', 't-novak', 'w-dubois'])
      expect(await ward.act(id, number, 'follow-up-done', { text: 'x' })).toBe('denied');
    for (const verb of ['acknowledge', 'release-critical', 'approve'] as const)
      expect(await ward.act('dr-haddad', number, verb, { text: 'x' })).toBe('invalid');
    expect(await only()).toBe(number);
  });
});

it('has as many words in Spanish as in English, each said otherwise', () => {
  const sentences = (table: unknown, path = ''): [string, string][] => {
    if (typeof table === 'string') return [[path, table]];
    if (typeof table === 'function') return [[path, (table as (...values: string[]) => string)('X', 'Y', 'Z')]];
    return Object.entries(table as object).flatMap(([key, inner]) => sentences(inner, `${path}.${key}`));
  };
  const [english, spanish] = [new Map(sentences(wordsIn('en'))), new Map(sentences(wordsIn('es')))];
  expect([...spanish.keys()]).toEqual([...english.keys()]);
  expect([...spanish].filter(([path, text]) => text === english.get(path)).map(([path]) => path)).toEqual(['.card.speak']);
});
