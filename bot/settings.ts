import { z } from 'zod/v4';

/** What points the SDK at a local identity provider and connector. The SDK takes all of them or none. Named as the SDK names them. */
const local = z.object({
  ToBotFromChannelOpenIdMetadataUrl: z.url(),
  ToBotFromChannelTokenIssuer: z.string().min(1),
  ToBotFromEmulatorOpenIdMetadataUrl: z.url(),
  ToChannelFromBotLoginUrl: z.url(),
  ToChannelFromBotOAuthScope: z.string().min(1),
  OAuthUrl: z.url(),
  CallerId: z.string().min(1),
  ValidateAuthority: z.enum(['true', 'false']),
});

/** The bot's settings. Without an app id there is no bot: it has no anonymous mode. */
export const botSettings = z
  .object({
    /** Application (client) id of the bot's own Entra app registration. */
    appId: z.guid('the bot needs its app registration: set its application (client) id'),
    /** Tenant of the app registration. */
    tenantId: z.guid(),
    /** How the bot proves itself to the connector: a managed identity, or on a machine without one the registration's secret. */
    identity: z
      .discriminatedUnion('type', [z.object({ type: z.literal('managed') }), z.object({ type: z.literal('secret'), secret: z.string().min(1) })])
      .default({ type: 'managed' }),
    /** Tenants whose people may write. */
    tenantIds: z.array(z.guid()).min(1, 'name at least one tenant whose people may use the bot'),
    /**
     * Hosts that a service URL may name: an exact host, or a suffix that starts with a dot. https only.
     * `127.0.0.1:PORT` is allowed over http, at a rehearsal site only.
     */
    serviceUrlHosts: z.array(z.string().min(4)).min(1, 'name at least one host of the Teams connector'),
    /** A rehearsal site: loopback service URLs are allowed. */
    rehearsal: z.boolean().default(false),
    local: local.nullable().default(null),
  })
  .refine((settings) => settings.rehearsal || settings.local === null, {
    path: ['local'],
    message: 'a local identity provider is for a rehearsal site only: take the To... settings out, or set rehearsal in site.json',
  });
/** As parsed: every default filled in. */
export type BotSettings = z.infer<typeof botSettings>;

/** Hosts of the Teams connector in the public cloud. */
export const teamsHosts = ['smba.trafficmanager.net', '.botframework.com'] as const;

/** Where the keys of the Bot Connector stand, and who it says it is. @see https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication */
export function channelIdentity(settings: BotSettings): { readonly metadataUrl: string; readonly issuer: string } {
  return {
    metadataUrl: settings.local?.ToBotFromChannelOpenIdMetadataUrl ?? 'https://login.botframework.com/v1/.well-known/openidconfiguration',
    issuer: settings.local?.ToBotFromChannelTokenIssuer ?? 'https://api.botframework.com',
  };
}

/** May the bot send its token there? */
export function serviceUrlAllowed(serviceUrl: string, settings: Pick<BotSettings, 'serviceUrlHosts' | 'rehearsal'>): boolean {
  if (!URL.canParse(serviceUrl)) return false;
  const url = new URL(serviceUrl);
  if (url.username !== '' || url.password !== '') return false;
  if (url.protocol === 'http:') return settings.rehearsal && url.hostname === '127.0.0.1' && settings.serviceUrlHosts.includes(url.host);
  if (url.protocol !== 'https:' || url.port !== '') return false;
  return settings.serviceUrlHosts.some((host) => (host.startsWith('.') ? url.hostname.endsWith(host) : url.hostname === host));
}
