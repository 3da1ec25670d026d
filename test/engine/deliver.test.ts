import type { Delivery } from '#core/delivery.js';
import { epochOf } from '#core/time.js';
import type { AckReceipt } from '#ports/hl7-sender.js';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';

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
const facts = () => engine.stores.db.all<{ type: string; fact: string }>('SELECT type, fact FROM facts ORDER BY seq');
const failed = () => facts().filter(({ type }) => type === 'deliveryFailed').map(({ fact }) => (JSON.parse(fact) as { code: string }).code); // prettier-ignore

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

  it('goes to a person at once when it is refused: the card says so, the write is held and shown to an operator', async () => {
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
        await engine.stores.outbox.keepBytes(item.id, rendered);
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
});
