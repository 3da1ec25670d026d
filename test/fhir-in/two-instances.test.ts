import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { progresses, wanting } from '#engine/fhir-progress.js';
import { feedStates } from '#engine/feed-states.js';
import { embeddedStores, t0 } from '../support/store-fixture.ts';
import type { EmbeddedStores } from '../support/store-fixture.ts';

let folder: string;
let instances: [EmbeddedStores, EmbeddedStores];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'radloop-feeds-'));
  instances = [embeddedStores(folder), embeddedStores(folder)];
});
afterEach(async () => {
  for (const { db } of instances) await db.close();
  rmSync(folder, { recursive: true });
});

it('what two instances hear of one feed at once is all wanted: neither takes away what the other wrote', async () => {
  const [one, two] = instances.map(({ cursors }) => progresses(cursors));
  const names = Array.from({ length: 80 }, (_, n) => `ServiceRequest/sr${n}`);
  await Promise.all(
    names.map((name, n) => (n % 2 === 0 ? one! : two!).change('orders', (before) => wanting({ ...before, told: before.told + 1 }, [name]))),
  );
  const { wanted, told } = await one!.read('orders');
  expect(Object.keys(wanted).sort()).toEqual([...names].sort());
  expect(told).toBe(80);
});

it('how the feeds are is told by two instances without one undoing the other, and seen by both', async () => {
  const [one, two] = instances.map(({ cursors }) => feedStates(cursors, { now: () => t0 }, ['pacs', 'orders']));
  await Promise.all([one!.tell('pacs', { state: 'down', reason: 'it did not answer' }), two!.tell('orders', { state: 'up', reason: '' })]);
  const all = [
    { name: 'pacs', state: 'down' },
    { name: 'orders', state: 'up' },
  ];
  expect(await one!.all()).toMatchObject(all);
  expect(await two!.all()).toMatchObject(all);
});
