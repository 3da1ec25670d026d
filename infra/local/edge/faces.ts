import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { randomUUID } from 'node:crypto';
import { WebSocketServer } from 'ws';
import { activityBy } from './activities.ts';
import { isDialog, showText, type PageAnswer } from './dialogs.ts';
import type { Directory, Member } from './directory.ts';
import { isLocal, listen, readBody, sendError, sendJson } from './http.ts';
import type { Hub } from './hub.ts';
import type { Inbound } from './inbound.ts';
import { list, object, parseJson, text, type JsonObject } from './json.ts';
import { addMark } from './mark.ts';

// A page for each of two people, in front of the one page server: clicks and words of the second page arrive as the second person, and that
// person's private chat, for which the Playground has no place, is kept by the edge.

export interface Face {
  readonly person: string;
  readonly url: string;
  readonly close: () => void;
}

export interface FaceOptions {
  readonly directory: Directory;
  readonly serviceUrl: string;
  readonly playgroundUrl: string;
  readonly hub: Hub;
  readonly inbound: Inbound;
}

/** Under an open dialog, which here stands where in Teams a window of its own would be. */
const ONLY_YOU = 'Only you see this view.';
/** A page says that it has taken in its configuration by greeting the chat that it shows first; should it not, it is taken for ready now. */
const READY_AT_LAST_MS = 5_000;
/** A dialog's words are put under the card once the page has dealt with the answer that carried them. */
const AFTER_ANSWER_MS = 150;

export async function openFace(member: Member, port: number, options: FaceOptions): Promise<Face> {
  const server = createServer((request, response) => {
    face(member, options, request, response).catch((error: unknown) => {
      sendError(response, 502, 'PlaygroundNotReachable', error instanceof Error ? error.message : 'the page server does not answer');
    });
  });
  upgrade(server, member, options.hub);
  const actual = await listen(server, port, `the page of ${member.id}`, '--face-ports');
  return {
    person: member.id,
    url: `http://127.0.0.1:${String(actual)}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function upgrade(server: Server, member: Member, hub: Hub): void {
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    if (!isLocal(request)) {
      socket.destroy();
      return;
    }
    sockets.handleUpgrade(request, socket, head, (open) => {
      // The developer's log of the page server shows everybody's private views: it stays at the Playground's own address.
      if (request.url?.startsWith('/_ws_conversation/') === true) hub.connect(member.id, open);
    });
  });
}

/** Sends a request on; `body` in place of what came in. */
async function forward(
  options: FaceOptions,
  request: IncomingMessage,
  body: string | undefined,
): Promise<{ status: number; headers: IncomingMessage['headers']; bytes: Buffer }> {
  const target = new URL(options.playgroundUrl);
  const { 'content-length': _length, 'accept-encoding': _encoding, origin: _origin, ...headers } = request.headers;
  const bytes = body === undefined ? undefined : Buffer.from(body);
  return new Promise((resolve, reject) => {
    const out = httpRequest(
      {
        host: target.hostname,
        port: target.port,
        path: request.url,
        method: request.method,
        headers: { ...headers, host: target.host, ...(bytes ? { 'content-length': bytes.length } : {}) },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 502, headers: answer.headers, bytes: Buffer.concat(chunks) });
        });
        answer.on('error', reject);
      },
    );
    out.on('error', reject);
    out.end(bytes);
  });
}

async function face(member: Member, options: FaceOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  if (!isLocal(request)) {
    sendError(response, 403, 'NotLocal', 'this page serves only the machine that it runs on');
    return;
  }
  if (/^\/_internal\/v1\/(customActivities|configAuth|configDebugOptions)/u.test(path) && request.method === 'POST') {
    sendError(response, 403, 'NotHere', 'a page acts as its own person only');
    return;
  }
  const source = request.method === 'POST' ? await readBody(request) : undefined;
  const body = object(parseJson(source ?? ''));
  const { directory, hub } = options;
  const own = { isFirst: directory.faces[0] === member, personal: directory.faces[0]?.privateChat ?? '' };

  const conversationInPath = /^\/_(?:conversation\/v1\/conversations|debug\/conversation)\/([^/]+)\/(messages|installation)$/u.exec(path);
  const conversationId = conversationInPath?.[1] === undefined ? text(object(body['conversation'])['id']) : decodeURIComponent(conversationInPath[1]);
  const emulated = !own.isFirst && conversationId === own.personal;
  if (conversationInPath?.[2] === 'installation') hub.ready(member.id);

  if (path === '/_internal/v1/config') {
    const upstream = await forward(options, request, source);
    sendJson(response, upstream.status, configFor(member, object(parseJson(upstream.bytes.toString('utf8')))));
    setTimeout(() => {
      hub.ready(member.id);
    }, READY_AT_LAST_MS);
  } else if (conversationInPath?.[2] === 'installation' && emulated) {
    sendJson(response, 200, {});
    await greet(member, options);
  } else if (conversationInPath?.[2] === 'messages') {
    await typed(member, options, conversationId, emulated, body, request, response);
  } else if (path === '/_conversation/v1/invoke') {
    await clicked(member, options, emulated, body, request, response);
  } else if (path === '/_conversation/v1/submit' && emulated) {
    sendJson(response, 200, {});
    const more = { type: 'message', value: body['value'], replyToId: body['replyToId'] };
    await options.inbound.activity(activityBy(directory, options.serviceUrl, member, member.privateChat, more));
  } else {
    const changed = path === '/_conversation/v1/submit' ? JSON.stringify({ ...body, from: { id: member.teamsId } }) : source;
    const upstream = await forward(options, request, changed);
    const { 'transfer-encoding': _chunked, connection: _connection, 'keep-alive': _alive, ...headers } = upstream.headers;
    response.writeHead(upstream.status, { ...headers, 'content-length': upstream.bytes.length }).end(upstream.bytes);
  }
}

/** The page's header, picture and `from` are those of its own person: they change places with the page server's current user. */
function configFor(member: Member, answer: JsonObject): JsonObject {
  const config = object(answer['config']);
  const current = object(config['currentUser']);
  const everybody = [current, ...list(config['users']).map(object)];
  const me = everybody.find((one) => one['id'] === member.teamsId);
  if (!me) return answer;
  // Lists of members name all but the current user; a page that is told of a member whom it does not know stays empty.
  const inMyPlace = (groups: unknown): JsonObject[] =>
    list(groups).map((group) => ({ ...object(group), members: list(object(group)['members']).map((id) => (id === me['id'] ? current['id'] : id)) }));
  const users = everybody.filter((one) => one !== me);
  return { ...answer, config: { ...config, currentUser: me, users, teams: inMyPlace(config['teams']), groupChats: inMyPlace(config['groupChats']) } };
}

/** What Teams sends when a private chat with the bot is first opened. */
async function greet(member: Member, { directory, serviceUrl, inbound }: FaceOptions): Promise<void> {
  const by = (more: JsonObject): JsonObject => activityBy(directory, serviceUrl, member, member.privateChat, more);
  await inbound.activity(by({ type: 'installationUpdate', action: 'add' }));
  await inbound.activity(
    by({ type: 'conversationUpdate', membersAdded: [{ id: directory.botId, name: directory.botName }, { id: member.teamsId }] }),
  );
}

async function typed(
  member: Member,
  options: FaceOptions,
  conversationId: string,
  emulated: boolean,
  body: JsonObject,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { directory, hub } = options;
  const words = text(body['text']);
  if (emulated) {
    const messageId = randomUUID();
    hub.typed(member, member.privateChat, undefined, messageId, body);
    sendJson(response, 200, { messageId, timestamp: Date.now() });
    await options.inbound.activity(activityBy(directory, options.serviceUrl, member, member.privateChat, { type: 'message', text: words }));
    return;
  }
  const isFirst = directory.faces[0] === member;
  const marked = isFirst ? words : addMark(words, directory.members.indexOf(member));
  const upstream = await forward(
    options,
    request,
    JSON.stringify({ ...body, from: { id: member.teamsId }, ...(words === '' ? {} : { text: marked }) }),
  );
  const answer = object(parseJson(upstream.bytes.toString('utf8')));
  if (upstream.status === 200) {
    const postId = typeof answer['postConversationId'] === 'string' ? answer['postConversationId'] : undefined;
    hub.typed(member, conversationId, postId, text(answer['messageId']), body);
  }
  sendJson(response, upstream.status, answer);
}

async function clicked(
  member: Member,
  options: FaceOptions,
  emulated: boolean,
  body: JsonObject,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { directory, hub } = options;
  const replyToId = text(body['replyToId']);
  let answer: PageAnswer | JsonObject;
  let status = 200;
  if (emulated) {
    const more = { type: 'invoke', name: body['name'], value: body['value'], replyToId };
    answer = await options.inbound.click(activityBy(directory, options.serviceUrl, member, member.privateChat, more));
  } else {
    const upstream = await forward(options, request, JSON.stringify({ ...body, from: { id: member.teamsId } }));
    status = upstream.status;
    answer = object(parseJson(upstream.bytes.toString('utf8')));
  }
  const verb = text(object(object(body['value'])['action'])['verb']);
  const opens = isDialog(answer.value);
  if (opens && hub.opened(member.id, replyToId, object(answer.value), ONLY_YOU)) {
    // The dialog is on the page already; answered with the card, the page would say "Your response was sent to the app" under it.
    sendJson(response, 200, showText(ONLY_YOU));
    return;
  }
  const standing = hub.dialogOf(member.id, replyToId);
  sendJson(response, status, answer);
  const closes = !opens && verb.startsWith('edge/') && status === 200 && answer.type !== 'application/vnd.microsoft.error';
  if (!closes) return;
  const words = typeof answer.value === 'string' ? answer.value : undefined;
  setTimeout(() => {
    hub.closed(member.id, replyToId, words, standing);
  }, AFTER_ANSWER_MS);
}
