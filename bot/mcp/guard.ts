import { z } from 'zod/v4';
import { addressClass } from '#core/address.js';
import type { Person } from '#core/people.js';
import type { Clock } from '#ports/clock.js';
import type { Desk } from '#ports/desk.js';
import type { Directory } from '#ports/directory.js';
import type { Log } from '#ports/log.js';
import { auditable } from '../identity.ts';
import { refusedUnread } from '../inbound/envelope.ts';
import { createChannelKeys } from '../keys.ts';
import type { ChannelKeys } from '../keys.ts';
import { keyOf, readToken, signedClaims } from '../token.ts';

/** A POST to /api/mcp, as the trigger has it. */
export interface OutsideRequest {
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly origin?: string | undefined;
  /** Who sent it, as the host saw it. */
  readonly address?: string | undefined;
  readonly body: Uint8Array;
}

export interface ApiSettings {
  /** Application (client) id of the app registration of the site's API. */
  readonly audience: string;
  /** The site's tenant. */
  readonly tenantId: string;
  /** Who issues tokens in place of Entra; on a rehearsal site only. */
  readonly local: { readonly metadataUrl: string; readonly issuer: string } | null;
}

type Refused = { readonly ok: false; readonly status: 400 | 401 | 403 | 413 | 415 | 503; readonly check: string };
export type OutsideGuarded = { readonly ok: true; readonly person: Person } | Refused;

export interface OutsideGuard {
  /** Every refusal is an audit row that names the check, a flood of them a row a minute with their count. */
  check(request: OutsideRequest): Promise<OutsideGuarded>;
  /** Puts a refusal on record that was found later. */
  refused(request: OutsideRequest, status: Refused['status'], check: string): Promise<void>;
}

/** The permission that a client asks for in a person's name. An id token and a token of an app of its own have none. */
const SCOPE = 'access_as_user';
export const claimsOfPerson = z.object({ tid: z.string(), oid: z.guid(), scp: z.string() });

/** Where a tenant's keys stand and who it says it is. @see https://learn.microsoft.com/entra/identity-platform/access-tokens, tokens of version 2.0 */
export function identityOf({ tenantId, local }: ApiSettings): { readonly metadataUrl: string; readonly issuer: string } {
  const issuer = `https://login.microsoftonline.com/${tenantId.toLowerCase()}/v2.0`;
  return local ?? { issuer, metadataUrl: `${issuer}/.well-known/openid-configuration` };
}

/** Stands before the MCP server: it alone says whose words are heard. The person is the token's Entra object id in our own directory. */
export function createOutsideGuard(needs: {
  readonly settings: ApiSettings;
  readonly directory: Directory;
  readonly desk: Pick<Desk, 'deny'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly keys?: ChannelKeys;
}): OutsideGuard {
  const { settings, directory, desk, clock, log } = needs;
  const { metadataUrl, issuer } = identityOf(settings);
  const expected = { issuer, audience: settings.audience.toLowerCase() };
  const keys = needs.keys ?? createChannelKeys(metadataUrl, clock);

  async function examine(request: OutsideRequest): Promise<{ readonly result: OutsideGuarded; readonly claims: object }> {
    const nobody = (result: Refused) => ({ result, claims: {} });
    const unread = refusedUnread(request);
    if (unread !== null) return nobody(unread);
    // No browser calls this door: a page that does was not asked for (DNS rebinding).
    if (request.origin !== undefined) return nobody(refuse(403, 'origin'));
    const claimed = readToken(request.authorization, expected, clock);
    if (!claimed.ok) return nobody(claimed);
    const key = await keyOf(claimed, keys);
    if (!key.ok) return nobody(key);
    const signed = await signedClaims(claimed, key.found, expected, clock);
    return signed.ok ? { result: judge(signed.claims), claims: signed.claims } : nobody(signed);
  }

  function judge(claims: object): OutsideGuarded {
    const read = claimsOfPerson.safeParse(claims);
    if (!read.success) return refuse(401, 'token-of-no-person');
    const { tid, oid, scp } = read.data;
    if (tid.toLowerCase() !== settings.tenantId.toLowerCase()) return refuse(401, 'tenant');
    if (!scp.split(' ').includes(SCOPE)) return refuse(403, 'token-scope');
    const person = directory.byAadObjectId(oid.toLowerCase());
    return person === null ? refuse(403, 'person') : { ok: true, person };
  }

  async function record(request: OutsideRequest, status: number, check: string, claims: object): Promise<void> {
    const named = z.object({ tid: z.string().optional(), oid: z.string().optional() }).safeParse(claims).data;
    const noted = await desk.deny('mcp-request-refused', {
      status,
      check,
      from: addressClass(request.address),
      tenant: auditable(named?.tid),
      aadObjectId: auditable(named?.oid),
    });
    if (noted === 'recorded') log.info('mcp.refused', { status, check });
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
