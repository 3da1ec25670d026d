import { WHERE, azureStores, startAzurePeers } from '../support/azure-fixture.ts';
import type { AzurePeers } from '../support/azure-fixture.ts';
import { cursorsContract } from './cursors.contract.ts';
import { deadlineStoreContract } from './deadline-store.contract.ts';
import { eventBusContract } from './event-bus.contract.ts';
import { rawStoreContract } from './raw-store.contract.ts';

let peers: AzurePeers;
beforeAll(async () => {
  peers = await startAzurePeers();
});
afterAll(() => peers.close());

for (const contract of [eventBusContract, deadlineStoreContract, rawStoreContract, cursorsContract])
  contract(`the store on Azure (here ${WHERE})`, () => azureStores(peers));
