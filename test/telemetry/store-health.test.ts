import { canaryTrail, storeHealth } from '#adapters/embedded/store-health.js';
import type { Database } from '#adapters/embedded/database.js';
import { caseNo, effects, embeddedStores, eventFor, later, message, queue, t0 } from '../support/store-fixture.ts';
import type { EmbeddedStores } from '../support/store-fixture.ts';

let stores: EmbeddedStores;
beforeEach(() => {
  stores = embeddedStores();
});
afterEach(() => stores.close());

describe('The figures of the store', () => {
  it('say how much waits, for whom, and since when; what is held for a person is told apart', async () => {
    await queue(stores, caseNo(1), effects.card(), effects.commit(), effects.tell());
    await stores.raw.keep(message({ state: 'new', receivedAt: later(-50) }), 'later');
    await stores.raw.keep(message({ state: 'refused', ackCode: 'AE' }), []);
    await stores.bus.publish(eventFor(caseNo(2)));
    await stores.bus.publish(eventFor(caseNo(3)));
    const [claimed] = await stores.bus.claim(later(1), 60, 1);
    if (claimed === undefined) throw new Error('nothing claimed');
    await stores.bus.quarantine(claimed, 'poison', later(2));
    const { inbox, outbox, quarantine, freeBytes, auditRows } = await storeHealth(stores.db).figures();
    expect(inbox).toEqual({ depth: 2, oldest: later(-50) });
    expect([...outbox].sort((a, b) => (a.dest < b.dest ? -1 : 1))).toEqual([
      { dest: 'ris', depth: 1, oldest: t0 },
      { dest: 'teams', depth: 2, oldest: t0 },
    ]);
    expect(quarantine).toEqual({ event: 1, delivery: 0, message: 1, arrival: 0 });
    expect(freeBytes).toBeGreaterThan(0);
    expect(auditRows).toBe((await stores.audit.verify()).rows);
  });

  it('are read, and canaries forgotten, by indexes: nothing walks through a table that grows', async () => {
    const plans: string[] = [];
    const plan = (sql: string): void => {
      const named = sql.replace(/\?\d?/gu, "'x'");
      plans.push(...stores.db.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${named}`).map(({ detail }) => detail));
    };
    const watched: Database = Object.assign(Object.create(stores.db) as Database, {
      all: <Row>(sql: string, ...values: never[]) => (plan(sql), stores.db.all<Row>(sql, ...values)),
      get: <Row>(sql: string, ...values: never[]) => (plan(sql), stores.db.get<Row>(sql, ...values)),
      run: (sql: string, ...values: never[]) => (plan(sql), stores.db.run(sql, ...values)),
    });
    await storeHealth(watched).figures();
    await canaryTrail(watched).forget(t0);
    expect(plans.length).toBeGreaterThan(10);
    expect(plans.filter((step) => /^SCAN (?:raw|outbox|heard|cases|arrivals|audit)(?!.* USING )/u.test(step))).toEqual([]);
  });

  it('know a process that works on the store, and write what they are asked to prove', async () => {
    const health = storeHealth(stores.db);
    expect(await health.isKnown()).toBe(true);
    await health.probe();
    await health.probe();
    expect(stores.db.get("SELECT value FROM meta WHERE name = 'probe'")).toEqual({ value: '2' });
  });
});
