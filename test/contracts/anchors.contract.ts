import type { Anchor, Anchors } from '#ports/anchors.js';
import { later, t0 } from '../support/store-fixture.ts';

const made = (height: number, at: string): Anchor => ({
  ...{ height, upto: height * 10, hash: String(height).padStart(64, '0'), at, restored: false },
  signed: { keyVersion: '1', algorithm: 'ES256', signature: 'AA==' },
});
const allOf = async (anchors: Anchors): Promise<number[]> => {
  const found: number[] = [];
  for await (const { height } of anchors.all()) found.push(height);
  return found;
};

/** What any adapter of ports/anchors promises. `open` opens an empty place, and the same place each time in one test. */
export function anchorsContract(name: string, open: () => Promise<Anchors>): void {
  describe(`${name} keeps the promise of the port anchors`, () => {
    it('has nothing in an empty place, and says where it is', async () => {
      const anchors = await open();
      expect(await anchors.last()).toBeNull();
      expect(await allOf(anchors)).toEqual([]);
      expect(anchors.where).not.toBe('');
    });

    it('gives anchors in the order in which they were added, over months and an end, and knows the last one', async () => {
      const anchors = await open();
      const added = [made(1, t0), made(2, later(60)), made(3, '2026-12-01T00:00:00.000Z'), made(4, '2027-01-01T00:00:00.000Z')];
      for (const anchor of added) await anchors.add(anchor);
      const again = await open();
      expect(await allOf(again)).toEqual([1, 2, 3, 4]);
      expect(await again.last()).toEqual(added[3]);
    });

    it('takes the same checkpoint again, and one of a lower height after a restore', async () => {
      const anchors = await open();
      const lower = { ...made(3, later(120)), restored: true };
      for (const anchor of [made(7, t0), made(7, later(60)), lower]) await anchors.add(anchor);
      expect(await allOf(anchors)).toEqual([7, 7, 3]);
      expect(await anchors.last()).toEqual(lower);
    });

    it('loses none of many that are added at once', async () => {
      const [one, other] = [await open(), await open()];
      await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? one : other).add(made(n + 1, t0))));
      expect((await allOf(one)).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    });
  });
}
