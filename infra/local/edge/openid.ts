import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod/v4';
import { CONNECTOR_AUDIENCE, REHEARSAL_API_ID } from './settings.ts';

/** An OpenID provider for one app: signs what goes to the bot, gives the bot its tokens, checks them when they come back. */
export interface OpenId {
  metadata(): Record<string, unknown>;
  keys(): Record<string, unknown>;
  /** The bearer token of an activity whose serviceUrl is `serviceUrl`. */
  signInbound(serviceUrl: string): Promise<string>;
  /**
   * A person's token for the site's API, as Entra gives one to whoever is signed in (version 2.0). Everybody has just signed in, with what the authentication context asks for.
   * @param asked the client that it is for (`azp`), and the context that it asks for (`acrs`)
   */
  signIn(
    person: { readonly aadObjectId: string; readonly tenantId: string },
    asked?: { readonly client: string | null; readonly context: string | null },
  ): Promise<string>;
  /** What a managed identity answers: `{access_token, expires_on (seconds, text), resource, token_type}`. */
  readonly grant: (resource: string) => Promise<Record<string, string>>;
  /** Undefined when the header carries a token that this provider gave this app for the connector; else why not. */
  refusal(authorization: string | undefined): Promise<string | undefined>;
}

const rsaKey = z.looseObject({ kty: z.literal('RSA'), kid: z.string(), n: z.string(), e: z.string(), d: z.string() });

/**
 * The signing key, kept in DIR/edge-key.json (0600): the bot remembers keys for a day, so that a new key after a restart would lock the edge
 * out. A file that does not read is an error, not a reason for a new key.
 */
async function keptKey(file: string): Promise<z.infer<typeof rsaKey>> {
  if (!existsSync(file)) {
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    const jwk = await exportJWK(privateKey);
    const kept = { ...jwk, alg: 'RS256', use: 'sig', kid: await calculateJwkThumbprint(jwk) };
    writeFileSync(`${file}.new`, `${JSON.stringify(kept)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  chmodSync(file, 0o600);
  try {
    return rsaKey.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new Error(`${file} does not hold the edge's signing key; delete it, and restart the bot too`, { cause: error });
  }
}

export async function openIdProvider(dataDir: string, issuer: string, appId: string): Promise<OpenId> {
  const jwk = await keptKey(join(dataDir, 'edge-key.json'));
  const { kty, kid, n, e } = jwk;
  const publicJwk = { kty, use: 'sig', kid, alg: 'RS256', n, e };
  const [privateKey, publicKey] = await Promise.all([importJWK(jwk, 'RS256'), importJWK(publicJwk, 'RS256')]);

  const sign = (claims: Record<string, unknown>, audience: string): Promise<string> =>
    new SignJWT({ ...claims, jti: randomUUID() })
      .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setNotBefore('-1m')
      .setExpirationTime('1h')
      .sign(privateKey);

  return {
    metadata: () => ({
      issuer,
      authorization_endpoint: `${issuer}/login`,
      token_endpoint: `${issuer}/msi/token`,
      jwks_uri: `${issuer}/.well-known/keys`,
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
    }),
    keys: () => ({ keys: [{ ...publicJwk, endorsements: ['msteams'] }] }),
    signInbound: (serviceUrl) => sign({ serviceurl: serviceUrl }, appId),
    signIn: ({ aadObjectId, tenantId }, { client, context } = { client: null, context: null }) => {
      const person = { tid: tenantId, oid: aadObjectId, scp: 'access_as_user', ver: '2.0', auth_time: Math.floor(Date.now() / 1000) };
      return sign({ ...person, ...(client === null ? {} : { azp: client }), ...(context === null ? {} : { acrs: [context] }) }, REHEARSAL_API_ID);
    },
    grant: async (resource) => ({
      access_token: await sign({ appid: appId, ver: '1.0' }, resource),
      expires_on: String(Math.floor(Date.now() / 1000) + 3600),
      resource,
      token_type: 'Bearer',
    }),
    refusal: async (authorization) => {
      const token = /^Bearer (\S+)$/u.exec(authorization ?? '')?.[1];
      if (token === undefined) return 'no bearer token';
      try {
        const { payload } = await jwtVerify(token, publicKey, { issuer, audience: CONNECTOR_AUDIENCE, algorithms: ['RS256'] });
        return payload['appid'] === appId ? undefined : 'the token is of another app';
      } catch (error) {
        return error instanceof Error ? error.message : 'the token does not verify';
      }
    },
  };
}
