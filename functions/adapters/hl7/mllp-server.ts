import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Server as TlsServer, TLSSocket } from 'node:tls';
import { FRAME_LIMIT_BYTES } from './mllp.ts';
import type { Oversize } from './mllp.ts';
import { Peer } from './mllp-peer.ts';
import type { MllpAnswer, MllpFault, PeerInfo, PeerRules } from './mllp-peer.ts';
import { faultOf, isLoopback, namesOf, serverTls, whyNoHandshake } from './tls.ts';
import type { RefusedWhy, TlsFiles } from './tls.ts';

export type { MllpAnswer, MllpFault, PeerInfo } from './mllp-peer.ts';

export interface MllpServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Mutual TLS; null or left out: plain TCP, which listens on loopback only. */
  readonly tls?: TlsFiles | null;
  /** Gives the answers, once the message is safe. A rejection answers nothing and drops the connection: the sender repeats. */
  readonly onMessage: (bytes: Buffer, peer: PeerInfo) => Promise<MllpAnswer>;
  /** A frame over the limit, not held whole. Gives the refusing answers (the intake's door refuses it). */
  readonly onOversize: (oversize: Oversize, peer: PeerInfo) => Promise<MllpAnswer>;
  /** The application's answer to an enhanced message was handed to the operating system. */
  readonly onAnswered?: (identity: string) => void;
  readonly onFault: (fault: MllpFault) => void;
  /** No TLS was agreed on, or the certificate is not one that may come in. At most once a minute for one address and reason. */
  readonly onRefused?: (refused: { readonly address: string; readonly why: RefusedWhy }) => void;
  readonly frameLimitBytes?: number;
  /** A frame that began, a handshake, and the taking of an answer must end within it. */
  readonly frameTimeoutSeconds?: number;
  readonly mostConnections?: number;
  /** Connections of one address. An interface engine opens one a feed, so a hundred or two; this machine may be a proxy for all of them. */
  readonly mostPerAddress?: number;
  /** Bytes of all connections that are not yet answered. Over it the connection that holds most is dropped. */
  readonly mostHeldBytes?: number;
}

export interface MllpServer {
  readonly host: string;
  readonly port: number;
  /** Takes nothing new, answers what is being worked on, then ends every connection. */
  close(): Promise<void>;
}

const MOST_PER_ADDRESS = { here: 1_100, elsewhere: 250 };
/** A peer that vanished without a word is asked after so long whether it is there, ten times a second apart, and then ended. */
const KEEP_ALIVE_SECONDS = 60;
const ONCE_EVERY_MS = 60_000;

/** Listens for MLLP. Messages of one connection are answered one after the other, in order; no connection waits for another. */
export async function listenMllp(options: MllpServerOptions): Promise<MllpServer> {
  if (!options.tls && !isLoopback(options.host))
    throw new Error(
      `MLLP without TLS listens on this machine only, not on ${options.host}: give --tls-cert, --tls-key and --tls-ca, or listen on 127.0.0.1.`,
    );
  const listener = new Listener(options);
  const port = await listener.listen(options.port, options.host);
  return { host: options.host, port, close: () => listener.close() };
}

class Listener {
  private readonly options: MllpServerOptions;
  private readonly rules: PeerRules;
  private readonly server: Server;
  private readonly tls: TlsServer | null;
  private readonly sockets = new Set<Socket>();
  private readonly peers = new Set<Peer>();
  private readonly perAddress = new Map<string, number>();
  private readonly lastTold = new Map<string, number>();
  private held = 0;

  constructor(options: MllpServerOptions) {
    this.options = options;
    this.rules = {
      onMessage: options.onMessage,
      onOversize: options.onOversize,
      onAnswered: (identity) => options.onAnswered?.(identity),
      onFault: options.onFault,
      frameLimitBytes: options.frameLimitBytes ?? FRAME_LIMIT_BYTES,
      frameTimeoutSeconds: options.frameTimeoutSeconds ?? 30,
    };
    const socketOptions = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_SECONDS * 1000 };
    this.server = createServer(socketOptions, (socket) => {
      this.accept(socket);
    });
    this.tls = options.tls ? this.tlsServer(options.tls) : null;
  }

  async listen(port: number, host: string): Promise<number> {
    await new Promise<void>((done, failed) => {
      this.server.once('error', failed);
      this.server.listen(port, host, () => {
        this.server.off('error', failed);
        done();
      });
    });
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('The MLLP listener has no TCP address.');
    return address.port;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((done) => this.server.close(() => { done(); })); // prettier-ignore
    await Promise.all([...this.peers].map((peer) => peer.finish()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** Never listens itself: `accept` hands it the connections that may try a handshake. */
  private tlsServer(files: TlsFiles): TlsServer {
    const server = checked(() => createTlsServer(serverTls(files, this.rules.frameTimeoutSeconds)));
    server.on('secureConnection', (socket) => {
      this.secured(socket);
    });
    server.on('tlsClientError', (error, socket) => {
      const why = whyNoHandshake(error);
      if (why !== null) this.refused(addressOf(socket), why);
      socket.destroy();
    });
    return server;
  }

  private accept(socket: Socket): void {
    const address = addressOf(socket);
    const already = this.perAddress.get(address) ?? 0;
    const most = this.options.mostPerAddress ?? (isLoopback(address) ? MOST_PER_ADDRESS.here : MOST_PER_ADDRESS.elsewhere);
    if (this.sockets.size >= (this.options.mostConnections ?? 2_000) || already >= most) {
      socket.destroy();
      const nothing = { bytes: Buffer.alloc(0), length: 0 };
      if (this.isNews(`${address} too-many-connections`))
        this.options.onFault({ peer: { address, certificateNames: null }, why: 'too-many-connections', ...nothing });
      return;
    }
    this.sockets.add(socket);
    this.perAddress.set(address, already + 1);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.sockets.delete(socket);
      const left = (this.perAddress.get(address) ?? 1) - 1;
      if (left > 0) this.perAddress.set(address, left);
      else this.perAddress.delete(address);
    });
    if (this.tls === null) this.admit(socket, { address, certificateNames: null });
    else this.tls.emit('connection', socket);
  }

  private secured(socket: TLSSocket): void {
    const fault = faultOf(socket);
    if (fault === null) {
      this.admit(socket, { address: addressOf(socket), certificateNames: namesOf(socket) });
      return;
    }
    this.refused(addressOf(socket), fault);
    socket.on('error', () => undefined);
    socket.destroy();
  }

  private admit(socket: Socket, info: PeerInfo): void {
    const peer = new Peer(socket, info, this.rules, (change) => {
      this.held += change;
      if (this.held > (this.options.mostHeldBytes ?? 256 * 1024 * 1024)) this.relieve();
    });
    this.peers.add(peer);
    socket.on('close', () => this.peers.delete(peer));
  }

  private relieve(): void {
    let heaviest: Peer | null = null;
    for (const peer of this.peers) if (heaviest === null || peer.held > heaviest.held) heaviest = peer;
    heaviest?.drop('too-much-held');
  }

  private refused(address: string, why: RefusedWhy): void {
    if (this.isNews(`${address} ${why}`)) this.options.onRefused?.({ address, why });
  }

  /** Once a minute for the same: a sender that tries again every second is one row a minute, not sixty. */
  private isNews(what: string): boolean {
    const now = performance.now();
    if (now - (this.lastTold.get(what) ?? Number.NEGATIVE_INFINITY) < ONCE_EVERY_MS) return false;
    for (const [other, at] of this.lastTold) if (now - at >= ONCE_EVERY_MS) this.lastTold.delete(other);
    this.lastTold.set(what, now);
    return true;
  }
}

/** OpenSSL says neither which file it means nor what to do. */
function checked(make: () => TlsServer): TlsServer {
  try {
    return make();
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new Error(`The TLS files can not be used (${code}): certificate, key and CA must be PEM, and the key must be that of the certificate.`, {
      cause: error,
    });
  }
}

function addressOf(socket: Socket): string {
  return socket.remoteAddress ?? 'unknown';
}
