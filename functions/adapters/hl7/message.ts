import { undeclared, charsetNamed } from './charset.ts';
import type { Charset } from './charset.ts';
import { unescape } from './escape.ts';
import type { Delimiters } from './escape.ts';
import { pathOf } from './path.ts';

/** Why a message, or a part of it, is not taken. Shape of an ERR segment. `text` holds no patient data. */
export interface Problem {
  /** Empty where it is the message as a whole. */
  readonly segment: string;
  /** As HL7 counts; 0: the segment. */
  readonly field: number;
  /** HL7 table 0357, such as `101` (required field missing). */
  readonly code: string;
  readonly text: string;
}

/** How a message is written: its delimiters and its character set. */
export interface Syntax {
  readonly delimiters: Delimiters;
  readonly charset: Charset;
}

/** What a value says. HL7 `""` (delete what you have) is not the same as nothing (keep what you have). */
export type Said = 'absent' | 'null' | 'text';

/** One segment: its bytes as received, its own line end, and its fields counted from 1. */
export class Segment {
  readonly name: string;
  /** Bytes without the line end. */
  readonly bytes: Buffer;
  /** The line end as received, blank lines included; empty at the end of a message without one. */
  readonly end: Buffer;
  private readonly syntax: Syntax;
  private readonly fields: readonly string[];

  constructor(bytes: Buffer, end: Buffer, text: string, syntax: Syntax) {
    const { field } = syntax.delimiters;
    this.bytes = bytes;
    this.end = end;
    this.syntax = syntax;
    const parts = text.split(field);
    this.name = (parts[0] ?? '').trim();
    // MSH-1 is the separator itself: HL7 counts it, splitting swallows it.
    this.fields = this.name === 'MSH' ? ['MSH', field, ...parts.slice(1)] : parts;
  }

  /** Highest field number that the segment holds. */
  get length(): number {
    return this.fields.length - 1;
  }

  /** The field as it stands, delimiters and escapes included; empty when absent. */
  raw(field: number): string {
    return this.fields[field] ?? '';
  }

  /** Repetitions of a field: 0 when it is absent. */
  repetitions(field: number): number {
    return this.raw(field) === '' ? 0 : this.split(field).length;
  }

  /** Unescaped text without blanks around it; empty when absent or HL7 null. Without `component` (or `subcomponent`) the whole with its delimiters. */
  text(field: number, component?: number, subcomponent?: number, repetition = 1): string {
    return this.value(field, component, subcomponent, repetition).trim();
  }

  /** As `text`, with the blanks around it. */
  value(field: number, component?: number, subcomponent?: number, repetition = 1): string {
    const raw = this.piece(field, component, subcomponent, repetition);
    if (raw === '""') return '';
    return this.isVerbatim(field) ? raw : unescape(raw, this.syntax.delimiters, this.syntax.charset);
  }

  said(field: number, component?: number, subcomponent?: number, repetition = 1): Said {
    const raw = this.piece(field, component, subcomponent, repetition);
    return raw === '' ? 'absent' : raw === '""' ? 'null' : 'text';
  }

  /** Was the value cut by its sender (it ends with the truncation character of MSH-2)? */
  isTruncated(field: number, component?: number, subcomponent?: number, repetition = 1): boolean {
    const { truncation } = this.syntax.delimiters;
    return truncation !== null && !this.isVerbatim(field) && this.piece(field, component, subcomponent, repetition).endsWith(truncation);
  }

  private piece(field: number, component: number | undefined, subcomponent: number | undefined, repetition: number): string {
    const { delimiters } = this.syntax;
    const whole = this.split(field)[repetition - 1] ?? '';
    if (component === undefined) return whole;
    const part = partOf(whole, delimiters.component, component);
    return subcomponent === undefined ? part : partOf(part, delimiters.subcomponent, subcomponent);
  }

  private split(field: number): readonly string[] {
    const { repetition } = this.syntax.delimiters;
    return this.isVerbatim(field) || repetition === null ? [this.raw(field)] : this.raw(field).split(repetition);
  }

  /** MSH-1 and MSH-2 hold delimiters: there they mean themselves. */
  private isVerbatim(field: number): boolean {
    return this.name === 'MSH' && field <= 2;
  }
}

function partOf(text: string, delimiter: string | null, index: number): string {
  return delimiter === null ? (index === 1 ? text : '') : (text.split(delimiter)[index - 1] ?? '');
}

/** A message as received: every byte is kept, fields are read by path. */
export class Message {
  /** What stands before MSH: a byte order mark, blanks. */
  readonly lead: Buffer;
  readonly segments: readonly Segment[];
  readonly syntax: Syntax;

  constructor(lead: Buffer, segments: readonly Segment[], syntax: Syntax) {
    this.lead = lead;
    this.segments = segments;
    this.syntax = syntax;
  }

  all(name: string): readonly Segment[] {
    return this.segments.filter((segment) => segment.name === name);
  }

  first(name: string): Segment | null {
    return this.segments.find((segment) => segment.name === name) ?? null;
  }

  /** By path as HL7 counts: `OBR-4.1`, `PID-3(2).4.1` (second repetition), `OBX[3]-5` (third OBX). Empty when absent. */
  text(path: string): string {
    const { segment, occurrence, field, repetition, component, subcomponent } = pathOf(path);
    return this.all(segment)[occurrence - 1]?.text(field, component, subcomponent, repetition) ?? '';
  }

  said(path: string): Said {
    const { segment, occurrence, field, repetition, component, subcomponent } = pathOf(path);
    return this.all(segment)[occurrence - 1]?.said(field, component, subcomponent, repetition) ?? 'absent';
  }

  /** The bytes again, the same as were decoded. */
  encode(): Buffer {
    return Buffer.concat([this.lead, ...this.segments.flatMap((segment) => [segment.bytes, segment.end])]);
  }
}

export type Decoded =
  | { readonly ok: true; readonly message: Message }
  /** `message` is there for the answer's address (MSH) when only its character set or its delimiters can't be read. */
  | { readonly ok: false; readonly problem: Problem; readonly message: Message | null };

/** Reads one message. `logForm`: segments end with `<R>` before the line end, as interface logs write it. */
export function decode(bytes: Buffer, logForm = false): Decoded {
  const start = headerAt(bytes);
  if (start < 0) {
    const text = bytes.length === 0 ? 'The message is empty.' : 'This is no HL7 v2 message: it does not begin with MSH and a field separator.';
    return { ok: false, problem: { segment: 'MSH', field: 0, code: '100', text }, message: null };
  }
  const lines = linesOf(bytes, start, logForm);
  const head = bytes.toString('latin1', start, lines[0]?.end ?? bytes.length);
  const fieldMark = bytes.subarray(start + 3, start + 4);
  const { charset, problem: unreadable } = charsetFor(bytes, head);
  const texts = lines.map((line) => charset.decode(bytes.subarray(line.start, line.end)));
  const undecodable = texts.indexOf(null);
  const delimiters = delimitersOf(texts[0] ?? head);
  const lead = bytes.subarray(0, start);
  const message = (syntax: Syntax, given: readonly (string | null)[]): Message =>
    new Message(lead, assemble(bytes, lines, given, syntax, fieldMark), syntax);
  if (unreadable !== null || undecodable >= 0) {
    const asBytes: Syntax = { delimiters, charset: charsetNamed(['8859/1']) ?? charset };
    const name = (lines[undecodable] === undefined ? '' : bytes.toString('latin1', lines[undecodable].start, lines[undecodable].start + 3)).trim();
    const wrong: Problem = {
      segment: name,
      field: 0,
      code: '102',
      text: `Bytes of this segment are not valid in the character set of MSH-18 (${charset.name}).`,
    };
    return { ok: false, problem: unreadable ?? wrong, message: message(asBytes, []) };
  }
  const whole = message({ delimiters, charset }, texts);
  const muddled = delimiterProblem(delimiters);
  return muddled === null ? { ok: true, message: whole } : { ok: false, problem: muddled, message: whole };
}

interface Line {
  readonly start: number;
  /** Without the line end. */
  readonly end: number;
  /** After the line end. */
  readonly next: number;
}

/** Where `MSH` and its separator stand; before it only a byte order mark and blanks. -1: nowhere. */
function headerAt(bytes: Buffer): number {
  let at = bytes.length > 2 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (at < bytes.length && isBlank(bytes[at] ?? 0)) at += 1;
  const separator = bytes[at + 3];
  const isHeader =
    bytes.toString('latin1', at, at + 3) === 'MSH' && separator !== undefined && /[^A-Za-z0-9\s]/u.test(String.fromCharCode(separator));
  return isHeader && separator >= 0x20 && separator < 0x7f ? at : -1;
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || isLineEnd(byte);
}

function isLineEnd(byte: number): boolean {
  return byte === 0x0d || byte === 0x0a;
}

/** CR and LF are never part of a longer character in any set that is read here, so lines are found in the bytes. */
function linesOf(bytes: Buffer, start: number, logForm: boolean): readonly Line[] {
  const lines: Line[] = [];
  let from = start;
  while (from < bytes.length) {
    const end = logForm ? logEnd(bytes, from) : lineEnd(bytes, from);
    let next = logForm && bytes[end] === 0x3c ? end + LOG_MARK.length : end;
    while (next < bytes.length && isLineEnd(bytes[next] ?? 0)) next += 1;
    lines.push({ start: from, end, next });
    from = next;
  }
  return lines;
}

function lineEnd(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && !isLineEnd(bytes[at] ?? 0)) at += 1;
  return at;
}

const LOG_MARK = '<R>';

/** In a log a segment ends with its mark alone; the last one may end with the message. */
function logEnd(bytes: Buffer, from: number): number {
  const mark = bytes.indexOf(LOG_MARK, from);
  if (mark >= 0) return mark;
  let end = bytes.length;
  while (end > from && isLineEnd(bytes[end - 1] ?? 0)) end -= 1;
  return end;
}

/** Lines into segments. A line that begins like no segment goes on with the field before it: text with a line end in it, sent unescaped. */
function assemble(bytes: Buffer, lines: readonly Line[], texts: readonly (string | null)[], syntax: Syntax, mark: Buffer): readonly Segment[] {
  const segments: Segment[] = [];
  let index = 0;
  while (index < lines.length) {
    const first = index;
    index += 1;
    while (index < lines.length && !beginsSegment(bytes, lines[index], mark)) index += 1;
    const [from, to] = [lines[first], lines[index - 1]];
    if (from === undefined || to === undefined) break;
    const own = bytes.subarray(from.start, to.end);
    const text = index - first === 1 ? texts[first] : syntax.charset.decode(own);
    segments.push(new Segment(own, bytes.subarray(to.end, to.next), text ?? own.toString('latin1'), syntax));
  }
  return segments;
}

function beginsSegment(bytes: Buffer, line: Line | undefined, mark: Buffer): boolean {
  if (line === undefined) return true;
  const [separator = 0] = mark;
  const isPlain = isCapital(bytes[line.start]) && isCapitalOrDigit(bytes[line.start + 1]) && isCapitalOrDigit(bytes[line.start + 2]);
  if (isPlain && line.end - line.start >= 3 && (line.end === line.start + 3 || bytes[line.start + 3] === separator)) return true;
  // Written with blanks before it, or with a name that is no name: still a segment of its own rather than text.
  const start = bytes.toString('latin1', line.start, Math.min(line.end, line.start + 40)).trimStart();
  const at = start.indexOf(String.fromCharCode(separator));
  return at < 0 ? /^[A-Z][A-Z0-9]{2}$/u.test(start.trimEnd()) : /^[A-Za-z0-9]{1,3}$/u.test(start.slice(0, at));
}

function isCapital(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x41 && byte <= 0x5a;
}

function isCapitalOrDigit(byte: number | undefined): boolean {
  return isCapital(byte) || (byte !== undefined && byte >= 0x30 && byte <= 0x39);
}

/** The set of the whole message, from MSH-18 read as ASCII. */
function charsetFor(bytes: Buffer, head: string): { charset: Charset; problem: Problem | null } {
  const fields = head.split(head.charAt(3));
  const declared = (fields[17] ?? '').trim().split(fields[1]?.charAt(1) ?? '~');
  if (declared.every((name) => name === '' || name === '""')) return { charset: undeclared(bytes), problem: null };
  const charset = charsetNamed(declared);
  if (charset !== null) return { charset, problem: null };
  const text = 'The character set of MSH-18 can not be read here. Send UNICODE UTF-8, or another set of the README of the HL7 adapter.';
  return { charset: undeclared(bytes), problem: { segment: 'MSH', field: 18, code: '103', text } };
}

function delimitersOf(head: string): Delimiters {
  const field = head.charAt(3);
  const [component, repetition, escape, subcomponent, truncation] = [...(head.split(field)[1] ?? '')];
  return {
    field,
    component: component ?? null,
    repetition: repetition ?? null,
    escape: escape ?? null,
    subcomponent: subcomponent ?? null,
    truncation: truncation ?? null,
  };
}

function delimiterProblem(delimiters: Delimiters): Problem | null {
  const signs = Object.values(delimiters).filter((sign): sign is string => sign !== null);
  const isMuddled = new Set(signs).size < signs.length || signs.some((sign) => /[\p{L}\p{N}\s\p{Cc}]/u.test(sign));
  const text = 'MSH-2 must name different signs, none of them a letter, a digit or a blank.';
  return isMuddled ? { segment: 'MSH', field: 2, code: '102', text } : null;
}
