import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttps } from 'node:https';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTcp } from 'node:net';
import type { Server as TcpServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { authority } from '../support/certificates.ts';
import type { Authority, Identity } from '../support/certificates.ts';

export const SENDER_TOKEN = 'token-of-the-invented-hospital';

/** Certificates, and the files that the relay is started with. */
export interface RelaySite {
  readonly folder: string;
  readonly hospital: Authority;
  readonly relay: Identity;
  readonly sender: Identity;
  readonly service: Identity;
  readonly stranger: Identity;
  readonly foreign: Identity;
  remove(): void;
}

export async function relaySite(destinations: Readonly<Record<string, object>> = {}): Promise<RelaySite> {
  const folder = mkdtempSync(join(tmpdir(), 'radloop-relay-'));
  const [hospital, other] = await Promise.all([authority('Hospital CA'), authority('Other CA')]);
  const here = [
    { type: 'ip', value: '127.0.0.1' },
    { type: 'dns', value: 'localhost' },
  ] as const;
  const named = (name: string, by = hospital): Promise<Identity> => by.issue(name, { names: [{ type: 'dns', value: name }] });
  const relay = await hospital.issue('relay', { names: here });
  const site = {
    ...{ folder, hospital, relay },
    sender: await named('mirth.hospital.example'),
    service: await named('radloop.hospital.example'),
    stranger: await named('nobody.hospital.example'),
    foreign: await named('mirth.hospital.example', other),
    remove: () => { rmSync(folder, { recursive: true, force: true }); }, // prettier-ignore
  };
  writeFileSync(join(folder, 'cert.pem'), relay.cert);
  writeFileSync(join(folder, 'key.pem'), relay.key, { mode: 0o600 });
  writeFileSync(join(folder, 'ca.pem'), hospital.ca);
  writeSettings(site, destinations);
  return site;
}

export function writeSettings({ folder }: Pick<RelaySite, 'folder'>, destinations: Readonly<Record<string, object>>): void {
  const senders = [{ certificateNames: ['mirth.hospital.example'], token: SENDER_TOKEN }];
  writeFileSync(join(folder, 'settings.json'), JSON.stringify({ senders, service: ['radloop.hospital.example'], destinations }), { mode: 0o600 });
}

export interface Relay {
  readonly mllp: number;
  readonly https: number;
  readonly process: ChildProcess;
  /** Everything that it printed. */
  output(): string;
  stop(): Promise<number | null>;
}

export async function startRelay(site: RelaySite, door: string, more: readonly string[] = []): Promise<Relay> {
  const file = (name: string): string => join(site.folder, name);
  const args = [
    '--conditions=source',
    '--disable-warning=ExperimentalWarning',
    'infra/relay/main.ts',
    '--settings',
    file('settings.json'),
    '--door',
    door,
  ];
  const tls = ['--tls-cert', file('cert.pem'), '--tls-key', file('key.pem'), '--tls-ca', file('ca.pem'), '--door-ca', file('ca.pem')];
  const child = spawn(process.execPath, [...args, ...tls, '--host', '127.0.0.1', '--mllp-port', '0', '--https-port', '0', ...more]);
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  const ready = new Promise<{ mllp: number; https: number }>((done, failed) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
      const line = output.split('\n').find((one) => one.startsWith('{"ready"'));
      if (line !== undefined) done(JSON.parse(line) as { mllp: number; https: number });
    });
    ended.then((code) => { failed(new Error(`The relay ended with ${String(code)}: ${output}`)); }, failed); // prettier-ignore
  });
  const ports = await ready;
  return {
    ...ports,
    process: child,
    output: () => output,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** The site's HTTPS door, played: what was brought, and what is answered. */
export interface PlayedDoor {
  readonly port: number;
  readonly url: string;
  readonly brought: { readonly authorization: string; readonly contentType: string; readonly body: Buffer }[];
  answer: (body: Buffer, response: ServerResponse, request: IncomingMessage) => void;
  close(): Promise<void>;
}

export async function playDoor(site: RelaySite, port = 0): Promise<PlayedDoor> {
  const door: PlayedDoor = {
    ...{ port: 0, url: '', brought: [] },
    answer: (_body, response) => response.writeHead(200).end('MSH|'),
    close: () => closed(server),
  };
  const server = createHttps({ cert: site.relay.cert, key: site.relay.key }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      door.brought.push({ authorization: request.headers.authorization ?? '', contentType: request.headers['content-type'] ?? '', body });
      door.answer(body, response, request);
    });
  });
  const at = await listening(server, port);
  return Object.assign(door, { port: at, url: `https://127.0.0.1:${String(at)}/api/hl7` });
}

async function listening(server: Server | TcpServer, port: number): Promise<number> {
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((done) => server.close(() => { done(); })); // prettier-ignore
}

/** A receiver's MLLP listener, played: plain TCP on this machine. */
export interface PlayedReceiver {
  readonly port: number;
  readonly bytes: Buffer[];
  connections: number;
  answer: (frame: Buffer, socket: Socket) => void;
  close(): void;
}

export async function playReceiver(): Promise<PlayedReceiver> {
  const sockets = new Set<Socket>();
  const receiver: PlayedReceiver = {
    ...{ port: 0, bytes: [], connections: 0 },
    answer: () => undefined,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
  const server = createTcp((socket) => {
    receiver.connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    let held = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      held = Buffer.concat([held, chunk]);
      for (let end = held.indexOf('\x1c\r'); end >= 0; end = held.indexOf('\x1c\r')) {
        const frame = held.subarray(1, end);
        held = held.subarray(end + 2);
        receiver.bytes.push(Buffer.from(frame));
        receiver.answer(frame, socket);
      }
    });
  });
  return Object.assign(receiver, { port: await listening(server, 0) });
}

export function inFrame(bytes: Buffer | string): Buffer {
  return Buffer.concat([Buffer.of(0x0b), Buffer.from(bytes), Buffer.of(0x1c, 0x0d)]);
}

/** A sender's connection over TLS: frames that came back, and whether it was ended. */
export interface SenderLine {
  readonly socket: TLSSocket;
  /** The next answer without its frame; null: the connection was ended. */
  next(): Promise<Buffer | null>;
  close(): void;
}

export async function connectSender(port: number, site: RelaySite, identity: Identity | null = site.sender): Promise<SenderLine> {
  const socket = connect({ port, host: '127.0.0.1', ca: site.hospital.ca, ...(identity ?? {}) });
  socket.on('error', () => undefined);
  let held = Buffer.alloc(0);
  let isEnded = false;
  const waiting: ((answer: Buffer | null) => void)[] = [];
  const serve = (): void => {
    for (let end = held.indexOf('\x1c\r'); waiting.length > 0 && (end >= 0 || isEnded); end = held.indexOf('\x1c\r')) {
      waiting.shift()?.(end < 0 ? null : Buffer.from(held.subarray(1, end)));
      held = held.subarray(end < 0 ? 0 : end + 2);
    }
  };
  socket.on('data', (chunk) => {
    held = Buffer.concat([held, chunk]);
    serve();
  });
  socket.on('close', () => {
    isEnded = true;
    serve();
  });
  await new Promise<void>((done) => {
    socket.once('secureConnect', done);
    socket.once('close', () => { done(); }); // prettier-ignore
  });
  return {
    socket,
    next: () =>
      new Promise((done) => {
        waiting.push(done);
        serve();
      }),
    close: () => socket.destroy(),
  };
}
