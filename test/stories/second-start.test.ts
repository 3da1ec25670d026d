import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';
import { auditStore } from '#adapters/embedded/audit-store.js';
import { openDatabase } from '#adapters/embedded/database.js';
import { build } from '../../infra/build.ts';
import { startPart } from '../../infra/local/children.ts';
import type { Part } from '../../infra/local/children.ts';

/** Issue 3, "How it runs": a second start keeps everything and posts each open case's card anew, because the Playground keeps no history. */
describe('a second start on the same folder', () => {
  const data = mkdtempSync(join(tmpdir(), 'radloop-second-start-'));
  let running: Part | null = null;
  const start = async (): Promise<Part> => {
    const args = ['infra/local/start.ts', '--data', data, '--base-port', '28200', '--rate', '0', '--json'];
    running = await startPart({ name: 'npm start', args, logFile: join(data, 'start.log'), secondsToReady: 120 });
    return running;
  };
  const facts = (type: string): { activityId: string; caseId: string }[] => {
    const db = new DatabaseSync(join(data, 'store', 'radloop.sqlite'), { readOnly: true });
    const rows = db
      .prepare("SELECT fact ->> '$.posting.activityId' AS activityId, case_id AS caseId FROM facts WHERE type = ? ORDER BY at")
      .all(type) as { activityId: string; caseId: string }[];
    db.close();
    return rows;
  };
  const until = async (met: () => boolean): Promise<void> => {
    for (const end = Date.now() + 20_000; Date.now() < end && !met(); await pause(100));
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
    await until(() => facts('cardPosted').length === 1);
    const [posted] = facts('cardPosted');
    const key = readFileSync(join(data, 'edge-key.json'), 'utf8');
    await first.stop(20);

    const second = await start();
    await until(() => facts('cardPosted').length === 2);
    expect(facts('cardSuperseded')).toEqual([posted]);
    expect(facts('cardPosted').map((row) => row.caseId)).toEqual([posted?.caseId, posted?.caseId]);
    expect(readFileSync(join(data, 'edge-key.json'), 'utf8')).toBe(key);
    expect(await risOrders(second)).toEqual([expect.objectContaining({ placer: 'P000001', acknowledged: 'AA' })]);
    await second.stop(20);
    running = null;

    const db = openDatabase(join(data, 'store'), { readOnly: true });
    expect(await auditStore(db).verify()).toMatchObject({ ok: true, cases: 1 });
    await db.close();
  }, 120_000);
});
