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
  const frame = Buffer.allocUnsafe(bytes.length + 3);
  frame[0] = START;
  bytes.copy(frame, 1);
  frame[bytes.length + 1] = END;
  frame[bytes.length + 2] = 0x0d;
  return frame;
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

/**
 * Takes bytes in any portions and gives frames; the portions make no difference. Time and memory are linear, memory at most the limit.
 * A frame that lies whole in one portion is given as a view of it, without a copy: the caller must not write into a portion again.
 */
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

  /** Length of what has begun and has not ended, more than is held once it is too long. */
  get pending(): number {
    return this.length;
  }

  /** Has something begun that has not ended? */
  get isWaiting(): boolean {
    return this.state === 'inside' || this.length > 0;
  }

  push(chunk: Buffer): readonly Arrived[] {
    const arrived: Arrived[] = [];
    const marks = new Marks(chunk);
    for (let at = 0; at < chunk.length;)
      at = this.state === 'between' ? this.between(chunk, at, marks, arrived) : this.inside(chunk, at, marks, arrived);
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

  /** Reads on from `at`, gives where it stopped. */
  private between(chunk: Buffer, at: number, marks: Marks, arrived: Arrived[]): number {
    const start = marks.start(at);
    if (start > at) {
      const stray = chunk.subarray(at, start);
      this.keep(this.length === 0 ? withoutLineEnds(stray) : stray);
    }
    if (start === chunk.length) return start;
    this.reportStray(arrived);
    this.state = 'inside';
    return start + 1;
  }

  private inside(chunk: Buffer, at: number, marks: Marks, arrived: Arrived[]): number {
    const end = marks.end(at);
    const again = marks.start(at);
    const stop = Math.min(end, again);
    const bytes = chunk.subarray(at, stop);
    if (stop === end && end < chunk.length && this.length === 0 && bytes.length <= this.limit) {
      arrived.push({ kind: 'frame', bytes });
      this.state = 'between';
      return end + 1;
    }
    this.take(bytes);
    if (stop === chunk.length) return stop;
    if (stop === again) this.giveUp('new-start-in-frame', arrived);
    else this.complete(arrived);
    return stop + 1;
  }

  private complete(arrived: Arrived[]): void {
    if (this.overflow === null) arrived.push({ kind: 'frame', bytes: this.kept.handOver() });
    else arrived.push({ kind: 'oversize', oversize: this.oversize(this.overflow) });
    this.forget();
    this.state = 'between';
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

/** Where the next start and end blocks of one portion stand; its length where there is none. Each byte is looked at once, however often it is asked. */
class Marks {
  private readonly chunk: Buffer;
  private nextStart = -1;
  private nextEnd = -1;

  constructor(chunk: Buffer) {
    this.chunk = chunk;
  }

  start(from: number): number {
    if (this.nextStart < from) this.nextStart = this.find(START, from);
    return this.nextStart;
  }

  end(from: number): number {
    if (this.nextEnd < from) this.nextEnd = this.find(END, from);
    return this.nextEnd;
  }

  private find(mark: number, from: number): number {
    const at = this.chunk.indexOf(mark, from);
    return at < 0 ? this.chunk.length : at;
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

  /** All of it without a copy; begins anew. */
  handOver(): Buffer {
    const whole = this.store.subarray(0, this.length);
    this.clear();
    return whole;
  }

  clear(): void {
    this.length = 0;
    this.store = Buffer.alloc(0);
  }
}
