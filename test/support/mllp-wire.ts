import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

const START = Buffer.from([0x0b]);
const END = Buffer.from([0x1c, 0x0d]);

/** One message as a frame, written here by hand so that a fault of the product's framing is seen. */
export function frame(message: Buffer | string): Buffer {
  return Buffer.concat([START, Buffer.from(message), END]);
}

/** Writes these bytes to a listener on this machine, then waits for one framed answer; null when the line ended, or nothing came, without one. */
export async function exchangeBytes(port: number, bytes: Buffer, { hangUp = false, seconds = 20 } = {}): Promise<Buffer | null> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return await new Promise<Buffer | null>((done) => {
      let held = Buffer.alloc(0);
      const late = setTimeout(() => {
        done(null);
      }, seconds * 1000);
      const over = (answer: Buffer | null): void => {
        clearTimeout(late);
        done(answer);
      };
      socket.on('data', (chunk) => {
        held = Buffer.concat([held, chunk]);
        const end = held.indexOf(END);
        if (end >= 0) over(held.subarray(1, end));
      });
      socket.on('close', () => {
        over(null);
      });
      socket.on('error', () => {
        over(null);
      });
      socket.write(bytes, () => {
        if (hangUp) socket.end();
      });
    });
  } finally {
    socket.destroy();
  }
}

/** A wire between a sender and a listener that keeps a copy of what passes, both ways. */
export interface WireTap {
  readonly port: number;
  /** What passed since the last call. */
  take(): { readonly sent: Buffer; readonly answered: Buffer };
  close(): Promise<void>;
}

export async function tapTo(port: number): Promise<WireTap> {
  let sent: Buffer[] = [];
  let answered: Buffer[] = [];
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    near.on('data', (chunk) => sent.push(chunk)).pipe(far);
    far.on('data', (chunk) => answered.push(chunk)).pipe(near);
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    take() {
      const taken = { sent: Buffer.concat(sent), answered: Buffer.concat(answered) };
      sent = [];
      answered = [];
      return taken;
    },
    close: () =>
      new Promise((done) => {
        server.close(() => {
          done();
        });
      }),
  };
}
