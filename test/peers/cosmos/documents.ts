import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Container } from './containers.ts';

export type Body = Record<string, unknown> & { readonly id?: string };

export interface Operation {
  readonly kind: 'create' | 'upsert' | 'read' | 'replace' | 'delete' | 'patch';
  readonly id: string | null;
  readonly body?: Body;
  readonly ifMatch?: string | undefined;
  /** Patch: `set`, `add`, `incr` and `remove` of paths. */
  readonly changes?: readonly { readonly op: string; readonly path: string; readonly value?: unknown }[];
}

export interface Outcome {
  readonly status: number;
  readonly body: Body | null;
  readonly etag: string | null;
  /** Request units, by the model of `charge`. */
  readonly charge: number;
  readonly message?: string;
}

/** Cosmos takes no document and no batch over 2 MB. */
export const MOST_BYTES = 2 * 1024 * 1024;

/**
 * Request units as Microsoft's capacity page gives them for a few sizes, drawn through: a point read of 1 kB costs 1 and of 100 kB 10, an insert of 1 kB 5.5 and of
 * 100 kB 50, each indexed path a little more; a replace takes the old version out of the index too; a query pays a start and each document that it gives.
 * Under the consistency Strong, which Radloop asks for, a read or query counts twice.
 */
export const charge = {
  read: (bytes: number): number => round(2 * (1 + Math.max(0, bytes / 1024 - 1) * 0.09)),
  insert: (bytes: number, paths: number): number => round(5 + paths * 0.1 + Math.max(0, bytes / 1024 - 1) * 0.45),
  replace: (bytes: number, paths: number): number => round(8 + paths * 0.2 + Math.max(0, bytes / 1024 - 1) * 0.7),
  remove: (bytes: number, paths: number): number => round(5 + paths * 0.1 + Math.max(0, bytes / 1024 - 1) * 0.3),
  query: (documents: number, bytes: number): number => round(2 * (2.3 + documents * 0.3 + (bytes / 1024) * 0.09)),
};

function round(units: number): number {
  return Math.round(units * 100) / 100;
}

interface Row {
  readonly body: string;
  readonly etag: string;
}

/** Does one operation on one partition; call inside a transaction when there are several. */
export function apply(db: DatabaseSync, container: Container, pk: string, operation: Operation): Outcome {
  const { kind, ifMatch } = operation;
  const id = operation.id ?? operation.body?.id ?? null;
  if (id === null || id === '' || /[/\\?#]/u.test(id) || Buffer.byteLength(id) > 1023)
    return failed(400, 'an id is 1 to 1023 bytes without / \\ ? #');
  const before = db
    .prepare(`SELECT body, etag FROM ${container.table} WHERE pk = ? AND id = ? AND (expires IS NULL OR expires > ?)`)
    .get(pk, id, seconds()) as Row | undefined;
  if (kind !== 'create' && kind !== 'upsert' && before === undefined)
    return failed(404, 'Entity with the specified id does not exist in the system.');
  if (kind === 'create' && before !== undefined) return failed(409, 'Entity with the specified id already exists in the system.');
  if (ifMatch !== undefined && before !== undefined && ifMatch !== '*' && ifMatch !== before.etag)
    return failed(412, 'One of the specified pre-condition is not met.');
  const size = before === undefined ? 0 : Buffer.byteLength(before.body);
  if (kind === 'read') return { status: 200, body: JSON.parse(before?.body ?? '{}') as Body, etag: before?.etag ?? '', charge: charge.read(size) };
  if (kind === 'delete') {
    db.prepare(`DELETE FROM ${container.table} WHERE pk = ? AND id = ?`).run(pk, id);
    return { status: 204, body: null, etag: null, charge: charge.remove(size, container.indexedPaths(JSON.parse(before?.body ?? '{}') as Body)) };
  }
  const body = kind === 'patch' ? patched(JSON.parse(before?.body ?? '{}') as Body, operation.changes ?? []) : { ...operation.body };
  if (body.id !== id) return failed(400, 'the id in the body is not the id in the address');
  const expected = container.definition.partitionKey.paths.map((path) => path.slice(1).split('/').reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], body)); // prettier-ignore
  if (JSON.stringify(expected) !== pk) return failed(400, 'PartitionKey extracted from document doesn’t match the one specified in the header.');
  return write(db, container, pk, id, body, before === undefined ? null : size);
}

function write(db: DatabaseSync, container: Container, pk: string, id: string, body: Body, sizeBefore: number | null): Outcome {
  const etag = `"${randomUUID()}"`;
  const whole: Body = { ...body, _rid: container.rid, _self: '', _etag: etag, _ts: seconds() };
  const text = JSON.stringify(whole);
  const size = Buffer.byteLength(text);
  if (size > MOST_BYTES) return failed(413, `Request size is too large: a document may have 2 MB, this one has ${size} bytes`);
  const ttl = (body['ttl'] as number | undefined) ?? container.definition.defaultTtl ?? -1;
  const mayExpire = container.definition.defaultTtl !== undefined && ttl > 0;
  const { lsn } = db.prepare(`SELECT coalesce(max(lsn), 0) + 1 AS lsn FROM ${container.table}`).get() as { lsn: number };
  db.prepare(
    `INSERT INTO ${container.table} (pk, id, body, etag, lsn, expires) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET body = excluded.body, etag = excluded.etag, lsn = excluded.lsn, expires = excluded.expires`,
  ).run(pk, id, text, etag, lsn, mayExpire ? seconds() + ttl : null);
  const paths = container.indexedPaths(body);
  return {
    ...{ status: sizeBefore === null ? 201 : 200, body: whole, etag },
    charge: sizeBefore === null ? charge.insert(size, paths) : charge.replace(Math.max(size, sizeBefore), paths),
  };
}

function patched(body: Body, changes: NonNullable<Operation['changes']>): Body {
  const result: Record<string, unknown> = structuredClone(body);
  for (const { op, path, value } of changes) {
    const names = path.slice(1).split('/');
    const last = names.pop() ?? '';
    const owner = names.reduce<Record<string, unknown>>((inner, name) => inner[name] as Record<string, unknown>, result);
    if (op === 'remove') Reflect.deleteProperty(owner, last);
    else if (op === 'incr') owner[last] = (owner[last] as number) + (value as number);
    else owner[last] = value;
  }
  return result;
}

/** All of them, or none: then the one that failed has its own status, the rest 424. */
export function applyBatch(
  db: DatabaseSync,
  container: Container,
  pk: string,
  operations: readonly Operation[],
): { readonly status: number; readonly outcomes: readonly Outcome[] } {
  db.exec('BEGIN IMMEDIATE');
  const outcomes: Outcome[] = [];
  for (const operation of operations) {
    const outcome = apply(db, container, pk, operation);
    outcomes.push(outcome);
    if (outcome.status < 400) continue;
    db.exec('ROLLBACK');
    const others: Outcome = { status: 424, body: null, etag: null, charge: 0 };
    return { status: 207, outcomes: operations.map((_, n) => (n === outcomes.length - 1 ? outcome : others)) };
  }
  db.exec('COMMIT');
  return { status: 200, outcomes };
}

function failed(status: number, message: string): Outcome {
  return { status, body: null, etag: null, charge: 1.2, message };
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
