import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startPart } from '../../infra/local/children.ts';
import type { Part } from '../../infra/local/children.ts';

/** Settings with which a service finds its Azure parts. */
export type AzureEnv = Readonly<
  Record<
    | 'RADLOOP_STORE'
    | 'RADLOOP_COSMOS_ENDPOINT'
    | 'RADLOOP_COSMOS_KEY'
    | 'RADLOOP_SERVICE_BUS_CONNECTION'
    | 'RADLOOP_BLOB_CONNECTION'
    | 'RADLOOP_SITE_KEY',
    string
  >
>;

/** A folder, or the settings with which a service finds its Azure parts. */
export type StoreAt = string | AzureEnv;

/** Peers of Azure's services, each in a process of its own, which stay while services come and go. */
export interface AzurePart {
  readonly env: AzureEnv;
  kill(): Promise<void>;
}

/** @param data folder of the installation: its logs, the site's key, and in `ledgers/service-bus.jsonl` what came to the bus */
export async function startAzurePart(data: string): Promise<AzurePart> {
  const logs = join(data, 'logs');
  const ledgers = join(data, 'ledgers');
  for (const folder of [logs, ledgers]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const start = (only: string): Promise<Part> =>
    startPart({
      name: only,
      args: ['test/support/azure-peers-process.ts', '--only', only, '--ledger', join(ledgers, 'service-bus.jsonl')],
      logFile: join(logs, `${only}.log`),
    });
  const [cosmos, bus] = await Promise.all([start('cosmos'), start('bus')]);
  const said = (part: Part, name: string): string => String(part.ready[name]);
  return {
    env: {
      RADLOOP_STORE: 'azure',
      RADLOOP_COSMOS_ENDPOINT: said(cosmos, 'endpoint'),
      RADLOOP_COSMOS_KEY: said(cosmos, 'key'),
      RADLOOP_SERVICE_BUS_CONNECTION: said(bus, 'bus'),
      RADLOOP_BLOB_CONNECTION: said(bus, 'blobs'),
      RADLOOP_SITE_KEY: join(data, 'site.key'),
    },
    async kill() {
      await Promise.all([cosmos.kill(), bus.kill()]);
    },
  };
}
