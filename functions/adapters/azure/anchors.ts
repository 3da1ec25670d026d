import type { ContainerClient } from '@azure/storage-blob';
import type { Anchor, Anchors } from '#ports/anchors.js';
import { ANCHOR_FILE, anchorFile, anchorIn, anchorLine } from '#adapters/audit-chain/anchor-lines.js';

/**
 * Anchors in append blobs, one a month, in a container of their own. The container has a time-based retention policy with `allowProtectedAppendWrites` (infra/azure), so
 * that lines can be added and nothing can be changed or deleted, also by an administrator. An append blob takes 50,000 blocks; a month has some 11,000 anchors at most.
 */
export function blobAnchors(container: ContainerClient): Anchors {
  return {
    where: container.url,
    async add(anchor) {
      const blob = container.getAppendBlobClient(anchorFile(anchor.at));
      await blob.createIfNotExists({ blobHTTPHeaders: { blobContentType: 'application/x-ndjson' } });
      const line = anchorLine(anchor);
      await blob.appendBlock(line, Buffer.byteLength(line));
    },
    async last() {
      for (const name of (await blobsOf(container)).toReversed()) {
        const found = (await anchorsOf(container, name)).at(-1);
        if (found !== undefined) return found;
      }
      return null;
    },
    async *all() {
      for (const name of await blobsOf(container)) yield* await anchorsOf(container, name);
    },
  };
}

/** Oldest first: their names hold the month. */
async function blobsOf(container: ContainerClient): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of container.listBlobsFlat({ prefix: 'audit-anchors-' })) if (ANCHOR_FILE.test(name)) names.push(name);
  return names.sort();
}

async function anchorsOf(container: ContainerClient, name: string): Promise<readonly Anchor[]> {
  const text = (await container.getBlobClient(name).downloadToBuffer()).toString('utf8');
  return text.split('\n').flatMap((line) => {
    const found = anchorIn(line);
    return found === null ? [] : [found];
  });
}
