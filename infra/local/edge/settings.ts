/** The app registration that the rehearsal bot has: invented, and of no use anywhere else. */
export const REHEARSAL_APP_ID = '7c9e6679-7425-40de-944b-e07fc1f90ae7';

/** The app registration of the rehearsal site's API: what a person's token for /api/mcp is good for. */
export const REHEARSAL_API_ID = 'b0c1f7e2-3a64-4d0e-9a57-2f6d1c8e4b90';

/** What the bot's tokens for the connector are good for (Bot Framework, "Authentication for bots"). */
export const CONNECTOR_AUDIENCE = 'https://api.botframework.com';

/** Sent by the managed-identity client as X-IDENTITY-HEADER. Not a secret here: everything listens on loopback. */
export const IDENTITY_HEADER = 'radloop-rehearsal';

export function edgeUrl(port: number): string {
  return `http://127.0.0.1:${String(port)}`;
}

/** The only service URL that the edge signs for. */
export function edgeServiceUrl(port: number): string {
  return `${edgeUrl(port)}/_connector`;
}

/**
 * The environment with which the service's stock Microsoft sign-in, and the door for outside orchestrators, take this edge in place of Microsoft's. In
 * production all of it is left out but the first three. MicrosoftAppPassword must stay unset: with it the SDK would not take the managed-identity path.
 */
export function edgeSettings(port: number, appId: string, tenantId: string): Record<string, string> {
  const url = edgeUrl(port);
  const metadata = `${url}/.well-known/openidconfiguration`;
  return {
    MicrosoftAppId: appId,
    MicrosoftAppTenantId: tenantId,
    MicrosoftAppType: 'UserAssignedMSI',
    ToBotFromChannelOpenIdMetadataUrl: metadata,
    ToBotFromChannelTokenIssuer: url,
    ToBotFromEmulatorOpenIdMetadataUrl: metadata,
    ToChannelFromBotLoginUrl: `${url}/login`,
    ToChannelFromBotOAuthScope: CONNECTOR_AUDIENCE,
    OAuthUrl: `${url}/oauth`,
    CallerId: 'urn:botframework:azure',
    RADLOOP_API_AUDIENCE: REHEARSAL_API_ID,
    ValidateAuthority: 'true',
    IDENTITY_ENDPOINT: `${url}/msi/token`,
    IDENTITY_HEADER,
  };
}
