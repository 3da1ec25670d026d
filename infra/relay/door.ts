import { Agent as PlainAgent, request as requestPlain } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent as TlsAgent, request as requestTls } from 'node:https';
import { readAll } from '#adapters/hl7/relay-client.js';
import { isLoopback } from '#adapters/hl7/tls.js';

/** What became of a body that was brought to the site's HTTPS door. */
export type Brought =
  /** The door's answer: an HL7 ACK, a batch of two, or nothing (null) to what is itself an ACK. */
  | { readonly kind: 'answered'; readonly body: Buffer | null }
  /** The door has not taken it, for certain. `isForGood`: nor will it. */
  | { readonly kind: 'not-taken'; readonly why: string; readonly isForGood: boolean }
  /** It may have been taken, it may not. */
  | { readonly kind: 'unknown'; readonly why: string };

export interface Door {
  readonly bring: (body: Buffer, contentType: string, token: string) => Promise<Brought>;
  readonly close: () => void;
}

/** Statuses by which /api/hl7 says that it kept nothing: no facility, too large, not HL7, too many. Any other may come from something between it and us, after it had committed. */
const NOT_TAKEN = { 400: true, 401: false, 403: false, 404: false, 413: true, 415: true, 429: false } as const satisfies Record<number, boolean>;

export interface DoorAddress {
  readonly url: string;
  readonly timeoutSeconds: number;
  /** PEM; left out: the authorities that Node believes. */
  readonly ca?: string;
}

/** @throws when the address is not https and not on this machine */
export function openDoor({ url, timeoutSeconds, ca }: DoorAddress): Door {
  const to = new URL(url);
  if (to.protocol !== 'https:' && !isLoopback(to.hostname)) throw new Error(`The door ${url} is not on this machine: it must be https.`);
  const isTls = to.protocol === 'https:';
  const agent = isTls
    ? new TlsAgent({ keepAlive: true, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) })
    : new PlainAgent({ keepAlive: true });
  const once = (body: Buffer, contentType: string, token: string): Promise<Brought & { readonly isStale?: boolean }> =>
    new Promise((settle) => {
      const headers = { 'Content-Type': contentType, 'Content-Length': body.length, Authorization: `Bearer ${token}` };
      const asked = (isTls ? requestTls : requestPlain)(to, { method: 'POST', agent, headers, timeout: timeoutSeconds * 1000 });
      const sent = watchSent(asked, isTls);
      asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
      asked.on('error', (error) => {
        const why = reasonOf(error);
        if (!sent()) settle({ kind: 'not-taken', why: `not reached (${why})`, isForGood: false });
        else settle({ kind: 'unknown', why, isStale: asked.reusedSocket && why === 'ECONNRESET' });
      });
      asked.on('response', (response) => {
        answerOf(response).then(settle, (error: unknown) => { settle({ kind: 'unknown', why: reasonOf(error) }); }); // prettier-ignore
      });
      asked.end(body);
    });
  return {
    async bring(body, contentType, token) {
      const first = await once(body, contentType, token);
      // A kept-alive connection that the other side had closed meanwhile: the same bytes again do no harm, the door knows them.
      return first.kind === 'unknown' && first.isStale === true ? once(body, contentType, token) : first;
    },
    close: () => {
      agent.destroy();
    },
  };
}

/** Can the other side have had a byte of the request? Not before the connection, and its TLS, stood. */
function watchSent(asked: ClientRequest, isTls: boolean): () => boolean {
  let isOpen = false;
  asked.on('socket', (socket) => {
    if (asked.reusedSocket) isOpen = true;
    else socket.once(isTls ? 'secureConnect' : 'connect', () => { isOpen = true; }); // prettier-ignore
  });
  return () => isOpen;
}

async function answerOf(response: IncomingMessage): Promise<Brought> {
  const body = await readAll(response);
  const status = response.statusCode ?? 0;
  if (status === 204) return { kind: 'answered', body: null };
  if (status === 200 && /^(?:MSH|BHS|FHS)/u.test(body.subarray(0, 3).toString('latin1'))) return { kind: 'answered', body };
  if (status in NOT_TAKEN) return { kind: 'not-taken', why: `HTTP ${String(status)}`, isForGood: NOT_TAKEN[status as keyof typeof NOT_TAKEN] };
  return { kind: 'unknown', why: status === 200 ? 'answer is no HL7' : `HTTP ${String(status)}` };
}

/** A code, never a text that somebody else wrote. */
function reasonOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : error instanceof Error && error.message === 'no answer in time' ? 'no answer in time' : 'failed';
}
