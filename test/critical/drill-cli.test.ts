import { addMinutes, instant } from '#core/time.js';
import type { CaseNumber } from '#core/ids.js';
import { agreedAt, drillRules } from '#domain/drill.js';
import type { DrillReport } from '#ports/drills.js';
import { controlFolder } from '../../infra/local/control-address.ts';
import { listenControl } from '../../infra/local/control.ts';
import type { Control } from '../../infra/local/control.ts';
import { testSite } from '../support/planned-orders.ts';
import { radloop } from '../support/radloop.ts';
import { AGREED, openDrillWard } from './drill-fixture.ts';
import type { DrillWard } from './drill-fixture.ts';

describe('radloop drill', () => {
  let on: DrillWard;
  let control: Control;
  beforeAll(async () => {
    on = await openDrillWard();
    const notHere = { ask: (): Promise<never> => Promise.reject(new Error('not here')) };
    control = await listenControl(controlFolder(on.ward.engine.stores.folder), {
      ...{ operator: notHere, auditor: notHere, custodian: notHere, cases: notHere, drills: on.desk },
      paper: { enter: notHere.ask },
    });
  });
  afterAll(async () => {
    await control.close();
    await on.close();
  });
  const drill = (as: string, ...args: string[]) => radloop('drill', ...args, '--data', on.ward.engine.stores.folder, '--as', as);
  const numberIn = (text: string) => (/radloop drill show (\w{6})/u.exec(text)?.[1] ?? '') as CaseNumber;

  it('makes one, shows it, lists it and stops it; what it may not is a sentence, and ends with 1', async () => {
    const made = await drill('dr-okafor', 'critical', '--site', testSite, '--service', 'neurosurgery');
    expect([made.code, made.err, made.out]).toEqual([0, '', expect.stringContaining('DRILL: Sent.')]);
    const number = numberIn(made.out);
    expect(await drill('dr-okafor', 'critical')).toMatchObject({ code: 1, err: expect.stringContaining(`under way with Neurosurgery, ${number}`) });
    expect(await drill('dr-abebe', 'critical')).toMatchObject({ code: 1, err: expect.stringContaining('no role that may make a drill') });
    expect(await drill('v-moreau', 'list')).toMatchObject({
      code: 0,
      out: expect.stringMatching(new RegExp(`^${number} .*neurosurgery .*under way`, 'u')),
    });
    expect(await drill('c-reyes', 'stop', number)).toMatchObject({ code: 0, out: expect.stringContaining(number) });
    const shown = await drill('v-moreau', 'show', number, '--json');
    expect([shown.code, JSON.parse(shown.out) as DrillReport]).toEqual([0, expect.objectContaining({ caseNumber: number, ended: 'stopped' })]);
    expect(await drill('v-moreau', 'show', number)).toMatchObject({
      out: expect.stringMatching(/broken off \(it was stopped\)[^]*level 1: 1 called/u),
    });
  }, 120_000);

  it('waits for the end of one, and says what came of it: exit 0 where it was taken in time, read back and closed', async () => {
    on.ward.engine.now = addMinutes(AGREED, 5);
    const before = new Set((await on.ward.engine.stores.views.all('critical-results')).map(({ caseNumber }) => caseNumber));
    const waiting = drill('dr-okafor', 'critical', '--service', 'neurosurgery', '--wait', '--json');
    let found: CaseNumber | undefined;
    for (let looks = 0; looks < 600 && found === undefined; looks += 1) {
      await new Promise((done) => setTimeout(done, 100));
      found = (await on.ward.engine.stores.views.open('critical-results')).find(
        ({ caseNumber, status }) => status === 'open' && !before.has(caseNumber),
      )?.caseNumber;
    }
    await on.ward.engine.settle();
    await on.ward.act('dr-marchetti', found!, 'read-back', { fields: { identifier: `DRILL-${found}`, finding: 'invented', action: 'none' } });
    await on.ward.act('c-reyes', found!, 'record-call', { fields: { when: 'now' } });
    const { code, out } = await waiting;
    expect([code, JSON.parse(out) as DrillReport]).toEqual([0, expect.objectContaining({ caseNumber: found, outcome: 'passed' })]);
  }, 120_000);

  it('says how each is used, and what is wrong with what was typed', async () => {
    for (const name of ['critical', 'list', 'show', 'stop'])
      expect(await radloop('drill', name, '--help')).toMatchObject({ code: 0, out: expect.stringContaining(`Example: radloop drill ${name}`) });
    expect(await drill('dr-okafor', 'critical', '--category', '3')).toMatchObject({ code: 2, err: '--category 3: give one of 1, 2.\n' });
    expect(await drill('dr-okafor', 'show')).toMatchObject({ code: 2, err: expect.stringContaining('radloop drill show NUMBER') });
    expect(await drill('dr-okafor', 'critical', '--site', 'north')).toMatchObject({ code: 1, err: expect.stringContaining('not of "north"') });
  }, 60_000);
});

describe('the times that a service has agreed to', () => {
  const rules = drillRules.parse({
    ...{ version: '1', source: 'test', reviewedBy: null, reviewedOn: null, endsAfterMinutes: { 1: 45, 2: 240 } },
    agreed: [
      { service: 'day', days: ['tue'], from: '14:00', until: '16:00', agreedBy: 'A', agreedOn: '2026-11-01' },
      { service: 'night', days: ['sat'], from: '22:00', until: '02:00', agreedBy: 'B', agreedOn: '2026-11-01' },
    ],
  });
  const isAgreed = (service: string, at: string, zone = 'America/Chicago') => agreedAt(rules, service, instant.parse(at), zone) !== null;

  it('are by the clock on the wall, from the first minute on and not in the last', () => {
    expect(isAgreed('day', '2026-11-24T20:00:00.000Z')).toBe(true);
    expect(isAgreed('day', '2026-11-24T19:59:59.000Z')).toBe(false);
    expect(isAgreed('day', '2026-11-24T22:00:00.000Z')).toBe(false);
    expect(isAgreed('day', '2026-11-25T20:30:00.000Z')).toBe(false);
    // In summer the same wall is an hour nearer to UTC.
    expect(isAgreed('day', '2026-07-21T19:30:00.000Z')).toBe(true);
    expect(isAgreed('day', '2026-11-24T14:30:00.000Z', 'UTC')).toBe(true);
    expect(isAgreed('night', '2026-11-24T20:30:00.000Z')).toBe(false);
  });

  it('may go over midnight: they are those of the day on which they begin, also in the night in which the clocks change', () => {
    expect(isAgreed('night', '2026-11-29T04:30:00.000Z')).toBe(true);
    expect(isAgreed('night', '2026-11-29T07:30:00.000Z')).toBe(true);
    expect(isAgreed('night', '2026-11-29T08:30:00.000Z')).toBe(false);
    expect(isAgreed('night', '2026-11-28T07:30:00.000Z')).toBe(false);
    // 1 November, 01:30: once by summer time, once by winter time.
    expect([isAgreed('night', '2026-11-01T06:30:00.000Z'), isAgreed('night', '2026-11-01T07:30:00.000Z')]).toEqual([true, true]);
  });

  it('begin and end at times of their own', () => {
    const wrong = { ...rules, agreed: [{ ...rules.agreed[0], until: '14:00' }] };
    expect(drillRules.safeParse(wrong).error?.issues[0]?.path).toEqual(['agreed', 0, 'until']);
  });
});
