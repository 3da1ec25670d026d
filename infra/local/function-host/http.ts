import type { IncomingMessage, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Route } from './routes.ts';
import { findRoute } from './routes.ts';
import type { HostLog, RegisteredFunction } from './worker.ts';
import { traceOf } from './invoke.ts';

/** What the library gives back for an HTTP function (RpcHttp of the worker protocol), as far as it is read here. */
interface WireResponse {
  readonly statusCode?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly bytes?: Uint8Array } | null;
  readonly cookies?: readonly WireCookie[];
}

interface WireCookie {
  readonly name: string;
  readonly value: string;
  readonly domain?: { readonly value: string };
  readonly path?: { readonly value: string };
  readonly expires?: { readonly value: { readonly seconds?: number } };
  readonly secure?: { readonly value: boolean };
  readonly httpOnly?: { readonly value: boolean };
  readonly sameSite?: 'none' | 'lax' | 'strict' | 'explicitNone';
  readonly maxAge?: { readonly value: number };
}

export interface HttpFront {
  readonly routes: readonly Route<RegisteredFunction>[];
  /** Scheme, host and port that requests are shown to have come to; the Host header is the sender's word and is not used. */
  readonly origin: () => string;
  readonly bodyLimitBytes: number;
  readonly call: (target: RegisteredFunction, data: Readonly<Record<string, unknown>>) => Promise<unknown>;
  readonly log: HostLog;
}

/** Answers one request: 404 without a route, 413 over the body limit, 500 with an empty body when the function threw. */
export async function answer(front: HttpFront, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = request.url ?? '';
  const method = request.method ?? '';
  const end = (status: number, text = ''): void => {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(text);
  };
  if (!url.startsWith('/')) {
    end(400, 'The request does not name a path.');
    return;
  }
  let found: ReturnType<typeof findRoute<RegisteredFunction>>;
  try {
    found = findRoute(front.routes, method, url.split('?', 1)[0] ?? '');
  } catch {
    end(400, 'The path is not encoded properly.');
    return;
  }
  if (found === null) {
    end(404);
    return;
  }
  const bytes = await readBody(request, front.bodyLimitBytes);
  if (bytes === 'too long') {
    end(413, `The body is over the limit of ${String(front.bodyLimitBytes)} bytes.`);
    return;
  }
  if (bytes === 'cut') return;
  const http = { method, url: front.origin() + url, headers: headersOf(request), params: found.params, body: { bytes } };
  try {
    send(response, await front.call(found.target, { http }));
  } catch (error) {
    front.log('error', 'system', `${found.target.name}: the function threw and was answered 500. ${traceOf(error)}`);
    if (response.headersSent) response.destroy();
    else response.writeHead(500).end();
  }
}

/** On Azure the platform writes these and takes a client's own away; here nobody may pass for a signed-in user or for the holder of a certificate. */
function isOfPlatform(name: string): boolean {
  return name.startsWith('x-ms-client-principal') || name === CLIENT_CERTIFICATE;
}

const CLIENT_CERTIFICATE = 'x-arr-clientcert';

function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  // All of a header that came twice, so that no function is shown the first of two tokens alone.
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    if (values !== undefined && !isOfPlatform(name)) headers[name] = values.join(', ');
  }
  // As Azure's front end does: the hop that is known comes after those that the sender names.
  headers['x-forwarded-for'] = [headers['x-forwarded-for'], request.socket.remoteAddress].filter(Boolean).join(', ');
  const certificate = clientCertificate(request);
  return certificate === null ? headers : { ...headers, [CLIENT_CERTIFICATE]: certificate };
}

/** As Azure passes it on, DER in base64, and only one that an authority of the host signed and that is in its time; null: none. */
function clientCertificate({ socket }: IncomingMessage): string | null {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return null;
  return socket.getPeerX509Certificate()?.raw.toString('base64') ?? null;
}

async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | 'too long' | 'cut'> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return tooLong(request);
  const chunks: Buffer[] = [];
  let length = 0;
  return await new Promise((resolve) => {
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else resolve(tooLong(request));
    });
    request.on('end', () => {
      resolve(Buffer.concat(chunks));
    });
    request.on('error', () => {
      resolve('cut');
    });
    request.on('close', () => {
      resolve('cut');
    });
  });
}

/** Lets the sender finish for up to two seconds and keeps nothing of it: answered in the middle, it would often see a reset, not the 413. */
function tooLong(request: IncomingMessage): Promise<'too long'> {
  request.removeAllListeners('data');
  request.resume();
  return new Promise((resolve) => {
    const done = (): void => {
      resolve('too long');
    };
    const patience = setTimeout(done, 2000);
    request.once('close', () => {
      clearTimeout(patience);
      done();
    });
    request.once('end', done);
  });
}

function send(response: ServerResponse, returned: unknown): void {
  const wire: WireResponse | null = typeof returned === 'object' && returned !== null && 'http' in returned ? wireOf(returned.http) : null;
  if (wire === null) {
    response.writeHead(204).end();
    return;
  }
  for (const [name, value] of Object.entries(wire.headers ?? {})) response.setHeader(name, value);
  const cookies = (wire.cookies ?? []).map(cookieText);
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  response.statusCode = Number(wire.statusCode ?? 200);
  response.end(wire.body?.bytes);
}

/** The library's own conversion made it: its shape is Microsoft's promise, so it is not checked field by field. */
function wireOf(http: unknown): WireResponse {
  return typeof http === 'object' && http !== null ? http : {};
}

function cookieText(cookie: WireCookie): string {
  const sameSite = { none: '', lax: 'Lax', strict: 'Strict', explicitNone: 'None' }[cookie.sameSite ?? 'none'];
  const expires = cookie.expires?.value.seconds;
  return [
    `${cookie.name}=${cookie.value}`,
    cookie.domain && `Domain=${cookie.domain.value}`,
    cookie.path && `Path=${cookie.path.value}`,
    expires !== undefined && `Expires=${new Date(expires * 1000).toUTCString()}`,
    cookie.maxAge && `Max-Age=${String(cookie.maxAge.value)}`,
    cookie.secure?.value === true && 'Secure',
    cookie.httpOnly?.value === true && 'HttpOnly',
    sameSite !== '' && `SameSite=${sameSite}`,
  ]
    .filter((part) => typeof part === 'string')
    .join('; ');
}
