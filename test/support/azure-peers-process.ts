import { parseArgs } from 'node:util';
import { startBlobPeer } from '../peers/blob/server.ts';
import { startCosmosPeer } from '../peers/cosmos/server.ts';
import { startServiceBusPeer } from '../peers/service-bus/peer.ts';
import { QUEUES } from './azure-fixture.ts';

/** Peers of Azure's services in a process of their own, for a service in another: `--only cosmos`, or `--only bus` (Service Bus and Blob Storage). Says where they are. */
const { values } = parseArgs({ options: { only: { type: 'string' } } });
if (values.only === 'cosmos') {
  const { endpoint, key } = await startCosmosPeer();
  process.stdout.write(`${JSON.stringify({ ready: true, endpoint, key })}\n`);
} else {
  const [bus, blobs] = await Promise.all([startServiceBusPeer({ queues: QUEUES }), startBlobPeer()]);
  process.stdout.write(`${JSON.stringify({ ready: true, bus: bus.connectionString, blobs: blobs.connectionString })}\n`);
}
