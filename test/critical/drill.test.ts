import { personId } from '#core/ids.js';
import type { CaseNumber } from '#core/ids.js';
import { caseNow } from '#engine/case-now.js';
import { reportDesk } from '#engine/critical-report.js';
import { desk as deskOf } from '#engine/desk.js';
import type { CriticalReport } from '#ports/critical-report.js';
import { personOf } from '../tab/board-fixture.ts';
import { NOT_AGREED, openDrillWard } from './drill-fixture.ts';
import type { DrillWard } from './drill-fixture.ts';

/** Drills over a real store, with the people, services and content of the rehearsal site; chat, channel and pager write down what leaves. */
let on: DrillWard;
beforeEach(async () => {
  on = await openDrillWard();
});
afterEach(() => on.close());

const texts = (number: CaseNumber) => [...on.of(number), ...on.edits(number)].map(({ text }) => text);
const unmarked = (number: CaseNumber, word = 'DRILL') => texts(number).filter((text) => !text.includes(word));
const ended = (number: CaseNumber) => on.of(number).filter(({ text }) => /DRILL ended|SIMULACRO terminado/u.test(text));
const act = (who: string, drill: CaseNumber, verb: Parameters<DrillWard['ward']['act']>[2], more = {}) => on.ward.act(who, drill, verb, more);
const readBack = (drill: CaseNumber) => ({ fields: { identifier: `drill ${drill}`, finding: 'invented', action: 'nothing, it is a drill' } });
/** First on call of Neurosurgery. */
const FIRST = 'dr-marchetti';

describe('a drill goes the real way', () => {
  it('from the first page to the recorded conversation; the hospital’s record hears nothing, and what came of it is kept', async () => {
    const drill = await on.begun();
    expect(on.of(drill).map(({ way, to }) => `${way} ${to}`)).toEqual(
      expect.arrayContaining([`chat ${FIRST}`, `pager ${FIRST}`, `email ${FIRST}@example.invalid`, 'channel critical']),
    );
    await on.ward.later(2);
    expect(await act(FIRST, drill, 'acknowledge')).toBe('won');
    await on.ward.later(1);
    expect(await act(FIRST, drill, 'read-back', { fields: { ...readBack(drill).fields, identifier: '77001' } })).toBe('invalid');
    expect(await act(FIRST, drill, 'read-back', readBack(drill))).toBe('won');
    expect(await act('dr-okafor', drill, 'record-call', { fields: { when: 'now' } })).toBe('won');
    const { left } = on.ward.engine;
    // Of the order of the ward, before.
    const toRis = left.flatMap((one) => (one.to === 'ris' ? [one.bytes] : []));
    expect(toRis.filter((bytes) => !bytes.startsWith('protocol-recommendation'))).toEqual([]);
    expect(left.filter((one) => one.to === 'ehr' && one.what === 'Communication')).toEqual([]);
    expect([unmarked(drill), await on.statusOf(drill)]).toEqual([[], 'closed']);
    expect(await on.report(drill)).toMatchObject({
      ...{ outcome: 'passed', service: 'neurosurgery', category: 1, acknowledged: 120, readBack: 180, delivered: 0, failsafe: null, ended: null },
      agreed: { on: '2026-11-20' },
      steps: [{ level: 1, people: 1, nobody: [] }],
    });
    expect((await on.report(drill)).ways).toEqual(expect.arrayContaining([{ way: 'pager', taken: 1, failed: 0 }]));
  });

  it('nobody answers: it climbs, is printed at the switchboard, and ends by itself in its time, which everybody who was called is told', async () => {
    const drill = await on.begun();
    await on.ward.later(16);
    expect(await on.statusOf(drill)).toBe('failsafe');
    const [sheet] = on.of(drill).filter(({ way }) => way === 'print');
    expect(sheet?.text).toMatch(/^DRILL [^]*DRILL: UNTAKEN[^]*DRILL: there is no patient/u);
    await on.ward.later(30);
    expect([await on.statusOf(drill), unmarked(drill).filter((text) => !text.includes('SIMULACRO'))]).toEqual(['drill-over', []]);
    // Of what it had said in the chat a line is left.
    expect(on.edits(drill).filter(({ to }) => to === FIRST).length).toBeGreaterThan(0);
    const called = new Set(on.of(drill).filter(({ way }) => way !== 'channel').map(({ way, to }) => `${way} ${to}`)); // prettier-ignore
    const told = ended(drill).map(({ way, to }) => `${way} ${to}`);
    expect([...called].filter((one) => !told.includes(one))).toEqual([]);
    const before = on.of(drill).length;
    await on.ward.later(600);
    expect(on.of(drill)).toHaveLength(before);
    expect(await on.report(drill)).toMatchObject({ outcome: 'failed', ended: 'time', acknowledged: null, failsafe: 900 });
  });

  it('stands in no figure, in no search, on no list for a downtime, is nobody’s next case, and no finding can be declared on it', async () => {
    const drill = await on.begun();
    const { parts } = on.ward.engine;
    const rules = ([1, 2, 3] as const).map((category) => ({ category, acknowledgeWithinMinutes: 15 }));
    const asked = await reportDesk({ parts, rules, zone: 'UTC', rehearsal: true }).ask(
      { account: 'x', as: 'v-moreau' },
      { ask: 'critical-report', from: '2026-11-24', to: '2026-11-25' },
    );
    const { leftOut, alerts } = (asked as { readonly report: CriticalReport }).report;
    expect([leftOut.drills, alerts]).toEqual([1, []]);
    const { workflow, caseId } = (await parts.cases.findByNumber(drill))!;
    const { state, workflow: runs } = await caseNow(parts, workflow, caseId);
    const seen = runs.see(state);
    const look = { caseNumber: drill, now: on.ward.engine.now, names: {} };
    // A gateway's own ids of its pages find it; exam and patient do not.
    const keys = seen.keys.filter((key) => !key.startsWith('page|'));
    expect([keys, seen.likeness, seen.about, seen.paper(look)]).toEqual([[], null, null, null]);
    expect(seen.board?.(look)).toMatchObject({ drill: true, status: 'open' });
    expect(await deskOf(parts, []).next(personOf('dr-okafor'), on.ward.order)).toBeNull();
    const declared = await deskOf(parts, []).declare({
      ...{ person: personOf('dr-okafor'), of: { caseNumber: drill }, finding: 'free air', category: 1, side: null, via: 'button' },
    });
    expect(declared).toMatchObject({ ok: false, code: 'unknown', why: expect.stringContaining('names no exam') });
    expect((await deskOf(parts, []).open(personOf('dr-fujita'), drill))).not.toHaveProperty('mayTakeOver'); // prettier-ignore
  });
});

describe('a drill is in the way of nothing that is in earnest', () => {
  it.each([
    ['written and not sent', (service: string) => on.written(service)],
    ['of category 1', (service: string) => on.real(service, 1)],
    ['of category 2', (service: string) => on.real(service, 2)],
  ])('while one for the service is open, %s, there is none: the answer says which, nobody is called, and it is on record', async (_name, open) => {
    const real = await open('neurosurgery');
    const before = on.said.length;
    expect(await on.begin()).toMatchObject({ ok: false, code: 'not-possible', text: expect.stringContaining(`is open, ${real}`) });
    expect(on.said).toHaveLength(before);
    const [row] = on.ward.engine.stores.db.all<{ outcome: string; detail: string }>(
      "SELECT outcome, detail FROM audit WHERE action = 'drill-critical'",
    );
    expect([row?.outcome, row?.detail]).toEqual(['nothing', expect.stringContaining('in-earnest')]);
    const other = await on.begin('c-reyes', { service: 'emergency', reason: 'another service' });
    expect(other).toMatchObject({ ok: true });
  });

  it('one of another service that would call somebody on call for the drill hinders it before it is sent, and ends one that is under way when it is', async () => {
    // The second on call of Neurosurgery has ordered it.
    const ordered = { orderingProvider: { id: 'D7112', name: 'Vance' } };
    const draft = await on.written('medicine', 1, ordered);
    expect(await on.begin()).toMatchObject({ ok: false, text: expect.stringContaining(`is open, ${draft}`) });
    expect(on.said.filter(({ text }) => text.includes('DRILL'))).toEqual([]);
    await act('dr-okafor', draft, 'not-critical', { text: 'artefact' });
    await on.ward.later(1);
    const drill = await on.begun();
    const opened = on.ward.engine.now;
    const real = await on.real('medicine', 2, ordered);
    expect(await on.statusOf(drill)).toBe('drill-over');
    expect(ended(drill).length).toBeGreaterThan(0);
    expect(ended(drill).every(({ at }) => at === opened)).toBe(true);
    expect(on.of(real)[0]).toMatchObject({ at: opened });
  });

  it('one that can wait for days, and one that is over, hinder nothing', async () => {
    await on.real('neurosurgery', 3);
    const over = await on.written('neurosurgery');
    await act('dr-okafor', over, 'not-critical', { text: 'artefact' });
    expect(await on.begin()).toMatchObject({ ok: true });
  });

  it('one of another service hinders none until it needs the same people, or everybody, at the switchboard', async () => {
    await on.real('medicine');
    expect(await on.begin()).toMatchObject({ ok: true });
    const [drill] = (await on.ward.engine.stores.views.open('critical-results')).filter(({ kind }) => kind.startsWith('DRILL'));
    await on.ward.later(16);
    expect(await on.report(drill!.caseNumber)).toMatchObject({ outcome: 'broken-off', ended: 'real-alert' });
    expect(await on.begin('dr-okafor', { service: 'icu', reason: 'at the failsafe' })).toMatchObject({ ok: false });
  });

  it('ends at once when one opens: everybody who was called is told, nothing more of it leaves, and the real one goes its way', async () => {
    const drill = await on.begun();
    await on.ward.later(6);
    const called = new Set(on.of(drill).filter(({ way }) => way !== 'channel').map(({ way, to }) => `${way} ${to}`)); // prettier-ignore
    expect(called.size).toBeGreaterThan(3);
    const opened = on.ward.engine.now;
    const real = await on.real('neurosurgery');
    const told = ended(drill);
    expect(told.every(({ at, text }) => at === opened && text.includes('a real alert is open'))).toBe(true);
    const ways = new Set(told.map(({ way, to }) => `${way} ${to}`));
    expect([...called].filter((one) => !ways.has(one))).toEqual([]);
    expect(on.of(real)[0]).toMatchObject({ at: opened });
    const before = on.of(drill).length;
    await on.ward.later(60);
    expect([on.of(drill).length, await on.statusOf(drill)]).toEqual([before, 'drill-over']);
    expect(on.of(real).filter(({ way }) => way === 'print').length).toBeGreaterThan(0);
    expect(on.of(real).filter(({ text }) => text.includes('DRILL'))).toEqual([]);
  });

  it('ends for somebody who is called in earnest by another service too', async () => {
    const drill = await on.begun();
    const real = await on.real('medicine');
    expect(await on.statusOf(drill)).toBe('open');
    // The second on call of Neurosurgery takes it over.
    await act('dr-vance', real, 'take-over', { text: 'I am at the bedside' });
    expect(await on.statusOf(drill)).toBe('drill-over');
  });

  it('one that opens between the look and the sending keeps it from being sent', async () => {
    const { parts } = on.ward.engine;
    const open = parts.views.open.bind(parts.views);
    let looks = 0;
    parts.views.open = async (workflow) => {
      const rows = await open(workflow);
      looks += 1;
      if (looks === 2) await on.real('neurosurgery');
      return rows;
    };
    expect(await on.begin()).toMatchObject({ ok: false, text: expect.stringContaining('Nobody was called') });
    parts.views.open = open;
    const [drill] = (await parts.views.all('critical-results')).filter(({ kind }) => kind.startsWith('DRILL'));
    expect([drill?.status, texts(drill!.caseNumber)]).toEqual(['drill-over', []]);
  });

  it('is looked for again where the look failed', async () => {
    const drill = await on.begun();
    const { parts } = on.ward.engine;
    const open = parts.views.open.bind(parts.views);
    parts.views.open = () => Promise.reject(new Error('the store does not answer'));
    await on.real('neurosurgery');
    expect(await on.statusOf(drill)).toBe('open');
    parts.views.open = open;
    await on.ward.later(1);
    expect(await on.statusOf(drill)).toBe('drill-over');
  });
});

describe('when and by whom a drill is made', () => {
  const refused = async (more: Parameters<DrillWard['begin']>[1], as = 'dr-okafor') => {
    const reply = await on.begin(as, more);
    return reply.ok ? 'made' : reply.text;
  };

  it('at a time that the service has agreed to it needs no reason, and the one service that has agreed to it need not be named', async () => {
    const drill = await on.begun('dr-okafor', { service: null });
    expect(await on.report(drill)).toMatchObject({ service: 'neurosurgery', agreed: { by: 'Dr. E. Marchetti, chief of Neurosurgery' } });
  });

  it('at another time, and of a service that has agreed to none, it needs one; the answer says what is agreed', async () => {
    const elsewhen = await openDrillWard(NOT_AGREED);
    try {
      const begin = async (more: Parameters<DrillWard['begin']>[1]) => elsewhen.begin('dr-okafor', more);
      expect(await begin({})).toMatchObject({ ok: false, text: expect.stringContaining('tue thu 14:00–16:00') });
      expect(await begin({ service: 'medicine' })).toMatchObject({
        ok: false,
        text: expect.stringContaining('nothing is agreed with Internal Medicine'),
      });
      expect(await begin({ reason: '  ' })).toMatchObject({ ok: false });
      expect(await begin({ service: null })).toMatchObject({ ok: false, text: expect.stringContaining('--service') });
      expect(elsewhen.said).toEqual([]);
      const drill = await elsewhen.begun('dr-okafor', { reason: 'new pagers' });
      expect(await elsewhen.report(drill)).toMatchObject({ agreed: null });
      const known = (await elsewhen.ward.engine.parts.cases.findByNumber(drill))!;
      const { facts } = await elsewhen.ward.engine.parts.cases.read(known.workflow, known.caseId);
      expect(facts[0]?.fact).toMatchObject({ drill: true, terms: { agreed: null, reason: 'new pagers', endsAfterMinutes: 45 } });
    } finally {
      await elsewhen.close();
    }
  });

  it('of a service that is none, has no ward, or of another site there is none, and the answer says what to do', async () => {
    expect(await refused({ service: 'haruspicy' })).toContain('is no service that has wards');
    expect(await refused({ service: 'radiology' })).toContain('Neurosurgery');
    expect(await refused({ site: 'north' })).toContain('this service is that of site "rehearsal"');
    expect(await refused({ service: 'NSU', site: 'rehearsal' })).toBe('made');
    expect(await refused({})).toContain('one is under way with Neurosurgery');
  });

  it('coordinators and reading radiologists make them, in their own language; whoever else is denied, on record', async () => {
    expect(await refused({ service: 'haruspicy' }, 'c-reyes')).toMatch(/^Sin simulacro/u);
    for (const who of ['dr-abebe', 'w-dubois', 'dr-lindqvist', 'a-kim', 'v-moreau'])
      expect(await on.begin(who)).toMatchObject({ ok: false, code: 'denied' });
    expect(await on.desk.ask({ account: 'x', as: 'dr-abebe' }, { ask: 'drill-list' })).toMatchObject({ ok: false, code: 'denied' });
    const denials = on.ward.engine.stores.db.all<{ action: string }>("SELECT action FROM audit WHERE outcome = 'denied' ORDER BY seq");
    expect(denials.map(({ action }) => action)).toEqual([...Array.from({ length: 5 }, () => 'drill-critical'), 'drill-report']);
    const drill = await on.begun('c-reyes');
    const [first] = on.of(drill).filter(({ to }) => to === FIRST);
    expect(first?.text).toContain('DRILL');
  });

  it('whoever makes one is none of those who can take it', async () => {
    const drill = await on.begun('dr-okafor');
    await on.ward.later(11);
    expect(on.of(drill).filter(({ to, text }) => to === 'dr-okafor' && text.includes('"verb":"open"'))).toEqual([]);
    expect(await act('dr-okafor', drill, 'acknowledge')).toBe('denied');
  });

  it('is stopped by whoever may make one, once; everybody who was called is told', async () => {
    const drill = await on.begun();
    const stop = (as: string) => on.desk.ask({ account: 'x', as }, { ask: 'drill-stop', caseNumber: drill.toLowerCase() });
    expect(await stop('dr-abebe')).toMatchObject({ ok: false, code: 'denied' });
    expect(await stop('c-reyes')).toMatchObject({ ok: true, text: expect.stringContaining(`SIMULACRO: ${drill}`) });
    await on.ward.engine.settle();
    expect(ended(drill).filter(({ to }) => to.startsWith(FIRST)).map(({ way }) => way).toSorted()).toEqual(['chat', 'email', 'pager']); // prettier-ignore
    expect(await stop('dr-okafor')).toMatchObject({ ok: false, text: expect.stringContaining('is over') });
    expect(await on.report(drill)).toMatchObject({ outcome: 'broken-off', ended: 'stopped' });
  });

  it('what came of each is kept, the newest first, and a real one is none of them', async () => {
    const first = await on.begun();
    await on.desk.ask({ account: 'x', as: 'dr-okafor' }, { ask: 'drill-stop', caseNumber: first });
    await on.ward.later(5);
    const second = await on.begun();
    const real = await on.real('medicine');
    const listed = await on.desk.ask({ account: 'x', as: 'v-moreau' }, { ask: 'drill-list' });
    if (!listed.ok || listed.answer !== 'drills') throw new Error(JSON.stringify(listed));
    expect(listed.drills.map(({ caseNumber, outcome }) => [caseNumber, outcome])).toEqual([
      [second, 'running'],
      [first, 'broken-off'],
    ]);
    for (const asked of ['drill-show', 'drill-stop'] as const) {
      const reply = await on.desk.ask({ account: 'x', as: 'dr-okafor' }, { ask: asked, caseNumber: real });
      expect(reply).toMatchObject({ ok: false, text: expect.stringContaining('There is no drill') });
    }
    const everything = JSON.stringify(listed.drills);
    for (const secret of [personOf(FIRST).name, personId.parse(FIRST), 'Zzyzxova', '77001']) expect(everything).not.toContain(secret);
  });
});
