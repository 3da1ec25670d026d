import { setTimeout as pause } from 'node:timers/promises';
import { build } from '../../infra/build.ts';
import { openOutage } from './critical-outage.ts';
import type { Outage } from './critical-outage.ts';
import { DECLARER, SWITCHBOARD, policyAt, wards } from './critical-site.ts';
import { callWith, examOf, phoneBy, readBackOf } from './critical-people.ts';
import type { Exam } from './critical-people.ts';
import { silencesIn } from './critical-timeline.ts';
import type { Due, Span } from './critical-timeline.ts';

/**
 * An hour without Teams and without the paging webhook, ten restarts, the clock set twice, and ten minutes without mail and SMS as well: real with RADLOOP_FAULTS=full
 * (npm run test:faults), else in three minutes with the site's windows twenty times as fast. Twenty times as fast every alert is called for twenty times as often a
 * minute: 60 of them are more work than the 500 of the hour.
 */
const isFull = process.env['RADLOOP_FAULTS'] === 'full';
const plan = isFull ? { speed: 1, alerts: 500, print: 60_000 } : { speed: 20, alerts: 60, print: 10_000 };
const MINUTE = 60_000 / plan.speed;
const LAST_OPENS = 52;
const RESTARTS = [4, 9.5, 15, 20.5, 26.5, 32, 37.5, 43, 48.5, 55];
/** Between two of them, where a start takes long. */
const LEAST_UP_MS = 2.5 * MINUTE;
const BLACKOUT = [25, 35] as const;
const PAGER: readonly (readonly [number, string])[] = [[0, 'down'], [20, 'unavailable'], [40, 'hang']]; // prettier-ignore
const FINDING = 'Acute intracranial hemorrhage.';

let outage: Outage | null = null;
beforeAll(build, 180_000);
afterAll(() => outage?.close(), 60_000);

/** What becomes of the n-th, over and over. Nobody answers the questions. */
const fates = [
  ...(['first', 'second', 'asked', 'unread', 'first', 'switchboard', 'phone', 'asked', 'first', 'nobody'] as const),
  ...(['second', 'first', 'asked', 'rests', 'phone', 'first', 'unread', 'asked', 'second', 'switchboard'] as const),
];

it(`${plan.alerts} alerts in an hour without Teams and the pager, ${RESTARTS.length} restarts, the clock set twice, ten minutes without mail and SMS: none is silent (invariants 19, 20, 22)`, async () => {
  outage = await openOutage(plan.speed);
  const hospital = outage;
  const { people } = hospital;
  const exams = wards.map((ward, n) => examOf(n, ward));
  for (const exam of exams) await people.order(exam);
  await hospital.teams(503);
  await hospital.paging('pager', PAGER[0]![1]);
  const began = Date.now();
  const atMinute = async (minute: number): Promise<void> => {
    await pause(Math.max(0, began + minute * MINUTE - Date.now()), undefined, { ref: false });
  };
  const policy = policyAt(plan.speed);
  const due: Due[] = [];
  const reports: { readonly exam: Exam; readonly asked: number; readonly since: number }[] = [];

  const live = async (n: number): Promise<void> => {
    const fate = fates[n % fates.length]!;
    const exam = exams[n % exams.length]!;
    await atMinute(0.2 + (n * LAST_OPENS) / plan.alerts);
    if (fate === 'asked') {
      const own = examOf(1000 + n, exam.ward);
      reports.push({ exam: own, ...(await people.report(own, FINDING)) });
      return;
    }
    const category = fate === 'first' && n % 3 === 0 ? 2 : 1;
    const sent = await people.send(exam, `finding ${n}, see the images`, category, n % 2 === 0 ? 'tab' : 'command line');
    due.push(policy.sent(sent, category, exam.ward));
    await becomes(fate, sent.alert, exam);
  };
  const becomes = async (fate: Exclude<(typeof fates)[number], 'asked'>, alert: string, exam: Exam): Promise<void> => {
    const { first, second } = exam.ward;
    const later = (minutes: number): Promise<void> => pause(minutes * MINUTE, undefined, { ref: false });
    await later(2);
    switch (fate) {
      case 'first':
        await people.onTab(alert, first, 'acknowledge');
        await later(1);
        await people.onTab(alert, first, 'read-back', readBackOf(exam));
        return;
      case 'second':
        await later(5);
        await people.onCommandLine(alert, second, 'read-back', readBackOf(exam));
        return;
      case 'phone':
        await people.onCommandLine(alert, phoneBy, 'record-call', callWith(first));
        return;
      case 'unread':
        await people.onCommandLine(alert, first, 'acknowledge');
        await later(7);
        await people.onTab(alert, second, 'read-back', readBackOf(exam));
        return;
      case 'switchboard':
      case 'rests':
        await hospital.printed(alert);
        await later(1);
        await people.onTab(alert, SWITCHBOARD, 'take-failsafe');
        if (fate === 'rests') return;
        await later(3);
        await people.onTab(alert, second, 'read-back', readBackOf(exam));
        return;
      case 'nobody':
        for (const wrong of ['t-novak', 'dr-kaplan', DECLARER].filter((one) => one !== second)) {
          const { counted } = await people.onTab(alert, wrong, 'acknowledge');
          expect([wrong, counted]).toEqual([wrong, false]);
        }
        return;
      default:
        fate satisfies never;
    }
  };

  const outages = async (): Promise<void> => {
    const at: readonly (readonly [number, () => Promise<unknown>])[] = [
      ...PAGER.slice(1).map(([minute, what]) => [minute, () => hospital.paging('pager', what)] as const),
      [20, () => hospital.teams(500)],
      [40, () => hospital.teams(503)],
      [12, async () => hospital.setClock?.(3600)],
      // While it is down: its next start finds another time of day.
      [42.9, async () => hospital.setClock?.(-3600)],
      [BLACKOUT[0], () => Promise.all([hospital.paging('email', 'down'), hospital.paging('sms', 'unavailable')])],
      [BLACKOUT[1], () => Promise.all([hospital.paging('email', null), hospital.paging('sms', null)])],
    ];
    const changes = at.map(async ([minute, change]) => {
      await atMinute(minute);
      await change();
    });
    await Promise.all([...changes, restarts()]);
  };
  /** One after the other, however long a start takes. */
  const restarts = async (): Promise<void> => {
    for (const minute of RESTARTS) {
      await atMinute(minute);
      await hospital.kill();
      await pause(LEAST_UP_MS);
    }
  };

  // Whoever still waits for their moment when the hour is over does not come any more.
  const over = Promise.all([atMinute(60), outages()]);
  await Promise.race([over, Promise.all([over, ...Array.from({ length: plan.alerts }, (_, n) => live(n))])]);
  const hour: Span = { from: began, to: Date.now() };
  const calls = hospital.calls().filter(({ at }) => at <= hour.to);

  // Which question is which report's: whoever opens it reads the record number.
  const questions = new Map<string, string>();
  for (const alert of new Set(calls.filter(({ isAsked }) => isAsked).map((call) => call.alert))) questions.set(await people.read(alert), alert);
  for (const { exam, ...times } of reports) {
    const alert = [...questions].find(([view]) => view.includes(exam.record))?.[1];
    due.push(policy.asked({ alert: alert ?? `the question of ${exam.record}`, ...times }, 1));
  }
  const { isOut, isAway } = hospital;
  const silences = silencesIn({
    ...{ due, calls, acts: people.acts, isOut, isAway, until: hour.to },
    mayTake: (person) => person.startsWith('dr-'),
    within: { call: 10_000, print: plan.print, back: 40_000 },
  });
  process.stdout.write(`${JSON.stringify({ outage: figuresOf(hospital, due, hour) })}\n`);
  expect(silences).toEqual([]);
  expect(due).toHaveLength(plan.alerts);
  // What excuses silence is short: each time that the service, or this machine, was away.
  expect(Math.max(...isAway.map(({ from, to }) => to - from))).toBeLessThan(30_000);
  // The outage was one.
  expect(hospital.inTeams(hour)).toBe(0);
  expect(calls.filter(({ channel }) => channel === 'pager')).toEqual([]);
  const dark = isOut.email![0]!;
  expect(calls.filter(({ at, channel }) => channel !== 'print' && at > dark.from + 1000 && at < dark.to)).toEqual([]);
}, 75 * 60_000); // prettier-ignore

function figuresOf({ people, isAway, calls }: Outage, due: readonly Due[], hour: Span) {
  const counted = people.acts.filter((act) => act.counted);
  const of = (does: string): number => counted.filter((act) => act.does === does).length;
  const all = calls();
  const byChannel = Object.fromEntries(['sms', 'email', 'print'].map((channel) => [channel, all.filter((call) => call.channel === channel).length]));
  /** Until the first call that anybody got: in the ten minutes without mail and SMS nothing but the failsafe's sheet can come. */
  const first = due.map(({ alert, since }) => (all.find((call) => call.alert === alert)?.at ?? hour.to) - since).toSorted((a, b) => a - b);
  return {
    ...{ alerts: due.length, questions: due.filter(({ declarer }) => declarer === null).length, seconds: Math.round((hour.to - hour.from) / 1000) },
    ...{ readBack: of('read-back'), phoned: of('record-call'), atTheSwitchboard: of('take-failsafe'), refused: people.acts.length - counted.length },
    ...{ ...byChannel, awaySeconds: Math.round(isAway.reduce((sum, { from, to }) => sum + to - from, 0) / 1000) },
    ...{ firstCallMs: { p50: first[Math.floor(first.length / 2)], p90: first[Math.floor(first.length * 0.9)], most: first.at(-1) } },
  };
}
