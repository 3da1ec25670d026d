import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';

/** Start block of MLLP (HL7 v2 Transport Specification, MLLP R1). */
const START = 0x0b;
/** End block; the carriage return after it belongs to the frame but is not waited for. */
const END = 0x1c;

/** The longest frame that is read. */
export const FRAME_LIMIT_BYTES = 10 * 1024 * 1024;

/** How much is kept of what is not read whole. */
export const KEPT_BYTES = 64 * 1024;

/** One message as a frame. */
export function framed(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([START]), bytes, Buffer.from([END, 0x0d])]);
}

/** A frame over the limit: its beginning, its length and the hash of all of it. */
export interface Oversize {
  readonly first64k: Buffer;
  readonly length: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** What came in. `fault`: bytes outside a frame, or a frame that was given up; `bytes` is the beginning of them. */
export type Arrived =
  | { readonly kind: 'frame'; readonly bytes: Buffer }
  | { readonly kind: 'oversize'; readonly oversize: Oversize }
  | { readonly kind: 'fault'; readonly why: FaultReason; readonly bytes: Buffer; readonly length: number };
export type FaultReason = 'between-frames' | 'new-start-in-frame' | 'unfinished-frame';

/** Takes bytes in any portions and gives frames; the portions make no difference. Time and memory are linear, memory at most the limit. */
export class Deframer {
  private readonly limit: number;
  private state: 'between' | 'inside' = 'between';
  private readonly kept = new Bytes();
  /** Bytes of the frame, or of what strays, so far: more than are kept once it is too long. */
  private length = 0;
  /** Set from the moment a frame passes the limit. */
  private overflow: Hash | null = null;

  constructor(limitBytes: number = FRAME_LIMIT_BYTES) {
    this.limit = limitBytes;
  }

  /** Bytes held now. */
  get held(): number {
    return this.kept.length;
  }

  /** Has something begun that has not ended? */
  get isWaiting(): boolean {
    return this.state === 'inside' || this.length > 0;
  }

  push(chunk: Buffer): readonly Arrived[] {
    const arrived: Arrived[] = [];
    let rest = chunk;
    while (rest.length > 0) rest = this.state === 'between' ? this.between(rest, arrived) : this.inside(rest, arrived);
    return arrived;
  }

  /** The stream has ended, or is given up. */
  end(): readonly Arrived[] {
    const arrived: Arrived[] = [];
    if (this.state === 'inside') this.giveUp('unfinished-frame', arrived);
    else this.reportStray(arrived);
    this.state = 'between';
    return arrived;
  }

  private between(rest: Buffer, arrived: Arrived[]): Buffer {
    const start = rest.indexOf(START);
    const stray = start < 0 ? rest : rest.subarray(0, start);
    this.keep(this.length === 0 ? withoutLineEnds(stray) : stray);
    if (start < 0) return rest.subarray(rest.length);
    this.reportStray(arrived);
    this.state = 'inside';
    return rest.subarray(start + 1);
  }

  private inside(rest: Buffer, arrived: Arrived[]): Buffer {
    const end = rest.indexOf(END);
    const own = end < 0 ? rest : rest.subarray(0, end);
    const again = own.indexOf(START);
    if (again >= 0) {
      this.take(own.subarray(0, again));
      this.giveUp('new-start-in-frame', arrived);
      return rest.subarray(again + 1);
    }
    this.take(own);
    if (end < 0) return rest.subarray(rest.length);
    if (this.overflow === null) arrived.push({ kind: 'frame', bytes: this.kept.copy() });
    else arrived.push({ kind: 'oversize', oversize: this.oversize(this.overflow) });
    this.forget();
    this.state = 'between';
    return rest.subarray(end + 1);
  }

  /** Bytes of a frame. */
  private take(bytes: Buffer): void {
    this.length += bytes.length;
    if (this.overflow !== null) {
      this.overflow.update(bytes);
      this.kept.add(bytes.subarray(0, Math.max(0, KEPT_BYTES - this.kept.length)));
      return;
    }
    this.kept.add(bytes);
    if (this.length <= this.limit) return;
    const start = this.kept.copy();
    this.overflow = createHash('sha256').update(start);
    this.kept.clear();
    this.kept.add(start.subarray(0, KEPT_BYTES));
  }

  /** Bytes outside a frame: only the first are kept. */
  private keep(bytes: Buffer): void {
    if (this.length < KEPT_BYTES) this.kept.add(bytes.subarray(0, KEPT_BYTES - this.length));
    this.length += bytes.length;
  }

  private reportStray(arrived: Arrived[]): void {
    if (this.length > 0) arrived.push({ kind: 'fault', why: 'between-frames', bytes: this.kept.copy(), length: this.length });
    this.forget();
  }

  private giveUp(why: FaultReason, arrived: Arrived[]): void {
    arrived.push({ kind: 'fault', why, bytes: this.kept.copy(KEPT_BYTES), length: this.length });
    this.forget();
  }

  private oversize(hash: Hash): Oversize {
    return { first64k: this.kept.copy(KEPT_BYTES), length: this.length, sha256: hash.digest('hex') };
  }

  private forget(): void {
    this.kept.clear();
    this.length = 0;
    this.overflow = null;
  }
}

/** Line ends between frames (the CR of the end block, a LF of a careless sender) are no fault. */
function withoutLineEnds(bytes: Buffer): Buffer {
  let at = 0;
  while (bytes[at] === 0x0d || bytes[at] === 0x0a) at += 1;
  return bytes.subarray(at);
}

/** Bytes that grow at their end, by doubling: linear also when they come one at a time. */
class Bytes {
  length = 0;
  private store: Buffer = Buffer.alloc(0);

  add(bytes: Buffer): void {
    const needed = this.length + bytes.length;
    if (needed > this.store.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.store.length * 2));
      this.store.copy(larger, 0, 0, this.length);
      this.store = larger;
    }
    bytes.copy(this.store, this.length);
    this.length = needed;
  }

  copy(most: number = this.length): Buffer {
    return Buffer.from(this.store.subarray(0, Math.min(this.length, most)));
  }

  clear(): void {
    this.length = 0;
    this.store = Buffer.alloc(0);
  }
}
