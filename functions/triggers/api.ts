import { app } from '@azure/functions';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { addressesOf } from './teams.ts';

interface ApiRequest {
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly fetchSite: string | undefined;
  readonly origin: string | undefined;
  readonly host: string | undefined;
  readonly addresses: readonly string[];
  readonly body: Buffer;
}

interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** The tab's door. Everything about a request is checked in bot/tab. */
interface Door {
  page(file: string, request: Omit<ApiRequest, 'body'>): ApiAnswer;
  ask(request: ApiRequest): Promise<ApiAnswer>;
  signIn(request: ApiRequest): Promise<ApiAnswer>;
}

type Handler = (request: HttpRequest) => Promise<HttpResponseInit>;

/** GET /api/tab/…: the tab's page. POST /api/tab/ask: what it asks. POST /api/tab/sign-in: the rehearsal site's person picker. */
export function registerApi(door: Door, rehearsal: boolean): void {
  const { page, ask, signIn } = apiHandlers(door);
  app.http('tab', { methods: ['GET'], authLevel: 'anonymous', route: 'tab/{*file}', handler: page });
  app.http('tab-ask', { methods: ['POST'], authLevel: 'anonymous', route: 'tab/ask', handler: ask });
  if (rehearsal) app.http('tab-sign-in', { methods: ['POST'], authLevel: 'anonymous', route: 'tab/sign-in', handler: signIn });
}

export function apiHandlers(door: Door): Readonly<Record<'page' | 'ask' | 'signIn', Handler>> {
  return {
    page: (request) => Promise.resolve(responseOf(door.page(request.params['file'] ?? '', headOf(request)))),
    ask: async (request) => responseOf(await door.ask(await whole(request))),
    signIn: async (request) => responseOf(await door.signIn(await whole(request))),
  };
}

async function whole(request: HttpRequest): Promise<ApiRequest> {
  return { ...headOf(request), body: Buffer.from(await request.arrayBuffer()) };
}

function headOf(request: HttpRequest): Omit<ApiRequest, 'body'> {
  const header = (name: string): string | undefined => request.headers.get(name) ?? undefined;
  return {
    authorization: header('authorization'),
    contentType: header('content-type'),
    contentEncoding: header('content-encoding'),
    fetchSite: header('sec-fetch-site'),
    origin: header('origin'),
    host: header('host'),
    addresses: addressesOf(request),
  };
}

function responseOf({ status, headers, body }: ApiAnswer): HttpResponseInit {
  return { status, headers: { ...headers }, ...(body.length === 0 ? {} : { body }) };
}
