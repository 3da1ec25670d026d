import { isAscii } from 'node:buffer';
import { allowsWide, asBytes, asciiBytes, charsetNamed, undeclared, whyUnreadable } from './charset.ts';
import type { Charset } from './charset.ts';
import { byDecoder, utf16 } from './charset-tables.ts';
import { unescape, usualDelimiters } from './escape.ts';
import type { Delimiters } from './escape.ts';
import { Places } from './lines.ts';
import { keyOf, pathOf } from './path.ts';
import { remembering } from './remembering.ts';
import { Segment } from './segment.ts';
import type { Said, Source, Syntax } from './segment.ts';
import { after, bareTo, find, held, signsOf } from './signs.ts';
import type { Held, Signs } from './signs.ts';

export type { Said, Segment, Syntax } from './segment.ts';

/** MSH, its separator and the four signs of MSH-2 that every message has. */
const HEADER_SIGNS = 8;

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

/** A message as received: every byte is kept, fields are read by path. */
export class Message {
  readonly segments: readonly Segment[];
  readonly syntax: Syntax;
  private readonly bytes: Buffer;
  /** Bytes before MSH. */
  private readonly start: number;
  /** The name that was asked last, and its first segment: fields of one segment are read one after the other. */
  private lastKey = 0;
  private lastFirst: Segment | null = null;

  constructor(bytes: Buffer, start: number, segments: readonly Segment[], syntax: Syntax) {
    this.bytes = bytes;
    this.start = start;
    this.segments = segments;
    this.syntax = syntax;
  }

  /** What stands before MSH: a byte order mark, blanks. */
  get lead(): Buffer {
    return this.bytes.subarray(0, this.start);
  }

  all(name: string): readonly Segment[] {
    const key = keyOf(name);
    return this.segments.filter((segment) => segment.isNamed(name, key));
  }

  first(name: string): Segment | null {
    return this.nth(name, keyOf(name), 1);
  }

  /** By path as HL7 counts: `OBR-4.1`, `PID-3(2).4.1` (second repetition), `OBX[3]-5` (third OBX). Empty when absent. */
  text(path: string): string {
    const { segment, key, occurrence, field, repetition, component, subcomponent } = pathOf(path);
    return this.nth(segment, key, occurrence)?.text(field, component, subcomponent, repetition) ?? '';
  }

  said(path: string): Said {
    const { segment, key, occurrence, field, repetition, component, subcomponent } = pathOf(path);
    return this.nth(segment, key, occurrence)?.said(field, component, subcomponent, repetition) ?? 'absent';
  }

  /** The bytes again, the same as were decoded. */
  encode(): Buffer {
    return Buffer.concat([this.lead, ...this.segments.flatMap((segment) => [segment.bytes, segment.end])]);
  }

  private nth(name: string, key: number, occurrence: number): Segment | null {
    if (occurrence === 1 && key === this.lastKey && key > 0) return this.lastFirst;
    let count = 0;
    let found: Segment | null = null;
    for (const segment of this.segments) {
      if (!segment.isNamed(name, key) || (count += 1) < occurrence) continue;
      found = segment;
      break;
    }
    if (occurrence === 1) {
      this.lastKey = key;
      this.lastFirst = found;
    }
    return found;
  }
}

export type Decoded =
  | { readonly ok: true; readonly message: Message }
  /** `message` is there for the answer's address (MSH) when only its character set or its delimiters can't be read. */
  | { readonly ok: false; readonly problem: Problem; readonly message: Message | null };

/**
 * Reads one message. Its bytes are looked at once; a segment's fields are found in them when they are read: nobody may write to them meanwhile.
 * @param logForm segments end with `<R>` before the line end, as interface logs write them; only for files.
 * @param wide may it be UTF-16, with or without byte order mark? In files and over HTTPS; never in an MLLP frame, where a character can hold its end.
 */
export function decode(bytes: Buffer, logForm = false, wide = false): Decoded {
  const text = bytes.toString('latin1');
  const start = headerAt(text);
  if (start < 0) return decodeWide(bytes, wide) ?? notHl7(bytes);
  const places = placesOf(text, start, logForm);
  const head = headOf({ text, codes: bytes, bareTo: 0 }, start, places.stop);
  const { charset, problem } = charsetFor(bytes, head.charsets, wide);
  const isText = charset.transparent === 'all' || (charset.transparent === 'ascii' && isAscii(start === 0 ? bytes : bytes.subarray(start)));
  const manner = isText ? head.manner : mannerOf(charset.decode(Buffer.from(head.signs, 'latin1')) ?? head.signs);
  const { delimiters, signs, muddled } = manner;
  const bare = bareTo(text, signs, start + HEADER_SIGNS);
  const source: Source = { text, codes: bytes, bareTo: bare, bytes, width: 1, isText, syntax: { delimiters, charset }, signs };
  const message = messageOf(source, start, places);
  if (problem !== null) return { ok: false, problem, message };
  if (!isText) {
    // In its own set a separator may be half of a character: a header in which MSH-18 is then another one can't be read in it either.
    const isWrong = (segment: Segment, index: number): boolean => !segment.decode() || (index === 0 && segment.raw(18) !== head.declared);
    const wrong = message.segments.find(isWrong);
    if (wrong !== undefined) return undecodable(source, start, logForm, wrong.name);
  }
  return muddled === null ? { ok: true, message } : { ok: false, problem: muddled, message };
}

/** The places of the segments; it stands at MSH. */
function placesOf(view: string, start: number, logForm: boolean): Places {
  const places = new Places(view, start, view.charAt(start + 3), logForm);
  places.advance();
  return places;
}

function messageOf(source: Source, start: number, places: Places): Message {
  const segments: Segment[] = [];
  do segments.push(new Segment(source, places.begin, places.stop, places.next, places.key));
  while (places.advance());
  return new Message(source.bytes, start * source.width, segments, source.syntax);
}

function notHl7(bytes: Buffer): Decoded {
  const text = bytes.length === 0 ? 'The message is empty.' : 'This is no HL7 v2 message: it does not begin with MSH and a field separator.';
  return { ok: false, problem: { segment: 'MSH', field: 0, code: '100', text }, message: null };
}

function undecodable(source: Source, start: number, logForm: boolean, segment: string): Decoded {
  const { delimiters, charset } = source.syntax;
  const text = `Bytes of this segment are not valid in the character set of MSH-18 (${charset.name}).`;
  const message = messageOf(
    { ...source, isText: true, syntax: { delimiters, charset: source.width === 1 ? asBytes : charset } },
    start,
    placesOf(source.text, start, logForm),
  );
  return { ok: false, problem: { segment, field: 0, code: '102', text }, message };
}

/** UTF-16 by its first characters; null when it is not. Where it is not taken the message is there for the answer, which is then written in ASCII. */
function decodeWide(bytes: Buffer, isTaken: boolean): Decoded | null {
  const order = orderOf(bytes);
  if (order === null) return null;
  const text = bytes.length % 2 === 0 ? byDecoder(`utf-16${order}`, bytes) : null;
  const view = text ?? roughly(bytes, order);
  const start = headerAt(view);
  if (start < 0) return null;
  const places = placesOf(view, start, false);
  const head = headOf(held(view, signsOf(usualDelimiters)), start, places.stop);
  const { delimiters, signs, muddled } = head.manner;
  const coding = utf16(order, view.startsWith('\ufeff'));
  const charset: Charset = { name: head.charsets.names.join('~'), ...coding, ...(isTaken ? {} : { encode: asciiBytes }) };
  const source: Source = { ...held(view, signs, start + HEADER_SIGNS), bytes, width: 2, isText: true, syntax: { delimiters, charset }, signs };
  const message = messageOf(source, start, places);
  const at18 = (why: string): Decoded => ({ ok: false, problem: { segment: 'MSH', field: 18, code: '103', text: why }, message });
  if (!isTaken) return at18(whyUnreadable(['UNICODE UTF-16'], false));
  if (!allowsWide(head.charsets.names)) return at18('The bytes are UTF-16, but MSH-18 says otherwise. Send UNICODE UTF-8.');
  if (text === null) return undecodable(source, start, false, '');
  return muddled === null ? { ok: true, message } : { ok: false, problem: muddled, message };
}

/** By the byte order mark, or by `MSH` after blanks. */
function orderOf(bytes: Buffer): 'le' | 'be' | null {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'le';
  if (first === 0xfe && second === 0xff) return 'be';
  if (second === 0 && first !== 0) return 'le';
  return first === 0 && second !== undefined && second !== 0 ? 'be' : null;
}

/** UTF-16 that is not valid, so that its header can still be read. */
function roughly(bytes: Buffer, order: 'le' | 'be'): string {
  const even = Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2)));
  return (order === 'le' ? even : even.swap16()).toString('utf16le');
}

/** Where `MSH` and its separator stand; before it only a byte order mark and blanks. -1: nowhere. */
function headerAt(view: string): number {
  const first = view.charCodeAt(0);
  let at = first === 0xfeff ? 1 : first === 0xef && view.startsWith('\u00ef\u00bb\u00bf') ? 3 : 0;
  while (isBlank(view.charCodeAt(at))) at += 1;
  return view.startsWith('MSH', at) && isSeparator(view.charCodeAt(at + 3)) ? at : -1;
}

/** Printable ASCII that is no letter, digit or blank. */
function isSeparator(code: number): boolean {
  const letter = code | 0x20;
  return code > 0x20 && code < 0x7f && !(letter >= 0x61 && letter <= 0x7a) && !(code >= 0x30 && code <= 0x39);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;
}

/** What has to be known of MSH before anything is decoded: all of it is ASCII, or is decoded on its own. */
interface Head {
  /** MSH-1 and MSH-2. */
  readonly signs: string;
  readonly manner: Manner;
  /** MSH-18. */
  readonly declared: string;
  readonly charsets: Charsets;
}

/** Its segment may hold line ends, as any other. */
function headOf(held: Held, start: number, stop: number): Head {
  const field = held.codes[start + 3] ?? 0;
  const to = find(held, field, start + 4, stop);
  // Six signs are used; one may take two characters.
  const signs = held.text.slice(start + 3, Math.min(to, start + 15));
  const from = after(held, field, 16, to, stop);
  const declared = from < 0 ? '' : held.text.slice(from, find(held, field, from, stop));
  const manner = mannerOf(signs);
  return { signs, manner, declared, charsets: manner.charsetsOf(declared) };
}

/** The set of the whole message. */
function charsetFor(bytes: Buffer, { names, charset }: Charsets, wide: boolean): { charset: Charset; problem: Problem | null } {
  if (names.length === 0) return { charset: undeclared(bytes), problem: null };
  if (charset !== null) return { charset, problem: null };
  return { charset: asBytes, problem: { segment: 'MSH', field: 18, code: '103', text: whyUnreadable(names, wide) } };
}

/** What MSH-1 and MSH-2 say, and how MSH-18 is read by it. */
interface Manner {
  readonly delimiters: Delimiters;
  readonly signs: Signs;
  readonly muddled: Problem | null;
  readonly charsetsOf: (declared: string) => Charsets;
}

/** What MSH-18 says. */
interface Charsets {
  /** Its repetitions; empty when it names none. */
  readonly names: readonly string[];
  /** Null: none, or one that can't be read here. */
  readonly charset: Charset | null;
}

const mannerOf = remembering((fieldAndSigns: string): Manner => {
  const [field = '', component = null, repetition = null, escape = null, subcomponent = null, truncation = null] = [...fieldAndSigns];
  const delimiters: Delimiters = { field, component, repetition, escape, subcomponent, truncation };
  const charsetsOf = remembering((declared: string): Charsets => {
    const names = declared.trim().split(repetition ?? '~').map((name) => unescape(name, delimiters, asBytes)); // prettier-ignore
    return names.every((name) => name === '' || name === '""') ? { names: [], charset: null } : { names, charset: charsetNamed(names) };
  });
  return { delimiters, signs: signsOf(delimiters), muddled: delimiterProblem(delimiters), charsetsOf };
});

function delimiterProblem(delimiters: Delimiters): Problem | null {
  const signs = Object.values(delimiters).filter((sign): sign is string => sign !== null);
  const isMuddled = new Set(signs).size < signs.length || signs.some((sign) => /[\p{L}\p{N}\s\p{Cc}]/u.test(sign));
  const text = 'MSH-2 must name different signs, none of them a letter, a digit or a blank.';
  return isMuddled ? { segment: 'MSH', field: 2, code: '102', text } : null;
}
