import { parseArgs } from 'node:util';
import { startCosmosPeer } from './server.ts';

/** The peer as a process of its own: `node --conditions=source test/peers/cosmos/main.ts --port 29610 [--file cosmos.sqlite]`. Faults: POST /_peer/faults; counts: GET /_peer/counts. */
const { values } = parseArgs({ options: { port: { type: 'string', default: '0' }, file: { type: 'string', default: ':memory:' } } });
const { endpoint, key } = await startCosmosPeer({ port: Number(values.port), file: values.file });
process.stdout.write(`${JSON.stringify({ endpoint, key })}\n`);
