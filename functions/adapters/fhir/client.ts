import { Client } from 'fhir-kit-client';
import type { FhirResource as KitResource } from 'fhir-kit-client';
import type { Instant } from '#core/time.js';
import type { FhirClient, FhirFailure, FhirParams, FhirResource, FhirResult, FhirWritten } from '#ports/fhir-client.js';
import { offersReader } from './capability.ts';
import { EhrFailure, asFailure } from './failure.ts';
import { at, textAt } from './read.ts';
import { ownAddress, queryOf, search } from './search.ts';
import { smartTokens } from './smart.ts';
import type { SmartOptions } from './smart.ts';
import { budgetOf, ehrClient } from './transport.ts';
import type { Asked, Budget } from './transport.ts';

export interface FhirClientOptions {
  /** Address of the FHIR R4 service, such as `https://ehr.example/fhir`. */
  readonly baseUrl: string;
  readonly now: () => Instant;
  /** Null: no authentication. @default null */
  readonly smart?: SmartOptions | null;
}

const DEFAULT_SECONDS = 30;
const STATEMENT_SECONDS = 30;
const TYPE = /^[A-Z][A-Za-z]{0,63}$/u;
/** FHIR R4 `id`; not dots alone, which a path would read as a folder. */
const ID = /^(?!\.+$)[A-Za-z0-9\-.]{1,64}$/u;

/** One FHIR R4 service. Nothing is kept of what it says, nothing is logged. */
export function fhirClient({ baseUrl, now, smart = null }: FhirClientOptions): FhirClient {
  const client = ehrClient(baseUrl, smart === null ? null : smartTokens(smart, now));
  const statement = async (): Promise<unknown> => {
    const read = await within(STATEMENT_SECONDS, async (budget) => await client.capabilityStatement(asking(budget)));
    return read.ok ? read.value : null;
  };
  return {
    baseUrl,
    offers: offersReader(statement, now),
    read: async (type, id, { versionId, seconds } = {}) =>
      await within(seconds, async (budget) => {
        if (!TYPE.test(type) || !ID.test(id) || (versionId !== undefined && !ID.test(versionId))) throw new EhrFailure('no-id');
        const options = asking(budget);
        const answer =
          versionId === undefined
            ? await client.read({ resourceType: type, id, options })
            : await client.vread({ resourceType: type, id, version: versionId, options });
        if (answer.resourceType !== type) throw new EhrFailure('not-fhir');
        return answer;
      }),
    search: async (type, params, { seconds, mostPages, enough } = {}) =>
      await within(seconds, async (budget) => {
        if (!TYPE.test(type)) throw new EhrFailure('no-id');
        return await search(client, { type, params, mostPages, enough }, asking(budget));
      }),
    get: async (path, params, { seconds } = {}) =>
      await within(seconds, async (budget) => {
        const query = queryOf(params);
        const address = ownAddress(baseUrl, query === '' ? path : `${path}?${query}`);
        if (address === null) throw new EhrFailure('not-ours');
        return await client.request(address, { options: asking(budget) });
      }),
    create: async (resource, ifNoneExist, { seconds } = {}) =>
      await within(seconds, async (budget) => await create(client, resource, ifNoneExist, budget)),
    update: async (resource, ifMatch, { seconds } = {}) => await within(seconds, async (budget) => await update(client, resource, ifMatch, budget)),
  };
}

function asking(budget: Budget): Asked {
  return { budget, repeatable: true };
}

async function within<T>(seconds: number | undefined, work: (budget: Budget) => Promise<T>): Promise<FhirResult<T>> {
  const budget = budgetOf(seconds ?? DEFAULT_SECONDS);
  try {
    return { ok: true, value: await work(budget) };
  } catch (error) {
    if (error instanceof EhrFailure) return asFailure(error, budget.seconds) satisfies FhirFailure;
    throw error;
  }
}

/**
 * FHIR R4 3.1.0.8.1. 201: made. 200: the one that the search found. 412: it found several.
 * A repeat after a lost answer finds the first one, so a create with a search may be repeated; one without never is.
 */
async function create(client: Client, resource: FhirResource, ifNoneExist: FhirParams | null, budget: Budget): Promise<FhirWritten> {
  if (!TYPE.test(resource.resourceType)) throw new EhrFailure('no-id');
  const headers = { prefer: 'return=representation', ...(ifNoneExist === null ? {} : { 'if-none-exist': queryOf(ifNoneExist) }) };
  const options: Asked = { budget, repeatable: ifNoneExist !== null, headers };
  const answer = await client.create({ resourceType: resource.resourceType, body: resource, options });
  const { response } = Client.httpFor(answer);
  const made = response?.status === 201 ? 'created' : 'existing';
  const written = writtenBy(answer, resource.resourceType);
  if (written !== null) return { ...written, made };
  // A server that found one need not say which.
  const found =
    ifNoneExist === null ? null : await search(client, { type: resource.resourceType, params: ifNoneExist, mostPages: 1 }, asking(budget));
  const [one, ...others] = found?.resources ?? [];
  const id = textAt(one, 'id');
  if (id === null || others.length > 0) throw new EhrFailure('not-fhir');
  return { id, version: textAt(one, 'meta', 'versionId'), made };
}

/** FHIR R4 3.1.0.7 and 3.1.0.7.1. */
async function update(client: Client, resource: FhirResource, ifMatch: string | null, budget: Budget): Promise<FhirWritten> {
  const type = resource.resourceType;
  const id = typeof resource['id'] === 'string' ? resource['id'] : '';
  if (!TYPE.test(type) || !ID.test(id) || (ifMatch !== null && !ID.test(ifMatch))) throw new EhrFailure('no-id');
  const headers = { prefer: 'return=representation', ...(ifMatch === null ? {} : { 'if-match': `W/"${ifMatch}"` }) };
  try {
    const options: Asked = { budget, repeatable: true, headers };
    const answer = await client.update({ resourceType: type, id, body: resource, options });
    const made = Client.httpFor(answer).response?.status === 201 ? 'created' : 'updated';
    return { id, version: versionOf(answer), made };
  } catch (error) {
    if (!(error instanceof EhrFailure) || (error.status !== 412 && error.status !== 409)) throw error;
    // The version we wrote ourselves, when its answer was lost, is no other's change.
    const current = await client.read({ resourceType: type, id, options: asking(budget) });
    if (!isOurs(current, resource)) throw error;
    return { id, version: textAt(current, 'meta', 'versionId'), made: 'existing' };
  }
}

/** Id and version of what was written: from the body, else from Location and ETag. */
function writtenBy(answer: KitResource, type: string): { readonly id: string; readonly version: string | null } | null {
  const location = /(?:^|\/)([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/u.exec(
    Client.httpFor(answer).response?.headers.get('location') ?? '',
  );
  const ofType = location?.[1] === type;
  const id = (answer.resourceType === type ? textAt(answer, 'id') : null) ?? (ofType ? (location[2] ?? null) : null);
  return id === null ? null : { id, version: versionOf(answer) ?? (ofType ? (location[3] ?? null) : null) };
}

function versionOf(answer: KitResource): string | null {
  const etag = /^(?:W\/)?"([A-Za-z0-9\-.]{1,64})"$/u.exec(Client.httpFor(answer).response?.headers.get('etag') ?? '');
  return textAt(answer, 'meta', 'versionId') ?? etag?.[1] ?? null;
}

/** Is the content there ours, and nothing beside it? What the server adds by itself (meta, narrative, something within an element) does not count. */
function isOurs(there: unknown, wanted: FhirResource): boolean {
  const own = ['meta', 'text', ...Object.keys(wanted)];
  return typeof there === 'object' && there !== null && Object.keys(there).every((name) => own.includes(name)) && holds(there, wanted);
}

function holds(there: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) return Array.isArray(there) && there.length === wanted.length && wanted.every((one, index) => holds(there[index], one));
  if (typeof wanted !== 'object' || wanted === null) return there === wanted;
  return Object.entries(wanted).every(([name, value]) => name === 'meta' || name === 'text' || holds(at(there, name), value));
}
