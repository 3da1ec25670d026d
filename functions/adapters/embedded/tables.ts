import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

/** The connection as whoever opens the store has it, before there is a `Database`. Statements are prepared once. */
export interface Tables {
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[];
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined;
  run(sql: string, ...values: SQLInputValue[]): { changes: number; lastInsertRowid: number };
  exec(sql: string): void;
}

export function tablesOf(db: DatabaseSync): Tables {
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known) return known;
    const made = db.prepare(sql);
    statements.set(sql, made);
    return made;
  };
  return {
    all: <Row>(sql: string, ...values: SQLInputValue[]) => prepare(sql).all(...values) as Row[],
    get: <Row>(sql: string, ...values: SQLInputValue[]) => prepare(sql).get(...values) as Row | undefined,
    run(sql, ...values) {
      const { changes, lastInsertRowid } = prepare(sql).run(...values);
      return { changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) };
    },
    exec(sql) {
      db.exec(sql);
    },
  };
}

/** One of its own, outside the groups. */
export function inTransaction<T>(tables: Tables, work: () => T): T {
  tables.exec('BEGIN IMMEDIATE');
  try {
    const value = work();
    tables.exec('COMMIT');
    return value;
  } catch (error) {
    tables.exec('ROLLBACK');
    throw error;
  }
}
