import { fhirFeed } from '#engine/fhir-feed.js';
import type { FhirFeed } from '#engine/fhir-feed.js';
import { secretAtEhr, startFhirSide } from './fhir-side.ts';
import type { FhirSide } from './fhir-side.ts';
import type { FhirFailure } from '#ports/fhir-client.js';
import { dice } from '../../infra/rehearsal/randomness.ts';
import { hospitalPatient, serviceRequest } from './resources.ts';

let side: FhirSide;
const start = async (options: Parameters<typeof startFhirSide>[0]): Promise<FhirSide> => {
  side = await startFhirSide(options);
  await side.settle();
  return side;
};
afterEach(() => side.stop());

const readsOf = (reference: string): number => side.ehr.asked.filter((line) => line === `GET /fhir/${reference}`).length;
const searches = (): number => side.ehr.asked.filter((line) => line.includes('_lastUpdated=')).length;
const askedForEvents = (): string[] => side.ehr.asked.filter((line) => line.includes('$events'));
const topic = { shape: 'backport-r4', content: 'id-only' } as const;

describe('what was named is read again, and nothing else', () => {
  it('by its id, without a search', async () => {
    await start(topic);
    const before = searches();
    await side.put(serviceRequest());
    await side.settle();
    expect([readsOf('ServiceRequest/sr1'), searches() - before, await side.cases()]).toEqual([1, 0, 1]);
  });

  it('the body is never trusted: what it says of the order is not what the case gets', async () => {
    await start({ shape: 'classic-post' });
    await side.put(serviceRequest());
    const secret = { 'X-Radloop-Secret': await secretAtEhr(side) };
    const forged = serviceRequest({ status: 'revoked', subject: { reference: 'Patient/other' }, code: { text: 'FORGED' } });
    expect((await side.post('fhir/orders', forged, secret)).status).toBe(200);
    await side.settle();
    expect(await side.cases()).toBe(1);
    const [row] = await side.engine.stores.raw.list(10);
    const kept = (await side.engine.stores.raw.read(row!.id))!.toString();
    expect(kept).toContain('CTHEADWO');
    expect(kept).not.toContain('FORGED');
  });

  it('an id that the EHR does not know is kept for a person to see, and is not asked for again', async () => {
    await start(topic);
    const secret = { 'X-Radloop-Secret': await secretAtEhr(side) };
    await side.post('fhir/orders/ServiceRequest/nobody', undefined, secret, 'PUT');
    await side.settle();
    await side.settle();
    expect(await side.kept()).toEqual(['ServiceRequest: deleted in the EHR, or never there kept']);
    expect(readsOf('ServiceRequest/nobody')).toBe(1);
  });
});

describe('invariant 13: one order by two ways is one case', () => {
  it.each(['HL7 first', 'FHIR first'])('%s', async (first) => {
    await start(topic);
    const hl7 = async (): Promise<void> => {
      const { orderBytes } = await import('../support/engine-fixture.ts');
      expect((await side.engine.bring(orderBytes())).toString()).toContain('MSA|AA');
      await side.engine.settle();
    };
    const fhir = async (): Promise<void> => {
      await side.put(serviceRequest());
      await side.settle();
    };
    await (first === 'HL7 first' ? hl7() : fhir());
    expect(await side.cases()).toBe(1);
    await (first === 'HL7 first' ? fhir() : hl7());
    expect(await side.cases()).toBe(1);
    expect(await side.kept()).toEqual(['ORM^O01 used', 'ServiceRequest used']);
  });

  it('a Task for the order, told before the order itself, leads to the same case', async () => {
    await start({ ...topic, rows: [{ name: 'orders', criteria: 'ServiceRequest?status=active', payload: 'id-only' }, { name: 'tasks', criteria: 'Task', payload: 'id-only' }] }); // prettier-ignore
    side.ehr.notifier.fate.push('drop');
    await side.put(serviceRequest());
    await side.put({ resourceType: 'Task', id: 't1', status: 'requested', intent: 'order', focus: { reference: 'ServiceRequest/sr1' } });
    await side.settle();
    expect(await side.cases()).toBe(1);
    expect(await side.kept()).toEqual(['ServiceRequest used', 'Task kept']);
  });
});

describe('field report 10: one version is one event, however often it is told', () => {
  it('a Patient update that is told 19 times is heard once', async () => {
    await start({ ...topic, criteria: 'Patient' });
    const before = (await side.kept()).length;
    await side.put({ ...hospitalPatient, birthDate: '1960-01-01' });
    const secret = { 'X-Radloop-Secret': await secretAtEhr(side) };
    for (let time = 0; time < 18; time += 1) {
      expect((await side.post(`fhir/orders/Patient/${hospitalPatient.id}`, undefined, secret, 'PUT')).status).toBe(200);
      if (time % 5 === 0) await side.settle();
    }
    await side.settle();
    expect((await side.kept()).length - before).toBe(1);
    expect(readsOf('Patient/pat1')).toBeGreaterThan(1);
  });

  it('told twice, and held back behind a later one: each version once', async () => {
    await start(topic);
    side.ehr.notifier.fate.push('twice', 'hold');
    await side.put(serviceRequest());
    await side.settle();
    await side.put(serviceRequest({ priority: 'routine' }));
    await side.put(serviceRequest({ id: 'sr2', identifier: [] }));
    await side.settle();
    expect(await side.kept()).toEqual(['ServiceRequest used', 'ServiceRequest used', 'ServiceRequest used']);
    expect(await side.cases()).toBe(2);
  });

  it('a revoked order is told to its case, also where the criteria no longer match', async () => {
    await start({ shape: 'classic-empty' });
    await side.put(serviceRequest());
    await side.settle();
    expect(await side.cases()).toBe(1);
    await side.put(serviceRequest({ status: 'revoked' }));
    await side.settle();
    expect(await side.cases()).toBe(0);
  });
});

describe('invariant 13: lost, doubled and reordered notifications lose and double nothing', () => {
  it.each([1, 2, 3, 4, 5, 6])('run %s', async (seed) => {
    const roll = dice(seed, 'notifications');
    const shape = (['backport-r4', 'r4b', 'r5'] as const)[seed % 3]!;
    await start({
      shape,
      content: (['id-only', 'full-resource', 'empty'] as const)[roll.between(0, 2)]!,
      keepsEvents: roll.chance(0.7),
      plainNumbers: roll.chance(0.5),
    });
    const ids = Array.from({ length: 12 }, (_, index) => `r${String(index)}`);
    for (const id of ids) {
      if (roll.chance(0.6)) side.ehr.notifier.fate.push((['drop', 'twice', 'hold'] as const)[roll.between(0, 2)]!);
      await side.put(serviceRequest({ id, identifier: [] }));
      if (roll.chance(0.3)) await side.put(serviceRequest({ id, identifier: [], priority: 'routine' }));
      if (roll.chance(0.2)) await side.settle();
      if (roll.chance(0.1)) side.restart();
    }
    side.pass(60);
    await side.ehr.notifier.heartbeat();
    await side.settle();
    expect(await side.cases()).toBe(ids.length);
    const versions = (await side.engine.stores.raw.list(100)).map((row) => row.controlId);
    expect(new Set(versions).size).toBe(versions.length);
  });
});

describe('field report 9: what was not heard is caught up', () => {
  it('a number that is skipped: asked for by number, both ends included', async () => {
    await start(topic);
    await side.put(serviceRequest({ id: 'sr0', identifier: [] }));
    await side.settle();
    side.ehr.notifier.fate.push('drop', 'drop');
    for (const id of ['sr1', 'sr2', 'sr3']) await side.put(serviceRequest({ id, identifier: [] }));
    await side.settle();
    expect(askedForEvents()).toHaveLength(1);
    expect(askedForEvents()[0]).toMatch(/eventsSinceNumber=2&eventsUntilNumber=3/u);
    expect(await side.cases()).toBe(4);
  });

  it('the last one before a silence: the heartbeat counts it', async () => {
    await start({ shape: 'r4b', content: 'id-only' });
    side.ehr.notifier.fate.push('drop');
    await side.put(serviceRequest());
    await side.settle();
    expect(await side.cases()).toBe(0);
    side.pass(60);
    await side.ehr.notifier.heartbeat();
    await side.settle();
    expect(await side.cases()).toBe(1);
  });

  it('an EHR that keeps no events: looked for by time', async () => {
    await start({ shape: 'r5', content: 'id-only', keepsEvents: false });
    side.ehr.notifier.fate.push('drop');
    await side.put(serviceRequest({ id: 'sr1', identifier: [] }));
    await side.put(serviceRequest({ id: 'sr2', identifier: [] }));
    await side.settle();
    expect(askedForEvents()).toHaveLength(1);
    expect(await side.cases()).toBe(2);
  });

  it.each(['classic-empty', 'backport-r4'] as const)('our door away for a minute, %s: found within 60 s of coming back', async (shape) => {
    await start({ shape, content: 'id-only' });
    await side.goAway();
    await side.put(serviceRequest());
    expect(side.ehr.notifier.answers.at(-1)).toBe(0);
    side.pass(60);
    await side.comeBack();
    await side.ehr.notifier.heartbeat();
    await side.settle();
    expect(await side.cases()).toBe(1);
  });

  it('a crash after 200: what was told is read by the next process', async () => {
    await start(topic);
    await side.put(serviceRequest());
    expect(side.ehr.notifier.answers.at(-1)).toBe(200);
    expect(await side.cases()).toBe(0);
    side.restart();
    await side.settle();
    expect(await side.cases()).toBe(1);
  });

  it('a reading that fails is done again, and holds no other', async () => {
    await start(topic);
    await side.put(serviceRequest({ id: 'sr2', identifier: [] }));
    const read = side.client.read.bind(side.client);
    let isDown = true;
    const client = { ...side.client, read: ((type, id) => (isDown && id === 'sr1' ? Promise.resolve({ ok: false, code: 'refused-for-now', status: 500, detail: '' }) : read(type, id))) as typeof read }; // prettier-ignore
    const feed = fhirFeed({ ...side.needs, fhir: client });
    await side.put(serviceRequest());
    await feed.serve('orders');
    expect(await feed.serve('orders')).toBeGreaterThan(0);
    await side.engine.settle();
    expect(await side.cases()).toBe(1);
    isDown = false;
    side.pass(31);
    await feed.serve('orders');
    await side.engine.settle();
    expect(await side.cases()).toBe(2);
  });

  it('an end between the keeping of a Task and the feed’s progress: its order is read by the next process', async () => {
    await start({ ...topic, rows: [{ name: 'orders', criteria: 'ServiceRequest?status=active', payload: 'id-only' }, { name: 'tasks', criteria: 'Task', payload: 'id-only' }] }); // prettier-ignore
    side.ehr.notifier.fate.push('drop');
    await side.put(serviceRequest());
    await side.put({ resourceType: 'Task', id: 't1', status: 'requested', intent: 'order', focus: { reference: 'ServiceRequest/sr1' } });
    const { cursors } = side.needs;
    const swap: typeof cursors.swap = (name, before, value) =>
      name === 'fhir-feed:tasks' ? Promise.reject(new Error('the process ended here')) : cursors.swap(name, before, value);
    await expect(fhirFeed({ ...side.needs, cursors: { ...cursors, swap } }).serve('tasks')).rejects.toThrow('ended here');
    expect(await side.kept()).toEqual(['Task kept']);
    side.restart();
    await side.settle();
    expect(await side.kept()).toEqual(['ServiceRequest used', 'Task kept']);
    expect(await side.cases()).toBe(1);
  });

  describe('a resource that can not be kept', () => {
    const failing = (fails: (controlId: string | null) => boolean): FhirFeed => {
      const { raw } = side.needs;
      const keep: typeof raw.keep = (row, consequences) =>
        fails(row.controlId) ? Promise.reject(new RangeError('poison')) : raw.keep(row, consequences);
      return fhirFeed({ ...side.needs, raw: { ...raw, keep } });
    };
    const during = async (seconds: number, feed: FhirFeed): Promise<void> => {
      for (let second = 0; second < seconds; second += 5) {
        side.pass(5);
        while ((await feed.serve('orders')) === 0);
      }
      await side.engine.settle();
    };

    it.each(['backport-r4', 'classic-empty'] as const)('holds no other, and after five times is a row for a person to see: %s', async (shape) => {
      await start({ shape, content: 'id-only' });
      let tries = 0;
      const feed = failing((controlId) => controlId?.startsWith('ServiceRequest/sr1/') === true && (tries += 1) > 0);
      await side.put(serviceRequest({ id: 'sr0', identifier: [] }));
      await side.put(serviceRequest());
      await side.put(serviceRequest({ id: 'sr2', identifier: [] }));
      await feed.serve('orders');
      await feed.serve('orders');
      await side.engine.settle();
      expect(await side.cases()).toBe(2);
      await during(120, feed);
      expect(await side.kept()).toEqual([' refused', 'ServiceRequest used', 'ServiceRequest used']);
      const [row] = await side.engine.stores.raw.list(1, 'refused');
      expect(row).toMatchObject({
        endpoint: 'fhir',
        reason: 'a ServiceRequest that could not be taken in, 5 times (RangeError): tell the makers of Radloop',
      });
      expect(tries).toBe(5);
      expect((await side.needs.states.all())[0]).toMatchObject({ name: 'orders', state: 'up' });
    });

    it('is not passed by while the store takes nothing at all', async () => {
      await start({ shape: 'classic-empty' });
      let isFull = true;
      const feed = failing(() => isFull);
      await side.put(serviceRequest());
      await during(240, feed);
      expect((await side.needs.states.all())[0]).toMatchObject({ name: 'orders', state: 'behind' });
      isFull = false;
      await during(30, feed);
      expect(await side.kept()).toEqual(['ServiceRequest used']);
    });
  });

  it('an error of the store never stops the loop', async () => {
    await start(topic);
    await side.put(serviceRequest());
    let faults = 3;
    const { cursors } = side.needs;
    const read: typeof cursors.read = (name) => {
      if (faults === 0) return cursors.read(name);
      faults -= 1;
      return Promise.reject(new Error('disk'));
    };
    const clock = { now: () => side.engine.now };
    const worker = fhirFeed({ ...side.needs, clock, cursors: { ...cursors, read } }).start();
    const until = Date.now() + 8000;
    while ((await side.kept()).length === 0 && Date.now() < until) {
      side.pass(6);
      worker.wake();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await worker.stop();
    expect(await side.kept()).toEqual(['ServiceRequest used']);
  });
});

describe('an EHR in trouble is not pressed', () => {
  it('what it refuses is tried again more and more rarely', async () => {
    await start(topic);
    let asked = 0;
    const no = (): Promise<FhirFailure> => {
      asked += 1;
      return Promise.resolve({ ok: false, code: 'not-allowed', status: 403, detail: '' });
    };
    await side.needs.cursors.write(
      'fhir-subscription:orders',
      JSON.stringify({ secrets: [{ secret: 'x', until: null }], rotatedAt: side.engine.now }),
    );
    const feed = fhirFeed({ ...side.needs, fhir: { ...side.client, create: no, update: no, search: no } });
    for (let second = 0; second < 3600; second += 5) {
      await feed.serve('orders');
      side.pass(5);
    }
    expect(asked).toBeGreaterThan(5);
    expect(asked).toBeLessThan(60);
  });

  it('what it asks to wait (Retry-After) is waited, for every read', async () => {
    await start(topic);
    const asked: string[] = [];
    const read = side.client.read.bind(side.client);
    let isBusy = true;
    const busy: typeof read = (type, id) => {
      if (type !== 'Subscription') asked.push(id);
      return isBusy ? Promise.resolve({ ok: false, code: 'throttled', status: 429, detail: '', retryAfterSeconds: 90 }) : read(type, id);
    };
    const feed = fhirFeed({ ...side.needs, fhir: { ...side.client, read: busy } });
    await side.put(serviceRequest());
    await feed.serve('orders');
    await side.put(serviceRequest({ id: 'sr2', identifier: [] }));
    side.pass(89);
    await feed.serve('orders');
    expect(asked).toEqual(['sr1']);
    isBusy = false;
    side.pass(2);
    await feed.serve('orders');
    await side.engine.settle();
    expect(await side.cases()).toBe(2);
  });

  it('a patient that it will not give holds the order only for the usual attempts', async () => {
    await start(topic);
    const read = side.client.read.bind(side.client);
    const without: typeof read = (type, id) => (type === 'Patient' ? Promise.resolve({ ok: false, code: 'refused-for-now', status: 500, detail: '' }) : read(type, id)); // prettier-ignore
    const feed = fhirFeed({ ...side.needs, fhir: { ...side.client, read: without } });
    await side.put(serviceRequest());
    for (let time = 0; time < 4; time += 1) {
      await feed.serve('orders');
      side.pass(10);
    }
    await side.engine.settle();
    expect(await side.kept()).toEqual(['ServiceRequest used']);
  });

  it('a search that it will not sort is asked for unsorted', async () => {
    await start({ shape: 'classic-empty' });
    const search = side.client.search.bind(side.client);
    const unsorted: typeof search = (type, params, options) => ('_sort' in params ? Promise.resolve({ ok: false, code: 'refused', status: 400, detail: '' }) : search(type, params, options)); // prettier-ignore
    const feed = fhirFeed({ ...side.needs, fhir: { ...side.client, search: unsorted } });
    await side.put(serviceRequest());
    await feed.serve('orders');
    side.pass(61);
    await feed.serve('orders');
    await side.engine.settle();
    expect(await side.cases()).toBe(1);
  });
});

describe('field report 11: a subscription that went silent is made again', () => {
  const quiet = async (): Promise<void> => {
    side.ehr.notifier.forget();
    await side.put(serviceRequest());
  };

  it('two heartbeats missed: subscribed again, and looked for what was missed', async () => {
    await start(topic);
    const before = await side.subscription();
    await quiet();
    side.pass(119);
    await side.settle();
    expect(await side.cases()).toBe(0);
    side.pass(2);
    await side.settle();
    expect(await side.cases()).toBe(1);
    expect(await side.subscription()).toMatchObject({ id: before['id'], status: 'active' });
    await side.put(serviceRequest({ id: 'sr2', identifier: [] }));
    await side.settle();
    expect(await side.cases()).toBe(2);
  });

  it('silent again: a new one in place of the old, which is off', async () => {
    await start(topic);
    const before = await side.subscription();
    await quiet();
    side.pass(121);
    await side.settle();
    side.ehr.notifier.forget();
    side.pass(121);
    await side.settle();
    const after = await side.subscription();
    expect(after['id']).not.toBe(before['id']);
    const old = (await (await fetch(`${side.ehr.baseUrl}/Subscription/${String(before['id'])}`)).json()) as { status: string };
    expect([old.status, after['status']]).toEqual(['off', 'active']);
    await side.put(serviceRequest({ id: 'sr2', identifier: [] }));
    await side.settle();
    expect(await side.cases()).toBe(2);
  });

  it('heartbeats that come keep it as it is', async () => {
    await start(topic);
    const writes = (): number => side.ehr.asked.filter((line) => line.startsWith('PUT /fhir/Subscription')).length;
    const before = writes();
    for (let minute = 0; minute < 10; minute += 1) {
      side.pass(60);
      await side.ehr.notifier.heartbeat();
      await side.settle();
    }
    expect(writes()).toBe(before);
  });
});

describe('a subscription is kept alive', () => {
  it.each(['error', 'off'] as const)('in %s it is asked for again, and what was missed is looked for', async (status) => {
    await start(topic);
    const subscription = await side.subscription();
    side.ehr.notifier.forget();
    await side.ehr.set({ ...subscription, status });
    await side.put(serviceRequest());
    side.pass(61);
    await side.settle();
    expect((await side.subscription())['status']).toBe('active');
    expect(await side.cases()).toBe(1);
  });

  it('deleted in the EHR: made again', async () => {
    await start(topic);
    await side.remove(`Subscription/${String((await side.subscription())['id'])}`);
    side.ehr.notifier.forget();
    await side.put(serviceRequest());
    side.pass(61);
    await side.settle();
    expect((await side.subscription())['status']).toBe('active');
    expect(await side.cases()).toBe(1);
  });

  it('our store lost: the one that is there is taken over, not doubled', async () => {
    await start(topic);
    await side.engine.stores.cursors.write(
      'fhir-subscription:orders',
      JSON.stringify({ secrets: [{ secret: 'other', until: null }], rotatedAt: side.engine.now }),
    );
    await side.settle();
    const found = (await (await fetch(`${side.ehr.baseUrl}/Subscription`)).json()) as { entry: unknown[] };
    expect(found.entry).toHaveLength(1);
    expect(await secretAtEhr(side)).toBe('other');
  });

  it("another criterion in the site's folder is written to the EHR", async () => {
    await start(topic);
    const { id } = await side.subscription();
    const rows = side.needs.subscriptions!.rows.map((row) => ({ ...row, criteria: 'ServiceRequest?category=imaging' }));
    await fhirFeed({ ...side.needs, subscriptions: { ...side.needs.subscriptions!, rows } }).serve('orders');
    const after = await side.subscription();
    expect(after['id']).toBe(id);
    expect(JSON.stringify(after)).toContain('category=imaging');
  });

  it('says to the EHR what it wants in the form of R4 and of the backport', async () => {
    await start(topic);
    const secret = await secretAtEhr(side);
    expect(secret).toMatch(/^[\w-]{43}$/u);
    expect(JSON.stringify(await side.subscription())).toContain('backport-payload-content');
    expect(side.ehr.asked.some((line) => line.includes(secret))).toBe(false);
  });
});
