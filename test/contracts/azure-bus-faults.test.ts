import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { BodyMissing } from '#adapters/azure/blob-bodies.js';
import type { Cosmos } from '#adapters/azure/cosmos.js';
import { eventId } from '#core/ids.js';
import type { CaseId } from '#core/ids.js';
import { addSeconds, toInstant } from '#core/time.js';
import type { Consequence } from '#ports/raw-store.js';
import { WHERE, azureStores, peersOnly, startAzurePeers } from '../support/azure-fixture.ts';
import type { AzurePeers, AzureStores } from '../support/azure-fixture.ts';
import { appendTo, caseNo, message, toOrder } from '../support/store-fixture.ts';

let peers: AzurePeers;
beforeAll(async () => {
  peers = await startAzurePeers();
});
afterAll(() => peers.close());

const now = () => toInstant(Date.now());
const system = { kind: 'system', part: 'test' } as const;
const placer = (n: number | string) => `placer|HIS|P${n}`;
const filler = (n: number | string) => `filler|RIS|F${n}`;
const input = { type: 'patientUpdated' } as unknown as Extract<Consequence, { kind: 'to-cases-with' }>['input'];
const mrn = (id: string) => ({ id, assigner: 'MRN', type: 'MR' }) as const;

class Crash extends Error {}

/** Each n-th boundary in `npm test`, all of them with RADLOOP_TEST_FAULTS=all. */
const EVERY = process.env['RADLOOP_TEST_FAULTS'] === 'all' ? 1 : 4;
const ORDERS = EVERY === 1 ? 12 : 3;

/** A process that dies at its n-th write, before or after it was done; nothing that it does later is done. */
function dyingAt(n: number, when: 'before' | 'after'): { readonly through: (cosmos: Cosmos) => Cosmos; readonly died: () => boolean } {
  let writes = 0;
  let isDead = false;
  const alive = <T>(work: () => Promise<T>): Promise<T> => (isDead ? Promise.reject(new Crash('dead')) : work());
  return {
    died: () => isDead,
    through: (cosmos) => ({
      ...cosmos,
      read: (...of) => alive(() => cosmos.read(...of)),
      query: (...of) => alive(() => cosmos.query(...of)),
      write: (...of) =>
        alive(async () => {
          writes += 1;
          if (writes !== n) return cosmos.write(...of);
          if (when === 'after') await cosmos.write(...of);
          isDead = true;
          throw new Crash('dead');
        }),
    }),
  };
}

/** Tells each case what waits for it; what cases were told, in order. */
async function tellAll(stores: AzureStores, seconds = 99): Promise<Map<CaseId, string[]>> {
  const all = new Map<CaseId, string[]>();
  for (;;) {
    const events = await stores.bus.claim(addSeconds(now(), seconds), 60, 99);
    if (events.length === 0) return all;
    for (const { event, ...claimed } of events) {
      const fact = { type: 'told', fact: { type: 'told', id: event.id } };
      const done = await appendTo(stores, event.caseId, { event: { id: event.id, type: 'told', actor: system }, facts: [fact], claimed });
      if (done.ok) all.set(event.caseId, [...(all.get(event.caseId) ?? []), event.id]);
    }
  }
}

describe(`a process on Azure (here ${WHERE}) that dies between any two steps`, () => {
  const everything: readonly Consequence[] = [
    toOrder('order', placer(1), filler(1)),
    { kind: 'patients-merged', prior: [mrn('1')], surviving: [mrn('2')], sortTime: now() },
    {
      kind: 'patient-moved',
      patient: [mrn('1')],
      location: { pointOfCare: 'ICU', room: '1', bed: 'B', facility: 'G' },
      patientClass: 'I',
      sortTime: now(),
    },
    { kind: 'to-cases-with', keys: ['patient|MRN|1'], id: eventId.parse('moved'), actor: system, input },
    {
      kind: 'arrival',
      arrival: {
        what: 'study',
        version: 'v1',
        by: [{ name: 'order', keys: [placer(1)] }],
        patient: [],
        id: eventId.parse('study'),
        actor: system,
        input,
        tell: true,
      } as never,
    },
    {
      kind: 'arrival',
      arrival: { what: 'report', version: 'v1', by: [], patient: [], id: eventId.parse('report'), actor: system, input, tell: true } as never,
    },
  ];
  const open = caseNo(7);
  /** What the six consequences come to, however often they were begun. */
  const check = async (stores: AzureStores) => {
    const told = await tellAll(stores);
    expect(told.get(open)).toEqual(['moved']);
    const orders = [...told].filter(([caseId]) => caseId !== open).map(([, ids]) => ids);
    expect(orders).toEqual([['order', 'study']]);
    expect((await stores.raw.arrivals(9)).map(({ what, state }) => [what, state]).sort()).toEqual([
      ['report', 'unmatched'],
      ['study', 'matched'],
    ]);
    expect(await stores.raw.patientNow([mrn('2')])).toMatchObject({
      identifiers: [mrn('2'), mrn('1')],
      location: { bed: 'B' },
    });
  };
  const run = async (
    act: (stores: AzureStores) => Promise<unknown>,
    prepare: (stores: AzureStores) => Promise<void>,
    again: (stores: AzureStores) => Promise<void>,
  ) => {
    let deaths = 0;
    for (let n = 1; n < 80; n += EVERY) {
      let isOver = false;
      for (const when of ['before', 'after'] as const) {
        const fault = dyingAt(n, when);
        const stores = await azureStores(peers, { lockMs: 200 });
        await appendTo(stores, open, { facts: [{ type: 'told', fact: {} }], keys: ['patient|MRN|2'] });
        await prepare(stores);
        const dying = await stores.another({ through: fault.through });
        const before = await act(dying).then(
          (kept) => ({ kept }),
          () => null,
        );
        if (fault.died()) {
          deaths += 1;
          expect(before).toBeNull();
        } else isOver = true;
        const fresh = await stores.another();
        await again(fresh);
        await check(fresh);
        await Promise.all([stores.close(), dying.close(), fresh.close()]);
      }
      if (isOver) return deaths;
    }
    throw new Error('it never comes to an end');
  };

  it('while it keeps a message with its consequences loses and doubles nothing: the sender, who has no answer, brings it again', async () => {
    const brought = message({ identity: 'in:1', answers: { commit: null, application: Buffer.from('AA') } });
    const deaths = await run(
      (stores) => stores.raw.keep(brought, everything),
      () => Promise.resolve(),
      async (stores) => {
        const kept = await stores.raw.keep(brought, everything);
        expect(kept.answers).toEqual(brought.answers);
        expect(await stores.raw.list(9)).toHaveLength(1);
      },
    );
    expect(deaths).toBeGreaterThan(20 / EVERY);
  }, 240_000);

  it('while it carries out the consequences of a message whose row is there leaves them to the next process, also when nobody brings it again', async () => {
    for (const n of [4, 8, 14, 20]) {
      const fault = dyingAt(n, 'after');
      const stores = await azureStores(peers, { lockMs: 200 });
      await appendTo(stores, open, { facts: [{ type: 'told', fact: {} }], keys: ['patient|MRN|2'] });
      const dying = await stores.another({ through: fault.through });
      await expect(dying.raw.keep(message({ identity: 'in:1' }), everything)).rejects.toThrow(Crash);
      expect(await stores.raw.list(9)).toHaveLength(1);
      const fresh = await stores.another({ leftBehindMs: 0 });
      expect(await fresh.raw.unrouted(9)).toEqual([]);
      await check(fresh);
      await Promise.all([stores.close(), dying.close(), fresh.close()]);
    }
  }, 60_000);

  it('while it works out what a message causes loses and doubles nothing: the next process goes on', async () => {
    const route = async (stores: AzureStores) => {
      const [row] = await stores.raw.unrouted(9);
      if (row !== undefined) await stores.raw.route([{ id: row.id, state: 'used', reason: null, consequences: everything }]);
    };
    const deaths = await run(
      route,
      async (stores) => {
        await stores.raw.keep(message({ state: 'new' }), 'later');
      },
      async (stores) => {
        await route(stores);
        expect(await stores.raw.unrouted(9)).toEqual([]);
        expect(await stores.raw.list(9, 'used')).toHaveLength(1);
      },
    );
    expect(deaths).toBeGreaterThan(20 / EVERY);
  }, 240_000);
});

describe(`two instances on Azure (here ${WHERE})`, () => {
  let one: AzureStores;
  let other: AzureStores;
  beforeEach(async () => {
    one = await azureStores(peers);
    other = await one.another();
  });
  afterEach(() => Promise.all([one.close(), other.close()]));

  it('that take in the same bytes at once give the same answer bytes, and keep them once (invariant 3)', async () => {
    for (let n = 0; n < 5; n += 1) {
      const bring = (stores: AzureStores, ack: string) =>
        stores.raw.keep(message({ identity: `mllp:${n}`, answers: { commit: null, application: Buffer.from(ack) } }), [
          toOrder(`order-${n}`, placer(n)),
        ]);
      const both = await Promise.all([bring(one, 'first'), bring(other, 'second')]);
      expect(both.map(({ fresh }) => fresh).sort()).toEqual([false, true]);
      expect(both[0].answers).toEqual(both[1].answers);
    }
    expect([...(await tellAll(one)).values()].flat().sort()).toEqual([0, 1, 2, 3, 4].map((n) => `order-${n}`));
  });

  it('that hear of one order by different numbers at once open one case for it', async () => {
    for (let n = 0; n < 8; n += 1) {
      const [a, b] = n % 2 === 0 ? [one, other] : [other, one];
      const delayed = sleep(n * 7).then(() => b.raw.keep(message(), [toOrder(`b${n}`, filler(n))]));
      await Promise.all([a.raw.keep(message(), [toOrder(`a${n}`, placer(n), filler(n))]), delayed]);
    }
    const cases = [...(await tellAll(one)).values()].map((ids) => ids.sort());
    expect(cases.sort()).toEqual(Array.from({ length: 8 }, (_, n) => [`a${n}`, `b${n}`]));
  });

  it('that merge the numbers of one patient at once, in a chain, find all of them one', async () => {
    const merge = (stores: AzureStores, from: string, into: string, seconds: number) =>
      stores.raw.keep(message(), [{ kind: 'patients-merged', prior: [mrn(from)], surviving: [mrn(into)], sortTime: addSeconds(now(), seconds) }]);
    await Promise.all([merge(one, '1', '2', 1), merge(other, '2', '3', 2), merge(one, '3', '4', 3), merge(other, '4', '5', 4)]);
    expect((await one.raw.patientNow([mrn('1')])).identifiers.map(({ id }) => id).sort()).toEqual(['1', '2', '3', '4', '5']);
    expect((await one.raw.patientNow([mrn('1')])).surviving).toMatchObject({ id: '5' });
  });

  it('that route the same messages at once tell each case once', async () => {
    for (let n = 0; n < 6; n += 1) await one.raw.keep(message({ state: 'new' }), 'later');
    const route = async (stores: AzureStores) =>
      stores.raw.route(
        (await stores.raw.unrouted(9)).map(({ id }, n) => ({
          id,
          state: 'used',
          reason: null,
          consequences: [toOrder(`o${n}`, placer(n), filler(n))],
        })),
      );
    await Promise.all([route(one), route(other)]);
    expect([...(await tellAll(one)).values()].flat().sort()).toEqual([0, 1, 2, 3, 4, 5].map((n) => `o${n}`));
  });
});

describe(`Cosmos DB under load and on a bad line (here ${WHERE})`, () => {
  peersOnly()(
    'loses and doubles nothing of what messages cause: 429, 449, 503, cut before, and cut after it was done',
    async () => {
      const stores = await azureStores(peers);
      const faults = peers.cosmosPeer?.faults;
      for (const kind of ['throttled', 'retry-with', 'unavailable', 'cut', 'answer-lost'] as const)
        faults?.add({ kind, chance: 0.04, times: 1_000_000 });
      const before = faults?.hits() ?? 0;
      const keep = async (n: number, ...consequences: Consequence[]) => {
        const brought = message({ identity: `mllp:${n}`, answers: { commit: null, application: Buffer.from(`ack ${n}`) } });
        // The sender has no answer, and brings it again.
        for (let n = 0; n < 20; n += 1) {
          const kept = await stores.raw.keep(brought, consequences).catch(() => null);
          if (kept !== null) return expect(kept.answers).toEqual(brought.answers);
        }
        throw new Error('it can not be kept');
      };
      await Promise.all(
        Array.from({ length: ORDERS }, async (_, n) => {
          await keep(3 * n, toOrder(`new-${n}`, placer(n), filler(n)));
          await keep(3 * n + 1, toOrder(`change-${n}`, filler(n)));
          await keep(3 * n + 2, toOrder(`cancel-${n}`, placer(n)));
        }),
      );
      const during = await tellAll(stores);
      faults?.clear();
      // What failed five times under the faults is told now, to the same case.
      const after = await tellAll(stores, 999);
      expect(faults?.hits()).toBeGreaterThan(before + 4 * ORDERS);
      // By the record: a write whose answer was lost is not told to be done.
      const heard = await Promise.all(
        [...new Set([...during.keys(), ...after.keys()])].map(async (caseId) => (await stores.cases.read('protocoling', caseId)).facts),
      );
      const cases = heard
        .map((facts) => facts.map(({ fact }) => (fact as { readonly id: string }).id))
        .sort((a, b) => Number(a[0]?.split('-')[1]) - Number(b[0]?.split('-')[1]));
      expect(cases).toEqual(Array.from({ length: ORDERS }, (_, n) => [`new-${n}`, `change-${n}`, `cancel-${n}`]));
      await stores.close();
    },
    120_000,
  );
});

describe(`bodies in Blob Storage (here ${WHERE})`, () => {
  const withPeer = peersOnly();
  withPeer('no answer is given before body and row are there', async () => {
    const stores = await azureStores(peers);
    peers.blobPeer?.arm('unavailable', 3);
    await expect(stores.raw.keep(message({ identity: 'mllp:1' }), [])).rejects.toThrow('Blob Storage did not write a body: HTTP 503.');
    expect(await stores.raw.find('mllp:1')).toBeNull();
    peers.blobPeer?.arm('answer-lost');
    expect(await stores.raw.keep(message({ identity: 'mllp:1' }), [])).toMatchObject({ fresh: true });
    await stores.close();
  });

  withPeer('a body that is gone is said so, its message is left for an operator, and the others go on', async () => {
    const stores = await azureStores(peers);
    const lost = Buffer.from('lost');
    await stores.raw.keep(message({ state: 'new', bytes: lost }), 'later');
    await stores.raw.keep(message({ state: 'new', bytes: Buffer.from('there') }), 'later');
    const names = new Set(peers.blobPeer?.names());
    await stores.raw.keep(message({ state: 'kept', bytes: Buffer.from('another') }), []);
    expect(peers.blobPeer?.names().filter((name) => !names.has(name))).toHaveLength(1);
    const body = `2026-11-25/${createHash('sha256').update(lost).digest('hex')}`;
    expect(peers.blobPeer?.lose(body)).toBe(1);
    expect((await stores.raw.unrouted(9)).map(({ bytes }) => bytes.toString())).toEqual(['there']);
    const [held] = (await stores.raw.list(9, 'kept')).filter(({ reason }) => reason !== null);
    expect(held?.reason).toContain('not in Blob Storage: restore its container');
    await expect(stores.raw.read(held!.id)).rejects.toThrow(BodyMissing);
    await stores.close();
  });
});
