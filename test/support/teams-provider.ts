import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import type { CryptoKey, JWTHeaderParameters } from 'jose';
import type { BotSettings } from '#bot/settings.js';

/** An OpenID provider, a token endpoint of a managed identity and a Teams connector in one loopback server, with real RS256 keys: what a bot meets. */
export interface TeamsSide {
  readonly origin: string;
  /** The connector's address. */
  readonly serviceUrl: string;
  readonly appId: string;
  readonly tenantId: string;
  /** A key that signs; the endorsed one, one endorsed for another channel, one endorsed for nothing, one that is not published. */
  readonly keys: Readonly<
    Record<
      'good' | 'otherChannel' | 'noEndorsements' | 'unpublished',
      { readonly kid: string; readonly private: CryptoKey; readonly public: CryptoKey }
    >
  >;
  /** What the bot called, oldest first. */
  readonly calls: Call[];
  /** The next calls to the connector are answered so, one each. */
  readonly next: Reply[];
  /** Requests for keys; they are refused while `down`, and get no answer at all while `silent`. */
  readonly keyService: { fetched: number; down: boolean; silent: boolean; published: ('good' | 'otherChannel' | 'noEndorsements' | 'unpublished')[] };
  /** A token; claims and header are merged over those of a good one, null takes one out. */
  token(claims?: Record<string, unknown>, options?: { header?: Partial<JWTHeaderParameters>; key?: CryptoKey; kid?: string }): Promise<string>;
  close(): Promise<void>;
}

export interface Call {
  readonly method: string;
  readonly path: string;
  /** As sent, parsed. */
  readonly body: ReturnType<typeof JSON.parse>;
  readonly authorization: string | undefined;
  /** Activity id of the message that stands there since; empty for a call that left none. */
  answered: string;
}

export type Reply = { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> } | 'hang' | 'cut';

export async function startTeamsSide(): Promise<TeamsSide> {
  const appId = '6f1cd1d0-79f1-4c4c-9d5e-1c1f3e7a0001';
  const tenantId = '5b634b6d-9444-478b-9d66-28364c42ff19';
  const pair = async (kid: string) => {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    return { kid, private: privateKey, public: publicKey };
  };
  const keys = { good: await pair('good'), otherChannel: await pair('other'), noEndorsements: await pair('none'), unpublished: await pair('hidden') };
  const endorsements = { good: ['msteams'], otherChannel: ['webchat'], noEndorsements: undefined, unpublished: ['msteams'] };
  const calls: TeamsSide['calls'] = [];
  const next: Reply[] = [];
  const keyService: TeamsSide['keyService'] = { fetched: 0, down: false, silent: false, published: ['good', 'otherChannel', 'noEndorsements'] };
  let posted = 0;

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    const answer = async () => {
      const path = request.url ?? '';
      const json = (status: number, body: unknown, headers: Record<string, string> = {}) => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body === undefined ? '' : JSON.stringify(body));
      };
      if (path.startsWith('/.well-known')) {
        keyService.fetched += 1;
        if (keyService.silent) return;
        return keyService.down ? json(503, {}) : json(200, { issuer: origin, jwks_uri: `${origin}/keys` });
      }
      if (path === '/keys') {
        const published = await Promise.all(
          keyService.published.map(async (name) => ({
            ...(await exportJWK(keys[name].public)),
            kid: keys[name].kid,
            use: 'sig',
            ...(endorsements[name] === undefined ? {} : { endorsements: endorsements[name] }),
          })),
        );
        return json(200, { keys: published });
      }
      if (path.startsWith('/msi/token')) {
        return json(200, {
          access_token: 'token-of-the-bot',
          expires_on: String(Math.floor(Date.now() / 1000) + 3600),
          resource: 'https://api.botframework.com',
          token_type: 'Bearer',
        });
      }
      const text = Buffer.concat(chunks).toString('utf8');
      const call: Call = {
        method: request.method ?? '',
        path: decodeURIComponent(path),
        body: JSON.parse(text === '' ? 'null' : text),
        authorization: request.headers.authorization,
        answered: '',
      };
      calls.push(call);
      const reply = next.shift();
      if (reply === 'hang') return;
      if (reply === 'cut') return request.socket.destroy();
      if (reply !== undefined) return json(reply.status, reply.body, reply.headers);
      if (call.method === 'PUT') {
        call.answered = call.path.split('/').at(-1) ?? '';
        return json(200, { id: call.answered });
      }
      posted += 1;
      if (/\/v3\/conversations$/u.test(path)) {
        const { body } = call;
        const channel = body.channelData?.channel?.id;
        if (channel !== undefined) call.answered = String(posted);
        return channel === undefined
          ? json(201, { id: `a:${body.members[0].id}` })
          : json(201, { id: `${channel};messageid=${posted}`, activityId: String(posted) });
      }
      call.answered = String(posted);
      return json(200, { id: String(posted) });
    };
    request.on('end', () => {
      answer().catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const serviceUrl = `${origin}/_connector`;

  return {
    origin,
    serviceUrl,
    appId,
    tenantId,
    keys,
    calls,
    next,
    keyService,
    async token(claims = {}, options = {}) {
      const now = Math.floor(Date.now() / 1000);
      const all: Record<string, unknown> = { iss: origin, aud: appId, serviceurl: serviceUrl, nbf: now - 10, exp: now + 3600, ...claims };
      const payload = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
      const header = { alg: 'RS256', kid: options.kid ?? keys.good.kid, ...options.header };
      return new SignJWT(payload).setProtectedHeader(header).sign(options.key ?? keys.good.private);
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** The bot's settings for this Teams side. */
export function settingsFor(side: TeamsSide): BotSettings {
  return {
    appId: side.appId,
    tenantId: side.tenantId,
    tenantIds: [side.tenantId],
    serviceUrlHosts: [new URL(side.origin).host, 'smba.trafficmanager.net', '.botframework.com'],
    rehearsal: true,
    identity: { type: 'managed' },
    local: {
      ToBotFromChannelOpenIdMetadataUrl: `${side.origin}/.well-known/openidconfiguration`,
      ToBotFromChannelTokenIssuer: side.origin,
      ToBotFromEmulatorOpenIdMetadataUrl: `${side.origin}/.well-known/openidconfiguration`,
      ToChannelFromBotLoginUrl: `${side.origin}/login`,
      ToChannelFromBotOAuthScope: 'https://api.botframework.com',
      OAuthUrl: `${side.origin}/oauth`,
      CallerId: 'urn:botframework:azure',
      ValidateAuthority: 'true',
    },
  };
}
