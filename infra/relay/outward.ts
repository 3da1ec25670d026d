import { createServer } from 'node:https';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Delivery, FailureCode } from '#core/delivery.js';
import { MllpClient } from '#adapters/hl7/mllp-client.js';
import { decode } from '#adapters/hl7/message.js';
import { FRAME_LIMIT_BYTES } from '#adapters/hl7/mllp.js';
import { readAck } from '#adapters/hl7/sender.js';
import { faultOf, isLoopback, namesOf, serverTls } from '#adapters/hl7/tls.js';
import type { TlsFiles } from '#adapters/hl7/tls.js';
import type { Say } from './inward.ts';
import type { RelaySettings } from './settings.ts';

/** Messages that wait for one receiver; the next is turned away, not received by anybody, and comes again. */
const MOST_WAITING = 100;

/** HTTP status of each failure that can come out of here; the body names the code, which is what the service reads. */
const statuses: Partial<Record<FailureCode, number>> = {
  'not-connected': 502,
  throttled: 503,
  'cut-after-send': 502,
  'answer-unreadable': 502,
  'timed-out-after-send': 504,
  'not-allowed': 404,
  'cannot-be-written': 400,
};

export interface Outward {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * HTTPS in (mutual TLS), MLLP out. `POST /send/NAME` with the message gives 200 and the receiver's own answer, byte for byte; `POST /tell/NAME` gives 202. Else a status and
 * `{"code","detail"}` with a code of core/delivery.ts. Keeps nothing: what was cut or not answered is ambiguous, and the service sends the same bytes again.
 */
export async function listenOutward(
  settings: RelaySettings,
  tls: TlsFiles,
  at: { readonly host: string; readonly port: number },
  say: Say,
): Promise<Outward> {
  const receivers = new Map(Object.entries(settings.destinations).map(([name, destination]) => [name, receiver(destination, tls)]));
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { socket } = request;
    const isService = socket instanceof TLSSocket && faultOf(socket) === null && namesOf(socket).some((name) => settings.service.includes(name));
    if (!isService) {
      say('relay.not-the-service', { address: socket.remoteAddress ?? 'unknown' });
      answer(response, 403, { code: 'not-allowed', detail: 'This certificate may not send.' });
      return;
    }
    const [, how, name = ''] = /^\/(send|tell)\/([^/?]+)$/u.exec(request.url ?? '') ?? [];
    const to = how === undefined || request.method !== 'POST' ? undefined : receivers.get(decodeURIComponent(name));
    const bytes = to === undefined ? null : await bodyOf(request);
    if (to === undefined) refuse(response, { code: 'not-allowed', detail: `The relay's settings have no such destination.` });
    else if (bytes === null) answer(response, 413, { code: 'cannot-be-written', detail: 'Longer than 10 MB.' });
    else if (how === 'tell') told(response, await to.tell(bytes, () => response.destroyed));
    else sent(response, await to.send(bytes, () => response.destroyed));
  };
  const server = createServer({ ...serverTls(tls, 30), keepAliveTimeout: 60_000 }, (request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  const port = await listen(server, at);
  return {
    port,
    async close() {
      const closed = new Promise<void>((done) => server.close(() => { done(); })); // prettier-ignore
      server.closeIdleConnections();
      await closed;
      for (const { close } of receivers.values()) close();
    },
  };
}

interface Receiver {
  readonly send: (bytes: Buffer, isGone: () => boolean) => Promise<Delivery<Buffer>>;
  readonly tell: (bytes: Buffer, isGone: () => boolean) => Promise<Delivery<null>>;
  readonly close: () => void;
}

/** One connection a receiver, one message in flight. What its caller has given up before its turn is not sent: it is being repeated already. */
function receiver({ host, port, ackTimeoutSeconds, tls }: RelaySettings['destinations'][string], own: TlsFiles): Receiver {
  const files =
    tls === null
      ? null
      : {
          ca: Buffer.from(tls.ca),
          cert: Buffer.from(own.cert),
          key: Buffer.from(own.key),
          ...(tls.serverName === undefined ? {} : { serverName: tls.serverName }),
        };
  const client = new MllpClient({ host, port, ackTimeoutSeconds, ...(files === null ? {} : { tls: () => files }) });
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = async <Receipt>(isGone: () => boolean, act: () => Promise<Delivery<Receipt>>): Promise<Delivery<Receipt>> => {
    if (files === null && !isLoopback(host))
      return { ok: false, code: 'not-allowed', detail: 'The receiver is not this machine and has no "tls" in the settings.' };
    if (waiting >= MOST_WAITING) return { ok: false, code: 'throttled', detail: 'Too many messages wait for this receiver.' };
    waiting += 1;
    const turn = last.then(() =>
      isGone() ? { ok: false as const, code: 'not-connected' as const, detail: 'The caller had gone; nothing was sent.' } : act(),
    );
    last = turn.catch(() => undefined);
    return turn.finally(() => {
      waiting -= 1;
    });
  };
  return {
    async send(bytes, isGone) {
      const controlId = controlIdOf(bytes);
      if (controlId === '') return { ok: false, code: 'cannot-be-written', detail: 'The message has no MSH-10: no answer could be matched.' };
      const answers: Buffer[] = [];
      const done = await inTurn(isGone, () =>
        // Judged as the service will: what does not answer this message ends the connection, so that it can't be taken for the next one's.
        client.exchange(bytes, (frame) => {
          answers.push(frame);
          return readAck(frame, controlId);
        }),
      );
      const [first] = answers;
      if (first !== undefined) return { ok: true, receipt: first };
      return done.ok ? { ok: false, code: 'answer-unreadable', detail: 'There was no answer.' } : done;
    },
    tell: (bytes, isGone) => inTurn(isGone, () => client.tell(bytes)),
    close: () => {
      client.close();
    },
  };
}

function controlIdOf(bytes: Buffer): string {
  const { message } = decode(bytes);
  return message?.text('MSH-10') ?? '';
}

function sent(response: ServerResponse, done: Delivery<Buffer>): void {
  if (!done.ok) refuse(response, done);
  else response.writeHead(200, { 'Content-Type': 'x-application/hl7-v2+er7', 'Content-Length': done.receipt.length }).end(done.receipt);
}

function told(response: ServerResponse, done: Delivery<null>): void {
  if (done.ok) response.writeHead(202).end();
  else refuse(response, done);
}

function refuse(response: ServerResponse, { code, detail }: { readonly code: FailureCode; readonly detail: string }): void {
  answer(response, statuses[code] ?? 502, { code, detail });
}

function answer(response: ServerResponse, status: number, body: { readonly code: FailureCode; readonly detail: string }): void {
  const text = JSON.stringify(body);
  // What is still coming of a body that is not wanted ends with the connection.
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text), Connection: 'close' }).end(text);
}

/** Null: longer than a frame may be. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > FRAME_LIMIT_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function listen(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<number> {
  await new Promise<void>((done, failed) => {
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      done();
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The relay has no TCP address.');
  return address.port;
}
