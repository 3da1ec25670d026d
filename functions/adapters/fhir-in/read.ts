import { at, lineAt as textAt, listAt } from '#domain/json.js';

export { at, listAt, textAt };

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
