import { caseNo, effects, later, queue } from '../support/store-fixture.ts';
import type { StartStores, StoresUnderTest } from '../support/store-fixture.ts';

/** What any adapter of ports/deadline-store promises. */
export function deadlineStoreContract(name: string, start: StartStores): void {
  describe(`${name} keeps the promise of the port deadline-store`, () => {
    let stores: StoresUnderTest;
    beforeEach(async () => {
      stores = await start();
    });
    afterEach(() => stores.close());
    const due = (seconds: number) => stores.deadlines.due(later(seconds), 9);

    it('is due at its time, not before, also after an end', async () => {
      await queue(stores, caseNo(1), effects.wake('answer', 3, later(10)));
      stores = await stores.reopen();
      expect(await due(9)).toEqual([]);
      expect(await due(10)).toEqual([{ workflow: 'protocoling', caseId: caseNo(1), name: 'answer', epoch: 3, at: later(10) }]);
      expect(await stores.deadlines.nextDue()).toBe(later(10));
    });

    it('is replaced by a later one of the same name of the same case', async () => {
      await queue(stores, caseNo(1), effects.wake('answer', 3, later(10)), effects.wake('question', 3, later(11)));
      await queue(stores, caseNo(2), effects.wake('answer', 1, later(12)));
      await queue(stores, caseNo(1), effects.wake('answer', 4, later(20)));
      expect((await due(99)).map(({ name: what, epoch }) => `${what} ${epoch}`)).toEqual(['question 3', 'answer 1', 'answer 4']);
    });

    it('is taken back', async () => {
      await queue(stores, caseNo(1), effects.wake('answer', 3, later(10)));
      await queue(stores, caseNo(1), effects.wake('answer', 0, null));
      expect(await due(99)).toEqual([]);
      expect(await stores.deadlines.nextDue()).toBeNull();
    });

    it('becomes one event, however often it is fired', async () => {
      await queue(stores, caseNo(1), effects.wake('answer', 3, later(10)));
      const [deadline] = await due(10);
      await Promise.all([stores.deadlines.fire(deadline!, later(10)), stores.deadlines.fire(deadline!, later(10))]);
      const events = await stores.bus.claim(later(11), 60, 9);
      expect(events.map(({ event }) => event.input)).toEqual([{ type: 'deadlinePassed', name: 'answer', epoch: 3 }]);
      expect(await due(99)).toEqual([]);
    });

    it('fires nothing when it was armed anew meanwhile', async () => {
      await queue(stores, caseNo(1), effects.wake('answer', 3, later(10)));
      const [deadline] = await due(10);
      await queue(stores, caseNo(1), effects.wake('answer', 4, later(20)));
      await stores.deadlines.fire(deadline!, later(10));
      expect(await stores.bus.claim(later(11), 60, 9)).toEqual([]);
      expect(await due(20)).toHaveLength(1);
    });
  });
}
