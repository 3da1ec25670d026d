import type { Person } from '#core/people.js';
import { idOf, openClinic, people } from './permissions-fixture.ts';
import type { Case, Clinic } from './permissions-fixture.ts';

const radiologist: Person = people.find(({ id }) => id === idOf('protocoling-radiologist', 'on the list'))!;
/** Another one, of whom nothing was shown in the last minutes. */
const technologist: Person = people.find(({ id }) => id === idOf('protocoling-technologist', 'on the list'))!;
const refusal = { status: 403, body: { error: { code: 'ForbiddenOperationException' } } };

let clinic: Clinic;
beforeAll(async () => {
  clinic = await openClinic();
}, 60_000);
afterAll(() => clinic.close());
beforeEach(() => {
  clinic.side.next.length = 0;
});

const decided = ({ caseId }: Case): boolean =>
  clinic.engine.stores.db.all<{ type: string }>('SELECT type FROM facts WHERE case_id = ?', caseId).some(({ type }) => type === 'protocolApproved');
const shown = async ({ caseNumber }: Case, who = radiologist) => (await clinic.desk.shown(who.id, caseNumber))?.shown;
const channel = () => ({
  conversation: { id: '19:p@thread.tacv2;messageid=77', conversationType: 'channel', isGroup: true, tenantId: clinic.side.tenantId },
  channelData: { tenant: { id: clinic.side.tenantId }, channel: { id: '19:p@thread.tacv2' } },
});
const say = (text: string, where = {}, who = radiologist) => clinic.activityOf(who, { type: 'message', text, ...where });

describe('a view that did not reach the person (DECISIONS 12, invariant 18)', () => {
  it('lets "approve it" decide nothing when Teams refused it in the private chat', async () => {
    const of = await clinic.caseIn('waiting', null);
    clinic.side.next.push(refusal);
    await say(`show ${of.caseNumber}`);
    expect(await shown(of)).toBe(0);
    await say('approve it');
    expect(decided(of)).toBe(false);
  });

  it('lets words in a channel decide nothing when the private chat was not reachable', async () => {
    const of = await clinic.caseIn('waiting', null);
    clinic.side.next.push(refusal);
    await say(`approve ${of.caseNumber}`, channel(), technologist);
    expect(await shown(of, technologist)).toBe(0);
    await say(`approve ${of.caseNumber}`, channel(), technologist);
    expect(decided(of)).toBe(false);
  });

  it('is on record, and counts once it was sent: then "approve it" decides', async () => {
    const of = await clinic.caseIn('waiting', null);
    await say(`show ${of.caseNumber}`);
    expect(await shown(of)).toBe(1);
    await say('approve it');
    expect(decided(of)).toBe(true);
  });

  it('is taken out of the private chat by an edit once the case was decided', async () => {
    const of = await clinic.caseIn('waiting', null);
    const { bot, engine } = clinic;
    const before = { ...engine.parts.people };
    Object.assign(engine.parts.people, { edit: (...of: Parameters<typeof before.edit>) => bot.people.edit(...of) });
    await say(`show ${of.caseNumber}`, {}, technologist);
    await say(`approve ${of.caseNumber}`, {}, technologist);
    clinic.side.calls.length = 0;
    await clinic.engine.settle();
    Object.assign(engine.parts.people, before);
    const edits = clinic.side.calls.filter(({ method, path }) => method === 'PUT' && path.includes(`a:${technologist.id}`));
    expect(edits).toHaveLength(1);
    expect(JSON.stringify(edits[0]?.body)).toContain(of.caseNumber);
    expect(JSON.stringify(edits[0]?.body)).not.toMatch(/MRN|Abara|born/u);
  });

  it('counts in a dialog that was answered in time, and not in one that came too late', async () => {
    const of = await clinic.caseIn('waiting', null);
    const open = { type: 'invoke', name: 'task/fetch', value: { data: { verb: 'open', caseNumber: of.caseNumber } } };
    const { cases } = clinic.engine.parts;
    const read = cases.read.bind(cases);
    let slow = true;
    cases.read = async (...asked) => {
      const isFirst = slow;
      slow = false;
      if (isFirst) await new Promise((resolve) => setTimeout(resolve, 4_300));
      return read(...asked);
    };
    const late = await clinic.activityOf(radiologist, open);
    expect(JSON.stringify(late.body)).toContain('longer than');
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(await shown(of)).toBe(0);
    await clinic.activityOf(radiologist, open);
    expect(await shown(of)).toBe(1);
  }, 30_000);
});
