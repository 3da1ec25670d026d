import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { listenMllp } from '#adapters/hl7/mllp-server.js';
import { openDoor } from './door.ts';
import { inward } from './inward.ts';
import type { Say } from './inward.ts';
import { listenOutward } from './outward.ts';
import { RelaySettingsError, readSettings } from './settings.ts';

/**
 * The MLLP relay: for hosts that can't listen on TCP, such as Azure Functions. Senders' MLLP (TLS, client certificates) to the site's HTTPS door, and the service's HTTPS
 * (client certificate) to receivers' MLLP. Keeps nothing and decides nothing. Prints one JSON line when it is ready, then one a happening; SIGTERM ends it when what is
 * in hand is answered.
 */
const { values } = parseArgs({
  options: {
    settings: { type: 'string' },
    door: { type: 'string' },
    'door-ca': { type: 'string' },
    'door-timeout-seconds': { type: 'string', default: '20' },
    'tls-cert': { type: 'string' },
    'tls-key': { type: 'string' },
    'tls-ca': { type: 'string' },
    host: { type: 'string', default: '0.0.0.0' },
    'mllp-port': { type: 'string', default: '2575' },
    'https-port': { type: 'string', default: '8443' },
    'frame-timeout-seconds': { type: 'string', default: '30' },
  },
});

const say: Say = (event, more) => {
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), event, ...more })}\n`);
};

try {
  await start();
} catch (error) {
  process.stderr.write(`The relay did not start. ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof RelaySettingsError ? 2 : 1);
}

async function start(): Promise<void> {
  const tls = { cert: readFileSync(needed('tls-cert')), key: readFileSync(needed('tls-key')), ca: readFileSync(needed('tls-ca')) };
  const settings = readSettings(needed('settings'));
  const { 'door-ca': doorCa } = values;
  const door = openDoor({
    url: needed('door'),
    timeoutSeconds: Number(values['door-timeout-seconds']),
    ...(doorCa === undefined ? {} : { ca: readFileSync(doorCa, 'utf8') }),
  });
  const mllp = await listenMllp({
    host: values.host,
    port: Number(values['mllp-port']),
    tls,
    frameTimeoutSeconds: Number(values['frame-timeout-seconds']),
    ...inward(settings, door, say),
    onRefused: ({ address, why }) => {
      say('relay.refused', { address, why });
    },
  });
  const out = await listenOutward(settings, tls, { host: values.host, port: Number(values['https-port']) }, say);
  process.stdout.write(`${JSON.stringify({ ready: true, mllp: mllp.port, https: out.port })}\n`);
  const end = async (): Promise<void> => {
    await mllp.close();
    await out.close();
    door.close();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      end().catch(() => process.exit(1));
    });
}

function needed(name: 'settings' | 'door' | 'tls-cert' | 'tls-key' | 'tls-ca'): string {
  const value = values[name];
  if (value === undefined) throw new RelaySettingsError(`Give --${name}; infra/relay/README.md shows them all.`);
  return value;
}
