import { orderKey } from '#core/ids.js';
import { caseNo, eventFor, later, message } from '../support/store-fixture.ts';
import type { StartStores, StoresUnderTest } from '../support/store-fixture.ts';

const placer = orderKey.parse('placer|HIS|P1');
const filler = orderKey.parse('filler|RIS|F1');

/** What any adapter of ports/raw-store promises. */
export function rawStoreContract(name: string, start: StartStores): void {
  describe(`${name} keeps the promise of the port raw-store`, () => {
    let stores: StoresUnderTest;
    beforeEach(async () => {
      stores = await start();
    });
    afterEach(() => stores.close());

    it('gives the same message the same answer, and keeps it and its event once, over an end', async () => {
      const first = message({ identity: 'mllp:1', ack: Buffer.from([11, 0, 255]) });
      expect(await stores.raw.find('mllp:1')).toBeNull();
      expect(await stores.raw.keep(first, eventFor(caseNo(1), 'a'))).toEqual({ ack: first.ack, fresh: true });
      stores = await stores.reopen();
      const again = await stores.raw.keep(message({ identity: 'mllp:1', ack: Buffer.from('other') }), eventFor(caseNo(1), 'b'));
      expect(again).toEqual({ ack: first.ack, fresh: false });
      expect(await stores.raw.find('mllp:1')).toEqual({ ack: first.ack, ackCode: 'AA' });
      expect(await stores.raw.list(9)).toHaveLength(1);
      expect((await stores.bus.claim(later(1), 60, 9)).map(({ event }) => event.id)).toEqual(['a']);
    });

    it('keeps one of two that bring the same message at once', async () => {
      const both = await Promise.all([1, 2].map((n) => stores.raw.keep(message({ identity: 'mllp:1', ack: Buffer.from(`ack ${n}`) }), null)));
      expect(both.map(({ fresh }) => fresh).sort()).toEqual([false, true]);
      expect(both[0]?.ack).toEqual(both[1]?.ack);
    });

    it('keeps bytes as they came, and lists newest first, by state', async () => {
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, n) => n));
      await stores.raw.keep(message({ bytes, length: 256 }), null);
      await stores.raw.keep(message({ state: 'refused', reason: 'no MSH', ackCode: 'AR' }), null);
      const [newest, oldest] = await stores.raw.list(9);
      expect(newest).toMatchObject({ state: 'refused', reason: 'no MSH' });
      expect(await stores.raw.read(oldest!.id)).toEqual(bytes);
      expect(await stores.raw.read(9999)).toBeNull();
      expect(await stores.raw.list(9, 'used')).toHaveLength(1);
      expect(await stores.raw.list(1)).toHaveLength(1);
    });

    it('knows an order by the number it was first seen under', async () => {
      expect(await stores.raw.orderKeyOf([placer])).toBe(placer);
      expect(await stores.raw.orderKeyOf([placer, filler])).toBe(placer);
      stores = await stores.reopen();
      expect(await stores.raw.orderKeyOf([filler])).toBe(placer);
    });

    it('knows an order that was first seen under its filler number when its placer number comes later', async () => {
      expect(await stores.raw.orderKeyOf([filler])).toBe(filler);
      expect(await stores.raw.orderKeyOf([placer, filler])).toBe(filler);
      expect(await stores.raw.orderKeyOf([placer])).toBe(filler);
    });

    it('gives two that ask at once the same key', async () => {
      const keys = await Promise.all([stores.raw.orderKeyOf([placer, filler]), stores.raw.orderKeyOf([filler])]);
      expect(new Set(keys).size).toBe(1);
    });
  });
}
