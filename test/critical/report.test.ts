import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readContent } from '#adapters/embedded/content.js';
import { eventId } from '#core/ids.js';
import { instant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { alertTimes } from '#domain/critical-times.js';
import type { AlertTimes } from '#domain/critical-times.js';
import { reportOf, spreadOf } from '#engine/critical-figures.js';
import { reportDesk } from '#engine/critical-report.js';
import type { CriticalReport, ReportReply } from '#ports/critical-report.js';
import { csvOf, htmlOf, textOf } from '../../infra/cli/critical-report-print.ts';
import { controlFolder } from '../../infra/local/control-address.ts';
import { listenControl } from '../../infra/local/control.ts';
import { numbered } from '../support/clinic.ts';
import { testSite } from '../support/planned-orders.ts';
import { radloop } from '../support/radloop.ts';
import { openWard, personOf, site } from '../tab/board-fixture.ts';
import type { Ward } from '../tab/board-fixture.ts';

const at = (time: string): Instant => instant.parse(`2026-11-02T${time}.000Z`);
const nothing: AlertTimes = {
  ...{ drill: false, category: 1, outcome: 'closed', service: 'medicine', declaredAt: null, modelAt: null, reportAt: null },
  ...{ releasedAt: null, deliveredAt: null, acknowledgedAt: null, readBackAt: null, closedAt: null, phoned: false },
  ...{ failsafeAt: null, failsafeTakenAt: null, troubles: [] },
};
const windows = { 1: 15, 2: 180, 3: 4320 };
const numbers = ['7KF3Q', '2B4C5', '3D5F6', '4G6H7', '5J7K8', '6M8N9', '7P9Q2', '8R2T3', '9V3W4', 'B4X5Y'];
const given = (alerts: readonly Partial<AlertTimes>[]) =>
  alerts.map((times, n) => ({ caseNumber: numbered(numbers[n] ?? ''), times: { ...nothing, ...times } }));
const report = (alerts: readonly Partial<AlertTimes>[], asOf = at('23:00:00')): CriticalReport =>
  reportOf({ alerts: given(alerts), signedReports: 0, windows, from: at('00:00:00'), to: at('23:59:59'), asOf, zone: 'America/Chicago' });

describe('the arithmetic, worked by hand', () => {
  it('percentiles are by nearest rank over all alerts of the group: one that was never taken counts as longer than every other', () => {
    // Ten alerts: rank 5 is 50 s, rank 9 is 90 s, rank 10 (95 %) is 100 s.
    expect(spreadOf([100, 10, 20, 30, 40, 50, 60, 70, 80, 90])).toEqual({ reached: 10, p50: 50, p90: 90, p95: 100 });
    expect(spreadOf([null, 10, 20, 30, 40, 50, 60, 70, 80, 90])).toEqual({ reached: 9, p50: 50, p90: 90, p95: null });
    expect(spreadOf([42])).toEqual({ reached: 1, p50: 42, p90: 42, p95: 42 });
    expect(spreadOf([])).toEqual({ reached: 0, p50: null, p90: null, p95: null });
  });

  it('the clock begins with the earliest of declaration, model and signed report, and stops at delivery, acknowledgement and read-back, each apart', () => {
    const [one] = report([
      {
        ...{ modelAt: at('10:00:00'), reportAt: at('10:04:00'), declaredAt: at('10:05:00'), releasedAt: at('10:05:30') },
        ...{ deliveredAt: at('10:05:31'), acknowledgedAt: at('10:09:00'), readBackAt: at('10:11:00') },
      },
    ]).alerts;
    expect(one).toMatchObject({
      began: at('10:00:00'),
      begunBy: 'model',
      delivered: 331,
      acknowledged: 540,
      readBack: 660,
      window: 900,
      judged: 'in time',
    });
    expect(one?.times).toMatchObject({ modelAt: at('10:00:00'), reportAt: at('10:04:00'), declaredAt: at('10:05:00') });
  });

  it('a miss says why; one that still runs is none until its window is over; drills, withdrawn and not critical ones are left out and counted', () => {
    const declared = { declaredAt: at('10:00:00'), releasedAt: at('10:00:10') };
    const alerts = [
      { ...declared, acknowledgedAt: at('10:15:00') },
      { ...declared, acknowledgedAt: at('10:15:01') },
      { ...declared, acknowledgedAt: at('10:40:00'), failsafeAt: at('10:15:10'), troubles: ['nobody-on-call', 'declined'] as const },
      { ...declared, outcome: 'open', service: 'icu', category: 2 } as const,
      { reportAt: at('09:00:00'), outcome: 'not-sent', service: null } as const,
      { ...declared, drill: true },
      { ...declared, outcome: 'withdrawn' } as const,
      { ...declared, outcome: 'not-critical' } as const,
      { ...declared, acknowledgedAt: at('10:01:00'), phoned: true },
    ].map((times) => ({ ...times, troubles: [...('troubles' in times ? times.troubles : [])] }));
    const { categories, services, hours, misses, leftOut } = report(alerts, at('11:00:00'));
    expect(leftOut).toEqual({ drills: 1, withdrawn: 1, notCritical: 1 });
    expect(misses.map(({ acknowledged, reasons }) => [acknowledged, reasons])).toEqual([
      [null, ['not-sent']],
      [901, ['nobody-took-it']],
      [2400, ['nobody-on-call', 'declined', 'failsafe']],
    ]);
    const [first, second, third] = categories;
    // Of category 1: 60, 900, 901, 2400 s and one never. Rank 3 of 5 is 901; ranks 5 and 5 are that one.
    expect(first).toMatchObject({
      alerts: 5,
      inTime: 2,
      missed: 3,
      running: 0,
      byPhone: 1,
      atFailsafe: 1,
      acknowledged: { reached: 4, p50: 901, p90: null, p95: null },
    });
    expect(first?.begunBy).toEqual({ declaration: 4, model: 0, report: 1 });
    expect(second).toMatchObject({ alerts: 1, inTime: 0, missed: 0, running: 1 });
    expect(third).toMatchObject({ alerts: 0, acknowledged: { reached: 0, p50: null } });
    expect(services.map(({ service, alerts: n, missed }) => [service, n, missed])).toEqual([
      [null, 1, 1],
      ['medicine', 4, 2],
      ['icu', 1, 0],
    ]);
    // 09:00 and 10:00 UTC are 03:00 and 04:00 in Chicago.
    expect(hours.map(({ hour, alerts: n }) => [hour, n])).toEqual([
      [3, 1],
      [4, 5],
    ]);
  });

  it('questions of signed reports are counted by when they were asked, whatever became of them', () => {
    const asked = (...times: Instant[]) => ({ reportAt: at('10:00:00'), outcome: 'not-critical', questions: times }) as const;
    const early = instant.parse('2026-11-01T23:00:00.000Z');
    const alerts = [asked(at('10:00:00'), at('12:00:00')), asked(early, at('11:00:00')), { declaredAt: at('10:00:00') }];
    const made = reportOf({
      ...{ alerts: given(alerts.map((one) => ({ ...one, ...('questions' in one ? { questions: [...one.questions] } : {}) }))), windows },
      ...{ signedReports: 40, from: at('00:00:00'), to: at('23:59:59'), asOf: at('23:00:00'), zone: 'America/Chicago' },
    });
    expect(made.reports).toEqual({ signed: 40, questions: 3 });
    expect(textOf(made)).toContain('Questions per 100 signed reports: 7.5 (3 questions, 40 signed reports).');
    expect(htmlOf(made)).toContain('Questions per 100 signed reports: 7.5');
    expect(textOf(report([]))).toContain('Questions per 100 signed reports: none to count by (0 questions, 0 signed reports).');
  });

  it('what began outside the period is not in it, and one without any beginning neither', () => {
    const early = { declaredAt: instant.parse('2026-11-01T23:59:59.999Z') };
    expect(report([early, { declaredAt: at('23:59:59') }, {}, { declaredAt: at('00:00:00') }]).alerts).toHaveLength(1);
  });
});

describe('over a real store', () => {
  let ward: Ward;
  beforeEach(async () => {
    ward = await openWard(at('16:00:00'));
  });
  afterEach(() => ward.engine.close());

  const rules = [
    { category: 1, acknowledgeWithinMinutes: 15 },
    { category: 2, acknowledgeWithinMinutes: 180 },
    { category: 3, acknowledgeWithinMinutes: 4320 },
  ] as const;
  const asks = (as: string, request = { from: '2026-11-02', to: '2026-11-03' }): Promise<ReportReply> =>
    reportDesk({ parts: ward.engine.parts, rules, zone: 'America/Chicago', rehearsal: true }).ask(
      { account: 'x', as },
      { ask: 'critical-report', ...request },
    );
  const found = async (): Promise<CriticalReport> => {
    const reply = await asks('v-moreau');
    if (!reply.ok) throw new Error(reply.text);
    return reply.report;
  };

  it('counts alerts that have closed by what their own record says, and keeps neither patient nor anybody’s name', async () => {
    const alert = await ward.declare('tension pneumothorax', 1);
    await ward.later(0.5);
    await ward.act('dr-okafor', alert, 'release-critical');
    const [called = ''] = await ward.calledFor(alert);
    await ward.later(2);
    await ward.act(called, alert, 'acknowledge');
    await ward.later(1);
    const { id: identifier, family } = await ward.patient(alert);
    await ward.act(called, alert, 'read-back', { fields: { identifier, finding: 'tension pneumothorax', action: 'drain' } });
    await ward.act('dr-okafor', alert, 'record-call', { fields: { when: 'now' } });
    const late = await ward.send('aortic dissection', 1);
    await ward.later(17);
    await ward.act('w-dubois', late, 'take-failsafe');
    await ward.act((await ward.calledFor(late))[0] ?? '', late, 'acknowledge');
    const { alerts, misses, categories } = await found();
    expect(alerts.map(({ caseNumber }) => caseNumber)).toEqual([alert, late]);
    expect(alerts[0]).toMatchObject({ begunBy: 'declaration', delivered: 30, acknowledged: 150, readBack: 210, judged: 'in time' });
    expect(alerts[0]?.times).toMatchObject({ outcome: 'closed', closedAt: alerts[0]?.times.readBackAt, phoned: false, failsafeAt: null });
    expect(misses).toMatchObject([{ caseNumber: late, acknowledged: 1020, delivered: 0 }]);
    expect(misses[0]?.reasons).toContain('failsafe');
    expect(categories[0]).toMatchObject({ alerts: 2, atFailsafe: 1, missed: 1 });
    const everything = JSON.stringify(await found());
    for (const secret of [identifier, family, 'pneumothorax', 'dissection', personOf(called).name, called]) expect(everything).not.toContain(secret);
  });

  it('an acknowledgement that was disputed, or whose read-back never came, counts no more', async () => {
    const alert = await ward.send('tension pneumothorax', 1);
    const [called = ''] = await ward.calledFor(alert);
    await ward.act(called, alert, 'acknowledge');
    await ward.later(6);
    expect((await found()).alerts[0]).toMatchObject({ acknowledged: null, times: { outcome: 'open', troubles: ['read-back-overdue'] } });
    await ward.act(called, alert, 'acknowledge');
    const { id: identifier } = await ward.patient(alert);
    await ward.act(called, alert, 'read-back', { fields: { identifier, finding: 'x', action: 'y' } });
    await ward.act('dr-okafor', alert, 'not-what-i-said', { text: 'the left side' });
    expect((await found()).alerts[0]).toMatchObject({
      acknowledged: null,
      readBack: null,
      times: { troubles: expect.arrayContaining(['read-back-overdue', 'disputed']) },
    });
  });

  it('counts by the windows that held when it was sent: a rehearsal’s, or those of a policy that was changed since', async () => {
    await ward.engine.close();
    ward = await openWard(at('16:00:00'), 10);
    const alert = await ward.send('tension pneumothorax', 1);
    await ward.later(3);
    await ward.act('w-dubois', alert, 'take-failsafe');
    await ward.act((await ward.calledFor(alert))[0] ?? '', alert, 'acknowledge');
    const { alerts, misses } = await found();
    expect(alerts).toMatchObject([{ caseNumber: alert, acknowledged: 180, window: 90, judged: 'missed' }]);
    expect(misses[0]?.reasons).toContain('failsafe');
  });

  it('one that was taken by telephone is counted with the others, and as such', async () => {
    const alert = await ward.send('tension pneumothorax', 1);
    const [called = ''] = await ward.calledFor(alert);
    await ward.later(1);
    await ward.act('c-reyes', alert, 'record-call', { to: personOf(called).id, text: 'tension pneumothorax, will drain', fields: { when: '10:01' } });
    expect((await found()).alerts[0]).toMatchObject({ acknowledged: 60, readBack: 60, times: { phoned: true } });
    expect((await found()).categories[0]).toMatchObject({ byPhone: 1 });
  });

  it('the clock of what a model and then a signed report said begins with the model, though a radiologist sent it minutes later', async () => {
    const since = ward.engine.now;
    const alert = await ward.raise('model', 'haemorrhage', since);
    await ward.later(2);
    expect(await ward.raise('report', 'haemorrhage', ward.engine.now)).toBe(alert);
    await ward.later(1);
    expect((await found()).alerts[0]).toMatchObject({ judged: 'running', times: { outcome: 'not-sent' } });
    await ward.act('dr-okafor', alert, 'release-critical');
    await ward.later(1);
    await ward.act((await ward.calledFor(alert))[0] ?? '', alert, 'acknowledge');
    const [one] = (await found()).alerts;
    expect(one).toMatchObject({ began: since, begunBy: 'model', delivered: 180, acknowledged: 240 });
    expect(one?.times).toMatchObject({ modelAt: since, reportAt: at('16:02:00'), declaredAt: null, releasedAt: at('16:03:00') });
  });

  it('times that are worked out anew from all facts are those that the row was written with', async () => {
    const alert = await ward.send('tension pneumothorax', 1);
    await ward.later(6);
    await ward.act((await ward.calledFor(alert))[0] ?? '', alert, 'acknowledge');
    const { parts, stores, now } = ward.engine;
    const [row] = await stores.views.open('critical-results');
    const { caseId, facts } = await parts.cases.read('critical-results', row!.caseId);
    const workflow = parts.workflows.find(({ name }) => name === 'critical-results')!;
    const moment = { now, caseId, caseNumber: alert, event: eventId.parse('e'), actor: { kind: 'system', part: 'test' } } as const;
    const nothingNew = { type: 'deadlinePassed', name: 'window', epoch: -1 };
    const anew = workflow.step(workflow.fold(null, facts.map(({ fact }) => fact)), nothingNew, moment); // prettier-ignore
    expect(anew.row?.figures).toEqual(row?.figures);
    expect(alertTimes.parse(row?.figures)).toMatchObject({ declaredAt: at('16:00:00'), releasedAt: at('16:00:00'), acknowledgedAt: at('16:06:00') });
  });

  it('is for coordinators, auditors and reading radiologists, each time on record; everybody else is refused, on record', async () => {
    for (const who of ['v-moreau', 'c-reyes', 'dr-okafor']) expect(await asks(who)).toMatchObject({ ok: true });
    for (const who of ['w-dubois', 'dr-abebe', 'dr-lindqvist', 'm-brandt', 'a-kim'])
      expect(await asks(who)).toMatchObject({ ok: false, code: 'denied' });
    const rows = ward.engine.stores.db.all<{ outcome: string; detail: string }>(
      "SELECT outcome, detail FROM audit WHERE action = 'critical-report' ORDER BY seq",
    );
    expect(rows.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done', 'denied', 'denied', 'denied', 'denied', 'denied']);
    expect(rows[0]?.detail).toContain('2026-11-02');
  });

  it.each([
    [{ from: '2026-11-31', to: '2026-12-01' }, '--from: expected a day'],
    [{ from: '2026-11-02', to: '2026-11-02' }, 'is not after'],
    [{ from: '2000-01-01', to: '2026-01-01' }, 'less than ten years'],
  ])('a period that is none is said in a sentence: %o', async (request, why) => {
    expect(await asks('v-moreau', request)).toMatchObject({ ok: false, code: 'not-possible', text: expect.stringContaining(why) });
  });
});

describe('as it is printed', () => {
  const one = {
    ...{ modelAt: at('10:00:00'), declaredAt: at('10:05:00'), releasedAt: at('10:05:30'), deliveredAt: at('10:05:31') },
    ...{ acknowledgedAt: at('11:20:05'), service: '=cmd, "x" <b>', troubles: ['declined' as const], failsafeAt: at('10:20:00') },
  };

  it('CSV has a line an alert with each of its times, and no cell that a spreadsheet would work out', () => {
    const [head = '', line = '', ...more] = csvOf(report([one])).split('\r\n');
    expect(more).toEqual(['']);
    expect(head.split(',')).toHaveLength(23);
    const { caseNumber } = given([one])[0]!;
    expect(line).toBe(
      `${caseNumber},1,"'=cmd, ""x"" <b>",closed,${at('10:05:00')},${at('10:00:00')},,${at('10:05:30')},${at('10:05:31')},${at('11:20:05')},,,${at('10:00:00')},model,331,4805,,900,missed,declined; came to the failsafe,no,${at('10:20:00')},`,
    );
  });

  it('the terminal and the page say percentiles, what was left out, what began the clock and each miss; the page runs nothing that is in it', () => {
    const said = textOf(report([one, { ...one, drill: true }]));
    expect(said).toContain('Left out: 1 drill, 0 withdrawn, 0 judged not critical.');
    expect(said).toMatch(/category 1 +1 +5:31 \/ 5:31 \/ 5:31 +1:20:05 \/ 1:20:05 \/ 1:20:05 +- \/ - \/ - +0 +1 +0 +0 +1/u);
    expect(said).toMatch(/declined; came to the failsafe$/u);
    const page = htmlOf(report([one]));
    expect(page).toContain('=cmd, &quot;x&quot; &lt;b&gt;');
    expect(page).not.toMatch(/<b>|<script|src=|https?:/u);
  });
});

describe('radloop critical report', () => {
  it('reads the store with the service stopped, and asks it while it runs; who may not, and a period that is none, end with a sentence', async () => {
    const ward = await openWard();
    const copy = mkdtempSync(join(tmpdir(), 'radloop-report-'));
    const { stores, parts } = ward.engine;
    const day = (n: number) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);
    const asks = (...args: string[]) => radloop('critical', 'report', '--from', day(-1), '--to', day(2), '--data', stores.folder, ...args);
    const control = await listenControl(controlFolder(stores.folder), {
      ...{ operator: { ask: notHere }, paper: { enter: notHere }, auditor: { ask: notHere }, custodian: { ask: notHere }, cases: { ask: notHere } },
      reports: reportDesk({ parts, rules: [...rulesOfSite], zone: site.settings.zone, rehearsal: true }),
    });
    let closed = false;
    try {
      const alert = await ward.send('tension pneumothorax', 1);
      const served = await asks('--as', 'c-reyes', '--json');
      expect([served.code, served.err]).toEqual([0, '']);
      expect((JSON.parse(served.out) as CriticalReport).alerts).toMatchObject([{ caseNumber: alert }]);
      expect(await asks('--as', 'm-brandt')).toMatchObject({
        code: 1,
        err: expect.stringContaining('no role that may read the times of critical results'),
      });
      await control.close();
      closed = true;
      const file = join(copy, 'report.csv');
      const stopped = await asks('--as', 'v-moreau', '--csv', file, '--html', join(copy, 'report.html'), '--picture', join(copy, 'report.svg'));
      expect([stopped.code, stopped.out]).toEqual([0, '']);
      expect(readFileSync(file, 'utf8')).toContain(`${alert},1,`);
      expect(readFileSync(join(copy, 'report.html'), 'utf8')).toContain('National Performance Goal 1');
      expect(readFileSync(join(copy, 'report.svg'), 'utf8')).toMatch(/^<svg [^]*Category 1: 1 alert[^]*acknowledge within 15:00/u);
      expect(await radloop('critical', 'report', '--from', 'yesterday', '--to', day(1), '--data', stores.folder)).toMatchObject({
        code: 2,
        err: expect.stringContaining('expected a day'),
      });
      expect(await radloop('critical', 'report')).toMatchObject({ code: 2, err: expect.stringContaining('--from DATE') });
    } finally {
      if (!closed) await control.close();
      await ward.engine.close();
      rmSync(copy, { recursive: true, force: true });
    }
  }, 120_000);
});

const notHere = (): Promise<never> => Promise.reject(new Error('not here'));
const rulesOfSite = readContent(testSite).critical;
