import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A receiver at a real socket that does what a test tells it, written without the adapter under test. */
export interface Receiver {
  readonly port: number;
  /** Every message that came, frames taken off. */
  readonly messages: string[];
  readonly connections: () => number;
  close(): Promise<void>;
}

/** `answer` is given each message and the socket; it writes, waits or cuts as it likes. */
export async function receiver(answer: (message: string, socket: Socket, n: number) => void): Promise<Receiver> {
  const messages: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    let rest = '';
    socket.on('data', (chunk) => {
      rest += chunk.toString('latin1');
      for (let end = rest.indexOf('\u001c\r'); end >= 0; end = rest.indexOf('\u001c\r')) {
        const message = rest.slice(rest.indexOf('\u000b') + 1, end);
        rest = rest.slice(end + 2);
        messages.push(message);
        answer(message, socket, messages.length);
      }
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => { done(); })); // prettier-ignore
  return {
    port: portOf(server.address()),
    messages,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((done) => server.close(() => { done(); })); // prettier-ignore
    },
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export function ack(code: string, controlId: string, more = ''): string {
  return `\u000bMSH|^~\\&|RIS|N|RADLOOP|N|2026||ACK|9|P|2.5.1\rMSA|${code}|${controlId}\r${more}\u001c\r`;
}

export function controlIdOf(message: string): string {
  return message.split('\r')[0]?.split('|')[9] ?? '';
}

export function orderMessage(controlId: string): Buffer {
  return Buffer.from(`MSH|^~\\&|RADLOOP|N|RIS|N|2026||ORM^O01|${controlId}|P|2.5.1\rPID|1||A1\rORC|XO|P1\rOBR|1|P1\r`);
}
