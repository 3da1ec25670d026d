import { setTimeout as pause } from 'node:timers/promises';
import { startEngine } from '#engine/engine.js';
import type { Engine } from '#engine/engine.js';
import { silentLog } from '../support/clinic.ts';
import { startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { caseNo, effects, queue, t0 } from '../support/store-fixture.ts';

let fixture: EngineFixture;
let engine: Engine;
afterEach(async () => {
  await engine.stop();
  await fixture.close();
});

it('a store that can be read and takes nothing is not asked without pause to fire what is due, and what was due is fired once it does (invariant 6)', async () => {
  fixture = startEngineFixture('assist');
  const { stores } = fixture;
  await queue(stores, caseNo(1), effects.wake('one', 1, t0), effects.wake('two', 1, t0));
  stores.db.get('PRAGMA query_only = 1');
  const log = silentLog();
  engine = startEngine({ ...fixture.parts, log });
  await pause(700);
  const failed = log.lines.filter(({ event, fields }) => event === 'worker.job-failed' && (fields as { worker: string }).worker === 'deadlines');
  stores.db.get('PRAGMA query_only = 0');
  expect(failed.length).toBeLessThanOrEqual(2);
  for (let round = 0; round < 50 && (await stores.deadlines.nextDue()) !== null; round += 1) await pause(100);
  expect(await stores.deadlines.nextDue()).toBeNull();
});
