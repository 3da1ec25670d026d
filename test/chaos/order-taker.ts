import { createServer } from 'node:net';
import type { Socket } from 'node:net';

/** A RIS that knows every order: it answers AA to whatever it is sent over MLLP. */
export interface OrderTaker {
  /** Placer numbers (ORC-2) of the orders that something was said about. */
  readonly orders: ReadonlySet<string>;
  stop(): Promise<void>;
}

export async function takeOrders(port: number): Promise<OrderTaker> {
  const orders = new Set<string>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let text = '';
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      const messages = (text + chunk.toString('latin1')).split('\x1c\r');
      text = messages.pop() ?? '';
      for (const message of messages) {
        const controlId = /MSH(?:\|[^|]*){8}\|(?<id>[^|]*)/u.exec(message)?.groups?.['id'] ?? '';
        const placer = /\rORC\|[^|]*\|(?<placer>[^|^]*)/u.exec(message)?.groups?.['placer'];
        if (placer !== undefined) orders.add(placer);
        socket.write(
          `\x0bMSH|^~\\&|RIS|RADLOOP-GENERAL|RADLOOP|RADLOOP-GENERAL|20261125100000+0000||ACK|${controlId}|P|2.5.1\rMSA|AA|${controlId}\r\x1c\r`,
        );
      }
    });
  });
  await new Promise<void>((done, failed) => server.once('error', failed).listen(port, '127.0.0.1', done));
  return {
    orders,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
