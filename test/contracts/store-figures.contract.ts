import { CANARY_ENDPOINT, CANARY_ORDER, PROGRESS } from '#engine/canary.js';
import { effectKey, eventId } from '#core/ids.js';
import type { Effect } from '#core/effect.js';
import type { Instant } from '#core/time.js';
import { appendTo, caseNo, effects, eventFor, later, message, queue, t0 } from '../support/store-fixture.ts';
import type { StartStores, StoresUnderTest } from '../support/store-fixture.ts';

const system = { kind: 'system', part: 'canary' } as const;

/** A canary as the engine sends it: kept, told to its one case, and a note to nobody; `far` of these three. */
async function canary(stores: StoresUnderTest, at: Instant, far: 1 | 2 | 3): Promise<void> {
  const id = eventId.parse(`canary:${Date.parse(at)}`);
  const input = { type: 'canaryReceived', sentAt: at } as const;
  const consequence = { kind: 'to-order', workflow: PROGRESS, numbers: [CANARY_ORDER], id, actor: system, input } as const;
  await stores.raw.keep(message({ endpoint: CANARY_ENDPOINT, receivedAt: at }), [consequence]);
  if (far === 1) return;
  const claimed = (await stores.bus.claim(at, 60, 9)).find(({ event }) => event.workflow === PROGRESS);
  const caseId = claimed!.event.caseId;
  const { caseNumber, version } = await stores.cases.read(PROGRESS, caseId);
  const effect: Effect = { ...effects.tell('nothing'), key: effectKey.parse(id) };
  await stores.cases.append({
    ...{ workflow: PROGRESS, caseId, caseNumber, expectedVersion: version, at, facts: [], row: null, keys: [], answer: undefined },
    ...{ event: { id, type: 'canaryReceived', actor: system }, effects: [{ effect, suppressed: false }], claimed: claimed! },
  });
  if (far === 2) return;
  const item = (await stores.outbox.claim(at, 60, 9)).find(({ workflow }) => workflow === PROGRESS);
  await stores.outbox.delivered(item!, 'arrived', at);
}

/** What any adapter of the ports store-figures and canary-trail promises. */
export function storeFiguresContract(name: string, start: StartStores): void {
  describe(`${name} keeps the promise of the port store-figures`, () => {
    let stores: StoresUnderTest;
    beforeEach(async () => {
      stores = await start();
    });
    afterEach(() => stores.close());

    it('counts nothing in an empty store', async () => {
      const { inbox, outbox, quarantine, auditRows } = await stores.health.figures();
      expect({ inbox, outbox, auditRows }).toEqual({ inbox: { depth: 0, oldest: null }, outbox: [], auditRows: 0 });
      expect(quarantine).toEqual({ event: 0, delivery: 0, message: 0, arrival: 0 });
    });

    it('says how much waits, for whom, and since when; what is held for a person is told apart', async () => {
      await queue(stores, caseNo(1), effects.card(), effects.commit(), effects.tell());
      await stores.raw.keep(message({ state: 'new', receivedAt: later(-50) }), 'later');
      await stores.raw.keep(message({ state: 'refused', ackCode: 'AE' }), []);
      await stores.bus.publish(eventFor(caseNo(2)));
      await stores.bus.publish(eventFor(caseNo(3)));
      const [claimed] = await stores.bus.claim(later(1), 60, 1);
      await stores.bus.quarantine(claimed!, 'poison', later(2));
      stores = await stores.reopen();
      const { inbox, outbox, quarantine } = await stores.health.figures();
      expect(inbox).toEqual({ depth: 2, oldest: later(-50) });
      expect([...outbox].sort((a, b) => (a.dest < b.dest ? -1 : 1))).toEqual([
        { dest: 'ris', depth: 1, oldest: t0 },
        { dest: 'teams', depth: 2, oldest: t0 },
      ]);
      expect(quarantine).toEqual({ event: 1, delivery: 0, message: 1, arrival: 0 });
      const commit = (await stores.outbox.claim(later(3), 60, 9)).find(({ effect }) => effect.kind === 'sendHl7');
      expect((await stores.health.figures()).outbox.find(({ dest }) => dest === 'ris')).toEqual({ dest: 'ris', depth: 1, oldest: t0 });
      await stores.outbox.hold(commit!, 'refused', 'AR', later(3));
      const after = await stores.health.figures();
      expect(after.outbox.map(({ dest }) => dest)).toEqual(['teams']);
      expect(after.quarantine.delivery).toBe(1);
    });

    it('says of each channel by itself how many pages wait for it', async () => {
      await queue(stores, caseNo(1), effects.page('sms'), effects.page('sms'), effects.page('print'));
      const { outbox } = await stores.health.figures();
      expect([...outbox].sort((a, b) => (a.dest < b.dest ? -1 : 1))).toEqual([
        { dest: 'page:print', depth: 1, oldest: t0 },
        { dest: 'page:sms', depth: 2, oldest: t0 },
      ]);
    });

    it('counts an effect that an event left in great number once, and nothing that has left or was withdrawn', async () => {
      await queue(stores, caseNo(1), ...Array.from({ length: 60 }, () => effects.tell()));
      expect((await stores.health.figures()).outbox).toMatchObject([{ dest: 'teams', depth: 60 }]);
      for (const item of await stores.outbox.claim(later(1), 60, 99)) await stores.outbox.delivered(item, null, later(1));
      await queue(stores, caseNo(2), effects.commit());
      await queue(stores, caseNo(2), effects.withdraw());
      const left = (await stores.health.figures()).outbox.filter(({ dest }) => dest !== 'inner');
      expect(left.reduce((sum, { depth }) => sum + depth, 0)).toBeLessThan(60);
      expect(left.find(({ dest }) => dest === 'ris')).toBeUndefined();
    });

    it('has all audit rows of which a checkpoint is signed', async () => {
      for (let n = 1; n <= 3; n += 1) await appendTo(stores, caseNo(n), { facts: [{ type: 'told', fact: { type: 'told' } }] });
      await stores.audit.seal(later(1));
      expect((await stores.health.figures()).auditRows).toBe(3);
    });

    it('writes what it is asked to prove, again and again, by a process that the store knows', async () => {
      await stores.health.probe();
      await Promise.all([stores.health.probe(), stores.health.probe()]);
      expect(await stores.health.isKnown()).toBe(true);
    });
  });

  describe(`${name} keeps the promise of the port canary-trail`, () => {
    let stores: StoresUnderTest;
    beforeEach(async () => {
      stores = await start();
    });
    afterEach(() => stores.close());

    it('has a canary on its way in no figure, however far it is', async () => {
      for (const [n, far] of ([3, 2, 1] as const).entries()) await canary(stores, later(10 * n), far);
      const { inbox, outbox, quarantine, auditRows } = await stores.health.figures();
      expect({ inbox, outbox, quarantine, auditRows }).toEqual({
        ...{ inbox: { depth: 0, oldest: null }, outbox: [], auditRows: 0 },
        quarantine: { event: 0, delivery: 0, message: 0, arrival: 0 },
      });
    });

    it('loses what canaries of before have left, and nothing else', async () => {
      const other = message({ receivedAt: later(-900) });
      await stores.raw.keep(other, []);
      await queue(stores, caseNo(1), effects.tell());
      for (let n = 0; n < 3; n += 1) await canary(stores, later(10 * n), 3);
      await canary(stores, later(40), 3);
      await stores.canaryTrail.forget(later(30));
      const doors = (await stores.raw.list(99)).map(({ endpoint, receivedAt }) => ({ endpoint, receivedAt }));
      expect(doors).toEqual(
        expect.arrayContaining([
          { endpoint: 'canary', receivedAt: later(40) },
          { endpoint: other.endpoint, receivedAt: later(-900) },
        ]),
      );
      expect(doors).toHaveLength(2);
      expect((await stores.outbox.claim(later(200), 60, 9)).map(({ caseId }) => caseId)).toEqual([caseNo(1)]);
    });

    it('keeps a canary that is still on its way: it goes on, and is forgotten once it is through', async () => {
      await canary(stores, later(0), 2);
      await stores.canaryTrail.forget(later(99));
      const [item] = await stores.outbox.claim(later(100), 60, 9);
      expect(item?.effect.key).toBe(`canary:${Date.parse(later(0))}`);
      await stores.outbox.delivered(item!, 'arrived', later(100));
      await stores.canaryTrail.forget(later(200));
      await stores.canaryTrail.forget(later(200));
      expect(await stores.raw.list(99)).toEqual([]);
      await canary(stores, later(300), 3);
      expect(await stores.audit.verify()).toMatchObject({ ok: true, rows: 0 });
    });
  });
}
