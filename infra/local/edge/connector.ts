import type { IncomingMessage, ServerResponse } from 'node:http';
import { activityToPage, ADAPTIVE_CARD } from './dialogs.ts';
import { channelOf, placeName, type Directory, type Member } from './directory.ts';
import type { Faults, ShowingCall } from './faults.ts';
import { readJson, sendError, sendJson } from './http.ts';
import { isObject, list, object, parseJson, text, type JsonObject } from './json.ts';
import type { Ledger, Shown } from './ledger.ts';
import type { OpenId } from './openid.ts';
import { standIn } from './standin.ts';

/** Teams refuses larger messages (28 KB is the documented limit of a card; some headers on top). */
const LARGEST_ACTIVITY = 40_000;

/** Something that the bot said, while it was being said. */
export interface Said {
  readonly conversationId: string;
  readonly replyToId: string;
  readonly text: string;
  readonly card: JsonObject | null;
}

export interface Connector {
  /** Answers one call of the bot; `path` starts after `/_connector`. */
  handle(request: IncomingMessage, response: ServerResponse, path: string): Promise<void>;
  /** The card of a message as the bot last sent it. */
  cardOf(conversationId: string, activityId: string): JsonObject | undefined;
  /** Hears everything that the bot says, until the answer is called. */
  onSaid(hear: (said: Said) => void): () => void;
}

/** Where private chats show that have no place in the Playground: the second person's page, or nowhere. */
export type ShowPrivately = (member: Member, activityId: string, activity: JsonObject, isUpdate: boolean) => void;

export interface ConnectorOptions {
  readonly directory: Directory;
  readonly ledger: Ledger;
  readonly openId: OpenId;
  /** The Playground's own connector, such as `http://127.0.0.1:56150/_connector`; undefined: all is answered by the stand-in. */
  readonly playground: string | undefined;
  /** Whether a conversation lives in the Playground. */
  readonly inPlayground: (conversationId: string) => boolean;
  readonly showPrivately: ShowPrivately;
  readonly faults: Faults;
}

interface Outcome {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfterSeconds?: number | undefined;
}

const failed = (status: number, code: string, message: string): Outcome => ({ status, body: { error: { code, message } } });
const noConversation = (id: string): Outcome => failed(404, 'ConversationNotFound', `no conversation ${id}`);
const noActivity = (id: string): Outcome => failed(404, 'ActivityNotFound', `no activity ${id} in this conversation`);

function firstCard(activity: JsonObject): JsonObject | null {
  const card = list(activity['attachments'])
    .map(object)
    .find((one) => one['contentType'] === ADAPTIVE_CARD);
  return isObject(card?.['content']) ? card['content'] : null;
}

export function connector(options: ConnectorOptions): Connector {
  const { directory, ledger, openId, playground, inPlayground, showPrivately, faults } = options;
  const local = standIn(directory, ledger.shown());
  const cards = new Map<string, JsonObject>();
  const ears = new Set<(said: Said) => void>();
  for (const one of ledger.shown()) if (one.card) cards.set(`${one.conversationId}\n${one.activityId}`, one.card);

  const ask = async (method: string, path: string, body?: unknown): Promise<Outcome> => {
    const answer = await fetch(`${playground ?? ''}${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const source = await answer.text();
    return { status: answer.status, body: source === '' ? {} : parseJson(source) };
  };

  /** Written down before the bot hears that it was done. */
  const note = (kind: Shown['kind'], conversationId: string, activityId: string, activity: JsonObject): void => {
    const card = firstCard(activity);
    const words = text(activity['text']);
    if (card) cards.set(`${conversationId}\n${activityId}`, card);
    const { attachments: _cards, text: _words, ...around } = activity;
    ledger.record({ kind, conversationId, activityId, place: placeName(directory, conversationId), card, text: words, around });
    if (kind === 'updated') return;
    for (const hear of [...ears]) hear({ conversationId, replyToId: text(activity['replyToId']), text: words, card });
  };
  const kindIn = (conversationId: string): 'personal' | 'posted' => (directory.memberByChat(conversationId) ? 'personal' : 'posted');

  const post = async (conversationId: string, activity: JsonObject, path: string): Promise<Outcome> => {
    const member = directory.memberByChat(conversationId);
    if (activity['type'] !== 'message') return inPlayground(conversationId) ? ask('POST', path, activity) : { status: 202, body: {} };
    if (inPlayground(conversationId)) {
      const forPage = activityToPage(activity);
      const outcome = await ask('POST', path, forPage);
      const id = text(object(outcome.body)['id']);
      if (outcome.status !== 201 || id === '') return outcome.status === 404 ? noConversation(conversationId) : outcome;
      note(kindIn(conversationId), conversationId, id, activity);
      return outcome;
    }
    const id = local.post(conversationId);
    if (id === undefined) return noConversation(conversationId);
    const isChannel = directory.placeByChannel(conversationId) !== undefined;
    note(kindIn(conversationId), isChannel ? `${conversationId};messageid=${id}` : conversationId, id, activity);
    if (member) showPrivately(member, id, activityToPage(activity), false);
    return { status: 201, body: { id } };
  };

  const create = async (payload: JsonObject): Promise<Outcome> => {
    const activity = isObject(payload['activity']) ? payload['activity'] : undefined;
    if (payload['isGroup'] !== true) {
      const id = text(object(list(payload['members'])[0])['id']);
      const member = directory.memberByTeams(id);
      // Teams: the app is not installed for this person. (The Playground says 201 here, and fails at the first message.)
      if (!member) return failed(403, 'BotNotInConversationRoster', `the app is not installed for ${id}`);
      if (!activity) return { status: 201, body: { id: member.privateChat } };
      const sent = await post(member.privateChat, activity, `/v3/conversations/${encodeURIComponent(member.privateChat)}/activities`);
      return sent.status > 299 ? sent : { status: 201, body: { id: member.privateChat, activityId: text(object(sent.body)['id']) } };
    }
    const channelId = text(object(object(payload['channelData'])['channel'])['id']);
    if (!directory.placeByChannel(channelId)) return noConversation(channelId);
    if (!activity) return failed(400, 'BadSyntax', 'a new thread needs its first activity');
    const made = inPlayground(channelId)
      ? await ask('POST', '/v3/conversations', { ...payload, activity: activityToPage(activity) })
      : { status: 201, body: local.createThread(channelId) };
    const { id, activityId } = object(made.body);
    if (made.status === 201) note('posted', text(id), text(activityId), activity);
    return made;
  };

  const update = async (conversationId: string, activityId: string, activity: JsonObject, path: string): Promise<Outcome> => {
    if (inPlayground(conversationId)) {
      const outcome = await ask('PUT', path, activityToPage(activity));
      if (outcome.status !== 200) return noActivity(activityId);
      note('updated', conversationId, activityId, activity);
      return outcome;
    }
    if (!local.knows(conversationId)) return noConversation(conversationId);
    if (!local.holds(conversationId, activityId)) return noActivity(activityId);
    note('updated', conversationId, activityId, activity);
    const member = directory.memberByChat(conversationId);
    if (member) showPrivately(member, activityId, activityToPage(activity), true);
    return { status: 200, body: { id: activityId } };
  };

  const asAccount = (member: Member): JsonObject => {
    const email = `${member.id}@rehearsal.invalid`;
    return {
      id: member.teamsId,
      name: member.name,
      aadObjectId: member.aadObjectId,
      email,
      userPrincipalName: email,
      tenantId: directory.tenantId,
      userRole: 'user',
    };
  };
  const membersOf = (conversationId: string): readonly Member[] | undefined => {
    const member = directory.memberByChat(conversationId);
    if (member) return [member];
    return directory.placeByChannel(channelOf(conversationId)) ? directory.members : undefined;
  };

  /** Reading needs no Playground: the directory is ours, and Teams finds a member by Entra id too, which the Playground does not. */
  const read = (conversationId: string, rest: string): Outcome => {
    const members = membersOf(conversationId);
    if (!members) return noConversation(conversationId);
    if (rest === 'pagedmembers') return { status: 200, body: { members: members.map(asAccount), totalCount: members.length } };
    const wanted = /^members\/(.+)$/u.exec(rest)?.[1];
    if (wanted === undefined) return { status: 200, body: members.map(asAccount) };
    const member = directory.memberByTeams(decodeURIComponent(wanted));
    return member && members.includes(member)
      ? { status: 200, body: asAccount(member) }
      : failed(404, 'MemberNotFoundInConversation', 'no such member');
  };

  /** What a call would show, and where; undefined: it shows nothing. */
  const showingOf = (method: string, path: string, activity: JsonObject): ShowingCall | undefined => {
    const [, id = '', activityId = ''] = /^\/v3\/conversations\/([^/]+)\/activities(?:\/([^/]+))?$/u.exec(path) ?? [];
    const isNew = path === '/v3/conversations' && method === 'POST';
    if (!isNew && (id === '' || !['POST', 'PUT'].includes(method) || activity['type'] !== 'message')) return undefined;
    const member = directory.memberByTeams(text(object(list(activity['members'])[0])['id']));
    const channelId = text(object(object(activity['channelData'])['channel'])['id']);
    const conversationId = isNew ? (member?.privateChat ?? channelId) : decodeURIComponent(id);
    const place = placeName(directory, conversationId);
    const call = method === 'PUT' ? 'update' : directory.member(place) ? 'tell' : 'post';
    return { call, place, conversationId, activityId: method === 'PUT' ? decodeURIComponent(activityId) : '' };
  };
  const refused = (call: ShowingCall | undefined): Outcome | undefined => {
    const refusal = call && faults.refusalOf(call);
    if (!refusal) return undefined;
    return { ...failed(refusal.status, refusal.code, 'a fault that was asked for'), retryAfterSeconds: refusal.retryAfterSeconds };
  };

  const route = async (method: string, path: string, body: unknown): Promise<Outcome> => {
    const activity = object(body);
    const wrong = refused(showingOf(method, path, activity));
    if (wrong) return wrong;
    if (path === '/v3/conversations' && method === 'POST') return create(activity);
    const [, id = '', rest = ''] = /^\/v3\/conversations\/([^/]+)\/(.+)$/u.exec(path) ?? [];
    const conversationId = decodeURIComponent(id);
    if (method === 'GET' && /^(members|pagedmembers)(\/|$)/u.test(rest)) return read(conversationId, rest);
    if (method === 'GET' && /^activities\/[^/]+\/members$/u.test(rest)) return read(conversationId, 'members');
    const [, activityId] = /^activities(?:\/([^/]+))?$/u.exec(rest) ?? [];
    if (method === 'POST' && rest.startsWith('activities')) return post(conversationId, activity, path);
    if (method === 'PUT' && activityId !== undefined) return update(conversationId, decodeURIComponent(activityId), activity, path);
    if (method === 'DELETE') return failed(501, 'NotImplemented', 'the local Teams side deletes no messages');
    return failed(404, 'NotFound', `${method} ${path} is nothing that the local Teams side knows`);
  };

  return {
    handle: async (request, response, path) => {
      const refusal = await openId.refusal(request.headers.authorization);
      if (refusal !== undefined) {
        sendError(response, 401, 'Unauthorized', `Authorization has been denied for this request: ${refusal}`);
        return;
      }
      const method = request.method ?? 'GET';
      const body = method === 'GET' ? undefined : await readJson(request);
      if (body !== undefined && Buffer.byteLength(JSON.stringify(body)) > LARGEST_ACTIVITY) {
        sendError(response, 413, 'MessageSizeTooBig', `a message of more than ${String(LARGEST_ACTIVITY)} bytes`);
        return;
      }
      const { status, body: answer, retryAfterSeconds } = await route(method, path.split('?')[0] ?? path, body);
      if (retryAfterSeconds !== undefined) response.setHeader('retry-after', String(retryAfterSeconds));
      sendJson(response, status, answer);
    },
    cardOf: (conversationId, activityId) => cards.get(`${conversationId}\n${activityId}`),
    onSaid: (hear) => {
      ears.add(hear);
      return () => ears.delete(hear);
    },
  };
}
