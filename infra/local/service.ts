import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { listenMllp } from '#adapters/hl7/mllp-server.js';
import type { MllpAnswer, MllpFault } from '#adapters/hl7/mllp-server.js';
import type { TlsFiles } from '#adapters/hl7/tls.js';
import type { Auditor } from '#ports/auditor.js';
import type { ReportDesk } from '#ports/critical-report.js';
import type { Custodian } from '#ports/custody.js';
import type { CaseDesk } from '#ports/case-desk.js';
import type { PaperDesk } from '#ports/downtime.js';
import type { DrillDesk } from '#ports/drills.js';
import type { Operator } from '#ports/queue.js';
import { ControlFolderUnsafe, ControlTaken, listenControl } from './control.ts';
import type { Control } from './control.ts';
import { PathTooLong, controlFolder } from './control-address.ts';
import { startFunctionHost } from './function-host/host.ts';

/** What dist/functions/main.js gives to the host of its process. */
interface Radloop {
  /** Who comes in on a connection: by the names of its client certificate; null: no TLS, this machine. */
  bringerFor(names: readonly string[] | null): Bringer;
  receive(bytes: Buffer, from: Bringer): Promise<MllpAnswer>;
  receiveOversize(start: Buffer, length: number, hash: string, from: Bringer): Promise<MllpAnswer>;
  /** The application's answer to an enhanced message has left on the message's own connection. */
  answered(identity: string): Promise<void>;
  keepNoise(bytes: Buffer, length: number, reason: string, from: Bringer): Promise<void>;
  /** One audit row: a connection that was not let in, or was ended. Never throws. */
  refused(address: string, why: string): void;
  /** What `radloop q` asks. */
  readonly operator: Operator;
  /** What `radloop downtime enter` asks. */
  readonly paper: PaperDesk;
  /** What `radloop case` asks. */
  readonly cases: CaseDesk;
  /** What `radloop audit export` and `query` ask. */
  readonly auditor: Auditor;
  /** What `radloop keys` and `radloop retention` ask. */
  readonly custodian: Custodian;
  /** What `radloop drill` asks. */
  readonly drills: DrillDesk;
  /** What `radloop critical report` asks; null: the site has no critical results. */
  readonly reports: ReportDesk | null;
  stop(): Promise<void>;
}
interface Bringer {
  readonly endpoint: string;
}

/**
 * The service's process on one machine: the Function App of dist/ behind the local host, and the MLLP listener that Functions can't have.
 * Prints one JSON line when it is ready. Started by infra/local/start.ts, which sets its environment (functions/config.ts).
 * MLLP is plain TCP on loopback, unless the three TLS files (PEM) are given: the server's certificate and key, and the CA of the client certificates.
 * With them and `--https-port` the functions are served over HTTPS too.
 */
const { values } = parseArgs({
  options: {
    root: { type: 'string', default: 'dist' },
    'http-port': { type: 'string', default: '7071' },
    'https-port': { type: 'string' },
    'mllp-host': { type: 'string', default: '127.0.0.1' },
    'mllp-port': { type: 'string', default: '2575' },
    'tls-cert': { type: 'string' },
    'tls-key': { type: 'string' },
    'tls-ca': { type: 'string' },
  },
});

function tlsFiles(): TlsFiles | null {
  const { 'tls-cert': cert, 'tls-key': key, 'tls-ca': ca } = values;
  if (cert === undefined && key === undefined && ca === undefined) return null;
  if (cert === undefined || key === undefined || ca === undefined)
    throw new Error('Give all of --tls-cert, --tls-key and --tls-ca, or none of them.');
  return { cert: readFileSync(cert), key: readFileSync(key), ca: readFileSync(ca) };
}

/** More than the longest HL7 message, so that the function itself refuses and keeps the beginning of one; Azure's own limit is 100 MB. */
const BODY_LIMIT_BYTES = 32 * 1024 * 1024;
const tls = tlsFiles();
// The HTTPS door asks itself whether the CA of this machine signed a client certificate (functions/config.ts).
if (values['tls-ca'] !== undefined) process.env['RADLOOP_CLIENT_CA'] ??= values['tls-ca'];
const isHttps = tls !== null && values['https-port'] !== undefined;
// Our own listener has seen the key of each certificate that the host passes on, and the host takes such a header of a client away.
if (isHttps) process.env['RADLOOP_CLIENT_CERTIFICATE_HEADER'] ??= 'trusted';
const host = await startFunctionHost({
  root: values.root,
  port: Number(values['http-port']),
  bodyLimitBytes: BODY_LIMIT_BYTES,
  ...(tls === null || values['https-port'] === undefined ? {} : { tls: { ...tls, port: Number(values['https-port']), host: values['mllp-host'] } }),
});
const { radloop } = host.module as { radloop: Radloop };

function orSay(done: Promise<void>, otherwise: string): void {
  done.catch(() => {
    process.stderr.write(`${otherwise}\n`);
  });
}

/** With bytes it is a row for the operator; without, there is only the connection to tell of. */
function onFault({ peer, why, bytes, length }: MllpFault): void {
  if (bytes.length === 0) radloop.refused(peer.address, why);
  else orSay(radloop.keepNoise(bytes, length, why, radloop.bringerFor(peer.certificateNames)), 'What came between two messages could not be stored.');
}

const mllp = await listenMllp({
  host: values['mllp-host'],
  port: Number(values['mllp-port']),
  tls,
  onMessage: (bytes, peer) => radloop.receive(bytes, radloop.bringerFor(peer.certificateNames)),
  onOversize: ({ first64k, length, sha256 }, peer) => radloop.receiveOversize(first64k, length, sha256, radloop.bringerFor(peer.certificateNames)),
  onAnswered: (identity) => {
    orSay(radloop.answered(identity), 'That an answer has left could not be stored: it may be sent again.');
  },
  onFault,
  onRefused: ({ address, why }) => {
    radloop.refused(address, why);
  },
});
let ending = false;
let control = await openControl();
process.stdout.write(
  `${JSON.stringify({ ready: true, http: `http://127.0.0.1:${host.port}`, httpsPort: host.tlsPort, mllp: `${mllp.host}:${mllp.port}` })}\n`,
);

/** The service works without operators' door; whoever asks for it is told that it is not open. */
async function openControl(): Promise<Control | null> {
  try {
    return await listenControl(controlFolder(process.env['RADLOOP_DATA'] ?? ''), radloop);
  } catch (error) {
    if (!(error instanceof ControlFolderUnsafe || error instanceof PathTooLong || error instanceof ControlTaken)) throw error;
    process.stderr.write(`radloop q is not answered here: ${error.message}\n`);
    if (error instanceof ControlTaken) takeControlLater();
    return null;
  }
}

/** For when the process that answers operators has ended. */
function takeControlLater(): void {
  const later = async (): Promise<void> => {
    if (!ending) control = await openControl();
  };
  setTimeout(() => {
    orSay(later(), 'The door for radloop q could not be opened.');
  }, 10_000).unref();
}

async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  await control?.close();
  await mllp.close();
  await host.close();
  await radloop.stop();
  process.exit(0);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    end().catch(() => process.exit(1));
  });
