import { addressClass } from '#core/address.js';
import type { Person } from '#core/people.js';
import type { Clock } from '#ports/clock.js';
import type { Desk } from '#ports/desk.js';
import type { Directory } from '#ports/directory.js';
import type { Log } from '#ports/log.js';
import { auditable, personOf, tenantsOf } from './identity.ts';
import { readEnvelope, refusedUnread } from './inbound/envelope.ts';
import type { Envelope } from './inbound/envelope.ts';
import { createChannelKeys } from './keys.ts';
import type { ChannelKeys } from './keys.ts';
import { channelIdentity, serviceUrlAllowed } from './settings.ts';
import type { BotSettings } from './settings.ts';
import { proveToken, readToken } from './token.ts';

/** A POST to /api/messages, as the trigger has it. */
export interface BotRequest {
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly contentEncoding?: string | undefined;
  /** Who sent it, as the host saw it. */
  readonly address?: string | undefined;
  readonly body: Uint8Array;
}

/** A checked activity. */
export interface Admitted {
  readonly ok: true;
  readonly activity: Envelope;
  readonly serviceUrl: string;
  /** Null only for activities that carry no act of a person (installations, typing, reactions). */
  readonly person: Person | null;
}

export type Guarded = Admitted | { readonly ok: false; readonly status: 400 | 401 | 403 | 413 | 415 | 503; readonly check: string };

export interface Guard {
  /** Every refusal leaves one audit row that names the check, and nothing that the sender wrote; a flood of them leaves a row a minute with their count. */
  check(request: BotRequest): Promise<Guarded>;
  /** Puts a refusal on record that was found later, where the activity was read further. */
  refused(request: BotRequest, status: number, check: string, activity: Envelope): Promise<void>;
  /** Are the keys at hand by which tokens are checked? */
  keysUsable(): Promise<boolean>;
}

const channelId = 'msteams';
/** Activities in which a person asks or does something. */
const acts: readonly string[] = ['message', 'invoke'];
/** What Teams sends besides. @see https://github.com/microsoft/botframework-sdk/blob/main/specs/botframework-activity/botframework-activity.md */
const news: readonly string[] = [
  ...['conversationUpdate', 'installationUpdate', 'messageReaction', 'messageUpdate', 'messageDelete', 'typing', 'event', 'endOfConversation'],
  ...['invokeResponse', 'command', 'commandResult', 'handoff', 'trace', 'suggestion', 'contactRelationUpdate', 'deleteUserData', 'delay'],
];

/**
 * Stands before the SDK: it alone decides whether an activity is heard. The SDK's own checks answer 500 to a forged signature and accept unendorsed
 * keys, empty service URLs, foreign tenants and, on another channel id, tokens of the bot's own registration.
 */
export function createGuard(needs: {
  readonly settings: BotSettings;
  readonly directory: Directory;
  readonly desk: Pick<Desk, 'deny'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly keys?: ChannelKeys;
}): Guard {
  const { settings, directory, desk, clock, log } = needs;
  const { metadataUrl, issuer } = channelIdentity(settings);
  const keys = needs.keys ?? createChannelKeys(metadataUrl, clock);
  const tenants = settings.tenantIds.map((id) => id.toLowerCase());

  /** The cheap checks first: a flood of garbage costs neither a parser nor a signature. */
  async function examine(request: BotRequest): Promise<{ readonly result: Guarded; readonly proven: Envelope | null }> {
    const unread = refusedUnread(request);
    if (unread !== null) return { result: unread, proven: null };
    const expected = { issuer, audience: settings.appId, channelId };
    const claimed = readToken(request.authorization, expected, clock);
    if (!claimed.ok) return { result: claimed, proven: null };
    const read = readEnvelope(request.body);
    if (!read.ok) return { result: read, proven: null };
    const activity = read.value;
    const serviceUrl = activity.serviceUrl ?? '';
    // Before the signature: on another channel the SDK and its keys mean something else.
    if (activity.channelId !== channelId) return { result: refuse(403, 'channel'), proven: null };
    const token = await proveToken(claimed, { ...expected, serviceUrl }, keys, clock);
    if (!token.ok) return { result: token, proven: null };
    return { result: judge(activity, serviceUrl), proven: activity };
  }

  /** What a genuine token does not promise: where we would answer, and who is speaking. */
  function judge(activity: Envelope, serviceUrl: string): Guarded {
    if (!serviceUrlAllowed(serviceUrl, settings)) return refuse(403, 'service-url');
    const named = tenantsOf(activity);
    if (named.length === 0) return refuse(403, 'no-tenant');
    if (!named.every((id) => tenants.includes(id.toLowerCase()))) return refuse(403, 'tenant');
    if (!acts.includes(activity.type) && !news.includes(activity.type)) return refuse(400, 'activity-type');
    if (activity.conversation === undefined || activity.conversation.id === '') return refuse(400, 'no-conversation');
    const person = personOf(activity, directory);
    if (person === null && acts.includes(activity.type)) return refuse(403, 'person');
    return { ok: true, activity, serviceUrl, person };
  }

  async function record(request: BotRequest, status: number, check: string, proven: Envelope | null): Promise<void> {
    const noted = await desk.deny('teams-activity-refused', {
      status,
      check,
      from: addressClass(request.address),
      tenant: auditable(proven?.channelData?.tenant?.id),
      aadObjectId: auditable(proven?.from?.aadObjectId),
    });
    if (noted === 'recorded') log.info('bot.refused', { status, check });
  }

  return {
    keysUsable: () => keys.usable(),
    refused: record,
    async check(request) {
      const { result, proven } = await examine(request);
      if (!result.ok) await record(request, result.status, result.check, proven);
      return result;
    },
  };
}

function refuse(status: 400 | 403, check: string): Guarded {
  return { ok: false, status, check };
}
