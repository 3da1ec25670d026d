import { setTimeout as sleep } from 'node:timers/promises';
import type { Activity, ConversationParameters } from 'botbuilder';
import type { ConnectorClient } from 'botframework-connector';
import { z } from 'zod/v4';
import type { Delivery } from '#core/delivery.js';
import type { Precedence } from '#core/effect.js';
import { personId } from '#core/ids.js';
import type { PersonId } from '#core/ids.js';
import type { Channels } from '#domain/site.js';
import type { ConversationStore, PrivateChat } from '#ports/conversations.js';
import type { Directory } from '#ports/directory.js';
import type { Log } from '#ports/log.js';
import type { People, Posting, RenderedCard } from '#ports/people.js';
import { mentionedIn, messageOf } from './activity.ts';
import { ServiceUrlNotAllowed } from './connector.ts';
import type { Connectors } from './connector.ts';
import { failureOf } from './failures.ts';
import type { Failure } from './failures.ts';
import type { Limiter } from './limiter.ts';

/** Longest wait for a place under the limits of Teams while an outbox item is leased; past it the outbox tries again when there is one. */
const mostWaitMs = 10_000;

/** The same for a new thread: short, so that who ends the process does not wait long for it. */
const mostRoomWaitMs = 5_000;

const created = z.object({ id: z.string().min(1), activityId: z.string().min(1).optional() });
const sent = z.object({ id: z.string().min(1) });

/** `place` of a posting in a private chat: this and the person's id. */
const privatePrefix = 'person:';
export const privatePlace = (person: PersonId) => `${privatePrefix}${person}`;

/** The SDK's types want every field of an activity; the connector wants those that are said. */
function parameters(said: Omit<Partial<ConversationParameters>, 'activity'> & { readonly activity?: Partial<Activity> }): ConversationParameters {
  return said as ConversationParameters;
}

export interface HasApp {
  /** Would a private message come to this person? Null: not known now. Writes nothing to them. @param mayAsk Teams, where nothing is known here */
  hasApp(person: PersonId, mayAsk: boolean): Promise<boolean | null>;
}

/** Teams as the engine needs it: one call is one try, every failure comes back with its code. */
export function createPeople(needs: {
  readonly connectors: Connectors;
  readonly settings: { readonly appId: string };
  readonly channels: Channels;
  readonly directory: Directory;
  readonly conversations: ConversationStore;
  readonly limiter: Limiter;
  readonly log: Log;
}): People & HasApp {
  const { connectors, settings, channels, directory, conversations, limiter, log } = needs;

  async function admitted(conversation: string, of: Precedence): Promise<Delivery<null>> {
    const place = await limiter.admit(conversation, of, mostWaitMs);
    return place.ok ? { ok: true, receipt: null } : later(place.waitMs);
  }

  /** Waits for a place unless it has one, then makes one call. */
  async function call<T>(
    serviceUrl: string,
    conversation: string,
    how: Precedence | 'admitted',
    run: (client: ConnectorClient) => Promise<T>,
  ): Promise<Delivery<T>> {
    const place = how === 'admitted' ? null : await admitted(conversation, how);
    if (place?.ok === false) return place;
    try {
      const client = await connectors.at(serviceUrl);
      if (!(await connectors.tokenAtHand(false)))
        return { ok: false, code: 'not-connected', detail: 'no token for the Teams connector could be had' };
      return { ok: true, receipt: await run(client) };
    } catch (error) {
      if (error instanceof ServiceUrlNotAllowed) return { ok: false, code: 'not-allowed', detail: error.message };
      const failure = failureOf(error);
      log.error('bot.send-failed', { code: failure.code });
      if (failure.code === 'throttled') limiter.holdOff(conversation, (failure.retryAfterSeconds ?? 1) * 1000);
      if (failure.detail.includes('401')) await connectors.tokenAtHand(true);
      return failure;
    }
  }

  async function post(place: string, card: RenderedCard, how: Precedence | 'admitted' = 'new'): Promise<Delivery<Posting>> {
    const channel = channels.places[place];
    if (channel === undefined) {
      return { ok: false, code: 'cannot-be-written', detail: `channels.json maps no channel to the place "${place}". Add it under "places".` };
    }
    const answer = await call(channels.serviceUrl, channel.channelId, how, (client) =>
      client.conversations.createConversation(
        parameters({
          isGroup: true,
          bot: { id: settings.appId, name: '' },
          tenantId: channels.tenantId,
          channelData: { channel: { id: channel.channelId }, tenant: { id: channels.tenantId } },
          activity: mentioning(card),
        }),
      ),
    );
    if (!answer.ok) return notThere(answer, `is the app installed in the team of "${channel.name}", and is its channelId right?`);
    const ids = created.safeParse(answer.receipt);
    const activityId = ids.data?.activityId ?? /;messageid=(.+)$/u.exec(ids.data?.id ?? '')?.[1];
    if (!ids.success || activityId === undefined) return unreadable;
    return { ok: true, receipt: { place, conversationId: ids.data.id, activityId } };
  }

  async function edit(posting: Posting, card: RenderedCard, of: Precedence = 'edit'): Promise<Delivery<Posting>> {
    const serviceUrl = await serviceUrlOf(posting.place);
    const answer = await call(serviceUrl, posting.conversationId, of, (client) =>
      client.conversations.updateActivity(posting.conversationId, posting.activityId, { ...mentioning(card), id: posting.activityId }),
    );
    return answer.ok ? { ok: true, receipt: posting } : answer;
  }

  async function serviceUrlOf(place: string): Promise<string> {
    const person = place.startsWith(privatePrefix) ? personId.safeParse(place.slice(privatePrefix.length)) : null;
    const chat = person?.success === true ? await conversations.of(person.data) : null;
    return chat?.serviceUrl ?? channels.serviceUrl;
  }

  /** Null: none is known. A chat with an account of before may be somebody else's by now, or nobody's. */
  async function chatOf(person: PersonId): Promise<PrivateChat | null> {
    const known = await conversations.of(person);
    const account = directory.byId(person)?.aadObjectId;
    return known !== null && (known.aadObjectId === undefined || known.aadObjectId === account) ? known : null;
  }

  async function tell(person: PersonId, card: RenderedCard, of: Precedence = 'new'): Promise<Delivery<Posting>> {
    const known = await chatOf(person);
    if (known !== null) {
      const answer = await send(person, known.serviceUrl, known.conversationId, card, of);
      // A chat that is no longer there is opened anew below.
      if (answer.ok || answer.code !== 'gone') return answer;
    }
    const opened = await openAnew(person, of);
    return opened.ok ? notThere(await send(person, channels.serviceUrl, opened.receipt, card, of), 'is the app installed for this person?') : opened;
  }

  async function openAnew(person: PersonId, of: Precedence): Promise<Delivery<string>> {
    const opened = await open(person, of);
    const account = directory.byId(person)?.aadObjectId;
    if (opened.ok && account !== undefined)
      await conversations.remember(person, { conversationId: opened.receipt, serviceUrl: channels.serviceUrl, aadObjectId: account });
    return opened;
  }

  async function hasApp(person: PersonId, mayAsk: boolean): Promise<boolean | null> {
    if ((await chatOf(person)) !== null) return true;
    if (!mayAsk) return null;
    const opened = await openAnew(person, 'edit');
    return opened.ok ? true : opened.code === 'not-allowed' ? false : null;
  }

  async function open(person: PersonId, of: Precedence): Promise<Delivery<string>> {
    const member = directory.byId(person);
    if (member === null) return { ok: false, code: 'cannot-be-written', detail: 'people.json knows nobody of this id.' };
    const id = member.teamsId ?? member.aadObjectId;
    const answer = await call(channels.serviceUrl, privatePlace(person), of, (client) =>
      // Opened without a message, so that opening it again says nothing twice.
      client.conversations.createConversation(
        parameters({
          isGroup: false,
          bot: { id: settings.appId, name: '' },
          members: [{ id, name: '' }],
          tenantId: channels.tenantId,
          channelData: { tenant: { id: channels.tenantId } },
        }),
      ),
    );
    if (!answer.ok) return notThere(answer, 'is the app installed for this person?');
    const ids = created.safeParse(answer.receipt);
    return ids.success ? { ok: true, receipt: ids.data.id } : unreadable;
  }

  async function send(person: PersonId, serviceUrl: string, conversationId: string, card: RenderedCard, of: Precedence): Promise<Delivery<Posting>> {
    const answer = await call(serviceUrl, conversationId, of, (client) => client.conversations.sendToConversation(conversationId, messageOf(card)));
    if (!answer.ok) return answer;
    const ids = sent.safeParse(answer.receipt);
    return ids.success ? { ok: true, receipt: { place: privatePlace(person), conversationId, activityId: ids.data.id } } : unreadable;
  }

  /** With who is mentioned: in Teams they are notified of it. Whoever people.json does not know is left out. */
  function mentioning(card: RenderedCard): ReturnType<typeof messageOf> {
    const people = (card.mentions ?? []).flatMap((id) => {
      const known = personId.safeParse(id);
      return (known.success ? directory.byId(known.data) : null) ?? [];
    });
    return mentionedIn(messageOf(card), people);
  }

  return {
    async roomFor(place, of) {
      const begun = performance.now();
      const room = await limiter.admit(channels.places[place]?.channelId ?? place, of, mostRoomWaitMs);
      if (room.ok) return { ok: true, receipt: null };
      // Further away than may be waited for. All new cards of the place wait for the same: they are not all taken up at once only to be put back.
      await sleep(Math.max(0, mostRoomWaitMs - (performance.now() - begun)));
      return later(room.waitMs);
    },
    ...{ post, edit, tell, hasApp },
  };
}

/** Delivered means that the connector's id came back (FIELD-REPORTS 22). */
const unreadable: Failure = { ok: false, code: 'answer-unreadable', detail: "the connector's answer holds no id" };

function later(waitMs: number): Failure {
  const retryAfterSeconds = Math.ceil(waitMs / 1000);
  return { ok: false, code: 'own-limit', detail: 'our own limit for this conversation is reached', retryAfterSeconds };
}

/** Where nothing was there before, "gone" means that the site's settings or the installation are wrong: a person must look. */
function notThere<T>(answer: Delivery<T>, hint: string): Delivery<T> {
  return !answer.ok && answer.code === 'gone' ? { ok: false, code: 'not-allowed', detail: `${answer.detail}; ${hint}` } : answer;
}
