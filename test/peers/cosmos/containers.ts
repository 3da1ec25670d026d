import { DatabaseSync } from 'node:sqlite';

interface Ordered {
  readonly path: string;
  readonly down: boolean;
}

interface Policy {
  readonly includedPaths?: readonly { readonly path: string }[];
  readonly excludedPaths?: readonly { readonly path: string }[];
  readonly compositeIndexes?: readonly (readonly { readonly path: string; readonly order?: string }[])[];
}

/** What a container's creation says of it, as Cosmos takes it. */
export interface Definition {
  readonly id: string;
  readonly partitionKey: { readonly paths: readonly string[] };
  readonly indexingPolicy?: Policy;
  readonly defaultTtl?: number;
}

export interface Container {
  readonly name: string;
  readonly rid: string;
  readonly table: string;
  readonly definition: Definition;
  /** May a query filter or order by this path? */
  isIndexed(path: string): boolean;
  hasComposite(orders: readonly Ordered[]): boolean;
  /** How many of this document's paths are in the index. */
  indexedPaths(document: Readonly<Record<string, unknown>>): number;
}

/** Databases and containers over one SQLite file. */
export interface Containers {
  readonly db: DatabaseSync;
  createDatabase(name: string): boolean;
  hasDatabase(name: string): boolean;
  create(database: string, definition: Definition): Container | null;
  find(database: string, name: string): Container | null;
  drop(database: string, name?: string): void;
}

/** @param file where all is kept; `:memory:` for a peer that forgets. */
export function openContainers(file: string): Containers {
  const db = new DatabaseSync(file);
  // What is under test are our adapters, not this file: it need not outlive the machine.
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
  db.exec('CREATE TABLE IF NOT EXISTS databases (name TEXT PRIMARY KEY) STRICT');
  db.exec(
    'CREATE TABLE IF NOT EXISTS containers (id INTEGER PRIMARY KEY, database TEXT, name TEXT, definition TEXT, UNIQUE (database, name)) STRICT',
  );
  const known = new Map<string, Container>();
  return {
    db,
    createDatabase: (name) => db.prepare('INSERT OR IGNORE INTO databases (name) VALUES (?)').run(name).changes === 1,
    hasDatabase: (name) => db.prepare('SELECT 1 FROM databases WHERE name = ?').get(name) !== undefined,
    create(database, definition) {
      const made = db
        .prepare('INSERT OR IGNORE INTO containers (database, name, definition) VALUES (?, ?, ?)')
        .run(database, definition.id, JSON.stringify(definition));
      if (made.changes === 0) return null;
      const container = containerOf(Number(made.lastInsertRowid), definition);
      makeTable(db, container);
      return container;
    },
    find(database, name) {
      const key = `${database}/${name}`;
      const before = known.get(key);
      if (before !== undefined) return before;
      const row = db.prepare('SELECT id, definition FROM containers WHERE database = ? AND name = ?').get(database, name) as
        { id: number; definition: string } | undefined;
      if (row === undefined) return null;
      const container = containerOf(row.id, JSON.parse(row.definition) as Definition);
      known.set(key, container);
      return container;
    },
    drop(database, name) {
      const rows = db
        .prepare('SELECT id FROM containers WHERE database = ?1 AND (?2 IS NULL OR name = ?2)')
        .all(database, name ?? null) as { id: number }[]; // prettier-ignore
      for (const { id } of rows) {
        db.exec(`DROP TABLE docs_${id}`);
        db.prepare('DELETE FROM containers WHERE id = ?').run(id);
      }
      if (name === undefined) db.prepare('DELETE FROM databases WHERE name = ?').run(database);
      known.clear();
    },
  };
}

function makeTable(db: DatabaseSync, { table, definition }: Container): void {
  db.exec(
    `CREATE TABLE ${table} (pk TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, etag TEXT NOT NULL, lsn INTEGER NOT NULL, expires INTEGER, PRIMARY KEY (pk, id)) STRICT, WITHOUT ROWID`,
  );
  db.exec(`CREATE UNIQUE INDEX ${table}_lsn ON ${table} (lsn)`);
  for (const [n, { path }] of (definition.indexingPolicy?.includedPaths ?? []).entries()) {
    const column = `json_extract(body, '$.${pathOf(path)}')`;
    if (path !== '/*') db.exec(`CREATE INDEX ${table}_path_${n} ON ${table} (${column}) WHERE ${column} IS NOT NULL`);
  }
}

function pathOf(path: string): string {
  return path.replace(/^\//u, '').replace(/\/[?*]$/u, '').replaceAll('/', '.'); // prettier-ignore
}

function containerOf(id: number, definition: Definition): Container {
  const { includedPaths = [{ path: '/*' }], compositeIndexes = [] } = definition.indexingPolicy ?? {};
  const included = includedPaths.map(({ path }) => pathOf(path));
  const all = includedPaths.some(({ path }) => path === '/*');
  const always = ['id', '_ts', ...definition.partitionKey.paths.map(pathOf)];
  return {
    ...{ name: definition.id, definition, table: `docs_${id}`, rid: Buffer.from(`radloop${String(id).padStart(5, '0')}`).toString('base64') },
    isIndexed: (path) => all || always.includes(path) || included.includes(path),
    // As it is, or all of it the other way round.
    hasComposite: (orders) =>
      [false, true].some((back) =>
        compositeIndexes.some(
          (index) =>
            index.length === orders.length &&
            index.every(({ path, order }, n) => pathOf(path) === orders[n]?.path && ((order === 'descending') !== back) === orders[n].down),
        ),
      ),
    indexedPaths: (document) =>
      all ? Object.keys(document).length : included.filter((path) => document[path.split('.')[0] ?? ''] !== undefined).length,
  };
}
