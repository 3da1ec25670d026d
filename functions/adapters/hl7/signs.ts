import type { Delimiters } from './escape.ts';

/** A text and its characters as numbers, in the same places: a read of a number costs a third of a read of a string's character. */
export interface Held {
  readonly text: string;
  readonly codes: Uint8Array | Uint16Array | Uint32Array;
  /** Before it stands no escape, but in MSH-2. */
  readonly bareTo: number;
}

/** Delimiters as numbers (code points); -1, which no character is, for one that there is not. */
export interface Signs {
  readonly field: number;
  readonly repetition: number;
  readonly component: number;
  readonly subcomponent: number;
  readonly escape: number;
}

const NONE = -1;

/** A sign that is also a greater one splits as the greater one only; a header with such signs is refused, but read for its answer. */
export function signsOf({ field, component, repetition, escape, subcomponent }: Delimiters): Signs {
  const sign = (text: string | null, ...greater: (string | null)[]): number =>
    text === null || greater.includes(text) ? NONE : (text.codePointAt(0) ?? NONE);
  return {
    field: sign(field),
    repetition: sign(repetition, field),
    component: sign(component, field),
    subcomponent: sign(subcomponent, field, repetition, component),
    escape: sign(escape),
  };
}

/** `from`: where escapes begin to count. */
export function held(text: string, signs: Signs, from = 0): Held {
  return { text, codes: codesOf(text, signs), bareTo: bareTo(text, signs, from) };
}

export function bareTo(text: string, { escape }: Signs, from: number): number {
  const at = escape === NONE ? -1 : text.indexOf(String.fromCodePoint(escape), from);
  return at < 0 ? text.length : at;
}

/** Only where a sign takes two characters do they have to be read together. */
function codesOf(text: string, { repetition, component, subcomponent, escape }: Signs): Uint16Array | Uint32Array {
  if ([repetition, component, subcomponent, escape].some((sign) => widthOf(sign) === 2)) {
    return Uint32Array.from({ length: text.length }, (_, at) => text.codePointAt(at) ?? 0);
  }
  const codes = new Uint16Array(text.length);
  Buffer.from(codes.buffer).write(text, 'utf16le');
  return codes;
}

/** Characters that are looked at one by one before the platform searches: most fields are shorter. */
const NEAR = 64;

/** Where a sign stands next; `to` when it does not before it. */
export function find(held: Held, sign: number, from: number, to: number): number {
  const { codes } = held;
  const near = to - from > NEAR ? from + NEAR : to;
  for (let at = from; at < near; at += 1) if (codes[at] === sign) return at;
  if (near === to || sign === NONE) return to;
  const far = held.text.slice(near, to).indexOf(String.fromCodePoint(sign));
  return far < 0 ? to : near + far;
}

/** Where the text goes on after so many signs; -1: there are fewer. */
export function after(held: Held, sign: number, count: number, from: number, to: number): number {
  if (count === 0) return from;
  const { codes } = held;
  let left = count;
  let near = to - from > NEAR ? from + NEAR : to;
  for (let at = from; at < near; at += 1) {
    if (codes[at] !== sign) continue;
    left -= 1;
    if (left === 0) return at + 1;
    near = to - at > NEAR ? at + NEAR : to;
  }
  return near === to ? -1 : afterFar(held, sign, left, near, to);
}

function afterFar(held: Held, sign: number, count: number, from: number, to: number): number {
  let at = from;
  for (let left = count; left > 0; left -= 1) {
    const end = find(held, sign, at, to);
    if (end === to) return -1;
    at = end + 1;
  }
  return at;
}

/** What is being read of a field: its repetition as a whole, a component, a subcomponent. */
export const WHOLE = 0;
export const COMPONENT = 1;
export const SUBCOMPONENT = 2;
export type Depth = typeof WHOLE | typeof COMPONENT | typeof SUBCOMPONENT;

/** Where a piece of a field ends: at the next sign of its own depth or of a greater one. */
export function endOf(held: Held, signs: Signs, depth: Depth, from: number, to: number): number {
  const { codes } = held;
  const { field, repetition } = signs;
  const component = depth === WHOLE ? NONE : signs.component;
  const subcomponent = depth === SUBCOMPONENT ? signs.subcomponent : NONE;
  const near = to - from > NEAR ? from + NEAR : to;
  for (let at = from; at < near; at += 1) {
    const code = codes[at];
    if (code === field || code === repetition || code === component || code === subcomponent) return at;
  }
  // In growing stretches: a sign that there is not must not be looked for to the end for every piece.
  let at = near;
  for (let stretch = NEAR; at < to; stretch *= 2) {
    const stop = to - at > stretch ? at + stretch : to;
    let end = stop;
    for (const sign of [field, repetition, component, subcomponent]) end = find(held, sign, at, end);
    if (end < stop) return end;
    at = stop;
  }
  return to;
}

/** Where the piece of this number begins, counted from 1 between signs of its depth; -1: there are fewer. */
export function nth(held: Held, signs: Signs, depth: Depth, index: number, from: number, to: number): number {
  const sign = depth === WHOLE ? signs.repetition : depth === COMPONENT ? signs.component : signs.subcomponent;
  let at = from;
  for (let piece = 1; piece < index; piece += 1) {
    const end = endOf(held, signs, depth, at, to);
    if (end === to || held.codes[end] !== sign) return -1;
    at = end + widthOf(sign);
  }
  return at;
}

/** Characters that it takes. */
function widthOf(sign: number): 1 | 2 {
  return sign > 0xffff ? 2 : 1;
}
