import { randomUUID } from 'node:crypto';
import { ChangeFeedStartFrom, CosmosClient } from '@azure/cosmos';
import type { ChangeFeedIteratorOptions, ChangeFeedPullModelIterator, Container, OperationInput } from '@azure/cosmos';
import { ManagedIdentityCredential } from '@azure/identity';
import { CosmosFailure, faultOf, isPassing, pauseAfter } from './cosmos-failure.ts';
import type { Fault } from './cosmos-failure.ts';
import { LAYOUT, indexingPolicy } from './cosmos-layout.ts';
import type { ContainerName } from './cosmos-layout.ts';

export interface CosmosSettings {
  /** Such as https://radloop.documents.azure.com:443/ */
  readonly endpoint: string;
  /** @default radloop */
  readonly database?: string;
  /** Of an emulator or a peer. Without it: managed identity. */
  readonly key?: string;
  /** Of a user-assigned identity. @default the system's */
  readonly identityClientId?: string;
  /** Makes database and containers that are missing: on a developer's machine only, infra/azure makes them elsewhere. @default false */
  readonly create?: boolean;
  /** Seconds that one call may take with all its repeats. @default 30 */
  readonly patienceSeconds?: number;
}

/** The account is not as it must be; the message says how to mend it. */
export class CosmosUnsuitable extends Error {
  override name = 'CosmosUnsuitable';
}

/** A document as it lies in Cosmos. `w` names the write that made it so. */
export type Stored<T> = T & { readonly id: string; readonly _etag: string; readonly _ts: number; readonly w?: string };

type Value = string | number | boolean | readonly string[] | readonly number[];

export interface Question {
  /** Over all partitions it needs a bound: TOP, or OFFSET LIMIT. */
  readonly query: string;
  readonly values?: Readonly<Record<string, Value>>;
  /** @default all partitions */
  readonly partition?: string;
}

export type Change =
  | { readonly do: 'create' | 'upsert'; readonly document: { readonly id: string } }
  | { readonly do: 'replace'; readonly document: { readonly id: string }; readonly etag: string }
  | { readonly do: 'delete'; readonly id: string; readonly etag: string };

/** What became of a write. `at` is the change that Cosmos refused, 0 for the first: `exists` 409, `changed` 412, `gone` 404, `too-large` 413. */
export type Written = { readonly ok: true } | { readonly ok: false; readonly at: number; readonly why: 'exists' | 'changed' | 'gone' | 'too-large' };

/** A page of a change feed: each document once, as it was written last. */
export interface Changes<T> {
  readonly documents: readonly Stored<T>[];
  readonly cursor: string;
  /** False: there was no more. */
  readonly more: boolean;
}

/**
 * The site's database. Each call tries again by itself while what failed may pass, for as long as `patienceSeconds`. A write whose answer was lost is found again by the
 * mark that it left in the first document of its batch: it is never done twice, and never given up as lost when it was done. Rejects with CosmosFailure.
 */
export interface Cosmos {
  read<T>(container: ContainerName, partition: string, id: string): Promise<Stored<T> | null>;
  /** All of it in one transaction, or nothing: one partition, at most 100 changes and 2 MB. The first change must not be a delete when there are more. */
  write(container: ContainerName, partition: string, changes: readonly Change[]): Promise<Written>;
  query<T>(container: ContainerName, question: Question): Promise<T[]>;
  /** @param cursor null: from the beginning. @param most documents, about. */
  changes<T>(container: ContainerName, cursor: string | null, most: number): Promise<Changes<T>>;
  /** Does it answer? */
  ping(): Promise<void>;
  close(): void;
}

export async function openCosmos(settings: CosmosSettings): Promise<Cosmos> {
  const { endpoint, key, identityClientId, database: name = 'radloop', patienceSeconds = 30 } = settings;
  const client = new CosmosClient({
    endpoint,
    ...(key === undefined
      ? {
          aadCredentials:
            identityClientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId: identityClientId }),
        }
      : { key }),
    // Repeats are ours: the SDK's own know nothing of a write that was done and not answered.
    connectionPolicy: {
      requestTimeout: 10_000,
      retryOptions: { maxRetryAttemptCount: 0, fixedRetryIntervalInMilliseconds: 0, maxWaitTimeInSeconds: 0 },
    },
  });
  const database = client.database(name);
  if (settings.create === true) await createMissing(client, name);
  else await checkConsistency(client);
  const containers = new Map<ContainerName, Container>();
  /** By where they stand: to open a feed costs two requests more than to go on with it. */
  const feeds: Feeds = new Map();
  const containerOf = (of: ContainerName): Container => {
    const known = containers.get(of) ?? database.container(of);
    containers.set(of, known);
    return known;
  };
  const trying = <T>(operation: string, container: ContainerName, attempt: () => Promise<T>, onFault?: (fault: Fault) => Promise<T | undefined>) =>
    patiently({ operation, container, patienceSeconds }, attempt, onFault);

  const readOnce = async <T>(container: ContainerName, partition: string, id: string) => {
    const { resource } = await containerOf(container).item(id, partition).read<Stored<T> & { id: string }>();
    return resource ?? null;
  };

  return {
    read: (container, partition, id) => trying('read', container, () => readOnce(container, partition, id)),
    write(container, partition, changes) {
      const w = randomUUID();
      const operations = changes.map((change) => operationOf(change, w));
      const first = changes[0];
      if (first === undefined) return Promise.resolve({ ok: true });
      return trying<Written>(
        'write',
        container,
        () => batch(containerOf(container), operations as OperationInput[], partition),
        async ({ status }) => {
          // Refused before it was begun; anything else may have been done.
          if ([429, 449].includes(status) || first.do === 'delete') return undefined;
          const now = await readOnce<object>(container, partition, first.document.id).catch(() => null);
          return now?.w === w ? { ok: true } : undefined;
        },
      );
    },
    query: <T>(container: ContainerName, { query, values = {}, partition }: Question) =>
      trying('query', container, async () => {
        const parameters = Object.entries(values).map(([key, value]) => ({ name: `@${key}`, value: value as string }));
        const options = { maxItemCount: 500, ...(partition === undefined ? {} : { partitionKey: partition }) };
        const { resources } = await containerOf(container).items.query<T>({ query, parameters }, options).fetchAll();
        return resources;
      }),
    async changes<T>(container: ContainerName, cursor: string | null, most: number) {
      const standing = `${container} ${cursor ?? ''}`;
      const known = feeds.get(standing);
      // One reader has it: two would each miss what the other was given.
      feeds.delete(standing);
      const feed = known ?? containerOf(container).items.getChangeFeedIterator<unknown>(startingAt(cursor, Math.min(most, 500)));
      const documents: Stored<T>[] = [];
      for (let at = cursor ?? '', more = true; ;) {
        const page = await trying('change feed', container, () => feed.readNext());
        at = page.continuationToken;
        more = page.statusCode !== 304;
        if (more) documents.push(...(page.result as unknown as Stored<T>[]));
        if (more && documents.length < most) continue;
        remember(feeds, `${container} ${at}`, feed);
        return { documents, cursor: at, more };
      }
    },
    async ping() {
      await trying('ping', 'site', () => client.getDatabaseAccount());
    },
    close() {
      client.dispose();
    },
  };
}

type Feeds = Map<string, ChangeFeedPullModelIterator<unknown>>;

/** Feeds that may go on later: views, the sealer, and whoever reads the audit. */
const MOST_FEEDS = 8;

function remember(feeds: Feeds, key: string, feed: ChangeFeedPullModelIterator<unknown>): void {
  feeds.delete(key);
  feeds.set(key, feed);
  for (const oldest of feeds.keys()) if (feeds.size > MOST_FEEDS) feeds.delete(oldest);
}

function startingAt(cursor: string | null, maxItemCount: number): ChangeFeedIteratorOptions {
  const start: unknown = cursor === null ? ChangeFeedStartFrom.Beginning() : ChangeFeedStartFrom.Continuation(cursor);
  return { changeFeedStartFrom: start as ChangeFeedStartFrom, maxItemCount };
}

interface Call {
  readonly operation: string;
  readonly container: ContainerName;
  readonly patienceSeconds: number;
}

/** @param onFault looks whether it was done all the same, before it is tried again. */
async function patiently<T>(
  { operation, container, patienceSeconds }: Call,
  attempt: () => Promise<T>,
  onFault?: (fault: Fault) => Promise<T | undefined>,
): Promise<T> {
  const until = performance.now() + patienceSeconds * 1000;
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      const fault = error instanceof Passing ? error.fault : faultOf(error);
      const pause = pauseAfter(fault, tries);
      if (!isPassing(fault) || performance.now() + pause > until) throw new CosmosFailure(operation, container, fault);
      await new Promise((done) => setTimeout(done, pause));
      const done = await onFault?.(fault);
      if (done !== undefined) return done;
    }
  }
}

/** One change of a batch could not be done now: 429 or 449 inside the answer. */
class Passing extends Error {
  readonly fault: Fault;
  constructor(status: number) {
    super('try again');
    this.fault = { status, code: '', retryAfterMs: null, activityId: null };
  }
}

const REFUSALS: Readonly<Record<number, (Written & { readonly ok: false })['why']>> = {
  404: 'gone',
  409: 'exists',
  412: 'changed',
  413: 'too-large',
};

async function batch(container: Container, operations: OperationInput[], partition: string): Promise<Written> {
  try {
    return judged(await container.items.batch(operations, partition));
  } catch (error) {
    // Of the whole batch: then the change that it was is not said.
    const why = REFUSALS[faultOf(error).status];
    if (why === undefined || why === 'gone') throw error;
    // Nothing that was asked for could have been changed.
    if (why === 'changed' && !operations.some((one) => 'ifMatch' in one)) throw new Passing(449);
    return { ok: false, at: 0, why };
  }
}

function judged({
  code,
  result = [],
}: {
  readonly code?: number | undefined;
  readonly result?: readonly { readonly statusCode: number }[] | undefined;
}): Written {
  const at = result.findIndex(({ statusCode }) => statusCode >= 400 && statusCode !== 424);
  const status = result[at]?.statusCode ?? (code === 207 ? 500 : 200);
  if (status < 400) return { ok: true };
  const why = REFUSALS[status];
  if (why === undefined) throw new Passing(status);
  return { ok: false, at, why };
}

function operationOf(change: Change, w: string) {
  switch (change.do) {
    case 'create':
    case 'upsert':
      return { operationType: change.do === 'create' ? 'Create' : 'Upsert', resourceBody: { ...change.document, w } };
    case 'replace':
      return { operationType: 'Replace', id: change.document.id, ifMatch: change.etag, resourceBody: { ...change.document, w } };
    case 'delete':
      return { operationType: 'Delete', id: change.id, ifMatch: change.etag };
    default:
      return change satisfies never;
  }
}

/**
 * A lost answer is resolved by reading what was written, and an instance reads what another has just written: a replica that lags would say "not done". BoundedStaleness
 * reads two of a region's four replicas, of which a write is on three, so that in the region of the writes nothing lags; another region does, and the SDK turns to it
 * when the first does not answer. Where two regions write, If-Match of the one says nothing of the other. An emulator, which has one replica, is not asked.
 */
async function checkConsistency(client: CosmosClient): Promise<void> {
  const { resource } = await client.getDatabaseAccount();
  const level: string = resource?.consistencyPolicy ?? 'unknown';
  const mend = 'Change it in infra/azure/modules/cosmos.bicep, or in the portal under';
  if (resource?.enableMultipleWritableLocations === true)
    throw new CosmosUnsuitable(`The Cosmos DB account is written in several regions: Radloop needs one. ${mend} "Replicate data globally".`);
  if (level === 'Strong' || (level === 'BoundedStaleness' && (resource?.readableLocations.length ?? 0) <= 1)) return;
  throw new CosmosUnsuitable(
    `The Cosmos DB account has the default consistency ${level}: Radloop needs Strong, or in an account of one region BoundedStaleness. ${mend} "Default consistency".`,
  );
}

async function createMissing(client: CosmosClient, name: string): Promise<void> {
  const { database } = await client.databases.createIfNotExists({ id: name });
  for (const [id, layout] of Object.entries(LAYOUT)) {
    await database.containers.createIfNotExists({
      id,
      partitionKey: { paths: [layout.partitionKey] },
      indexingPolicy: indexingPolicy(layout),
      ...(layout.defaultTtl === null ? {} : { defaultTtl: layout.defaultTtl }),
    });
  }
}
