/** Lenient reading of JSON that somebody else wrote: what is not there or not of its kind reads as null or empty, nothing throws. */

/** The value at a path of own members; undefined when any step is missing. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let here = value;
  for (const name of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, name)) return undefined;
    here = Reflect.get(here, name);
  }
  return here;
}

export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const list = at(value, ...path);
  return Array.isArray(list) ? list : [];
}

/** A string with something in it, on one line, without control characters; null when it is none. */
export function lineAt(value: unknown, ...path: readonly string[]): string | null {
  const text = at(value, ...path);
  if (typeof text !== 'string') return null;
  const clean = text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return clean === '' ? null : clean;
}
