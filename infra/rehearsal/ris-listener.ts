import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { Hl7Connection } from '@medplum/hl7';
import type { Hl7ErrorEvent } from '@medplum/hl7';
import { listen, stopListening } from './listening.ts';
import { tapFrames, toWire } from './mllp-link.ts';
import type { Ris } from './ris.ts';

export interface RisListener {
  /** False while it is away. */
  readonly isOpen: () => boolean;
  /** Gives the port: the one wanted, or with 0 the one that was free. */
  open(): Promise<number>;
  close(): Promise<void>;
}

/** The RIS's own MLLP port. What came in is in the ledger, as raw bytes and with its answer, before the answer leaves. */
export function risListener(ris: Ris, port: number): RisListener {
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  return {
    isOpen: () => server !== null,
    open: async () => {
      const opening = createServer((socket) => {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
        serve(ris, socket);
      });
      const taken = await listen(opening, port, 'the RIS (--ris-port)');
      server = opening;
      ris.note(`listening on 127.0.0.1:${String(taken)}`);
      return taken;
    },
    close: async () => {
      const closing = server;
      server = null;
      for (const socket of sockets) socket.destroy();
      if (closing !== null) await stopListening(closing);
    },
  };
}

function serve(ris: Ris, socket: Socket): void {
  const frames: Buffer[] = [];
  tapFrames(socket, (frame) => frames.push(frame));
  const connection = new Hl7Connection(socket, 'utf-8');
  connection.addEventListener('message', () => {
    // The library has seen a whole message; its bytes are taken from the tap, in which frames that arrived together stay apart.
    const frame = frames.shift();
    if (frame === undefined) return;
    let answer: string;
    try {
      answer = ris.take(frame);
    } catch (error) {
      ris.note(`a frame could not be read: ${error instanceof Error ? error.message : String(error)}`, frame);
      socket.destroy();
      return;
    }
    connection.send(toWire(answer));
  });
  connection.addEventListener('error', (event: Hl7ErrorEvent) => {
    ris.note(`line broke: ${event.error.message}`);
    socket.destroy();
  });
}
