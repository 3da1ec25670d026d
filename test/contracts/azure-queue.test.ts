import { cursors } from '#adapters/azure/cursors.js';
import { caseNumbers } from '#adapters/azure/case-numbers.js';
import { idOf } from '#adapters/azure/cosmos-documents.js';
import { queueStore } from '#adapters/azure/queue-store.js';
import { writeOwed } from '#adapters/azure/owed-audit.js';
import { siteSecret } from '#adapters/azure/site-keys.js';
import { seal } from '#adapters/embedded/sealed-export.js';
import { personId } from '#core/ids.js';
import { FEED_STATES } from '#domain/feed-state.js';
import type { AuditEntry } from '#ports/audit-store.js';
import type { Queue, QueueItem } from '#ports/queue.js';
import type { RawMessage } from '#ports/raw-store.js';
import { WHERE, azureStores, startAzurePeers } from '../support/azure-fixture.ts';
import type { AzurePeers, AzureStores } from '../support/azure-fixture.ts';
import { appendTo, caseNo, effects, eventFor, later, message, queue, row, toOrder } from '../support/store-fixture.ts';

let peers: AzurePeers;
let stores: AzureStores;
let operators: Queue;
const dead = { id: 'd1', caseId: caseNo(9), reason: 'MaxDeliveryCountExceeded', deliveries: 10, at: later(1) };

beforeAll(async () => {
  peers = await startAzurePeers();
});
afterAll(() => peers.close());
beforeEach(async () => {
  stores = await azureStores(peers);
  const { site, arriving, bus, audit, views } = stores;
  operators = queueStore({
    ...{ site, arriving, audit, views, seal, cursors: cursors(site.cosmos, arriving.sealing), deadLetters: { list: () => Promise.resolve([dead]) } },
    numbers: caseNumbers(site.cosmos, await siteSecret(site.cosmos, arriving.sealing)),
    told: (event) => bus.told(event),
    wake: () => undefined,
  });
});
afterEach(() => stores.close());

const by = personId.parse('m-brandt');
const entry = (action: string, item: string): AuditEntry => {
  return { caseId: null, at: later(5), actor: { kind: 'person', person: by }, action, outcome: 'done', detail: { item } };
};
const listed = (): Promise<readonly QueueItem[]> => operators.list({}, 200, later(9));
const one = async (kind: QueueItem['kind']): Promise<QueueItem> => {
  const [item] = await operators.list({ kind }, 200, later(999));
  if (item === undefined) throw new Error(`no ${kind} is listed`);
  return item;
};
const keep = (identity: string, more: Partial<RawMessage>): Promise<unknown> => stores.raw.keep(message({ identity, ...more }), []);

describe(`the operator's queue on Azure (here ${WHERE})`, () => {
  it('lists what is held of every kind, under ids that a person can type, without patient data', async () => {
    await queue(stores, caseNo(1), effects.commit('held'));
    const [item] = await stores.outbox.claim(later(1), 60, 9);
    await stores.outbox.hold(item!, 'refused', 'AR', later(1));
    await stores.bus.publish(eventFor(caseNo(2), 'poison'));
    const [event] = await stores.bus.claim(later(2), 60, 9);
    await stores.bus.quarantine(event!, 'failed 5 times: TypeError', later(2));
    await keep('m-refused', { state: 'refused', reason: 'MSH-9 is empty.', ackCode: 'AR' });
    await appendTo(stores, caseNo(3), { row: { ...row, note: 'Please look.' } });
    await operators.openBulk({ act: 'retry', items: ['o1'], by, reason: 'mended', at: later(3), until: later(600) }, entry('q-retry', 'many'));
    await cursors(stores.cosmos, stores.arriving.sealing).write(
      FEED_STATES,
      JSON.stringify([{ name: 'orders', state: 'silent', since: later(4), reason: 'two heartbeats were missed' }]),
    );
    const items = await listed();
    expect(items.map(({ kind, state }) => `${kind} ${state}`).sort()).toEqual(
      ['bulk waiting', 'case noted', 'delivery held', 'event quarantined', 'feed dead-lettered', 'feed silent', 'message refused'].sort(),
    );
    for (const { id } of items) expect(id).toMatch(/^(?:[oemarb][0-9a-f]{10}|c\w{6,7}|f:[\w-]+)$/u);
    for (const { id, kind } of items) expect(await operators.find(id)).toMatchObject({ id, kind });
  });

  it('retries, skips, parks and confirms once each; tried out, nothing is written', async () => {
    await queue(stores, caseNo(1), effects.commit('first'), effects.commit('second'));
    const [item] = await stores.outbox.claim(later(1), 60, 9);
    await stores.outbox.keepBytes(item!, Buffer.from('bytes'));
    await stores.outbox.hold(item!, 'refused', 'AR', later(1));
    const held = await one('delivery');
    expect(await operators.find(held.id)).toMatchObject({ body: Buffer.from('bytes'), failing: { message: 'first' }, related: [{ what: 'second' }] });
    const retry = { change: 'retry-delivery', id: held.id.slice(1), at: later(2) } as const;
    expect(await operators.apply(retry, null)).toMatchObject({ done: true });
    expect((await one('delivery')).state).toBe('held');
    expect(await operators.apply(retry, { ...entry('q-retry', held.id), caseId: caseNo(1) })).toMatchObject({ done: true });
    expect(await operators.apply(retry, { ...entry('q-retry', held.id), caseId: caseNo(1) })).toMatchObject({ done: false });
    const [again] = await stores.outbox.claim(later(3), 60, 9);
    await stores.outbox.hold(again!, 'refused', 'AR', later(3));
    const told = eventFor(caseNo(1), `skip:${held.id}`);
    const skip = { change: 'skip-delivery', id: held.id.slice(1), at: later(4), told } as const;
    expect(await operators.apply(skip, null)).toMatchObject({ done: true, told: [{ what: 'told' }] });
    expect(await operators.apply(skip, { ...entry('q-skip', held.id), caseId: caseNo(1) })).toMatchObject({ done: true });
    expect((await operators.history(held.id, 9)).map(({ action, who }) => [action, who])).toEqual([
      ['q-skip', by],
      ['q-retry', by],
    ]);
    const park = { change: 'park', caseId: caseNo(1), by, reason: 'a person calls', at: later(5) } as const;
    expect(await operators.apply(park, { ...entry('q-park', 'c'), caseId: caseNo(1) })).toMatchObject({ done: true });
    expect(await operators.isParked(caseNo(1))).toBe(true);
    expect((await one('case')).state).toBe('parked');
    const bulk = await operators.openBulk(
      { act: 'skip', items: [held.id], by, reason: 'r', at: later(6), until: later(600) },
      entry('q-skip', 'many'),
    );
    expect(await operators.apply({ change: 'confirm', id: bulk }, entry('q-confirm', `b${bulk}`))).toMatchObject({ done: true });
    expect(await operators.apply({ change: 'confirm', id: bulk }, entry('q-confirm', `b${bulk}`))).toMatchObject({ done: false });
    expect(await stores.audit.verify()).toMatchObject({ ok: true });
  });

  it('lets a message be judged again: its case is told once, and the row of it stands in the audit', async () => {
    await keep('m-kept', { state: 'kept', reason: 'no workflow uses it' });
    const kept = await one('message');
    const consequence = toOrder('judged', 'placer|EHR|P1');
    const judge = { change: 'judge-again', id: kept.id.slice(1), state: 'used', reason: null, consequences: [consequence], at: later(2) } as const;
    expect(await operators.apply(judge, null)).toMatchObject({ done: true, told: [{ what: 'orderReceived' }] });
    expect(await stores.bus.nextDue()).toBeNull();
    expect(await operators.apply(judge, entry('q-retry', kept.id))).toMatchObject({ done: true, told: [{ what: 'orderReceived' }] });
    expect(await operators.apply(judge, entry('q-retry', kept.id))).toMatchObject({ done: false });
    expect(await stores.bus.claim(later(99_999_999), 60, 9)).toHaveLength(1);
    expect(await operators.history(kept.id, 9)).toHaveLength(1);
  });

  it('writes the audit row that a crash kept back, at the next sweep', async () => {
    await keep('m-crash', { state: 'refused', reason: 'r', ackCode: 'AR' });
    const { id } = await one('message');
    const audit = { record: () => Promise.reject(new Error('the process ends here')) };
    const { site, arriving, views, bus } = stores;
    const dying = queueStore({
      ...{ site, arriving, audit, views, seal, cursors: stores.cursors, deadLetters: { list: () => Promise.resolve([]) } },
      ...{ numbers: { caseOf: () => Promise.resolve(null) }, told: (event) => bus.told(event), wake: () => undefined },
    });
    await expect(dying.apply({ change: 'release-message', id: id.slice(1) }, entry('q-release', id))).rejects.toThrow('ends here');
    expect(await operators.history(id, 9)).toEqual([]);
    await writeOwed({ cosmos: stores.cosmos, audit: stores.audit }, later(99));
    await writeOwed({ cosmos: stores.cosmos, audit: stores.audit }, later(99));
    expect(await operators.history(id, 9)).toMatchObject([{ action: 'q-release' }]);
    const document = await stores.cosmos.read<object>('raw', idOf('m-crash'), idOf('m-crash'));
    expect(JSON.stringify(document)).not.toContain('owedAudit');
  });
});
