import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { LookupFunction } from 'node:net';
import { failed, failedBy } from './failed.ts';
import type { Failed } from './failed.ts';
import { open } from './open.ts';

/** An answer longer than this is not read. */
const MOST_BYTES = 64 * 1024;
/** An alert may not be sent away for longer. */
const LONGEST_WAIT_SECONDS = 60;

export interface Outgoing {
  readonly who: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

/** `json`: null when the answer was empty. */
export type Posted = { readonly ok: true; readonly json: unknown } | Failed;

/** One POST on a connection of its own; no redirect, no repeat. */
export async function post({ who, url, headers, body }: Outgoing, lookup: LookupFunction, signal: AbortSignal): Promise<Posted> {
  const tls = url.protocol === 'https:';
  const port = url.port === '' ? (tls ? 443 : 80) : Number(url.port);
  const opened = await open({ who, host: url.hostname.replace(/^\[|\]$/gu, ''), port, tls }, lookup, signal);
  if (!opened.ok) return opened;
  const { socket } = opened;
  try {
    return await new Promise<Posted>((done) => {
      const asked = request({
        method: 'POST',
        path: url.pathname + url.search,
        headers: {
          ...headers,
          host: url.host,
          'content-type': 'application/json; charset=utf-8',
          'content-length': Buffer.byteLength(body),
          accept: 'application/json',
          connection: 'close',
        },
        createConnection: () => socket,
      });
      const late = (): void => {
        done(failed('timed-out-after-send', `${who} did not answer in time`));
      };
      signal.addEventListener('abort', late, { once: true });
      asked.on('error', (error: NodeJS.ErrnoException) => {
        done(cut(who, error));
      });
      asked.once('upgrade', () => {
        done(failed('answer-unreadable', `${who} answered something that is not agreed`));
      });
      asked.once('response', (response) => {
        read(who, response).then(done, () => {
          done(failed('cut-after-send', `${who} broke off its answer`));
        });
      });
      asked.end(body);
      if (signal.aborted) late();
    });
  } finally {
    socket.destroy();
  }
}

function cut(who: string, error: NodeJS.ErrnoException): Failed {
  if (error.code?.startsWith('HPE_') === true) return failed('answer-unreadable', `${who} answered something that is not HTTP`);
  return failed('cut-after-send', `${who} closed the connection without an answer`);
}

async function read(who: string, response: IncomingMessage): Promise<Posted> {
  const { statusCode: status = 0 } = response;
  if (status < 200 || status >= 300) return failedBy(who, status, retryAfter(response));
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    length += part.byteLength;
    if (length > MOST_BYTES) return failed('answer-unreadable', `${who} answered more than 64 KB`);
    parts.push(part);
  }
  const text = Buffer.concat(parts).toString('utf8').trim();
  if (text === '') return { ok: true, json: null };
  try {
    return { ok: true, json: JSON.parse(text) };
  } catch {
    // A proxy's page with status 200: nobody was paged.
    return failed('answer-unreadable', `${who} answered something that is not JSON`);
  }
}

/** RFC 9110 10.2.3: seconds, or a date, reckoned from the server's own Date. Undefined: our own waits. */
function retryAfter({ headers }: IncomingMessage): number | undefined {
  const value = headers['retry-after']?.trim() ?? '';
  const seconds = /^\d{1,9}$/u.test(value) ? Number(value) : Math.ceil((Date.parse(value) - Date.parse(headers.date ?? '')) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 1), LONGEST_WAIT_SECONDS);
}
