import { z } from 'zod/v4';
import type { Person } from '#core/people.js';
import type { Directory } from '#ports/directory.js';
import type { Envelope } from './inbound/envelope.ts';

const guid = z.guid();

/** The person behind an activity: the Entra object id, looked up in our own directory. Never the name or the Teams id, which anybody may send. */
export function personOf(activity: Envelope, directory: Directory): Person | null {
  const id = activity.from?.aadObjectId;
  return id === undefined || !guid.safeParse(id).success ? null : directory.byAadObjectId(id.toLowerCase());
}

/** The tenants that an activity names: of the channel, the conversation and the sender, which must agree. Empty: it names none. */
export function tenantsOf(activity: Envelope): readonly string[] {
  const named = [activity.channelData?.tenant?.id, activity.conversation?.tenantId, activity.from?.tenantId];
  return named.filter((id) => id !== undefined && id !== '').map((id) => String(id));
}

/** Only the chat of one person and the bot is private. A chat that does not say what it is counts as public. */
export function isPrivate(activity: Envelope): boolean {
  return activity.conversation?.conversationType === 'personal' && activity.conversation['isGroup'] !== true;
}

/** An opaque id for an audit row; null where the sender wrote something else there. */
export function auditable(id: string | undefined): string | null {
  return id !== undefined && guid.safeParse(id).success ? id.toLowerCase() : null;
}
