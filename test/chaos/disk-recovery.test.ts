import { StoreBroken } from '#adapters/embedded/group-commit.js';
import { eventBus } from '#adapters/embedded/event-bus.js';
import { outboxStore } from '#adapters/embedded/outbox-store.js';
import type { Database } from '#adapters/embedded/database.js';
import { allowListLog } from '#adapters/telemetry/log.js';
import { allowed } from '#adapters/telemetry/allowed.js';
import { caseNo, effects, embeddedStores, eventFor, later, queue } from '../support/store-fixture.ts';
import type { EmbeddedStores } from '../support/store-fixture.ts';

describe('claims that the disk did not take', () => {
  let stores: EmbeddedStores;
  let isBroken = false;
  let db: Database;
  beforeEach(() => {
    stores = embeddedStores();
    isBroken = false;
    // What is written stands in the file, and the caller is told that it may not: as after a sync that failed.
    const write: Database['write'] = async (work) => {
      const done = await stores.db.write(work);
      if (isBroken) throw new StoreBroken('The disk did not take what was written.');
      return done;
    };
    db = Object.create(stores.db, { write: { value: write } }) as Database;
  });
  afterEach(() => stores.close());

  it('are free again with the next claim, and count as no crash: nobody was given them (invariants 5, 8)', async () => {
    const [bus, outbox] = [eventBus(db), outboxStore(db)];
    await bus.publish(eventFor(caseNo(1)));
    await queue(stores, caseNo(2), effects.card());
    isBroken = true;
    await expect(bus.claim(later(1), 60, 9)).rejects.toThrow(StoreBroken);
    await expect(outbox.claim(later(1), 900, 9)).rejects.toThrow(StoreBroken);
    isBroken = false;
    const events = await bus.claim(later(2), 60, 9);
    expect(events.map(({ attempt, crashes, failures }) => ({ attempt, crashes, failures }))).toContainEqual({ attempt: 2, crashes: 0, failures: 0 });
    const items = await outbox.claim(later(2), 900, 9);
    expect(items.map(({ attempt }) => attempt)).toEqual([2]);
    // Those are given: the next claim takes none of them away.
    expect(await bus.claim(later(3), 60, 9)).toEqual([]);
    expect(await outbox.claim(later(3), 900, 9)).toEqual([]);
  });
});

describe('the log while the disk fails', () => {
  it('has of each kind of error 20 lines a second, and then says how many more there were', async () => {
    const lines: string[] = [];
    const log = allowListLog({
      write: (line) => lines.push(line),
      clock: { now: () => later(0) },
      allowed: allowed([], () => new Uint8Array()),
      dropped: () => undefined,
    });
    const fail = (): void => {
      log.error('hl7.not-kept', { endpoint: 'mllp', fault: new StoreBroken('') });
    };
    for (let n = 0; n < 500; n += 1) fail();
    expect(lines).toHaveLength(20);
    log.error('worker.failed', { worker: 'events', fault: new StoreBroken('') });
    expect(lines).toHaveLength(21);
    await new Promise((done) => setTimeout(done, 1100));
    fail();
    expect(JSON.parse(lines[21] ?? '')).toMatchObject({ event: 'log.left-out', line: 'hl7.not-kept', count: 480 });
    expect(lines).toHaveLength(23);
  });
});
