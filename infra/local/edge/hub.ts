import { WebSocket } from 'ws';
import { activityToPage, ADAPTIVE_CARD } from './dialogs.ts';
import { channelOf, type Directory, type Member } from './directory.ts';
import { list, object, parseJson, text, type JsonObject } from './json.ts';

// What the pages of two people see. The Playground tells every open page everything, tells a page nothing of what came before it, and a page
// that hears of a message twice, or of an answer to a thread that it does not know, hears nothing more. So the edge listens to the Playground
// once, keeps what was shown, and tells each page what its person may see, in an order that it can bear.

/** Messages kept for a page that is opened later. */
const KEPT = 600;
/** How long after a dialog's closing words they stay under the card when the bot edits it, in milliseconds. */
const WORDS_STAY_MS = 30_000;

/** How long a page may take to learn from the answer to its own post which thread it has opened, in milliseconds. */
const OWN_THREAD_MS = 400;

interface Kept {
  readonly id: string;
  /** Whose private chat it is in; undefined: a channel, for all. */
  readonly audience: string | undefined;
  readonly conversationId: string;
  /** The thread that this message opens. */
  readonly opens: string | undefined;
  message: JsonObject;
  /** Of a message that a person typed: how it reads to others, whose page would put the bot's name above it. */
  readonly toOthers?: { readonly author: string; readonly message: JsonObject };
}

interface Page {
  readonly person: string;
  readonly socket: WebSocket;
  readonly messages: Set<string>;
  readonly threads: Set<string>;
  ready: boolean;
}

export interface Hub {
  /** A page's socket; it is told nothing until `ready(person)`. */
  connect(person: string, socket: WebSocket): void;
  /** This person's new pages have read their configuration: a frame before that would stop them. */
  ready(person: string): void;
  /** A message that somebody typed; the typing page shows it already. */
  typed(member: Member, conversationId: string, postId: string | undefined, messageId: string, draft: JsonObject): void;
  /** A message of the bot in a private chat that the Playground does not hold. */
  privately(member: Member, activityId: string, activity: JsonObject, isUpdate: boolean): void;
  /** Shows a dialog in the message's place on this person's pages; edits of the message wait. False: no page of theirs has the message. */
  opened(person: string, messageId: string, dialog: JsonObject, words: string): boolean;
  /** It is closed again; `words`: what the bot said to it, shown under the card as it now stands. */
  closed(person: string, messageId: string, words: string | undefined, which: object | undefined): void;
  /** The dialog that stands there now, to be named when it is closed: one that was opened since stays open. */
  dialogOf(person: string, messageId: string): object | undefined;
  readonly close: () => void;
}

export function startHub(directory: Directory, playgroundUrl: string): Hub {
  const personal = directory.faces[0]?.privateChat;
  const kept: Kept[] = [];
  const pages = new Set<Page>();
  const dialogs = new Map<string, { open: boolean; words: string | undefined; until: number }>();
  const waitingForThread = new Map<string, Kept[]>();
  const knownThreads = new Set<string>();
  const dialogKey = (person: string, id: string): string => `${person}\n${id}`;

  const frameOf = (action: 'createMessage' | 'updateMessage', one: Kept): JsonObject => ({
    action,
    // Every page has one private chat, which the Playground knows by the first person's id.
    actionConversationId: one.audience === undefined ? (one.opens === undefined ? one.conversationId : channelOf(one.conversationId)) : personal,
    message: one.opens === undefined ? one.message : { ...one.message, postConversationId: one.opens },
  });

  const send = (page: Page, frame: JsonObject): void => {
    if (page.socket.readyState === WebSocket.OPEN) page.socket.send(JSON.stringify(frame));
  };
  const withWords = (frame: JsonObject, words: string | undefined): JsonObject => {
    if (words === undefined) return frame;
    const message = object(frame['message']);
    const attachments = list(message['attachments']).map((one) => ({ ...object(one), invokeMessage: { type: 'text', value: words } }));
    return { ...frame, message: { ...message, attachments } };
  };

  const tell = (page: Page, one: Kept): void => {
    if (!page.ready || (one.audience !== undefined && one.audience !== page.person)) return;
    const inThread = one.audience === undefined && one.opens === undefined;
    if (page.messages.has(one.id) || (inThread && !page.threads.has(one.conversationId))) return;
    page.messages.add(one.id);
    if (one.opens !== undefined) page.threads.add(one.opens);
    const { toOthers } = one;
    send(page, frameOf('createMessage', toOthers && toOthers.author !== page.person ? { ...one, message: toOthers.message } : one));
  };

  const tellEdited = (page: Page, one: Kept): void => {
    if (!page.ready || !page.messages.has(one.id)) return;
    const dialog = dialogs.get(dialogKey(page.person, one.id));
    if (dialog?.open === true) return;
    send(page, withWords(frameOf('updateMessage', one), dialog !== undefined && dialog.until > Date.now() ? dialog.words : undefined));
  };

  /** The page knows the thread that it opened itself: now it may hear of the answers. */
  const hasOpened = (page: Page, threadId: string): void => {
    page.threads.add(threadId);
    for (const one of kept) if (one.conversationId === threadId) tell(page, one);
  };

  const keep = (one: Kept, except?: Page): void => {
    if (one.audience === undefined && one.opens === undefined && !knownThreads.has(one.conversationId)) {
      waitingForThread.set(one.conversationId, [...(waitingForThread.get(one.conversationId) ?? []), one]);
      return;
    }
    kept.push(one);
    if (kept.length > KEPT) kept.shift();
    if (except) {
      except.messages.add(one.id);
      const { opens } = one;
      if (opens !== undefined) setTimeout(hasOpened, OWN_THREAD_MS, except, opens);
    }
    for (const page of pages) tell(page, one);
    if (one.opens === undefined) return;
    knownThreads.add(one.opens);
    const early = waitingForThread.get(one.opens) ?? [];
    waitingForThread.delete(one.opens);
    for (const reply of early) keep(reply);
  };

  const find = (id: string): Kept | undefined => kept.find((candidate) => candidate.id === id);

  const edit = (id: string, message: JsonObject): void => {
    const one = find(id) ?? [...waitingForThread.values()].flat().find((candidate) => candidate.id === id);
    if (!one) return;
    one.message = message;
    for (const page of pages) tellEdited(page, one);
  };

  const hear = (frame: JsonObject): void => {
    const conversationId = text(frame['actionConversationId']);
    const audience = conversationId === personal ? directory.faces[0]?.id : undefined;
    if (frame['action'] === 'typing') {
      for (const page of pages) {
        if (page.ready && (audience === undefined ? page.threads.has(conversationId) : audience === page.person)) send(page, frame);
      }
      return;
    }
    const { postConversationId, ...message } = object(frame['message']);
    const id = text(message['messageId']);
    if (frame['action'] === 'updateMessage') edit(id, message);
    else {
      const opens = typeof postConversationId === 'string' ? postConversationId : undefined;
      keep({ id, audience, conversationId: opens ?? conversationId, opens, message });
    }
  };

  const tap = new WebSocket(`${playgroundUrl.replace('http', 'ws')}/_ws_conversation/v1/conversations/stream`);
  tap.on('message', (data: Buffer) => {
    hear(object(parseJson(data.toString('utf8'))));
  });
  tap.on('error', () => undefined); // the Playground's end is noticed, and told, where its process is watched

  return {
    connect: (person, socket) => {
      const page: Page = { person, socket, messages: new Set(), threads: new Set(), ready: false };
      pages.add(page);
      for (const [key, dialog] of dialogs) if (key.startsWith(`${person}\n`)) dialog.open = false;
      socket.on('close', () => pages.delete(page));
      socket.on('error', () => pages.delete(page));
    },
    ready: (person) => {
      for (const page of pages) {
        if (page.person !== person || page.ready) continue;
        page.ready = true;
        for (const one of kept) tell(page, one);
      }
    },
    typed: (member, conversationId, postId, messageId, draft) => {
      const isPrivate = directory.memberByChat(conversationId) !== undefined;
      const frame = {
        messageId,
        timestamp: Date.now(),
        from: { id: member.teamsId },
        textFormat: 'plain',
        attachments: [],
        attachmentLayout: 'list',
        mentions: [],
      };
      const words = text(draft['text']);
      keep(
        {
          id: messageId,
          audience: isPrivate ? member.id : undefined,
          conversationId: postId ?? conversationId,
          opens: postId,
          message: { ...frame, text: words, textFormat: draft['textFormat'] ?? 'plain', mentions: list(draft['mentions']) },
          toOthers: { author: member.id, message: { ...frame, text: `${member.name} wrote: ${words.replace(/<at>(.*?)<\/at>/gu, '@$1')}` } },
        },
        [...pages].filter((page) => page.person === member.id).at(-1),
      );
    },
    privately: (member, activityId, activity, isUpdate) => {
      const message = {
        messageId: activityId,
        timestamp: Date.now(),
        from: { id: directory.botId },
        text: activity['text'],
        textFormat: activity['text'] === undefined ? undefined : (activity['textFormat'] ?? 'markdown'),
        attachments: list(activityToPage(activity)['attachments']),
        attachmentLayout: 'list',
        mentions: [],
      };
      if (isUpdate) edit(activityId, message);
      else keep({ id: activityId, audience: member.id, conversationId: member.privateChat, opens: undefined, message });
    },
    opened: (person, messageId, dialog, words) => {
      const one = find(messageId);
      const theirs = [...pages].filter((page) => page.person === person && page.messages.has(messageId));
      if (!one || theirs.length === 0) return false;
      dialogs.set(dialogKey(person, messageId), { open: true, words: undefined, until: 0 });
      const attachments = [{ contentType: ADAPTIVE_CARD, content: dialog }];
      const frame = frameOf('updateMessage', { ...one, message: { ...one.message, attachments } });
      for (const page of theirs) send(page, withWords(frame, words));
      return true;
    },
    dialogOf: (person, messageId) => dialogs.get(dialogKey(person, messageId)),
    closed: (person, messageId, words, which) => {
      if (dialogs.get(dialogKey(person, messageId)) !== which) return;
      dialogs.set(dialogKey(person, messageId), { open: false, words, until: Date.now() + WORDS_STAY_MS });
      const one = find(messageId);
      if (!one) return;
      for (const page of pages) if (page.person === person) tellEdited(page, one);
    },
    close: () => {
      tap.close();
      for (const page of pages) page.socket.close();
    },
  };
}
