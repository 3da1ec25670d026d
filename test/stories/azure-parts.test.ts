import { build } from '../../infra/build.ts';
import { killed } from '../chaos/killed.ts';
import { duelled } from '../support/duels.ts';
import { openInstallation } from '../support/installation-for-tests.ts';
import type { TestInstallation } from '../support/installation-for-tests.ts';
import { readPostings, readRisSide } from '../support/ledgers.ts';

// The same service, stories and judge as on one machine, in a short form; the whole of it with RADLOOP_TEST_STORE=azure and test/stories, test/chaos/kill.test.ts.
const DUELS = { tasks: 8, orders: 14, secondsBetweenOrders: 0.5 };
const KILLS = { orders: 16, kills: 2, secondsBetweenOrders: 0.2, seed: 15 };

describe('the service on the parts of Azure', () => {
  let running: TestInstallation | null = null;
  beforeAll(build, 120_000);
  afterEach(() => running?.clear(), 90_000);

  it(`takes orders to their card, to one approval of two in the same instant, and to one write-back: ${DUELS.tasks} tasks`, async () => {
    running = await openInstallation({ partsOf: 'azure' });
    const { wrong, tasks, won, chosen, written, conflicts, secondsToCard } = await duelled(
      running,
      DUELS.tasks,
      DUELS.orders,
      DUELS.secondsBetweenOrders,
    );
    process.stdout.write(`${JSON.stringify({ tasks, won, writeBacks: written.length, secondsToCard })}\n`);
    expect(wrong).toEqual([]);
    expect(tasks).toBe(DUELS.tasks);
    expect(written).toEqual(chosen);
    expect(conflicts).toBe(0);
    expect(secondsToCard.median).toBeLessThan(2);
  }, 90_000);

  it(`loses nothing and does nothing twice when it is killed, with a cancelled order among them: ${KILLS.orders} orders, ${KILLS.kills} kills`, async () => {
    running = await openInstallation({ partsOf: 'azure' });
    const { findings, figures, imaging, ...others } = await killed(running, KILLS);
    process.stdout.write(`${JSON.stringify({ kills: KILLS.kills, ...others, ...figures })}\n`);
    expect(findings).toEqual([]);
    expect(figures.cases).toBe(imaging);
    expect(figures.wins).toBeGreaterThan(KILLS.orders / 2);
    expect(readRisSide(running.data).cancelled.size).toBeGreaterThan(0);
    expect(readPostings(running.data, 'protocoling').length).toBeGreaterThanOrEqual(figures.cases - figures.cancelled);
  }, 120_000);
});
