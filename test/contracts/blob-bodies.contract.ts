import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BodyMissing, openBodies } from '#adapters/azure/blob-bodies.js';
import type { Bodies } from '#adapters/azure/blob-bodies.js';
import { DayShredded, siteSealing, wrappingKeysIn } from '#adapters/azure/site-keys.js';
import type { SiteSealing } from '#adapters/azure/site-keys.js';
import { openCosmos } from '#adapters/azure/cosmos.js';
import type { Cosmos } from '#adapters/azure/cosmos.js';
import { siteKeyFile } from '#adapters/embedded/site-key-file.js';
import { openKeyring } from '#adapters/sealing/keyring.js';
import { startCosmosPeer } from '../peers/cosmos/server.ts';
import type { CosmosPeer } from '../peers/cosmos/server.ts';

/** What bodies in Blob Storage promise, wherever it is. */
export function blobBodiesContract(name: string, blobs: () => string): void {
  describe(`bodies in ${name}`, () => {
    let peer: CosmosPeer;
    let cosmos: Cosmos;
    let sealing: SiteSealing;
    let bodies: Bodies;
    let folder: string;
    const container = `t${randomUUID()}`;
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'radloop-bodies-'));
      peer = await startCosmosPeer();
      cosmos = await openCosmos({ endpoint: peer.endpoint, key: peer.key, create: true });
      sealing = siteSealing(cosmos, await openKeyring(siteKeyFile(join(folder, 'site.key')), wrappingKeysIn(cosmos)));
      bodies = await openBodies({ connectionString: blobs(), container, create: true }, sealing);
    });
    afterAll(async () => {
      cosmos.close();
      await peer.close();
      rmSync(folder, { recursive: true });
    });

    it('come back as they went, empty ones and large ones too', async () => {
      const all = [Buffer.from(Array.from({ length: 256 }, (_, n) => n)), Buffer.alloc(0), Buffer.alloc(5_000_000, 'x')];
      for (const bytes of all) expect((await bodies.get(await bodies.put('day:2026-11-25', bytes))).equals(bytes)).toBe(true);
    });

    it('are one for the same bytes of one day, another for another day', async () => {
      const put = (day: 'day:2026-11-25' | 'day:2026-11-26') => bodies.put(day, Buffer.from('the same'));
      const names = await Promise.all([put('day:2026-11-25'), put('day:2026-11-25'), put('day:2026-11-26')]);
      expect(new Set(names).size).toBe(2);
      for (const one of names) expect((await bodies.get(one)).toString()).toBe('the same');
    });

    it('that are not there are said so plainly', async () => {
      await expect(bodies.get('2026-11-25/abc')).rejects.toThrow(BodyMissing);
      await expect(bodies.get('2026-11-25/abc')).rejects.toThrow('is not in Blob Storage: restore its container');
    });

    it('are gone for good with the key of their day, those of other days are not', async () => {
      const [gone, there] = [await bodies.put('day:2026-10-01', Buffer.from('a')), await bodies.put('day:2026-10-02', Buffer.from('b'))];
      expect(await sealing.shred('day:2026-10-01')).toBe(true);
      await expect(bodies.get(gone)).rejects.toThrow(DayShredded);
      expect((await bodies.get(there)).toString()).toBe('b');
    });
  });
}
