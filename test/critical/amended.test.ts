import { readContent } from '#adapters/embedded/content.js';
import { instant } from '#core/time.js';
import { caseNumber } from '#core/ids.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import { caseNow } from '#engine/case-now.js';
import { reportFor } from '#engine/critical-report.js';
import { desk } from '#engine/desk.js';
import { alertTimes } from '#domain/critical-times.js';
import type { FindingsIn } from '#engine/route-critical.js';
import { reportReader } from '#models/report-reader/index.js';
import type { Fact } from '#workflows/critical-results/events.js';
import { segment } from '../golden/hl7/hl7-samples.ts';
import { orderBytes } from '../support/engine-fixture.ts';
import { testSite } from '../support/planned-orders.ts';
import { openWard, personOf } from '../tab/board-fixture.ts';
import type { Ward } from '../tab/board-fixture.ts';

/** Reports that come after what they say was declared and communicated, over a real store, read as the service reads them. */
const reader = reportReader(readContent(testSite));
const findingsIn: FindingsIn = (report) => {
  const { critical, asks } = reader.read(report);
  return [...critical, ...asks].map(({ classId, category, side, start, end }) => ({ classId, category, side, quote: report.text.slice(start, end) }));
};
const classOf = (finding: string) => {
  const [found] = reader.read({ text: finding }).critical;
  return found === undefined ? null : { id: found.classId, category: found.category };
};
const FINDING = 'subarachnoid hemorrhage';
const start = instant.parse('2026-11-02T16:00:00.000Z');
let ward: Ward;

beforeEach(async () => {
  ward = await openWard(start);
  Object.assign(ward.engine.parts, { findingsIn });
});
afterEach(() => ward.engine.close());

/** Declared by the radiologist and sent. */
async function send(category: 1 | 2): Promise<CaseNumber> {
  const at = desk(ward.engine.parts, [], undefined, { zone: 'UTC', rota: null, classOf });
  const declared = await at.declare({
    person: personOf('dr-okafor'),
    of: { caseNumber: ward.order },
    finding: FINDING,
    category,
    side: null,
    via: 'words',
  });
  if (!declared.ok) throw new Error(declared.why);
  await ward.engine.settle();
  expect(await ward.act('dr-okafor', declared.caseNumber, 'release-critical')).toBe('won');
  return declared.caseNumber;
}

async function close(alert: CaseNumber): Promise<void> {
  const [called = ''] = await ward.calledFor(alert);
  const { id: identifier } = await ward.patient(alert);
  expect(await ward.act(called, alert, 'read-back', { fields: { identifier, finding: FINDING, action: 'theatre' } })).toBe('won');
}

let reports = 0;
/** @param numbers of its exam, as OBR has them; left out: those of the order */
async function report(status: 'F' | 'C', text: string, numbers: Readonly<Record<number, string>> = {}, patient?: string): Promise<void> {
  reports += 1;
  const order = orderBytes('new', `R${String(reports)}`)
    .toString()
    .split('\r');
  const line = (name: string): string => order.find((one) => one.startsWith(name)) ?? '';
  const obr = line('OBR').split('|');
  const ofOrder = Object.fromEntries([1, 2, 3, 4, 18].map((field) => [field, obr[field] ?? '']));
  const message = [
    line('MSH').replace(/O(RM|MI)\^O\d\d\^\w+/u, 'ORU^R01^ORU_R01'),
    patient ?? line('PID'),
    segment('OBR', { ...ofOrder, 22: '20261102163000', 25: status, ...numbers }),
    segment('OBX', { 1: '1', 2: 'TX', 3: '&IMP', 5: text, 11: 'F' }),
  ];
  await ward.engine.receive(Buffer.from(`${message.join('\r')}\r`));
  await ward.engine.settle();
}

/** Every alert that there is, by how it stands. */
async function alerts(): Promise<readonly string[]> {
  const rows = ward.engine.stores.db.all<{ case_id: CaseId }>("SELECT case_id FROM cases WHERE workflow = 'critical-results'");
  const all = rows.map(async ({ case_id: id }) => {
    const { caseNumber, workflow, state } = await caseNow(ward.engine.parts, 'critical-results', id);
    return `${caseNumber} ${workflow.see(state).row?.status ?? 'none'}`;
  });
  return (await Promise.all(all)).toSorted();
}

it('an amended report of what was closed as less grave asks a radiologist anew about the same alert; their "yes" sends it as another version', async () => {
  const alert = await send(2);
  await close(alert);
  await report('C', 'Acute subarachnoid hemorrhage.');
  expect(await alerts()).toEqual([`${alert} asking`]);
  expect(await ward.act('dr-lindqvist', alert, 'release-critical')).toBe('won');
  expect(await alerts()).toEqual([`${alert} open`]);
});

it('an amended report of what was closed as just as grave joins it: nobody is asked, and no second alert is there', async () => {
  const alert = await send(1);
  await close(alert);
  await ward.act('dr-okafor', alert, 'record-call', { text: '' });
  await report('C', 'Acute subarachnoid hemorrhage.');
  expect(await alerts()).toEqual([`${alert} closed`]);
});

it('a report joins the second alert of one finding on one exam, which is open, and not the first, which was withdrawn', async () => {
  const first = await send(2);
  await ward.act('dr-okafor', first, 'withdraw-critical', { text: 'too early', fields: { kind: 'withdrawn' } });
  await ward.later(1);
  const second = await send(2);
  await report('F', 'Acute subarachnoid hemorrhage.');
  expect(await alerts()).toEqual([`${first} withdrawn`, `${second} open`].toSorted());
});

it('a report of another finding on the exam, and one of another exam, are alerts of their own', async () => {
  const alert = await send(2);
  await close(alert);
  await report('C', 'Tension pneumocephalus.');
  await report('F', 'Acute subarachnoid hemorrhage.', { 2: 'P777^REHEARSAL-EHR', 3: 'F777^REHEARSAL-RIS', 18: 'RAD000777' });
  const all = await alerts();
  expect(all).toContain(`${alert} closed`);
  expect(all.map((one) => one.split(' ')[1]).toSorted()).toEqual(['asking', 'asking', 'closed']);
});

it('in the report on times it is as it had ended until it is sent once more, and from then on the later communication', async () => {
  const times = async () => alertTimes.parse((await ward.engine.stores.views.since('critical-results', start))[0]?.figures);
  const alert = await send(2);
  await close(alert);
  await ward.later(30);
  const asked = ward.engine.now;
  await report('C', 'Acute subarachnoid hemorrhage.');
  expect(await times()).toMatchObject({ category: 2, outcome: 'closed', declaredAt: start, readBackAt: start, again: { at: asked, by: 'report' } });
  await ward.act('dr-lindqvist', alert, 'not-critical', { text: 'The old bleed' });
  expect(await times()).toMatchObject({ category: 2, outcome: 'closed', readBackAt: start });
  await report('C', 'Acute subarachnoid hemorrhage, larger.');
  await ward.later(1);
  await ward.act('dr-lindqvist', alert, 'release-critical');
  const sent = await times();
  expect(sent).toMatchObject({
    category: 1,
    outcome: 'open',
    declaredAt: null,
    reportAt: asked,
    releasedAt: ward.engine.now,
    acknowledgedAt: null,
    readBackAt: null,
    closedAt: null,
  });
  expect(sent.again).toBeUndefined();
});

it('each version of a signed report counts in the report on times, and so does each question that one has put', async () => {
  const made = async () => {
    const source = { parts: ward.engine.parts, rules: readContent(testSite).critical, zone: 'UTC' };
    const reply = await reportFor(source, personOf('dr-okafor'), { from: '2026-11-02', to: '2026-11-03' }, 'en');
    if (!reply.ok || reply.found === null) throw new Error('there is no report');
    return reply.found.report.reports;
  };
  await report('F', 'No acute finding.');
  expect(await made()).toEqual({ signed: 1, questions: 0 });
  await report('F', 'Acute subarachnoid hemorrhage.');
  expect(await made()).toEqual({ signed: 2, questions: 1 });
  await report('C', 'Acute subarachnoid hemorrhage, larger.');
  expect(await made()).toEqual({ signed: 3, questions: 1 });
  const [alert = ''] = (await alerts()).map((one) => one.split(' ')[0] ?? '');
  await ward.act('dr-lindqvist', caseNumber.parse(alert), 'not-critical', { text: 'The old bleed' });
  await report('C', 'Acute subarachnoid hemorrhage, with mass effect.');
  expect(await made()).toEqual({ signed: 4, questions: 2 });
});

async function factsOf(alert: CaseNumber): Promise<readonly Fact[]> {
  const { caseId } = (await ward.engine.parts.cases.findByNumber(alert))!;
  const { facts } = await ward.engine.parts.cases.read('critical-results', caseId);
  return facts.map(({ fact }) => fact as Fact);
}
const TAKEN_BACK = 'No acute finding.';

it('a corrected report that no longer says what was closed asks its radiologist and the one on duty; withdrawn is only what one of them withdraws', async () => {
  const alert = await send(1);
  await report('F', 'Acute subarachnoid hemorrhage.');
  await close(alert);
  await ward.act('dr-okafor', alert, 'record-call', { text: '' });
  await report('C', TAKEN_BACK);
  expect(await alerts()).toEqual([`${alert} closed`]);
  const told = (await factsOf(alert)).find(({ type }) => type === 'saidNoLonger');
  expect(told).toMatchObject({ people: ['dr-okafor'] });
  expect((await factsOf(alert)).some((fact) => fact.type === 'wasTold' && fact.note === 'no-longer-said' && fact.person === 'dr-okafor')).toBe(true);
  expect(await ward.act('dr-okafor', alert, 'withdraw-critical', { text: 'The report was corrected', fields: { kind: 'corrected' } })).toBe('won');
  expect(await alerts()).toEqual([`${alert} withdrawn`]);
});

it('what is only asked goes on being asked, and its card says that the corrected report no longer says it, until a later version says it again', async () => {
  await report('F', 'Acute subarachnoid hemorrhage.');
  const [alert = ''] = (await alerts()).map((one) => one.split(' ')[0] ?? '');
  const number = caseNumber.parse(alert);
  await report('C', TAKEN_BACK);
  expect(await alerts()).toEqual([`${alert} asking`]);
  const card = async () => JSON.stringify(await desk(ward.engine.parts, []).shared(number));
  expect(await card()).toContain('no longer says this');
  await report('C', 'Acute subarachnoid hemorrhage, small.');
  expect(await card()).not.toContain('no longer says this');
});

it('a corrected report of another patient under the same number takes nothing back', async () => {
  const alert = await send(1);
  await report('F', 'Acute subarachnoid hemorrhage.');
  await report('C', TAKEN_BACK, {}, 'PID|1||OTHER9^^^RADLOOP-MRN^MR||ROSS^MARY||19800515|F');
  expect((await factsOf(alert)).map(({ type }) => type)).not.toContain('saidNoLonger');
});
