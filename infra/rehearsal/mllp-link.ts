import type { Socket } from 'node:net';
import { Hl7Message } from '@medplum/core';
import { Hl7Connection } from '@medplum/hl7';

const VT = 0x0b;
const FS = 0x1c;
const CR = 0x0d;

/** A message as @medplum/hl7 types it: it brings a @medplum/core of its own, whose classes TypeScript keeps apart from ours. */
type WireMessage = Parameters<Hl7Connection['send']>[0];

function isWireMessage(message: unknown): message is WireMessage {
  return message instanceof Hl7Message;
}

/** Text as something the library will send. */
export function toWire(text: string): WireMessage {
  const message: unknown = Hl7Message.parse(text);
  if (!isWireMessage(message)) throw new Error('@medplum/hl7 and @medplum/core no longer fit together');
  return message;
}

/** The bytes of a message on the wire: exactly what the library writes, so that the ledger can hold them before they leave. */
export function framed(text: string): Buffer {
  return Buffer.concat([Buffer.from([VT]), Buffer.from(text, 'utf8'), Buffer.from([FS, CR])]);
}

/** The text of a frame. */
export function unframed(frame: Buffer): string {
  return frame.subarray(1, -2).toString('utf8');
}

/** The text as the library will send it. */
export function asSent(text: string): string {
  return Hl7Message.parse(text).toString();
}

/** Calls `onFrame` with each frame as it came off the socket, delimiters included, before any library has touched it. */
export function tapFrames(socket: Socket, onFrame: (frame: Buffer) => void): void {
  let held = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    for (;;) {
      const start = held.indexOf(VT);
      if (start < 0) return;
      const end = held.indexOf(Buffer.from([FS, CR]), start);
      if (end < 0) return;
      onFrame(Buffer.from(held.subarray(start, end + 2)));
      held = held.subarray(end + 2);
    }
  });
}

export interface Exchange {
  /** Sends one message and waits for its answer's text; null when the line broke or nothing came in time (then the line is closed). */
  send(text: string): Promise<string | null>;
  close(): Promise<void>;
}

/** A line on which one message is under way at a time. */
export function exchange(socket: Socket, ackTimeoutMs: number): Exchange {
  const connection = new Hl7Connection(socket, 'utf-8');
  connection.addEventListener('error', () => {
    // The close that follows, or the timeout, ends the wait.
  });
  return {
    send: async (text) => {
      const given = await new Promise<string | null>((resolve) => {
        const timer = setTimeout(() => {
          resolve(null);
        }, ackTimeoutMs);
        const done = (answer: string | null): void => {
          clearTimeout(timer);
          socket.off('close', broken);
          resolve(answer);
        };
        const broken = (): void => {
          done(null);
        };
        socket.once('close', broken);
        connection.sendAndWait(toWire(text)).then((answer) => {
          done(answer.toString());
        }, broken);
      });
      if (given === null) await connection.close();
      return given;
    },
    close: () => connection.close(),
  };
}
