import { setTimeout as pause } from 'node:timers/promises';
import { instances } from '#adapters/azure/instances.js';
import { WHERE, azureStores, startAzurePeers } from '../support/azure-fixture.ts';
import type { AzurePeers, AzureStores } from '../support/azure-fixture.ts';
import { caseNo, effects, eventFor, later, queue } from '../support/store-fixture.ts';

const DEAD_AFTER_MS = 200;
let peers: AzurePeers;
let dying: AzureStores;
let living: AzureStores;
beforeAll(async () => {
  peers = await startAzurePeers();
});
afterAll(() => peers.close());
beforeEach(async () => {
  dying = await azureStores(peers);
  living = await dying.another();
});
afterEach(async () => {
  living.cosmos.close();
  await dying.close();
});

describe(`instances on Azure (here ${WHERE})`, () => {
  it('free what one had claimed whose beats have ended, long before its lease: its attempt counts as a crash, and its fence is stale (invariant 30)', async () => {
    await queue(dying, caseNo(1), effects.card());
    await dying.bus.publish(eventFor(caseNo(2), 'told'));
    const [item] = await dying.outbox.claim(later(1), 900, 9);
    const [event] = await dying.bus.claim(later(1), 900, 9);
    await instances(dying.site, DEAD_AFTER_MS).beat();
    const watching = instances(living.site, DEAD_AFTER_MS);
    expect(await watching.beat()).toBe(0);
    await pause(DEAD_AFTER_MS + 50);
    expect(await watching.beat()).toBe(2);
    const soon = later(99_999_999);
    const [again] = await living.outbox.claim(soon, 60, 9);
    expect(again).toMatchObject({ id: item?.id, attempt: 2, crashes: 1 });
    expect(await living.bus.claim(soon, 60, 9)).toMatchObject([{ claimed: event?.claimed, attempt: 2, crashes: 1 }]);
    expect(await dying.outbox.delivered(item!, null, soon)).toBe(false);
    expect(await living.outbox.delivered(again!, null, soon)).toBe(true);
  });

  it('leave one alone that goes on beating, and one that has left in peace', async () => {
    await queue(dying, caseNo(1), effects.card());
    await dying.outbox.claim(later(1), 900, 9);
    const [beating, watching] = [instances(dying.site, DEAD_AFTER_MS), instances(living.site, DEAD_AFTER_MS)];
    for (let n = 0; n < 6; n += 1) {
      await beating.beat();
      expect(await watching.beat()).toBe(0);
      await pause(DEAD_AFTER_MS / 2);
    }
    await beating.leave();
    await pause(DEAD_AFTER_MS);
    expect(await watching.beat()).toBe(0);
  });
});
