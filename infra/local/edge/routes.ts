import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Acted } from './act.ts';
import type { Connector } from './connector.ts';
import type { Directory } from './directory.ts';
import type { Faults } from './faults.ts';
import { BodyTooLong, isLocal, readBody, readJson, sendError, sendJson } from './http.ts';
import type { Inbound } from './inbound.ts';
import { isObject, parseJson } from './json.ts';
import type { Feed, Ledger } from './ledger.ts';
import type { OpenId } from './openid.ts';
import { PHONE_FILES, sendPhone, sendPhoneData } from './phone.ts';
import { IDENTITY_HEADER } from './settings.ts';

/** Longest wait of a question for the feed, in seconds. */
const LONGEST_WAIT = 60;

export interface Served {
  readonly openId: OpenId;
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly connector: Connector;
  readonly pages: Inbound;
  readonly act: (body: unknown) => Promise<Acted>;
  readonly appId: string;
  readonly directory: Directory;
  readonly settings: Readonly<Record<string, string>>;
}

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}
type Route = (call: Call) => Promise<void> | void;

/** What the edge answers, by path. Undefined `served`: it is still starting. */
export async function route(served: Served | undefined, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  try {
    if (!isLocal(request)) sendError(response, 403, 'NotLocal', 'the edge serves only the machine that it runs on');
    else if (!served) sendError(response, 503, 'Starting', 'the edge is starting');
    else if (url.pathname.startsWith('/_connector/')) await served.connector.handle(request, response, url.pathname.slice('/_connector'.length));
    else await (routes(served).get(url.pathname) ?? unknownPath)({ request, response, url });
  } catch (error) {
    if (error instanceof BodyTooLong) sendError(response, 413, 'TooLong', error.message);
    else sendError(response, 502, 'EdgeFailed', error instanceof Error ? error.message : 'the edge failed');
  }
}

function unknownPath({ response, url }: Call): void {
  sendError(response, 404, 'NotFound', `the edge has nothing at ${url.pathname}`);
}

function routes(served: Served): ReadonlyMap<string, Route> {
  const { openId } = served;
  const fixed =
    (body: unknown): Route =>
    ({ response }) => {
      sendJson(response, 200, body);
    };
  return new Map<string, Route>([
    ['/api/messages', (call) => messages(call, served.pages)],
    ['/act', (call) => act(call, served)],
    ['/feed', (call) => feed(call, served.ledger)],
    ['/faults', (call) => faultsOf(call, served.faults)],
    ['/settings.json', fixed(served.settings)],
    ['/.well-known/openidconfiguration', fixed(openId.metadata())],
    ['/.well-known/keys', fixed(openId.keys())],
    ['/msi/token', (call) => token(call, served)],
    ['/sign-in', (call) => signIn(call, served)],
    [
      '/phone/data.json',
      ({ response, url }: Call) => {
        sendPhoneData(response, url, served.directory);
      },
    ],
    ['/phone/feed', (call) => phoneFeed(call, served)],
    ...PHONE_FILES.map((path): [string, Route] => [
      path,
      ({ response, url }) => {
        sendPhone(response, url, served.directory);
      },
    ]),
  ]);
}

/** From the page server, which also looks whether the bot is there by a request without a body. */
async function messages({ request, response }: Call, pages: Inbound): Promise<void> {
  const source = request.method === 'POST' ? await readBody(request) : '';
  const activity = parseJson(source);
  if (source === '') sendJson(response, 200);
  else if (!isObject(activity)) sendError(response, 400, 'BadSyntax', 'an activity is a JSON object');
  else {
    const { status, body } = await pages.activity(activity);
    sendJson(response, status, body ?? undefined);
  }
}

async function act({ request, response }: Call, served: Served): Promise<void> {
  const { http, body } = await served.act(await readJson(request));
  sendJson(response, http, body);
}

async function feed({ response, url }: Call, ledger: Ledger): Promise<void> {
  sendJson(response, 200, await waitedFor(url, ledger));
}

async function waitedFor(url: URL, ledger: Ledger): Promise<Feed> {
  const [since = 0, wait = 0] = ['since', 'wait'].map((name) => Number(url.searchParams.get(name)) || 0);
  return ledger.feed(since, Math.min(Math.max(wait, 0), LONGEST_WAIT));
}

/** What was shown to one person: the channels that all are in, and their own private chat. `gone`: messages that somebody deleted. */
async function phoneFeed({ response, url }: Call, { ledger, directory, faults }: Served): Promise<void> {
  const member = directory.member(url.searchParams.get('person') ?? '');
  const { next, items } = await waitedFor(url, ledger);
  const sees = (place: string): boolean => place === member?.id || directory.places.some(({ key }) => key === place);
  sendJson(response, 200, { next, items: items.filter(({ place }) => sees(place)), gone: faults.gone() });
}

/** `POST /faults` has something go wrong from now on; `GET /faults` tells what was refused because of it. */
async function faultsOf({ request, response }: Call, faults: Faults): Promise<void> {
  if (request.method !== 'POST') {
    sendJson(response, 200, { refused: faults.refused() });
    return;
  }
  const wrong = faults.set(await readJson(request));
  if (wrong === undefined) sendJson(response, 200, {});
  else sendError(response, 400, 'BadSyntax', wrong);
}

/** `POST /sign-in?person=dr-okafor`: that person's token for the site's API. Whoever is on this machine may be anybody here, as on the Playground's page. */
async function signIn({ request, response, url }: Call, { directory, openId }: Served): Promise<void> {
  const name = url.searchParams.get('person') ?? '';
  const member = directory.member(name);
  if (request.method !== 'POST') sendError(response, 405, 'NotAllowed', 'a person signs in by POST');
  else if (member === undefined) sendError(response, 404, 'UnknownPerson', 'people.json has nobody of that id: write it as ?person=ID');
  else {
    const asked = { client: url.searchParams.get('client'), context: url.searchParams.get('context') };
    const token = await openId.signIn({ aadObjectId: member.aadObjectId, tenantId: directory.tenantId }, asked);
    sendJson(response, 200, { access_token: token, token_type: 'Bearer', expires_in: 3600 });
  }
}

/** The managed identity's endpoint, as an Azure host has it (App Service, api-version 2019-08-01). */
async function token({ request, response, url }: Call, { appId, openId }: Served): Promise<void> {
  const clientId = url.searchParams.get('client_id') ?? appId;
  if (request.headers['x-identity-header'] !== IDENTITY_HEADER) sendError(response, 401, 'Unauthorized', 'X-IDENTITY-HEADER is missing or wrong');
  else if (clientId !== appId) sendError(response, 400, 'UnknownIdentity', `no managed identity ${clientId}`);
  else sendJson(response, 200, await openId.grant(url.searchParams.get('resource') ?? ''));
}
