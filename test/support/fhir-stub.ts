import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

export interface StubResource {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

/** What a search for one type (or, under `*`, for any) does instead of answering. */
export type StubFault =
  | { readonly kind: 'hang' }
  | { readonly kind: 'delay'; readonly milliseconds: number }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'html' }
  /** The connection is dropped in the middle of the body. */
  | { readonly kind: 'cut' }
  /** The body ends in the middle of the JSON, as its length said it would. */
  | { readonly kind: 'half' }
  | { readonly kind: 'body'; readonly body: unknown }
  | { readonly kind: 'redirect'; readonly to: string }
  | { readonly kind: 'huge'; readonly bytes: number }
  /** Pages of one entry, each pointing to the next; with `host` the second page lies there. */
  | { readonly kind: 'pages'; readonly host?: string }
  /** Takes searches by GET alone (HTTP 405). */
  | { readonly kind: 'get-only' }
  /** Refuses (HTTP 400) a search with any other parameter, as `Prefer: handling=strict` does. */
  | { readonly kind: 'strict'; readonly params: readonly string[] }
  /** Neither filters by code nor sorts. */
  | { readonly kind: 'careless' };

export interface FhirStub {
  readonly baseUrl: string;
  /** Path and search of every request, decoded; also where the search came in the body. */
  readonly requests: readonly string[];
  /** `METHOD /path?search` of every request, as it came. */
  readonly lines: readonly string[];
  /** The same without `/metadata`. */
  asked(): readonly string[];
  stop(): Promise<void>;
}

/** A small FHIR R4 search server on loopback: identifier, patient, subject, code, status, _id, _include of medications, _sort by date, _count. */
export async function startFhirStub(resources: readonly StubResource[], faults: Readonly<Record<string, StubFault>> = {}): Promise<FhirStub> {
  const requests: string[] = [];
  const lines: string[] = [];
  let base = '';
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    lines.push(`${request.method ?? ''} ${request.url ?? ''}`);
    const url = new URL((request.url ?? '/').replace(/\/_search(?=$|\?)/u, ''), base);
    if (request.method === 'POST') for (const [name, value] of new URLSearchParams(await text(request))) url.searchParams.append(name, value);
    requests.push(decodeURIComponent(url.pathname + url.search));
    const type = url.pathname.replace(/^\/fhir\//u, '');
    const fault = faults[type] ?? faults['*'];
    if (fault?.kind === 'get-only' && request.method === 'POST') {
      response.writeHead(405).end();
      return;
    }
    const answer = (): void => {
      respond(response, type, url, resources, fault, base);
    };
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'delay') setTimeout(answer, fault.milliseconds);
    else answer();
  };
  const server = createServer((request, response) => {
    take(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  base = `http://127.0.0.1:${String(typeof address === 'object' && address !== null ? address.port : 0)}/fhir`;
  return {
    baseUrl: base,
    requests,
    lines,
    asked: () => requests.filter((one) => !one.endsWith('/metadata')),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function respond(response: ServerResponse, type: string, url: URL, all: readonly StubResource[], fault: StubFault | undefined, base: string): void {
  const json = (status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/fhir+json' }).end(JSON.stringify(body));
  };
  const found = matches(type, url.searchParams, all, fault?.kind === 'careless');
  switch (fault?.kind) {
    case 'status':
      json(fault.status, {
        resourceType: 'OperationOutcome',
        issue: [{ severity: 'error', code: 'exception', diagnostics: `failed for ${url.search}` }],
      });
      return;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Sign in</body></html>');
      return;
    case 'cut':
      response.writeHead(200, { 'content-length': '5000' }).write('{"resourceType":"Bundle","type":"sea', () => response.destroy());
      return;
    case 'half':
      response.writeHead(200, { 'content-type': 'application/fhir+json' }).end('{"resourceType":"Bundle","type":"searchset","entry":[{');
      return;
    case 'body':
      json(200, fault.body);
      return;
    case 'redirect':
      response.writeHead(302, { location: fault.to }).end();
      return;
    case 'huge':
      response.writeHead(200, { 'content-type': 'application/fhir+json' }).end(`{"resourceType":"Bundle","x":"${'x'.repeat(fault.bytes)}"}`);
      return;
    case 'strict':
      if ([...url.searchParams.keys()].every((name) => fault.params.includes(name))) json(200, bundle(found, base));
      else json(400, { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'not-supported' }] });
      return;
    case 'pages': {
      const page = Number(url.searchParams.get('page') ?? 0);
      const next = new URL(url);
      next.searchParams.set('page', String(page + 1));
      if (fault.host !== undefined) next.host = fault.host;
      const link = page + 1 < found.length ? [{ relation: 'next', url: next.href }] : [];
      json(200, bundle(found.slice(page, page + 1), base, link));
      return;
    }
    default:
      if (type === 'metadata') json(200, { resourceType: 'CapabilityStatement', fhirVersion: '4.0.1', status: 'active' });
      else json(200, bundle(found, base));
  }
}

function bundle(found: readonly StubResource[], base: string, link: readonly unknown[] = []): unknown {
  const entry = found.map((resource) => ({ fullUrl: `${base}/${resource.resourceType}/${resource.id}`, resource, search: { mode: 'match' } }));
  return { resourceType: 'Bundle', type: 'searchset', total: found.length, link, entry };
}

function matches(type: string, search: URLSearchParams, all: readonly StubResource[], careless: boolean): readonly StubResource[] {
  const [patient, code, status] = ['patient', 'code', 'status'].map((name) => search.get(name));
  const number = search.get('identifier')?.split('|').at(-1)?.replaceAll('\\', '');
  const id = search.get('_id')?.split(',');
  const subject = search.get('subject');
  const included = search.has('_include') ? all.filter((resource) => resource.resourceType === 'Medication') : [];
  const found = all.filter((resource) => {
    const text = JSON.stringify(resource);
    if (resource.resourceType !== type) return false;
    if (number !== undefined) return text.includes(`"value":"${number}"`);
    if (id !== undefined && !id.includes(resource.id)) return false;
    if (subject !== null && !text.includes(`"${subject}"`)) return false;
    if (patient !== null && !text.includes(`"Patient/${patient ?? ''}"`)) return false;
    if (careless) return true;
    if (code && !code.split(',').some((one) => text.includes(`"code":"${one}"`))) return false;
    return !status || resource['status'] === status;
  });
  const date = (resource: StubResource): string =>
    [resource['effectiveDateTime'], resource['started'], resource['date']].find((one) => typeof one === 'string') ?? '';
  const sorted = careless || !search.get('_sort')?.startsWith('-') ? found : [...found].sort((a, b) => date(b).localeCompare(date(a)));
  return [...sorted, ...included];
}
