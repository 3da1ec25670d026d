import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { Deframer, FRAME_LIMIT_BYTES, framed } from './mllp.ts';
import type { Arrived, FaultReason, Oversize } from './mllp.ts';

/** Something at the socket that is no message. `bytes` is the beginning of it, at most 64 kB: patient data, to be kept, never logged. */
export interface MllpFault {
  readonly peer: string;
  readonly why: FaultReason | 'frame-timed-out' | 'too-many-connections' | 'too-much-held' | 'not-answered';
  readonly bytes: Buffer;
  readonly length: number;
}

export interface MllpServerOptions {
  /** Loopback, unless TLS stands before it. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Gives the ACK, once the message is safe. A rejection answers nothing and drops the connection: the sender repeats. */
  readonly onMessage: (bytes: Buffer, peer: string) => Promise<Buffer>;
  /** A frame over the limit, not held whole. Gives the refusing ACK (the intake's door refuses it). */
  readonly onOversize: (oversize: Oversize, peer: string) => Promise<Buffer>;
  readonly onFault: (fault: MllpFault) => void;
  readonly frameLimitBytes?: number;
  /** A frame that began must end within it. */
  readonly frameTimeoutSeconds?: number;
  readonly mostConnections?: number;
  /** Messages of one connection that are read ahead while the first is answered. */
  readonly mostWaiting?: number;
  /** Bytes of all connections that are not yet answered. Over it the connection that holds most is dropped. */
  readonly mostHeldBytes?: number;
}

export interface MllpServer {
  readonly host: string;
  readonly port: number;
  /** Takes nothing new, answers what is being worked on, then ends every connection. */
  close(): Promise<void>;
}

/** Listens for MLLP. Messages of one connection are answered one after the other, in order; no connection waits for another. */
export async function listenMllp(options: MllpServerOptions): Promise<MllpServer> {
  const peers = new Set<Peer>();
  const limits = { connections: options.mostConnections ?? 200, held: options.mostHeldBytes ?? 256 * 1024 * 1024 };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const peer = new Peer(socket, options, () => {
      relieve(peers, limits.held);
    });
    if (peers.size >= limits.connections) {
      peer.drop('too-many-connections');
      return;
    }
    peers.add(peer);
    socket.on('close', () => peers.delete(peer));
  });
  await new Promise<void>((done, failed) => {
    server.once('error', failed);
    server.listen(options.port, options.host, () => {
      server.off('error', failed);
      done();
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The MLLP listener has no TCP address.');
  return { host: options.host, port: portOf(address), close: () => closeAll(server, peers) };
}

function portOf(address: AddressInfo): number {
  return address.port;
}

async function closeAll(server: ReturnType<typeof createServer>, peers: ReadonlySet<Peer>): Promise<void> {
  const closed = new Promise<void>((done) => server.close(() => { done(); })); // prettier-ignore
  await Promise.all([...peers].map((peer) => peer.finish()));
  await closed;
}

function relieve(peers: ReadonlySet<Peer>, mostHeld: number): void {
  const held = [...peers].reduce((sum, peer) => sum + peer.held, 0);
  if (held <= mostHeld) return;
  const heaviest = [...peers].sort((one, other) => other.held - one.held)[0];
  heaviest?.drop('too-much-held');
}

type Work = { readonly kind: 'frame'; readonly bytes: Buffer } | { readonly kind: 'oversize'; readonly oversize: Oversize };

function sizeOf(work: Work): number {
  return work.kind === 'frame' ? work.bytes.length : 0;
}

/** One connection. */
class Peer {
  private readonly socket: Socket;
  private readonly options: MllpServerOptions;
  private readonly onHeld: () => void;
  private readonly name: string;
  private readonly deframer: Deframer;
  private readonly waiting: Work[] = [];
  private waitingBytes = 0;
  private working: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private hasEnded = false;
  private isFinishing = false;

  constructor(socket: Socket, options: MllpServerOptions, onHeld: () => void) {
    this.socket = socket;
    this.options = options;
    this.onHeld = onHeld;
    this.name = `${socket.remoteAddress ?? 'unknown'}:${String(socket.remotePort ?? 0)}`;
    this.deframer = new Deframer(options.frameLimitBytes ?? FRAME_LIMIT_BYTES);
    socket.on('data', (chunk) => {
      this.read(chunk);
    });
    socket.on('end', () => {
      this.hasEnded = true;
      this.arrived(this.deframer.end());
      this.watchFrame();
      if (this.working === null) socket.end();
    });
    socket.on('close', () => {
      this.arrived(this.deframer.end());
      this.forgetWaiting();
      this.stopTimer();
    });
    // A reset is seen as 'close'; there is nobody to tell.
    socket.on('error', () => undefined);
  }

  /** Bytes that came and are not answered. */
  get held(): number {
    return this.deframer.held + this.waitingBytes;
  }

  drop(why: MllpFault['why'], bytes: Buffer = Buffer.alloc(0), length: number = bytes.length): void {
    this.options.onFault({ peer: this.name, why, bytes, length });
    this.socket.destroy();
  }

  /** Answers what is being worked on; what waits behind it was not acknowledged and comes again. */
  async finish(): Promise<void> {
    this.isFinishing = true;
    this.socket.pause();
    this.forgetWaiting();
    await this.working;
    if (this.socket.destroyed) return;
    const closed = new Promise<void>((done) => this.socket.once('close', () => { done(); })); // prettier-ignore
    const patience = setTimeout(() => this.socket.destroy(), 1000);
    this.socket.end(() => this.socket.destroy());
    await closed;
    clearTimeout(patience);
  }

  private forgetWaiting(): void {
    this.waiting.length = 0;
    this.waitingBytes = 0;
  }

  private read(chunk: Buffer): void {
    const items = this.deframer.push(chunk);
    // Something has ended: what has begun after it gets its own time.
    if (items.length > 0) this.stopTimer();
    this.arrived(items);
    this.watchFrame();
    if (this.waiting.length >= (this.options.mostWaiting ?? 64)) this.socket.pause();
    this.onHeld();
  }

  private arrived(items: readonly Arrived[]): void {
    for (const item of items) {
      if (item.kind === 'fault') this.options.onFault({ peer: this.name, why: item.why, bytes: item.bytes, length: item.length });
      else if (!this.isFinishing && !this.socket.destroyed) {
        this.waiting.push(item);
        this.waitingBytes += sizeOf(item);
      }
    }
    if (this.waiting.length > 0) this.working ??= this.work();
  }

  private async work(): Promise<void> {
    try {
      for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
        this.waitingBytes -= sizeOf(next);
        const answer = next.kind === 'frame' ? this.options.onMessage(next.bytes, this.name) : this.options.onOversize(next.oversize, this.name);
        await this.write(framed(await answer));
        if (this.socket.isPaused() && !this.isFinishing && this.waiting.length < (this.options.mostWaiting ?? 64) / 2) this.socket.resume();
      }
    } catch {
      this.drop('not-answered');
    } finally {
      this.working = null;
    }
    if (this.hasEnded) this.socket.end();
  }

  /** Waits until the peer has taken what it was sent before: one that does not read stops only itself. */
  private async write(bytes: Buffer): Promise<void> {
    if (this.socket.destroyed || this.socket.write(bytes)) return;
    await new Promise<void>((done) => {
      const go = (): void => {
        this.socket.off('drain', go);
        this.socket.off('close', go);
        done();
      };
      this.socket.on('drain', go);
      this.socket.on('close', go);
    });
  }

  private watchFrame(): void {
    if (!this.deframer.isWaiting || this.socket.destroyed) {
      this.stopTimer();
      return;
    }
    this.timer ??= setTimeout(
      () => {
        this.timer = null;
        // Held up by us, not by the peer: it gets its time again.
        if (this.socket.isPaused()) this.watchFrame();
        else this.giveUp();
      },
      (this.options.frameTimeoutSeconds ?? 30) * 1000,
    );
  }

  private giveUp(): void {
    const [fault] = this.deframer.end();
    if (fault?.kind === 'fault') this.drop('frame-timed-out', fault.bytes, fault.length);
    else this.drop('frame-timed-out');
  }

  private stopTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
