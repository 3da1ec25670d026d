import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startBlobPeer } from '../peers/blob/server.ts';
import { startCosmosPeer } from '../peers/cosmos/server.ts';
import type { Broker } from '../peers/service-bus/broker.ts';
import { startServiceBusPeer } from '../peers/service-bus/peer.ts';
import { QUEUES } from './azure-fixture.ts';

/**
 * Peers of Azure's services in a process of their own, for a service in another: `--only cosmos`, or `--only bus` (Service Bus and Blob Storage). Says where they are.
 * `--ledger FILE`: what comes to the bus is noted there, a JSON line each: whole messages, with their properties, and what is given up with its reason.
 */
const { values } = parseArgs({ options: { only: { type: 'string' }, ledger: { type: 'string' } } });
if (values.only === 'cosmos') {
  const { endpoint, key } = await startCosmosPeer();
  process.stdout.write(`${JSON.stringify({ ready: true, endpoint, key })}\n`);
} else {
  const [bus, blobs] = await Promise.all([startServiceBusPeer({ queues: QUEUES }), startBlobPeer()]);
  if (values.ledger !== undefined) noteAll(bus.broker, values.ledger);
  process.stdout.write(`${JSON.stringify({ ready: true, bus: bus.connectionString, blobs: blobs.connectionString })}\n`);
}

function noteAll(broker: Broker, ledger: string): void {
  const note = (line: object): void => {
    appendFileSync(ledger, `${JSON.stringify(line)}\n`);
  };
  const publish = broker.publish.bind(broker);
  broker.publish = (queue, messages) => {
    for (const { messageId, session, bytes } of messages) note({ queue, messageId, session, bytes: bytes.toString('latin1') });
    return publish(queue, messages);
  };
  const settle = broker.settle.bind(broker);
  broker.settle = (token, settlement) => {
    if (settlement.how === 'dead-letter') note(settlement);
    settle(token, settlement);
  };
}
