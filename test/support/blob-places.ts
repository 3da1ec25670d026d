import { installAzurite, startAzurite } from '../peers/azurite/azurite.ts';
import type { Azurite } from '../peers/azurite/azurite.ts';
import { startBlobPeer } from '../peers/blob/server.ts';
import type { BlobPeer } from '../peers/blob/server.ts';

/** Runs a suite on every Blob Storage that is at hand: a peer of our own, Microsoft's emulator where it can be installed, and the one at RADLOOP_TEST_BLOB_CONNECTION. */
export function onBlobStorage(suite: (name: string, connection: () => string) => void): void {
  describe('on Blob Storage, here', () => {
    let peer: BlobPeer;
    beforeAll(async () => {
      peer = await startBlobPeer();
    });
    afterAll(() => peer.close());
    suite('a peer of our own', () => peer.connectionString);
  });

  const why = installAzurite();
  if (why !== null) process.stderr.write(`${why}\n`);
  (why === null ? describe : describe.skip)('on Blob Storage, at Microsoft’s emulator', () => {
    let azurite: Azurite;
    beforeAll(async () => {
      azurite = await startAzurite();
    }, 90_000);
    afterAll(() => azurite.close());
    suite('Azurite', () => azurite.connectionString);
  });

  const real = process.env['RADLOOP_TEST_BLOB_CONNECTION'];
  if (real !== undefined) suite('at the address of RADLOOP_TEST_BLOB_CONNECTION', () => real);
}
