import { spawnSync } from 'node:child_process';
import figures from '../../infra/scale/azure-figures.json' with { type: 'json' };
import { perOrder, readCounts } from '../../infra/scale/counts.ts';
import type { PerOrder } from '../../infra/scale/counts.ts';
import { network } from '../../infra/scale/reckon.ts';
import { report } from '../../infra/scale/report.ts';

const order: PerOrder = {
  reads: 10,
  writes: 10,
  queries: 10,
  units: 600,
  bytes: 50_000,
  messages: 4,
  messageBytes: 1200,
  busOperations: 10,
  blobWrites: 1,
  blobBytes: 600,
};

describe('the calculation of infra/docs/scale.md', () => {
  it('reckons the busiest hour: 28,800 orders a day are one a second at three times the average, 600 RU each, half as much again bought, and what two instances look over', () => {
    const { peakOrders, units, looks, physicalPartitions } = network(72, 28_800, order, 1000);
    expect([peakOrders, units, physicalPartitions]).toEqual([1, 3000, 1]);
    expect(looks).toBeCloseTo(68.08);
  });

  it('buys what the stored gigabytes ask for when that is more', () => {
    const { storedBytes, units } = network(1, 400, order, 5_000_000);
    expect(Math.round(storedBytes / 1e9)).toBe(2248);
    expect(units).toBe(23_000);
  });

  it('goes up to 1,000 hospitals and 100 million events a day, and says what is passed first', () => {
    const text = report(readCounts());
    expect(text).toContain('100,000,000');
    expect(text).toMatch(/\| 1,000 \| 10,000,000 \|/u);
    expect(text).toContain('First to its limit');
    expect(text).toContain('never run');
  });

  it('names a source and a date for each figure, and leaves out what was not found', () => {
    const all = [...Object.entries(figures.limits), ...Object.entries(figures.prices)];
    expect(all.filter(([, { source }]) => !/^https:\/\//u.test(source))).toEqual([]);
    expect(all.filter(([, { value, seen }]) => value !== null && seen.length < 8)).toEqual([]);
    expect(report(readCounts())).toContain('not found');
  });

  it('stands in infra/docs/scale.md as it is made (else: npm run scale)', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--conditions=source', '--disable-warning=ExperimentalWarning', 'infra/scale/main.ts', '--check'],
      { encoding: 'utf8' },
    );
    expect([status, stderr]).toEqual([0, '']);
  });

  it('counts of one order at many hospitals what it counts at one, within a third: nothing grows with the network', () => {
    const { runs } = readCounts();
    const [alone, many] = [runs.at(0), runs.at(-1)];
    if (alone === undefined || many === undefined) throw new Error('counts.json has no runs');
    expect(alone.hospitals).toBe(1);
    expect(many.hospitals).toBeGreaterThanOrEqual(10);
    expect(perOrder(many).writes / perOrder(alone).writes).toBeLessThan(4 / 3);
    expect(perOrder(many).units / perOrder(alone).units).toBeLessThan(4 / 3);
  });
});
