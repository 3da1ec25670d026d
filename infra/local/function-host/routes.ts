import { FunctionHostError } from './worker.ts';

/** One segment of a route template: `word`, `{name}`, `{name:int}`, `{name?}` or, at the end, `{*name}`. */
type Segment =
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'value' | 'rest'; readonly name: string; readonly optional: boolean; readonly check: RegExp | null };

export interface Route<T> {
  readonly template: string;
  readonly methods: readonly string[];
  readonly target: T;
  readonly segments: readonly Segment[];
}

const CONSTRAINTS: Readonly<Record<string, RegExp>> = {
  int: /^-?\d{1,10}$/u,
  long: /^-?\d{1,19}$/u,
  guid: /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/iu,
  alpha: /^[a-z]+$/iu,
  bool: /^(?:true|false)$/iu,
};

/**
 * Reads a route template as ASP.NET Core has it, as far as Functions apps use it: whole segments only.
 * @param path prefix and route joined, without a slash in front
 */
export function route<T>(path: string, methods: readonly string[], target: T): Route<T> {
  const parts = path.split('/').filter((part) => part !== '');
  const segments = parts.map((part, at): Segment => {
    if (!/[{}]/u.test(part)) return { kind: 'word', word: part.toLowerCase() };
    const match = /^\{(\*{0,2})(\w+)(?::(\w+))?(\??)\}$/u.exec(part);
    if (match === null)
      throw new FunctionHostError(`Route "${path}": the local host does not read "${part}". Use {name}, {name:int}, {name?}, {*name}.`);
    const [, star = '', name = '', constraint, mark] = match;
    const check = constraint === undefined ? null : CONSTRAINTS[constraint];
    if (check === undefined)
      throw new FunctionHostError(
        `Route "${path}": the local host knows no constraint "${constraint ?? ''}". It knows: ${Object.keys(CONSTRAINTS).join(', ')}.`,
      );
    const last = at === parts.length - 1;
    if (star !== '' && !last) throw new FunctionHostError(`Route "${path}": {*${name}} takes the rest of the path, so it must stand last.`);
    return { kind: star === '' ? 'value' : 'rest', name, optional: mark === '?' || star !== '', check };
  });
  return { template: path, methods: methods.map((method) => method.toUpperCase()), target, segments };
}

/** Words before checked values before values before rests, segment by segment: the order in which routes are tried. */
export function bySpecificity<T>(routes: readonly Route<T>[]): readonly Route<T>[] {
  const rank = (segment: Segment | undefined): number => {
    if (segment === undefined) return 0;
    if (segment.kind === 'word') return 1;
    if (segment.kind === 'rest') return 4;
    return segment.check === null ? 3 : 2;
  };
  return [...routes].sort((a, b) => {
    for (let at = 0; at < Math.max(a.segments.length, b.segments.length); at++) {
      const difference = rank(a.segments[at]) - rank(b.segments[at]);
      if (difference !== 0) return difference;
    }
    return 0;
  });
}

/** @returns the first route that fits with its parameters; null when none does. @throws URIError when the path is not encoded properly. */
export function findRoute<T>(
  routes: readonly Route<T>[],
  method: string,
  pathname: string,
): { readonly target: T; readonly params: Record<string, string> } | null {
  const parts = pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  for (const candidate of routes) {
    if (!candidate.methods.includes(method)) continue;
    const params = fit(candidate.segments, parts);
    if (params !== null) return { target: candidate.target, params };
  }
  return null;
}

function fit(segments: readonly Segment[], parts: readonly string[]): Record<string, string> | null {
  const params: Record<string, string> = {};
  const open = segments.at(-1)?.kind === 'rest';
  if (parts.length > segments.length && !open) return null;
  for (const [at, segment] of segments.entries()) {
    const part = parts[at];
    if (segment.kind === 'word') {
      if (part?.toLowerCase() !== segment.word) return null;
    } else if (part === undefined) {
      if (!segment.optional) return null;
    } else {
      const value = segment.kind === 'rest' ? parts.slice(at).join('/') : part;
      if (segment.check?.test(value) === false) return null;
      params[segment.name] = value;
    }
  }
  return params;
}
