import { randomUUID } from 'node:crypto';
import { channelOf, type Directory, type Member } from './directory.ts';
import type { JsonObject } from './json.ts';

/** Bot Framework's name for an account. */
function account(member: Member): JsonObject {
  return { id: member.teamsId, name: member.name, aadObjectId: member.aadObjectId };
}

/** `from` as our own directory has it; undefined for somebody unknown, who is then sent on as named and denied by the service. */
export function knownSender(directory: Directory, from: JsonObject): JsonObject | undefined {
  const member = typeof from['id'] === 'string' ? directory.memberByTeams(from['id']) : undefined;
  return member === undefined ? undefined : account(member);
}

/**
 * An activity as Teams sends it for this person in this conversation, with `more` on top (type, text, name, value, replyToId).
 * In a channel a message reaches a bot only by mentioning it, so the mention is added where the text has none.
 */
export function activityBy(directory: Directory, serviceUrl: string, member: Member, conversationId: string, more: JsonObject): JsonObject {
  const at = new Date().toISOString();
  const place = directory.placeByChannel(channelOf(conversationId));
  const tenant = { id: directory.tenantId };
  const conversation = place
    ? { id: conversationId, conversationType: 'channel', isGroup: true, tenantId: directory.tenantId }
    : { id: conversationId, conversationType: 'personal', tenantId: directory.tenantId };
  const entities: JsonObject[] = [{ type: 'clientInfo', locale: 'en-US', country: 'US', platform: 'Web', timezone: 'UTC' }];
  let words = more['text'];
  if (place && typeof words === 'string') {
    const mention = `<at>${directory.botName}</at>`;
    if (!words.includes(mention)) words = `${mention} ${words}`;
    entities.push({ type: 'mention', mentioned: { id: directory.botId, name: directory.botName }, text: mention });
  }
  return {
    id: randomUUID(),
    timestamp: at,
    localTimestamp: at,
    localTimezone: 'UTC',
    locale: 'en-US',
    channelId: 'msteams',
    serviceUrl,
    from: account(member),
    recipient: { id: directory.botId, name: directory.botName },
    conversation,
    entities,
    channelData: place
      ? { tenant, team: { id: place.teamId }, channel: { id: place.channelId }, teamsTeamId: place.teamId, teamsChannelId: place.channelId }
      : { tenant },
    ...more,
    ...(words === undefined ? {} : { text: words, textFormat: 'plain' }),
  };
}
