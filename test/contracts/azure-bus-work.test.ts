import { setTimeout as sleep } from 'node:timers/promises';
import { deadLetters } from '#adapters/azure/dead-letters.js';
import { serveSessions } from '#adapters/azure/service-bus-sessions.js';
import { openServiceBus } from '#adapters/azure/service-bus.js';
import type { Serving } from '#adapters/azure/service-bus-sessions.js';
import { eventId } from '#core/ids.js';
import type { CaseId } from '#core/ids.js';
import { addSeconds, toInstant } from '#core/time.js';
import { WHERE, azureStores, peersOnly, startAzurePeers } from '../support/azure-fixture.ts';
import type { AzurePeers, AzureStores } from '../support/azure-fixture.ts';
import { appendTo, caseNo, effects, eventFor, message, queue, toOrder } from '../support/store-fixture.ts';

let peers: AzurePeers;
beforeAll(async () => {
  peers = await startAzurePeers();
});
afterAll(() => peers.close());

const now = () => toInstant(Date.now());
const system = { kind: 'system', part: 'test' } as const;
const filler = (n: number | string) => `filler|RIS|F${n}`;
const mrn = (id: string) => ({ id, assigner: 'MRN', type: 'MR' }) as const;

describe(`work announced over Service Bus (here ${WHERE})`, () => {
  const withPeer = peersOnly();
  let stores: AzureStores;
  const closing: (() => Promise<unknown>)[] = [];
  beforeEach(async () => {
    peers.busPeer?.faults.heal();
    stores = await azureStores(peers, { sweepSeconds: 3600 });
    // Its first look is over all cases; from then on it looks where it is told to.
    await stores.bus.claim(now(), 60, 1);
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    await stores.close();
    // After cut lines the client of the broker takes up to 50 s to let go.
  }, 90_000);

  interface Worker {
    readonly stores: AzureStores;
    readonly told: Map<CaseId, string[]>;
    readonly overlaps: string[];
    readonly serving: Serving;
  }
  const busy = new Set<CaseId>();
  /** An instance with the engine's worker of events and a host of sessions. */
  const startWorker = async (workMs = 0, sweepSeconds = 3600, tell?: (body: unknown) => Promise<void>): Promise<Worker> => {
    let rouse = (): void => undefined;
    const own = await stores.another({ sweepSeconds, wake: () => rouse() });
    const told = new Map<CaseId, string[]>();
    const overlaps: string[] = [];
    let running = true;
    const isRunning = () => running;
    const hear = async ({ event, ...claimed }: Awaited<ReturnType<AzureStores['bus']['claim']>>[number]) => {
      if (busy.has(event.caseId)) overlaps.push(event.id);
      busy.add(event.caseId);
      await sleep(workMs);
      const fact = { type: 'told', fact: { type: 'told', id: event.id } };
      const done = await appendTo(own, event.caseId, { event: { id: event.id, type: 'told', actor: system }, facts: [fact], claimed, at: now() });
      busy.delete(event.caseId);
      if (done.ok) told.set(event.caseId, [...(told.get(event.caseId) ?? []), event.id]);
      rouse();
    };
    const ended = (async () => {
      while (isRunning()) {
        const events = await own.bus.claim(now(), 5, 16);
        for (const event of events) void hear(event).catch(() => undefined);
        if (events.length === 0)
          await new Promise<void>((done) => {
            const timer = setTimeout(done, 250);
            rouse = () => (clearTimeout(timer), done());
          });
      }
    })();
    const serving = serveSessions({
      client: openServiceBus({ connectionString: peers.bus }),
      queue: own.queue,
      atOnce: 4,
      idleSeconds: 0.2,
      tell: tell ?? own.tell,
      trouble: (what) => own.troubles.push(what),
    });
    closing.push(async () => {
      own.bus.stop();
      running = false;
      await serving.stop();
      await ended;
      await own.close();
    });
    return { stores: own, told, overlaps, serving };
  };
  const until = async (isSo: () => boolean | Promise<boolean>, seconds = 15): Promise<void> => {
    const end = Date.now() + seconds * 1000;
    while (!(await isSo())) {
      if (Date.now() > end) throw new Error('it did not come to that in time');
      await sleep(25);
    }
  };
  const factsOf = async (caseId: CaseId) => (await stores.cases.read('protocoling', caseId)).facts.map(({ fact }) => (fact as { id: string }).id);
  const publish = (n: number, name: string, at = now()) => stores.bus.publish(eventFor(caseNo(n), name, at));

  it('reaches the instance that is given its session, at once, and is done there', async () => {
    const worker = await startWorker();
    const before = Date.now();
    await publish(1, 'a');
    await until(() => worker.told.has(caseNo(1)));
    expect(Date.now() - before).toBeLessThan(2000);
    expect(worker.told.get(caseNo(1))).toEqual(['a']);
  });

  it('is told by one instance at a time, in order, all of a case after one announcement', async () => {
    const workers = [await startWorker(20), await startWorker(20)];
    for (let n = 0; n < 24; n += 1) await publish(n % 6, `e${String(n).padStart(2, '0')}`);
    await until(() => workers.reduce((sum, { told }) => sum + [...told.values()].flat().length, 0) === 24);
    for (let n = 0; n < 6; n += 1) expect(await factsOf(caseNo(n))).toEqual([0, 1, 2, 3].map((k) => `e${String(n + 6 * k).padStart(2, '0')}`));
    expect(workers.flatMap(({ overlaps }) => overlaps)).toEqual([]);
  });

  withPeer(
    'loses and doubles nothing when messages are doubled, out of order, lost with their lock, or cut off (field report 24)',
    async () => {
      const workers = [await startWorker(10, 1), await startWorker(10, 1)];
      const { faults } = peers.busPeer!;
      const kinds = ['duplicate', 'reorder', 'lose-lock', 'cut-on-delivery', 'cut-on-send', 'accept-then-cut'] as const;
      for (let n = 0; n < 30; n += 1) {
        faults.arm(kinds[n % kinds.length]!);
        await publish(n % 5, `f${String(n).padStart(2, '0')}`);
        await sleep(30);
      }
      await until(() => workers.reduce((sum, { told }) => sum + [...told.values()].flat().length, 0) === 30, 40);
      faults.heal();
      for (let n = 0; n < 5; n += 1)
        expect(await factsOf(caseNo(n))).toEqual([0, 1, 2, 3, 4, 5].map((k) => `f${String(n + 5 * k).padStart(2, '0')}`));
      expect(workers.flatMap(({ overlaps }) => overlaps)).toEqual([]);
    },
    60_000,
  );

  withPeer('is announced again when the process died between the row and its announcement', async () => {
    const worker = await startWorker();
    const silent = await stores.another({ sweepSeconds: 3600 });
    closing.push(() => silent.close());
    await silent.announcer.close();
    await silent.bus.publish(eventFor(caseNo(1), 'a', now()));
    await sleep(300);
    expect(worker.told.size).toBe(0);
    expect(await stores.bus.announceAgain(addSeconds(now(), 20), 30)).toBe(0);
    expect(await stores.bus.announceAgain(addSeconds(now(), 31), 30)).toBe(1);
    await until(() => worker.told.has(caseNo(1)));
  });

  it('goes on without the bus, by the look over all cases', async () => {
    const worker = await startWorker(0, 1);
    const silent = await stores.another({ sweepSeconds: 3600 });
    closing.push(() => silent.close());
    await silent.announcer.close();
    await silent.bus.publish(eventFor(caseNo(1), 'a', now()));
    await until(() => worker.told.has(caseNo(1)));
  });

  withPeer(
    'that the bus gave up on is shown to operators, and lost is nothing',
    async () => {
      const refusing = await startWorker(0, 3600, () => Promise.reject(new Error('no')));
      await publish(1, 'a');
      const letters = deadLetters(stores.client, stores.queue, stores.cosmos, stores.announcer);
      await until(async () => (await letters.takeOver(now())) > 0);
      expect(refusing.told.size).toBe(0);
      await refusing.serving.stop();
      expect(await letters.list(9)).toMatchObject([{ caseId: caseNo(1), reason: 'MaxDeliveryCountExceeded' }]);
      const worker = await startWorker();
      await until(() => worker.told.has(caseNo(1)));
    },
    30_000,
  );

  describe('a deadline', () => {
    const firing = (worker: Worker, n: number) => (worker.told.get(caseNo(n)) ?? []).filter((id) => id.startsWith('deadline:'));

    it('is brought back by the bus at its time: not before, at most 2 s late (invariant 22)', async () => {
      const worker = await startWorker();
      const at = addSeconds(now(), 2);
      await queue(stores, caseNo(1), effects.wake('answer', 3, at));
      await until(() => firing(worker, 1).length > 0);
      const late = Date.now() - Date.parse(at);
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(2000);
      expect(firing(worker, 1)).toEqual([`deadline:answer:3:${at}`]);
    });

    it('that was armed anew fires at its new time only, one that was taken back not at all', async () => {
      const worker = await startWorker();
      const [first, second] = [addSeconds(now(), 1), addSeconds(now(), 3)];
      await queue(stores, caseNo(1), effects.wake('answer', 3, first));
      await queue(stores, caseNo(1), effects.wake('answer', 4, second));
      await queue(stores, caseNo(2), effects.wake('answer', 1, first));
      await queue(stores, caseNo(2), effects.wake('answer', 1, null));
      await until(() => firing(worker, 1).length > 0);
      expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(second));
      expect(firing(worker, 1)).toEqual([`deadline:answer:4:${second}`]);
      expect(firing(worker, 2)).toEqual([]);
    });

    withPeer('that the bus lost is found by the look over all cases', async () => {
      const worker = await startWorker();
      peers.busPeer?.faults.arm('lose-scheduled');
      const at = addSeconds(now(), 1);
      await queue(stores, caseNo(1), effects.wake('answer', 3, at));
      await stores.announcer.flushed();
      await sleep(1600);
      expect(firing(worker, 1)).toEqual([]);
      const sweeper = await stores.another({ sweepSeconds: 1 });
      closing.push(() => sweeper.close());
      for (const due of await sweeper.deadlines.due(now(), 9)) await sweeper.deadlines.fire(due, now());
      await until(() => firing(worker, 1).length > 0);
    });
  });

  withPeer('carries ids only, and neither the bus nor Cosmos DB nor Blob Storage has patient data in plain (invariant 36)', async () => {
    const canary = 'Zzyzx-Canary-4711';
    const order = { ...toOrder('order', `placer|HIS|${canary}`, filler(canary)), input: { type: 'orderReceived', patient: canary } } as never;
    const moved = {
      kind: 'patient-moved',
      patient: [mrn(canary)],
      location: { pointOfCare: canary, room: '1', bed: 'B', facility: 'G' },
      patientClass: 'I',
      sortTime: now(),
    } as const;
    const arrival = {
      kind: 'arrival',
      arrival: {
        what: 'report',
        version: canary,
        by: [],
        patient: [`patient|MRN|${canary}`],
        id: eventId.parse('r'),
        actor: system,
        input: { canary } as never,
        tell: true,
      },
    } as const;
    await stores.raw.keep(message({ bytes: Buffer.from(`PID|${canary}`), endpoint: 'door' }), [order, moved, arrival]);
    await appendTo(stores, caseNo(1), { facts: [{ type: 'told', fact: { canary } }], keys: [`patient|MRN|${canary}`] });
    await stores.cursors.write('feed', canary);
    await stores.announcer.flushed();
    const sent = peers.busPeer!.broker.store.peek(stores.queue, 0, null, 99);
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.map(({ bytes }) => bytes.toString('latin1')).join()).not.toContain(canary);
    for (const container of ['cases', 'lookups', 'raw', 'site', 'numbers'] as const) {
      const { documents } = await stores.cosmos.changes(container, null, 500);
      expect(documents.length).toBeGreaterThan(0);
      expect(JSON.stringify(documents)).not.toContain(canary);
      expect(JSON.stringify(documents)).not.toContain(Buffer.from(canary).toString('base64').slice(0, 12));
    }
    expect(peers.blobPeer!.names().join()).not.toContain(canary);
    expect(peers.blobPeer!.everything().toString('latin1')).not.toContain(canary);
  });
});
