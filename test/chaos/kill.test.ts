import { build } from '../../infra/build.ts';
import { openInstallation } from '../support/installation-for-tests.ts';
import type { TestInstallation } from '../support/installation-for-tests.ts';
import { killed } from './killed.ts';

// The whole form (npm run test:crash) takes about four minutes, the short one well under one.
const isWhole = process.env['RADLOOP_CRASH'] === 'full';
const plan = isWhole
  ? { orders: 300, kills: 30, secondsBetweenOrders: 0.45, seed: 4, minutes: 15 }
  : { orders: 40, kills: 4, secondsBetweenOrders: 0.2, seed: 12, minutes: 3 };

describe('the service is killed again and again', () => {
  let running: TestInstallation | null = null;
  beforeAll(build, 120_000);
  afterAll(() => running?.clear(), 90_000);

  it(
    `loses nothing and does nothing twice: ${plan.orders} orders, ${plan.kills} kills`,
    async () => {
      running = await openInstallation();
      const { findings, figures, imaging, ...others } = await killed(running, plan);
      process.stdout.write(`${JSON.stringify({ kills: plan.kills, ...others, ...figures })}\n`);
      expect(findings).toEqual([]);
      expect(figures.cases).toBe(imaging);
      expect(figures.wins).toBeGreaterThan(plan.orders / 2);
    },
    plan.minutes * 60_000,
  );
});
