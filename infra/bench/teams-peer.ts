import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseArgs } from 'node:util';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';

/**
 * Teams for the bench, and a RIS that takes everything, in a process of their own: the local OpenID provider whose tokens the service's guard checks, the token endpoint of its managed identity, and a
 * connector that holds the bot to the published limits, 30 requests a second for the app and the four windows of a conversation. What is more gets 429 with
 * Retry-After. It keeps when each request came first. Its clock is this machine's.
 */
const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, 'app-id': { type: 'string', default: '' }, 'ris-port': { type: 'string', default: '0' } },
});

interface Window {
  readonly most: number;
  readonly perMs: number;
}
const OF_APP: readonly Window[] = [{ most: 30, perMs: 1_000 }];
const OF_CONVERSATION: readonly Window[] = [
  { most: 7, perMs: 1_000 },
  { most: 8, perMs: 2_000 },
  { most: 60, perMs: 30_000 },
  { most: 1_800, perMs: 3_600_000 },
];

/** Milliseconds that an answer takes, as Teams takes them. */
const ANSWER_MS = 40;

interface Seen {
  readonly at: number;
  readonly what: 'posted' | 'edited' | 'told' | 'opened' | 'replied';
  readonly conversation: string;
  readonly status: number;
  /** Case numbers that the card names. */
  readonly cases: readonly string[];
}

const seen: Seen[] = [];
const times = new Map<string, number[]>();
const appTimes: number[] = [];
/** Conversation -> nothing may be sent there before. */
const held = new Map<string, number>();
const threads: string[] = [];
/** Threads of which the next request is answered 429 with so many seconds. */
const sitOut = new Map<string, number>();
/** While it is a number, every call is answered 429 with so many seconds, in whatever conversation. */
let throttled: number | null = null;
/** Conversation -> when it was last answered so. What was on its way then is not early. */
const throttledAt = new Map<string, number>();
const ON_THE_WAY_MS = 500;
let early = 0;
let posted = 0;

const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
const jwk = { ...(await exportJWK(publicKey)), kid: 'bench', use: 'sig', endorsements: ['msteams'] };

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    answer(request, Buffer.concat(chunks).toString('utf8'), response).catch(() => response.destroy());
  });
});

async function answer(request: IncomingMessage, text: string, response: ServerResponse): Promise<void> {
  const path = decodeURIComponent(request.url ?? '');
  const json = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
  if (path.startsWith('/.well-known')) return json(200, { issuer: origin(), jwks_uri: `${origin()}/keys` });
  if (path === '/keys') return json(200, { keys: [jwk] });
  if (path.startsWith('/msi/token')) {
    const expires = String(Math.floor(Date.now() / 1000) + 3600);
    return json(200, { access_token: 'bench', expires_on: expires, resource: 'https://api.botframework.com', token_type: 'Bearer' });
  }
  if (path === '/token') return json(200, { token: await token() });
  if (path === '/seen') return json(200, { seen: seen.slice(Number(request.headers['x-since'] ?? 0)), early });
  if (path === '/sit-out') {
    const { seconds } = JSON.parse(text) as { seconds: number };
    for (const thread of threads) sitOut.set(thread, seconds);
    return json(200, {});
  }
  if (path === '/throttle') {
    ({ seconds: throttled } = JSON.parse(text) as { seconds: number | null });
    return json(200, {});
  }
  return connector(request.method ?? '', path, JSON.parse(text === '' ? 'null' : text) as Body, json);
}

interface Body {
  readonly channelData?: { readonly channel?: { readonly id?: string } };
  readonly members?: readonly { readonly id: string }[];
}

async function connector(
  method: string,
  path: string,
  body: Body,
  json: (status: number, body: unknown, headers?: Record<string, string>) => void,
): Promise<void> {
  const [, conversation = ''] = /\/v3\/conversations\/([^/]+)/u.exec(path) ?? [];
  const channel = body.channelData?.channel?.id;
  const where = conversation === '' ? (channel ?? `a:${body.members?.[0]?.id ?? ''}`) : conversation;
  const what =
    conversation === ''
      ? channel === undefined
        ? 'opened'
        : 'posted'
      : method === 'PUT'
        ? 'edited'
        : path.endsWith('/activities')
          ? 'told'
          : 'replied';
  const waitMs = refused(where);
  const cases = [...new Set([...JSON.stringify(body).matchAll(/"caseNumber":"([^"]+)"/gu)].map(([, number]) => number ?? ''))];
  seen.push({ at: Date.now(), what, conversation: where, status: waitMs > 0 ? 429 : 200, cases });
  if (waitMs > 0) return json(429, { error: { code: 'TooManyRequests', message: 'slower' } }, { 'retry-after': String(Math.ceil(waitMs / 1000)) });
  await new Promise((done) => setTimeout(done, ANSWER_MS));
  posted += 1;
  if (what === 'posted') {
    threads.push(`${where};messageid=${posted}`);
    return json(201, { id: threads.at(-1), activityId: String(posted) });
  }
  if (what === 'opened') return json(201, { id: where });
  return json(200, { id: String(posted) });
}

/** Milliseconds for which it must wait; 0: it may come in. */
function refused(conversation: string): number {
  const now = Date.now();
  const until = held.get(conversation) ?? 0;
  if (until > now) {
    if (now - (throttledAt.get(conversation) ?? 0) > ON_THE_WAY_MS) early += 1;
    return until - now;
  }
  const seconds = sitOut.get(conversation) ?? throttled;
  if (seconds !== null) {
    if (!sitOut.delete(conversation)) throttledAt.set(conversation, now);
    held.set(conversation, now + seconds * 1000);
    return seconds * 1000;
  }
  const own = times.get(conversation) ?? [];
  times.set(conversation, own);
  const wait = Math.max(over(appTimes, OF_APP, now), over(own, OF_CONVERSATION, now));
  if (wait > 0) {
    held.set(conversation, now + wait);
    return wait;
  }
  own.push(now);
  appTimes.push(now);
  return 0;
}

function over(all: readonly number[], windows: readonly Window[], now: number): number {
  return Math.max(0, ...windows.map(({ most, perMs }) => (all[all.length - most] ?? 0) + perMs - now));
}

function token(): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ serviceurl: `${origin()}/_connector` })
    .setProtectedHeader({ alg: 'RS256', kid: 'bench' })
    .setIssuer(origin())
    .setAudience(values['app-id'])
    .setNotBefore(now - 10)
    .setExpirationTime(now + 3600)
    .sign(privateKey);
}

function origin(): string {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

/** A RIS that takes everything. */
const ris = createTcpServer((socket) => {
  let kept = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    kept += chunk;
    for (let end = kept.indexOf('\x1c\r'); end >= 0; end = kept.indexOf('\x1c\r')) {
      const fields =
        kept
          .slice(kept.indexOf('\v') + 1, end)
          .split('\r')[0]
          ?.split('|') ?? [];
      kept = kept.slice(end + 2);
      const header = ['MSH', '^~\\&', fields[4], fields[5], fields[2], fields[3], fields[6], '', 'ACK', `A${fields[9] ?? ''}`, 'P', '2.5.1'];
      socket.write(`\v${header.join('|')}\rMSA|AA|${fields[9] ?? ''}\r\x1c\r`);
    }
  });
  socket.on('error', () => socket.destroy());
});
ris.listen(Number(values['ris-port']), '127.0.0.1');
server.listen(Number(values.port), '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ ready: true, origin: origin() })}\n`);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0));
