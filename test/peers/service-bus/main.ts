/**
 * The peer as a process: `node --conditions=source test/peers/service-bus/main.ts --port N [--file PATH] [--queues JSON] [--control N]`.
 * Prints one line of JSON when it listens. `--control`: POST /faults {"kind","times"}, POST /slow {"ms"}, POST /heal, POST /cut, GET /counts on loopback.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { faultKinds } from './faults.ts';
import type { QueueRules } from './broker.ts';
import { startServiceBusPeer } from './peer.ts';
import type { ServiceBusPeer } from './peer.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    file: { type: 'string', default: ':memory:' },
    queues: { type: 'string', default: '{"case-events":{"sessions":true,"duplicateWindowMs":600000}}' },
    control: { type: 'string', default: '0' },
  },
});

const peer = await startServiceBusPeer({
  ...{ port: Number(values.port), file: values.file, queues: JSON.parse(values.queues) as Record<string, QueueRules> },
});
const control = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const text = Buffer.concat(chunks).toString();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(steer(peer, request.url ?? '', text === '' ? {} : (JSON.parse(text) as Record<string, unknown>))));
  });
});
control.listen(Number(values.control), '127.0.0.1', () => {
  const { port } = control.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ port: peer.port, control: port, connectionString: peer.connectionString })}\n`);
});

function steer({ faults, counts, cutAll }: ServiceBusPeer, path: string, body: Record<string, unknown>): object {
  const kind = faultKinds.find((one) => one === body['kind']);
  if (path === '/faults' && kind !== undefined) faults.arm(kind, Number(body['times'] ?? 1));
  else if (path === '/slow') faults.slowMs = Number(body['ms']);
  else if (path === '/heal') faults.heal();
  else if (path === '/cut') cutAll();
  else if (path !== '/counts') return { error: `the peer knows no ${path} ${JSON.stringify(body)}` };
  return counts;
}
