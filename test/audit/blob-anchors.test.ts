import { BlobServiceClient } from '@azure/storage-blob';
import { anchorLast } from '#adapters/audit-chain/anchor.js';
import { auditStore } from '#adapters/embedded/audit-store.js';
import { blobAnchors } from '#adapters/azure/anchors.js';
import type { Anchor, Anchors } from '#ports/anchors.js';
import { anchorFolder } from '#adapters/embedded/audit-anchors.js';
import { join } from 'node:path';
import { later, t0 } from '../support/store-fixture.ts';
import { startBlobPeer } from '../peers/blob/server.ts';
import type { BlobPeer } from '../peers/blob/server.ts';
import { startAudited } from './fixture.ts';
import type { AuditedStore } from './fixture.ts';

let site: AuditedStore;
let peer: BlobPeer;
let blobs: Anchors;
beforeEach(async () => {
  site = startAudited();
  peer = await startBlobPeer();
  const container = BlobServiceClient.fromConnectionString(peer.connectionString, {
    retryOptions: { retryDelayInMs: 10, maxTries: 3 },
  }).getContainerClient('anchors');
  await container.create();
  blobs = blobAnchors(container);
});
afterEach(async () => {
  await peer.close();
  await site.close();
});

const made = (height: number, at: string): Anchor => ({
  ...{ height, upto: height * 10, hash: String(height).padStart(64, '0'), at, restored: false },
  signed: { keyVersion: '1', algorithm: 'ES256', signature: 'AA==' },
});
const allOf = async (anchors: Anchors) => {
  const found: number[] = [];
  for await (const { height } of anchors.all()) found.push(height);
  return found;
};

/** What any place for anchors promises. */
describe.each(['a folder', 'append blobs (our own peer, over the real client)'])('anchors in %s', (name) => {
  const anchorsHere = () => (name === 'a folder' ? anchorFolder(join(site.folder, 'other-anchors')) : blobs);

  it('stand in the order in which they were added, over months, and the last one is known', async () => {
    const anchors = anchorsHere();
    expect(await anchors.last()).toBeNull();
    expect(await allOf(anchors)).toEqual([]);
    for (const [height, at] of [
      [1, t0],
      [2, later(60)],
      [3, '2026-12-01T00:00:00.000Z'],
      [4, '2027-01-01T00:00:00.000Z'],
    ] as const)
      await anchors.add(made(height, at));
    expect(await allOf(anchors)).toEqual([1, 2, 3, 4]);
    expect(await anchors.last()).toEqual(made(4, '2027-01-01T00:00:00.000Z'));
  });
});

describe('anchors in append blobs', () => {
  const anchoring = () => ({ audit: site.audit, anchors: blobs, key: site.key });
  const verdict = () => auditStore(site.stores.db, { key: site.key, anchors: blobs }).verify();

  it('hold the store to what was anchored (invariant 33)', async () => {
    await site.play(20);
    await site.seal(false);
    expect(await anchorLast(anchoring(), later(100))).toBe('anchored');
    expect(await anchorLast(anchoring(), later(101))).toBe('anchored');
    const { anchoredUpto, rows } = await verdict();
    expect(anchoredUpto).toBe(rows);
    await site.stores.db.write(() => {
      site.stores.db.run('DELETE FROM audit WHERE seq > 5');
      site.stores.db.run('DELETE FROM seals');
      site.stores.db.run("UPDATE sqlite_sequence SET seq = CASE name WHEN 'audit' THEN 5 ELSE 0 END WHERE name IN ('audit', 'seals')");
    });
    expect(await verdict()).toMatchObject({
      ok: false,
      firstBad: { seq: 6, what: expect.stringContaining(`rows up to ${rows} are missing that were anchored`) },
    });
  });

  it('are added again when the answer was lost, which says nothing different', async () => {
    await site.play(5);
    await site.seal(false);
    peer.arm('answer-lost', 2);
    expect(await anchorLast(anchoring(), later(100))).toBe('anchored');
    expect((await allOf(blobs)).every((height) => height === 1)).toBe(true);
    expect(await verdict()).toMatchObject({ ok: true });
  });
});
