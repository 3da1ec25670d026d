import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { anchorLast } from '#adapters/audit-chain/anchor.js';
import { anchorOver } from '#adapters/azure/anchor-over.js';
import { blobAnchors } from '#adapters/azure/anchors.js';
import { auditStore } from '#adapters/azure/audit-store.js';
import { openContainer } from '#adapters/azure/blob-container.js';
import { siteKeyFile } from '#adapters/embedded/site-key-file.js';
import type { Anchors } from '#ports/anchors.js';
import type { AuditStore, Checkpoint } from '#ports/audit-store.js';
import type { SiteKey } from '#ports/site-key.js';
import { WHERE, azureStores, startAzurePeers } from '../support/azure-fixture.ts';
import type { AzurePeers, AzureStores } from '../support/azure-fixture.ts';
import { caseNo, later } from '../support/store-fixture.ts';

let peers: AzurePeers;
let stores: AzureStores;
let anchors: Anchors;
let audit: AuditStore;
let key: SiteKey;
let folder: string;
beforeAll(async () => {
  peers = await startAzurePeers();
});
afterAll(() => peers.close());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'radloop-restored-'));
  stores = await azureStores(peers);
  anchors = blobAnchors(await openContainer({ container: `anchors-${randomUUID()}`, connectionString: peers.blobs }));
  key = siteKeyFile(join(folder, 'site.key'));
  audit = auditStore(stores.site, { key, anchors });
});
afterEach(async () => {
  await stores.close();
  rmSync(folder, { recursive: true });
});

const sealed = async (n: number, into = audit): Promise<void> => {
  const actor = { kind: 'system', part: 'test' } as const;
  await into.record({ caseId: caseNo(1), at: later(n), actor, action: 'view', outcome: 'done', detail: { n } });
  await into.seal(later(n));
};

/** Two checkpoints that are anchored and in the store, two that are anchored and were lost by the restore, and one that was written since. Gives the last anchor's hash. */
async function restored(): Promise<string> {
  for (const n of [1, 2]) {
    await sealed(n);
    await anchorLast({ audit, anchors, key }, later(n));
  }
  const second = await audit.checkpoint('last');
  for (const height of [3, 4]) {
    const lost: Checkpoint = { ...second!, height, upto: height, hash: String(height).repeat(64) };
    const then = {
      checkpoint: (of: number | 'last') =>
        of === 'last' ? Promise.resolve(lost) : Promise.resolve(of === 3 ? { ...lost, hash: '3'.repeat(64) } : second),
    };
    await anchorLast({ audit: then, anchors, key }, later(height));
  }
  await sealed(10);
  return (await anchors.last())!.hash;
}

describe(`anchors after Cosmos DB was put back to a point in time (here ${WHERE})`, () => {
  it('do not fit the store, and nothing is anchored, until an administrator names the anchor that is given up', async () => {
    const last = await restored();
    for (const named of [undefined, 'f'.repeat(64), '3'.repeat(64)])
      expect(await anchorOver({ audit, anchors, key }, named, later(20))).toBe('conflict');
    expect((await anchors.last())?.hash).toBe(last);
    expect(await audit.verify()).toMatchObject({ ok: false });
    expect(await anchorOver({ audit, anchors, key }, last, later(21))).toBe('anchored');
    expect(await audit.verify()).toMatchObject({ ok: true, rows: 3, anchoredUpto: 3, restored: [{ at: later(21), upto: 2 }] });
    // What was given up stands there still, and that it was.
    const lines: (readonly [number, boolean])[] = [];
    for await (const { height, restored: was } of anchors.all()) lines.push([height, was]);
    expect(lines).toEqual([
      [1, false],
      [2, false],
      [3, false],
      [4, false],
      [2, true],
      [3, false],
    ]);
  });

  it('are held to the store as before afterwards, also while the setting still names the one that was given up', async () => {
    const last = await restored();
    expect(await anchorOver({ audit, anchors, key }, last, later(20))).toBe('anchored');
    await sealed(30);
    expect(await anchorOver({ audit, anchors, key }, last, later(31))).toBe('anchored');
    await stores.cosmos.write('site', 'audit', [{ do: 'delete', id: 'c:4', etag: '*' }]);
    expect(await anchorOver({ audit, anchors, key }, last, later(32))).toBe('conflict');
    expect(await audit.verify()).toMatchObject({ ok: false });
  });

  it('hold after a second restore too, to a later moment than the first; what was given up once is not given up again', async () => {
    /** As the store stood when this had been written. */
    const putBackTo = async (moments: readonly number[]): Promise<AuditStore> => {
      const then = await azureStores(peers);
      opened.push(then);
      const store = auditStore(then.site, { key, anchors });
      for (const n of moments) await sealed(n, store);
      return store;
    };
    const opened: AzureStores[] = [];
    const last = async () => (await anchors.last())!.hash;
    for (const n of [1, 2, 3, 4]) {
      await sealed(n);
      await anchorLast({ audit, anchors, key }, later(n));
    }
    const first = await last();
    let used = 0;
    const over = (store: AuditStore, named: string, n: number) => anchorOver({ audit: store, anchors, key }, named, later(n), () => (used += 1));
    const early = await putBackTo([1, 2]);
    expect(await over(early, first, 20)).toBe('anchored');
    await sealed(21, early);
    await sealed(22, early);
    expect(await over(early, first, 23)).toBe('anchored');
    const late = await putBackTo([1, 2, 3, 4]);
    expect(await over(late, await last(), 30)).toBe('anchored');
    expect(await late.verify()).toMatchObject({ ok: true, rows: 4, anchoredUpto: 4, restored: [{ upto: 2 }, { upto: 2 }] });
    expect([used, await last()]).toEqual([2, first]);
    // Somebody takes the store back once more, and the setting still names what was given up then.
    expect(await over(await putBackTo([1, 2]), first, 40)).toBe('conflict');
    expect(used).toBe(2);
    for (const store of opened) await store.close();
  });
});
