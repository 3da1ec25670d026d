import type { StartStores, StoresUnderTest } from '../support/store-fixture.ts';

/** What any adapter of ports/cursors promises. */
export function cursorsContract(name: string, start: StartStores): void {
  describe(`${name} keeps the promise of the port cursors`, () => {
    let stores: StoresUnderTest;
    beforeEach(async () => {
      stores = await start();
    });
    afterEach(() => stores.close());

    it('gives back what was written last under a name, over an end; null before', async () => {
      expect(await stores.cursors.read('pacs')).toBeNull();
      await stores.cursors.write('pacs', '7');
      await stores.cursors.write('pacs', '8');
      await stores.cursors.write('orders', '2026-11-25T10:00:00.000Z');
      stores = await stores.reopen();
      expect(await stores.cursors.read('pacs')).toBe('8');
      expect(await stores.cursors.read('orders')).toBe('2026-11-25T10:00:00.000Z');
    });

    it('is changed from what was read, or not at all: of two who read the same, one has to read again', async () => {
      expect(await stores.cursors.swap('feed', 'something', 'a')).toBe(false);
      expect(await stores.cursors.read('feed')).toBeNull();
      const first = await Promise.all([stores.cursors.swap('feed', null, 'a'), stores.cursors.swap('feed', null, 'b')]);
      expect(first.filter((done) => done)).toHaveLength(1);
      const now = await stores.cursors.read('feed');
      const second = await Promise.all([stores.cursors.swap('feed', now, 'c'), stores.cursors.swap('feed', now, 'd')]);
      expect(second.filter((done) => done)).toHaveLength(1);
      expect(await stores.cursors.swap('feed', now, 'e')).toBe(false);
      expect(['c', 'd']).toContain(await stores.cursors.read('feed'));
    });
  });
}
