import { channelOf, type Directory } from './directory.ts';
import type { Numbered, Shown } from './ledger.ts';

/** A conversation side without the Playground: it knows ids and nothing else, what was shown is in the ledger. */
export interface StandIn {
  /** New thread in a channel; undefined for a channel that is not in channels.json. */
  createThread(channelId: string): { readonly id: string; readonly activityId: string } | undefined;
  /** The new message's id; undefined for an unknown conversation. A post to a channel itself opens a thread there. */
  post(conversationId: string): string | undefined;
  holds(conversationId: string, activityId: string): boolean;
  knows(conversationId: string): boolean;
}

/** `history`: what the ledger holds, so that ids outlive a restart. */
export function standIn(directory: Directory, history: readonly Numbered<Shown>[]): StandIn {
  const threads = new Set<string>();
  const messages = new Set<string>();
  let lastId = 0;
  const key = (conversationId: string, activityId: string): string => `${conversationId}\n${activityId}`;
  for (const { conversationId, activityId } of history) {
    threads.add(conversationId);
    messages.add(key(conversationId, activityId));
    lastId = Math.max(lastId, Number.parseInt(activityId, 10) || 0);
  }

  /** As in Teams: epoch milliseconds as text; never the same twice. */
  const nextId = (): string => {
    lastId = Math.max(lastId + 1, Date.now());
    return String(lastId);
  };
  const isChannel = (id: string): boolean => directory.placeByChannel(id) !== undefined;
  const knows = (id: string): boolean => isChannel(id) || directory.memberByChat(id) !== undefined || threads.has(id);

  const createThread = (channelId: string): { id: string; activityId: string } | undefined => {
    if (!isChannel(channelId)) return undefined;
    const activityId = nextId();
    const id = `${channelId};messageid=${activityId}`;
    threads.add(id);
    messages.add(key(id, activityId));
    return { id, activityId };
  };
  return {
    createThread,
    knows,
    post: (conversationId) => {
      if (isChannel(conversationId)) return createThread(conversationId)?.activityId;
      if (!knows(conversationId)) return undefined;
      const id = nextId();
      messages.add(key(conversationId, id));
      return id;
    },
    holds: (conversationId, activityId) =>
      messages.has(key(conversationId, activityId)) || messages.has(key(`${channelOf(conversationId)};messageid=${activityId}`, activityId)),
  };
}
