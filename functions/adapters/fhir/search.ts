import type { Client, SearchParams } from 'fhir-kit-client';
import { at, listAt, momentOf, textAt } from './read.ts';
import { EhrFailure } from './transport.ts';

/** At most so many pages of one search are read. */
const MOST_PAGES = 5;

/** What one search brought. `complete` is false when more is known to be there than was read, or an entry could not be read. */
export interface Found {
  readonly resources: readonly unknown[];
  readonly complete: boolean;
}

export interface Search {
  readonly type: string;
  readonly params: SearchParams;
  /** Where results are asked for newest first: reads the date by which the server should have sorted. One page is enough when it did. */
  readonly sortedBy?: (resource: unknown) => string | null;
}

/**
 * Runs one search, following `next` within the same server and path only.
 * @throws EhrFailure
 */
export async function search(client: Client, wanted: Search, signal: AbortSignal): Promise<Found> {
  const resources: unknown[] = [];
  let complete = true;
  let bundle: unknown = await inTime(client.search({ resourceType: wanted.type, searchParams: wanted.params, options: { signal } }), signal);
  for (let page = 1; ; page++) {
    if (at(bundle, 'resourceType') !== 'Bundle' || at(bundle, 'type') !== 'searchset') throw new EhrFailure('not-fhir');
    for (const entry of listAt(bundle, 'entry')) {
      if (at(entry, 'search', 'mode') === 'outcome') continue;
      const resource = at(entry, 'resource');
      if (textAt(resource, 'resourceType') === null) complete = false;
      else resources.push(resource);
    }
    if (wanted.sortedBy !== undefined && resources.length > 0 && isNewestFirst(resources, wanted.sortedBy)) return { resources, complete };
    const next = listAt(bundle, 'link').find((link) => at(link, 'relation') === 'next');
    if (next === undefined) return { resources, complete };
    const url = ownAddress(client.baseUrl, at(next, 'url'));
    if (url === null || page === MOST_PAGES) return { resources, complete: false };
    bundle = await inTime(client.request(url, { options: { signal } }), signal);
  }
}

/** Rejects when the time is over even if what is waited for does not notice. */
export function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => {
      reject(new EhrFailure('late'));
    };
    if (signal.aborted) late();
    signal.addEventListener('abort', late, { once: true });
    work.then(resolve, (error: unknown) => {
      reject(error instanceof Error ? error : new EhrFailure('unreachable'));
    });
  });
}

/** The address when it lies under the base address (a page of another host would be told who the patient is), else null. */
function ownAddress(baseUrl: string, url: unknown): string | null {
  const base = new URL(baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`);
  if (typeof url !== 'string' || !URL.canParse(url, base.href)) return null;
  const address = new URL(url, base);
  const inside = address.pathname.startsWith(base.pathname) || `${address.pathname}/` === base.pathname;
  return address.origin === base.origin && inside && address.username === '' ? address.href : null;
}

/** False when the server did not sort, or when an undated result could be newer than the rest. */
function isNewestFirst(resources: readonly unknown[], dateOf: (resource: unknown) => string | null): boolean {
  const moments = resources.map((resource) => momentOf(dateOf(resource)));
  return moments.every((moment, index) => {
    const before = index === 0 ? Infinity : (moments[index - 1] ?? null);
    return moment !== null && before !== null && moment <= before;
  });
}
