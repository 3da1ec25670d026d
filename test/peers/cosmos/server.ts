import { createHmac, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { openContainers } from './containers.ts';
import type { Containers, Definition } from './containers.ts';
import { openCounts } from './counts.ts';
import type { Counts } from './counts.ts';
import { openFaults } from './faults.ts';
import type { Fault, Faults } from './faults.ts';
import { onDocuments, problem } from './on-documents.ts';
import type { Answer } from './on-documents.ts';

/** A Cosmos DB account of our own: the REST calls that @azure/cosmos makes in gateway mode, over SQLite. */
export interface CosmosPeer {
  readonly endpoint: string;
  readonly key: string;
  readonly faults: Faults;
  readonly counts: Counts;
  /** Why queries were refused, which the SDK's caller is not told. */
  refused(): readonly string[];
  /** For a test that looks at, or tampers with, what is stored. */
  readonly containers: Containers;
  close(): Promise<void>;
}

export interface PeerOptions {
  /** @default 0, any that is free */
  readonly port?: number;
  /** @default forgotten at the end */
  readonly file?: string;
  /** For faults that hit a part of the requests. */
  readonly chance?: () => number;
  /** What the account says of itself; the peer always answers as Strong does. @default Strong */
  readonly consistency?: string;
  /** Regions that it names beside the one that it is. @default 0 */
  readonly otherRegions?: number;
  /** @default false */
  readonly writesInSeveralRegions?: boolean;
  /** PEM: the SDK gives a token of Entra ID to nobody without TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** The key of every such account: base64, as Cosmos keys are. It protects nothing; it shows that requests are signed. */
const PEER_KEY = Buffer.from('a Cosmos peer for tests, its key protects nothing at all').toString('base64');

const MESSAGES = { throttled: [429, 'Request rate is large.'], precondition: [412, 'One of the specified pre-condition is not met.'], 'retry-with': [449, 'Conflicting request, retry.'], unavailable: [503, 'Service is currently unavailable.'] } as const; // prettier-ignore

export async function startCosmosPeer({
  port = 0,
  file = ':memory:',
  chance,
  consistency = 'Strong',
  otherRegions = 0,
  writesInSeveralRegions = false,
  tls,
}: PeerOptions = {}): Promise<CosmosPeer> {
  const containers = openContainers(file);
  const faults = openFaults(chance);
  const counts = openCounts();
  const refusals: string[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    void serve(request, response).catch((error: unknown) => {
      send(response, { status: 500, body: { code: 'InternalServerError', message: error instanceof Error ? error.message : 'unknown' } });
    });
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  const endpoint = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await read(request);
    const parts = new URL(request.url ?? '/', endpoint).pathname.split('/').filter((part) => part !== '').map(decodeURIComponent); // prettier-ignore
    if (parts[0] === '_peer') {
      send(response, managed(parts[1] ?? '', request.method ?? '', bytes));
      return;
    }
    const unsigned = signatureFault(request, parts);
    if (unsigned !== null) {
      send(response, { status: 401, body: { code: 'Unauthorized', message: unsigned } });
      return;
    }
    const operation = operationOf(request, parts);
    const name = parts[3] ?? 'account';
    const fault = parts[4] === 'docs' ? faults.next({ operation, container: name, about: `${parts.join('/')} ${bytes.toString()}` }) : null;
    if (fault?.kind === 'cut') {
      request.socket.destroy();
      return;
    }
    if (fault?.kind === 'slow') await new Promise((done) => setTimeout(done, fault.delayMs ?? 100));
    const answer = fault !== null && fault.kind in MESSAGES ? refusal(fault) : answered(request, parts, operation, bytes);
    if (operation === 'query' && answer.status === 400) refusals.push((answer.body as { message: string }).message);
    const sent = fault?.kind === 'answer-lost' ? 0 : send(response, answer);
    counts.add(name, operation, { requests: 1, units: answer.units ?? 0, bytesIn: bytes.length, bytesOut: sent, documents: answer.documents ?? 0 });
    if (fault?.kind === 'answer-lost') request.socket.destroy();
  }

  function managed(what: string, method: string, bytes: Buffer): Answer {
    if (what === 'faults' && method === 'POST') faults.add(JSON.parse(bytes.toString()) as Fault);
    else if (what === 'faults' && method === 'DELETE') faults.clear();
    else if (what === 'counts' && method === 'DELETE') counts.clear();
    else if (what !== 'counts' && what !== 'faults') return { status: 404, body: { message: 'faults or counts' } };
    return { status: 200, body: what === 'counts' ? counts.all() : { hits: faults.hits() } };
  }

  function answered(request: IncomingMessage, parts: readonly string[], operation: string, bytes: Buffer): Answer {
    const body = (): unknown => JSON.parse(bytes.toString());
    const [, database, , name, , id] = parts;
    if (database === undefined) {
      if (parts.length > 0) {
        const { id: made } = body() as { id: string };
        return containers.createDatabase(made) ? { status: 201, body: { id: made, _rid: 'db' } } : problem(409, 'Conflict');
      }
      const here = [{ name: 'here', databaseAccountEndpoint: `${endpoint}/` }];
      const others = Array.from({ length: otherRegions }, (_, n) => ({ name: `other ${n}`, databaseAccountEndpoint: `${endpoint}/` }));
      const policy = { defaultConsistencyLevel: consistency };
      return { status: 200, body: { id: 'peer', _rid: '', writableLocations: here, readableLocations: [...here, ...others], enableMultipleWriteLocations: writesInSeveralRegions, userConsistencyPolicy: policy } }; // prettier-ignore
    }
    if (parts.length === 2) {
      if (request.method === 'DELETE') containers.drop(database);
      else if (!containers.hasDatabase(database)) return problem(404, 'no such database');
      return request.method === 'DELETE' ? { status: 204 } : { status: 200, body: { id: database, _rid: 'db' } };
    }
    if (name === undefined) {
      if (!containers.hasDatabase(database)) return problem(404, 'no such database');
      const made = containers.create(database, body() as Definition);
      return made === null ? problem(409, 'Conflict') : { status: 201, body: { ...made.definition, _rid: made.rid } };
    }
    const container = containers.find(database, name);
    if (container === null) return problem(404, 'no such container');
    if (parts.length === 4) {
      if (request.method === 'DELETE') containers.drop(database, name);
      return request.method === 'DELETE' ? { status: 204 } : { status: 200, body: { ...container.definition, _rid: container.rid } };
    }
    if (parts[4] === 'pkranges') {
      const whole = { id: '0', minInclusive: '', maxExclusive: 'FF', _rid: container.rid };
      return { status: 200, body: { _rid: container.rid, PartitionKeyRanges: [whole], _count: 1 } };
    }
    return onDocuments(containers, container, request, operation, id ?? null, bytes, body);
  }

  return {
    ...{ endpoint, key: PEER_KEY, faults, counts, containers, refused: () => refusals },
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      containers.db.close();
    },
  };
}

function refusal(fault: Fault): Answer {
  const [status, message] = MESSAGES[fault.kind as keyof typeof MESSAGES];
  const headers = status === 429 ? { 'x-ms-retry-after-ms': String(fault.retryAfterMs ?? 10), 'x-ms-substatus': '3200' } : {};
  return { ...problem(status, message), headers };
}

function operationOf({ method, headers }: IncomingMessage, parts: readonly string[]): string {
  if (parts[4] !== 'docs') return 'meta';
  if (parts.length === 5) {
    if (method === 'GET') return 'feed';
    if (headers['x-ms-cosmos-is-query-plan-request'] !== undefined) return 'query-plan';
    if (headers['x-ms-documentdb-isquery'] !== undefined) return 'query';
    if (headers['x-ms-cosmos-is-batch-request'] !== undefined) return 'batch';
    return headers['x-ms-documentdb-is-upsert'] === undefined ? 'create' : 'upsert';
  }
  return { GET: 'read', PUT: 'replace', DELETE: 'delete', PATCH: 'patch' }[method ?? ''] ?? 'meta';
}

/** Cosmos signs verb, type, address and date with the account's key, or takes a token of Entra ID. */
function signatureFault({ method = '', headers }: IncomingMessage, parts: readonly string[]): string | null {
  const given = new URLSearchParams(decodeURIComponent(headers.authorization ?? '').replaceAll('+', '%2B'));
  if (given.get('type') === 'aad') return (given.get('sig') ?? '') === '' ? 'the token is empty' : null;
  const isName = parts.length % 2 === 0;
  const type = (isName ? parts.at(-2) : parts.at(-1)) ?? '';
  const link = (isName ? parts : parts.slice(0, -1)).join('/');
  const date = (headers['x-ms-date'] as string | undefined) ?? '';
  const text = `${method.toLowerCase()}\n${type}\n${link}\n${date.toLowerCase()}\n\n`;
  const expected = createHmac('sha256', Buffer.from(PEER_KEY, 'base64')).update(text).digest('base64');
  return given.get('sig') === expected ? null : 'the signature does not fit the request';
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

let lsn = 0;

function send(response: ServerResponse, { status, body, headers = {}, units = 0 }: Answer): number {
  lsn += 1;
  const text = body === undefined || body === null ? '' : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'x-ms-request-charge': String(units), 'x-ms-activity-id': randomUUID(), 'x-ms-session-token': `0:-1#${lsn}`, ...headers }); // prettier-ignore
  response.end(text);
  return Buffer.byteLength(text);
}
