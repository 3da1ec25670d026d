import { queueStore } from '#adapters/embedded/queue-store.js';
import { canaryTrail, storeHealth } from '#adapters/embedded/store-health.js';
import { wallClock } from '#adapters/embedded/surroundings.js';
import { addSeconds } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { PROGRESS, withCanary } from '#engine/canary.js';
import { startEngine } from '#engine/engine.js';
import type { Engine } from '#engine/engine.js';
import { measured } from '#engine/measured.js';
import type { Parts } from '#engine/parts.js';
import { progress } from '#engine/progress.js';
import type { Progress, ProgressReport } from '#engine/progress.js';
import { changed } from '#engine/tapped.js';
import { noTelemetry } from '#ports/telemetry.js';
import type { Telemetry } from '#ports/telemetry.js';
import { startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { caseNo, effects, eventFor, queue } from '../support/store-fixture.ts';

interface Running {
  readonly fixture: EngineFixture;
  readonly watched: Progress;
  readonly parts: Parts;
  readonly engine: Engine;
  readonly counted: string[];
  close(): Promise<void>;
}

const open: Running[] = [];

/** A real engine with real workers on a real store; `change` breaks something. */
function run(change: (parts: Parts) => Parts = (same) => same, telemetry: Partial<Telemetry> = {}): Running {
  const fixture = startEngineFixture('assist');
  const counted: string[] = [];
  const counting: Telemetry = { ...noTelemetry, count: (name, labels) => counted.push(`${name} ${JSON.stringify(labels)}`), ...telemetry };
  const base = changed(fixture.parts, { clock: wallClock, wake: () => engine.wake() });
  const watched = progress(change(measured(withCanary(base), counting)), { cursors: fixture.stores.cursors, trail: canaryTrail(fixture.stores.db) });
  const engine: Engine = startEngine(watched.parts);
  const loop = watched.start();
  const running: Running = {
    ...{ fixture, watched, parts: watched.parts, engine, counted },
    async close() {
      loop.stop();
      await engine.stop();
      await fixture.close();
    },
  };
  open.push(running);
  return running;
}

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function until(watched: Progress, wanted: (report: ProgressReport) => boolean, seconds = 10): Promise<ProgressReport> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const report = await watched.look();
    if (wanted(report) || Date.now() > end) return report;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('The canary', () => {
  it('goes through inbox, engine and outbox, its timer fires on time, and progress is proven', async () => {
    const { watched } = run();
    expect((await watched.look()).ok).toBe(false);
    const report = await until(watched, ({ ok }) => ok);
    expect(report).toMatchObject({ ok: true, missing: [] });
    expect(report.canaryAge).toBeLessThan(10);
    expect(report.timerLateness).toBeLessThan(2);
  });

  it('says that whoever watches the alerts has stopped, once somebody has watched (invariant 24)', async () => {
    const { watched, fixture } = run();
    expect(await until(watched, ({ ok }) => ok)).toMatchObject({ ok: true, watcherAge: null });
    const looked = (seconds: number) => fixture.stores.cursors.write('watcher', JSON.stringify({ lookedAt: addSeconds(wallClock.now(), -seconds) }));
    await looked(50);
    expect(await watched.look()).toMatchObject({ ok: true, watcherAge: expect.any(Number) });
    // Another machine's clock may be ahead, not for long.
    for (const seconds of [61, -61]) {
      await looked(seconds);
      expect(await watched.look()).toMatchObject({ ok: false, missing: ['watcher'] });
    }
  });

  it('reaches nobody and no hospital system, and is in no list, no count and no audit row', async () => {
    const { watched, fixture, counted } = run();
    expect((await until(watched, ({ ok }) => ok)).ok).toBe(true);
    const { views, audit, db } = fixture.stores;
    expect(fixture.left).toEqual([]);
    expect(await views.all(PROGRESS)).toEqual([]);
    expect(await views.held()).toEqual([]);
    expect(await queueStore(db).list({}, 100, wallClock.now())).toEqual([]);
    expect((await audit.verify()).rows).toBe(0);
    expect(counted).toEqual([]);
    const { inbox, outbox, quarantine } = await storeHealth(db).figures();
    expect({ depth: inbox.depth, outbox, quarantine }).toEqual({
      depth: 0,
      outbox: [],
      quarantine: { event: 0, delivery: 0, message: 0, arrival: 0 },
    });
  });

  it('leaves nothing behind for long', async () => {
    const { watched, fixture } = run();
    await until(watched, ({ ok }) => ok);
    const { db } = fixture.stores;
    const rows = () => ['raw', 'outbox', 'heard', 'events'].map((table) => db.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)?.n ?? 0);
    expect(rows().slice(0, 2)).toEqual([1, 1]);
    // What its timer brought is heard a moment after the timer is known to have fired.
    for (const end = Date.now() + 10_000; (rows()[2] ?? 0) < 2 && Date.now() < end;) await new Promise((resolve) => setTimeout(resolve, 20));
    await canaryTrail(db).forget(addSeconds(wallClock.now(), 60));
    expect(rows()).toEqual([0, 0, 0, 0]);
    // Its case stays, with one number and no history.
    expect(db.all('SELECT version FROM cases')).toEqual([{ version: 0 }]);
  });

  it('is dropped when it fails again and again, so that nobody is asked to look at it', async () => {
    const { watched, fixture } = run((parts) =>
      changed(parts, {
        workflows: parts.workflows.map((one) =>
          one.name === PROGRESS
            ? {
                ...one,
                step: () => {
                  throw new Error('broken');
                },
              }
            : one,
        ),
      }),
    );
    const { db, views } = fixture.stores;
    const stored = () => db.get<{ n: number }>('SELECT count(*) AS n FROM heard')?.n ?? 0;
    const end = Date.now() + 20_000;
    while (stored() === 0 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(stored()).toBe(1);
    expect(await views.held()).toEqual([]);
    expect(db.all('SELECT 1 FROM events')).toEqual([]);
    expect((await watched.look()).missing).toContain('canary');
  }, 30_000);
});

describe('A message beside the canary', () => {
  it('is quarantined when it is poison, also under an id of the store that a canary had before (invariant 9)', async () => {
    const { parts, fixture, engine } = run();
    await engine.stop();
    const { bus, outbox } = parts;
    const { db } = fixture.stores;
    const ids = async (): Promise<string> => {
      const [given] = await bus.claim(wallClock.now(), 60, 1);
      return given?.claimed ?? '';
    };
    await db.write(() => db.run('DELETE FROM events'));
    const canary = { ...eventFor(caseNo(1), 'canary:1'), workflow: PROGRESS };
    await bus.publish(canary);
    const had = await ids();
    await db.write(() => db.run('DELETE FROM events'));
    // A store that gives an id again, which this one never does by itself.
    await db.write(() => db.run("DELETE FROM sqlite_sequence WHERE name = 'events'"));
    await bus.publish({ ...eventFor(caseNo(2)), occurredAt: wallClock.now() });
    const [poison] = await bus.claim(wallClock.now(), 60, 1);
    if (poison === undefined) throw new Error('nothing claimed');
    expect(poison.claimed).toBe(had);
    expect(await bus.quarantine(poison, 'poison', wallClock.now())).toBe(true);
    expect((await fixture.stores.views.held()).map(({ kind }) => kind)).toEqual(['event']);
    // The same of what goes out.
    await queue(fixture.stores, caseNo(3), effects.tell());
    const [item] = await outbox.claim(wallClock.now(), 60, 1);
    if (item === undefined) throw new Error('nothing to send');
    await outbox.hold(item, 'refused', 'no', wallClock.now());
    expect(await fixture.stores.views.held()).toHaveLength(2);
  });
});

describe('Progress', () => {
  it('is lost when the engine stops, though everything else lives (field report 4)', async () => {
    const { watched, engine } = run();
    await until(watched, ({ ok }) => ok);
    await engine.stop();
    const later = progressAt(40);
    const report = await later(() => watched.look());
    expect(report.ok).toBe(false);
    expect(report.missing).toEqual(['canary', 'timer', 'routes', 'events', 'outbox', 'deadlines']);
  });

  it('names the one worker that hangs', async () => {
    const never = new Promise<never>(() => undefined);
    const hanging = run((parts) => changed(parts, { outbox: changed(parts.outbox, { claim: () => never }) }));
    const report = await until(hanging.watched, ({ missing }) => missing.length === 2);
    expect(report.missing).toEqual(expect.arrayContaining(['canary', 'outbox']));
    // The engine can't be ended while its worker hangs.
    open.splice(0);
  });

  it('is not kept by a canary of before the clock was set back', async () => {
    const { watched, fixture } = run();
    await until(watched, ({ ok }) => ok);
    const tomorrow: Instant = addSeconds(wallClock.now(), 86_400);
    await fixture.stores.cursors.write('progress', JSON.stringify({ sentAt: tomorrow, timerFiredAt: tomorrow, timerLateness: 0 }));
    expect((await watched.look()).missing).toEqual(['canary', 'timer']);
  });
});

/** Looks as if so many seconds had passed for the steady clock and the wall clock. */
function progressAt(seconds: number): <T>(look: () => Promise<T>) => Promise<T> {
  return async (look) => {
    const [steady, wall] = [performance.now.bind(performance), Date.now];
    performance.now = () => steady() + seconds * 1000;
    Date.now = () => wall() + seconds * 1000;
    try {
      return await look();
    } finally {
      performance.now = steady;
      Date.now = wall;
    }
  };
}
