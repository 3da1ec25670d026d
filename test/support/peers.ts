import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import { later } from './mllp-wire-listener.ts';

/** A receiver at a real socket, written without the code under test. */
export interface PeerReceiver {
  readonly port: number;
  /** Every frame that came, in its order. */
  readonly messages: string[];
  readonly connections: () => number;
  /** The connections that are open. */
  readonly sockets: ReadonlySet<Socket>;
  close(): Promise<void>;
}

/** `hear` is given each message, its socket, and which one it is (1, 2 …). */
export async function peerReceiver(hear: (message: string, socket: Socket, n: number) => void, tls?: TlsOptions, port = 0): Promise<PeerReceiver> {
  const messages: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const take = (socket: Socket): void => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    let rest = '';
    socket.on('data', (chunk) => {
      rest += chunk.toString('latin1');
      for (let end = rest.indexOf('\u001c\r'); end >= 0; end = rest.indexOf('\u001c\r')) {
        const message = rest.slice(rest.indexOf('\u000b') + 1, end);
        rest = rest.slice(end + 2);
        messages.push(message);
        hear(message, socket, messages.length);
      }
    });
  };
  const server: Server = tls === undefined ? createServer(take) : createTlsServer(tls, take);
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', () => { done(); })); // prettier-ignore
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((done) => server.close(() => { done(); })); // prettier-ignore
  };
  later(close);
  return { port: address.port, messages, connections: () => connections, sockets, close };
}

export function controlIdOf(message: string): string {
  return message.split('\r')[0]?.split('|')[9] ?? '';
}

/** An answer as a frame. `asks`: MSH-15 of it. */
export function answerTo(controlId: string, code: string, { asks = 'NE', id = `R-${code}-${controlId}` } = {}): string {
  return `\u000bMSH|^~\\&|RIS|N|RADLOOP|N|2026||ACK^O01|${id}|P|2.5.1|||${asks}|NE\rMSA|${code}|${controlId}\r\u001c\r`;
}

/** An order change as it leaves Radloop; `enhanced` asks for CA and AA. */
export function outbound(controlId: string, { enhanced = false } = {}): Buffer {
  const asks = enhanced ? '|||AL|AL' : '';
  return Buffer.from(`MSH|^~\\&|RADLOOP|N|RIS|N|2026||ORM^O01|${controlId}|P|2.5.1${asks}\rPID|1||A1\rORC|XO|P1\rOBR|1|P1\r`);
}
