import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { listen, stopListening } from './listening.ts';
import type { PagingFaults } from './paging-faults.ts';
import type { PagingLedger } from './paging-ledger.ts';
import type { PagingListener } from './paging-smtp.ts';

/** A printer at raw TCP: a job is what one connection brings until its end; the printer closes when it has it. */
export async function startPagingPrinter(options: {
  readonly port: number;
  readonly ledger: PagingLedger;
  readonly faults: PagingFaults;
}): Promise<PagingListener> {
  const { ledger, faults } = options;
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  let port = options.port;

  const take = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    const fault = faults.next('print');
    if (fault?.what === 'cut') return void socket.resetAndDestroy();
    // A print server that is busy takes the connection and ends it.
    if (fault?.what === 'refused' || fault?.what === 'unavailable' || fault?.what === 'throttled') return void socket.end();
    if (fault?.what === 'hang') return;
    const parts: Buffer[] = [];
    socket.on('data', (part: Buffer) => parts.push(part));
    socket.on('end', () => {
      const sheet = Buffer.concat(parts);
      // Whoever only looked whether something takes connections here has printed nothing.
      if (sheet.length === 0) return void socket.end();
      const key = createHash('sha256').update(sheet).digest('hex').slice(0, 32);
      ledger.write('arrived', { channel: 'print', key, to: 'printer', subject: null, text: sheet.toString('latin1'), callBack: null }, fault?.what ?? null);
      if (fault?.what === 'hang-after') return;
      if (fault?.what === 'cut-after') socket.resetAndDestroy();
      else if (fault?.what === 'slow') setTimeout(() => socket.end(), fault.ms).unref();
      else if (fault?.what === 'garbage') socket.end('@PJL USTATUS DEVICE\r\nCODE=40000\r\n\f');
      else if (fault?.what === 'huge') socket.end('x'.repeat(2_000_000));
      else socket.end();
    });
  }; // prettier-ignore

  const open = async (): Promise<void> => {
    if (server !== null) return;
    const made = createServer({ allowHalfOpen: true }, take);
    server = made;
    port = await listen(made, port, 'the printer (--paging-ports)');
  };
  await open();
  return {
    get port() {
      return port;
    },
    open,
    close: async () => {
      const ending = server;
      server = null;
      for (const socket of sockets) socket.destroy();
      if (ending !== null) await stopListening(ending);
    },
  };
}
