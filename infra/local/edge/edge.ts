import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { acting } from './act.ts';
import { botLine } from './bot-line.ts';
import { connector } from './connector.ts';
import type { Directory } from './directory.ts';
import { openFace, type Face } from './faces.ts';
import { BodyTooLong, isLocal, listen, readBody, readJson, sendError, sendJson } from './http.ts';
import { startHub } from './hub.ts';
import { inbound } from './inbound.ts';
import { isObject, parseJson, text, type JsonObject } from './json.ts';
import { openLedger } from './ledger.ts';
import { openIdProvider } from './openid.ts';
import { playgroundHolds, startPlayground } from './playground.ts';
import { edgeServiceUrl, edgeSettings, edgeUrl, IDENTITY_HEADER } from './settings.ts';

export interface EdgeOptions {
  readonly dataDir: string;
  readonly directory: Directory;
  /** The bot's endpoint, such as `http://127.0.0.1:7071/api/messages`; it need not be there yet. */
  readonly bot: string;
  /** 0: any free port. */
  readonly port: number;
  /** Null: no Agents Playground and no pages; the edge's own stand-in answers the bot. */
  readonly playgroundPort: number | null;
  readonly facePorts: readonly number[];
}

/** The local Teams side, up and listening. */
export interface Edge {
  readonly url: string;
  readonly playground: string | null;
  readonly faces: readonly { readonly person: string; readonly url: string }[];
  /** Resolves when the Playground ends by itself; never without one. */
  readonly playgroundExited: Promise<number | null>;
  close(): Promise<void>;
}

type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const { dataDir, directory, playgroundPort } = options;
  let handle: Handler = (_request, response) => Promise.resolve(sendError(response, 503, 'Starting', 'the edge is starting'));
  const server = createServer((request, response) => {
    serve(handle, request, response);
  });
  const port = await listen(server, options.port, 'the signing edge', '--port');
  const started: (() => void | Promise<void>)[] = [() => stopServer(server)];
  const stop = async (): Promise<void> => {
    for (const end of started.splice(0).reverse()) await end();
  };
  try {
    const url = edgeUrl(port);
    const serviceUrl = edgeServiceUrl(port);
    const openId = await openIdProvider(dataDir, url, directory.appId);
    const ledger = openLedger(join(dataDir, 'ledgers', 'teams.jsonl'));
    started.push(() => {
      ledger.close();
    });
    const playground = playgroundPort === null ? undefined : await startPlayground(directory, dataDir, playgroundPort, url, serviceUrl);
    if (playground) started.push(() => playground.stop());
    const hub = playground && startHub(directory, playground.url);
    if (hub) started.push(hub.close);

    const toBot = botLine(options.bot, openId, directory, ledger);
    const teams = connector({
      directory,
      ledger,
      openId,
      playground: playground && `${playground.url}/_connector`,
      inPlayground: (id) => playground !== undefined && playgroundHolds(directory, id),
      showPrivately: (member, id, activity, isUpdate) => hub?.privately(member, id, activity, isUpdate),
    });
    const pages = inbound(directory, serviceUrl, toBot, teams);
    const act = acting(directory, serviceUrl, toBot, teams);
    handle = async (request, response, asked) => {
      const path = asked.pathname;
      if (path.startsWith('/_connector/')) return teams.handle(request, response, path.slice('/_connector'.length));
      if (path === '/api/messages') return messages(request, response, pages.activity);
      if (path === '/act' && request.method === 'POST') {
        const { http, body } = await act(await readJson(request));
        return sendJson(response, http, body);
      }
      if (path === '/feed') {
        const [since = 0, wait = 0] = ['since', 'wait'].map((name) => Number(asked.searchParams.get(name)) || 0);
        return sendJson(response, 200, await ledger.feed(since, Math.min(Math.max(wait, 0), 60)));
      }
      if (path === '/.well-known/openidconfiguration') return sendJson(response, 200, openId.metadata());
      if (path === '/.well-known/keys') return sendJson(response, 200, openId.keys());
      if (path === '/settings.json') return sendJson(response, 200, edgeSettings(port, directory.appId, directory.tenantId));
      if (path === '/msi/token') return grant(request, response, asked, directory.appId, openId.grant);
      return sendError(response, 404, 'NotFound', `the edge has nothing at ${path}`);
    };

    const faces: Face[] = [];
    if (playground && hub) {
      for (const [index, member] of directory.faces.entries()) {
        const face = await openFace(member, options.facePorts[index] ?? 0, {
          directory,
          serviceUrl,
          playgroundUrl: playground.url,
          hub,
          inbound: pages,
        });
        faces.push(face);
        started.push(face.close);
      }
    }
    return {
      url,
      playground: playground?.url ?? null,
      faces: faces.map(({ person, url: address }) => ({ person, url: address })),
      playgroundExited: playground?.exited ?? new Promise(() => undefined),
      close: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function serve(handle: Handler, request: IncomingMessage, response: ServerResponse): void {
  if (!isLocal(request)) {
    sendError(response, 403, 'NotLocal', 'the edge serves only the machine that it runs on');
    return;
  }
  handle(request, response, new URL(request.url ?? '/', 'http://127.0.0.1')).catch((error: unknown) => {
    if (error instanceof BodyTooLong) sendError(response, 413, 'TooLong', error.message);
    else sendError(response, 502, 'EdgeFailed', error instanceof Error ? error.message : 'the edge failed');
  });
}

/** The page server looks whether the bot is there by a request without a body. */
async function messages(
  request: IncomingMessage,
  response: ServerResponse,
  take: (activity: JsonObject) => Promise<{ status: number; body: unknown }>,
): Promise<void> {
  const source = request.method === 'POST' ? await readBody(request) : '';
  if (source === '') return sendJson(response, 200);
  const activity = parseJson(source);
  if (!isObject(activity)) return sendError(response, 400, 'BadSyntax', 'an activity is a JSON object');
  const { status, body } = await take(activity);
  sendJson(response, status, body ?? undefined);
}

/** The managed identity's endpoint, as an Azure host has it (App Service, api-version 2019-08-01). */
async function grant(
  request: IncomingMessage,
  response: ServerResponse,
  asked: URL,
  appId: string,
  give: (resource: string) => Promise<Record<string, string>>,
): Promise<void> {
  if (text(request.headers['x-identity-header']) !== IDENTITY_HEADER)
    return sendError(response, 401, 'Unauthorized', 'X-IDENTITY-HEADER is missing or wrong');
  const clientId = asked.searchParams.get('client_id');
  if (clientId !== null && clientId !== appId) return sendError(response, 400, 'UnknownIdentity', `no managed identity ${clientId}`);
  sendJson(response, 200, await give(asked.searchParams.get('resource') ?? ''));
}

async function stopServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) =>
    server.close(() => {
      resolve();
    }),
  );
  server.closeAllConnections();
  await closed;
}
