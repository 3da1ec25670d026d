import { request } from 'node:http';
import type { LookupFunction, Socket } from 'node:net';
import { guardedLookup } from './guard.ts';
import { open } from './open.ts';

/** Seconds in which an answer must have begun. */
const WITHIN = 5;
const lookup: LookupFunction = guardedLookup();

/** GET on a connection of its own, as a page goes out: nothing of us in it, no redirect, and of the answer nothing but its status. @returns whether that was 2xx, in time */
export async function ping(address: string): Promise<boolean> {
  const url = new URL(address);
  const tls = url.protocol === 'https:';
  const port = url.port === '' ? (tls ? 443 : 80) : Number(url.port);
  const signal = AbortSignal.timeout(WITHIN * 1000);
  const opened = await open({ who: 'it', host: url.hostname.replace(/^\[|\]$/gu, ''), port, tls }, lookup, signal);
  if (!opened.ok) return false;
  try {
    const status = await statusOf(url, opened.socket, signal);
    return status >= 200 && status < 300;
  } finally {
    opened.socket.destroy();
  }
}

/** 0: no answer that can be read. */
function statusOf(url: URL, socket: Socket, signal: AbortSignal): Promise<number> {
  return new Promise((done) => {
    const none = (): void => {
      done(0);
    };
    if (signal.aborted) none();
    signal.addEventListener('abort', none, { once: true });
    const headers = { host: url.host, connection: 'close' };
    const asked = request({ method: 'GET', path: url.pathname + url.search, headers, createConnection: () => socket });
    asked.on('error', none);
    asked.once('upgrade', none);
    asked.once('response', ({ statusCode = 0 }) => {
      done(statusCode);
    });
    asked.end();
  });
}
