import { z } from 'zod/v4';
import { addressClass } from '#core/address.js';
import { epochOf, toInstant } from '#core/time.js';
import type { Clock } from '#ports/clock.js';
import type { Desk } from '#ports/desk.js';
import type { Directory } from '#ports/directory.js';
import type { Log } from '#ports/log.js';
import type { SignedIn } from '#ports/tab.js';
import { auditable } from '../identity.ts';
import { refusedUnread } from '../inbound/envelope.ts';
import { createChannelKeys } from '../keys.ts';
import type { ChannelKeys } from '../keys.ts';
import { claimsOfPerson, identityOf } from '../mcp/guard.ts';
import type { ApiSettings } from '../mcp/guard.ts';
import { keyOf, readToken, signedClaims } from '../token.ts';

/** A POST of the tab, as the trigger has it. */
export interface TabRequest {
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly contentEncoding?: string | undefined;
  /** Sec-Fetch-Site: what the browser says of the page that asks. */
  readonly fetchSite?: string | undefined;
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
  /** The hops, the last one written by the host that took it in. */
  readonly addresses: readonly string[];
  readonly body: Uint8Array;
}

export interface TabSettings extends ApiSettings {
  /** Authentication context (`acrs`) whose conditional access policy asks for a second factor at every sign-in. */
  readonly stepUp: string;
}

type Refused = { readonly ok: false; readonly status: 400 | 401 | 403 | 413 | 415 | 503; readonly check: string };
export type TabGuarded = { readonly ok: true; readonly who: SignedIn } | Refused;

export interface TabGuard {
  /** Every refusal is an audit row that names the check, a flood of them a row a minute with their count. */
  check(request: TabRequest): Promise<TabGuarded>;
  /** Puts a refusal on record that was found later. */
  refused(request: TabRequest, status: Refused['status'], check: string): Promise<void>;
}

const SCOPE = 'access_as_user';
/**
 * Teams on the desk and on the phone, and Teams in a browser: who asks Entra for the tab's token. The same API has a token for whatever orchestrator the site has
 * connected (bot/mcp), which reads without patient data: it must not do here.
 * @see https://learn.microsoft.com/microsoftteams/platform/tabs/how-to/authentication/tab-sso-register-aad
 */
export const TEAMS_CLIENTS: readonly string[] = ['1fec8e78-bce4-4aaf-ab1b-5451cc387264', '5e3ce6c0-2b1f-4285-8d4b-75ee78787346'];
/** Seconds by which Entra's clock and ours may differ. */
const SKEW_SECONDS = 300;

/** `azp`: the client that asked. `auth_time`: an optional claim that the app registration asks for. */
const claimsOfTab = claimsOfPerson.extend({
  azp: z.string(),
  auth_time: z.number().int().positive().optional(),
  acrs: z.union([z.string().transform((one) => [one]), z.array(z.string())]).optional(),
});

/** Stands before everything that the tab asks: the same checks as at the bot's door, then the tenant, the Teams client, and the Entra object id in our own directory. */
export function createTabGuard(needs: {
  readonly settings: TabSettings;
  readonly directory: Directory;
  readonly desk: Pick<Desk, 'deny'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly keys?: ChannelKeys;
}): TabGuard {
  const { settings, directory, desk, clock, log } = needs;
  const { metadataUrl, issuer } = identityOf(settings);
  const expected = { issuer, audience: settings.audience.toLowerCase() };
  const keys = needs.keys ?? createChannelKeys(metadataUrl, clock);

  async function examine(request: TabRequest): Promise<{ readonly result: TabGuarded; readonly claims: object }> {
    const nobody = (result: Refused) => ({ result, claims: {} });
    const unread = refusedUnread(request);
    if (unread !== null) return nobody(unread);
    // Our own page asks, and nobody else's; a program that is no browser says nothing and needs the token all the same.
    if (request.fetchSite !== undefined && request.fetchSite !== 'same-origin') return nobody(refuse(403, 'another-site'));
    const claimed = readToken(request.authorization, expected, clock);
    if (!claimed.ok) return nobody(claimed);
    const key = await keyOf(claimed, keys);
    if (!key.ok) return nobody(key);
    const signed = await signedClaims(claimed, key.found, expected, clock);
    return signed.ok ? { result: judge(signed.claims), claims: signed.claims } : nobody(signed);
  }

  function judge(claims: object): TabGuarded {
    const read = claimsOfTab.safeParse(claims);
    if (!read.success) return refuse(401, 'token-of-no-person');
    const { tid, oid, scp, azp, auth_time: authTime, acrs = [] } = read.data;
    if (tid.toLowerCase() !== settings.tenantId.toLowerCase()) return refuse(401, 'tenant');
    if (!scp.split(' ').includes(SCOPE)) return refuse(403, 'token-scope');
    if (!TEAMS_CLIENTS.includes(azp.toLowerCase())) return refuse(403, 'token-client');
    const person = directory.byAadObjectId(oid.toLowerCase());
    if (person === null) return refuse(403, 'person');
    const isTold = authTime !== undefined && authTime * 1000 <= epochOf(clock.now()) + SKEW_SECONDS * 1000;
    return { ok: true, who: { person, signedInAt: isTold ? toInstant(authTime * 1000) : null, withSecondFactor: acrs.includes(settings.stepUp) } };
  }

  async function record(request: TabRequest, status: number, check: string, claims: object): Promise<void> {
    const named = z.object({ tid: z.string().optional(), oid: z.string().optional() }).safeParse(claims).data;
    const noted = await desk.deny('tab-request-refused', {
      status,
      check,
      from: addressClass(request.addresses.at(-1)),
      tenant: auditable(named?.tid),
      aadObjectId: auditable(named?.oid),
    });
    if (noted === 'recorded') log.info('tab.refused', { status, check });
  }

  return {
    refused: (request, status, check) => record(request, status, check, {}),
    async check(request) {
      const { result, claims } = await examine(request);
      if (!result.ok) await record(request, result.status, result.check, claims);
      return result;
    },
  };
}

function refuse(status: Refused['status'], check: string): Refused {
  return { ok: false, status, check };
}
