/** Lenient reading of JSON that somebody else wrote: what is not there or not of its kind reads as null or empty, nothing throws. */

const LONGEST_TEXT = 300;

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

/** A string on one line, without control characters, at most 300 characters; null when it is none or empty. */
export function textAt(value: unknown, ...path: readonly string[]): string | null {
  const text = at(value, ...path);
  if (typeof text !== 'string') return null;
  const clean = text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  if (clean === '') return null;
  return clean.length > LONGEST_TEXT ? `${clean.slice(0, LONGEST_TEXT)}…` : clean;
}

export function numberAt(value: unknown, ...path: readonly string[]): number | null {
  const number = at(value, ...path);
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

/** What a CodeableConcept says in words: its text, else the display of a coding, else a code. */
export function conceptText(concept: unknown): string | null {
  const codings = listAt(concept, 'coding');
  for (const text of [
    textAt(concept, 'text'),
    ...codings.map((coding) => textAt(coding, 'display')),
    ...codings.map((coding) => textAt(coding, 'code')),
  ]) {
    if (text !== null) return text;
  }
  return null;
}

export function conceptCodes(concept: unknown): readonly string[] {
  return listAt(concept, 'coding').flatMap((coding) => textAt(coding, 'code') ?? []);
}

/** Milliseconds for sorting; dates of lower precision stand at their beginning, in UTC. Null when it is no date. */
export function momentOf(date: string | null): number | null {
  if (date === null) return null;
  const moment = Date.parse(date);
  return Number.isNaN(moment) ? null : moment;
}

/** Newest first, undated last. */
export function newestFirst<T>(items: readonly T[], dateOf: (item: T) => string | null): readonly T[] {
  const moment = (item: T): number => momentOf(dateOf(item)) ?? -Infinity;
  return [...items].sort((a, b) => {
    const [left, right] = [moment(a), moment(b)];
    return left === right ? 0 : right - left;
  });
}

/** Each text once, capitals aside, in order. */
export function distinct(texts: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return texts.filter((text) => !seen.has(text.toLowerCase()) && seen.add(text.toLowerCase()));
}
