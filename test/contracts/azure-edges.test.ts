import { setTimeout as sleep } from 'node:timers/promises';
import type { Effect } from '#core/effect.js';
import { eventId, orderKey } from '#core/ids.js';
import { addSeconds, toInstant } from '#core/time.js';
import { caseOfOrder } from '#adapters/azure/lookups.js';
import { alsoKnownAs, mergePatients } from '#adapters/azure/patients.js';
import { eventDocumentId } from '#adapters/azure/cosmos-documents.js';
import type { EventDocument, HeadDocument, OutboxDocument } from '#adapters/azure/cosmos-documents.js';
import { CosmosFailure } from '#adapters/azure/cosmos-failure.js';
import type { Cosmos, Stored } from '#adapters/azure/cosmos.js';
import { WHERE, azureStores, startAzurePeers } from '../support/azure-fixture.ts';
import type { AzurePeers, AzureStores } from '../support/azure-fixture.ts';
import { outboxStoreContract } from './outbox-store.contract.ts';
import { caseNo, effects, eventFor, later, queue } from '../support/store-fixture.ts';

let peers: AzurePeers;
beforeAll(async () => {
  peers = await startAzurePeers();
});
afterAll(() => peers.close());

const messagesOf = (items: readonly { readonly effect: Effect }[]): string[] =>
  items.map(({ effect }) => (effect.kind === 'sendHl7' ? effect.message : effect.kind)).sort();

describe(`what is claimed on Cosmos DB (here ${WHERE})`, () => {
  const open: AzureStores[] = [];
  afterEach(async () => {
    for (const stores of open.splice(0)) await stores.close();
  });
  const opened = async (...of: Parameters<typeof azureStores>): Promise<AzureStores> => {
    const stores = await azureStores(...of);
    open.push(stores);
    return stores;
  };

  it('is given although another item beside it can not be read: that one is held for a person, and costs no other a lease', async () => {
    const stores = await opened(peers);
    for (const n of [1, 2, 3]) await queue(stores, caseNo(n), effects.commit(`m${n}`));
    const [bad] = await stores.cosmos.query<Stored<OutboxDocument>>('cases', {
      query: "SELECT * FROM c WHERE c.kind = 'outbox'",
      partition: caseNo(2),
    });
    const { _etag: etag } = bad!;
    const damaged: OutboxDocument = { ...bad!, effect: Buffer.alloc(64).toString('base64') };
    await stores.cosmos.write('cases', caseNo(2), [{ do: 'replace', etag, document: damaged }]);
    expect(messagesOf(await stores.outbox.claim(later(1), 60, 9))).toEqual(['m1', 'm3']);
    expect(await stores.views.held()).toMatchObject([
      { kind: 'outbox', reason: expect.stringMatching(/^cannot-be-written: it can't be read/u) as string },
    ]);
  });

  it('is given although the request for another one failed: a lease that nobody works on would count as a crash', async () => {
    const failing = (cosmos: Cosmos): Cosmos => ({
      ...cosmos,
      write(container, partition, changes) {
        const isLease = changes.some((change) => 'document' in change && (change.document as { state?: string }).state === 'leased');
        if (!isLease || partition !== caseNo(2)) return cosmos.write(container, partition, changes);
        return Promise.reject(new CosmosFailure('write', 'cases', { status: 503, code: '', retryAfterMs: null, activityId: null }));
      },
    });
    const stores = await opened(peers, { through: failing });
    for (const n of [1, 2, 3]) {
      await queue(stores, caseNo(n), effects.commit(`m${n}`));
      await stores.bus.publish(eventFor(caseNo(n), `e${n}`));
    }
    expect(messagesOf(await stores.outbox.claim(later(1), 60, 9))).toEqual(['m1', 'm3']);
    expect((await stores.bus.claim(later(1), 60, 9)).map(({ event }) => event.id).sort()).toEqual(['e1', 'e3']);
    await expect(stores.outbox.claim(later(2), 60, 9)).rejects.toThrow('503');
  });

  it('is found in a bundle by whichever share looks first', async () => {
    const stores = await opened(peers);
    await queue(stores, caseNo(1), ...Array.from({ length: 45 }, (_, n) => effects.commit(`m${n}`)));
    const rest = { notDestinations: ['pacs'], notKinds: ['showCard' as const] };
    expect(messagesOf(await stores.outbox.claim(later(1), 60, 9, rest))).toEqual(['m0']);
  });
});

describe(`who stood still for longer than a lock holds, on Cosmos DB (here ${WHERE})`, () => {
  /** A store that stops before one write, as a process that is paused. */
  const stopping = (isIt: (id: string) => boolean) => {
    let go = (): void => undefined;
    let reached = (): void => undefined;
    const there = new Promise<void>((done) => (reached = done));
    const going = new Promise<void>((done) => (go = done));
    let isArmed = true;
    const through = (cosmos: Cosmos): Cosmos => ({
      ...cosmos,
      async write(container, partition, changes) {
        const [first] = changes;
        if (isArmed && first !== undefined && 'document' in first && isIt(first.document.id)) {
          isArmed = false;
          reached();
          await going;
        }
        return cosmos.write(container, partition, changes);
      },
    });
    return { through, there, go: () => go() };
  };

  it('opens no second case for an order whose other number another instance has taken to its case meanwhile', async () => {
    const pause = stopping((id) => id.startsWith('n:'));
    const paused = await azureStores(peers, { through: pause.through, lockMs: 50 });
    const other = await paused.another({ through: (cosmos) => cosmos });
    const [placer, filler] = [orderKey.parse('placer|HIS|P1'), orderKey.parse('filler|RIS|F1')];
    const mine = caseOfOrder(paused.arriving, 'protocoling', [placer, filler]);
    await pause.there;
    await sleep(60);
    const theirs = await caseOfOrder(other.arriving, 'protocoling', [filler]);
    pause.go();
    expect(await mine).toBe(theirs);
    expect(await caseOfOrder(other.arriving, 'protocoling', [placer])).toBe(theirs);
    other.cosmos.close();
    await paused.close();
  });

  it('leads no number of a patient to a record that was merged on meanwhile', async () => {
    const pause = stopping((id) => id === 'patient');
    const other = await azureStores(peers, { lockMs: 50 });
    const paused = await other.another({ through: pause.through });
    const [a, b, c] = ['A', 'B', 'C'].map((id) => ({ id, assigner: 'MRN', type: 'MR' }) as const);
    const merged = (prior: typeof a, surviving: typeof a) =>
      ({ kind: 'patients-merged', prior: [prior!], surviving: [surviving!], sortTime: later(1) }) as const;
    for (const one of [a, b, c]) await mergePatients(other.arriving, merged(one, { ...one!, id: `${one!.id}2` }));
    const mine = mergePatients(paused.arriving, merged(a, b));
    await pause.there;
    await sleep(60);
    await mergePatients(other.arriving, merged(a, b));
    await mergePatients(other.arriving, merged(b, c));
    pause.go();
    await mine;
    const known = async (id: string) => [...(await alsoKnownAs(other.arriving, `patient|MRN|${id}`))].sort();
    const all = ['A', 'A2', 'B', 'B2', 'C', 'C2'].map((id) => `patient|MRN|${id}`);
    for (const id of ['A', 'A2', 'B2', 'C']) expect(await known(id)).toEqual(all);
    paused.cosmos.close();
    await other.close();
  });
});

describe(`a look over all cases on Cosmos DB (here ${WHERE})`, () => {
  it('finds what an instance that died left to be sent, all of it before it rests', async () => {
    const gone = await azureStores(peers);
    for (const n of [1, 2, 3, 4, 5]) await queue(gone, caseNo(n), effects.commit(`m${n}`));
    const stores = await gone.another({ sweepSeconds: 5 });
    const claim = async (seconds: number) => messagesOf(await stores.outbox.claim(later(seconds), 60, 2));
    expect([...(await claim(1)), ...(await claim(1)), ...(await claim(1))].sort()).toEqual(['m1', 'm2', 'm3', 'm4', 'm5']);
    await queue(gone, caseNo(6), effects.commit('m6'));
    expect(await claim(2)).toEqual([]);
    expect(await claim(7)).toEqual(['m6']);
    stores.cosmos.close();
    await gone.close();
  });

  it('finds an event that nobody announced behind 700 cases that are set aside', async () => {
    const stores = await azureStores(peers);
    await stores.bus.publish(eventFor(caseNo(1), 'stuck', later(0)));
    const [head, event] = await Promise.all([
      stores.cosmos.read<HeadDocument>('cases', caseNo(1), 'head'),
      stores.cosmos.read<EventDocument>('cases', caseNo(1), eventDocumentId(eventId.parse('stuck'))),
    ]);
    const parked = { by: 'dr-okafor', reason: 'a person calls', at: later(0) };
    for (let from = 10; from < 710; from += 50)
      await Promise.all(
        Array.from({ length: 50 }, async (_, n) => {
          const id = caseNo(from + n);
          const due = addSeconds(later(0), (from + n) / 1000);
          await stores.cosmos.write('cases', id, [
            { do: 'create', document: { ...head!, caseId: id, parked } as HeadDocument },
            { do: 'create', document: { ...event!, caseId: id, due, eventDue: due } as EventDocument },
          ]);
        }),
      );
    const other = await stores.another();
    await stores.bus.publish(eventFor(caseNo(2), 'behind', later(5)));
    await stores.cosmos.write('cases', caseNo(1), [{ do: 'delete', id: event!.id, etag: '*' }]);
    expect((await other.bus.claim(later(9), 60, 9)).map((one) => one.event.id)).toEqual(['behind']);
    other.cosmos.close();
    await stores.close();
  }, 60_000);

  it('counts what waits for a checkpoint without reading again what it has counted', async () => {
    const stores = await azureStores(peers);
    const read = () => peers.cosmosPeer?.counts.all()['cases feed']?.documents ?? 0;
    for (const n of [1, 2, 3]) await queue(stores, caseNo(n), effects.tell());
    expect(await stores.audit.unsealed()).toBe(3);
    const before = read();
    expect(await stores.audit.unsealed()).toBe(3);
    expect(read() - before).toBe(0);
    await queue(stores, caseNo(4), effects.tell());
    expect(await stores.audit.unsealed()).toBe(4);
    await stores.audit.seal(later(1));
    expect(await stores.audit.unsealed()).toBe(0);
    await queue(stores, caseNo(5), effects.tell());
    expect(await stores.audit.unsealed()).toBe(1);
    await stores.close();
  });
});

it(`a timer that the bus brings before its time by our clock is waited for, not left to the next look over all cases (here ${WHERE})`, async () => {
  const stores = await azureStores(peers, { sweepSeconds: 3600 });
  const at = addSeconds(toInstant(Date.now()), 1);
  await queue(stores, caseNo(1), effects.wake('answer', 3, at));
  const telling = stores.tell({ caseId: caseNo(1), timer: { workflow: 'protocoling', caseId: caseNo(1), name: 'answer', epoch: 3, at } });
  for (let events: readonly unknown[] = []; events.length === 0; await sleep(20)) {
    if (Date.now() > Date.parse(at) + 10_000) throw new Error('it did not fire');
    events = await stores.bus.claim(toInstant(Date.now()), 60, 9);
    if (events.length > 0) expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(at));
  }
  stores.bus.stop();
  await telling.catch(() => undefined);
  await stores.close();
});

outboxStoreContract(`an outbox that looks over all cases once an hour, on Cosmos DB (here ${WHERE})`, (settings) =>
  azureStores(peers, { ...settings, sweepSeconds: 3600 }),
);
