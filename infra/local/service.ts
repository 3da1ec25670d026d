import { parseArgs } from 'node:util';
import { listenMllp } from '#adapters/hl7/mllp-server.js';
import { startFunctionHost } from './function-host/host.ts';

/** What dist/functions/main.js gives to the host of its process. */
interface Radloop {
  receive(bytes: Buffer, from: Bringer): Promise<Buffer>;
  receiveOversize(start: Buffer, length: number, hash: string, from: Bringer): Promise<Buffer>;
  keepNoise(bytes: Buffer, length: number, reason: string, from: Bringer): Promise<void>;
  stop(): Promise<void>;
}
interface Bringer {
  readonly endpoint: string;
  readonly facilities: null;
}

/**
 * The service's process on one machine: the Function App of dist/ behind the local host, and the MLLP listener that Functions can't have.
 * Prints one JSON line when it is ready. Started by infra/local/start.ts, which sets its environment (functions/config.ts).
 */
const { values } = parseArgs({
  options: {
    root: { type: 'string', default: 'dist' },
    'http-port': { type: 'string', default: '7071' },
    'mllp-port': { type: 'string', default: '2575' },
  },
});

/** More than the longest HL7 message, so that the function itself refuses and keeps the beginning of one; Azure's own limit is 100 MB. */
const BODY_LIMIT_BYTES = 32 * 1024 * 1024;
const host = await startFunctionHost({ root: values.root, port: Number(values['http-port']), bodyLimitBytes: BODY_LIMIT_BYTES });
const { radloop } = host.module as { radloop: Radloop };
const from: Bringer = { endpoint: 'mllp', facilities: null };
const mllp = await listenMllp({
  host: '127.0.0.1',
  port: Number(values['mllp-port']),
  onMessage: (bytes) => radloop.receive(bytes, from),
  onOversize: ({ first64k, length, sha256 }) => radloop.receiveOversize(first64k, length, sha256, from),
  onFault: ({ bytes, why, length }) => {
    radloop.keepNoise(bytes, length, why, from).catch(() => {
      process.stderr.write('What came between two messages could not be stored.\n');
    });
  },
});
process.stdout.write(`${JSON.stringify({ ready: true, http: `http://127.0.0.1:${host.port}`, mllp: `127.0.0.1:${mllp.port}` })}\n`);

let ending = false;
async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  await mllp.close();
  await host.close();
  await radloop.stop();
  process.exit(0);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    end().catch(() => process.exit(1));
  });
