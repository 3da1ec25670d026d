import { readFileSync } from 'node:fs';
import { person as personSchema } from '#core/people.js';
import type { Person } from '#core/people.js';
import { addMinutes } from '#core/time.js';
import type { PaperRow } from '#domain/downtime.js';
import { directory } from '#adapters/embedded/directory.js';
import { backlog } from '#adapters/embedded/downtime-backlog.js';
import { filledRows } from '#cards/downtime/sheet.js';
import { downtimeList } from '#engine/downtime-list.js';
import { paperDesk } from '#engine/downtime-entry.js';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { testSite } from '../support/planned-orders.ts';
import { sheetText } from './listed.ts';

const people = (JSON.parse(readFileSync(`${testSite}/people.json`, 'utf8')) as unknown[]).map((one): Person => personSchema.parse(one));
const ZONE = 'America/Chicago';
const reyes = { account: 'nobody', as: 'c-reyes' };

let engine: EngineFixture;
beforeEach(async () => {
  engine = startEngineFixture('assist');
  await engine.bring(orderBytes());
  await engine.settle();
});
afterEach(() => engine.close());

const needs = () => ({ ...engine.parts, directory: directory(people), zone: ZONE, rehearsal: true });
const list = () => downtimeList({ ...needs(), backlog: backlog(engine.stores.db), site: { name: 'Test', zone: ZONE } });
/** The only case of the list, filled in as on paper, an hour later. */
async function filled(cells: Partial<Record<'decision' | 'protocol' | 'person' | 'decided_at' | 'in_ris' | 'note', string>>): Promise<PaperRow> {
  const sheet = sheetText(await list());
  const all = { decision: 'approve', protocol: '', person: 'Ngozi Okafor', decided_at: '2026-11-25 04:21', in_ris: '', note: '', ...cells };
  const [head = '', row = ''] = sheet.split('\r\n');
  const typed = [all.decision, all.protocol, all.person, all.decided_at, all.in_ris, all.note].map((cell) => `"${cell}"`).join(',');
  const [found] = filledRows(`${head}\r\n${row.replace(/,{6}$/u, `,${typed}`)}\r\n`);
  engine.now = addMinutes(engine.now, 60);
  return found!.row;
}
const enter = (row: PaperRow, dryRun = false, caller: { account: string; as: string | null } = reyes) =>
  paperDesk(needs()).enter(caller, { ask: 'enter-paper', row, dryRun });
const facts = () => engine.stores.db.all<{ type: string }>('SELECT type FROM facts ORDER BY seq').map(({ type }) => type);
const audited = (action: string) =>
  engine.stores.db.all<{ actor: string; outcome: string; detail: string }>('SELECT actor, outcome, detail FROM audit WHERE action = ?', action);
const changes = () => engine.left.flatMap((one) => (one.to === 'ris' && one.bytes.startsWith('order-change') ? [one.bytes] : []));

describe('the list', () => {
  it('holds every open case with two identifiers, its numbers, state, deadline and what is proposed', async () => {
    const { cases, asOf } = await list();
    expect(asOf).toBe(engine.now);
    expect(cases).toMatchObject([
      {
        ...{ group: 'CT', urgency: 'Urgent', isFirst: false, revision: 1, mayDecide: true, waitsFor: 'a radiologist' },
        ...{ exam: 'CT HEAD WO CONTRAST', deadline: addMinutes(engine.now, 30), proposal: { id: 'CT-HEAD-WO' } },
        patient: { name: expect.stringMatching(/.+, .+/u), number: expect.stringMatching(/^M/u), born: expect.stringMatching(/\d{4}/u) },
      },
    ]);
    expect(cases[0]?.warnings.join()).toContain('NOT CHECKED');
  });

  it('is as of the time before which everything that was acknowledged is in its case', async () => {
    engine.now = addMinutes(engine.now, 5);
    const came = engine.now;
    // Acknowledged and on the disk, and nobody has worked on it.
    await engine.bring(orderBytes('change', 'M2'));
    engine.now = addMinutes(engine.now, 2);
    expect(await list()).toMatchObject({ asOf: came, writtenAt: engine.now });
    await engine.settle();
    expect((await list()).asOf).toBe(engine.now);
  });

  it('names the approved protocol that the RIS may not have, and drops the case once it is there', async () => {
    await engine.approve();
    expect((await list()).cases).toMatchObject([{ state: expect.stringMatching(/CT-HEAD-WO.*NOT YET IN THE RIS/u), mayDecide: false }]);
    await engine.settle();
    expect((await list()).cases).toEqual([]);
  });
});

describe('a decision on paper', () => {
  it('is entered as that of who took it, when they took it, with who typed it in beside them; the RIS is told once', async () => {
    expect(await enter(await filled({}))).toMatchObject({ ok: true, outcome: 'done', text: expect.stringMatching(/^Approved \w{6}\./u) });
    await engine.settle();
    expect(changes()).toHaveLength(1);
    expect(facts()).toContain('protocolWrittenBack');
    const [row] = await engine.stores.views.all('protocoling');
    const history = await engine.stores.cases.read('protocoling', row!.caseId);
    const fact = history.facts.find((stored) => (stored.fact as { type: string }).type === 'protocolApproved')?.fact;
    expect(fact).toMatchObject({ approval: { person: 'dr-okafor', at: '2026-11-25T10:21:00.000Z' }, paper: { enteredBy: { id: 'c-reyes' } } });
    expect(audited('protocolApproved')).toMatchObject([{ actor: '{"enteredBy":"c-reyes","kind":"person","person":"dr-okafor"}', outcome: 'done' }]);
    // Whoever decided is told that it was entered in their name.
    expect(
      engine.left
        .filter(({ to }) => to === 'person')
        .map((one) => JSON.stringify(one))
        .join(),
    ).toContain('entered in your name');
    expect(engine.left.findLast(({ to }) => to === 'channel')).toMatchObject({ card: expect.stringContaining('entered by Carmen Reyes') });
  });

  it('entered twice, also after a restart, is one decision and one write-back', async () => {
    const row = await filled({});
    await enter(row);
    await engine.settle();
    const before = facts();
    expect(await enter(row)).toMatchObject({ outcome: 'before' });
    expect(await enter({ ...row, note: 'typed again' })).toMatchObject({ outcome: 'before' });
    await engine.settle();
    expect(facts()).toEqual(before);
    expect(changes()).toHaveLength(1);
  });

  it('says on a dry run what would happen, and changes nothing', async () => {
    const row = await filled({});
    const before = engine.stores.db.get<{ n: number }>('SELECT count(*) AS n FROM audit');
    expect(await enter(row, true)).toMatchObject({ outcome: 'would', text: expect.stringContaining('Approved') });
    expect(engine.stores.db.get<{ n: number }>('SELECT count(*) AS n FROM audit')).toEqual(before);
    expect(facts()).not.toContain('protocolApproved');
  });

  it('that somebody entered in the RIS by hand is not sent there a second time', async () => {
    expect(await enter(await filled({ in_ris: 'yes' }))).toMatchObject({ outcome: 'done', text: expect.stringContaining('in the RIS already') });
    await engine.settle();
    expect(changes()).toEqual([]);
    expect(engine.left.findLast(({ to }) => to === 'channel')).toMatchObject({ card: expect.stringContaining('entered there by hand') });
    expect((await list()).cases).toEqual([]);
  });

  it('can be another protocol, and a reject with its reason', async () => {
    const other = await filled({ decision: 'Other', protocol: 'ct-head-w', note: 'mass' });
    expect(await enter(other)).toMatchObject({ outcome: 'done', text: expect.stringContaining('Your protocol is set') });
    expect(await enter({ ...other, decision: 'reject', protocol: '' })).toMatchObject({ outcome: 'conflict' });
    expect(facts().filter((type) => type === 'protocolApproved')).toHaveLength(1);
  });
});

describe('what happened meanwhile stands', () => {
  it('decided in Teams: a conflict that names who and when, no second write-back', async () => {
    const row = await filled({});
    await engine.approve();
    await engine.settle();
    const reply = await enter(row);
    expect(reply).toMatchObject({ outcome: 'conflict', text: expect.stringContaining('approved this order at') });
    expect(await enter(row)).toEqual(reply);
    await engine.settle();
    expect(changes()).toHaveLength(1);
  });

  it('cancelled by the RIS, or changed so that it is another revision', async () => {
    const row = await filled({});
    await engine.bring(orderBytes('cancel', 'M3'));
    await engine.settle();
    expect(await enter(row)).toMatchObject({ outcome: 'conflict', text: expect.stringContaining('cancelled') });
    expect(await enter({ ...row, revision: '7' })).toMatchObject({ outcome: 'conflict' });
    expect(changes()).toEqual([]);
  });

  it('on a revision that is no more: the case has to be looked at', async () => {
    expect(await enter({ ...(await filled({})), revision: '0' })).toMatchObject({
      outcome: 'conflict',
      text: expect.stringContaining('has changed'),
    });
  });
});

describe('a row that is not right is refused in a sentence, and nothing is changed', () => {
  const cases: [string, Partial<PaperRow>, string, string][] = [
    ['another patient’s number', { patient: 'M999' }, 'conflict', 'patient number of this row is not that of the case'],
    ['another order’s number', { order: 'P999' }, 'conflict', 'order number of this row'],
    ['a case number misread', { caseNumber: '7KF3QQ' }, 'refused', 'There is no case'],
    ['a decision that is none', { decision: 'ok' }, 'refused', 'write approve, other or reject'],
    ['other without its protocol', { decision: 'other' }, 'refused', 'needs the id of the protocol'],
    ['a protocol that is not in the catalogue', { decision: 'other', protocol: 'CT-NOTHING' }, 'refused', 'not in the catalogue'],
    ['approve with another protocol', { protocol: 'CT-HEAD-W' }, 'refused', 'leave protocol empty, or write other'],
    ['a reject without a reason', { decision: 'reject' }, 'refused', 'needs its reason'],
    ['a person whom nobody knows', { person: 'Okafor' }, 'refused', 'nobody of people.json'],
    ['a person who may not decide', { person: 'Jana Novak' }, 'refused', 'has no role that may approve'],
    ['a time of tomorrow', { decidedAt: '2026-11-26 04:21' }, 'refused', 'in the future'],
    ['a time before the list', { decidedAt: '2026-11-25 03:21' }, 'refused', 'before this list was written'],
    ['a day that is none', { decidedAt: '2026-11-31 04:21' }, 'refused', 'write it as'],
    ['a time as another country writes it', { decidedAt: '25.11.2026 04:21' }, 'refused', 'write it as'],
    ['in_ris that is no yes', { inRis: 'maybe' }, 'refused', 'in_ris: write yes'],
    ['no revision', { revision: '' }, 'refused', 'revision: leave it'],
  ];
  it.each(cases)('%s', async (_name, wrong, outcome, says) => {
    const row = await filled({});
    expect(await enter({ ...row, ...wrong })).toMatchObject({ ok: true, outcome, text: expect.stringContaining(says) });
    expect(facts()).not.toContain('protocolApproved');
    // It is on record, without a word of the row.
    const rows = audited('enter-paper').concat(audited('personAnswered'));
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toMatch(/M999|P999|Abara/u);
  });

  it('from somebody who may not enter, or whom nobody knows: denied and audited', async () => {
    const row = await filled({});
    expect(await enter(row, false, { account: 'x', as: 'm-brandt' })).toMatchObject({
      ok: false,
      text: expect.stringContaining('no role that may enter'),
    });
    expect(await enter(row, false, { account: 'x', as: 'nobody' })).toMatchObject({ ok: false, code: 'denied' });
    expect(audited('enter-paper').map(({ outcome }) => outcome)).toEqual(['denied', 'denied']);
    expect(facts()).not.toContain('protocolApproved');
  });

  it('where the workflow is silent: nothing is decided here', async () => {
    const row = await filled({});
    engine.mode = 'silent';
    expect(await enter(row)).toMatchObject({ outcome: 'refused', text: expect.stringContaining('silent') });
  });
});

describe('a time on paper', () => {
  it('is the site’s: also where clocks are turned back, and where an hour does not exist', async () => {
    const row = await filled({});
    const at = async (decidedAt: string, asOf: string, now: string) => {
      engine.now = now as typeof engine.now;
      return enter({ ...row, decidedAt, asOf }, true);
    };
    // 1 November 2026: 01:30 comes twice in Chicago; the first one is 06:30 UTC.
    expect(await at('2026-11-01 01:30', '2026-11-01T06:00:00.000Z', '2026-11-01T06:29:00.000Z')).toMatchObject({
      text: expect.stringContaining('future'),
    });
    expect(await at('2026-11-01 01:30', '2026-11-01T06:00:00.000Z', '2026-11-01T06:31:00.000Z')).toMatchObject({ outcome: 'would' });
    // 8 March 2026: there is no 02:30.
    expect(await at('2026-03-08 02:30', '2026-03-08T06:00:00.000Z', '2026-03-09T00:00:00.000Z')).toMatchObject({
      text: expect.stringContaining('write it as'),
    });
  });
});
