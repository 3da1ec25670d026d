import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { parseJson } from './json.ts';

/** Longest body that is read, in bytes: a card has at most 28 KB, a page of members less. */
const LONGEST_BODY = 2_000_000;

export class BodyTooLong extends Error {}

export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    length += bytes.length;
    if (length > LONGEST_BODY) throw new BodyTooLong(`a body of more than ${String(LONGEST_BODY)} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Undefined for an empty body or one that is not JSON. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  return parseJson(await readBody(request));
}

export function sendJson(response: ServerResponse, status: number, body?: unknown): void {
  if (response.headersSent) return;
  if (body === undefined) {
    response.writeHead(status).end();
    return;
  }
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': bytes.length }).end(bytes);
}

/** Bot Framework's error shape. */
export function sendError(response: ServerResponse, status: number, code: string, message: string): void {
  sendJson(response, status, { error: { code, message } });
}

/**
 * Does a request come from this machine's own pages and programs? A web page that somebody happens to have open in a browser can reach
 * loopback too, and could act as any clinician: it is given away by its Origin, or, after rebinding its name, by the Host.
 */
export function isLocal(request: IncomingMessage): boolean {
  const host = /^(127\.0\.0\.1|localhost)(:\d+)?$/u;
  const { origin } = request.headers;
  return host.test(request.headers.host ?? '') && (origin === undefined || host.test(origin.replace(/^https?:\/\//u, '')));
}

/** Listens on loopback. Port 0: any free one. Says which port was meant for what when it is taken. */
export async function listen(server: Server, port: number, purpose: string, option: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new PortInUse(port, purpose, option) : error);
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

export class PortInUse extends Error {
  constructor(port: number, purpose: string, option: string) {
    super(`port ${String(port)} (${purpose}) is in use: end what listens there, or give another with ${option}`);
  }
}
