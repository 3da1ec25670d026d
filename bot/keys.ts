import { setTimeout as sleep } from 'node:timers/promises';
import { importJWK } from 'jose';
import type { CryptoKey } from 'jose';
import { z } from 'zod/v4';
import { epochOf } from '#core/time.js';
import type { Clock } from '#ports/clock.js';

const metadata = z.object({ jwks_uri: z.url() });
const keySet = z.object({
  keys: z.array(
    z.object({
      kty: z.string(),
      kid: z.string(),
      n: z.string().optional(),
      e: z.string().optional(),
      endorsements: z.array(z.string()).optional(),
    }),
  ),
});
type KeyEntry = z.infer<typeof keySet>['keys'][number];

/** A signing key of the channel. A key without a list of endorsements is endorsed for nothing. */
export interface ChannelKey {
  readonly key: CryptoKey;
  readonly endorsements: readonly string[];
}

export type FoundKey = { readonly ok: true; readonly found: ChannelKey } | { readonly ok: false; readonly code: 'unknown-key' | 'keys-unavailable' };

export interface ChannelKeys {
  find(kid: string): Promise<FoundKey>;
  /** Are there keys that may be used? Asks for them where there are none yet. */
  usable(): Promise<boolean>;
}

/** Past this age the keys are fetched anew, but go on being used while that fails. */
const freshMs = 60 * 60_000;
/** Past this age no key is used. @see INVARIANTS 2.1, JWKS outage */
const usableMs = 24 * 60 * 60_000;
/** An unknown key, or a key service that is down, is asked about at most this often. */
const betweenFetchesMs = { unknown: 60_000, down: 5_000 };
/** Whoever asks for newer keys waits so long for them while the old ones may be used: an invoke has 4.5 seconds in all. */
const waitForNewerMs = 300;

/** The keys behind one pinned metadata address: cached, fetched once however many ask, never from where a token says. */
export function createChannelKeys(metadataUrl: string, clock: Clock): ChannelKeys {
  let entries: readonly KeyEntry[] = [];
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let lastTryFailed = false;
  let underWay: Promise<void> | null = null;
  const imported = new Map<string, ChannelKey>();

  const now = () => epochOf(clock.now());
  const age = () => now() - fetchedAt;

  async function refresh(): Promise<void> {
    triedAt = now();
    try {
      entries = await fetchKeys(metadataUrl);
      imported.clear();
      fetchedAt = now();
      lastTryFailed = false;
    } catch {
      lastTryFailed = true;
    }
  }

  async function refreshOnce(notWithinMs: number): Promise<void> {
    if (underWay === null && now() - triedAt < notWithinMs) return;
    underWay ??= refresh().finally(() => {
      underWay = null;
    });
    await underWay;
  }

  async function freshen(): Promise<void> {
    if (age() <= freshMs) return;
    const isAskedFor = underWay !== null;
    const newer = refreshOnce(betweenFetchesMs.down);
    if (age() > usableMs) await newer;
    else if (!isAskedFor) await Promise.race([newer, sleep(waitForNewerMs, undefined, { ref: false })]);
  }

  async function lookUp(kid: string): Promise<ChannelKey | null> {
    const known = imported.get(kid);
    if (known !== undefined) return known;
    const entry = entries.find((candidate) => candidate.kid === kid);
    if (entry?.kty !== 'RSA' || entry.n === undefined || entry.e === undefined) return null;
    const key = await importJWK({ kty: 'RSA', n: entry.n, e: entry.e }, 'RS256');
    if (key instanceof Uint8Array) return null;
    const made = { key, endorsements: entry.endorsements ?? [] };
    imported.set(kid, made);
    return made;
  }

  return {
    async usable() {
      await freshen();
      return age() <= usableMs;
    },
    async find(kid) {
      await freshen();
      if (age() > usableMs) return { ok: false, code: 'keys-unavailable' };
      let found = await lookUp(kid);
      if (found === null) {
        await refreshOnce(lastTryFailed ? betweenFetchesMs.down : betweenFetchesMs.unknown);
        found = await lookUp(kid);
      }
      if (found !== null) return { ok: true, found };
      return { ok: false, code: lastTryFailed ? 'keys-unavailable' : 'unknown-key' };
    },
  };
}

async function fetchKeys(metadataUrl: string): Promise<readonly KeyEntry[]> {
  const { jwks_uri: keysUrl } = metadata.parse(await fetchJson(metadataUrl));
  // The document may not send us elsewhere: whoever could change it could otherwise name keys of their own.
  if (new URL(keysUrl).origin !== new URL(metadataUrl).origin) throw new Error('The key set stands on another origin than its metadata.');
  return keySet.parse(await fetchJson(keysUrl)).keys;
}

async function fetchJson(url: string): Promise<unknown> {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(3000) });
  if (!response.ok) throw new Error(`The key service answered ${response.status}.`);
  return response.json();
}
