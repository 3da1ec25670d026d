import type { Difference, Field, FieldsOf, MaskedField } from '#ports/queue.js';

/** Longest value that is shown; a report or a PDF in OBX-5 is only counted. */
const LONGEST_VALUE = 60;
/** Fields that are shown of one message; the rest is counted. */
const MOST_FIELDS = 600;

/** What says who sent what and how it was answered, and nothing of a patient: shown as it is when it also looks like that. */
const open: Readonly<Record<string, readonly number[]>> = {
  MSH: [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 15, 16, 17, 18, 21],
  MSA: [1, 2],
  ERR: [1, 2, 3, 4],
  ORC: [1],
};
const HARMLESS = /^[A-Za-z0-9_.:&^~\\/+|# -]{0,80}$/u;
/** A longer MSH has swallowed the segments after it. */
const LONGEST_MSH = 25;

/** A message for eyes that may not see its patient: every letter an x, every digit a 9. Null when the bytes are no HL7 message. */
export function masked(bytes: Buffer, fieldsOf: FieldsOf): readonly MaskedField[] | null {
  const fields = fieldsOf(bytes);
  if (fields === null) return null;
  const isHeaderWhole = headerIsWhole(fields);
  const shown = fields.slice(0, MOST_FIELDS).map((field) => ({ at: placeOf(field), value: shownValue(field, isHeaderWhole) }));
  const left = fields.length - shown.length;
  return left > 0 ? [...shown, { at: '…', value: `${left} more fields` }] : shown;
}

/** The shape of a text: what may be said of bytes that are no message. */
export function shapeOf(text: string): string {
  const shape = text
    .slice(0, LONGEST_VALUE)
    .replace(/\p{N}/gu, '9')
    .replace(/[\p{L}\p{M}]/gu, 'x')
    .replace(/\p{C}/gu, '?');
  return text.length > LONGEST_VALUE ? `${shape}… (${text.length} characters)` : shape;
}

/** Fields whose values differ, both as their shapes: two shapes may look the same. */
export function differences(
  before: Buffer,
  after: Buffer,
  fieldsOf: FieldsOf,
): { readonly differences: readonly Difference[]; readonly same: number } {
  const [old, now] = [before, after].map((bytes) => fieldsOf(bytes) ?? []);
  const byPlace = (fields: readonly Field[] = []): ReadonlyMap<string, Field> => new Map(fields.map((field) => [placeOf(field), field]));
  const [was, is] = [byPlace(old), byPlace(now)];
  const value = (field: Field | undefined, all: readonly Field[] = []): string | null =>
    field === undefined ? null : shownValue(field, headerIsWhole(all));
  const places = [...new Set([...is.keys(), ...was.keys()])];
  const changed = places.filter((place) => was.get(place)?.value !== is.get(place)?.value);
  return {
    differences: changed.slice(0, MOST_FIELDS).map((at) => ({ at, before: value(was.get(at), old), after: value(is.get(at), now) })),
    same: places.length - changed.length,
  };
}

/** Numbers by which an order is known, as they stand in the message: patient data, for looking up alone. */
export function orderNumbers(bytes: Buffer, fieldsOf: FieldsOf): readonly string[] {
  const numbers = (fieldsOf(bytes) ?? [])
    .filter(({ segment, field }) => (segment === 'ORC' || segment === 'OBR') && (field === 2 || field === 3))
    .map(({ value }) => value.split(/[\^&~]/u)[0] ?? '')
    .filter((number) => number.length >= 2);
  return [...new Set(numbers)];
}

export function controlIdOf(bytes: Buffer, fieldsOf: FieldsOf): string | null {
  const found = fieldsOf(bytes)?.find(({ segment, field }) => segment === 'MSH' && field === 10)?.value;
  return found !== undefined && HARMLESS.test(found) ? found : null;
}

function headerIsWhole(fields: readonly Field[]): boolean {
  return fields.every(({ segment, nth, field }) => segment !== 'MSH' || (nth === 1 && field <= LONGEST_MSH));
}

function placeOf({ segment, nth, field }: Field): string {
  return `${segment}${nth > 1 ? `(${nth})` : ''}-${field}`;
}

function shownValue({ segment, field, value }: Field, isHeaderWhole: boolean): string {
  const isOpen = open[segment]?.includes(field) === true && HARMLESS.test(value) && (segment !== 'MSH' || isHeaderWhole);
  return isOpen ? value : shapeOf(value);
}
