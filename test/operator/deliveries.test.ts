import { sealBytes } from '#adapters/embedded/case-pieces.js';
import type { CaseId } from '#core/ids.js';
import { acts, heldChange, startOperatorFixture } from './operator-fixture.ts';
import type { OperatorFixture } from './operator-fixture.ts';
import { orderBytes } from '../support/engine-fixture.ts';
import { appendTo, effects } from '../support/store-fixture.ts';

let desk: OperatorFixture;
beforeEach(() => {
  desk = startOperatorFixture();
});
afterEach(() => desk.close());

const facts = () => desk.engine.stores.db.all<{ type: string }>('SELECT type FROM facts ORDER BY seq').map(({ type }) => type);
const lastCard = () => desk.engine.left.flatMap((one) => (one.to === 'channel' ? [one.card] : [])).at(-1) ?? '';
/** Another change of the same order behind the first. */
const laterChange = async (number: string) => {
  const found = await desk.engine.stores.cases.findByNumber(number as Parameters<typeof desk.engine.stores.cases.findByNumber>[0]);
  if (found === null) throw new Error('no case');
  await appendTo(desk.engine.stores, found.caseId, { effects: [{ effect: effects.commit('order-change'), suppressed: false }] });
};

describe('an order change that the RIS refused', () => {
  it('is listed with its case, its reason and what to do, and without data of the patient', async () => {
    const { id, caseNumber } = await heldChange(desk);
    const item = (await desk.listed()).find((one) => one.id === id);
    expect(item).toMatchObject({ kind: 'delivery', state: 'held', caseNumber, what: 'order-change', destination: 'ris', code: 'refused' });
    expect(item?.reason).toContain('The receiver answered AR (OBR-44 103).');
    expect(item?.next).toBe('mend, retry; or skip');
    expect(item).not.toHaveProperty('caseId');
  });

  it('is sent again with the same bytes when an operator retries it, delivered once, and its case knows', async () => {
    const { id } = await heldChange(desk);
    const [on] = acts(await desk.act('retry', [id]));
    expect(on).toMatchObject({ id, ok: true, text: expect.stringMatching(/the same \d+ bytes go to ris again/u) });
    await desk.engine.settle();
    expect(desk.changesSent()).toHaveLength(2);
    expect(new Set(desk.changesSent()).size).toBe(1);
    expect(facts().filter((type) => type === 'deliveryFailed' || type === 'protocolWrittenBack')).toEqual(['deliveryFailed', 'protocolWrittenBack']);
    expect(lastCard()).toContain('In the RIS.');
    expect((await desk.listed()).filter(({ kind }) => kind === 'delivery')).toEqual([]);
    expect(acts(await desk.act('retry', [id]))).toMatchObject([{ ok: false, text: `${id} is delivered: nothing is held any more.` }]);
    await desk.engine.settle();
    expect(desk.changesSent()).toHaveLength(2);
  });

  it('is held and told again when the RIS refuses it again', async () => {
    const { id } = await heldChange(desk);
    desk.engine.risAnswers.push({ ok: false, code: 'refused', detail: 'The receiver answered AR.' });
    await desk.act('retry', [id]);
    await desk.engine.settle();
    expect((await desk.listed()).map((one) => [one.id, one.state])).toContainEqual([id, 'held']);
    expect(facts().filter((type) => type === 'deliveryFailed')).toHaveLength(2);
  });

  it('gets all its attempts again: five of unknown fate before a person is asked once more', async () => {
    const { id } = await heldChange(desk);
    desk.engine.risAnswers.push(
      ...Array.from({ length: 99 }, () => ({ ok: false, code: 'timed-out-after-send', detail: 'No answer in time.' }) as const),
    );
    await desk.act('retry', [id]);
    await desk.engine.settle();
    for (let n = 0; n < 10 && (await desk.engine.skip()); n += 1);
    expect(desk.changesSent()).toHaveLength(1 + 5);
    const again = await desk.act('retry', [id], { dryRun: true });
    expect(acts(again)[0]?.text).toMatch(/ris may have it already: a receiver that knows it by MSH-10 does nothing twice/u);
  });

  it('invariant 25: the next of its lane is not sent before it is taken, or a person skips it, audited', async () => {
    const { id, caseNumber } = await heldChange(desk);
    await laterChange(caseNumber);
    await desk.engine.settle();
    expect(desk.changesSent()).toHaveLength(1);
    const dry = acts(await desk.act('skip', [id], { dryRun: true }));
    expect(dry[0]?.text).toMatch(
      /order-change is never sent to ris, the case says so; o\d+ \(order-change\) is next in its lane; tells effectFailed to case /u,
    );
    expect(acts(await desk.act('skip', [id], { reason: 'entered in the RIS by hand' }))).toMatchObject([{ id, ok: true }]);
    await desk.engine.settle();
    expect(desk.changesSent()).toHaveLength(2);
    expect(new Set(desk.changesSent()).size).toBe(2);
    expect(desk.audited().at(-1)).toMatchObject({ action: 'q-skip', outcome: 'done', detail: { item: id, reason: 'entered in the RIS by hand' } });
  });

  it('says on its card that an operator skipped it', async () => {
    const { id } = await heldChange(desk);
    expect(lastCard()).not.toContain('an operator skipped it');
    await desk.act('skip', [id]);
    await desk.engine.settle();
    expect(lastCard()).toContain('Radloop has not written it to the RIS: an operator skipped it');
    expect(desk.changesSent()).toHaveLength(1);
    expect(acts(await desk.act('skip', [id]))).toMatchObject([{ ok: false, text: `${id} is skipped: nothing is held any more.` }]);
  });

  it('changes nothing on a dry run, whatever the act', async () => {
    const { id, caseNumber } = await heldChange(desk);
    const before = desk.state();
    for (const ask of ['retry', 'skip', 'release'] as const) await desk.act(ask, [id], { dryRun: true, reason: '' });
    await desk.ask({ ask: 'park', caseNumber, reason: '', dryRun: true });
    await desk.engine.settle();
    expect(desk.state()).toBe(before);
    expect(desk.audited()).toEqual([]);
    expect(desk.changesSent()).toHaveLength(1);
  });
});

describe('a recommendation that the RIS refused', () => {
  it('is not sent after a newer one has gone, so that the RIS is not left with the older', async () => {
    const { engine } = desk;
    engine.risAnswers.push({ ok: false, code: 'refused', detail: 'The receiver answered AR.' });
    await engine.bring(orderBytes());
    await engine.settle();
    const [older] = (await desk.listed()).filter(({ kind }) => kind === 'delivery');
    expect(older).toMatchObject({ what: 'protocol-recommendation' });
    const changed = orderBytes('change', 'M2')
      .toString()
      .replaceAll('20261125100000', '20261125100030')
      .replace('severe headache', 'weakness of one arm');
    await engine.bring(Buffer.from(changed));
    await engine.settle();
    const left = engine.left.filter(({ to }) => to === 'ris').length;
    expect(left).toBe(2);
    expect(acts(await desk.act('retry', [older?.id ?? '']))).toMatchObject([
      { ok: false, text: expect.stringMatching(/o\d+ of its lane has gone since/u) },
    ]);
    expect(acts(await desk.act('skip', [older?.id ?? '']))).toMatchObject([{ ok: true }]);
    await engine.settle();
    expect(engine.left.filter(({ to }) => to === 'ris')).toHaveLength(left);
  });
});

describe('a delivery that its receiver accepted and its application has not answered', () => {
  it('may be retried with the same bytes while it waits, and says what the receiver makes of that', async () => {
    const { id, caseNumber } = await heldChange(desk);
    const { outbox } = desk.engine.stores;
    await desk.act('retry', [id]);
    const [item] = await outbox.claim(desk.engine.now, 60, 1);
    await outbox.awaitAnswer(item!, 'X1', null, desk.engine.now);
    expect((await desk.listed()).find((one) => one.id === id)).toMatchObject({ state: 'awaited', caseNumber, next: 'wait, or retry' });
    const on = acts(await desk.act('retry', [id]));
    expect(on[0]?.text).toMatch(/the same \d+ bytes go to ris again; ris may have it already/u);
    await desk.engine.settle();
    expect(new Set(desk.changesSent()).size).toBe(1);
    expect(facts().at(-1)).toBe('protocolWrittenBack');
  });
});

describe('who may act', () => {
  it('denies an account that nobody in people.json has, and audits it', async () => {
    const { id } = await heldChange(desk);
    const reply = await desk.act('skip', [id], { account: 'root' });
    expect(reply).toEqual({ ok: false, code: 'denied', text: 'The account root belongs to nobody: people.json names it as osAccount.' });
    expect(desk.audited()).toMatchObject([{ action: 'q-skip', outcome: 'denied', detail: { account: 'root' } }]);
    expect((await desk.listed()).map((one) => one.id)).toContain(id);
  });

  it('denies a person without the role, also for looking, and audits it', async () => {
    const { id } = await heldChange(desk);
    for (const request of [{ ask: 'show', id } as const, { ask: 'list', filter: {}, most: 9 } as const]) {
      expect(await desk.ask(request, 'nokafor')).toMatchObject({
        ok: false,
        code: 'denied',
        text: expect.stringContaining('Ngozi Okafor has no role'),
      });
    }
    expect(await desk.act('retry', [id], { account: 'akim' })).toMatchObject({ ok: false, code: 'denied' });
    expect(desk.audited().map(({ action, outcome }) => [action, outcome])).toEqual([['q-list', 'denied'], ['q-list', 'denied'], ['q-retry', 'denied']]); // prettier-ignore
  });

  it('does nothing without a reason', async () => {
    const { id } = await heldChange(desk);
    for (const ask of ['retry', 'skip'] as const) expect(await desk.act(ask, [id], { reason: '  ' })).toMatchObject({ ok: false, code: 'no-reason' });
    expect(desk.audited()).toEqual([]);
  });

  it('writes one audit row an act, with person, account, item and reason, and the chain holds', async () => {
    const { id } = await heldChange(desk);
    await desk.act('retry', [id], { reason: 'RIS knows the code now' });
    await desk.engine.settle();
    await desk.act('retry', [id], { reason: 'once more' });
    expect(desk.audited()).toEqual([
      {
        actor: '{"kind":"person","person":"m-brandt"}',
        action: 'q-retry',
        outcome: 'done',
        detail: { account: 'mbrandt', item: id, reason: 'RIS knows the code now' },
      },
      expect.objectContaining({ action: 'q-retry', outcome: 'nothing', detail: { account: 'mbrandt', item: id, reason: 'once more' } }),
    ]);
    expect((await desk.engine.stores.audit.verify()).ok).toBe(true);
  });

  it('plays a person on the rehearsal site alone, and the audit row says so', async () => {
    const { id } = await heldChange(desk);
    const request = { ask: 'retry', which: { ids: [id], filter: null }, reason: 'try', dryRun: false } as const;
    expect(await desk.operator.ask({ account: 'root', as: 's-weber' }, request)).toMatchObject({
      ok: false,
      code: 'denied',
      text: expect.stringContaining('rehearsal'),
    });
    const rehearsal = startOperatorFixture({ rehearsal: true });
    try {
      const held = await heldChange(rehearsal);
      await rehearsal.operator.ask({ account: 'root', as: 's-weber' }, { ...request, which: { ids: [held.id], filter: null } });
      expect(rehearsal.audited().at(-1)).toMatchObject({ actor: '{"kind":"person","person":"s-weber"}', detail: { account: 'root', played: true } });
      // Without it, whoever sits at the laptop is its operator.
      expect(await rehearsal.operator.ask({ account: 'root', as: null }, { ask: 'list', filter: {}, most: 9 })).toMatchObject({ ok: true });
      expect(await rehearsal.operator.ask({ account: 'root', as: 'nobody' }, { ask: 'list', filter: {}, most: 9 })).toMatchObject({
        ok: false,
        code: 'denied',
      });
    } finally {
      await rehearsal.close();
    }
  });
});

describe('two order changes of one lane', () => {
  it('are compared field by field, every value as its shape', async () => {
    const { caseNumber } = await heldChange(desk);
    const { db } = desk.engine.stores;
    const found = await desk.engine.stores.cases.findByNumber(caseNumber);
    await appendTo(desk.engine.stores, found!.caseId, { effects: [{ effect: effects.commit('order-change'), suppressed: false }] });
    const rows = db.all<{ id: number; case_id: CaseId; key: string }>("SELECT id, case_id, key FROM outbox WHERE kind = 'sendHl7' ORDER BY id");
    const change = (code: string) =>
      Buffer.from(
        `MSH|^~\\&|RADLOOP|NORTH|RIS|NORTH|20261125100100||ORM^O01|X|P|2.5.1\rPID|||4711||Abara^Vera\rOBR|1|P1|||||||||||||||||||||||||||||||||||||||||${code}\r`,
      );
    await db.write(() => {
      rows.forEach((row, index) =>
        db.run('UPDATE outbox SET bytes = ? WHERE id = ?', sealBytes(db, row, change(index === 0 ? 'CTHEADWO' : 'CTHEADW')), row.id),
      );
    });
    const [first, second] = rows.map(({ id }) => `o${id}`);
    const reply = await desk.ask({ ask: 'diff', id: second ?? '' });
    expect(reply).toMatchObject({
      ...{ ok: true, answer: 'diff', item: { id: second }, with: { id: first }, same: 15 },
      differences: [{ at: 'OBR-43', before: 'xxxxxxxx', after: 'xxxxxxx' }],
    });
    expect(await desk.ask({ ask: 'diff', id: first ?? '' })).toMatchObject({ ok: false, code: 'not-possible' });
  });
});
