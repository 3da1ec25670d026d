import type { Container } from './containers.ts';

/** A query that this peer does not answer; the text goes back as the message of HTTP 400. */
export class QueryRefused extends Error {}

export interface Parameter {
  readonly name: string;
  readonly value: unknown;
}

/** A Cosmos query as SQLite runs it: `body` of the documents, or one value under the name `value`. */
export interface Translated {
  readonly sql: string;
  readonly values: (string | number | null)[];
  /** What is shown of each document; null: the row is the answer itself (an aggregate). */
  readonly show: ((document: Record<string, unknown>) => unknown) | null;
  /** Paths that the filter or the order uses. */
  readonly limit: number | null;
}

type Token = { readonly kind: 'word' | 'number' | 'text' | 'param' | 'sign'; readonly text: string };
const TOKENS = /\s*(?:(?<param>@\w+)|(?<number>-?\d+(?:\.\d+)?)|'(?<text>[^']*)'|(?<word>[A-Za-z_][\w.]*)|(?<sign><=|>=|!=|<>|[=<>(),*[\]]))/gy;

/** Words that may not stand after a dot. */
const RESERVED = new Set('SELECT FROM WHERE ORDER BY GROUP VALUE TOP IN AND OR NOT LIKE JOIN LIMIT OFFSET AS ASC DESC BETWEEN EXISTS ARRAY DISTINCT NULL UNDEFINED TRUE FALSE ESCAPE UDF'.split(' ')); // prettier-ignore

/**
 * Translates the small part of Cosmos SQL that Radloop uses: SELECT [TOP n] * | VALUE path | VALUE COUNT(1) | VALUE MIN(path) | paths, FROM c, WHERE with AND, OR, NOT, =, !=, <,
 * <=, >, >=, IN, IS_DEFINED, ARRAY_CONTAINS(@list, path), STARTSWITH, ORDER BY, OFFSET LIMIT. Everything else is refused.
 * Cosmos would answer a query over all partitions without a bound, slowly and dearly; this peer refuses it, so that none creeps in. It also refuses to filter (over all
 * partitions) or to order by what the container does not index, and to order by two paths without a composite index, as Cosmos does.
 */
export function translate(query: string, parameters: readonly Parameter[], container: Container, partition: string | null): Translated {
  const tokens = tokensOf(query);
  const values: (string | number | null)[] = [];
  let at = 0;
  const peek = (): string => tokens[at]?.text.toUpperCase() ?? '';
  const refuse = (why: string): QueryRefused => new QueryRefused(`${why}, near "${tokens.slice(Math.max(0, at - 2), at + 3).map(({ text }) => text).join(' ')}" in: ${query}`); // prettier-ignore
  const isSign = (sign: string): boolean => tokens[at]?.kind !== 'text' && peek() === sign;
  const take = (text?: string): Token => {
    const token = tokens[at];
    if (token === undefined || (text !== undefined && !isSign(text))) throw refuse(`expected ${text ?? 'more'}`);
    at += 1;
    return token;
  };
  const may = (text: string): boolean => {
    if (!isSign(text)) return false;
    at += 1;
    return true;
  };
  const column = (path: string): string => `json_extract(body, '$.${path}')`;
  const path = (ordering = false): string => {
    const { kind, text } = take();
    if (kind !== 'word' || !/^c(\.\w+)+$/u.test(text)) throw refuse('expected a path such as c.due');
    const inner = text.slice(2);
    if (inner.split('.').some((name) => RESERVED.has(name.toUpperCase()))) throw refuse('Cosmos takes this name only as c["name"]');
    if ((partition === null || ordering) && !container.isIndexed(inner)) throw refuse(`the container ${container.name} does not index ${inner}`);
    return inner;
  };
  const parameter = (name: string): unknown => {
    const found = parameters.find((one) => one.name === name);
    if (found === undefined) throw refuse(`no parameter ${name} was given`);
    return found.value;
  };
  const bind = (value: unknown): string => {
    if (typeof value === 'boolean') values.push(value ? 1 : 0);
    else if (typeof value === 'string' || typeof value === 'number') values.push(value);
    else throw refuse('a parameter is text, a number or a boolean');
    return '?';
  };
  const operand = (): string => {
    const { kind, text } = take();
    if (kind === 'param') return bind(parameter(text));
    if (kind === 'text') return bind(text);
    if (kind === 'number') return bind(Number(text));
    if (/^(true|false)$/iu.test(text)) return bind(text.toLowerCase() === 'true');
    throw refuse('expected a value or a parameter');
  };
  const whole = (): number => {
    const { kind, text } = take();
    const value = kind === 'param' ? parameter(text) : Number(text);
    if (!Number.isInteger(value)) throw refuse('expected a whole number');
    return value as number;
  };
  const term = (): string => {
    // Of what is not defined Cosmos says neither: NOT of it is not true either, as in SQL.
    if (may('NOT')) return `NOT (${term()})`;
    if (may('(')) {
      const inner = either();
      take(')');
      return `(${inner})`;
    }
    if (may('IS_DEFINED')) {
      take('(');
      const defined = path();
      take(')');
      return `json_type(body, '$.${defined}') IS NOT NULL`;
    }
    if (may('STARTSWITH')) {
      take('(');
      const text = path();
      take(',');
      const start = operand();
      take(')');
      return `substr(${column(text)}, 1, length(${start})) = ${bind(values.at(-1))}`;
    }
    if (may('ARRAY_CONTAINS')) {
      take('(');
      const list = parameter(take().text);
      take(',');
      const member = path();
      take(')');
      values.push(JSON.stringify(list));
      return `CASE WHEN json_type(body, '$.${member}') IS NOT NULL THEN coalesce(${column(member)} IN (SELECT value FROM json_each(?)), 0) END`;
    }
    const left = path();
    if (may('IN')) {
      take('(');
      const options = [operand()];
      while (may(',')) options.push(operand());
      take(')');
      return `${column(left)} IN (${options.join(', ')})`;
    }
    const { text: sign } = take();
    if (!['=', '!=', '<>', '<', '<=', '>', '>='].includes(sign)) throw refuse('expected a comparison');
    return `${column(left)} ${sign} ${operand()}`;
  };
  const both = (): string => {
    const terms = [term()];
    while (may('AND')) terms.push(term());
    return terms.join(' AND ');
  };
  const either = (): string => {
    const terms = [both()];
    while (may('OR')) terms.push(both());
    return terms.join(' OR ');
  };

  take('SELECT');
  let limit = may('TOP') ? whole() : null;
  const { columns, show } = select(take, may, refuse, column);
  take('FROM');
  take('C');
  const conditions = ['(expires IS NULL OR expires > ?)'];
  values.push(Math.floor(Date.now() / 1000));
  if (partition !== null) {
    conditions.push('pk = ?');
    values.push(partition);
  }
  if (may('WHERE')) conditions.push(`(${either()})`);
  const orders: { readonly path: string; readonly down: boolean }[] = [];
  if (may('ORDER')) {
    take('BY');
    do {
      const by = path(true);
      const down = may('DESC');
      if (!down) may('ASC');
      orders.push({ path: by, down });
    } while (may(','));
  }
  if (orders.length > 1 && !container.hasComposite(orders)) throw refuse('ordering by several paths needs a composite index');
  let offset = 0;
  if (may('OFFSET')) {
    offset = whole();
    take('LIMIT');
    limit = whole();
  }
  if (at < tokens.length) throw refuse('this peer does not know what follows');
  if (partition === null && limit === null && show !== null)
    throw new QueryRefused(`a query over all partitions needs a bound (TOP, or OFFSET LIMIT): ${query}`);
  // What has not the ordered path is not in its index: Cosmos leaves it out, too.
  for (const { path: by } of orders) conditions.push(`json_type(body, '$.${by}') IS NOT NULL`);
  const order =
    show === null ? '' : ` ORDER BY ${[...orders.map(({ path: by, down }) => `${column(by)} ${down ? 'DESC' : 'ASC'}`), 'lsn'].join(', ')}`;
  return { sql: `SELECT ${columns} FROM ${container.table} WHERE ${conditions.join(' AND ')}${order} LIMIT ? OFFSET ?`, values, show, limit: limit === null ? null : limit + offset }; // prettier-ignore
}

function select(
  take: (text?: string) => Token,
  may: (text: string) => boolean,
  refuse: (why: string) => QueryRefused,
  column: (path: string) => string,
): { readonly columns: string; readonly show: Translated['show'] } {
  if (may('*')) return { columns: 'body', show: (document) => document };
  const path = (): string[] => {
    const { text } = take();
    if (!/^c(\.\w+)+$/u.test(text)) throw refuse('expected a path such as c.due');
    return text.split('.').slice(1);
  };
  const read = (document: unknown, names: readonly string[]): unknown =>
    names.reduce<unknown>(
      (value, name) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined),
      document,
    );
  if (may('VALUE')) {
    for (const aggregate of ['COUNT', 'MIN', 'MAX'] as const) {
      if (!may(aggregate)) continue;
      take('(');
      const of = aggregate === 'COUNT' ? '1' : null;
      if (of !== null) take('1');
      const inner = of ?? column(path().join('.'));
      take(')');
      return { columns: `${aggregate}(${inner}) AS value`, show: null };
    }
    const names = path();
    return { columns: 'body', show: (document) => read(document, names) };
  }
  const paths = [path()];
  while (may(',')) paths.push(path());
  return { columns: 'body', show: (document) => Object.fromEntries(paths.map((names) => [names.at(-1), read(document, names)])) };
}

function tokensOf(query: string): Token[] {
  const tokens: Token[] = [];
  TOKENS.lastIndex = 0;
  for (let from = 0; query.slice(from).trim() !== '';) {
    const found = TOKENS.exec(query);
    const groups: Readonly<Record<string, string | undefined>> = found?.groups ?? {};
    const [kind, text] = Object.entries(groups).find(([, one]) => one !== undefined) ?? [];
    if (kind === undefined || text === undefined) throw new QueryRefused(`this peer can't read the query from: ${query.slice(from)}`);
    tokens.push({ kind: kind as Token['kind'], text });
    from = TOKENS.lastIndex;
  }
  return tokens;
}
