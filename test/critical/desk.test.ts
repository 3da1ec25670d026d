import { readContent } from '#adapters/embedded/content.js';
import { readSite } from '#adapters/embedded/site-folder.js';
import { directory } from '#adapters/embedded/directory.js';
import { addMinutes } from '#core/time.js';
import type { Person } from '#core/people.js';
import { desk } from '#engine/desk.js';
import { dueOf } from '#engine/watcher-stuck.js';
import type { PersonAnswer } from '#ports/desk.js';
import type { Page } from '#ports/pager.js';
import { registry } from '#workflows/registry.js';
import { criticalPolicy } from '../../functions/critical-policy.ts';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { testSite } from '../support/planned-orders.ts';
import { shippedPolicy } from '../support/shipped.ts';

/** The desk over a real store, with the people, rosters, content and paging.json of the rehearsal site. */
const site = readSite(testSite);
const people = directory(site.people);
let engine: EngineFixture;
let pages: Page[];
let told: string[];
let order: PersonAnswer['caseNumber'];
let alert: PersonAnswer['caseNumber'];

const person = (id: string): Person => {
  const found = site.people.find((one) => one.id === id);
  if (found === undefined) throw new Error(`people.json has no ${id}`);
  return found;
};
const radiologist = person('dr-okafor');
const at = () => desk(engine.parts, []);
const act = async (who: Person, verb: PersonAnswer['verb'], more: Partial<PersonAnswer> = {}) => {
  const { current: revision = 1 } = (await at().shown(who.id, alert)) ?? {};
  const answer = await at().answer({ person: who, caseNumber: alert, revision, verb, ...more });
  await engine.settle();
  return answer;
};
const row = async () => (await engine.stores.views.open('critical-results')).find(({ caseNumber }) => caseNumber === alert);
const later = async (minutes: number) => {
  const until = addMinutes(engine.now, minutes);
  for (;;) {
    const due = await engine.stores.deadlines.nextDue();
    if (due === null || due > until) break;
    if (due > engine.now) engine.now = due;
    await engine.settle();
  }
  engine.now = until;
  await engine.settle();
};

beforeEach(async () => {
  engine = startEngineFixture('assist');
  [pages, told] = [[], []];
  const roster = { ...rosterOfSite() };
  const policy = criticalPolicy({ site, content: readContent(testSite), people, roster });
  if (policy === null) throw new Error('the rehearsal site has no critical results');
  Object.assign(engine.parts, {
    directory: people,
    workflows: registry({ protocoling: shippedPolicy, criticalResults: policy }),
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
  await engine.bring(orderBytes());
  await engine.settle();
  order = (await engine.stores.views.open('protocoling'))[0]!.caseNumber;
  [pages, told] = [[], []];
});
afterEach(() => engine.close());

async function declare(category: 1 | 2 = 1): Promise<void> {
  const declared = await at().declare({
    person: radiologist,
    of: { caseNumber: order },
    finding: 'tension pneumothorax',
    category,
    side: 'left',
    via: 'words',
  });
  if (!declared.ok) throw new Error(declared.why);
  alert = declared.caseNumber;
  await engine.settle();
}

it('is written and not sent: nobody is told until the radiologist presses Send, and after a minute the radiologist is', async () => {
  await declare();
  expect([pages, told]).toEqual([[], []]);
  expect(await row()).toMatchObject({ status: 'draft', note: 'NOT SENT YET', kind: 'Critical result, category 1' });
  await later(1.1);
  expect(told).toEqual([radiologist.id]);
});

it('once sent it reaches the first level in every way in the same second, with nothing of the patient', async () => {
  await declare();
  const { outcome, text } = await act(radiologist, 'release-critical');
  expect([outcome, text]).toEqual(['won', expect.stringContaining('Sent')]);
  expect(told.length).toBeGreaterThan(0);
  expect(new Set(pages.map(({ channel }) => channel)).size).toBeGreaterThan(1);
  const everything = JSON.stringify([pages, engine.left]);
  const { id, name } = await patient();
  for (const secret of [id, name.family, 'tension', 'pneumothorax']) expect(everything).not.toContain(secret);
  expect(await row()).toMatchObject({ status: 'open', owner: told[0] });
});

it('nobody takes it: it climbs, reaches the switchboard on paper too after 15 minutes, and repeats until somebody takes it there', async () => {
  await declare();
  await act(radiologist, 'release-critical');
  await later(16);
  expect(await row()).toMatchObject({ status: 'failsafe', owner: 'switchboard' });
  expect(pages.filter(({ channel }) => channel === 'print')).toHaveLength(1);
  await later(5);
  expect(pages.filter(({ channel }) => channel === 'print')).toHaveLength(2);
  const operator = site.people.find(({ roles }) => roles.includes('switchboard'))!;
  expect(await act(operator, 'take-failsafe')).toMatchObject({ outcome: 'won' });
  const before = pages.length;
  await later(9);
  expect(pages).toHaveLength(before);
  await later(2);
  expect(pages.length).toBeGreaterThan(before);
});

it('who was called takes it and reads it back; a wrong number takes nothing; the conversation closes it and the RIS is told', async () => {
  await declare();
  await act(radiologist, 'release-critical');
  const called = person(told[0]!);
  expect(await act(called, 'acknowledge')).toMatchObject({ outcome: 'won' });
  const said = { finding: 'tension pneumothorax on the left', action: 'chest tube now' };
  expect(await act(called, 'read-back', { fields: { ...said, identifier: 'not-hers' } })).toMatchObject({
    outcome: 'invalid',
    text: expect.stringContaining('NOTHING IS ACKNOWLEDGED'),
  });
  const { id: identifier } = await patient();
  expect(await act(called, 'read-back', { fields: { ...said, identifier } })).toMatchObject({ outcome: 'won' });
  expect(await row()).toMatchObject({ status: 'read-back' });
  expect(engine.left.some((one) => one.to === 'ris' && one.bytes.startsWith('critical-result'))).toBe(true);
  expect(await act(radiologist, 'record-call', { fields: { when: 'now' } })).toMatchObject({ outcome: 'won' });
  expect(await row()).toBeUndefined();
  const before = [pages.length, told.filter((id) => id === called.id).length];
  await later(60);
  expect([pages.length, told.filter((id) => id === called.id).length]).toEqual(before);
});

it('what is closed while somebody has not seen that it was changed waits for their reminder, and does not stand still (invariant 24)', async () => {
  await declare();
  await act(radiologist, 'release-critical');
  const [first = ''] = told;
  await later(6);
  const second = person(told.find((id) => id !== first && id !== radiologist.id)!);
  expect(await act(radiologist, 'recategorise', { text: 'smaller than thought', fields: { category: '2' } })).toMatchObject({ outcome: 'won' });
  expect(await act(second, 'acknowledge')).toMatchObject({ outcome: 'won' });
  const { id: identifier } = await patient();
  const read = { finding: 'tension pneumothorax', action: 'chest tube now', identifier };
  expect(await act(second, 'read-back', { fields: read })).toMatchObject({ outcome: 'won' });
  await act(radiologist, 'record-call', { fields: { when: 'just now' } });
  const [closed] = await engine.stores.pending.open('critical-results');
  expect(closed).toMatchObject({ status: 'changed', armed: { seen: expect.any(String) } });
  expect(closed!.armed).not.toHaveProperty('window');
  expect(dueOf(closed!, 'seen')).toEqual({ why: 'timer', since: closed!.armed['seen'] });
});

it('somebody who was not called stops nothing, and it is on record', async () => {
  await declare();
  await act(radiologist, 'release-critical');
  expect(await act(person('t-novak'), 'acknowledge')).toMatchObject({ outcome: 'denied' });
  await later(6);
  expect((await row())?.status).toBe('open');
});

it('a declaration goes out in every mode', async () => {
  engine.mode = 'off';
  await declare();
  expect(await act(radiologist, 'release-critical')).toMatchObject({ outcome: 'won' });
  expect(pages.length).toBeGreaterThan(0);
});

it('the same finding on the same exam is one alert; after it has ended the next one is another', async () => {
  await declare();
  const first = alert;
  await declare();
  expect(alert).toBe(first);
  await act(radiologist, 'not-critical', { text: 'artefact' });
  await declare();
  expect(alert).not.toBe(first);
});

it('what is nothing for this case changes nothing', async () => {
  await declare();
  expect(await act(radiologist, 'approve')).toMatchObject({ outcome: 'invalid', text: expect.stringContaining('nothing that can be done') });
});

async function patient(): Promise<{ readonly id: string; readonly name: { readonly family: string } }> {
  const { facts } = await engine.parts.cases.read('critical-results', (await engine.parts.cases.findByNumber(alert))!.caseId);
  return (facts[0]!.fact as { about: { patient: { id: string; name: { family: string } } } }).about.patient;
}

/** First and second on call at every hour: who they are is what people.json says of the services. */
function rosterOfSite() {
  const oncall = site.people.filter(({ roles }) => roles.includes('oncall')).map(({ id }) => id);
  const of = (level: number) => oncall.slice(level - 1, level);
  return {
    services: () => [],
    at: () => [1, 2].map((level) => ({ level, people: of(level), until: null })),
    gaps: () => [],
    nextHandOff: () => null,
    named: () => [],
  };
}
