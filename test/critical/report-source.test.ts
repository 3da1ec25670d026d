import { readContent } from '#adapters/embedded/content.js';
import { directory } from '#adapters/embedded/directory.js';
import { readSite } from '#adapters/embedded/site-folder.js';
import { alertKey } from '#domain/critical.js';
import type { About } from '#domain/critical.js';
import { registry } from '#workflows/registry.js';
import { criticalPolicy } from '../../functions/critical-policy.ts';
import { startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { testSite } from '../support/planned-orders.ts';
import { shippedPolicy } from '../support/shipped.ts';

/** A signed report about an exam that Radloop has no order for, over a real store. */
const site = readSite(testSite);
/** The RIS numbers a radiologist R77. */
const people = directory(site.people.map((one) => (one.id === 'dr-lindqvist' ? { ...one, providerIds: ['R77'] } : one)));
const PID = 'PID|1||R77^^^RADLOOP-MRN^MR||ROSS^MARY||19800515|F';
const ORDERED = 'OBR|1|P77^HIS|F77^RIS|CTCHEST^CT chest^L||||||||||||815^Okafor^Ngozi||ACC77|||||||F';
let engine: EngineFixture;

beforeEach(() => {
  engine = startEngineFixture('assist');
  const roster = { services: () => [], at: () => [], gaps: () => [], nextHandOff: () => null, named: () => [] };
  const policy = criticalPolicy({ site, content: readContent(testSite), people, roster });
  if (policy === null) throw new Error('the rehearsal site has no critical results');
  Object.assign(engine.parts, {
    directory: people,
    workflows: registry({ protocoling: shippedPolicy, criticalResults: policy }),
    findingsIn: () => [{ classId: 'pneumothorax', category: 1, side: 'left', quote: 'Tension pneumothorax on the left.' }],
  });
});
afterEach(() => engine.close());

async function message(type: string, ...lines: readonly string[]): Promise<void> {
  const header = `MSH|^~\\&|RIS|GENERAL|RADLOOP|GENERAL|20261125103000+0000||${type}|${type.slice(0, 3)}1|P|2.5.1`;
  await engine.bring(Buffer.from(`${[header, ...lines].join('\r')}\r`));
  await engine.settle();
}
const report = (visit: string) => message('ORU^R01', PID, visit, ORDERED, 'OBX|1|TX|&IMP||Tension pneumothorax on the left.||||||F');

type Fact = { readonly type: string; readonly about: About; readonly reader: string | null; readonly people: readonly string[] };
async function factsOf(): Promise<readonly Fact[]> {
  const caseId = engine.parts.cases.caseIdOf('critical-results', alertKey('ACC77 of RADLOOP-MRN|R77', 'pneumothorax', 1));
  const { facts } = await engine.parts.cases.read('critical-results', caseId);
  return facts.map(({ fact }) => fact as Fact);
}
async function about(): Promise<About> {
  const raised = (await factsOf()).find(({ type }) => type === 'alertRaised');
  if (raised === undefined) throw new Error('nothing was raised');
  return raised.about;
}

it('asks with who ordered the exam, who attends the patient, their class and place, as the report says them', async () => {
  await report('PV1|1|I|W3^12^A||||4711^Brandt^Lena');
  expect(await about()).toMatchObject({
    orderingProvider: { id: '815', name: 'Ngozi Okafor' },
    attending: { id: '4711', name: 'Lena Brandt' },
    patientClass: 'I',
    location: { at: { pointOfCare: 'W3', room: '12', bed: 'A' }, asOf: '2026-11-25T10:30:00.000Z' },
  });
});

it('a move that ADT has told counts before the place that the report still says', async () => {
  await message('ADT^A02', 'EVN||20261125090000+0000', PID, 'PV1|1|I|W9^1^B');
  await report('PV1|1|E|ED^1||||4711^Brandt^Lena');
  expect(await about()).toMatchObject({
    ...{ patientClass: 'I', attending: { id: '4711' } },
    location: { at: { pointOfCare: 'W9' }, asOf: '2026-11-25T09:00:00.000Z' },
  });
});

it('a report without PV1 says nothing of it, and what ADT has told stands', async () => {
  await message('ADT^A02', 'EVN||20261125090000+0000', PID, 'PV1|1|I|W9^1^B');
  await report('NTE|1||by telephone');
  expect(await about()).toMatchObject({ patientClass: 'I', location: { at: { pointOfCare: 'W9' } } });
  expect(await about()).not.toHaveProperty('attending');
});

it('asks first who is said to have read it, where the site knows them as a radiologist', async () => {
  // OBR-32: of several systems' numbers the first that people.json has.
  await message('ORU^R01', PID, `${ORDERED}|||||||R77&Lindqvist&Maja`, 'OBX|1|TX|&IMP||Tension pneumothorax on the left.||||||F|||||D4711');
  const facts = await factsOf();
  expect(facts.find(({ type }) => type === 'alertRaised')?.reader).toBe('dr-lindqvist');
  expect(facts.find(({ type }) => type === 'askedWhether')?.people).toEqual(['dr-lindqvist']);
});

it('a referrer who is said to have read it is asked nothing', async () => {
  await message('ORU^R01', PID, `${ORDERED}|||||||D4711&Haddad&Karim`, 'OBX|1|TX|&IMP||Tension pneumothorax on the left.||||||F');
  expect((await factsOf()).find(({ type }) => type === 'alertRaised')?.reader).toBeNull();
});
