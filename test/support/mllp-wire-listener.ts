import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { listenMllp } from '#adapters/hl7/mllp-server.js';
import type { MllpAnswer, MllpFault, MllpServer, MllpServerOptions } from '#adapters/hl7/mllp-server.js';

/** What a test opened; `closeAll` ends it, last first. */
const open: (() => unknown)[] = [];
export function later(close: () => unknown): void {
  open.push(close);
}
export async function closeAll(): Promise<void> {
  for (const close of open.splice(0).reverse()) await close();
}

/** Original mode: one answer. */
export const plain = (application: Buffer | string): MllpAnswer => ({ commit: null, application: Buffer.from(application), identity: 'it' });

export interface Listening {
  readonly server: MllpServer;
  readonly faults: MllpFault[];
  readonly refused: { readonly address: string; readonly why: string }[];
  readonly answered: string[];
}

/** The listener under test; it answers `ok ` and the message, unless told otherwise. */
export async function listening(more: Partial<MllpServerOptions> = {}): Promise<Listening> {
  const faults: MllpFault[] = [];
  const refused: Listening['refused'] = [];
  const answered: string[] = [];
  const server = await listenMllp({
    host: '127.0.0.1',
    port: 0,
    onMessage: async (bytes) => plain(`ok ${bytes.toString('latin1')}`),
    onOversize: async ({ length }) => plain(`too long ${length}`),
    onFault: (fault) => faults.push(fault),
    onRefused: (who) => refused.push(who),
    onAnswered: (identity) => answered.push(identity),
    ...more,
  });
  later(() => server.close());
  return { server, faults, refused, answered };
}

export interface Caller {
  readonly socket: Socket;
  /** Frames that came back, frames taken off. */
  readonly answers: string[];
  until(count: number): Promise<string[]>;
  closed(): Promise<void>;
}

/** Reads frames off a socket without the framing under test. */
export function reading(socket: Socket): Caller {
  later(() => socket.destroy());
  const answers: string[] = [];
  let rest = '';
  let wake = (): void => undefined;
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    const parts = (rest + chunk.toString('latin1')).split('\u001c\r');
    rest = parts.pop() ?? '';
    answers.push(...parts.map((part) => part.slice(1)));
    wake();
  });
  socket.on('close', () => {
    wake();
  });
  return {
    socket,
    answers,
    until: async (count) => {
      while (answers.length < count) {
        if (socket.destroyed) throw new Error(`closed after ${answers.length} answers of ${count}`);
        await new Promise<void>((done) => (wake = done));
      }
      return answers;
    },
    closed: () => new Promise<void>((done) => (socket.closed ? done() : socket.once('close', () => done()))),
  };
}

export async function calling(server: { readonly host: string; readonly port: number }): Promise<Caller> {
  const socket = connect(server.port, server.host);
  await once(socket, 'connect');
  return reading(socket);
}

export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Waits until it is so; an Error names what never became so. */
export async function soon(what: string, isSo: () => boolean | Promise<boolean>, ms = 5000): Promise<void> {
  const until = performance.now() + ms;
  while (!(await isSo())) {
    if (performance.now() > until) throw new Error(`not within ${ms} ms: ${what}`);
    await pause(5);
  }
}
