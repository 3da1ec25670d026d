import type { ContainerClient } from '@azure/storage-blob';
import { inBlocks } from '#core/in-blocks.js';
import { addMinutes } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { DowntimeFolder } from '#ports/downtime.js';

/** Lists that are kept. */
const KEPT = 3;
const LIST = /^list-\d{8}T\d{6}Z\.(?:html|csv)$/u;

/**
 * The downtime lists in a container of their own, which is read when Radloop and Cosmos DB are gone: with the portal, the Storage Explorer or `az storage blob download`.
 * Who opened one stands in the diagnostic log of the storage account (infra/azure), not in a record of ours.
 */
export function downtimeContainer(container: ContainerClient): DowntimeFolder {
  return {
    async write(asOf, { html, csv }) {
      const name = nameOf(asOf);
      await upload(container, `${name}.csv`, csv, 'text/csv; charset=utf-8');
      await upload(container, `${name}.html`, html, 'text/html; charset=utf-8');
      await thinOut(container, asOf);
    },
    openingsAfter: (end) => Promise.resolve({ openings: [], gap: null, end }),
  };
}

function nameOf(asOf: Instant): string {
  return `list-${asOf.replace(/\.\d+Z$/u, 'Z').replaceAll(/[-:]/gu, '')}`;
}

/** Whole or not at all: a blob of one upload is seen when it is complete. */
async function upload(container: ContainerClient, name: string, pieces: Iterable<string>, blobContentType: string): Promise<void> {
  const bytes = Buffer.concat([...inBlocks(pieces)].map((block) => Buffer.from(block)));
  await container.getBlockBlobClient(name).uploadData(bytes, { blobHTTPHeaders: { blobContentType } });
}

/** Two instances write at their own pace; what is named later than this after the list that was just written was named by a clock that was ahead. */
const AHEAD_MINUTES = 10;

/** The newest few stay, and none that a clock named that was ahead: else none newer than it would ever be the newest. One that another instance took away already is no fault. */
async function thinOut(container: ContainerClient, asOf: Instant): Promise<void> {
  const names: string[] = [];
  for await (const { name } of container.listBlobsFlat({ prefix: 'list-' })) if (LIST.test(name)) names.push(name);
  const times = [...new Set(names.map((name) => name.replace(/\.\w+$/u, '')))].sort().toReversed();
  const latest = nameOf(addMinutes(asOf, AHEAD_MINUTES));
  const kept = new Set(times.filter((name) => name <= latest).slice(0, KEPT));
  for (const name of names) if (!kept.has(name.replace(/\.\w+$/u, ''))) await container.deleteBlob(name).catch(() => undefined);
}
