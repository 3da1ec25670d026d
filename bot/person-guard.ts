import { z } from 'zod/v4';
import { addressClass } from '#core/address.js';
import type { Person } from '#core/people.js';
import type { Clock } from '#ports/clock.js';
import type { Desk } from '#ports/desk.js';
import type { Directory } from '#ports/directory.js';
import type { Log } from '#ports/log.js';
import { auditable } from './identity.ts';
import { refusedUnread } from './inbound/envelope.ts';
import { createChannelKeys } from './keys.ts';
import type { ChannelKeys } from './keys.ts';
import { keyOf, readToken, signedClaims } from './token.ts';

/** A POST to the site's API in a person's name, as the trigger has it. */
export interface PersonRequest {
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly origin?: string | undefined;
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

export interface Refused {
  readonly ok: false;
  readonly status: 400 | 401 | 403 | 413 | 415 | 503;
  readonly check: string;
}

export interface PersonGuard<Asked, Who> {
  /** Every refusal is an audit row that names the check, a flood of them a row a minute with their count. */
  check(request: Asked): Promise<{ readonly ok: true; readonly who: Who } | Refused>;
  /** Puts a refusal on record that was found later. */
  refused(request: Asked, status: Refused['status'], check: string): Promise<void>;
}

export interface GuardNeeds {
  readonly settings: ApiSettings;
  readonly directory: Directory;
  readonly desk: Pick<Desk, 'deny'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly keys?: ChannelKeys;
}

/** What one door has of its own. */
export interface OwnChecks<Asked extends PersonRequest, Claims extends z.infer<typeof claimsOfPerson>, Who> {
  readonly action: 'mcp-request-refused' | 'tab-request-refused';
  readonly line: 'mcp.refused' | 'tab.refused';
  /** Who sent it, as the host saw it. */
  readonly addressOf: (request: Asked) => string | undefined;
  /** The check by which it is sent away before its token is read; null: none. */
  readonly strayOf: (request: Asked) => string | null;
  readonly claims: z.ZodType<Claims>;
  /** The check that the claims of the right tenant and permission fail here; null: none. */
  readonly faultOf?: (claims: Claims) => string | null;
  readonly whoOf: (person: Person, claims: Claims) => Who;
}

/** The permission that a client asks for in a person's name. An id token and a token of an app of its own have none. */
const SCOPE = 'access_as_user';
export const claimsOfPerson = z.object({ tid: z.string(), oid: z.guid(), scp: z.string() });

/** Where a tenant's keys stand and who it says it is. @see https://learn.microsoft.com/entra/identity-platform/access-tokens, tokens of version 2.0 */
function identityOf({ tenantId, local }: ApiSettings): { readonly metadataUrl: string; readonly issuer: string } {
  const issuer = `https://login.microsoftonline.com/${tenantId.toLowerCase()}/v2.0`;
  return local ?? { issuer, metadataUrl: `${issuer}/.well-known/openid-configuration` };
}

/**
 * Stands before a door of the site's API (the tab, the MCP server): it alone says whose words are heard. The same checks as at the bot's door, then the tenant, the
 * permission, what the door asks besides, and the token's Entra object id in our own directory.
 */
export function createPersonGuard<Asked extends PersonRequest, Claims extends z.infer<typeof claimsOfPerson>, Who>(
  { settings, directory, desk, clock, log, keys: given }: GuardNeeds,
  own: OwnChecks<Asked, Claims, Who>,
): PersonGuard<Asked, Who> {
  type Guarded = Awaited<ReturnType<PersonGuard<Asked, Who>['check']>>;
  const { metadataUrl, issuer } = identityOf(settings);
  const expected = { issuer, audience: settings.audience.toLowerCase() };
  const keys = given ?? createChannelKeys(metadataUrl, clock);

  async function examine(request: Asked): Promise<{ readonly result: Guarded; readonly claims: object }> {
    const nobody = (result: Refused) => ({ result, claims: {} });
    const unread = refusedUnread(request);
    if (unread !== null) return nobody(unread);
    const stray = own.strayOf(request);
    if (stray !== null) return nobody(refuse(403, stray));
    const claimed = readToken(request.authorization, expected, clock);
    if (!claimed.ok) return nobody(claimed);
    const key = await keyOf(claimed, keys);
    if (!key.ok) return nobody(key);
    const signed = await signedClaims(claimed, key.found, expected, clock);
    return signed.ok ? { result: judge(signed.claims), claims: signed.claims } : nobody(signed);
  }

  function judge(claims: object): Guarded {
    const read = own.claims.safeParse(claims);
    if (!read.success) return refuse(401, 'token-of-no-person');
    const { tid, oid, scp } = read.data;
    if (tid.toLowerCase() !== settings.tenantId.toLowerCase()) return refuse(401, 'tenant');
    if (!scp.split(' ').includes(SCOPE)) return refuse(403, 'token-scope');
    const fault = own.faultOf?.(read.data) ?? null;
    if (fault !== null) return refuse(403, fault);
    const person = directory.byAadObjectId(oid.toLowerCase());
    return person === null ? refuse(403, 'person') : { ok: true, who: own.whoOf(person, read.data) };
  }

  async function record(request: Asked, status: number, check: string, claims: object): Promise<void> {
    const named = z.object({ tid: z.string().optional(), oid: z.string().optional() }).safeParse(claims).data;
    const noted = await desk.deny(own.action, {
      status,
      check,
      from: addressClass(own.addressOf(request)),
      tenant: auditable(named?.tid),
      aadObjectId: auditable(named?.oid),
    });
    if (noted === 'recorded') log.info(own.line, { status, check });
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
