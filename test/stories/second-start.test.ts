import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { build } from '../../infra/build.ts';
import { startPart } from '../../infra/local/children.ts';
import type { Part } from '../../infra/local/children.ts';
import { startAzurePart } from '../support/azure-part.ts';
import type { AzurePart } from '../support/azure-part.ts';
import { PARTS } from '../support/installation-for-tests.ts';
import { takePorts } from '../support/ports.ts';
import type { TakenPorts } from '../support/ports.ts';
import { recordsOf } from '../support/records.ts';
import type { Records } from '../support/records-shape.ts';

/** Issue 3, "How it runs": a second start keeps everything and posts each open case's card anew, because the Playground keeps no history. */
describe('a second start on the same folder', () => {
  const data = mkdtempSync(join(tmpdir(), 'radloop-second-start-'));
  let running: Part | null = null;
  let azure: AzurePart | null = null;
  let own: TakenPorts;
  let other: TakenPorts;
  const start = async (): Promise<Part> => {
    const args = ['infra/local/start.ts', '--data', data, '--base-port', String(own.base), '--rate', '0', '--json'];
    running = await startPart({ name: 'npm start', args, logFile: join(data, 'start.log'), secondsToReady: 120, env: { ...azure?.env } });
    return running;
  };
  const looking = async <T>(work: (records: Records) => Promise<T>): Promise<T> => {
    const records = await recordsOf(azure?.env ?? join(data, 'store'));
    return work(records).finally(() => records.close());
  };
  const facts = async (type: string): Promise<{ activityId: string; caseId: string }[]> => {
    const found = await looking((records) => records.facts<{ posting: { activityId: string } }>(type));
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
    own = await takePorts();
    other = await takePorts();
    if (PARTS === 'azure') azure = await startAzurePart(data);
    process.stdout.write(`The service keeps things in ${azure === null ? 'the embedded parts' : 'the Azure parts, against peers of our own'}.\n`);
  }, 120_000);
  afterAll(async () => {
    await running?.stop(20);
    await azure?.kill();
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
      args: ['infra/local/start.ts', '--data', data, '--base-port', String(other.base), '--rate', '0', '--json'],
      logFile: join(data, 'beside.log'),
      env: { ...azure?.env },
    });
    beside.then((part) => part.stop()).catch(() => undefined);
    await expect(beside).rejects.toThrow(`Another Radloop works in ${data}: end it, or give this one another folder with --data DIR.`);
    await until(async () => (await facts('cardPosted')).length === 2);
    expect(await facts('cardSuperseded')).toEqual([posted]);
    expect((await facts('cardPosted')).map((row) => row.caseId)).toEqual([posted?.caseId, posted?.caseId]);
    expect(readFileSync(join(data, 'edge-key.json'), 'utf8')).toBe(key);
    expect(await risOrders(second)).toEqual([expect.objectContaining({ placer: 'P000001', acknowledged: 'AA' })]);
    await second.stop(20);
    running = null;

    expect(await looking((records) => records.verify())).toMatchObject({ ok: true, cases: 1 });
  }, 120_000);
});
