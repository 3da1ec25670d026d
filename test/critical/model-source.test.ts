import { readContent } from '#adapters/embedded/content.js';
import { directory } from '#adapters/embedded/directory.js';
import { readSite } from '#adapters/embedded/site-folder.js';
import type { PersonId } from '#core/ids.js';
import { alertKey } from '#domain/critical.js';
import { detectedIn } from '#domain/detection.js';
import type { Site } from '#domain/site.js';
import type { Page } from '#ports/pager.js';
import { registry } from '#workflows/registry.js';
import { criticalPolicy } from '../../functions/critical-policy.ts';
import { startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { testSite } from '../support/planned-orders.ts';
import { shippedPolicy } from '../support/shipped.ts';

/** An image model's results, from the message to who is asked, over a real store. */
const rehearsal = readSite(testSite);
const content = readContent(testSite);
const people = directory(rehearsal.people);
const withModel = (site: Site): Site => ({
  ...site,
  fieldMap: { ...site.fieldMap, modelApplications: ['HEAD-AI'] },
  settings: { ...site.settings, critical: { ...site.settings.critical, readingPriorityTo: 'ris' } },
});
const onDuty = 'dr-lindqvist' as PersonId;
let engine: EngineFixture;
let told: string[];
let pages: Page[];

beforeEach(() => {
  engine = startEngineFixture('assist', withModel);
  [told, pages] = [[], []];
  const roster = {
    ...{ services: () => [], gaps: () => [], nextHandOff: () => null, named: () => [] },
    at: (service: string) => (service === 'radiology' ? [{ level: 1, people: [onDuty], until: null }] : []),
  };
  const policy = criticalPolicy({ site: withModel(rehearsal), content, people, roster });
  if (policy === null) throw new Error('the rehearsal site has no critical results');
  Object.assign(engine.parts, {
    directory: people,
    workflows: registry({ protocoling: shippedPolicy, criticalResults: policy }),
    findingsIn: () => [{ classId: 'intracranial-haemorrhage', category: 1, side: null, quote: 'Acute intracranial haemorrhage.' }],
    detectedIn: (one: Parameters<typeof detectedIn>[0]) => detectedIn(one, content),
    pager: {
      channels: new Set(['pager', 'sms', 'voice', 'email', 'print']),
      send: async (page: Page) => {
        pages.push(page);
        return { ok: true, receipt: { id: String(pages.length) } };
      },
    },
  });
  const tell = engine.parts.people.tell.bind(engine.parts.people);
  engine.parts.people.tell = (who, card, of) => {
    told.push(who);
    return tell(who, card, of);
  };
});
afterEach(() => engine.close());

let control = 0;
async function message(application: string, ...lines: readonly string[]): Promise<string> {
  control += 1;
  const header = `MSH|^~\\&|${application}|GENERAL|RADLOOP|GENERAL|20261125103000+0000||ORU^R01|C${control}|P|2.5.1`;
  const pid = 'PID|1||R77^^^RADLOOP-MRN^MR||ROSS^MARY||19800515|F';
  const request = 'OBR|1|P77^HIS|F77^RIS|CTHEADWO^CT head^L||||||||||||||ACC77||||||CT|F';
  const answer = await engine.bring(Buffer.from(`${[header, pid, request, ...lines].join('\r')}\r`));
  await engine.settle();
  return answer.toString();
}
const says = (outcome: string, model = 'Head triage') =>
  message('HEAD-AI', `OBX|1|CE|1386000^Intracranial hemorrhage^SCT||${outcome}^x^SCT||||0.91||F||||||h^${model}^L^^^^2.0`);
const PRESENT = '52101004';
const alerts = () => engine.stores.views.open('critical-results');
const factTypes = async () => {
  const caseId = engine.parts.cases.caseIdOf('critical-results', alertKey('ACC77 of RADLOOP-MRN|R77', 'intracranial-haemorrhage', 1));
  return (await engine.parts.cases.read('critical-results', caseId)).facts.map(({ fact }) => (fact as { readonly type: string }).type);
};
const toReadingList = () => engine.left.filter((one) => one.to === 'ris').map((one) => one.bytes.split(' ')[0]);

it('a positive of a critical class asks the radiologist on duty at once, has the exam read sooner, and tells no clinician', async () => {
  expect(await says(PRESENT)).toContain('MSA|AA');
  expect(await alerts()).toMatchObject([{ status: 'asking', urgency: 'STAT', waiting: true, owner: onDuty }]);
  expect(told).toEqual([onDuty]);
  const ways = Object.values(people.byId(onDuty)?.contacts ?? {});
  expect(pages.length).toBeGreaterThan(0);
  for (const { address } of pages) expect(ways).toContain(address);
  expect(toReadingList()).toEqual(['reading-priority']);
});

it.each([
  ['absent', '2667000'],
  ['indeterminate', '82334004'],
])('%s asks nobody', async (_name, outcome) => {
  expect(await says(outcome)).toContain('MSA|AA');
  expect(await alerts()).toEqual([]);
  expect([told, engine.left]).toEqual([[], []]);
});

it('the same result again, in another message too, a second model and the signed report are one question, and ask nobody again', async () => {
  await says(PRESENT);
  const before = [told.length, pages.length];
  await says(PRESENT);
  await says(PRESENT, 'Another model');
  await message('RIS', 'OBX|1|TX|&IMP||Acute intracranial haemorrhage.||||||F');
  expect(await alerts()).toHaveLength(1);
  expect([told.length, pages.length]).toEqual(before);
  expect(await factTypes()).toEqual(expect.arrayContaining(['alertRaised', 'readingRaised', 'askedWhether', 'sourceJoined']));
  expect((await factTypes()).filter((type) => type === 'sourceJoined')).toHaveLength(2);
  expect(toReadingList()).toEqual(['reading-priority']);
});

it('what is signed already is not read sooner by a model that says it afterwards', async () => {
  await message('RIS', 'OBX|1|TX|&IMP||Acute intracranial haemorrhage.||||||F');
  await says(PRESENT);
  expect(await factTypes()).not.toContain('readingRaised');
  expect(toReadingList()).toEqual([]);
});

it.each(['off', 'silent'] as const)('where the workflow is %s it is on record and nothing leaves', async (mode) => {
  engine.mode = mode;
  await says(PRESENT);
  expect(await factTypes()).toContain('alertRaised');
  expect([told, pages, engine.left]).toEqual([[], [], []]);
});
