/** A container as it must be made: infra/azure makes it so, and `openCosmos` does on a developer's machine. */
export interface ContainerLayout {
  readonly partitionKey: string;
  /** Paths that queries filter or order by; nothing else is indexed, so that a write stays cheap. `*`: all, for small documents. */
  readonly indexed: readonly string[];
  /** Paths that a query filters by equality and then orders by the last. */
  readonly composite: readonly (readonly string[])[];
  /** Seconds; -1: documents live for ever unless they say otherwise; null: no document ever expires. */
  readonly defaultTtl: number | null;
}

/**
 * The containers of one site (ADR 0024). `cases` is the record: all of a case lies in its one partition. `numbers`: case number -> case. `lookups`: keyed hash -> case.
 * `raw`: one row a message. `site`: what belongs to no case. `views`: made from `cases` by its change feed, may be dropped at will.
 */
export const LAYOUT = {
  cases: {
    partitionKey: '/caseId',
    indexed: [
      'kind',
      'base',
      'seq',
      'lane',
      'state',
      'readyAt',
      'wakeAt',
      'destination',
      'effectKind',
      'rank',
      'fresh',
      'bundle',
      'awaits',
      'eventDue',
      'caseId',
      'turn',
      'queuedAt',
      'crashes',
      'parkedAt',
      'actAt',
    ],
    composite: [
      ['destination', 'readyAt'],
      ['effectKind', 'readyAt'],
      ['fresh', 'readyAt'],
    ],
    defaultTtl: null,
  },
  numbers: { partitionKey: '/id', indexed: [], composite: [], defaultTtl: null },
  lookups: { partitionKey: '/key', indexed: ['*'], composite: [], defaultTtl: null },
  raw: {
    partitionKey: '/id',
    indexed: ['state', 'queuedAt', 'newSince', 'owedSince', 'pendingSince', 'endpoint', 'hash', 'reused', 'owedAuditAt'],
    composite: [['state', 'queuedAt']],
    defaultTtl: null,
  },
  site: { partitionKey: '/part', indexed: ['*'], composite: [], defaultTtl: -1 },
  views: { partitionKey: '/list', indexed: ['open', 'place', 'noted', 'updatedAt'], composite: [], defaultTtl: null },
} as const satisfies Readonly<Record<string, ContainerLayout>>;

export type ContainerName = keyof typeof LAYOUT;

/** As Cosmos DB takes it. */
export function indexingPolicy({ indexed, composite }: ContainerLayout) {
  const all = indexed.includes('*');
  return {
    indexingMode: 'consistent' as const,
    automatic: true,
    includedPaths: all ? [{ path: '/*' }] : indexed.map((path) => ({ path: `/${path}/?` })),
    excludedPaths: all ? [] : [{ path: '/*' }],
    compositeIndexes: composite.map((paths) => paths.map((path) => ({ path: `/${path}`, order: 'ascending' as const }))),
  };
}
