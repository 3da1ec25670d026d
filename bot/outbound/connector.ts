import { ConfigurationBotFrameworkAuthentication, ConfigurationServiceClientCredentialFactory } from 'botbuilder';
import { AuthenticationConstants, ClaimsIdentity } from 'botframework-connector';
import type { AuthenticateRequestResult, ConnectorClient } from 'botframework-connector';
import { z } from 'zod/v4';
import { serviceUrlAllowed } from '../settings.ts';
import type { BotSettings } from '../settings.ts';

/** Milliseconds that one call to the connector may take. The SDK has no limit of its own. */
const sendTimeoutMs = 10_000;
/** Milliseconds that getting a token may take. */
const tokenTimeoutMs = 5_000;
/** Service URLs differ by region only. */
const mostClients = 20;

type Factory = NonNullable<AuthenticateRequestResult['connectorFactory']>;

/** Clients of the Teams connector: authenticated, without retries of their own (our outbox retries), each call with a time-out, allowed hosts only. */
export interface Connectors {
  readonly authentication: ConfigurationBotFrameworkAuthentication;
  readonly claims: ClaimsIdentity;
  readonly scope: string;
  /** For the SDK's turns: the same clients. */
  readonly factory: Factory;
  /** @throws Where the host is not on the allow-list. */
  at(serviceUrl: string): Promise<ConnectorClient>;
  /** Is there a token to send with? Asked before sending, so that a missing token is never taken for an unknown outcome. */
  tokenAtHand(fresh: boolean): Promise<boolean>;
}

export function createConnectors(settings: BotSettings): Connectors {
  const options = {
    MicrosoftAppId: settings.appId,
    MicrosoftAppTenantId: settings.tenantId,
    ...(settings.identity.type === 'managed'
      ? { MicrosoftAppType: 'UserAssignedMSI' }
      : { MicrosoftAppType: 'SingleTenant', MicrosoftAppPassword: settings.identity.secret }),
    ...settings.local,
  };
  const scope = settings.local?.ToChannelFromBotOAuthScope ?? AuthenticationConstants.ToChannelFromBotOAuthScope;
  const credentials = new ConfigurationServiceClientCredentialFactory(options);
  const authentication = new ConfigurationBotFrameworkAuthentication(options, credentials);
  const claims = new ClaimsIdentity([
    { type: AuthenticationConstants.AudienceClaim, value: settings.appId },
    { type: AuthenticationConstants.AppIdClaim, value: settings.appId },
  ]);
  const clients = new Map<string, Promise<ConnectorClient>>();
  const made = authentication.createConnectorFactory(claims);

  async function at(serviceUrl: string): Promise<ConnectorClient> {
    if (!serviceUrlAllowed(serviceUrl, settings)) throw new ServiceUrlNotAllowed();
    if (clients.size > mostClients) clients.clear();
    const known = clients.get(serviceUrl) ?? made.create(serviceUrl, scope).then(tamed);
    clients.set(serviceUrl, known);
    return known;
  }

  return {
    authentication,
    claims,
    scope,
    factory: { create: at },
    at,
    async tokenAtHand(fresh) {
      const loginUrl = settings.local?.ToChannelFromBotLoginUrl ?? `${AuthenticationConstants.ToChannelFromBotLoginUrlPrefix}${settings.tenantId}`;
      const holder: object = await credentials.createCredentials(settings.appId, scope, loginUrl, true);
      if (!givesTokens(holder)) return true;
      return Promise.race([holder.getToken(fresh).then(said, refused), after(tokenTimeoutMs, false)]);
    },
  };
}

/** The service URL is not on the allow-list (settings.serviceUrlHosts). */
export class ServiceUrlNotAllowed extends Error {
  constructor() {
    super('A service URL is not on the allow-list of the bot (serviceUrlHosts). Nothing was sent.');
  }
}

interface Pipeline {
  removePolicy(policy: { readonly name: string }): unknown;
  addPolicy(policy: {
    readonly name: string;
    sendRequest(request: { timeout: number }, next: (request: { timeout: number }) => Promise<unknown>): Promise<unknown>;
  }): void;
}
/** The client's inner client; its types are private. Fails at the first use should the SDK's inside ever change. */
const inner = z.object({ pipeline: z.custom<Pipeline>((value) => typeof value === 'object' && value !== null && 'removePolicy' in value) });

/**
 * Takes out the SDK's own retries (it repeats a POST after a 5xx or a reset, which doubles cards) and redirects (they would carry our token elsewhere), and
 * gives each call a time-out. The client's options offer none of it (botbuilder 4.23.3 drops them), so its pipeline is changed; it may go with the SDK.
 */
function tamed(client: ConnectorClient): ConnectorClient {
  const { pipeline } = inner.parse(client['client']);
  pipeline.removePolicy({ name: 'defaultRetryPolicy' });
  pipeline.removePolicy({ name: 'redirectPolicy' });
  pipeline.addPolicy({
    name: 'radloopTimeout',
    sendRequest: (request, next) => {
      request.timeout = sendTimeoutMs;
      return next(request);
    },
  });
  return client;
}

function givesTokens(credentials: object): credentials is { getToken(fresh: boolean): Promise<string> } {
  return 'getToken' in credentials && typeof credentials.getToken === 'function';
}

const said = () => true;
const refused = () => false;

function after<T>(milliseconds: number, value: T): Promise<T> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(value), milliseconds).unref();
  });
}
