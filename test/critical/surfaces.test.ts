import { readContent } from '#adapters/embedded/content.js';
import { directory } from '#adapters/embedded/directory.js';
import { readSite } from '#adapters/embedded/site-folder.js';
import { eventId } from '#core/ids.js';
import { alertKey, examOf } from '#domain/critical.js';
import type { About } from '#domain/critical.js';
import { caseNow } from '#engine/case-now.js';
import { digest } from '#engine/digest.js';
import { runCase } from '#engine/run-case.js';
import type { Declared } from '#ports/desk.js';
import { phoneByHand } from '../../functions/critical-phone.ts';
import { criticalPolicy } from '../../functions/critical-policy.ts';
import { openCriticalClinic, people, radiologist } from '../bot/critical-fixture.ts';
import type { CriticalClinic } from '../bot/critical-fixture.ts';
import { testSite } from '../support/planned-orders.ts';
import { tabToken } from '../support/tab-door.ts';

let clinic: CriticalClinic;
beforeAll(async () => {
  clinic = await openCriticalClinic();
}, 30_000);
afterAll(() => clinic.close());

async function aboutOf(): Promise<About> {
  const { parts } = clinic.engine;
  const { caseId } = (await parts.cases.findByNumber(clinic.order))!;
  const { workflow, state } = await caseNow(parts, 'protocoling', caseId);
  return { ...(workflow.see(state).about as About), orderCase: clinic.order };
}
const onTab = async (asked: object) =>
  clinic.tab.ask<Declared>(await tabToken(clinic.side, radiologist), { ask: 'declare', category: 1, side: null, ...asked });

describe('declared on the tab', () => {
  it('by a case number, or by an accession number as a link from the PACS has it: one alert, which is not sent yet', async () => {
    const { accessionNumber } = await aboutOf();
    const first = await onTab({ of: { caseNumber: clinic.order.toLowerCase() }, finding: 'free air' });
    expect(first).toMatchObject({ status: 200, reply: { ok: true, found: { ok: true, text: expect.stringContaining('NOT SENT YET') } } });
    const again = await onTab({ of: { accession: accessionNumber }, finding: 'Free air ' });
    const numberOf = ({ reply }: typeof first): string | null => (reply.ok && reply.found.ok ? reply.found.caseNumber : null);
    expect(numberOf(again)).toBe(numberOf(first));
    expect(again).toMatchObject({ reply: { found: { text: expect.stringContaining('written already') } } });
  });

  it('what names no exam, has no finding or is too long writes nothing and says so', async () => {
    const before = (await clinic.engine.stores.views.open('critical-results')).length;
    expect(await onTab({ of: { caseNumber: 'nonsense' }, finding: 'x' })).toMatchObject({ status: 404, reply: { ok: false, code: 'unknown' } });
    expect(await onTab({ of: { accession: 'X1' }, finding: 'x' })).toMatchObject({
      reply: { found: { ok: false, code: 'unknown', why: expect.stringContaining('NOT SENT') } },
    });
    expect(await onTab({ of: { caseNumber: clinic.order }, finding: '  ' })).toMatchObject({
      reply: { found: { ok: false, why: expect.stringContaining('finding is missing') } },
    });
    for (const wrong of [
      { finding: 'x'.repeat(501) },
      { finding: 'x', category: '1' },
      { finding: 'x', side: 'up' },
      { finding: 'x', person: 'dr-okafor' },
    ])
      expect(await onTab({ of: { caseNumber: clinic.order }, ...wrong })).toMatchObject({ status: 400 });
    expect((await clinic.engine.stores.views.open('critical-results')).length).toBe(before);
  });
});

it('what a report has raised and a radiologist declares in the same words is one alert, theirs now, with the category that they give', async () => {
  const { parts } = clinic.engine;
  const about = await aboutOf();
  const caseId = parts.cases.caseIdOf('critical-results', alertKey(examOf(about), `other ${digest('new subdural')}`, 1));
  const source = { kind: 'report', version: '1', quote: 'New subdural.', reportedAt: null } as const;
  const finding = { text: 'New subdural', classId: 'other', side: null, category: 2 };
  await runCase(parts, {
    ...{
      id: eventId.parse('raised'),
      workflow: 'critical-results',
      caseId,
      occurredAt: clinic.engine.now,
      actor: { kind: 'system', part: 'report-reader' },
    },
    input: { type: 'criticalRaised', about, finding, source, since: clinic.engine.now },
  });
  const declared = await clinic.desk.declare({
    person: radiologist,
    of: { caseNumber: clinic.order },
    finding: 'New subdural',
    category: 1,
    side: 'left',
    via: 'button',
  });
  expect(declared).toMatchObject({ ok: true, text: expect.stringContaining('NOT SENT YET') });
  const state = await clinic.stateOf({ caseId, caseNumber: clinic.order });
  expect(state).toMatchObject({ status: 'draft', draftedBy: { id: radiologist.id }, finding: { category: 1 } });
  expect(state.sources.map(({ kind }) => kind)).toEqual(['report', 'person']);
});

it('a case that is no exam, and an emergency access, carry no critical result', async () => {
  expect(
    await clinic.desk.declare({ person: radiologist, of: { caseNumber: '7KF3QN' as never }, finding: 'x', category: 1, side: null, via: 'button' }),
  ).toMatchObject({
    ...{ ok: false, code: 'unknown' },
    why: expect.stringContaining('NOT SENT'),
  });
});

describe('whom a radiologist phones by hand', () => {
  const site = readSite(testSite);
  const ward = site.onCall?.services.find(({ pointsOfCare }) => pointsOfCare.length > 0);
  const known = directory(site.people);
  const roster = {
    ...{ services: () => [], gaps: () => [], nextHandOff: () => null, named: () => [] },
    at: (service: string) => (service === ward?.id ? [{ level: 1, people: [known.withRole('oncall')[0]!.id], until: null }] : []),
  };
  const policy = criticalPolicy({ site, content: readContent(testSite), people: known, roster })!;
  const phone = phoneByHand(policy, () => clinic.engine.now);

  it('is who is on call where the patient is, else who ordered, else the switchboard', async () => {
    const about = await aboutOf();
    const at = { pointOfCare: ward?.pointsOfCare[0] ?? '', room: '', bed: '', facility: '', building: '', floor: '' };
    const [first] = known.withRole('oncall');
    const there: About = { ...about, patientClass: 'I', location: { at: { ...about.location?.at, ...at }, asOf: clinic.engine.now } };
    expect(phone(there)).toEqual({ name: first!.name, phone: first!.contacts.phone });
    expect(phone({ ...about, location: null, patientClass: 'O', orderingProvider: null })).toEqual({
      name: 'the switchboard',
      phone: policy.switchboard.phone,
    });
    expect(phone(null)).toEqual({ name: 'the switchboard', phone: policy.switchboard.phone });
    const orderer = site.people.find(({ providerIds, contacts }) => providerIds.length > 0 && contacts.phone !== undefined)!;
    const ordered = {
      ...about,
      location: null,
      patientClass: 'O',
      orderingProvider: { ...about.orderingProvider, id: orderer.providerIds[0] } as About['orderingProvider'],
    };
    expect(phone(ordered)).toEqual({ name: orderer.name, phone: orderer.contacts.phone });
  });
});

it('somebody who may take an alert over is offered that on the tab and on the command line by the same act', async () => {
  const of = await clinic.declare('for somebody else');
  await clinic.answer(radiologist, of, 'release-critical');
  const other = people.find(({ id }) => id === 'oncall-none')!;
  expect(await clinic.desk.open(other, of.caseNumber)).toMatchObject({
    ok: false,
    why: expect.stringContaining('was not called'),
    mayTakeOver: { caseNumber: of.caseNumber, revision: 1 },
  });
  const scheduler = people.find(({ id }) => id === 'scheduler-none')!;
  expect(await clinic.desk.open(scheduler, of.caseNumber)).not.toHaveProperty('mayTakeOver');
});
