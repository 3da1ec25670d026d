import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { epochOf } from '#core/time.js';
import type { Clock } from '#ports/clock.js';
import type { ChannelKeys } from './keys.ts';

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

export type CheckedToken = { readonly ok: true } | { readonly ok: false; readonly status: 401 | 503; readonly check: string };

/** Seconds by which the connector's clock and ours may differ. */
const skewSeconds = 300;
const mostCharacters = 16 * 1024;

/** Checks a bearer token: shape, algorithm, key, signature, issuer, audience, times, service URL, endorsement. */
export async function checkToken(authorization: string | undefined, expected: ExpectedToken, keys: ChannelKeys, clock: Clock): Promise<CheckedToken> {
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/iu.exec(authorization ?? '')?.[1];
  if (token === undefined || token.length > mostCharacters) return refuse(authorization === undefined ? 'no-token' : 'not-a-bearer-token');
  const header = headerOf(token);
  if (header === null) return refuse('token-unreadable');
  // The algorithm is ours to say; a key that the token itself brings (jwk, jku, x5u) is never looked at.
  if (header.alg !== 'RS256') return refuse('token-algorithm');
  if (header.kid === undefined) return refuse('token-without-key-id');

  const key = await keys.find(header.kid);
  if (!key.ok) return { ok: false, status: key.code === 'keys-unavailable' ? 503 : 401, check: key.code };
  try {
    const { payload } = await jwtVerify(token, key.found.key, {
      algorithms: ['RS256'],
      issuer: expected.issuer,
      audience: expected.audience,
      clockTolerance: skewSeconds,
      currentDate: new Date(epochOf(clock.now())),
      requiredClaims: ['exp'],
    });
    if (payload.aud !== expected.audience) return refuse('token-aud');
    if (expected.serviceUrl === '' || payload['serviceurl'] !== expected.serviceUrl) return refuse('token-serviceurl');
  } catch (error) {
    return refuse(checkNamed(error));
  }
  if (!key.found.endorsements.includes(expected.channelId)) return refuse('key-endorsement');
  return { ok: true };
}

function refuse(check: string): CheckedToken {
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

function checkNamed(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'token-expired';
  if (error instanceof errors.JWTClaimValidationFailed) return `token-${error.claim}`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'token-signature';
  return 'token-invalid';
}
