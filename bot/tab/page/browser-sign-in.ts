import { z } from 'zod/v4';
import { claimsOf } from './claims.ts';

/** Where the hospital's people sign in, and for which app registration. */
export const browserSettings = z.object({ authority: z.url(), client: z.guid() });
type Settings = z.infer<typeof browserSettings>;

const left = z.object({ state: z.string(), verifier: z.string(), hash: z.string() });
const granted = z.object({ access_token: z.string(), expires_in: z.number(), refresh_token: z.string().optional() });
const KEY = 'radloop.sign-in';
/** Seconds before its end at which a token is renewed. */
const EARLY_SECONDS = 120;

export interface BrowserSignIn {
  /** A token of whoever is signed in; null: nobody is. @param fresh with a second factor, just now; the page is left for it and comes back */
  token(fresh?: boolean): Promise<string | null>;
}

/**
 * The hospital's own sign-in in a browser, without Teams: OAuth 2.0 authorisation code with PKCE (RFC 7636), as Entra has it for a single-page app. Tokens are kept
 * in memory alone; a page that stands open renews its own for a day, one that is loaded anew is sent to the sign-in, which knows the person already.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 */
export async function browserSignIn(settings: Settings, stepUp: string): Promise<BrowserSignIn> {
  const returned = new URLSearchParams(window.location.hash.slice(1));
  const isBack = returned.has('state');
  let held = isBack ? await redeemed(settings, returned) : null;
  // Whoever comes back without one is not sent round and round.
  let mayLeave = !isBack;
  return {
    async token(fresh = false) {
      if (!fresh && held !== null && performance.now() < held.until) return held.access;
      if (!fresh && held?.refresh !== undefined) held = await grant(settings, { grant_type: 'refresh_token', refresh_token: held.refresh });
      if (!fresh && held !== null) return held.access;
      if (!fresh && !mayLeave) return null;
      mayLeave = false;
      return leave(settings, fresh ? claimsOf(stepUp) : null);
    },
  };
}

interface Held {
  readonly access: string;
  readonly refresh: string | undefined;
  /** By the steady clock, in milliseconds. */
  readonly until: number;
}

const place = (): string => new URL('/api/tab/index.html', window.location.origin).href;
const scope = ({ client }: Settings): string => `api://${client}/access_as_user openid offline_access`;

/** The page goes, so this has no end. */
async function leave(settings: Settings, claims: string | null): Promise<never> {
  const [state, verifier] = [random(), random()];
  window.sessionStorage.setItem(KEY, JSON.stringify({ state, verifier, hash: window.location.hash }));
  const url = new URL(`${settings.authority}/oauth2/v2.0/authorize`);
  const asked = {
    ...{ client_id: settings.client, response_type: 'code', redirect_uri: place(), scope: scope(settings), state },
    // In the fragment: no server's log has the code.
    ...{ response_mode: 'fragment', code_challenge: await challengeOf(verifier), code_challenge_method: 'S256' },
    ...(claims === null ? {} : { claims }),
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  window.location.assign(url);
  return new Promise<never>(() => undefined);
}

async function redeemed(settings: Settings, returned: URLSearchParams): Promise<Held | null> {
  const kept = left.safeParse(JSON.parse(window.sessionStorage.getItem(KEY) ?? 'null'));
  window.sessionStorage.removeItem(KEY);
  const code = returned.get('code');
  // Back to what was looked at; the code is not left in the address.
  window.history.replaceState(null, '', `${window.location.pathname}${window.location.search}${kept.data?.hash ?? ''}`);
  if (!kept.success || code === null || returned.get('state') !== kept.data.state) return null;
  return grant(settings, { grant_type: 'authorization_code', code, redirect_uri: place(), code_verifier: kept.data.verifier });
}

async function grant(settings: Settings, by: Readonly<Record<string, string>>): Promise<Held | null> {
  const body = new URLSearchParams({ client_id: settings.client, scope: scope(settings), ...by });
  const answered = await fetch(`${settings.authority}/oauth2/v2.0/token`, { method: 'POST', body, signal: AbortSignal.timeout(20_000) }).catch(
    () => null,
  );
  const given = granted.safeParse(answered?.ok === true ? await answered.json().catch(() => null) : null);
  if (!given.success) return null;
  const { access_token: access, refresh_token: refresh, expires_in: seconds } = given.data;
  return { access, refresh, until: performance.now() + (seconds - EARLY_SECONDS) * 1000 };
}

function random(): string {
  return base64Url(crypto.getRandomValues(new Uint8Array(32)));
}

async function challengeOf(verifier: string): Promise<string> {
  return base64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
