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

/** A string with something in it, on one line; null when it is none. */
export function textAt(value: unknown, ...path: readonly string[]): string | null {
  const text = at(value, ...path);
  if (typeof text !== 'string') return null;
  const clean = text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return clean === '' ? null : clean;
}

/** FHIR writes an integer64 as text (R5 datatypes.html#integer64); servers write others so too. Null when it is no whole number from 0. */
export function countAt(value: unknown, ...path: readonly string[]): number | null {
  const found = at(value, ...path);
  const number = typeof found === 'string' && /^\d{1,15}$/u.test(found) ? Number(found) : found;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

/** What a CodeableConcept says in words: its text, else the display of a coding, else a code. */
export function conceptText(concept: unknown): string | null {
  const codings = listAt(concept, 'coding');
  return (
    textAt(concept, 'text') ??
    codings.map((coding) => textAt(coding, 'display')).find((text) => text !== null) ??
    codings.map((coding) => textAt(coding, 'code')).find((text) => text !== null) ??
    null
  );
}

export function conceptCodes(concept: unknown): readonly string[] {
  return listAt(concept, 'coding').flatMap((coding) => textAt(coding, 'code') ?? []);
}

/** Each text once, in order. */
export function distinct<T>(items: readonly T[]): readonly T[] {
  return [...new Set(items)];
}

/** JSON of a body; undefined when it is none. */
export function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
