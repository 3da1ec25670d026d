import { randomUUID } from 'node:crypto';
import { SignJWT, importJWK } from 'jose';
import type { JWK } from 'jose';
import type { Instant } from '#core/time.js';
import { epochOf } from '#core/time.js';
import { EhrFailure } from './failure.ts';
import { numberAt, textAt } from './read.ts';
import { bodyOf, retryAfter } from './transport.ts';
import type { TokenSource } from './transport.ts';

/** SMART Backend Services (SMART App Launch 2.x, "Backend Services"): client_credentials with a signed assertion. */
export interface SmartOptions {
  readonly tokenUrl: string;
  readonly clientId: string;
  /** Such as `system/ServiceRequest.rs system/Task.cu`. */
  readonly scope: string;
  /** Private JWK with its `kid`: RSA (RS384) or EC P-384 (ES384). */
  readonly key: JWK;
}

const ASSERTION_SECONDS = 240;
/** Before its end a token is no longer used; of a short-lived one the last tenth. */
const EARLY_SECONDS = 30;
/** RFC 6749 5.1 only recommends that the server says how long. */
const UNSAID_SECONDS = 300;
const TOKEN_REQUEST_MS = 10_000;
const LONGEST_ANSWER_BYTES = 256 * 1024;
/** RFC 6749 5.2 and RFC 7521 4.2.1; anything else is not repeated. */
const REFUSALS = ['invalid_request', 'invalid_client', 'invalid_grant', 'unauthorized_client', 'unsupported_grant_type', 'invalid_scope'];

/** @throws TypeError at once when the key can't be one: the service does not start with it. */
export function smartTokens(options: SmartOptions, now: () => Instant): TokenSource {
  const alg = algorithmOf(options.key);
  let held: { readonly token: string; readonly until: number } | null = null;
  let asking: Promise<string> | null = null;
  const ask = async (): Promise<string> => {
    const asked = epochOf(now());
    const { token, seconds } = await request(options, alg, asked);
    held = { token, until: asked + (seconds - Math.min(EARLY_SECONDS, seconds / 10)) * 1000 };
    return token;
  };
  return {
    async token(signal) {
      if (held !== null && epochOf(now()) < held.until) return held.token;
      // One request for all who wait, with its own time-out: none of them takes it away from the others.
      asking ??= ask().finally(() => {
        asking = null;
      });
      const token = asking;
      return await new Promise((resolve, reject) => {
        const late = (): void => {
          reject(new EhrFailure('late'));
        };
        if (signal.aborted) late();
        signal.addEventListener('abort', late, { once: true });
        token.then(resolve, reject).finally(() => {
          signal.removeEventListener('abort', late);
        });
      });
    },
    forget(token) {
      if (held?.token === token) held = null;
    },
  };
}

function algorithmOf(key: JWK): 'RS384' | 'ES384' {
  if (key.d === undefined) throw new TypeError('The SMART key is no private JWK: "d" is missing');
  if (key.kid === undefined) throw new TypeError('The SMART key has no "kid": the EHR could not tell which of our public keys to use');
  if (key.kty === 'RSA') return 'RS384';
  if (key.kty === 'EC' && key.crv === 'P-384') return 'ES384';
  throw new TypeError('The SMART key must be RSA (RS384) or EC P-384 (ES384)');
}

async function request(
  { tokenUrl, clientId, scope, key }: SmartOptions,
  alg: 'RS384' | 'ES384',
  asked: number,
): Promise<{ token: string; seconds: number }> {
  const issued = Math.floor(asked / 1000);
  const assertion = await new SignJWT({})
    .setProtectedHeader({ alg, typ: 'JWT', kid: key.kid ?? '' })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(tokenUrl)
    .setJti(randomUUID())
    .setIssuedAt(issued)
    .setExpirationTime(issued + ASSERTION_SECONDS)
    .sign(await importJWK(key, alg));
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    scope,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  });
  const signal = AbortSignal.timeout(TOKEN_REQUEST_MS);
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(tokenUrl, { method: 'POST', headers: { accept: 'application/json' }, body, redirect: 'manual', signal });
    answer = parsed(await bodyOf(response, LONGEST_ANSWER_BYTES, signal));
  } catch {
    throw new EhrFailure('token-unreachable');
  }
  const token = textAtFull(answer);
  if (response.ok && token !== null && /^bearer$/iu.test(textAt(answer, 'token_type') ?? '')) {
    return { token, seconds: Math.max(0, numberAt(answer, 'expires_in') ?? UNSAID_SECONDS) };
  }
  if (response.status >= 500 || response.status === 429) throw new EhrFailure('token-unreachable', withoutNull(retryAfter(response.headers)));
  const said = REFUSALS.find((one) => one === textAt(answer, 'error'));
  throw new EhrFailure('token-refused', { status: response.status, said: said === undefined ? null : `HTTP ${String(response.status)}, ${said}` });
}

function withoutNull(retryAfterSeconds: number | null): { readonly retryAfterSeconds?: number } {
  return retryAfterSeconds === null ? {} : { retryAfterSeconds };
}

/** Tokens may be longer than a text that is shown; only what can stand in a header is one. */
function textAtFull(answer: unknown): string | null {
  if (typeof answer !== 'object' || answer === null || !('access_token' in answer) || typeof answer.access_token !== 'string') return null;
  return /^[\x21-\x7e]+$/u.test(answer.access_token) ? answer.access_token : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
