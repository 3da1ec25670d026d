import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { auditStore } from '#adapters/embedded/audit-store.js';
import { openDatabase } from '#adapters/embedded/database.js';
import { build } from '../../infra/build.ts';
import { startPart } from '../../infra/local/children.ts';
import type { Part } from '../../infra/local/children.ts';
import { openedFactsIn } from '../support/opened-facts.ts';

/** Issue 3, "How it runs": a second start keeps everything and posts each open case's card anew, because the Playground keeps no history. */
describe('a second start on the same folder', () => {
  const data = mkdtempSync(join(tmpdir(), 'radloop-second-start-'));
  let running: Part | null = null;
  const start = async (): Promise<Part> => {
    const args = ['infra/local/start.ts', '--data', data, '--base-port', '28200', '--rate', '0', '--json'];
    running = await startPart({ name: 'npm start', args, logFile: join(data, 'start.log'), secondsToReady: 120 });
    return running;
  };
  const facts = async (type: string): Promise<{ activityId: string; caseId: string }[]> => {
    const found = await openedFactsIn<{ posting: { activityId: string } }>(join(data, 'store'), type);
    return found.map(({ caseId, fact }) => ({ activityId: fact.posting.activityId, caseId }));
  };
  const until = async (met: () => Promise<boolean>): Promise<void> => {
    for (const end = Date.now() + 20_000; Date.now() < end && !(await met()); await pause(100));
  };
  const place = async (part: Part): Promise<void> => {
    await fetch(new URL('/orders/next', String(part.ready['page'])), { method: 'POST' });
  };
  const risOrders = async (part: Part): Promise<{ placer: string; acknowledged: string }[]> =>
    ((await (await fetch(new URL('/orders.json', String(part.ready['page'])))).json()) as { orders: { placer: string; acknowledged: string }[] })
      .orders;

  beforeAll(async () => {
    await build();
  }, 120_000);
  afterAll(async () => {
    await running?.stop(20);
    rmSync(data, { recursive: true, force: true });
  }, 60_000);

  it('keeps cases, audit, key and the RIS’s ledger, and records the lost posting as superseded', async () => {
    const first = await start();
    await place(first);
    await until(async () => (await facts('cardPosted')).length === 1);
    const [posted] = await facts('cardPosted');
    const key = readFileSync(join(data, 'edge-key.json'), 'utf8');
    await first.stop(20);

    const second = await start();
    // A third beside it, on ports of its own: a whole rehearsal is one a folder.
    const beside = startPart({
      name: 'npm start',
      args: ['infra/local/start.ts', '--data', data, '--base-port', '28220', '--rate', '0', '--json'],
      logFile: join(data, 'beside.log'),
    });
    await expect(beside).rejects.toThrow(`Another Radloop works in ${data}: end it, or give this one another folder with --data DIR.`);
    await until(async () => (await facts('cardPosted')).length === 2);
    expect(await facts('cardSuperseded')).toEqual([posted]);
    expect((await facts('cardPosted')).map((row) => row.caseId)).toEqual([posted?.caseId, posted?.caseId]);
    expect(readFileSync(join(data, 'edge-key.json'), 'utf8')).toBe(key);
    expect(await risOrders(second)).toEqual([expect.objectContaining({ placer: 'P000001', acknowledged: 'AA' })]);
    await second.stop(20);
    running = null;

    const db = openDatabase(join(data, 'store'), { readOnly: true });
    expect(await auditStore(db).verify()).toMatchObject({ ok: true, cases: 1 });
    await db.close();
  }, 120_000);
});
