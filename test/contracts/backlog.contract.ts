import type { Instant } from '#core/time.js';
import type { PersonId } from '#core/ids.js';
import type { AuditEntry } from '#ports/audit-store.js';
import { appendTo, caseNo, eventFor, later, message, t0, toOrder } from '../support/store-fixture.ts';
import type { StartStores, StoresUnderTest } from '../support/store-fixture.ts';

const by = 'm-brandt' as PersonId;
const parking: AuditEntry = { caseId: caseNo(1), at: t0, actor: { kind: 'person', person: by }, action: 'q-park', outcome: 'done', detail: {} };

/** What any adapter of the port Backlog (ports/downtime) promises: up to when a downtime list is complete. */
export function backlogContract(name: string, start: StartStores): void {
  describe(`${name} keeps the promise of the port backlog`, () => {
    let stores: StoresUnderTest;
    beforeEach(async () => {
      stores = await start();
    });
    afterEach(() => stores.close());
    const oldest = () => stores.backlog.oldest();
    const claim = async (seconds: number) => (await stores.bus.claim(later(seconds), 60, 9))[0]!;

    it('is empty when there is nothing, and of what has reached its case', async () => {
      expect(await oldest()).toBeNull();
      await stores.raw.keep(message(), [toOrder('a', 'placer|HIS|P1')]);
      const claimed = await claim(1);
      await appendTo(stores, claimed.event.caseId, {
        event: { id: claimed.event.id, type: 'told', actor: { kind: 'system', part: 'test' } },
        facts: [{ type: 'told', fact: { type: 'told' } }],
        claimed,
      });
      await stores.raw.keep(message({ state: 'refused', ackCode: 'AR', reason: 'MSH-9 is empty.' }), []);
      expect(await oldest()).toBeNull();
    });

    it('is as old as the oldest message that is not worked out, over an end', async () => {
      await stores.raw.keep(message({ state: 'new', receivedAt: later(20) }), 'later');
      await stores.raw.keep(message({ state: 'new', receivedAt: later(30) }), 'later');
      stores = await stores.reopen();
      expect(await oldest()).toBe(later(20));
      const [first] = await stores.raw.unrouted(1);
      await stores.raw.route([{ id: first!.id, state: 'used', reason: null, consequences: [] }]);
      expect(await oldest()).toBe(later(30));
    });

    it('is as old as the oldest event that its case was not told, also while it is being told', async () => {
      await stores.bus.publish(eventFor(caseNo(1), 'b', later(20)));
      await stores.bus.publish(eventFor(caseNo(2), 'a', later(10)));
      expect(await oldest()).toBe(later(10));
      await claim(30);
      expect(await oldest()).toBe(later(10));
    });

    it('is never younger than an event that failed and was put off', async () => {
      await stores.bus.publish(eventFor(caseNo(1), 'a', t0));
      for (let n = 1; n <= 3; n += 1) await stores.bus.release(await claim(40 * n), later(40 * n + 2 ** n));
      await claim(160);
      expect((await oldest())! <= t0).toBe(true);
    });

    it('does not count what is held for a person, nor what stands behind it in its case', async () => {
      await stores.bus.publish(eventFor(caseNo(1), 'poison', t0));
      await stores.bus.publish(eventFor(caseNo(1), 'behind', later(1)));
      await stores.bus.quarantine(await claim(2), 'failed 5 times: TypeError', later(2));
      expect(await oldest()).toBeNull();
      await stores.bus.publish(eventFor(caseNo(2), 'other', later(3)));
      expect(await oldest()).toBe(later(3));
    });

    it('does not count a case that an operator has set aside, and counts it again after it', async () => {
      await appendTo(stores, caseNo(1), { facts: [{ type: 'told', fact: { type: 'told' } }] });
      await stores.bus.publish(eventFor(caseNo(1), 'a', later(5)));
      await stores.operators.apply({ change: 'park', caseId: caseNo(1), by, reason: 'RIS merges orders', at: later(6) }, parking);
      expect(await oldest()).toBeNull();
      await stores.operators.apply({ change: 'unpark', caseId: caseNo(1) }, { ...parking, action: 'q-release' });
      expect(await oldest()).toBe(later(5) satisfies Instant);
    });
  });
}
