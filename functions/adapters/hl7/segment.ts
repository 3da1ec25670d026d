import type { Charset } from './charset.ts';
import { unescape } from './escape.ts';
import type { Delimiters } from './escape.ts';
import { keyOf } from './path.ts';
import { after, COMPONENT, endOf, find, held, nth, SUBCOMPONENT, WHOLE } from './signs.ts';
import type { Depth, Held, Signs } from './signs.ts';

/** How a message is written: its delimiters and its character set. */
export interface Syntax {
  readonly delimiters: Delimiters;
  readonly charset: Charset;
}

/** What a value says. HL7 `""` (delete what you have) is not the same as nothing (keep what you have). */
export type Said = 'absent' | 'null' | 'text';

/** What the segments of one message have in common. `text` is the message as one string: one character a byte, for UTF-16 the text. */
export interface Source extends Held {
  readonly bytes: Buffer;
  /** Bytes of a character of `text`. */
  readonly width: 1 | 2;
  /** Is it the text itself? Else only line ends and segment names are found in it, and a segment is decoded when it is first read. */
  readonly isText: boolean;
  readonly syntax: Syntax;
  readonly signs: Signs;
}

/** Where repetitions are looked for again. */
interface Repeated {
  readonly field: number;
  readonly repetition: number;
  readonly from: number;
}

/** One segment: its bytes as received, its own line end, and its fields counted from 1. Nothing is decoded or split before it is read. */
export class Segment {
  private readonly source: Source;
  private readonly start: number;
  private readonly stop: number;
  private readonly next: number;
  /** `keyOf` its name; 0 for a name that is written otherwise than in three letters. */
  private readonly key: number;
  /** Parts that are no field: the name, in MSH less the separator that HL7 counts as MSH-1 and that stands between no separators. */
  private readonly shift: 0 | 1;
  private oddName: string | null = null;
  /** The text that holds the segment, from `from` to `to`: the whole message's, or its own. Null before it is decoded. */
  private held: Held | null;
  private from: number;
  private to: number;
  private isDecoded = true;
  /** The part that was looked for last, and where it begins: fields are read forward, mostly. */
  private index = 0;
  private begin: number;
  private repeated: Repeated | null = null;

  /** By places in the text of the source: `stop` is before the line end, `next` after it. */
  constructor(source: Source, start: number, stop: number, next: number, key: number) {
    this.source = source;
    this.start = start;
    this.stop = stop;
    this.next = next;
    this.key = key;
    this.held = source.isText ? source : null;
    this.from = start;
    this.to = stop;
    this.begin = start;
    this.shift = this.isNamed('MSH', HEADER) ? 1 : 0;
  }

  /** Bytes without the line end. */
  get bytes(): Buffer {
    return this.source.bytes.subarray(this.start * this.source.width, this.stop * this.source.width);
  }

  /** The line end as received, blank lines included; empty at the end of a message without one. */
  get end(): Buffer {
    const { bytes, text, width } = this.source;
    return bytes.subarray(this.stop * width, this.next === text.length ? bytes.length : this.next * width);
  }

  get name(): string {
    return this.key > 0 ? this.source.text.slice(this.start, this.start + 3) : (this.oddName ??= this.part(0).trim());
  }

  /** Is this its name? The quick way of comparing `name`; `key` is `keyOf` it. */
  isNamed(name: string, key: number): boolean {
    return this.key === key || (this.key === 0 && this.name === name);
  }

  /** Highest field number that the segment holds. */
  get length(): number {
    let count = 0;
    while (this.beginOf(count) >= 0) count += 1;
    return count - 1 + this.shift;
  }

  /** The field as it stands, delimiters and escapes included; empty when absent. */
  raw(field: number): string {
    return this.shift === 1 && field === 1 ? this.source.syntax.delimiters.field : this.part(Math.max(0, field - this.shift));
  }

  /** Fields that follow one another as they stand, with the separators between them; empty when the first is absent. */
  span(first: number, last: number): string {
    const from = this.beginOf(Math.max(0, first - this.shift));
    if (from < 0) return '';
    const begin = this.beginOf(last - this.shift);
    const held = this.ready();
    return held.text.slice(from, begin < 0 ? this.to : find(held, this.source.signs.field, begin, this.to));
  }

  /** Repetitions of a field: 0 when it is absent. */
  repetitions(field: number): number {
    const raw = this.raw(field);
    const { repetition } = this.source.syntax.delimiters;
    return raw === '' ? 0 : this.isVerbatim(field) || repetition === null ? 1 : raw.split(repetition).length;
  }

  /** Unescaped text without blanks around it; empty when absent or HL7 null. Without `component` (or `subcomponent`) the whole with its delimiters. */
  text(field: number, component?: number, subcomponent?: number, repetition = 1): string {
    if (this.isVerbatim(field)) return this.value(field, component, subcomponent, repetition).trim();
    const from = this.pieceAt(field, component, subcomponent, repetition);
    if (from < 0) return '';
    const { source } = this;
    const held = this.ready();
    const to = endOf(held, source.signs, depthOf(component, subcomponent), from, this.to);
    if (from === to) return '';
    const raw = held.text.slice(from, to);
    const isBare = to <= held.bareTo || find(held, source.signs.escape, from, to) === to;
    return isBare && isPlain(held.codes[from]) && isPlain(held.codes[to - 1]) ? raw : this.meaning(raw).trim();
  }

  /** As `text`, with the blanks around it. */
  value(field: number, component?: number, subcomponent?: number, repetition = 1): string {
    const raw = this.piece(field, component, subcomponent, repetition);
    return this.isVerbatim(field) && raw !== '""' ? raw : this.meaning(raw);
  }

  said(field: number, component?: number, subcomponent?: number, repetition = 1): Said {
    const raw = this.piece(field, component, subcomponent, repetition);
    return raw === '' ? 'absent' : raw === '""' ? 'null' : 'text';
  }

  /** Was the value cut by its sender (it ends with the truncation character of MSH-2)? */
  isTruncated(field: number, component?: number, subcomponent?: number, repetition = 1): boolean {
    const { truncation } = this.source.syntax.delimiters;
    return truncation !== null && !this.isVerbatim(field) && this.piece(field, component, subcomponent, repetition).endsWith(truncation);
  }

  /** Makes the text ready. False: its bytes are not valid in the character set. */
  decode(): boolean {
    this.ready();
    return this.isDecoded;
  }

  private meaning(raw: string): string {
    const { delimiters, charset } = this.source.syntax;
    return raw === '""' ? '' : unescape(raw, delimiters, charset);
  }

  private piece(field: number, component: number | undefined, subcomponent: number | undefined, repetition: number): string {
    if (this.isVerbatim(field)) return repetition === 1 && (component ?? 1) === 1 && (subcomponent ?? 1) === 1 ? this.raw(field) : '';
    const from = this.pieceAt(field, component, subcomponent, repetition);
    if (from < 0) return '';
    const held = this.ready();
    return held.text.slice(from, endOf(held, this.source.signs, depthOf(component, subcomponent), from, this.to));
  }

  /** Where it begins; -1: there is none. */
  private pieceAt(field: number, component: number | undefined, subcomponent: number | undefined, repetition: number): number {
    const held = this.ready();
    const { signs } = this.source;
    let at = this.beginOf(field - this.shift);
    if (at >= 0 && repetition > 1) at = this.repetitionOf(field, repetition, at);
    if (component === undefined) return at;
    if (at >= 0 && component > 1) at = nth(held, signs, COMPONENT, component, at, this.to);
    if (at >= 0 && subcomponent !== undefined && subcomponent > 1) at = nth(held, signs, SUBCOMPONENT, subcomponent, at, this.to);
    return at;
  }

  /** Where it begins; -1: there is none. Goes on from the one read before, so that reading all of many is linear. */
  private repetitionOf(field: number, repetition: number, from: number): number {
    const before = this.repeated;
    const known = before !== null && before.field === field && before.repetition <= repetition ? before : { repetition: 1, from };
    const at = nth(this.ready(), this.source.signs, WHOLE, repetition - known.repetition + 1, known.from, this.to);
    if (at >= 0) this.repeated = { field, repetition, from: at };
    return at;
  }

  /** What stands between two separators; 0 is the name. */
  private part(index: number): string {
    const from = this.beginOf(index);
    const held = this.ready();
    return from < 0 ? '' : held.text.slice(from, find(held, this.source.signs.field, from, this.to));
  }

  /** Where a part begins; -1: there is none. Goes on from the part looked for before. */
  private beginOf(index: number): number {
    const held = this.ready();
    if (index === this.index) return this.begin;
    const isBefore = index < this.index;
    const begin = after(held, this.source.signs.field, isBefore ? index : index - this.index, isBefore ? this.from : this.begin, this.to);
    if (begin < 0) return -1;
    this.index = index;
    this.begin = begin;
    return begin;
  }

  private ready(): Held {
    return (this.held ??= this.decoded());
  }

  private decoded(): Held {
    const { source } = this;
    const own = source.syntax.charset.decode(this.bytes);
    this.isDecoded = own !== null;
    if (own === null) return source;
    this.from = 0;
    this.begin = 0;
    this.to = own.length;
    return held(own, source.signs);
  }

  /** MSH-1 and MSH-2 hold delimiters: there they mean themselves. */
  private isVerbatim(field: number): boolean {
    return field <= 2 && this.shift === 1;
  }
}

const HEADER = keyOf('MSH');

function depthOf(component: number | undefined, subcomponent: number | undefined): Depth {
  return component === undefined ? WHOLE : subcomponent === undefined ? COMPONENT : SUBCOMPONENT;
}

/** Printable ASCII, no blank, no quotation mark. */
function isPlain(code: number | undefined): boolean {
  return code !== undefined && code > 0x22 && code < 0x7f;
}
