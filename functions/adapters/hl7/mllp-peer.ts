import type { Socket } from 'node:net';
import { Deframer, framed } from './mllp.ts';
import type { Arrived, FaultReason, Oversize } from './mllp.ts';

/** Who is at the other end. */
export interface PeerInfo {
  /** IP address, without the port. */
  readonly address: string;
  /** Names of its client certificate (`namesOf`); null: no TLS, it is on this machine. */
  readonly certificateNames: readonly string[] | null;
}

/** Something at the socket that is no message. `bytes` is the beginning of it, at most 64 kB: patient data, to be kept, never logged. */
export interface MllpFault {
  readonly peer: PeerInfo;
  readonly why:
    | FaultReason
    | 'frame-timed-out'
    | 'frame-without-end'
    | 'too-many-faults'
    | 'too-many-connections'
    | 'too-much-held'
    | 'answers-not-taken'
    | 'not-answered';
  readonly bytes: Buffer;
  readonly length: number;
}

/** What goes back, in this order; null: that one is not asked for. */
export interface MllpAnswer {
  readonly commit: Buffer | null;
  readonly application: Buffer | null;
  /** The message as its keeper names it, for `onAnswered`. */
  readonly identity: string;
}

/** What a connection does with what comes, and its bounds. */
export interface PeerRules {
  readonly onMessage: (bytes: Buffer, peer: PeerInfo) => Promise<MllpAnswer>;
  readonly onOversize: (oversize: Oversize, peer: PeerInfo) => Promise<MllpAnswer>;
  readonly onAnswered: (identity: string) => void;
  readonly onFault: (fault: MllpFault) => void;
  readonly frameLimitBytes: number;
  readonly frameTimeoutSeconds: number;
}

/** Messages of one connection that are read ahead while the first is answered. */
const MOST_WAITING = 64;
/** A frame that is too long is read to its end, to be refused with a reason, up to so many times the limit. */
const MOST_TIMES_TOO_LONG = 10;
/** Faults without a message between them after which a connection is ended: a broken sender is seen, it does not fill the disk. */
const MOST_FAULTS = 100;
/** Messages that are answered without a pause for the other connections. */
const MOST_IN_A_ROW = 32;

type Work = { readonly bytes: Buffer } | { readonly oversize: Oversize };

function sizeOf(work: Work): number {
  return 'bytes' in work ? work.bytes.length : 0;
}

/** One connection: messages are answered one after the other, in order. What it holds is at most two frames of the limit. */
export class Peer {
  private readonly socket: Socket;
  private readonly info: PeerInfo;
  private readonly rules: PeerRules;
  /** Told by how much the bytes that are held have changed. */
  private readonly onHeld: (change: number) => void;
  private readonly deframer: Deframer;
  private waiting: Work[] = [];
  private waitingBytes = 0;
  private current: Work | null = null;
  private inARow = 0;
  private faultsInARow = 0;
  private told = 0;
  private timer: NodeJS.Timeout | null = null;
  private hasEnded = false;
  private isFinishing = false;
  private onIdle: (() => void) | null = null;

  constructor(socket: Socket, info: PeerInfo, rules: PeerRules, onHeld: (change: number) => void) {
    this.socket = socket;
    this.info = info;
    this.rules = rules;
    this.onHeld = onHeld;
    this.deframer = new Deframer(rules.frameLimitBytes);
    socket.on('data', (chunk) => {
      this.read(chunk);
    });
    socket.on('end', () => {
      this.hasEnded = true;
      this.arrived(this.deframer.end());
      this.watchFrame();
      if (this.current === null) socket.end();
    });
    socket.on('close', () => {
      this.arrived(this.deframer.end());
      this.forgetWaiting();
      this.stopTimer();
      this.tellHeld();
    });
    // A reset is seen as 'close'; there is nobody to tell.
    socket.on('error', () => undefined);
  }

  /** Bytes that came and are not answered. */
  get held(): number {
    if (this.socket.destroyed) return 0;
    return this.deframer.held + this.waitingBytes + (this.current === null ? 0 : sizeOf(this.current));
  }

  drop(why: MllpFault['why'], bytes: Buffer = Buffer.alloc(0), length: number = bytes.length): void {
    if (this.socket.destroyed) return;
    this.rules.onFault({ peer: this.info, why, bytes, length });
    this.socket.destroy();
    this.tellHeld();
  }

  /** Answers what is being worked on; what waits behind it was not acknowledged and comes again. */
  async finish(): Promise<void> {
    this.isFinishing = true;
    this.socket.pause();
    this.forgetWaiting();
    // Its answers wait for a peer that does not read: nothing is being worked on.
    if (this.socket.writableNeedDrain) this.socket.destroy();
    if (this.current !== null) await new Promise<void>((done) => (this.onIdle = done));
    if (this.socket.destroyed) return;
    const closed = new Promise<void>((done) => this.socket.once('close', () => { done(); })); // prettier-ignore
    const patience = setTimeout(() => this.socket.destroy(), 1000);
    this.socket.end(() => this.socket.destroy());
    await closed;
    clearTimeout(patience);
  }

  private forgetWaiting(): void {
    this.waiting = [];
    this.waitingBytes = 0;
  }

  private tellHeld(): void {
    const change = this.held - this.told;
    if (change === 0) return;
    this.told += change;
    this.onHeld(change);
  }

  private read(chunk: Buffer): void {
    const items = this.deframer.push(chunk);
    // Something has ended: what has begun after it gets its own time.
    if (items.length > 0) this.stopTimer();
    this.arrived(items);
    if (this.deframer.pending > this.rules.frameLimitBytes * MOST_TIMES_TOO_LONG) this.giveUp('frame-without-end');
    else this.watchFrame();
    if (this.waiting.length >= MOST_WAITING || this.waitingBytes >= this.rules.frameLimitBytes) this.socket.pause();
    this.tellHeld();
  }

  private arrived(items: readonly Arrived[]): void {
    for (const item of items) {
      if (item.kind === 'fault') this.report(item.why, item.bytes, item.length);
      else if (!this.isFinishing && !this.socket.destroyed) {
        this.faultsInARow = 0;
        const work = item.kind === 'frame' ? { bytes: item.bytes } : { oversize: item.oversize };
        this.waiting.push(work);
        this.waitingBytes += sizeOf(work);
      }
    }
    if (this.current === null) this.next();
  }

  /** A start block right after another gives up nothing. */
  private report(why: FaultReason, bytes: Buffer, length: number): void {
    if (length === 0 || this.faultsInARow > MOST_FAULTS) return;
    this.faultsInARow += 1;
    this.rules.onFault({ peer: this.info, why, bytes, length });
    if (this.faultsInARow > MOST_FAULTS) this.drop('too-many-faults');
  }

  private next(): void {
    const work = this.socket.destroyed ? undefined : this.waiting.shift();
    if (work === undefined) {
      this.rest();
      return;
    }
    this.current = work;
    this.waitingBytes -= sizeOf(work);
    if (this.socket.isPaused() && !this.isFinishing && this.waiting.length < MOST_WAITING / 2 && this.waitingBytes < this.rules.frameLimitBytes)
      this.socket.resume();
    this.tellHeld();
    const answer = 'bytes' in work ? this.rules.onMessage(work.bytes, this.info) : this.rules.onOversize(work.oversize, this.info);
    answer.then(this.write, this.failed);
  }

  private rest(): void {
    this.current = null;
    this.inARow = 0;
    if (this.hasEnded) this.socket.end();
    this.onIdle?.();
    this.tellHeld();
  }

  private readonly failed = (): void => {
    this.drop('not-answered');
    this.rest();
  };

  private readonly write = ({ commit, application, identity }: MllpAnswer): void => {
    if (this.socket.destroyed) {
      this.rest();
      return;
    }
    // One write a frame: receivers that read one answer a packet exist.
    let isTaken = commit === null || this.socket.write(framed(commit));
    if (application !== null)
      isTaken = this.socket.write(framed(application), this.isAwaited(commit) ? this.answered(identity) : undefined) && isTaken;
    if (isTaken) this.answeredOne();
    else this.awaitDrain();
  };

  /** Is the application's answer one that the sender waits for beyond a commit? MSH-15 or MSH-16 is filled (HL7 v2.5.1 2.9.3). */
  private isAwaited(commit: Buffer | null): boolean {
    return commit !== null || (this.current !== null && 'bytes' in this.current && asksEnhanced(this.current.bytes));
  }

  private answered(identity: string): (error?: Error | null) => void {
    return (error) => {
      if (error == null) this.rules.onAnswered(identity);
    };
  }

  private answeredOne(): void {
    this.inARow += 1;
    if (this.inARow % MOST_IN_A_ROW !== 0) this.next();
    else
      setImmediate(() => {
        this.next();
      });
  }

  /** Until the peer has taken what it was sent: one that does not read stops only itself, and is ended after the time of a frame. */
  private awaitDrain(): void {
    const go = (): void => {
      clearTimeout(patience);
      this.socket.off('drain', go);
      this.socket.off('close', go);
      this.answeredOne();
    };
    const patience = setTimeout(() => {
      this.drop('answers-not-taken');
    }, this.rules.frameTimeoutSeconds * 1000);
    this.socket.on('drain', go);
    this.socket.on('close', go);
  }

  private watchFrame(): void {
    if (!this.deframer.isWaiting || this.socket.destroyed) {
      this.stopTimer();
      return;
    }
    this.timer ??= setTimeout(() => {
      this.timer = null;
      // Held up by us, not by the peer: it gets its time again.
      if (this.socket.isPaused()) this.watchFrame();
      else this.giveUp('frame-timed-out');
    }, this.rules.frameTimeoutSeconds * 1000);
  }

  private giveUp(why: 'frame-timed-out' | 'frame-without-end'): void {
    const [fault] = this.deframer.end();
    if (fault?.kind === 'fault') this.drop(why, fault.bytes, fault.length);
    else this.drop(why);
  }

  private stopTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}

const CR = 0x0d;

/** MSH-15 or MSH-16 holds something. MSH-1 is the separator itself, so MSH-2 begins after it. */
function asksEnhanced(bytes: Buffer): boolean {
  const separator = bytes[3];
  let field = 2;
  for (let at = 4; at < bytes.length && bytes[at] !== CR; at += 1) {
    if (bytes[at] === separator) field += 1;
    else if (field === 15 || field === 16) return true;
    if (field > 16) return false;
  }
  return false;
}
