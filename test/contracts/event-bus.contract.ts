import { eventId } from '#core/ids.js';
import { appendTo, caseNo, effects, eventFor, later, row } from '../support/store-fixture.ts';
import type { StartStores, StoresUnderTest } from '../support/store-fixture.ts';

/** What any adapter of ports/event-bus promises. */
export function eventBusContract(name: string, start: StartStores): void {
  describe(`${name} keeps the promise of the port event-bus`, () => {
    let stores: StoresUnderTest;
    beforeEach(async () => {
      stores = await start();
    });
    afterEach(() => stores.close());
    const claim = (seconds = 1) => stores.bus.claim(later(seconds), 60, 99);

    it('gives out the head of each case’s queue, first in first out, over an end', async () => {
      for (const event of [eventFor(caseNo(1), 'a'), eventFor(caseNo(1), 'b'), eventFor(caseNo(2), 'c')]) await stores.bus.publish(event);
      stores = await stores.reopen();
      const heads = await claim();
      expect(heads.map(({ event }) => event.id)).toEqual(['a', 'c']);
      expect(heads[0]).toMatchObject({ attempt: 1, event: eventFor(caseNo(1), 'a') });
      expect(await claim()).toEqual([]);
    });

    it('keeps an event once however often it is published, also after it was heard', async () => {
      await stores.bus.publish(eventFor(caseNo(1), 'a'));
      await stores.bus.publish(eventFor(caseNo(1), 'a'));
      const [claimed] = await claim();
      const event = { id: eventId.parse('a'), type: 'told', actor: { kind: 'system', part: 'test' } } as const;
      await appendTo(stores, caseNo(1), { event, claimed: claimed! });
      await stores.bus.publish(eventFor(caseNo(1), 'a'));
      expect(await claim(999)).toEqual([]);
    });

    it('tells an event to two cases under the same id', async () => {
      await stores.bus.publish(eventFor(caseNo(1), 'a'));
      await stores.bus.publish(eventFor(caseNo(2), 'a'));
      expect(await claim()).toHaveLength(2);
    });

    it('gives a lease that has expired to the next, and counts the attempt', async () => {
      await stores.bus.publish(eventFor(caseNo(1)));
      await claim(1);
      expect(await claim(60)).toEqual([]);
      expect(await claim(61)).toMatchObject([{ attempt: 2, failures: 0, crashes: 1 }]);
    });

    it('counts a failure by itself, and not as an end of the process', async () => {
      await stores.bus.publish(eventFor(caseNo(1)));
      const [first] = await claim(1);
      expect(await stores.bus.release(first!, later(2))).toBe(true);
      expect(await claim(2)).toMatchObject([{ attempt: 2, failures: 1, crashes: 0 }]);
      expect(await claim(62)).toMatchObject([{ attempt: 3, failures: 1, crashes: 1 }]);
    });

    it('gives out by itself, and first, what a process ended at (invariant 9)', async () => {
      for (const n of [1, 2]) await stores.bus.publish(eventFor(caseNo(n)));
      await stores.bus.claim(later(1), 60, 9);
      await stores.bus.publish(eventFor(caseNo(3)));
      await stores.bus.publish(eventFor(caseNo(4)));
      const casesOf = (events: Awaited<ReturnType<typeof claim>>) => events.map(({ event }) => event.caseId);
      expect(casesOf(await claim(61))).toEqual([caseNo(1)]);
      expect(casesOf(await claim(61))).toEqual([caseNo(2)]);
      expect(casesOf(await claim(61))).toEqual([caseNo(3), caseNo(4)]);
    });

    it('refuses what an earlier claim writes, once another has been given, and nothing of it is written (invariants 11 and 30)', async () => {
      await stores.bus.publish(eventFor(caseNo(1), 'a'));
      const [paused] = await claim(1);
      const [owner] = await claim(61);
      const event = { id: eventId.parse('a'), type: 'told', actor: { kind: 'system', part: 'test' } } as const;
      const change = { event, facts: [{ type: 'told', fact: { type: 'told' } }], effects: [{ effect: effects.card(), suppressed: false }], row };
      expect(await appendTo(stores, caseNo(1), { ...change, claimed: paused! })).toEqual({ ok: false, code: 'claim-lost' });
      expect(await stores.bus.release(paused!, later(62))).toBe(false);
      expect(await stores.bus.quarantine(paused!, 'late', later(62))).toBe(false);
      expect((await stores.cases.read('protocoling', caseNo(1))).version).toBe(0);
      expect([await stores.views.held(), await stores.views.all('protocoling'), await stores.outbox.claim(later(63), 60, 9)]).toEqual([[], [], []]);
      expect(await appendTo(stores, caseNo(1), { ...change, claimed: owner! })).toMatchObject({ ok: true });
      expect(await appendTo(stores, caseNo(1), { ...change, claimed: paused! })).toMatchObject({ ok: false, code: 'already-heard' });
    });

    it('never takes one event for another that came after it was told (invariants 2 and 30)', async () => {
      const [one, two] = ['a', 'b'].map((id) => ({ id: eventId.parse(id), type: 'told', actor: { kind: 'system', part: 'test' } }) as const);
      await stores.bus.publish(eventFor(caseNo(1), 'a'));
      const [paused] = await claim(1);
      const [owner] = await claim(61);
      expect(await appendTo(stores, caseNo(1), { event: one!, claimed: owner! })).toMatchObject({ ok: true });
      await stores.bus.publish(eventFor(caseNo(2), 'b'));
      const [next] = await claim(61);
      expect(await appendTo(stores, caseNo(1), { event: one!, claimed: paused! })).toMatchObject({ ok: false, code: 'already-heard' });
      expect([await stores.bus.release(paused!, later(62)), await stores.bus.quarantine(paused!, 'late', later(62))]).toEqual([false, false]);
      expect(await appendTo(stores, caseNo(2), { event: two!, claimed: next! })).toMatchObject({ ok: true });
    });

    it('gives a released event out again at its time, before those behind it', async () => {
      await stores.bus.publish(eventFor(caseNo(1), 'a'));
      await stores.bus.publish(eventFor(caseNo(1), 'b'));
      const [head] = await claim();
      await stores.bus.release(head!, later(10));
      expect(await claim(9)).toEqual([]);
      expect(await claim(10)).toMatchObject([{ event: { id: 'a' }, attempt: 2 }]);
    });

    it('keeps a poison event for a person: its own case waits, no other does', async () => {
      for (const event of [eventFor(caseNo(1), 'poison'), eventFor(caseNo(1), 'behind')]) await stores.bus.publish(event);
      const [head] = await claim();
      await stores.bus.quarantine(head!, 'failed 5 times: TypeError', later(1));
      await stores.bus.publish(eventFor(caseNo(2), 'other'));
      expect((await claim(999)).map(({ event }) => event.id)).toEqual(['other']);
      expect(await stores.views.held()).toMatchObject([{ kind: 'event', reason: 'failed 5 times: TypeError', since: later(1) }]);
    });

    it('says when the next one falls due', async () => {
      expect(await stores.bus.nextDue()).toBeNull();
      await stores.bus.publish(eventFor(caseNo(1), 'a', later(5)));
      expect(await stores.bus.nextDue()).toBe(later(5));
    });
  });
}
