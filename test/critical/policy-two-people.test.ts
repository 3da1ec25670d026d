import { readContent } from '#adapters/embedded/content.js';
import { person } from '#core/people.js';
import type { Person } from '#core/people.js';
import type { CriticalRule } from '#domain/critical.js';
import { loosenings } from '#domain/critical-accepted.js';
import type { CriticalRows } from '#domain/critical-rules.js';
import { standingPolicy } from '#engine/critical-policy.js';
import { custodian } from '#engine/custodian.js';
import { operator } from '#engine/operator.js';
import type { CustodyReply, CustodyRequest } from '#ports/custody.js';
import type { RetentionPolicy } from '#domain/retention.js';
import { directoryOf, silentLog } from '../support/clinic.ts';
import { embeddedStores, later, t0 } from '../support/store-fixture.ts';
import type { EmbeddedStores } from '../support/store-fixture.ts';

const { critical, ladders } = readContent();
const shipped: CriticalRows = { critical, ladders };
const [one] = critical as [CriticalRule];

/** The shipped rows with one of them changed. */
const with1 = (more: Partial<CriticalRule>, base = shipped): CriticalRows => ({
  ...base,
  critical: base.critical.map((rule) => (rule.category === 1 ? { ...rule, ...more } : rule)),
});
const withLadder = (ruleId: string, levels: CriticalRows['ladders'][number]['levels']): CriticalRows => ({
  ...shipped,
  ladders: ladders.map((ladder) => (ladder.ruleId === ruleId ? { ...ladder, levels } : ladder)),
});

const guid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const of = (n: number, id: string, role: string): Person => person.parse({ id, name: id, roles: [role], aadObjectId: guid(n), osAccount: id });
const people = [
  ...[of(1, 'reyes', 'coordinator'), of(2, 'okafor', 'reading-radiologist'), of(3, 'lindqvist', 'protocoling-radiologist')],
  ...[of(4, 'kim', 'admin'), of(5, 'brandt', 'operator')],
];

let stores: EmbeddedStores;
let wanted: CriticalRows;
let now = t0;
beforeEach(() => {
  stores = embeddedStores();
  wanted = shipped;
  now = t0;
});
afterEach(() => stores.close());

const clock = { now: () => now };
const start = () => standingPolicy({ cursors: stores.cursors, shipped, wanted }, { audit: stores.audit, clock });
const parts = () => ({ audit: stores.audit, directory: directoryOf(people), clock, log: silentLog() });

function ask(request: CustodyRequest, account: string, isSetUp = true): Promise<CustodyReply> {
  const desk = custodian({
    ...{ parts: parts(), queue: stores.operators, custody: null, rehearsal: false, rewrap: () => undefined, wanted: {} as RetentionPolicy },
    critical: isSetUp ? { cursors: stores.cursors, shipped, wanted } : null,
  });
  return desk.ask({ account, as: null }, request);
}
const change = { ask: 'critical-policy-change', reason: 'the safety board, 2 May', dryRun: false } as const;
const confirm = (bulk: string): CustodyRequest => ({ ask: 'critical-policy-confirm', bulk });
const bulkOf = (reply: CustodyReply): string => (reply.ok && reply.answer === 'waits' ? reply.bulk : JSON.stringify(reply));

const audited = () =>
  stores.db
    .all<{ actor: string; action: string; outcome: string; detail: string }>("SELECT actor, action, outcome, detail FROM audit WHERE action LIKE 'critical-policy-%' ORDER BY seq")
    .map(({ actor, action, outcome, detail }) => ({ who: JSON.parse(actor) as object, action, outcome, detail: JSON.parse(detail) as object })); // prettier-ignore

describe('what is looser', () => {
  it.each<[string, CriticalRows, string[]]>([
    ['a later level', with1({ levelsAfterMinutes: [0, 7, 10] }), ['category-1: level 2 after 7 min in place of 5']],
    ['a level less', with1({ levelsAfterMinutes: [0, 5] }), ['category-1: 2 levels in place of 3']],
    ['a later failsafe', with1({ failsafeAfterMinutes: 20 }), ['category-1: the failsafe after 20 min in place of 15']],
    ['a failsafe that sounds less often', with1({ failsafeEveryMinutes: 6 }), ['category-1: the failsafe repeated every 6 min in place of 5']],
    ['one that rests longer', with1({ failsafeRestsMinutes: 11 }), ['category-1: the failsafe resting for 11 min in place of 10']],
    ['a longer read-back', with1({ readBackWithinMinutes: 6 }), ['category-1: read back within 6 min in place of 5']],
    ['a longer time in the figures', with1({ acknowledgeWithinMinutes: 60 }), ['category-1: acknowledged within 60 min in place of 15']],
    ['a way less', with1({ channels: ['pager', 'voice', 'email'] }), ['category-1: not by sms any more']],
    ['a form in place of a conversation', with1({ closesWith: 'form' }), ['category-1: closed by a form in place of a conversation']],
    ['somebody who is not called', withLadder('inpatient', [['on-call-1'], ['attending'], ['chief', 'duty-radiologist', 'coordinator']]), ['inpatient: on-call-2 not called any more']],
    ['somebody who is called later', withLadder('inpatient', [['on-call-1'], ['attending'], ['on-call-2', 'chief', 'duty-radiologist', 'coordinator']]), ['inpatient: on-call-2 at level 3 in place of 2']],
    [
      'a row for some of the patients',
      { ...shipped, critical: [...critical, { ...one, ruleId: 'slow', patientClasses: ['I'], failsafeAfterMinutes: 30 }] },
      ['slow: the failsafe after 30 min in place of 15'],
    ],
    [
      'the loss of a stricter row for some findings',
      shipped,
      ['category-1: the failsafe after 15 min in place of 12'],
    ],
  ])('%s', (_what, after, words) => {
    const strict = { ...shipped, critical: [...critical, { ...one, ruleId: 'fast', classIds: ['epidural-haemorrhage'], failsafeAfterMinutes: 12 }] };
    expect(loosenings(after === shipped ? strict : shipped, after)).toEqual(words);
  }); // prettier-ignore

  it('is nothing that is sooner, more often, by more ways or to more people', () => {
    const sooner = { levelsAfterMinutes: [0, 4, 8, 12], failsafeAfterMinutes: 14, failsafeEveryMinutes: 4, failsafeRestsMinutes: 9 };
    expect(loosenings(shipped, with1({ ...sooner, readBackWithinMinutes: 4, acknowledgeWithinMinutes: 10 }))).toEqual([]);
    const all = ['on-call-1', 'on-call-2', 'attending'] as const;
    const last = ['chief', 'duty-radiologist', 'coordinator', 'orderer'] as const;
    expect(loosenings(shipped, withLadder('inpatient', [[...all], ['attending'], [...last]]))).toEqual([]);
    expect(loosenings(shipped, { ...shipped, critical: critical.map((rule) => ({ ...rule, reviewedBy: 'Dr. A', version: '2' })) })).toEqual([]);
  }); // prettier-ignore
});

describe('a policy of critical results that calls people later', () => {
  const slow = with1({ failsafeAfterMinutes: 30 });
  const looser = ['category-1: the failsafe after 30 min in place of 15'];

  it('does not count at the start: the one that ships does, all of it, and the audit has it', async () => {
    wanted = with1({ failsafeAfterMinutes: 30, readBackWithinMinutes: 1 });
    expect(await start()).toEqual({ rows: shipped, loosened: looser });
    expect(audited()).toEqual([
      { who: { kind: 'system', part: 'critical-policy' }, action: 'critical-policy-waits', outcome: 'nothing', detail: { looser: looser[0] } },
    ]);
  });

  it('is compared with the last one that counted, not only with what ships', async () => {
    const strict = with1({ failsafeAfterMinutes: 12 });
    wanted = strict;
    expect(await start()).toEqual({ rows: strict, loosened: [] });
    wanted = shipped;
    expect(await start()).toEqual({ rows: strict, loosened: ['category-1: the failsafe after 15 min in place of 12'] });
    wanted = strict;
    expect((await start()).loosened).toEqual([]);
    expect(audited().map(({ action }) => action)).toEqual(['critical-policy-set', 'critical-policy-waits']);
  });

  it('counts from the next start on when a coordinator has asked for it and a radiologist confirms it', async () => {
    wanted = slow;
    await start();
    expect(await ask({ ask: 'critical-policy-show' }, 'kim')).toEqual({ ok: true, answer: 'critical-policy', looser });
    expect(await ask({ ...change, dryRun: true }, 'reyes')).toMatchObject({ answer: 'acted', dryRun: true, text: [...looser, expect.any(String)] });
    const bulk = bulkOf(await ask(change, 'reyes'));
    expect((await start()).loosened).toEqual(looser);
    expect(await ask(confirm(bulk), 'okafor')).toMatchObject({ ok: true, answer: 'acted', dryRun: false });
    expect(await start()).toEqual({ rows: slow, loosened: [] });
    expect(audited().filter(({ outcome }) => outcome === 'done')).toMatchObject([
      { who: { person: 'okafor' }, action: 'critical-policy-confirm' },
      {
        ...{ who: { kind: 'person', person: 'reyes' }, action: 'critical-policy-set' },
        detail: { bulk, confirmedBy: 'okafor', reason: change.reason, looser: looser[0] },
      },
    ]);
    // It outlives the process.
    stores = await stores.reopen() as EmbeddedStores;
    expect((await start()).loosened).toEqual([]);
  }); // prettier-ignore

  it('is confirmed neither by who asked, nor by who is no radiologist, nor after half an hour, nor twice', async () => {
    wanted = slow;
    await start();
    const bulk = bulkOf(await ask(change, 'okafor'));
    expect(await ask(confirm(bulk), 'okafor')).toMatchObject({ ok: false, code: 'denied', text: expect.stringContaining('another person has to confirm it') });
    for (const account of ['reyes', 'kim', 'brandt', 'stranger']) expect(await ask(confirm(bulk), account)).toMatchObject({ ok: false, code: 'denied' });
    now = later(31 * 60);
    expect(await ask(confirm(bulk), 'lindqvist')).toMatchObject({ ok: false, text: expect.stringContaining('has expired') });
    expect((await start()).loosened).toEqual(looser);
    const again = bulkOf(await ask(change, 'okafor'));
    expect(await ask(confirm(again), 'lindqvist')).toMatchObject({ ok: true });
    expect(await ask(confirm(again), 'lindqvist')).toMatchObject({ ok: false, text: expect.stringContaining('confirmed already') });
  }); // prettier-ignore

  it('is not taken over when the content asks for something else by the time it is confirmed', async () => {
    wanted = slow;
    await start();
    const bulk = bulkOf(await ask(change, 'reyes'));
    wanted = with1({ failsafeAfterMinutes: 60 });
    expect(await ask(confirm(bulk), 'okafor')).toMatchObject({ ok: true, text: [expect.stringMatching(/^NOT done/u)] });
    expect((await start()).rows).toEqual(shipped);
  });

  it('takes a reason, something to ask for, and a site that has critical results', async () => {
    await start();
    expect(await ask(change, 'reyes')).toMatchObject({ ok: false, code: 'not-possible', text: expect.stringContaining('asks for nothing looser') });
    wanted = slow;
    expect(await ask({ ...change, reason: ' ' }, 'reyes')).toMatchObject({ ok: false, code: 'no-reason' });
    expect(await ask(change, 'reyes', false)).toMatchObject({ ok: false, code: 'not-possible', text: expect.stringContaining('has not set up') });
    for (const account of ['kim', 'brandt']) expect(await ask(change, account)).toMatchObject({ ok: false, code: 'denied' });
  });

  it('is confirmed as such alone: an operator is told by which command', async () => {
    wanted = slow;
    const bulk = bulkOf(await ask(change, 'reyes'));
    const desk = operator({ parts: { ...parts() } as never, queue: stores.operators, fieldsOf: () => null, exportKey: null, rehearsal: false });
    expect(await desk.ask({ account: 'brandt', as: null }, { ask: 'confirm', bulk })).toMatchObject({
      text: expect.stringContaining(`radloop critical policy confirm ${bulk}`),
    });
  });
});
