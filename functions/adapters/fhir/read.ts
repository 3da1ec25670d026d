import { at, lineAt, listAt } from '#domain/json.js';

export { at, listAt };

const LONGEST_TEXT = 300;

/** A string on one line, at most 300 characters; null when it is none or empty. */
export function textAt(value: unknown, ...path: readonly string[]): string | null {
  const line = lineAt(value, ...path);
  return line !== null && line.length > LONGEST_TEXT ? `${line.slice(0, LONGEST_TEXT)}…` : line;
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
