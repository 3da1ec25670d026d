import type { Client } from 'fhir-kit-client';
import type { FhirFound, FhirParams, FhirResource } from '#ports/fhir-client.js';
import { EhrFailure } from './failure.ts';
import { at, listAt, momentOf } from './read.ts';
import type { Asked } from './transport.ts';

/** At most so many pages of one search are read, unless the caller wants more. */
const MOST_PAGES = 5;
/** And of all pages together no more than this, before the next one is asked for. */
const MOST_BYTES = 50 * 1024 * 1024;

export interface Search {
  readonly type: string;
  readonly params: FhirParams;
  readonly mostPages?: number | undefined;
  readonly enough?: ((soFar: readonly FhirResource[]) => boolean) | undefined;
}

/**
 * Parameters that name no patient and no order. A search that has others goes by POST to `_search` (FHIR R4 3.1.1.1), with all of it in the body: addresses end up in
 * the logs of servers and proxies (invariant 36).
 */
const TELL_NOBODY = ['_lastUpdated', '_sort', '_count', '_include', '_revinclude', '_summary', '_elements', '_total', 'status', 'intent', 'category', 'code', 'priority']; // prettier-ignore

function mayStandInAddress(parameter: string): boolean {
  return TELL_NOBODY.includes(parameter.split(':')[0] ?? '');
}

/** A parameter without its modifier, type or chain (`patient:Patient.identifier`, `patient.identifier`). */
function baseOf(parameter: string): string {
  return parameter.split(/[:.]/u)[0] ?? '';
}

/** What a search keeps out of its address: names of parameters, and what they say, whole and without a system or a type before it. */
interface Withheld {
  readonly names: ReadonlySet<string>;
  readonly values: ReadonlySet<string>;
}

function withheldOf(params: FhirParams): Withheld {
  const kept = Object.entries(params).filter(([name]) => !mayStandInAddress(name));
  const values = kept.flatMap(([, value]) => [value].flat().map(String)).flatMap((value) => [value, ...value.split(',')]);
  const all = values.flatMap((value) => [value, value.split(/[|/]/u).at(-1) ?? '']).filter((value) => value !== '');
  return { names: new Set(kept.map(([name]) => baseOf(name))), values: new Set(all) };
}

/** A server may write what it was asked under another name, or within another value. */
function tells(address: URL, { names, values }: Withheld): boolean {
  return [...address.searchParams].some(([name, value]) => names.has(baseOf(name)) || [...values].some((one) => holds(value, one)));
}

/** A short one only as a word of its own: the number 7 stands in every second name of a page. */
const SHORT = 6;

function holds(value: string, one: string): boolean {
  if (one.length >= SHORT) return value.includes(one);
  for (let at = value.indexOf(one); at >= 0; at = value.indexOf(one, at + 1)) {
    if (!/[\p{L}\p{N}]$/u.test(value.slice(0, at)) && !/^[\p{L}\p{N}]/u.test(value.slice(at + one.length))) return true;
  }
  return false;
}

/**
 * Runs one search, following `next` within the same server and path only. A server that takes no search by POST gets none: there is no second way that keeps the
 * patient out of the address.
 * @throws EhrFailure
 */
export async function search(client: Client, wanted: Search, options: Asked): Promise<FhirFound> {
  const resources: FhirResource[] = [];
  const mostPages = wanted.mostPages ?? MOST_PAGES;
  let complete = true;
  const withheld = withheldOf(wanted.params);
  const first = new URLSearchParams(queryOf(wanted.params));
  let bundle: unknown = withheld.names.size > 0 ? await byPost(client, `${wanted.type}/_search`, first, options) : await client.search({ resourceType: wanted.type, searchParams: plain(wanted.params), options }); // prettier-ignore
  for (let page = 1; ; page++) {
    if (at(bundle, 'resourceType') !== 'Bundle' || at(bundle, 'type') !== 'searchset') throw new EhrFailure('not-fhir');
    for (const entry of listAt(bundle, 'entry')) {
      if (at(entry, 'search', 'mode') === 'outcome') continue;
      const resource = at(entry, 'resource');
      if (isResource(resource)) resources.push(resource);
      else complete = false;
    }
    if (wanted.enough?.(resources) === true) return { resources, complete };
    const next = listAt(bundle, 'link').find((link) => at(link, 'relation') === 'next');
    if (next === undefined) return { resources, complete };
    const url = ownAddress(client.baseUrl, at(next, 'url'));
    if (url === null || page >= mostPages || options.budget.read.bytes > MOST_BYTES) return { resources, complete: false };
    bundle = await nextPage(client, new URL(url), withheld, options);
  }
}

async function byPost(client: Client, path: string, form: URLSearchParams, options: Asked): Promise<unknown> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  try {
    return await client.httpClient.post(path, form.toString(), { ...options, headers });
  } catch (error) {
    if (error instanceof EhrFailure && error.kind === 'refused' && error.status === 405) throw new EhrFailure('no-post-search', { status: 405 });
    throw error;
  }
}

/** As the server wrote it, unless it wrote what we had kept out of the address: then that goes into a body again. */
async function nextPage(client: Client, address: URL, withheld: Withheld, options: Asked): Promise<unknown> {
  if (!tells(address, withheld)) return await client.request(address.href, { options });
  const path = address.pathname.endsWith('/_search') ? address.pathname : `${address.pathname}/_search`;
  return await byPost(client, address.origin + path, address.searchParams, options);
}

function isResource(value: unknown): value is FhirResource {
  return (
    typeof value === 'object' && value !== null && 'resourceType' in value && typeof value.resourceType === 'string' && value.resourceType !== ''
  );
}

/** As fhir-kit-client wants them. */
function plain(params: FhirParams): Record<string, string | number | string[]> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, typeof value === 'object' ? [...value] : value]));
}

/** `name=value&name=value`, each value encoded. */
export function queryOf(params: FhirParams): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) for (const one of [value].flat()) query.append(name, String(one));
  return query.toString();
}

/** The address when it lies under the base address (another host would be told who the patient is, and be given our token), else null. */
export function ownAddress(baseUrl: string, url: unknown): string | null {
  const base = new URL(baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`);
  if (typeof url !== 'string' || !URL.canParse(url, base.href)) return null;
  const address = new URL(url, base);
  const inside = address.pathname.startsWith(base.pathname) || `${address.pathname}/` === base.pathname;
  return address.origin === base.origin && inside && address.username === '' && address.password === '' ? address.href : null;
}

/** For a search that asks for the newest first: did the server sort, so that the first page is enough? Not when an undated result could be newer than the rest. */
export function isNewestFirst(resources: readonly unknown[], dateOf: (resource: unknown) => string | null): boolean {
  const moments = resources.map((resource) => momentOf(dateOf(resource)));
  return moments.every((moment, index) => {
    const before = index === 0 ? Infinity : (moments[index - 1] ?? null);
    return moment !== null && before !== null && moment <= before;
  });
}
