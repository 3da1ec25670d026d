import type { CaseId, CaseNumber } from '#core/ids.js';
import { instant } from '#core/time.js';
import { caseNow } from '#engine/case-now.js';
import type { FindingsIn } from '#engine/route-critical.js';
import type { Fact } from '#workflows/critical-results/events.js';
import { segment } from '../golden/hl7/hl7-samples.ts';
import { orderBytes } from '../support/engine-fixture.ts';
import { openWard } from '../tab/board-fixture.ts';
import type { Ward } from '../tab/board-fixture.ts';

/** Signed reports that name their exam by less than its accession number, or can't be read: no finding of theirs is passed by. */
const start = instant.parse('2026-11-02T16:00:00.000Z');
const FOUND = 'Tension pneumothorax on the left.';
const findsOne: FindingsIn = ({ text }) => (text.includes(FOUND) ? [{ classId: 'pneumothorax', category: 1, side: 'left', quote: FOUND }] : []);
let ward: Ward;

beforeEach(async () => {
  ward = await openWard(start);
  Object.assign(ward.engine.parts, { findingsIn: findsOne });
});
afterEach(() => ward.engine.close());

const order = orderBytes().toString().split('\r');
const line = (name: string): string => order.find((one) => one.startsWith(name)) ?? '';
const field = (name: string, n: number): string => line(name).split('|')[n] ?? '';
let messages = 0;
async function take(type: string, ...lines: readonly string[]): Promise<void> {
  messages += 1;
  const header = line('MSH')
    .split('|')
    .with(8, type)
    .with(9, `N${String(messages)}`)
    .join('|');
  await ward.engine.receive(Buffer.from(`${[header, ...lines].join('\r')}\r`));
  await ward.engine.settle();
}
const says = (text: string): string => segment('OBX', { 1: '1', 2: 'TX', 3: '&IMP', 5: text, 11: 'F' });
/** @param numbers TXA-14 and TXA-15 */
const document = (text: string, numbers: Readonly<Record<number, string>>): Promise<void> =>
  take('MDM^T02', segment('EVN', { 2: '20261102160000' }), line('PID'), segment('TXA', { 1: '1', 2: 'DI', 4: '20261102', 12: 'DOC1', 17: 'LA', ...numbers }), says(text)); // prettier-ignore
const result = (text: string, fields: Readonly<Record<number, string>>): Promise<void> =>
  take('ORU^R01', line('PID'), segment('OBR', { 1: '1', 22: '20261102163000', 25: 'F', ...fields }), says(text));

async function alerts() {
  const rows = ward.engine.stores.db.all<{ case_id: CaseId }>("SELECT case_id FROM cases WHERE workflow = 'critical-results'");
  return Promise.all(
    rows.map(async ({ case_id: id }) => {
      const { caseNumber, workflow, state } = await caseNow(ward.engine.parts, 'critical-results', id);
      const { facts } = await ward.engine.parts.cases.read('critical-results', id);
      const all = facts.map(({ fact }) => fact as Fact);
      return { caseNumber, status: workflow.see(state).row?.status ?? 'none', facts: all };
    }),
  );
}
async function only() {
  const [alert, ...more] = await alerts();
  if (alert === undefined || more.length > 0) throw new Error(`${more.length + (alert === undefined ? 0 : 1)} alerts are there`);
  const raised = alert.facts.find(({ type }) => type === 'alertRaised');
  if (raised?.type !== 'alertRaised') throw new Error('nothing was raised');
  return { ...alert, raised };
}
const ownNumbers = { 14: field('ORC', 2), 15: field('ORC', 3) };

it('a document that has the numbers of its order alone is of that order’s exam', async () => {
  const declared: CaseNumber = await ward.declare('pneumothorax', 1);
  const { accession } = await ward.patient(declared);
  expect(accession).not.toBeNull();
  await document(FOUND, ownNumbers);
  const raised = (await alerts()).flatMap(({ facts }) => facts).find(({ type }) => type === 'alertRaised');
  expect(raised).toMatchObject({ about: { accessionNumber: accession }, source: { kind: 'report' } });
});

it('by the filler’s number alone too; a result with the accession number is of the same alert then', async () => {
  await document(FOUND, { 15: ownNumbers[15] || ownNumbers[14] });
  await result(FOUND, Object.fromEntries([2, 3, 4, 18].map((n) => [n, field('OBR', n)])));
  expect((await only()).facts.filter(({ type }) => type === 'sourceJoined')).toHaveLength(1);
});

it('of an order that Radloop has never heard of the question is put all the same, once for all reports with its numbers', async () => {
  await document(FOUND, { 14: 'P888^HIS', 15: 'F888^RIS' });
  await document(`${FOUND} Addendum.`, { 14: 'P888^HIS' });
  await document(`${FOUND} Once more.`, { 15: 'F888^RIS' });
  const { status, raised, facts } = await only();
  expect([status, raised.about.accessionNumber, raised.about.placerOrderNumber?.id]).toEqual(['asking', null, 'P888']);
  expect(facts.map(({ type }) => type)).toContain('askedWhether');
});

it('without any number it is put as well, one a version, and an operator sees that the report is of no order', async () => {
  await document(FOUND, {});
  const { status, raised } = await only();
  expect([status, raised.about.patient.id]).toEqual(['asking', (await ward.patient(await ward.declare('other', 2))).id]);
  expect(await ward.engine.stores.raw.arrivals(5, 'unmatched')).toMatchObject([{ what: 'report', reason: 'it names no order and no patient' }]);
});

it('a report of a status that is not understood is asked about; an unsigned one is not', async () => {
  await result(FOUND, { 2: 'P888^HIS', 18: 'ACC888', 25: 'P' });
  expect(await alerts()).toEqual([]);
  await result(FOUND, { 2: 'P888^HIS', 18: 'ACC888', 25: 'Z' });
  expect((await only()).status).toBe('asking');
});

it('a report at which the reader fails is put to a radiologist to be read, and is listed as ever; the log says that it failed', async () => {
  const errors: string[] = [];
  Object.assign(ward.engine.parts, {
    log: { ...ward.engine.parts.log, error: (name: string) => errors.push(name) },
    findingsIn: () => {
      throw new RangeError('too deep');
    },
  });
  await result(FOUND, { 2: 'P888^HIS', 18: 'ACC888' });
  const { status, raised } = await only();
  expect([status, raised.finding.classId, raised.finding.category]).toEqual(['asking', 'unread', 2]);
  expect(raised.source).toMatchObject({ kind: 'report', unread: true });
  expect(errors).toContain('critical.report-not-read');
  expect(await ward.engine.stores.raw.arrivals(5)).toContainEqual(expect.objectContaining({ what: 'report' }));
});
