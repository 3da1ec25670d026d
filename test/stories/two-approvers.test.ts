import { build } from '../../infra/build.ts';
import { duelled } from '../support/duels.ts';
import { openInstallation } from '../support/installation-for-tests.ts';
import type { TestInstallation } from '../support/installation-for-tests.ts';

const TASKS = 100;
/** More than tasks: on some there is nothing to duel about. */
const ORDERS = 135;
const SECONDS_BETWEEN_ORDERS = 0.1;

describe('two radiologists answer the same task in the same instant', () => {
  let running: TestInstallation | null = null;
  beforeAll(build, 120_000);
  afterAll(() => running?.clear(), 90_000);

  it(`one of them wins, the other is told who and when, and the RIS hears of it once: ${TASKS} tasks`, async () => {
    running = await openInstallation();
    const { wrong, tasks, won, chosen, written, conflicts, secondsToCard } = await duelled(running, TASKS, ORDERS, SECONDS_BETWEEN_ORDERS);
    process.stdout.write(`${JSON.stringify({ tasks, won, writeBacks: written.length, secondsToCard })}\n`);
    expect(wrong).toEqual([]);
    expect(tasks).toBe(TASKS);
    expect(written).toEqual(chosen);
    expect(conflicts).toBe(0);
  }, 120_000);
});
