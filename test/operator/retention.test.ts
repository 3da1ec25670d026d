import { Shredded } from '#adapters/embedded/sealing.js';
import { addMinutes, addSeconds } from '#core/time.js';
import { retention } from '#domain/retention.js';
import { startCustody } from '#engine/custody.js';
import { sweepRetention } from '#engine/retention.js';
import { queueStore } from '#adapters/embedded/queue-store.js';
import type { CustodyReply, CustodyRequest } from '#ports/custody.js';
import { directoryOf } from '../support/clinic.ts';
import { caseNo, effects, later, message, queue, t0 } from '../support/store-fixture.ts';
import { printCustody } from '../../infra/cli/retention-print.ts';
import { said, startCustodyFixture, waiting } from './custody-fixture.ts';
import type { CustodyFixture } from './custody-fixture.ts';

const DAY = 86_400;

let desk: CustodyFixture;
beforeEach(() => {
  desk = startCustodyFixture();
});
afterEach(() => desk.close());

const on = (ask: 'hold' | 'unhold' | 'shred', caseNumber: string, more = {}): CustodyRequest => ({
  ask: `retention-${ask}`,
  caseNumber,
  reason: 'letter of 2 May',
  dryRun: false,
  ...more,
});
const confirm = (bulk: string): CustodyRequest => ({ ask: 'retention-confirm', bulk });
const read = () => desk.stores.cases.read('protocoling', caseNo(1));

describe('deleting a case’s data for good', () => {
  it('says what goes and what stays, waits for a second person, and is done by their yes', async () => {
    const number = await desk.ended(caseNo(1));
    const asked = await desk.ask(on('shred', number));
    const text = said(asked);
    expect(text).toContain('GONE for good');
    expect(text).toMatch(/1 entries of its history, 0 deliveries, 0 messages/u);
    expect(text).toMatch(/STAYS: its number, \d rows of audit \(no patient data\), the hashes of 0 receipts/u);
    expect(text).toContain('backups that were made before hold the data');
    expect((await read()).facts).toHaveLength(1);
    const yes = await desk.ask(confirm(waiting(asked)), 'jsilva');
    expect(said(yes)).toContain('can not be read by anybody any more');
    await expect(read()).rejects.toThrow(Shredded);
    expect(desk.audited().map(({ who, action, outcome }) => `${who} ${action} ${outcome}`)).toEqual([
      'v-moreau retention-shred nothing',
      'j-silva retention-confirm done',
      'v-moreau case-shredded done',
    ]);
    expect(desk.audited().at(-1)?.detail).toMatchObject({ number, reason: 'letter of 2 May', confirmedBy: 'j-silva', bulk: waiting(asked) });
    expect(await desk.stores.audit.verify()).toMatchObject({ ok: true });
    expect(said(await desk.ask({ ask: 'retention-show', caseNumber: number }))).toContain('its patient data was deleted at');
    expect(said(await desk.ask(on('shred', number)))).toContain('was deleted at');
  });

  it('is never confirmed by the person who asked, nor by a role that may not, nor after 30 minutes, nor twice', async () => {
    const number = await desk.ended(caseNo(1));
    const bulk = waiting(await desk.ask(on('shred', number)));
    expect(await desk.ask(confirm(bulk))).toEqual({
      ok: false,
      code: 'denied',
      text: `Vera Moreau asked for ${bulk}: another person has to confirm it.`,
    });
    expect(await desk.ask(confirm(bulk), 'mbrandt')).toMatchObject({ ok: false, code: 'denied' });
    expect(
      desk
        .audited()
        .slice(1)
        .map(({ who, action, outcome }) => `${who} ${action} ${outcome}`),
    ).toEqual(['v-moreau retention-confirm denied', 'm-brandt retention-confirm denied']);
    desk.now = addMinutes(t0, 30);
    expect(said(await desk.ask(confirm(bulk), 'akim'))).toContain('has expired');
    const again = waiting(await desk.ask(on('shred', number)));
    desk.now = addSeconds(addMinutes(desk.now, 30), -1);
    const [one, two] = await Promise.all([desk.ask(confirm(again), 'akim'), desk.ask(confirm(again), 'jsilva')]);
    expect([one.ok, two.ok].filter(Boolean)).toHaveLength(1);
    expect(desk.audited().filter(({ action }) => action === 'case-shredded')).toHaveLength(1);
  });

  it('gives way to a legal hold that came between asking and the yes', async () => {
    const number = await desk.ended(caseNo(1));
    const bulk = waiting(await desk.ask(on('shred', number)));
    expect(await desk.ask(on('hold', number), 'jsilva')).toMatchObject({ ok: true, answer: 'acted' });
    expect(said(await desk.ask(confirm(bulk), 'akim'))).toBe(`NOT done: case ${number} is under legal hold`);
    expect((await read()).facts).toHaveLength(1);
    expect(desk.audited().at(-1)).toMatchObject({ action: 'retention-shred', outcome: 'nothing' });
  });

  it('is refused, with a row, where the case has not ended or is not known, and without a reason', async () => {
    await queue(desk.stores, caseNo(1), effects.card());
    const { number } = desk.stores.db.get<{ number: string }>('SELECT number FROM cases') ?? { number: '' };
    expect(said(await desk.ask(on('shred', number)))).toContain('has not ended');
    expect(said(await desk.ask(on('shred', 'NONONO')))).toBe('There is no case NONONO.');
    expect(await desk.ask(on('shred', number, { reason: ' ' }))).toMatchObject({ ok: false, code: 'no-reason' });
    expect(desk.audited().map(({ outcome }) => outcome)).toEqual(['nothing', 'nothing']);
  });

  it('changes nothing on a dry run, whichever act it is', async () => {
    const number = await desk.ended(caseNo(1));
    const before = JSON.stringify(desk.stores.db.all('SELECT * FROM audit'));
    expect(said(await desk.ask(on('shred', number, { dryRun: true, reason: '' })))).toContain('GONE for good');
    expect(said(await desk.ask(on('hold', number, { dryRun: true, reason: '' })))).toContain('stay until the hold is lifted');
    expect(await desk.ask(on('unhold', number, { dryRun: true, reason: '' }))).toMatchObject({ ok: false, code: 'not-possible' });
    expect(JSON.stringify(desk.stores.db.all('SELECT * FROM audit'))).toBe(before);
    expect(desk.stores.db.all('SELECT * FROM bulk')).toEqual([]);
  });

  it('is shown among what waits, and an operator can not confirm it as an act of theirs', async () => {
    const number = await desk.ended(caseNo(1));
    const bulk = waiting(await desk.ask(on('shred', number)));
    expect(await queueStore(desk.stores.db).list({ kind: 'bulk' }, 9, t0)).toMatchObject([{ id: bulk, what: 'shred of 1' }]);
  });
});

describe('a legal hold', () => {
  it('is set by one auditor at once, shown with who and why, and lifted by two people', async () => {
    const number = await desk.ended(caseNo(1));
    expect(await desk.ask(on('hold', number))).toMatchObject({ ok: true, answer: 'acted' });
    expect(said(await desk.ask(on('hold', number)))).toContain('under legal hold already');
    expect(await desk.ask({ ask: 'retention-show', caseNumber: null })).toMatchObject({
      held: [{ number, reason: 'letter of 2 May', by: 'v-moreau', since: t0 }],
    });
    expect(said(await desk.ask(on('shred', number)))).toContain('radloop retention unhold');
    const bulk = waiting(await desk.ask(on('unhold', number)));
    expect(await desk.ask({ ask: 'retention-show', caseNumber: null })).toMatchObject({ held: [{ number }] });
    expect(said(await desk.ask(confirm(bulk), 'akim'))).toBe(`case ${number} is not under legal hold any more`);
    expect(await desk.ask({ ask: 'retention-show', caseNumber: null })).toMatchObject({ held: [] });
    expect(desk.audited().map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      ...['legal-hold done', 'retention-hold nothing', 'retention-shred nothing', 'retention-unhold nothing'],
      ...['retention-confirm done', 'legal-hold-lifted done'],
    ]);
  });
});

describe('who may look after what is kept', () => {
  it.each<[CustodyRequest['ask'], string]>([
    ['retention-hold', 'akim'],
    ['retention-shred', 'akim'],
    ['retention-unhold', 'mbrandt'],
    ['retention-shorten', 'vmoreau'],
    ['retention-show', 'mbrandt'],
    ['retention-show', 'drokafor'],
    ['retention-shred', 'nobody'],
  ])('%s is denied to %s, with a row before the answer', async (ask, account) => {
    const number = await desk.ended(caseNo(1));
    const request = { ask, caseNumber: number, reason: 'x', dryRun: true } as CustodyRequest;
    expect(await desk.ask(request, account)).toMatchObject({ ok: false, code: 'denied' });
    expect(desk.audited()).toMatchObject([{ action: ask, outcome: 'denied', detail: { account } }]);
  });

  it('is asked again of the first person at the yes: whoever may not any more has nothing done', async () => {
    const number = await desk.ended(caseNo(1));
    const bulk = waiting(await desk.ask(on('shred', number)));
    await desk.stores.db.write(() => desk.stores.db.run("UPDATE bulk SET by = 'a-kim'"));
    expect(said(await desk.ask(confirm(bulk), 'jsilva'))).toContain('may not do it any more');
    expect((await read()).facts).toHaveLength(1);
  });
});

/** As `radloop retention` prints it. */
function lines(reply: CustodyReply): string {
  const { log } = console;
  const printed: string[] = [];
  console.log = (line: string) => printed.push(line);
  try {
    printCustody(reply, false);
  } finally {
    console.log = log;
  }
  return printed.join('\n');
}

describe('the retention of the site', () => {
  const attempt = (seconds: number, wanted = desk.wanted) =>
    sweepRetention({ data: desk.custody.data, wanted, clock: { now: () => later(seconds) }, log: desk.log, stop: new AbortController().signal });
  /** An hour after the last one. */
  const sweep = async (days: number, wanted = desk.wanted) => {
    await desk.custody.data.noteSweeps({ last: later(days * DAY - 3600), notBefore: null }, null);
    return attempt(days * DAY, wanted);
  };
  const shorten: CustodyRequest = { ask: 'retention-shorten', reason: 'decided on 2 May', dryRun: false };

  it('is in force at once where it is longer, and where it is shorter not before two people agree', async () => {
    await desk.ended(caseNo(1));
    await desk.stores.raw.keep(message({ identity: 'mllp:1', controlId: 'M1' }), []);
    expect(await sweep(1)).toBe('done');
    expect(await desk.custody.data.policy()).toMatchObject({ rawDays: 60, caseDays: 365, source: 'the hospital' });
    desk.wanted = retention.parse({ rawDays: 30, caseDays: 100, auditYears: 10, source: 'the new rule' });
    await sweep(200);
    expect(await desk.custody.data.policy()).toMatchObject({ rawDays: 60, caseDays: 365, auditYears: 10, source: 'the hospital' });
    expect((await read()).facts).toHaveLength(1);
    expect(await desk.ask({ ask: 'retention-show', caseNumber: null })).toMatchObject({
      policy: { shorter: ['messages 30 days in place of 60 days', 'cases 100 days in place of 365 days'] },
    });
    const bulk = waiting(await desk.ask(shorten, 'akim'));
    expect(said(await desk.ask(confirm(bulk), 'akim'))).toContain('another person has to confirm it');
    await sweep(200);
    expect((await read()).facts).toHaveLength(1);
    expect(await desk.ask(confirm(bulk), 'vmoreau')).toMatchObject({ ok: true });
    expect(desk.audited().at(-1)).toMatchObject({ who: 'a-kim', action: 'retention-shorten', outcome: 'done', detail: { confirmedBy: 'v-moreau' } });
    await sweep(200);
    await expect(read()).rejects.toThrow(Shredded);
    expect(desk.log.lines.at(-1)).toMatchObject({ event: 'retention.swept', fields: { cases: 1 } });
  });

  it('takes nothing away at the first start on a store that has what is too old, but says what would go, and waits a day', async () => {
    const { log } = desk;
    await desk.ended(caseNo(1));
    await desk.stores.raw.keep(message({ identity: 'mllp:1', controlId: 'M1' }), []);
    const day = 400 * DAY;
    for (const seconds of [day, day + 3600, day + DAY - 1]) expect(await attempt(seconds)).toBe('done');
    expect((await read()).facts).toHaveLength(1);
    expect(log.lines.filter(({ event }) => event === 'retention.waits')).toMatchObject([{ fields: { messages: 1, cases: 1, rows: 0 } }]);
    expect(desk.audited().at(-1)).toMatchObject({ action: 'retention-waits', detail: { messages: 1, cases: 1, notBefore: later(day + DAY) } });
    const shown = await desk.ask({ ask: 'retention-show', caseNumber: null });
    expect(shown).toMatchObject({ policy: { notBefore: later(day + DAY) } });
    expect(lines(shown)).toMatch(/^Nothing is taken away before 2027-12-31 10:00 UTC; what would go then says: radloop audit query/mu);
    const usual = desk.wanted;
    desk.wanted = { ...usual, caseDays: 100 };
    expect(lines(await desk.ask({ ...shorten, dryRun: true }, 'akim'))).toContain(`with the next sweep, not before ${later(day + DAY)}`);
    desk.wanted = usual;
    await attempt(day + DAY);
    await expect(read()).rejects.toThrow(Shredded);
    expect(await desk.stores.raw.list(9)).toEqual([]);
    expect(await desk.ask({ ask: 'retention-show', caseNumber: null })).toMatchObject({ policy: { notBefore: null } });
  });

  it('waits for nothing where nothing is too old; a clock that jumps ahead deletes nothing before a day is over, and one that is put back waits a day at most', async () => {
    await desk.ended(caseNo(1));
    await attempt(0);
    expect(desk.log.lines.at(-1)?.event).toBe('retention.swept');
    await attempt(500 * DAY);
    expect(desk.log.lines.at(-1)?.event).toBe('retention.waits');
    // Put right: nothing is too old any more.
    await attempt(3600);
    expect(desk.log.lines.at(-1)?.event).toBe('retention.swept');
    await attempt(500 * DAY);
    await attempt(502 * DAY);
    expect(desk.log.lines.at(-1)?.event).toBe('retention.swept');
    await expect(read()).rejects.toThrow(Shredded);
  });

  it('is not shortened to something else than what the first person asked for', async () => {
    await sweep(1);
    desk.wanted = retention.parse({ rawDays: 30, caseDays: 365 });
    const bulk = waiting(await desk.ask(shorten, 'akim'));
    desk.wanted = retention.parse({ rawDays: 40, caseDays: 365 });
    expect(said(await desk.ask(confirm(bulk), 'vmoreau'))).toContain('NOT done');
    expect(await desk.custody.data.policy()).toMatchObject({ rawDays: 60 });
    desk.wanted = retention.parse({ rawDays: 60, caseDays: 365 });
    expect(said(await desk.ask(shorten, 'akim'))).toContain('asks for nothing shorter');
  });

  it('is swept when the service starts, ends between two steps when it stops, and what fails is said', async () => {
    const { custody, log, stores } = desk;
    const parts = { audit: stores.audit, directory: directoryOf([]), clock: { now: () => later(400 * DAY) }, log };
    await desk.ended(caseNo(1));
    await custody.data.noteSweeps({ last: later(400 * DAY - 3600), notBefore: null }, null);
    const work = startCustody({ parts, queue: queueStore(stores.db), custody, wanted: desk.wanted, rehearsal: false });
    for (let tries = 0; tries < 100 && !log.lines.some(({ event }) => event === 'retention.swept'); tries += 1)
      await new Promise((resume) => setTimeout(resume, 20));
    await work.stop();
    expect(log.lines.map(({ event }) => event)).toEqual(['site-key.made', 'retention.swept']);
    const stop = AbortSignal.abort();
    await expect(custody.data.retention(desk.wanted).sweep(later(400 * DAY), stop)).rejects.toThrow();
    expect(await sweepRetention({ data: custody.data, wanted: desk.wanted, clock: parts.clock, log, stop })).toBe('done');
    const broken = { ...custody.data, policy: () => Promise.reject(new Error('no disk')) };
    expect(await sweepRetention({ data: broken, wanted: desk.wanted, clock: parts.clock, log, stop: new AbortController().signal })).toBe('failed');
    expect(log.lines.at(-1)?.event).toBe('retention.not-swept');
  });
});
