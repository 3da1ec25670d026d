import { randomBytes } from 'node:crypto';
import { eventId } from '#core/ids.js';
import type { Effect } from '#core/effect.js';
import { caseActs } from '#adapters/azure/queue-acts.js';
import type { CaseActs } from '#adapters/azure/queue-acts.js';
import type { AuditEntry } from '#ports/audit-store.js';
import { okafor } from '../support/clinic.ts';
import { appendTo, caseNo, effects, eventFor, later, queue, row } from '../support/store-fixture.ts';
import { WHERE, azureStores, startAzurePeers } from '../support/azure-fixture.ts';
import type { AzurePeers, AzureStores } from '../support/azure-fixture.ts';
import { auditStoreContract } from './audit-store.contract.ts';
import { caseStoreContract } from './case-store.contract.ts';
import { deadlineStoreContract } from './deadline-store.contract.ts';
import { outboxStoreContract } from './outbox-store.contract.ts';
import { pendingCasesContract } from './pending-cases.contract.ts';
import { viewsContract } from './views.contract.ts';

let peers: AzurePeers;
beforeAll(async () => {
  peers = await startAzurePeers();
});
afterAll(() => peers.close());

for (const contract of [auditStoreContract, caseStoreContract, outboxStoreContract, deadlineStoreContract, pendingCasesContract, viewsContract])
  contract(`the store on Cosmos DB (here ${WHERE})`, (settings) => azureStores(peers, settings));

describe(`a case on Cosmos DB (here ${WHERE})`, () => {
  let stores: AzureStores;
  beforeEach(async () => {
    stores = await azureStores(peers);
  });
  afterEach(() => stores.close());

  it('tells an event that was heard its answer also when nothing came after it', async () => {
    const event = { id: eventId.parse('click'), type: 'told', actor: { kind: 'system', part: 'test' } } as const;
    const answer = { outcome: 'won', text: 'Approved 7KF3QN.' } as const;
    await appendTo(stores, caseNo(1), { event, answer, facts: [{ type: 'a', fact: { type: 'a' } }] });
    const again = await appendTo(stores, caseNo(1), { event, facts: [{ type: 'b', fact: { type: 'b' } }] });
    expect(again).toEqual({ ok: false, code: 'already-heard', answer });
  });

  it('takes 300 effects of one event, in their order, and sends each once (a batch has 100 operations)', async () => {
    await queue(stores, caseNo(1), effects.commit('before'));
    const wanted = Array.from({ length: 300 }, (_, n) => effects.commit(`m${n + 1}`));
    await queue(stores, caseNo(1), ...wanted, effects.card());
    await queue(stores, caseNo(1), effects.commit('after'));
    const sent: string[] = [];
    for (let at = 1; (await stores.outbox.nextDue()) !== null; at += 1)
      for (const item of await stores.outbox.claim(later(at), 60, 99)) {
        sent.push(item.effect.kind === 'sendHl7' ? item.effect.message : item.effect.kind);
        await stores.outbox.delivered(item, null, later(at));
      }
    expect(sent.filter((name) => name !== 'showCard')).toEqual(['before', ...wanted.map((_, n) => `m${n + 1}`), 'after']);
    expect(sent).toContain('showCard');
  });

  it('withdraws also what stands in a bundle still', async () => {
    await queue(stores, caseNo(1), ...Array.from({ length: 42 }, (_, n) => effects.commit(`m${n}`)), effects.card());
    await queue(stores, caseNo(1), effects.withdraw());
    expect((await stores.outbox.claim(later(1), 60, 99)).map(({ effect }) => effect.kind)).toEqual(['showCard']);
    expect(await stores.outbox.claim(later(999), 60, 99)).toHaveLength(1);
  });

  it('writes the effects of a large event once, also those that it had before', async () => {
    const wanted = Array.from({ length: 60 }, () => effects.tell());
    await queue(stores, caseNo(1), ...wanted.slice(0, 5));
    await queue(stores, caseNo(1), ...wanted);
    await queue(stores, caseNo(1), ...wanted.slice(50));
    let count = 0;
    for (let at = 1; (await stores.outbox.nextDue()) !== null; at += 1)
      for (const item of await stores.outbox.claim(later(at), 60, 99)) {
        count += 1;
        await stores.outbox.delivered(item, null, later(at));
      }
    expect(count).toBe(60);
  });

  it('takes a fact of 3 MB, and an effect of 3 MB (a document has 2 MB)', async () => {
    const large = randomBytes(1_500_000).toString('hex');
    const effect = { ...effects.commit('large'), data: { large } } as Effect;
    await appendTo(stores, caseNo(1), {
      facts: [
        { type: 'large', fact: { type: 'large', large } },
        { type: 'small', fact: { type: 'small' } },
      ],
      effects: [{ effect, suppressed: false }],
    });
    const next = await stores.another();
    expect((await next.cases.read('protocoling', caseNo(1))).facts.map(({ fact }) => fact)).toEqual([{ type: 'large', large }, { type: 'small' }]);
    const [item] = await next.outbox.claim(later(1), 60, 9);
    expect(item?.effect).toEqual(effect);
    expect(await next.outbox.keepBytes(item!, Buffer.from(large))).toBe(true);
    expect((await next.outbox.claim(later(99), 60, 9))[0]?.bytes?.length).toBe(3_000_000);
    expect(await next.audit.verify()).toMatchObject({ ok: true, rows: 2 });
  });

  it('leaves nothing behind of a large event that came too late', async () => {
    await queue(stores, caseNo(1), effects.card());
    const large = randomBytes(1_500_000).toString('hex');
    const { caseNumber, version } = await stores.cases.read('protocoling', caseNo(1));
    const writers = await Promise.all(
      ['one', 'two'].map((name) =>
        stores.cases.append({
          ...{
            workflow: 'protocoling',
            caseId: caseNo(1),
            caseNumber,
            expectedVersion: version,
            at: later(1),
            effects: [],
            row,
            keys: [],
            answer: undefined,
          },
          ...{ event: { id: eventId.parse(name), type: 'told', actor: { kind: 'system', part: 'test' } }, facts: [{ type: name, fact: { large } }] },
        }),
      ),
    );
    expect(writers.map(({ ok }) => ok).sort()).toEqual([false, true]);
    const left = await stores.cosmos.query<{ id: string }>('cases', { query: "SELECT c.id FROM c WHERE c.kind = 'part'", partition: caseNo(1) });
    expect(left).toHaveLength(5);
  });

  it('costs no more to read after 60 events than after 6: what was read once is not read again', async () => {
    const cost = async (): Promise<number> => {
      peers.cosmosPeer?.counts.clear();
      await appendTo(stores, caseNo(1), { facts: [{ type: 'a', fact: { type: 'a' } }] });
      return Object.values(peers.cosmosPeer?.counts.all() ?? {}).reduce((sum, { units }) => sum + units, 0);
    };
    const costs: number[] = [];
    for (let n = 1; n <= 60; n += 1) costs.push(await cost());
    expect(costs[59]! - costs[5]!).toBeLessThan(1);
  });

  it('gives each item to one of two instances that claim at once (invariant 30)', async () => {
    for (let n = 1; n <= 20; n += 1) await queue(stores, caseNo(n), effects.card(), effects.tell());
    const other = await stores.another();
    const claims = await Promise.all([stores, other, stores, other].map((one) => one.outbox.claim(later(1), 60, 99)));
    const ids = claims.flat().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (let round = 0; round < 5; round += 1) ids.push(...(await stores.outbox.claim(later(1), 60, 99)).map(({ id }) => id));
    expect(ids).toHaveLength(40);
    other.cosmos.close();
  });

  it('counts views of many people at once, none lost, on a case and on none', async () => {
    const entry = (n: number) => ({ at: later(n), actor: { kind: 'system', part: 'test' }, action: 'view', outcome: 'done', detail: { n } }) as const;
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => [
        stores.audit.record({ caseId: caseNo(1), ...entry(n) }),
        stores.audit.record({ caseId: null, ...entry(n) }),
      ]).flat(),
    );
    await stores.audit.seal(later(1));
    expect(await stores.audit.verify()).toMatchObject({ ok: true, rows: 40, signedUpto: 40 });
  });

  it('is rebuilt in the views while it is written, and an older state never covers a newer', async () => {
    for (let n = 1; n <= 5; n += 1) await appendTo(stores, caseNo(n), { row, at: later(n) });
    const before = await stores.views.all('protocoling');
    for (const { caseId } of before) await stores.cosmos.write('views', 'protocoling', [{ do: 'delete', id: caseId, etag: '*' }]);
    await Promise.all([stores.views.rebuild(), appendTo(stores, caseNo(3), { row: { ...row, revision: 9 }, at: later(3) })]);
    const after = await stores.views.all('protocoling');
    expect(after.map(({ caseId, revision }) => [caseId, revision])).toEqual(before.map(({ caseId }) => [caseId, caseId === caseNo(3) ? 9 : 1]));
    expect(await stores.views.asOf()).not.toBeNull();
  });

  it('stands in Cosmos without anything that was told of the patient', async () => {
    const secret = 'CANARY-MEYER';
    const effect = { ...effects.commit(), data: { name: secret } } as Effect;
    await appendTo(stores, caseNo(1), {
      facts: [{ type: 'a', fact: { name: secret } }],
      effects: [{ effect, suppressed: false }],
      keys: [`patient|MRN|${secret}`],
    });
    const [item] = await stores.outbox.claim(later(1), 60, 9);
    await stores.outbox.keepBytes(item!, Buffer.from(secret));
    await stores.outbox.delivered(item!, { text: secret }, later(1));
    const { documents } = await stores.cosmos.changes('cases', null, 999);
    expect(documents.length).toBeGreaterThan(2);
    expect(JSON.stringify(documents)).not.toContain(secret);
  });
});

describe(`what an operator does to a case on Cosmos DB (here ${WHERE})`, () => {
  let stores: AzureStores;
  let acts: CaseActs;
  beforeEach(async () => {
    stores = await azureStores(peers);
    acts = caseActs(stores.site);
  });
  afterEach(() => stores.close());
  const audit = (action: string): AuditEntry => ({
    caseId: caseNo(1),
    at: later(5),
    actor: { kind: 'person', person: okafor.id },
    action,
    outcome: 'done',
    detail: {},
  });
  const claim = async (seconds: number) => {
    const items = await stores.outbox.claim(later(seconds), 60, 99);
    return items.map((item) => ({ item, name: item.effect.kind === 'sendHl7' ? item.effect.message : item.effect.kind }));
  };
  const names = async (seconds: number) => (await claim(seconds)).map(({ name }) => name);

  it('sends a held commit again with its bytes, before what waits behind it, once', async () => {
    await queue(stores, caseNo(1), effects.commit('held'), effects.commit('behind'));
    const [{ item } = { item: null }] = await claim(1);
    await stores.outbox.keepBytes(item!, Buffer.from('bytes'));
    await stores.outbox.hold(item!, 'refused', 'AR', later(1));
    expect(await acts.retryDelivery(item!.id, later(5), audit('q-retry'))).toBe(true);
    expect(await acts.retryDelivery(item!.id, later(5), audit('q-retry'))).toBe(false);
    const again = await claim(6);
    expect(again.map(({ name }) => name)).toEqual(['held']);
    expect(again[0]?.item).toMatchObject({ attempt: 2, retries: 1, failures: {}, crashes: 0, bytes: Buffer.from('bytes') });
    await stores.outbox.delivered(again[0]!.item, null, later(7));
    expect(await names(8)).toEqual(['behind']);
    expect(await stores.audit.verify()).toMatchObject({ ok: true, rows: 2 });
  });

  it('sends refused advice again before what passed it and has not left', async () => {
    await queue(stores, caseNo(1), effects.advise('advice'), effects.advise('next'));
    const [{ item } = { item: null }] = await claim(1);
    await stores.outbox.hold(item!, 'refused', 'AR', later(1));
    expect(await acts.retryDelivery(item!.id, later(5), audit('q-retry'))).toBe(true);
    expect(await names(6)).toEqual(['advice']);
  });

  it('skips a held commit: its lane goes on, and the case is told in the same transaction', async () => {
    await queue(stores, caseNo(1), effects.commit('held'), effects.commit('behind'));
    const [{ item } = { item: null }] = await claim(1);
    await stores.outbox.hold(item!, 'refused', 'AR', later(1));
    const told = eventFor(caseNo(1), 'skip:o1');
    expect(await acts.skipDelivery(item!.id, later(5), told, audit('q-skip'))).toBe(true);
    expect(await acts.skipDelivery(item!.id, later(5), told, audit('q-skip'))).toBe(false);
    expect(await names(6)).toEqual(['behind']);
    expect((await stores.bus.claim(later(6), 60, 9)).map(({ event }) => event.id)).toEqual(['skip:o1']);
    expect(await stores.views.held()).toEqual([]);
  });

  it('sets a case aside: nothing of it leaves or is told, what comes meanwhile waits, and all goes on after', async () => {
    await queue(stores, caseNo(1), effects.commit('first'), effects.card());
    await queue(stores, caseNo(2), effects.commit('other case'));
    expect(await acts.park(caseNo(1), okafor.id, 'a person calls', later(1), audit('q-park'))).toBe(true);
    expect(await acts.park(caseNo(1), okafor.id, 'a person calls', later(1), audit('q-park'))).toBe(false);
    await queue(stores, caseNo(1), effects.tell(), effects.commit('second'));
    await stores.bus.publish(eventFor(caseNo(1), 'waits'));
    expect(await names(2)).toEqual(['other case']);
    expect(await stores.bus.claim(later(2), 60, 9)).toEqual([]);
    expect(await acts.unpark(caseNo(1), audit('q-unpark'))).toBe(true);
    expect(await acts.unpark(caseNo(1), audit('q-unpark'))).toBe(false);
    expect(await names(3)).toEqual(['first', 'showCard', 'tellPerson']);
    expect(await stores.audit.verify()).toMatchObject({ ok: true, rows: 5 });
  });

  it('lets a quarantined event be told again, or drops it', async () => {
    for (const name of ['again', 'dropped']) await stores.bus.publish(eventFor(caseNo(1), name));
    for (const act of ['retry', 'skip'] as const) {
      const [claimed] = await stores.bus.claim(later(99), 60, 9);
      await stores.bus.quarantine(claimed!, 'poison', later(1));
      if (act === 'retry') {
        expect(await acts.retryEvent(claimed!.claimed, later(5), audit('q-retry'))).toBe(true);
        const [second] = await stores.bus.claim(later(199), 60, 9);
        expect(second).toMatchObject({ attempt: 2, failures: 0, event: { id: 'again' } });
        await appendTo(stores, caseNo(1), {
          event: { id: second!.event.id, type: 'told', actor: { kind: 'system', part: 'test' } },
          claimed: second!,
        });
      } else {
        expect(await acts.skipEvent(claimed!.claimed, audit('q-skip'))).toBe(true);
        expect(await acts.skipEvent(claimed!.claimed, audit('q-skip'))).toBe(false);
        expect(await stores.bus.nextDue()).toBeNull();
      }
    }
  });
});

const ofPeer = WHERE === 'peers of our own' ? describe : describe.skip;

ofPeer('tampering with the audit on Cosmos', () => {
  let stores: AzureStores;
  beforeEach(async () => {
    stores = await azureStores(peers);
    for (let n = 1; n <= 6; n += 1) {
      await appendTo(stores, caseNo(n % 2), { facts: [{ type: `fact-${n}`, fact: { n } }] });
      if (n === 4) await stores.audit.seal(later(n));
    }
  });
  afterEach(() => stores.close());

  /** Changes documents behind Radloop's back. */
  const tampered = async (change: (document: Record<string, unknown>) => Record<string, unknown> | null, container: 'cases' | 'site' = 'cases') => {
    const { documents } = await stores.cosmos.changes<Record<string, unknown>>(container, null, 999);
    for (const document of documents) {
      const partition = String(document[container === 'cases' ? 'caseId' : 'part']);
      const after = change(structuredClone(document));
      if (after === null) await stores.cosmos.write(container, partition, [{ do: 'delete', id: document.id, etag: '*' }]);
      else if (JSON.stringify(after) !== JSON.stringify(document))
        await stores.cosmos.write(container, partition, [{ do: 'upsert', document: after as { id: string } }]);
    }
    return stores.audit.verify();
  };
  const inRow = (n: number, change: (one: Record<string, unknown>) => void) => (document: Record<string, unknown>) => {
    const [first] = (document['rows'] ?? []) as Record<string, unknown>[];
    if (first?.['action'] === `fact-${n}`) change(first);
    return document;
  };

  it('is needed for the rest: untouched it is whole', async () => {
    expect(await tampered((document) => document)).toMatchObject({ ok: true, rows: 6, cases: 2 });
  });

  it.each([
    ['a changed row', inRow(2, (one) => (one['action'] = 'other'))],
    ['a changed row that no checkpoint has joined', inRow(6, (one) => (one['action'] = 'other'))],
    ['a changed actor', inRow(1, (one) => (one['actor'] = '{"kind":"person","person":"dr-x"}'))],
    ['a changed hash', inRow(3, (one) => (one['hash'] = one['prev']))],
    [
      'a changed fact',
      (document: Record<string, unknown>) =>
        document['base'] === 1 && document['caseId'] === caseNo(1) ? { ...document, facts: ['AAAA'] } : document,
    ],
    ['a step that was taken out', (document: Record<string, unknown>) => (document['base'] === 1 ? null : document)],
    [
      'a last step that was taken out',
      (document: Record<string, unknown>) => (document['base'] === 2 && document['caseId'] === caseNo(0) ? null : document),
    ],
    ['a case that vanished whole', (document: Record<string, unknown>) => (document['caseId'] === caseNo(1) ? null : document)],
    ['a head that counts fewer facts', (document: Record<string, unknown>) => (document['id'] === 'head' ? { ...document, version: 2 } : document)],
  ])('%s is found', async (_name, change) => {
    expect(await tampered(change)).toMatchObject({ ok: false, firstBad: { what: expect.any(String) } });
  });

  it('a changed checkpoint, and one that was taken out, is found', async () => {
    expect(await tampered((document) => (document['id'] === 'c:1' ? { ...document, joined: [] } : document), 'site')).toMatchObject({ ok: false });
    expect(await tampered((document) => (document['id'] === 'c:1' ? null : document), 'site')).toMatchObject({ ok: false });
  });
});
