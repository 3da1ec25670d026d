import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openContainer } from '#adapters/azure/blob-container.js';
import { downtimeContainer } from '#adapters/azure/downtime-container.js';
import { downtimeFolder } from '#adapters/embedded/downtime-folder.js';
import { onBlobStorage } from '../support/blob-places.ts';
import { downtimeFolderContract } from './downtime-folder.contract.ts';

describe('on one machine', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'radloop-lists-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  downtimeFolderContract('A folder', () => {
    const lists = join(folder, 'lists');
    const found = () => new Map((existsSync(lists) ? readdirSync(lists) : []).map((name) => [name, readFileSync(join(lists, name), 'utf8')]));
    return Promise.resolve({ folder: downtimeFolder(lists), found: () => Promise.resolve(found()) });
  });
});

onBlobStorage((name, connection) => {
  downtimeFolderContract(`A container (${name})`, async () => {
    const container = await openContainer({ container: `lists-${randomUUID()}`, connectionString: connection() });
    return {
      folder: downtimeContainer(container),
      async found() {
        const lists = new Map<string, string>();
        for await (const blob of container.listBlobsFlat())
          lists.set(blob.name, (await container.getBlobClient(blob.name).downloadToBuffer()).toString('utf8'));
        return lists;
      },
    };
  });
});
