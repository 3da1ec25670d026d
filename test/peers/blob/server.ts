import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';

/** What the storage, or the way to it, may do to us; armed for so many requests that write or read a blob. */
export type BlobFault = 'unavailable' | 'cut' | 'answer-lost';

export interface BlobPeer {
  readonly port: number;
  readonly connectionString: string;
  readonly counts: { writes: number; reads: number; writtenBytes: number };
  arm(fault: BlobFault, times?: number): void;
  /** Takes a blob away behind everybody's back. @returns how many of that name there were */
  lose(name: string): number;
  names(): string[];
  /** All bytes of all blobs. */
  everything(): Buffer;
  close(): Promise<void>;
}

const TABLES = `
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS containers (name TEXT PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS blobs (container TEXT NOT NULL, name TEXT NOT NULL, bytes BLOB NOT NULL, etag TEXT NOT NULL, PRIMARY KEY (container, name)) STRICT;
`;

/** The little of Blob Storage that Radloop uses, over its REST interface: containers, whole block blobs with conditions, append blobs, deletes, lists. Keys are not checked. */
export async function startBlobPeer({ port = 0, file = ':memory:' }: { readonly port?: number; readonly file?: string } = {}): Promise<BlobPeer> {
  const db = new DatabaseSync(file);
  db.exec(TABLES);
  const armed: BlobFault[] = [];
  const counts = { writes: 0, reads: 0, writtenBytes: 0 };
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      answer(db, counts, armed, request, body, response);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const bound = (server.address() as AddressInfo).port;
  const key = randomBytes(32).toString('base64');
  return {
    port: bound,
    counts,
    connectionString: `DefaultEndpointsProtocol=http;AccountName=local;AccountKey=${key};BlobEndpoint=http://127.0.0.1:${bound}/local;`,
    arm: (fault, times = 1) => void armed.push(...Array.from({ length: times }, () => fault)),
    lose: (name) => Number(db.prepare('DELETE FROM blobs WHERE name = ?').run(name).changes),
    names: () =>
      db
        .prepare('SELECT name FROM blobs ORDER BY name')
        .all()
        .map((row) => String(row['name'])),
    everything: () =>
      Buffer.concat(
        db
          .prepare('SELECT bytes FROM blobs')
          .all()
          .map((row) => row['bytes'] as Uint8Array),
      ),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      db.close();
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function answer(
  db: DatabaseSync,
  counts: BlobPeer['counts'],
  armed: BlobFault[],
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): void {
  const url = new URL(request.url ?? '/', 'http://local');
  const [, , container = '', ...rest] = decodeURIComponent(url.pathname).split('/');
  const name = rest.join('/');
  const say = (status: number, headers: Record<string, string> = {}, bytes?: Uint8Array) => {
    const code = status >= 400 ? { 'x-ms-error-code': ERRORS[status] ?? 'InternalError' } : {};
    response.writeHead(status, { 'x-ms-version': '2024-11-04', 'x-ms-request-id': 'peer', date: new Date().toUTCString(), ...code, ...headers });
    response.end(bytes);
  };
  if (url.searchParams.get('comp') === 'list') {
    const prefix = url.searchParams.get('prefix') ?? '';
    return say(200, { 'content-type': 'application/xml' }, Buffer.from(listOf(db, container, prefix)));
  }
  if (url.searchParams.get('restype') === 'container') {
    const made = db.prepare('INSERT OR IGNORE INTO containers VALUES (?)').run(container).changes;
    return say(made === 0 ? 409 : 201, made === 0 ? { 'x-ms-error-code': 'ContainerAlreadyExists' } : {});
  }
  const fault = armed.shift();
  if (fault === 'cut') return void request.socket.destroy();
  if (fault === 'unavailable') return say(503);
  const found = db.prepare('SELECT bytes, etag FROM blobs WHERE container = ? AND name = ?').get(container, name) as
    { bytes: Uint8Array; etag: string } | undefined;
  if (request.method === 'PUT') {
    if (request.headers['if-none-match'] === '*' && found !== undefined) return say(409);
    if (url.searchParams.get('comp') === 'appendblock') {
      if (found === undefined) return say(404);
      body = Buffer.concat([found.bytes, body]);
    }
    const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
    db.prepare('INSERT INTO blobs VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET bytes = excluded.bytes, etag = excluded.etag').run(
      container,
      name,
      body,
      etag,
    );
    counts.writes += 1;
    counts.writtenBytes += body.length;
    if (fault === 'answer-lost') return void request.socket.destroy();
    return say(201, { etag, 'last-modified': new Date().toUTCString() });
  }
  if (found === undefined) return say(404);
  if (request.method === 'DELETE') {
    db.prepare('DELETE FROM blobs WHERE container = ? AND name = ?').run(container, name);
    return say(202);
  }
  counts.reads += 1;
  const about = { etag: found.etag, 'content-length': String(found.bytes.length), 'last-modified': new Date().toUTCString(), 'x-ms-blob-type': 'BlockBlob', 'content-type': 'application/octet-stream' }; // prettier-ignore
  if (request.method === 'HEAD') return say(200, about);
  const range = /bytes=(\d+)-(\d*)/u.exec(String(request.headers['x-ms-range'] ?? request.headers.range ?? ''));
  if (range === null) return say(200, about, found.bytes);
  const [from, to] = [Number(range[1]), Math.min(range[2] === '' ? Infinity : Number(range[2]), found.bytes.length - 1)];
  const part = found.bytes.subarray(from, to + 1);
  say(206, { ...about, 'content-length': String(part.length), 'content-range': `bytes ${from}-${to}/${found.bytes.length}` }, part);
}

function listOf(db: DatabaseSync, container: string, prefix: string): string {
  const found = db.prepare('SELECT name, length(bytes) AS length FROM blobs WHERE container = ? AND substr(name, 1, ?) = ? ORDER BY name');
  const blobs = found.all(container, prefix.length, prefix).map(({ name, length }) => {
    const properties = `<Last-Modified>${new Date().toUTCString()}</Last-Modified><Content-Length>${String(length)}</Content-Length><BlobType>AppendBlob</BlobType>`;
    return `<Blob><Name>${String(name)}</Name><Properties>${properties}</Properties></Blob>`;
  });
  return `<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs>${blobs.join('')}</Blobs><NextMarker /></EnumerationResults>`;
}

const ERRORS: Readonly<Record<number, string>> = { 404: 'BlobNotFound', 409: 'BlobAlreadyExists', 412: 'ConditionNotMet', 503: 'ServerBusy' };
