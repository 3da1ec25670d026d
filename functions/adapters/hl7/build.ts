import { charsetNamed } from './charset.ts';
import type { Charset } from './charset.ts';
import { escape, usualDelimiters } from './escape.ts';
import type { WholeDelimiters } from './escape.ts';

/** Fields of one segment: number to value. A value is a text, components, or repetitions of components; `NULL` is the HL7 null. */
export type Fields = Readonly<Record<number, Value>>;
export type Value = Leaf | readonly Component[] | Repeated;
export type Component = Leaf | readonly Leaf[];
export type Leaf = string | typeof NULL;
export interface Repeated {
  readonly repetitions: readonly (Leaf | readonly Component[])[];
}

/** HL7 `""`: the receiver deletes what it has. */
export const NULL = Symbol('HL7 null');

/** How an outgoing message is written. */
export interface Writing {
  readonly delimiters: WholeDelimiters;
  readonly charset: Charset;
}

/** UTF-8, the usual delimiters. */
export const usualWriting: Writing = { delimiters: usualDelimiters, charset: charsetNamed(['UNICODE UTF-8']) ?? unreachable() };

function unreachable(): never {
  throw new Error('charset.ts no longer knows UNICODE UTF-8.');
}

/**
 * Builds a message by fields only. Every text is escaped, so none can become a field, a segment or a message; segments end with CR.
 * MSH-1 and MSH-2 (and those of BHS) are written from `writing`. Null when a text does not fit in the character set of the link.
 */
export function build(segments: readonly (readonly [name: string, fields: Fields])[], writing: Writing = usualWriting): Buffer | null {
  return writing.charset.encode(textOf(segments, writing.delimiters));
}

/** The same before it is encoded. */
export function textOf(segments: readonly (readonly [name: string, fields: Fields])[], delimiters: WholeDelimiters): string {
  return segments.map(([name, fields]) => `${line(name, fields, delimiters)}\r`).join('');
}

function line(name: string, fields: Fields, delimiters: WholeDelimiters): string {
  if (!/^[A-Z][A-Z0-9]{2}$/u.test(name)) throw new RangeError(`"${name}" is no segment name: three capital letters or digits.`);
  const isHeader = name === 'MSH' || name === 'BHS';
  const { field, component, repetition, subcomponent, truncation } = delimiters;
  const parts = isHeader ? [name, component + repetition + delimiters.escape + subcomponent + (truncation ?? '')] : [name];
  // Splitting swallows MSH-1, so the parts of a header lie one place lower.
  const shift = isHeader ? 1 : 0;
  let last = 0;
  for (const key in fields) last = Math.max(last, Number(key) - shift);
  for (let at = parts.length; at <= last; at += 1) parts.push(written(fields[at + shift] ?? '', delimiters));
  while (parts.length > 1 && parts.at(-1) === '') parts.pop();
  return parts.join(field);
}

function written(value: Value, delimiters: WholeDelimiters): string {
  if (typeof value === 'object' && 'repetitions' in value) {
    return value.repetitions.map((one) => written(one, delimiters)).join(delimiters.repetition);
  }
  if (typeof value !== 'object') return leaf(value, delimiters);
  const components = value.map((one) => (typeof one === 'object' ? trimmed(one, delimiters, delimiters.subcomponent) : leaf(one, delimiters)));
  return joined(components, delimiters.component);
}

function trimmed(leaves: readonly Leaf[], delimiters: WholeDelimiters, separator: string): string {
  return joined(
    leaves.map((one) => leaf(one, delimiters)),
    separator,
  );
}

function joined(parts: readonly string[], separator: string): string {
  const last = parts.findLastIndex((part) => part !== '');
  return parts.slice(0, last + 1).join(separator);
}

function leaf(value: Leaf, delimiters: WholeDelimiters): string {
  if (value === NULL) return '""';
  return isPlain(value, delimiters) ? value : escape(value, delimiters);
}

/** Is there nothing in it that `escape` would look at? Most values are so. */
export function isPlain(text: string, { field, component, repetition, escape: mark, subcomponent, truncation }: WholeDelimiters): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === 0x22 || code > 0x7e) return false;
    const sign = text[at];
    if (sign === field || sign === component || sign === repetition || sign === mark || sign === subcomponent || sign === truncation) return false;
  }
  return true;
}
