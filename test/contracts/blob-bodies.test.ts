import { startBlobPeer } from '../peers/blob/server.ts';
import type { BlobPeer } from '../peers/blob/server.ts';
import { installAzurite, startAzurite } from '../peers/azurite/azurite.ts';
import type { Azurite } from '../peers/azurite/azurite.ts';
import { blobBodiesContract } from './blob-bodies.contract.ts';

describe('here', () => {
  let peer: BlobPeer;
  beforeAll(async () => {
    peer = await startBlobPeer();
  });
  afterAll(() => peer.close());
  blobBodiesContract('Blob Storage (a peer of our own)', () => peer.connectionString);
});

const why = installAzurite();
if (why !== null) process.stderr.write(`${why}\n`);

(why === null ? describe : describe.skip)('at Microsoft’s emulator', () => {
  let azurite: Azurite;
  beforeAll(async () => {
    azurite = await startAzurite();
  }, 90_000);
  afterAll(() => azurite.close());
  blobBodiesContract('Blob Storage (Azurite)', () => azurite.connectionString);
});

const real = process.env['RADLOOP_TEST_BLOB_CONNECTION'];
if (real !== undefined) blobBodiesContract('Blob Storage (at the address of RADLOOP_TEST_BLOB_CONNECTION)', () => real);
