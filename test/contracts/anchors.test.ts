import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blobAnchors } from '#adapters/azure/anchors.js';
import { openContainer } from '#adapters/azure/blob-container.js';
import { anchorFolder } from '#adapters/embedded/audit-anchors.js';
import { onBlobStorage } from '../support/blob-places.ts';
import { anchorsContract } from './anchors.contract.ts';

describe('on one machine', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'radloop-anchors-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  anchorsContract('A folder', () => Promise.resolve(anchorFolder(join(folder, 'anchors'))));
});

onBlobStorage((name, connection) => {
  let container: string;
  beforeEach(() => {
    container = `anchors-${randomUUID()}`;
  });
  anchorsContract(`Append blobs (${name})`, async () => blobAnchors(await openContainer({ container, connectionString: connection() })));
});
