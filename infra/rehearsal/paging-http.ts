import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod/v4';
import type { PagingAnswers } from './paging-answers.ts';
import type { Fault, PagingFaults } from './paging-faults.ts';
import { renderPages, renderPagesList } from './paging-html.ts';
import type { Arrival, PagingLedger } from './paging-ledger.ts';
import { wrongWithAccessKey, wrongWithSignature } from './paging-signatures.ts';
import { listen, stopListening } from './listening.ts';

export interface PagingHttpOptions {
  readonly port: number;
  readonly ledger: PagingLedger;
  readonly faults: PagingFaults;
  readonly answers: PagingAnswers;
  /** Any of them may sign a page. */
  readonly secrets: readonly string[];
  /** Base64. */
  readonly accessKey: string;
}

const pagerBody = z.strictObject({ key: z.string(), subject: z.string(), text: z.string(), callBack: z.string(), to: z.string() });
const smsBody = z.object({
  from: z.string(),
  smsRecipients: z
    .array(
      z.object({
        to: z.string().regex(/^\+\d+$/u),
        repeatabilityRequestId: z.guid(),
        repeatabilityFirstSent: z.string().refine((at) => !Number.isNaN(Date.parse(at))),
      }),
    )
    .min(1),
  message: z.string().min(1),
  smsSendOptions: z.object({ enableDeliveryReport: z.boolean(), tag: z.string().optional() }).optional(),
});
const voiceBody = z.strictObject({ to: z.string().regex(/^\+\d+$/u), from: z.string(), say: z.string().min(1), key: z.string() });

/** What a good request is answered: status and body. */
interface Taken {
  /** False: nobody wants to know what becomes of it. @default true */
  readonly isReported?: boolean;
  readonly arrivals: readonly Arrival[];
  readonly answer: (failedStatus: number | null) => readonly [number, unknown];
}

/**
 * Webhook (POST /pager), SMS (POST /sms) and calls (POST /calls), each checked as its contract says; a page that shows what arrived on all channels (GET /, as
 * JSON GET /pages.json), the control of faults (POST and GET /faults), and what people answer (POST /replies).
 */
export async function startPagingHttp(options: PagingHttpOptions): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const { ledger, faults, answers, secrets, accessKey } = options;
  const ways = {
    pager: { read: readPager, wrong: (request: IncomingMessage, body: string) => wrongWithSignature(request.headers, body, secrets, Date.now()) },
    sms: { read: readSms, wrong: (request: IncomingMessage, body: string) => wrongWithAccessKey({ url: request.url ?? '', headers: request.headers }, body, accessKey, Date.now()) },
    voice: { read: readVoice, wrong: (request: IncomingMessage, body: string) => wrongWithAccessKey({ url: request.url ?? '', headers: request.headers }, body, accessKey, Date.now()) },
  } as const; // prettier-ignore

  const take = async (channel: 'pager' | 'sms' | 'voice', request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const fault = faults.next(channel);
    if (fault?.what === 'down' || fault?.what === 'cut') return void request.socket.resetAndDestroy();
    const body = await text(request);
    const way = ways[channel];
    const wrong = way.wrong(request, body);
    const read = wrong === null ? way.read(body, request) : wrong;
    const nobody: Arrival = { channel, key: '', to: '', subject: null, text: '', callBack: null };
    if (typeof read === 'string') {
      ledger.write('refused', nobody, read);
      return send(response, wrong === null ? 400 : 401, { error: { code: wrong === null ? 'BadRequest' : 'Denied', message: read } });
    }
    const refused = fault === null ? null : refusalOf(fault);
    const seen = refused === null && fault?.what !== 'hang' && fault?.what !== 'recipient' && fault?.what !== 'undeliverable';
    for (const one of read.arrivals) ledger.write(seen ? 'arrived' : 'refused', one, fault?.what ?? null);
    if (refused !== null) return refused(response);
    if (fault?.what === 'hang' || fault?.what === 'hang-after') return;
    if (fault?.what === 'cut-after') return void request.socket.resetAndDestroy();
    if (fault?.what === 'slow') await new Promise((done) => setTimeout(done, fault.ms).unref());
    send(response, ...read.answer(fault?.what === 'recipient' ? fault.status : null));
    if (channel === 'pager' || fault?.what === 'recipient' || read.isReported === false) return;
    for (const { key, to } of read.arrivals) answers.sent({ channel, id: idOf[channel](key), to }, seen);
  };

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const failing = (error: unknown): void => {
      response.destroy(error instanceof Error ? error : undefined);
    };
    switch (`${request.method ?? ''} ${pathname}`) {
      case 'POST /pager':
        take('pager', request, response).catch(failing);
        return;
      case 'POST /sms':
        take('sms', request, response).catch(failing);
        return;
      case 'POST /calls':
        take('voice', request, response).catch(failing);
        return;
      case 'POST /faults':
        setFault(request, response, faults).catch(failing);
        return;
      case 'POST /replies':
        reply(request, response, answers).catch(failing);
        return;
      case 'GET /faults':
        return send(response, 200, { faults: faults.now() });
      case 'GET /pages.json':
        return send(response, 200, { pages: ledger.lines });
      case 'GET /list':
        return page(response, renderPagesList(ledger.lines));
      case 'GET /':
        return page(response, renderPages(ledger.lines));
      default:
        request.resume();
        send(response, 404, { error: { message: 'not here: what arrived is at /, as JSON at /pages.json' } });
    }
  });
  const port = await listen(server, options.port, 'pages, SMS and calls (--paging-ports)');
  return {
    url: `http://127.0.0.1:${String(port)}`,
    stop: async () => {
      server.closeAllConnections();
      await stopListening(server);
    },
  };
}

function readPager(body: string, { headers }: IncomingMessage): Taken | string {
  const parsed = pagerBody.safeParse(jsonOf(body));
  if (!parsed.success) return 'the body is not that of a page';
  if (headers['idempotency-key'] !== parsed.data.key) return 'idempotency-key is not the key of the page';
  return { arrivals: [{ channel: 'pager', ...parsed.data }], answer: () => [200, { id: `page-${parsed.data.key.slice(0, 12)}` }] };
}

function readSms(body: string, request: IncomingMessage): Taken | string {
  const version = new URL(request.url ?? '/', 'http://127.0.0.1').searchParams.get('api-version');
  if (version !== '2021-03-07') return 'api-version is not 2021-03-07';
  const parsed = smsBody.safeParse(jsonOf(body));
  if (!parsed.success) return 'the body is not that of an SMS';
  const { smsRecipients, message, smsSendOptions } = parsed.data;
  return {
    isReported: smsSendOptions?.enableDeliveryReport ?? false,
    arrivals: smsRecipients.map(({ to, repeatabilityRequestId: key }) => ({ channel: 'sms', key, to, subject: null, text: message, callBack: null })),
    answer: (failedStatus) => [
      202,
      {
        value: smsRecipients.map(({ to, repeatabilityRequestId: key }) => ({
          ...{ to, messageId: idOf.sms(key), httpStatusCode: failedStatus ?? 202, successful: failedStatus === null },
          ...{ repeatabilityResult: 'accepted', errorMessage: failedStatus === null ? null : `The number ${to} could not be reached` },
        })),
      },
    ],
  };
}

function readVoice(body: string): Taken | string {
  const parsed = voiceBody.safeParse(jsonOf(body));
  if (!parsed.success) return 'the body is not that of a call';
  const { key, to, say } = parsed.data;
  return {
    arrivals: [{ channel: 'voice', key, to, subject: null, text: say, callBack: null }],
    answer: () => [201, { id: idOf.voice(key) }],
  };
}

function refusalOf({ what, retryAfterSeconds }: Fault): ((response: ServerResponse) => void) | null {
  const again: Record<string, string> = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  const by = (status: number, headers: Record<string, string> = {}) => (response: ServerResponse): void => send(response, status, { error: { message: 'on purpose' } }, headers); // prettier-ignore
  switch (what) {
    case 'throttled':
      return by(429, again);
    case 'unavailable':
      return by(503, again);
    case 'refused':
      return by(400);
    case 'not-allowed':
      return by(403);
    case 'redirect':
      return by(302, { location: '/elsewhere' });
    case 'garbage':
      return (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please log in to the guest network</html>');
    case 'huge':
      return (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(`{"id":"${'x'.repeat(4_000_000)}"}`);
    default:
      return null;
  }
}

/** The gateway's own ids, the same for a repeat. */
const idOf = { sms: (key: string): string => `Outgoing_${key}`, voice: (key: string): string => `call-${key.slice(0, 12)}` } as const;

async function reply(request: IncomingMessage, response: ServerResponse, answers: PagingAnswers): Promise<void> {
  const body = await text(request);
  if (request.headers.origin !== undefined) return send(response, 403, { error: { message: 'replies are made on this machine only' } });
  const wrong = answers.answer(jsonOf(body));
  send(response, wrong === undefined ? 202 : 400, wrong === undefined ? {} : { error: { message: wrong } });
}

async function setFault(request: IncomingMessage, response: ServerResponse, faults: PagingFaults): Promise<void> {
  const body = await text(request);
  if (request.headers.origin !== undefined) return send(response, 403, { error: { message: 'faults are set from this machine only' } });
  const wrong = faults.set(jsonOf(body));
  send(response, wrong === undefined ? 200 : 400, wrong === undefined ? { faults: faults.now() } : { error: { message: wrong } });
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(JSON.stringify(body));
}

function page(response: ServerResponse, html: string): void {
  response
    .writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'",
      'x-content-type-options': 'nosniff',
    })
    .end(html);
}
