import { idOf } from '#adapters/azure/cosmos-documents.js';
import { queueStore } from '#adapters/azure/queue-store.js';
import type { QueueStoreNeeds } from '#adapters/azure/queue-store.js';
import { writeOwed } from '#adapters/azure/owed-audit.js';
import { seal } from '#adapters/embedded/sealed-export.js';
import { personId } from '#core/ids.js';
import type { AuditEntry } from '#ports/audit-store.js';
import { WHERE, azureStores, startAzurePeers } from '../support/azure-fixture.ts';
import type { AzurePeers, AzureStores } from '../support/azure-fixture.ts';
import { caseNo, eventFor, later, message } from '../support/store-fixture.ts';

let peers: AzurePeers;
let stores: AzureStores;
beforeAll(async () => {
  peers = await startAzurePeers();
});
afterAll(() => peers.close());
beforeEach(async () => {
  stores = await azureStores(peers);
});
afterEach(() => stores.close());

const entry = (action: string, item: string): AuditEntry => {
  const actor = { kind: 'person', person: personId.parse('m-brandt') } as const;
  return { caseId: null, at: later(5), actor, action, outcome: 'done', detail: { item } };
};
const needs = (more: Partial<QueueStoreNeeds>): QueueStoreNeeds => ({
  ...{ site: stores.site, arriving: stores.arriving, views: stores.views, audit: stores.audit, cursors: stores.cursors, seal },
  ...{ numbers: { caseOf: () => Promise.resolve(null) }, deadLetters: { list: () => Promise.resolve([]) } },
  ...{ told: () => Promise.resolve(), goesOn: () => undefined, wake: () => undefined },
  ...more,
});

// What both sets of parts promise stands in queue.contract.ts.
describe(`the operator's queue on Azure (here ${WHERE})`, () => {
  it('lists what the bus gave up on for a day, with what became of it', async () => {
    const dead = { id: 'd1', caseId: caseNo(9), reason: 'MaxDeliveryCountExceeded', deliveries: 10, at: later(1) };
    const operators = queueStore(needs({ deadLetters: { list: () => Promise.resolve([dead]) } }));
    const [item] = await operators.list({}, 200, later(9));
    expect(item).toMatchObject({ kind: 'feed', state: 'dead-lettered', caseId: caseNo(9), destination: 'service-bus', since: later(1) });
    expect(item?.reason).toBe('MaxDeliveryCountExceeded, delivered 10 times; its case was announced again');
    expect(await operators.find(item!.id)).toMatchObject({ id: item!.id, kind: 'feed' });
    expect(await operators.list({}, 200, later(86_402))).toEqual([]);
  });

  it('writes the audit row that a crash kept back, at the next sweep', async () => {
    await stores.raw.keep(message({ identity: 'm-crash', state: 'refused', reason: 'r', ackCode: 'AR' }), []);
    const [found] = await stores.operators.list({ kind: 'message' }, 9, later(9));
    const id = found!.id;
    const dying = queueStore(needs({ audit: { record: () => Promise.reject(new Error('the process ends here')) } }));
    await expect(dying.apply({ change: 'release-message', id: id.slice(1) }, entry('q-release', id))).rejects.toThrow('ends here');
    expect(await stores.operators.history(id, 9)).toEqual([]);
    await writeOwed({ cosmos: stores.cosmos, audit: stores.audit }, later(99));
    await writeOwed({ cosmos: stores.cosmos, audit: stores.audit }, later(99));
    expect(await stores.operators.history(id, 9)).toMatchObject([{ action: 'q-release' }]);
    const document = await stores.cosmos.read<object>('raw', idOf('m-crash'), idOf('m-crash'));
    expect(JSON.stringify(document)).not.toContain('owedAudit');
  });

  it.each(['retry-event', 'skip-event', 'unpark'] as const)(
    'a case that goes on by %s is told at once, here and by the bus, not when it is next looked at',
    async (change) => {
      const wentOn: string[] = [];
      const operators = queueStore(needs({ goesOn: (caseId) => wentOn.push(caseId) }));
      await stores.bus.publish(eventFor(caseNo(1), 'poison'));
      const [event] = await stores.bus.claim(later(1), 60, 9);
      await stores.bus.quarantine(event!, 'failed 5 times: TypeError', later(2));
      const by = personId.parse('m-brandt');
      await operators.apply({ change: 'park', caseId: caseNo(1), by, reason: 'r', at: later(3) }, { ...entry('q-park', 'c'), caseId: caseNo(1) });
      const [item] = await operators.list({ kind: 'event' }, 9, later(9));
      const asked = {
        'retry-event': { change: 'retry-event', id: item!.id.slice(1), at: later(4) },
        'skip-event': { change: 'skip-event', id: item!.id.slice(1) },
        unpark: { change: 'unpark', caseId: caseNo(1) },
      } as const;
      expect(await operators.apply(asked[change], null)).toMatchObject({ done: true });
      expect(wentOn).toEqual([]);
      expect(await operators.apply(asked[change], { ...entry('q-x', item!.id), caseId: caseNo(1) })).toMatchObject({ done: true });
      expect(wentOn).toEqual([caseNo(1)]);
    },
  );
});
