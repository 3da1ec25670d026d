import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod/v4';
import { person, type Person } from '#core/people.js';
import { channels } from '#domain/site.js';

/** A person of the site as Teams knows them. */
export interface Member {
  readonly id: string;
  readonly name: string;
  readonly aadObjectId: string;
  /** `29:…` */
  readonly teamsId: string;
  /** The conversation of this person and the bot; made of the person's id, so the same for ever. */
  readonly privateChat: string;
}

/** A channel in which a workflow's cards stand. */
export interface Place {
  readonly key: string;
  readonly teamId: string;
  readonly channelId: string;
  readonly name: string;
}

/** Who and what this Teams tenant holds. */
export interface Directory {
  readonly tenantId: string;
  readonly appId: string;
  /** `28:APPID` */
  readonly botId: string;
  readonly botName: string;
  readonly members: readonly Member[];
  readonly places: readonly Place[];
  /** The people who have a page: the first two protocoling radiologists. */
  readonly faces: readonly Member[];
  member(id: string): Member | undefined;
  /** By `29:…` id or Entra object id, as Teams takes both for a private chat. */
  memberByTeams(id: string): Member | undefined;
  memberByChat(conversationId: string): Member | undefined;
  placeByChannel(channelId: string): Place | undefined;
}

/** `CHANNEL;messageid=N` is a thread of CHANNEL. */
export function channelOf(conversationId: string): string {
  return conversationId.split(';')[0] ?? conversationId;
}

/** What the ledger calls a conversation: the place's key, the person's id, or `unknown`. */
export function placeName(directory: Directory, conversationId: string): string {
  return directory.memberByChat(conversationId)?.id ?? directory.placeByChannel(channelOf(conversationId))?.key ?? 'unknown';
}

function toMember(one: Person): Member {
  return { id: one.id, name: one.name, aadObjectId: one.aadObjectId, teamsId: one.teamsId ?? `29:${one.id}`, privateChat: `a:radloop-${one.id}` };
}

/** Reads people.json and channels.json of a site's folder. Throws with the file's name when one is missing or malformed. */
export function readDirectory(siteDir: string, appId: string): Directory {
  const read = <T>(name: string, schema: z.ZodType<T>): T => {
    const file = join(siteDir, name);
    try {
      return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
    } catch (error) {
      throw new Error(`${file} can't be used: ${error instanceof z.ZodError ? z.prettifyError(error) : String(error)}`, { cause: error });
    }
  };
  const people = read('people.json', z.array(person));
  const map = read('channels.json', channels);
  const members = people.map(toMember);
  const places = Object.entries(map.places).map(([key, place]) => ({ key, ...place }));
  const protocoling = people.filter((one) => one.roles.includes('protocoling-radiologist')).slice(0, 2);
  const find = (fits: (one: Member) => boolean): Member | undefined => members.find(fits);
  return {
    tenantId: map.tenantId,
    appId,
    botId: `28:${appId}`,
    botName: 'Radloop',
    members,
    places,
    faces: members.filter((one) => protocoling.some(({ id }) => id === one.id)),
    member: (id) => find((one) => one.id === id),
    memberByTeams: (id) => find((one) => one.teamsId === id || one.aadObjectId === id),
    memberByChat: (id) => find((one) => one.privateChat === id),
    placeByChannel: (id) => places.find((one) => one.channelId === id),
  };
}
