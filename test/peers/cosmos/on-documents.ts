import type { IncomingMessage } from 'node:http';
import type { Container, Containers } from './containers.ts';
import { MOST_BYTES, apply, applyBatch, charge } from './documents.ts';
import type { Body, Operation } from './documents.ts';
import { QueryRefused, translate } from './query.ts';
import type { Parameter } from './query.ts';

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly units?: number;
  readonly documents?: number;
}

export function onDocuments(
  containers: Containers,
  container: Container,
  request: IncomingMessage,
  operation: string,
  id: string | null,
  bytes: Buffer,
  body: () => unknown,
): Answer {
  const { db } = containers;
  const partition = (request.headers['x-ms-documentdb-partitionkey'] as string | undefined) ?? null;
  switch (operation) {
    case 'query-plan':
      return { status: 200, body: { partitionedQueryExecutionInfoVersion: 2, queryInfo: { distinctType: 'None', orderBy: [], aggregates: [], groupByExpressions: [], groupByAliasToAggregateType: {}, rewrittenQuery: '', hasSelectValue: false, hasNonStreamingOrderBy: false }, queryRanges: [{ min: '', max: 'FF', isMinInclusive: true, isMaxInclusive: false }] } }; // prettier-ignore
    case 'query':
      return queried(containers, container, partition, request, body() as { query: string; parameters?: Parameter[] });
    case 'feed':
      return fed(containers, container, request);
    case 'batch': {
      const wanted = body() as {
        operationType: string;
        id?: string;
        ifMatch?: string;
        resourceBody?: Body & { operations?: Operation['changes'] };
      }[];
      if (wanted.length > 100) return problem(400, 'a batch may have 100 operations');
      if (bytes.length > MOST_BYTES) return problem(413, 'Request size is too large: a batch may have 2 MB');
      const operations = wanted.map(({ operationType, id: one, ifMatch, resourceBody }): Operation => {
        const kind = operationType.toLowerCase() as Operation['kind'];
        return { kind, id: one ?? null, ifMatch, ...(resourceBody === undefined ? {} : { body: resourceBody }), ...(kind === 'patch' ? { changes: resourceBody?.operations ?? [] } : {}) }; // prettier-ignore
      });
      const { status, outcomes } = applyBatch(db, container, partition ?? '', operations);
      const answers = outcomes.map((one) => ({ statusCode: one.status, requestCharge: one.charge, eTag: one.etag, resourceBody: one.body }));
      const units = outcomes.reduce((sum, one) => sum + one.charge, 0);
      return { status, body: answers, units, documents: status === 200 ? answers.length : 0 };
    }
    default: {
      const kind = operation as Operation['kind'];
      const ifMatch = request.headers['if-match'];
      const given = kind === 'read' || kind === 'delete' ? undefined : (body() as Body & { operations?: Operation['changes'] });
      const outcome = apply(db, container, partition ?? '', { kind, id, ifMatch, ...(given === undefined ? {} : kind === 'patch' ? { changes: given.operations ?? [] } : { body: given }) }); // prettier-ignore
      if (outcome.status >= 400) return { ...problem(outcome.status, outcome.message ?? ''), units: outcome.charge };
      const headers: Record<string, string> = outcome.etag === null ? {} : { etag: outcome.etag };
      return { status: outcome.status, body: outcome.body, headers, units: outcome.charge, documents: 1 };
    }
  }
}

function queried(
  { db }: Containers,
  container: Container,
  partition: string | null,
  request: IncomingMessage,
  { query, parameters = [] }: { query: string; parameters?: Parameter[] },
): Answer {
  try {
    const { sql, values, show, limit } = translate(query, parameters, container, partition);
    const from = Number(request.headers['x-ms-continuation'] ?? 0);
    const wanted = Number(request.headers['x-ms-max-item-count'] ?? 100);
    const page = wanted > 0 ? Math.min(wanted, 1000) : 100;
    const most = limit === null ? page : Math.min(page, limit - from);
    const rows = db.prepare(sql).all(...values, Math.max(most, 0), from) as { body?: string; value?: unknown }[];
    if (show === null) return { status: 200, body: { _rid: container.rid, Documents: rows.map(({ value }) => value).filter((value) => value !== null), _count: 1 }, units: charge.query(1, 0) }; // prettier-ignore
    // A page ends before 4 MB, as Cosmos has it.
    let size = 0;
    const fitting = rows.filter(({ body = '' }, n) => (size += body.length) < 4 * 1024 * 1024 || n === 0);
    const documents = fitting.map(({ body = '' }) => show(JSON.parse(body) as Body)).filter((document) => document !== undefined);
    const next = from + fitting.length;
    const more = fitting.length < rows.length || (rows.length === most && most > 0 && next !== limit);
    const headers: Record<string, string> = more ? { 'x-ms-continuation': String(next) } : {};
    const units = charge.query(fitting.length, Math.min(size, 4 * 1024 * 1024));
    return {
      status: 200,
      body: { _rid: container.rid, Documents: documents, _count: documents.length },
      headers,
      units,
      documents: documents.length,
    };
  } catch (error) {
    if (error instanceof QueryRefused) return problem(400, error.message);
    throw error;
  }
}

/** The change feed, latest version: each document once, where it was written last; If-None-Match holds how far it was read. */
function fed({ db }: Containers, container: Container, request: IncomingMessage): Answer {
  const from = Number((request.headers['if-none-match'] ?? '"0"').replaceAll('"', ''));
  const page = Math.min(Number(request.headers['x-ms-max-item-count'] ?? 100), 1000);
  const rows = db.prepare(`SELECT body, lsn FROM ${container.table} WHERE lsn > ? ORDER BY lsn LIMIT ?`).all(from, page) as {
    body: string;
    lsn: number;
  }[];
  const end = rows.at(-1)?.lsn ?? from;
  const headers = { etag: `"${end}"` };
  if (rows.length === 0) return { status: 304, headers, units: 1 };
  const bytes = rows.reduce((sum, { body }) => sum + body.length, 0);
  const documents = rows.map(({ body }) => JSON.parse(body) as Body);
  return {
    status: 200,
    body: { _rid: container.rid, Documents: documents, _count: rows.length },
    headers,
    units: charge.query(rows.length, bytes),
    documents: rows.length,
  };
}

export function problem(status: number, message: string): Answer {
  return { status, body: { code: String(status), message } };
}
