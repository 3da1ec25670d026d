import { WHERE, azureStores, startAzurePeers } from '../support/azure-fixture.ts';
import type { AzurePeers } from '../support/azure-fixture.ts';
import { auditReaderContract } from './audit-reader.contract.ts';
import { backlogContract } from './backlog.contract.ts';
import { conversationsContract } from './conversations.contract.ts';
import { queueContract } from './queue.contract.ts';
import { storeFiguresContract } from './store-figures.contract.ts';

let peers: AzurePeers;
beforeAll(async () => {
  peers = await startAzurePeers();
});
afterAll(() => peers.close());

for (const contract of [auditReaderContract, backlogContract, conversationsContract, queueContract, storeFiguresContract])
  contract(`the store on Azure (here ${WHERE})`, (settings) => azureStores(peers, settings));
