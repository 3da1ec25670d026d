import { openEffect } from '#adapters/embedded/case-pieces.js';
import { approvalBy } from '#core/approval.js';
import type { Delivery } from '#core/delivery.js';
import type { Effect } from '#core/effect.js';
import { effectKey, eventId } from '#core/ids.js';
import { epochOf } from '#core/time.js';
import { desk } from '#engine/desk.js';
import type { AckReceipt } from '#ports/hl7-sender.js';
import { okafor } from '../support/clinic.ts';
import { appendTo, t0 } from '../support/store-fixture.ts';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { openedFacts } from '../support/opened-facts.ts';

let engine: EngineFixture;
beforeEach(async () => {
  engine = startEngineFixture('assist');
  await engine.bring(orderBytes());
  await engine.settle();
  expect(await engine.approve()).toBe('won');
});
afterEach(() => engine.close());

type Code = Extract<Delivery, { ok: false }>['code'];
const fails = (code: Code, times: number, more: { retryAfterSeconds?: number } = {}): Delivery<AckReceipt>[] =>
  Array.from({ length: times }, () => ({ ok: false, code, detail: `The RIS: ${code}.`, ...more }));
/** Goes on from one due time to the next, so many times at most. */
const goOn = async (times: number) => {
  await engine.settle();
  for (let n = 0; n < times; n += 1) if (!(await engine.skip())) return;
};
const sent = () => engine.left.flatMap((one) => (one.to === 'ris' && one.bytes.startsWith('order-change') ? [one.bytes] : []));
const facts = () => openedFacts<{ code: string }>(engine.stores.db);
const failed = () => facts().filter(({ type }) => type === 'deliveryFailed').map(({ fact }) => fact.code); // prettier-ignore

describe('a message to the RIS', () => {
  it('is tried again without end while nobody is there, and delivered when somebody is', async () => {
    engine.risAnswers.push(...fails('not-connected', 40));
    const began = epochOf(engine.now);
    await goOn(45);
    expect(sent()).toHaveLength(41);
    expect(failed()).toEqual([]);
    expect(facts().at(-1)?.type).toBe('protocolWrittenBack');
    // 1 + 2 + 4 + 8 + 16 seconds, then every 30.
    expect((epochOf(engine.now) - began) / 1000).toBe(31 + 35 * 30);
  });

  it('waits as long as a throttling receiver says', async () => {
    engine.risAnswers.push(...fails('throttled', 1, { retryAfterSeconds: 77 }));
    const began = epochOf(engine.now);
    await goOn(5);
    expect(epochOf(engine.now) - began).toBe(77_000);
    expect(sent()).toHaveLength(2);
  });

  it.each(['timed-out-after-send', 'cut-after-send', 'answer-unreadable'] as const)(
    'is sent five times with the same bytes when its fate is not known (%s), then a person is asked',
    async (code) => {
      engine.risAnswers.push(...fails(code, 99));
      await goOn(20);
      expect(sent()).toHaveLength(5);
      expect(new Set(sent()).size).toBe(1);
      expect(failed()).toEqual([code]);
    },
  );

  it('is sent three times when it is refused for now', async () => {
    engine.risAnswers.push(...fails('refused-for-now', 99));
    await goOn(20);
    expect(sent()).toHaveLength(3);
    expect(failed()).toEqual(['refused-for-now']);
  });

  it('counts each kind of failure by itself', async () => {
    engine.risAnswers.push(...fails('cut-after-send', 4), ...fails('not-connected', 9), ...fails('refused-for-now', 2));
    await goOn(30);
    expect(sent()).toHaveLength(16);
    expect(failed()).toEqual([]);
  });

  it('goes to a person at once when it is refused, with one alarm (field report 6, invariant 27): the card says so, the write is held and shown to an operator', async () => {
    engine.risAnswers.push(...fails('refused', 1));
    await goOn(9);
    expect(sent()).toHaveLength(1);
    expect(failed()).toEqual(['refused']);
    expect(engine.left.findLast(({ to }) => to === 'channel')).toMatchObject({ card: expect.stringContaining('it was refused') });
    expect(await engine.stores.views.held()).toMatchObject([{ kind: 'outbox', reason: 'refused: The RIS: refused.' }]);
    expect(await engine.stores.views.open('protocoling')).toMatchObject([{ status: 'approved', note: 'the RIS did not take it' }]);
  });

  it('is the same bytes after an end between sending and its answer, and five such ends go to a person', async () => {
    const interrupted = async () => {
      const [item] = await engine.stores.outbox.claim(engine.now, 60, 99).then((items) => items.filter(({ effect }) => effect.kind === 'sendHl7'));
      if (item) {
        const rendered = item.bytes ?? Buffer.from('order-change, as first rendered');
        await engine.stores.outbox.keepBytes(item, rendered);
      }
      engine.now = new Date(epochOf(engine.now) + 61_000).toISOString() as typeof engine.now;
    };
    await interrupted();
    await engine.settle();
    expect(sent()).toEqual(['order-change, as first rendered']);
    expect(facts().map(({ type }) => type)).toContain('protocolWrittenBack');
  });

  it('goes to a person after five interrupted sendings, without a sixth', async () => {
    for (let n = 0; n < 5; n += 1) {
      await engine.stores.outbox.claim(engine.now, 60, 99);
      engine.now = new Date(epochOf(engine.now) + 61_000).toISOString() as typeof engine.now;
    }
    await engine.settle();
    expect(sent()).toEqual([]);
    expect(failed()).toEqual(['cut-after-send']);
  });

  it('holds back nothing but its own order when it is refused, however long (field report 7, invariant 25)', async () => {
    engine.risAnswers.push(...fails('refused', 1));
    await engine.settle();
    const other = orderBytes('new', 'M2').toString();
    const [placer = '', filler = ''] = /\rORC\|NW\|([^|]*)\|([^|]*)/u.exec(other)?.slice(1) ?? [];
    await engine.bring(Buffer.from(other.replaceAll(placer, 'P2^OTHER').replaceAll(filler, 'F2^OTHER')));
    await engine.settle();
    engine.left.length = 0;
    const number = (await engine.stores.views.open('protocoling')).find(({ status }) => status === 'waiting')!.caseNumber;
    const answer = { person: okafor, caseNumber: number, revision: 1, verb: 'choose-other', protocolId: 'CT-HEAD-WO' } as const;
    expect((await desk(engine.parts, []).answer(answer)).outcome).toBe('won');
    await engine.settle();
    expect(sent()).toHaveLength(1);
    expect(await engine.stores.views.held()).toHaveLength(1);
  });

  it('leaves only because somebody approved it, and names who (invariant 28)', async () => {
    const commits = () => engine.stores.db.all<Parameters<typeof openEffect>[1]>("SELECT case_id, key, effect FROM outbox WHERE weight = 'commit'");
    await engine.settle();
    expect(commits().map((row) => (openEffect(engine.stores.db, row) as { approval: { person: string } }).approval.person)).toEqual([okafor.id]);
    const won = facts().filter(({ type }) => type === 'protocolApproved');
    expect(won).toHaveLength(1);
  });
});

describe('a record of an approval for the EHR', () => {
  const approval = approvalBy(okafor, t0, '7KF3QN' as never, 1, eventId.parse('answer'));
  const record = (): Effect => ({ key: effectKey.parse('task-1'), kind: 'writeFhir', weight: 'commit', resource: 'Task', data: { n: 1 }, approval });
  const states = () => engine.stores.db.all<{ state: string; code: string | null }>("SELECT state, code FROM outbox WHERE kind = 'writeFhir'");
  const queue = (effect: Effect) => appendTo(engine.stores, caseId(), { effects: [{ effect, suppressed: false }] });
  const caseId = () => engine.stores.db.get<{ case_id: never }>('SELECT case_id FROM cases')!.case_id;
  beforeEach(async () => {
    await engine.settle();
    engine.left.length = 0;
    await queue(record());
  });

  it('is written once under the key of its effect', async () => {
    await engine.settle();
    expect(engine.left.filter(({ to }) => to === 'ehr')).toEqual([{ to: 'ehr', what: 'Task', data: { n: 1 }, key: 'task-1' }]);
    expect(states()).toEqual([{ state: 'delivered', code: null }]);
  });

  it('goes to a person at once when somebody else wrote first', async () => {
    engine.ehrAnswers.push({ ok: false, code: 'changed-meanwhile', detail: 'The EHR answered 412.' });
    await goOn(5);
    expect(engine.left.filter(({ to }) => to === 'ehr')).toHaveLength(1);
    expect(states()).toEqual([{ state: 'held', code: 'changed-meanwhile' }]);
    expect(failed()).toEqual(['changed-meanwhile']);
  });

  it('waits for an EHR that is not there and keeps no message to the RIS waiting (field report 25)', async () => {
    engine.ehrAnswers.push({ ok: false, code: 'not-connected', detail: 'nobody is there' });
    await engine.settle();
    expect(states()).toEqual([{ state: 'waiting', code: 'not-connected' }]);
    const change = { key: effectKey.parse('k2'), kind: 'sendHl7', weight: 'commit', destination: 'ris', message: 'order-change', data: {} } as const;
    await queue({ ...change, approval });
    await engine.settle();
    expect(sent()).toHaveLength(1);
    await goOn(5);
    expect(states()).toEqual([{ state: 'delivered', code: null }]);
  });
});
