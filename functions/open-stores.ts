import { azureStore, folderOf } from './config.ts';
import type { Config } from './config.ts';
import { openAzureStores } from './stores-azure.ts';
import { openEmbeddedStores } from './stores-embedded.ts';
import type { Stores } from './stores.ts';

export async function openStores(config: Config): Promise<Stores> {
  switch (config.RADLOOP_STORE) {
    case 'embedded':
      return openEmbeddedStores(folderOf(config), config);
    case 'azure':
      return openAzureStores(azureStore(config), config.RADLOOP_ROLE);
    default:
      return config.RADLOOP_STORE satisfies never;
  }
}
