import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { JWTPayload } from 'jose';
import { epochOf } from '#core/time.js';
import type { Clock } from '#ports/clock.js';
import type { ChannelKey, ChannelKeys } from './keys.ts';

/** What the connector's token must say. @see INVARIANTS 2.1, Bot endpoint */
export interface ExpectedToken {
  readonly issuer: string;
  /** Our app id. */
  readonly audience: string;
  /** The activity's service URL, which the token must name too. */
  readonly serviceUrl: string;
  /** The channel that the key must be endorsed for. */
  readonly channelId: string;
}

export interface RefusedToken {
  readonly ok: false;
  readonly status: 401 | 503;
  readonly check: string;
}

/** A token that says what ours say; that it is ours is not proven yet. */
export interface ClaimedToken {
  readonly ok: true;
  readonly token: string;
  readonly kid: string;
  /** The service URL that it names. */
  readonly serviceUrl: unknown;
}

/** Seconds by which the connector's clock and ours may differ. */
const skewSeconds = 300;
const mostCharacters = 16 * 1024;

/**
 * Shape, algorithm, issuer, audience and times, before anything dear is done: no key is looked for and no signature worked out for what could not be ours.
 * The Bot Connector writes `Bearer` with a capital.
 */
export function readToken(
  authorization: string | undefined,
  { issuer, audience }: Pick<ExpectedToken, 'issuer' | 'audience'>,
  clock: Clock,
): ClaimedToken | RefusedToken {
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/u.exec(authorization ?? '')?.[1];
  if (token === undefined || token.length > mostCharacters) return refuse(authorization === undefined ? 'no-token' : 'not-a-bearer-token');
  const header = headerOf(token);
  const claims = claimsOf(token);
  if (header === null || claims === null) return refuse('token-unreadable');
  // The algorithm is ours to say; a key that the token itself brings (jwk, jku, x5u) is never looked at.
  if (header.alg !== 'RS256') return refuse('token-algorithm');
  if (header.kid === undefined) return refuse('token-without-key-id');
  if (claims.iss !== issuer) return refuse('token-iss');
  if (claims.aud !== audience) return refuse('token-aud');
  const now = epochOf(clock.now()) / 1000;
  if (typeof claims.exp !== 'number') return refuse('token-exp');
  if (claims.exp + skewSeconds <= now) return refuse('token-expired');
  if (typeof claims.nbf === 'number' && claims.nbf - skewSeconds > now) return refuse('token-nbf');
  return { ok: true, token, kid: header.kid, serviceUrl: claims['serviceurl'] };
}

/** Service URL, key, signature, endorsement; with the signature everything that was read before it counts. */
export async function proveToken(
  claimed: ClaimedToken,
  expected: ExpectedToken,
  keys: ChannelKeys,
  clock: Clock,
): Promise<{ readonly ok: true } | RefusedToken> {
  if (expected.serviceUrl === '' || claimed.serviceUrl !== expected.serviceUrl) return refuse('token-serviceurl');
  const key = await keyOf(claimed, keys);
  if (!key.ok) return key;
  if (!key.found.endorsements.includes(expected.channelId)) return refuse('key-endorsement');
  const signed = await signedClaims(claimed, key.found, expected, clock);
  return signed.ok ? { ok: true } : signed;
}

/** The key that the token names, if it is one of these. */
export async function keyOf({ kid }: ClaimedToken, keys: ChannelKeys): Promise<{ readonly ok: true; readonly found: ChannelKey } | RefusedToken> {
  const key = await keys.find(kid);
  return key.ok ? key : { ok: false, status: key.code === 'keys-unavailable' ? 503 : 401, check: key.code };
}

/** What the token says, once its signature by this key is proven. */
export async function signedClaims(
  { token }: ClaimedToken,
  { key }: ChannelKey,
  { issuer, audience }: Pick<ExpectedToken, 'issuer' | 'audience'>,
  clock: Clock,
): Promise<{ readonly ok: true; readonly claims: JWTPayload } | RefusedToken> {
  try {
    const { payload } = await jwtVerify(token, key, {
      ...{ algorithms: ['RS256'], issuer, audience, clockTolerance: skewSeconds },
      currentDate: new Date(epochOf(clock.now())),
      requiredClaims: ['exp'],
    });
    return { ok: true, claims: payload };
  } catch (error) {
    return refuse(checkNamed(error));
  }
}

function refuse(check: string): RefusedToken {
  return { ok: false, status: 401, check };
}

function headerOf(token: string): { readonly alg: string | undefined; readonly kid: string | undefined } | null {
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    return { alg, kid: typeof kid === 'string' ? kid : undefined };
  } catch {
    return null;
  }
}

function claimsOf(token: string): ReturnType<typeof decodeJwt> | null {
  try {
    return decodeJwt(token);
  } catch {
    return null;
  }
}

function checkNamed(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'token-expired';
  if (error instanceof errors.JWTClaimValidationFailed) return `token-${error.claim}`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'token-signature';
  return 'token-invalid';
}
