import { connect, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Delivery } from '#core/delivery.js';
import { Deframer, framed } from './mllp.ts';
import type { Arrived } from './mllp.ts';

/** TLS of one receiver. Read anew for each connection, so that a renewed certificate needs no restart. */
export interface ClientTls {
  /** PEM. No other CA is believed, not even one of the operating system. */
  readonly ca: Buffer;
  /** PEM of our own certificate, where the receiver asks for one. */
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** The name that the receiver's certificate must have; left out: the host that is called. */
  readonly serverName?: string;
}

export interface MllpAddress {
  readonly host: string;
  readonly port: number;
  /** Seconds without an answer, or without a connection, after which the socket is closed. */
  readonly ackTimeoutSeconds: number;
  /** TLS 1.2 or later; left out: plain TCP. A problem with its files is thrown, and nothing is sent. */
  readonly tls?: () => ClientTls;
  /**
   * Enhanced mode: what the receiver sends besides the answer that is waited for. Gives what is sent back, null for nothing; a rejection ends the connection.
   * Left out (original mode): nobody is asked for anything between two messages, and what comes then ends the connection.
   */
  readonly onOther?: OnOther;
}
type OnOther = (frame: Buffer) => Promise<Buffer | null>;

/** Says what an answer means for the message that waits; 'other': it is about something else, the wait goes on (enhanced mode only). */
export type Judge<Receipt> = (answer: Buffer) => Delivery<Receipt> | 'other';

const KEEP_ALIVE_SECONDS = 60;

/**
 * One connection to one receiver, stop-and-wait: what is sent next waits for the answer before it. Answers are given as bytes, not judged.
 * A failure closes the socket before anything else is sent, so that a late answer can never be taken for another message's.
 */
export class MllpClient {
  private readonly address: MllpAddress;
  private line: Line | null = null;
  private last: Promise<unknown> = Promise.resolve();

  constructor(address: MllpAddress) {
    this.address = address;
  }

  /** `judge` sees the answer while the connection is still this message's: anything but an accepted or a refused one closes it. */
  exchange<Receipt>(bytes: Buffer, judge: Judge<Receipt>): Promise<Delivery<Receipt>> {
    return this.inTurn((line) => line.ask(bytes, judge, this.address.ackTimeoutSeconds));
  }

  /** Sends what nothing comes back for; done when the operating system has it. */
  tell(bytes: Buffer): Promise<Delivery<null>> {
    return this.inTurn((line) => line.tell(bytes, this.address.ackTimeoutSeconds));
  }

  close(): void {
    this.line?.close();
    this.line = null;
  }

  private inTurn<Receipt>(act: (line: Line) => Promise<Delivery<Receipt>>): Promise<Delivery<Receipt>> {
    const turn = this.last.then(async () => {
      const opened = await this.open();
      if (!opened.ok) return opened;
      const done = await act(opened.receipt);
      if (!done.ok && done.code !== 'refused' && done.code !== 'refused-for-now') this.close();
      return done;
    });
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async open(): Promise<Delivery<Line>> {
    // A receiver that ends the connection after each answer: its end is heard before the connection is used again.
    if (this.line !== null) await nextReading();
    if (this.line?.isOpen === true) return { ok: true, receipt: this.line };
    this.close();
    const opened = await dial(this.address);
    if (!opened.ok) return opened;
    this.line = new Line(opened.receipt, this.address.onOther ?? null);
    return { ok: true, receipt: this.line };
  }
}

async function dial(address: MllpAddress): Promise<Delivery<Socket>> {
  const { host, port, ackTimeoutSeconds } = address;
  const failed = (why: string): Delivery<never> => ({
    ...{ ok: false, code: 'not-connected', detail: `${host}:${String(port)} could not be reached (${why}).` },
  });
  const socket = begin(address);
  if (typeof socket === 'string') return failed(socket);
  const problem = await new Promise<string | null>((done) => {
    const timer = setTimeout(() => { done('no answer to the connection'); }, ackTimeoutSeconds * 1000); // prettier-ignore
    const settle = (what: string | null): void => {
      clearTimeout(timer);
      done(what);
    };
    socket.once(address.tls ? 'secureConnect' : 'connect', () => { settle(null); }); // prettier-ignore
    socket.on('error', (error) => { settle(codeOf(error)); }); // prettier-ignore
    socket.once('close', () => { settle('closed by the other side'); }); // prettier-ignore
  });
  if (problem === null) return { ok: true, receipt: socket };
  socket.destroy();
  return failed(problem);
}

/** A connection under way, or why none can be tried. */
function begin({ host, port, tls }: MllpAddress): Socket | string {
  const tcp = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_SECONDS * 1000 };
  if (!tls) return connect(tcp);
  try {
    const { serverName, ...files } = tls();
    const servername = serverName ?? (isIP(host) === 0 ? host : undefined);
    const socket = connectTls({ ...tcp, ...files, minVersion: 'TLSv1.2', ...(servername === undefined ? {} : { servername }) });
    // Its options for the socket below are those of connect() only in part.
    return socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_SECONDS * 1000);
  } catch (error) {
    return `TLS files: ${codeOf(error as Error)}`;
  }
}

type Settle = (outcome: Delivery) => void;

/** An open connection. Every frame that comes is either the answer that is waited for, or something else, or the end of the connection. */
class Line {
  private readonly socket: Socket;
  private readonly onOther: OnOther | null;
  private readonly deframer = new Deframer();
  private waiting: { readonly judge: Judge<unknown>; readonly settle: Settle } | null = null;

  constructor(socket: Socket, onOther: OnOther | null) {
    this.socket = socket;
    this.onOther = onOther;
    socket.on('data', (chunk) => {
      this.read(chunk);
    });
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      this.waiting?.settle({ ok: false, code: 'cut-after-send', detail: 'The connection was cut before an answer came.' });
    });
  }

  get isOpen(): boolean {
    return !this.socket.destroyed && this.socket.writable && this.socket.readable;
  }

  close(): void {
    this.socket.destroy();
  }

  async ask<Receipt>(bytes: Buffer, judge: Judge<Receipt>, seconds: number): Promise<Delivery<Receipt>> {
    if (this.onOther === null && this.deframer.isWaiting) this.socket.destroy();
    let timer: NodeJS.Timeout | undefined;
    const outcome = await new Promise<Delivery>((settle) => {
      if (this.socket.destroyed) {
        settle({ ok: false, code: 'not-connected', detail: 'The connection was ended before the message was sent.' });
        return;
      }
      this.waiting = { judge, settle };
      timer = setTimeout(() => {
        settle({ ok: false, code: 'timed-out-after-send', detail: `No answer within ${String(seconds)} s.` });
      }, seconds * 1000);
      this.socket.write(framed(bytes));
    });
    clearTimeout(timer);
    this.waiting = null;
    // `outcome` is what `judge` gave, or a failure.
    return outcome as Delivery<Receipt>;
  }

  async tell(bytes: Buffer, seconds: number): Promise<Delivery<null>> {
    return new Promise((done) => {
      const timer = setTimeout(() => {
        done({ ok: false, code: 'timed-out-after-send', detail: `The receiver took nothing for ${String(seconds)} s.` });
      }, seconds * 1000);
      this.socket.write(framed(bytes), (error) => {
        clearTimeout(timer);
        done(error ? { ok: false, code: 'cut-after-send', detail: 'The connection was cut while it was sent.' } : { ok: true, receipt: null });
      });
    });
  }

  private read(chunk: Buffer): void {
    const items = this.deframer.push(chunk);
    if (this.onOther === null) this.readOriginal(items);
    else for (const item of items) this.readEnhanced(item, this.onOther);
  }

  /** One answer to one message, and not a byte besides but the line end of its frame. */
  private readOriginal(items: readonly Arrived[]): void {
    const { waiting } = this;
    const [first] = items;
    const isAlone = items.length === 1 && !this.deframer.isWaiting;
    if (waiting === null && (first !== undefined || this.deframer.isWaiting)) this.close();
    else if (waiting !== null && first?.kind === 'frame' && isAlone) this.settle(waiting.judge(first.bytes));
    else if (first !== undefined) this.settle(unreadable);
  }

  private readEnhanced(item: Arrived, onOther: OnOther): void {
    if (this.socket.destroyed) return;
    if (item.kind !== 'frame') {
      this.settle(unreadable);
      this.close();
      return;
    }
    const judged = this.waiting?.judge(item.bytes) ?? 'other';
    if (judged !== 'other') this.settle(judged);
    else
      onOther(item.bytes).then(
        (reply) => reply !== null && this.isOpen && this.socket.write(framed(reply)),
        () => {
          this.close();
        },
      );
  }

  /** From here on what comes is no answer to this message, also when it comes in the same packet. */
  private settle(outcome: Delivery | 'other'): void {
    this.waiting?.settle(outcome === 'other' ? unreadable : outcome);
    this.waiting = null;
  }
}

const unreadable: Delivery<never> = { ok: false, code: 'answer-unreadable', detail: 'The answer was not one frame of at most 10 MB.' };

/** After the event loop has looked at its sockets once more: one turn ends the present look, the next one follows another. */
async function nextReading(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((done) => setImmediate(done));
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.message;
}
