import { effectKey, personId } from '#core/ids.js';
import type { Effect } from '#core/effect.js';
import { appendTo, caseNo, effects, eventFor, later, row, t0 } from '../support/store-fixture.ts';
import type { StartStores, StoresUnderTest } from '../support/store-fixture.ts';

/** What any adapter of ports/pending-cases promises. */
export function pendingCasesContract(name: string, start: StartStores): void {
  describe(`${name} keeps the promise of the port pending-cases`, () => {
    let stores: StoresUnderTest;
    beforeEach(async () => {
      stores = await start();
    });
    afterEach(() => stores.close());
    const open = async () => {
      // Azure's list of open cases is filled by the service.
      await stores.views.open('protocoling');
      return stores.pending.open('protocoling');
    };
    const write = (n: number, ...wanted: Effect[]) =>
      appendTo(stores, caseNo(n), { row, effects: wanted.map((effect) => ({ effect, suppressed: false })) });
    const page = (): Effect => ({
      ...{ kind: 'page', key: effectKey.parse('page-1'), weight: 'advice', channel: 'pager', to: personId.parse('dr-okafor') },
      ...{ note: 'alert', revision: 1 },
    });
    const nothing = { armed: {}, queued: null, held: null, unsent: null };

    it('says of an open case when each of its timers is armed for, and that nothing else waits', async () => {
      await write(1, effects.wake('window', 1, later(60)), effects.wake('hand-off', 1, later(30)));
      const { caseNumber } = await stores.cases.read('protocoling', caseNo(1));
      const expected = {
        ...row,
        workflow: 'protocoling',
        caseId: caseNo(1),
        caseNumber,
        updatedAt: t0,
        ...nothing,
        armed: { window: later(60), 'hand-off': later(30) },
      };
      expect(await open()).toEqual([expected]);
      await appendTo(stores, caseNo(1), { row, effects: [{ effect: effects.wake('window', 0, null), suppressed: false }] });
      expect(await open()).toMatchObject([{ armed: { 'hand-off': later(30) } }]);
    });

    it('says nothing of a closed case, and nothing of another workflow', async () => {
      await write(1, effects.wake('window', 1, later(60)));
      await appendTo(stores, caseNo(1), { row: { ...row, open: false } });
      await write(2, effects.wake('window', 1, later(60)));
      expect((await open()).map(({ caseId }) => caseId)).toEqual([caseNo(2)]);
      expect(await stores.pending.open('another')).toEqual([]);
    });

    it('a timer that has fired is an event that waits, until it is told', async () => {
      await write(1, effects.wake('window', 1, later(10)));
      const [due] = await stores.deadlines.due(later(12), 9);
      await stores.deadlines.fire(due!, later(12));
      expect(await open()).toMatchObject([{ ...nothing, queued: later(12) }]);
      const [claim] = await stores.bus.claim(later(13), 60, 9);
      // Claimed and not told is not told.
      expect(await open()).toMatchObject([{ queued: later(12) }]);
      await appendTo(stores, caseNo(1), {
        ...{ row, claimed: claim!, event: { id: claim!.event.id, type: 'deadlinePassed', actor: claim!.event.actor } },
        effects: [{ effect: effects.wake('window', 2, later(99)), suppressed: false }],
      });
      expect(await open()).toMatchObject([{ ...nothing, armed: { window: later(99) } }]);
    });

    it('a case whose event is poison, or that an operator set aside, is held since then', async () => {
      await write(1);
      await stores.bus.publish(eventFor(caseNo(1)));
      const [claim] = await stores.bus.claim(later(1), 60, 9);
      await stores.bus.quarantine(claim!, 'poison', later(5));
      expect(await open()).toMatchObject([{ ...nothing, held: later(5) }]);
      await stores.bus.publish(eventFor(caseNo(1), 'behind', later(7)));
      expect(await open()).toMatchObject([{ held: later(5), queued: later(7) }]);
    });

    it('a page that nobody has begun to send waits since it was written; one that was tried is being seen to', async () => {
      await write(1, page());
      expect(await open()).toMatchObject([{ ...nothing, unsent: t0 }]);
      const [item] = await stores.outbox.claim(later(1), 60, 9);
      expect(await open()).toMatchObject([nothing]);
      await stores.outbox.delivered(item!, null, later(2));
      expect(await open()).toMatchObject([nothing]);
    });
  });
}
