import { createBot } from '#bot/agent.js';
import type { Bot } from '#bot/agent.js';
import { understand } from '#models/intents/index.js';
import { channels, conversationsInMemory, directoryOf, fakeDesk, haddad, okafor, silentLog, wallClock } from './clinic.ts';
import { settingsFor, startTeamsSide } from './teams-provider.ts';
import type { TeamsSide } from './teams-provider.ts';

export interface BotFixture {
  readonly side: TeamsSide;
  readonly bot: Bot;
  readonly desk: ReturnType<typeof fakeDesk>;
  readonly log: ReturnType<typeof silentLog>;
  readonly conversations: ReturnType<typeof conversationsInMemory>;
  /** Activities that have reached a handler. */
  readonly heard: number;
  /** An activity of Dr Okafor in her private chat; parts are merged over it. */
  activity(parts?: Record<string, unknown>): Record<string, unknown>;
  /** Signs and posts an activity as Teams would. */
  post(activity: Record<string, unknown>, authorization?: string): ReturnType<Bot['handle']>;
}

const protocols = [
  { id: 'CT-HEAD-WO', name: 'CT head without contrast' },
  { id: 'CT-HEAD-W', name: 'CT head without and with contrast' },
  { id: 'MR-BRAIN-WO', name: 'MR brain without contrast' },
];
export const thread = '19:protocoling@thread.tacv2;messageid=1';

/** A bot with a fake desk, met by a Teams side with real keys over loopback. */
export async function startBotFixture(side: TeamsSide): Promise<BotFixture> {
  // The SDK itself reads where the managed identity stands.
  process.env['IDENTITY_ENDPOINT'] = `${side.origin}/msi/token`;
  process.env['IDENTITY_HEADER'] = 'secret';
  const desk = fakeDesk();
  const log = silentLog();
  const conversations = conversationsInMemory();
  let heard = 0;
  const bot = createBot({
    settings: settingsFor(side),
    desk,
    directory: directoryOf([okafor, haddad]),
    channels: channels(side.serviceUrl, side.tenantId),
    conversations,
    log,
    clock: wallClock,
    sendLimit: 'on',
    understand: (said) => understand(said, protocols),
    heard: () => {
      heard += 1;
    },
  });
  const activity = (parts: Record<string, unknown> = {}): Record<string, unknown> => ({
    type: 'message',
    id: '1732531200000',
    timestamp: '2026-11-25T10:40:00.000Z',
    channelId: 'msteams',
    serviceUrl: side.serviceUrl,
    from: { id: '29:rehearsal-dr-okafor', name: 'Ngozi Okafor', aadObjectId: okafor.aadObjectId },
    recipient: { id: `28:${side.appId}`, name: 'Radloop' },
    conversation: { id: 'a:okafor', conversationType: 'personal', tenantId: side.tenantId },
    channelData: { tenant: { id: side.tenantId } },
    ...parts,
  });
  return {
    side,
    bot,
    desk,
    log,
    conversations,
    get heard() {
      return heard;
    },
    activity,
    post: async (sent, authorization) =>
      bot.handle({
        authorization: authorization ?? `Bearer ${await side.token()}`,
        contentType: 'application/json; charset=utf-8',
        body: Buffer.from(JSON.stringify(sent)),
      }),
  };
}

export { startTeamsSide };
