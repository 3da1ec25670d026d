import { writeFileSync } from 'node:fs';
import { COUNTS_FILE, perOrder, readCounts } from '../../infra/scale/counts.ts';
import { playOrders } from './play.ts';

const ORDERS_EACH = 3;
const isWriting = process.env['RADLOOP_SCALE'] === 'write';

/** What stands in infra/scale/counts.json must be what the code does: RADLOOP_SCALE=write plays 1, 10 and 100 hospitals and writes it, the short form plays one. */
describe('what an order costs on Azure', () => {
  const writing: typeof it | null = isWriting ? it : null;
  writing?.(
    'is counted at 1, 10 and 100 hospitals and written down',
    async () => {
      const runs = [];
      for (const [hospitals, ordersEach] of [
        [1, ORDERS_EACH],
        [10, ORDERS_EACH],
        [100, 1],
      ] as const) {
        const counted = await playOrders(hospitals, ordersEach);
        expect(counted.writtenBack).toBeGreaterThanOrEqual(counted.orders);
        runs.push(counted);
        writeFileSync(COUNTS_FILE, `${JSON.stringify({ on: new Date().toISOString().slice(0, 10), runs }, null, 2)}\n`);
      }
    },
    900_000,
  );

  it('is within a third of what infra/scale/counts.json says (else: RADLOOP_SCALE=write npm test -- test/scale, then npm run scale)', async () => {
    const [recorded] = readCounts().runs;
    const counted = await playOrders(1, ORDERS_EACH);
    expect(counted.writtenBack).toBeGreaterThanOrEqual(counted.orders);
    const [then, today] = [recorded === undefined ? null : perOrder(recorded), perOrder(counted)];
    for (const what of ['units', 'writes', 'messages', 'bytes'] as const) {
      expect(today[what]).toBeGreaterThan(0);
      expect(Math.abs(today[what] / (then?.[what] ?? 0) - 1)).toBeLessThan(1 / 3);
    }
  }, 120_000);
});
