import type { Answer } from '#core/workflow.js';
import { addMinutes } from '#core/time.js';
import type { Board, CaseStory, FailsafeView, Me, TabReply, TabReport } from '#ports/tab.js';
import { readContent } from '#adapters/embedded/content.js';
import { testSite } from '../support/planned-orders.ts';
import { issuedBy, openTabDoor, tabToken } from '../support/tab-door.ts';
import type { TabDoorFixture } from '../support/tab-door.ts';
import { startTeamsSide } from '../support/teams-provider.ts';
import type { TeamsSide } from '../support/teams-provider.ts';
import { openWard, personOf } from './board-fixture.ts';
import type { Ward } from './board-fixture.ts';

/** The board over the real door and a real store. */
let side: TeamsSide;
let ward: Ward;
let door: TabDoorFixture;

beforeAll(async () => {
  side = await startTeamsSide();
});
afterAll(() => side.close());
beforeEach(async () => {
  ward = await openWard();
  door = await openTabDoor(ward.engine.parts, issuedBy(side), [], ward.rota, readContent(testSite).critical);
});
afterEach(async () => {
  await door.close();
  await ward.engine.close();
});

const ask = async <Found>(who: string, asked: object): Promise<TabReply<Found>> =>
  (await door.ask<Found>(await tabToken(side, personOf(who)), asked)).reply;
const found = async <Found>(who: string, asked: object): Promise<Found> => {
  const reply = await ask<Found>(who, asked);
  if (!reply.ok) throw new Error(reply.why);
  return reply.found;
};
const board = (who: string) => found<Board>(who, { ask: 'board' });
const numbers = async (who: string) => (await board(who)).alerts.map(({ caseNumber }) => caseNumber);

it('lists what is open: the gravest first, of those the oldest, with who is called, the next step’s time and nothing of the patient', async () => {
  const second = await ward.send('pulmonary nodule of 2 cm', 2);
  await ward.later(1);
  const draft = await ward.declare('free air', 1);
  const first = await ward.send('tension pneumothorax', 1);
  const { alerts, asOf } = await board('dr-okafor');
  expect(asOf).toBe(ward.engine.now);
  expect(alerts.map(({ caseNumber, category, status, level }) => [caseNumber, category, status, level])).toEqual([
    [draft, 1, 'not-sent', 0],
    [first, 1, 'open', 1],
    [second, 2, 'open', 1],
  ]);
  const [, open] = alerts;
  expect(open?.called.map(({ name }) => name)).toEqual((await ward.calledFor(first)).map((id) => personOf(id).name));
  expect(open).toMatchObject({ since: ward.engine.now, until: addMinutes(ward.engine.now, 5), callBack: { phone: '+1 555 0100' }, opens: 'case' });
  const { id, family, given, accession } = await ward.patient(first);
  const written = JSON.stringify(alerts);
  for (const secret of [id, family, given, accession ?? family, 'pneumothorax', 'free air', 'nodule']) expect(written).not.toContain(secret);
});

it('each person sees what they may open: who was called sees theirs, who was not sees nothing, and who opens no case is refused, on record', async () => {
  const alert = await ward.send('tension pneumothorax', 1);
  const [called = ''] = await ward.calledFor(alert);
  expect(await numbers('dr-okafor')).toEqual([alert]);
  expect(await numbers('c-reyes')).toEqual([alert]);
  expect(await numbers(called)).toEqual([alert]);
  const other = ['dr-marchetti', 'dr-fujita', 'dr-mensah'].find((id) => id !== called) ?? '';
  expect(await numbers(other)).toEqual([]);
  expect(await ask('a-kim', { ask: 'board' })).toMatchObject({ ok: false, code: 'denied' });
  expect(door.audited.at(-1)).toMatchObject({ action: 'view', outcome: 'denied', actor: { person: 'a-kim' } });
});

it('says of each state how it stands: open at a level, the failsafe and in hand there, taken, read back; then it is gone', async () => {
  const alert = await ward.send('tension pneumothorax', 1);
  const now = async () => (await board('dr-okafor')).alerts.find(({ caseNumber }) => caseNumber === alert);
  const [called = ''] = await ward.calledFor(alert);
  await ward.later(6);
  expect(await now()).toMatchObject({ status: 'open', level: 2 });
  await ward.later(10);
  expect(await now()).toMatchObject({ status: 'failsafe', takenBy: null });
  expect(await ward.act('w-dubois', alert, 'take-failsafe')).toBe('won');
  expect(await now()).toMatchObject({ status: 'failsafe-taken', takenBy: personOf('w-dubois').name, until: addMinutes(ward.engine.now, 10) });
  expect(await ward.act(called, alert, 'acknowledge')).toBe('won');
  expect(await now()).toMatchObject({ status: 'taken', takenBy: personOf(called).name, until: addMinutes(ward.engine.now, 5) });
  const { id: identifier } = await ward.patient(alert);
  expect(await ward.act(called, alert, 'read-back', { fields: { identifier, finding: 'tension pneumothorax', action: 'drain' } })).toBe('won');
  expect(await now()).toMatchObject({ status: 'read-back', takenBy: personOf(called).name });
  expect(await ward.act('dr-okafor', alert, 'record-call', { fields: { when: 'now' } })).toBe('won');
  expect(await now()).toBeUndefined();
});

it('what a model says and nobody has judged stands on it as a question, with whom it was put to', async () => {
  const alert = await ward.raise('model', 'intracranial haemorrhage', ward.engine.now);
  const { alerts } = await board('dr-okafor');
  expect(alerts).toMatchObject([{ caseNumber: alert, status: 'asking', level: 0, takenBy: null }]);
  expect(alerts[0]?.called.length).toBeGreaterThan(0);
  expect(alerts[0]?.until).not.toBeNull();
  expect(JSON.stringify(alerts)).not.toContain('haemorrhage');
});

/** Does the form of the read-back stand there, without a press? */
function formOf({ view }: CaseStory): boolean {
  const { body } = view.card as { readonly body: readonly { readonly type: string; readonly items?: readonly object[] }[] };
  return body.some(({ items = [] }) => items.some((item) => 'id' in item && item.id === 'identifier'));
}

it('the way back needs no Teams: on the tab who was called takes it, reads it back, and the coordinator records the call', async () => {
  const alert = await ward.send('tension pneumothorax', 1);
  const [called = ''] = await ward.calledFor(alert);
  const opened = await found<CaseStory>(called, { ask: 'story', caseNumber: alert });
  expect(JSON.stringify(opened.view.card)).toContain('"verb":"acknowledge"');
  const press = (who: string, data: object) => found<Answer>(who, { ask: 'answer', data: { caseNumber: alert, revision: opened.revision, ...data } });
  expect(await press(called, { verb: 'acknowledge' })).toMatchObject({ outcome: 'won' });
  // The page is read again then: the form of the read-back is open, for whoever has it alone.
  expect(formOf(await found<CaseStory>(called, { ask: 'story', caseNumber: alert }))).toBe(true);
  expect(formOf(await found<CaseStory>('dr-okafor', { ask: 'story', caseNumber: alert }))).toBe(false);
  const said = { finding: 'tension pneumothorax', action: 'drain' };
  expect(await press(called, { verb: 'read-back', identifier: '0000', ...said })).toMatchObject({
    outcome: 'invalid',
    text: expect.stringContaining('NOTHING IS ACKNOWLEDGED'),
  });
  expect(await press(called, { verb: 'read-back', identifier: (await ward.patient(alert)).id, ...said })).toMatchObject({ outcome: 'won' });
  await found<CaseStory>('c-reyes', { ask: 'story', caseNumber: alert });
  expect(await press('c-reyes', { verb: 'record-call', when: '10:40' })).toMatchObject({ outcome: 'won' });
  expect(await numbers('dr-okafor')).toEqual([]);
});

it('the way back needs no Teams: who was called hands it on there, and the next level is called', async () => {
  const alert = await ward.send('tension pneumothorax', 1);
  const [called = ''] = await ward.calledFor(alert);
  const { revision } = await found<CaseStory>(called, { ask: 'story', caseNumber: alert });
  const declined = { ask: 'answer', data: { verb: 'decline-alert', caseNumber: alert, revision, declineReason: 'in theatre' } };
  expect(await found<Answer>(called, declined)).toMatchObject({ outcome: 'won' });
  expect((await board('dr-okafor')).alerts[0]).toMatchObject({ status: 'open', level: 2 });
});

it('a clinician who was not called opens nothing by its number, and may take it over there with a reason: then it is theirs to take', async () => {
  const alert = await ward.send('tension pneumothorax', 1);
  const called = await ward.calledFor(alert);
  const other = ['dr-marchetti', 'dr-fujita'].find((id) => !called.some((one) => one === id)) ?? '';
  const refused = await ask<CaseStory>(other, { ask: 'story', caseNumber: alert });
  expect(refused).toMatchObject({ ok: false, code: 'denied', mayTakeOver: { caseNumber: alert, revision: 1 } });
  const press = (data: object) => ask<Answer>(other, { ask: 'answer', data: { caseNumber: alert, revision: 1, ...data } });
  expect(await press({ verb: 'acknowledge' })).toMatchObject({ ok: false, code: 'denied' });
  expect(await press({ verb: 'take-over' })).toMatchObject({ found: { outcome: 'invalid' } });
  expect(await press({ verb: 'take-over', overReason: 'at the bedside' })).toMatchObject({ found: { outcome: 'won' } });
  expect(await numbers(other)).toEqual([alert]);
  expect(await press({ verb: 'acknowledge' })).toMatchObject({ found: { outcome: 'won' } });
});

describe('the switchboard', () => {
  it('sees those at the failsafe alone, with whom to phone, and is never shown the patient', async () => {
    const alert = await ward.send('tension pneumothorax', 1);
    expect(await numbers('w-dubois')).toEqual([]);
    expect(await ask('w-dubois', { ask: 'failsafe', caseNumber: alert })).toMatchObject({ ok: false, code: 'unknown' });
    await ward.later(16);
    const { alerts } = await board('w-dubois');
    expect(alerts).toMatchObject([{ caseNumber: alert, status: 'failsafe', opens: 'failsafe' }]);
    expect(alerts[0]?.called.length).toBeGreaterThan(1);
    expect(alerts[0]?.called.some(({ phone }) => phone !== null)).toBe(true);
    const { view } = await found<FailsafeView>('w-dubois', { ask: 'failsafe', caseNumber: alert });
    const card = JSON.stringify([alerts, view]);
    expect(card).toContain('"verb":"take-failsafe"');
    expect(card).toContain('"verb":"record-attempt"');
    for (const verb of ['acknowledge', 'read-back', 'open', 'withdraw-critical']) expect(card).not.toContain(`"verb":"${verb}"`);
    const { id, family, given, accession } = await ward.patient(alert);
    for (const secret of [id, family, given, accession ?? family, 'pneumothorax']) expect(card).not.toContain(secret);
    expect(door.audited.at(-1)).toMatchObject({ action: 'view', outcome: 'done', detail: { number: alert, part: 'failsafe' } });
    expect(await ask('w-dubois', { ask: 'story', caseNumber: alert })).toMatchObject({ ok: false, code: 'denied' });
  });

  it('takes it in hand by the code on the print, however it is typed, and records its attempts; it acknowledges nothing', async () => {
    const alert = await ward.send('tension pneumothorax', 1);
    await ward.later(16);
    const typed = ` ${alert.slice(0, 3).toLowerCase()}-${alert.slice(3)} `;
    expect(await found<Answer>('w-dubois', { ask: 'failsafe-take', caseNumber: typed })).toMatchObject({ outcome: 'won' });
    expect(await found<Answer>('c-reyes', { ask: 'failsafe-take', caseNumber: alert })).toMatchObject({ outcome: 'already' });
    const { alert: now } = await found<FailsafeView>('w-dubois', { ask: 'failsafe', caseNumber: alert });
    expect(now).toMatchObject({ status: 'failsafe-taken', takenBy: personOf('w-dubois').name });
    const data = { verb: 'record-attempt', caseNumber: alert, revision: 1, attemptTo: 'ward 4S', attempt: 'no answer' };
    expect(await found<Answer>('w-dubois', { ask: 'answer', data })).toMatchObject({ outcome: 'noted' });
    expect(await ask('w-dubois', { ask: 'answer', data: { verb: 'acknowledge', caseNumber: alert, revision: 1 } })).toMatchObject({
      ok: false,
      code: 'denied',
    });
    await ward.later(11);
    expect((await board('w-dubois')).alerts).toMatchObject([{ status: 'failsafe' }]);
  });

  it('a misread code, and a code of something else, take nothing; whoever has no business there is refused, on record', async () => {
    const alert = await ward.send('tension pneumothorax', 1);
    await ward.later(16);
    expect(await ask('w-dubois', { ask: 'failsafe-take', caseNumber: 'ZZZZZZ' })).toMatchObject({ ok: false, code: 'unknown' });
    expect(await ask('w-dubois', { ask: 'failsafe-take', caseNumber: ward.order })).toMatchObject({ ok: false, code: 'unknown' });
    expect(await ask('dr-okafor', { ask: 'failsafe-take', caseNumber: alert })).toMatchObject({ ok: false, code: 'denied' });
    expect(door.audited.at(-1)).toMatchObject({ action: 'take-failsafe', outcome: 'denied', actor: { person: 'dr-okafor' } });
    expect(await ask('t-novak', { ask: 'failsafe', caseNumber: alert })).toMatchObject({ ok: false, code: 'denied' });
    expect((await board('w-dubois')).alerts).toMatchObject([{ status: 'failsafe' }]);
  });
});

it('says who is on call now, by service and level, with numbers to dial, and that nobody is', async () => {
  const { onCall } = await board('w-dubois');
  expect(onCall.map(({ service }) => service)).toContain('General Surgery');
  const icu = onCall.find(({ service }) => service === 'Intensive Care');
  expect(icu?.levels).toMatchObject([
    { level: 1, people: [{ name: personOf('dr-sandoval').name, phone: '+1 555 555 0119' }] },
    { level: 2, people: [] },
  ]);
  expect(icu?.levels[0]?.until).not.toBeNull();
});

it('shows the page to whoever has something on it, in their own language', async () => {
  const pages = async (who: string) => {
    const { pages: all, opensCases } = await found<Me>(who, { ask: 'me' });
    return [all.includes('board'), opensCases];
  };
  expect(await Promise.all(['dr-okafor', 'dr-abebe', 'c-reyes', 'w-dubois', 'a-kim'].map(pages))).toEqual([
    [true, true],
    [true, true],
    [true, true],
    [true, false],
    [false, false],
  ]);
  const alert = await ward.send('tension pneumothorax', 1);
  const [called] = (await board('c-reyes')).alerts.find(({ caseNumber }) => caseNumber === alert)?.called ?? [];
  expect(called?.as).toMatch(/guardia|solicitante/u);
});

describe('the report on times', () => {
  const day = (days: number) => new Date(Date.parse(ward.engine.now) + days * 86_400_000).toISOString().slice(0, 10);
  const ofThese = (from = day(-2), to = day(2)) => ({ ask: 'critical-report', from, to });

  it('is drawn for who may read it, in their own language, with each miss and nothing of the patient; every look is on record', async () => {
    const alert = await ward.send('tension pneumothorax', 1);
    await ward.later(16);
    const [called = ''] = await ward.calledFor(alert);
    const reply = await found<TabReport | null>('v-moreau', ofThese());
    expect(reply?.report.misses).toMatchObject([{ caseNumber: alert, acknowledged: null }]);
    expect(reply?.picture.says).toBe('Category 1: 1 alert, 1 missed.');
    expect(door.audited.at(-1)).toMatchObject({
      ...{ action: 'critical-report', outcome: 'done', caseId: null, actor: { person: 'v-moreau' } },
      detail: { from: day(-2), to: day(2) },
    });
    expect((await found<TabReport | null>('c-reyes', ofThese()))?.picture.title).toContain('Resultados críticos');
    const { id, family, given } = await ward.patient(alert);
    const written = JSON.stringify(reply);
    for (const secret of [id, family, given, 'pneumothorax', called, personOf(called).name]) expect(written).not.toContain(secret);
  });

  it('is refused to everybody else, on record, and they are shown no page of it', async () => {
    const pages = async (who: string) => (await found<Me>(who, { ask: 'me' })).pages.includes('report');
    expect(await Promise.all(['v-moreau', 'c-reyes', 'dr-okafor'].map(pages))).toEqual([true, true, true]);
    for (const who of ['w-dubois', 'dr-abebe', 'dr-lindqvist', 'a-kim']) {
      expect([who, await pages(who)]).toEqual([who, false]);
      expect(await ask(who, ofThese())).toMatchObject({ ok: false, code: 'denied' });
      expect(door.audited.at(-1)).toMatchObject({ action: 'critical-report', outcome: 'denied', actor: { person: who } });
    }
  });

  it.each([
    ['2026-11-31', '2026-12-01'],
    ['2026-11-02', '2026-11-02'],
    ['', 'x'],
    ['1000-01-01', '2026-01-01'],
  ])('is none of days that are no period: %s to %s', async (from, to) => {
    expect(await found('v-moreau', ofThese(from, to))).toBeNull();
    expect(door.audited.filter(({ action }) => action === 'critical-report')).toEqual([]);
  });
});

it('a site without critical results has no board', async () => {
  Object.assign(ward.engine.parts, { workflows: ward.engine.parts.workflows.filter(({ name }) => name !== 'critical-results') });
  const alone = await openTabDoor(ward.engine.parts, issuedBy(side));
  try {
    const token = await tabToken(side, personOf('dr-okafor'));
    expect((await alone.ask<Me>(token, { ask: 'me' })).reply).toMatchObject({ found: { pages: ['tasks', 'accesses'] } });
    expect((await alone.ask(token, { ask: 'board' })).reply).toMatchObject({ ok: false, why: expect.stringContaining('not set up') });
  } finally {
    await alone.close();
  }
});
