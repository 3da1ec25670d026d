import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Delivery } from '#core/delivery.js';
import { Deframer, framed } from './mllp.ts';

export interface MllpAddress {
  readonly host: string;
  readonly port: number;
  /** Seconds without an answer, or without a connection, after which the socket is closed. */
  readonly ackTimeoutSeconds: number;
}

/**
 * One connection to one receiver, stop-and-wait: what is sent next waits for the answer before it. Answers are given as bytes, not judged.
 * A failure closes the socket before anything else is sent, so that a late answer can never be taken for another message's.
 */
export class MllpClient {
  private readonly address: MllpAddress;
  private socket: Socket | null = null;
  private last: Promise<unknown> = Promise.resolve();

  constructor(address: MllpAddress) {
    this.address = address;
  }

  /** `accepts` judges the answer while the connection is still this message's: anything but an accepted one closes it. */
  exchange<Receipt>(bytes: Buffer, accepts: (answer: Buffer) => Delivery<Receipt>): Promise<Delivery<Receipt>> {
    const turn = this.last.then(async () => {
      const opened = await this.open();
      if (!opened.ok) return opened;
      const answer = await this.ask(opened.receipt, bytes);
      const judged = answer.ok ? accepts(answer.receipt) : answer;
      if (!judged.ok && judged.code !== 'refused' && judged.code !== 'refused-for-now') this.close();
      return judged;
    });
    this.last = turn.catch(() => undefined);
    return turn;
  }

  close(): void {
    this.socket?.destroy();
    this.socket = null;
  }

  private async open(): Promise<Delivery<Socket>> {
    // A receiver that ends the connection after each answer: its end is heard before the connection is used again.
    if (this.socket !== null) await nextReading();
    if (this.socket !== null && !this.socket.destroyed && this.socket.writable && this.socket.readable) return { ok: true, receipt: this.socket };
    this.close();
    const { host, port, ackTimeoutSeconds } = this.address;
    const socket = connect({ host, port, noDelay: true });
    const problem = await new Promise<string | null>((done) => {
      const timer = setTimeout(() => { done('no answer to the connection'); }, ackTimeoutSeconds * 1000); // prettier-ignore
      const settle = (what: string | null): void => {
        clearTimeout(timer);
        done(what);
      };
      socket.once('connect', () => { settle(null); }); // prettier-ignore
      socket.on('error', (error) => { settle(codeOf(error)); }); // prettier-ignore
    });
    if (problem !== null) {
      socket.destroy();
      return { ok: false, code: 'not-connected', detail: `${host}:${String(port)} could not be reached (${problem}).` };
    }
    this.socket = socket;
    // Nobody is asked for anything between two messages: what comes then is late or foreign, and ends the connection.
    socket.on('data', this.uncalled);
    socket.on('end', () => socket.destroy());
    return { ok: true, receipt: socket };
  }

  private readonly uncalled = (): void => {
    this.close();
  };

  private async ask(socket: Socket, bytes: Buffer): Promise<Delivery<Buffer>> {
    const deframer = new Deframer();
    socket.off('data', this.uncalled);
    let settled: ((outcome: Delivery<Buffer>) => void) | null = null;
    const outcome = new Promise<Delivery<Buffer>>((done) => (settled = done));
    const settle = (what: Delivery<Buffer>): void => settled?.(what);
    const timer = setTimeout(() => {
      settle({ ok: false, code: 'timed-out-after-send', detail: `No answer within ${String(this.address.ackTimeoutSeconds)} s.` });
    }, this.address.ackTimeoutSeconds * 1000);
    const onData = (chunk: Buffer): void => {
      const [first, ...more] = deframer.push(chunk);
      if (first === undefined) return;
      if (first.kind === 'frame' && more.length === 0 && !deframer.isWaiting) settle({ ok: true, receipt: first.bytes });
      else settle({ ok: false, code: 'answer-unreadable', detail: 'The answer was not one frame of at most 10 MB.' });
    };
    const onClose = (): void => {
      settle({ ok: false, code: 'cut-after-send', detail: 'The connection was cut before an answer came.' });
    };
    socket.on('data', onData);
    socket.once('close', onClose);
    if (socket.destroyed) onClose();
    else socket.write(framed(bytes));
    const result = await outcome;
    clearTimeout(timer);
    socket.off('data', onData);
    socket.off('close', onClose);
    socket.on('data', this.uncalled);
    return result;
  }
}

/** After the event loop has looked at its sockets once more: one turn ends the present look, the next one follows another. */
async function nextReading(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((done) => setImmediate(done));
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.message;
}
