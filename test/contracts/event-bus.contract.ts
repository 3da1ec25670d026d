import { eventId } from '#core/ids.js';
import { appendTo, caseNo, eventFor, later } from '../support/store-fixture.ts';
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
      await appendTo(stores, caseNo(1), { event, claimed: claimed!.claimed });
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
      expect(await claim(61)).toMatchObject([{ attempt: 2 }]);
    });

    it('gives a released event out again at its time, before those behind it', async () => {
      await stores.bus.publish(eventFor(caseNo(1), 'a'));
      await stores.bus.publish(eventFor(caseNo(1), 'b'));
      const [head] = await claim();
      await stores.bus.release(head!.claimed, later(10));
      expect(await claim(9)).toEqual([]);
      expect(await claim(10)).toMatchObject([{ event: { id: 'a' }, attempt: 2 }]);
    });

    it('keeps a poison event for a person: its own case waits, no other does', async () => {
      for (const event of [eventFor(caseNo(1), 'poison'), eventFor(caseNo(1), 'behind')]) await stores.bus.publish(event);
      const [head] = await claim();
      await stores.bus.quarantine(head!.claimed, 'failed 5 times: TypeError', later(1));
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
