import { isAscii } from 'node:buffer';
import type { Charset } from './charset.ts';

/** MSH-1 and MSH-2 of one message. `null` where MSH-2 is too short to name it: then nothing is split or escaped by it. */
export interface Delimiters {
  readonly field: string;
  readonly component: string | null;
  readonly repetition: string | null;
  readonly escape: string | null;
  readonly subcomponent: string | null;
  /** Fifth character of MSH-2, HL7 2.7 and later. */
  readonly truncation: string | null;
}

/** Delimiters with which everything can be written. */
export type WholeDelimiters = { readonly [name in Exclude<keyof Delimiters, 'truncation'>]: string } & Pick<Delimiters, 'truncation'>;

/** As HL7 recommends them; no truncation character. */
export const usualDelimiters: WholeDelimiters = { field: '|', component: '^', repetition: '~', escape: '\\', subcomponent: '&', truncation: null };

/**
 * Text of a field as people mean it. Formatting (`\.br\`, `\.sp3\`) becomes line ends, highlighting is left out, `\Xdd..\` is read in the message's
 * set, and so is what follows `\Cxxyy\` or `\Mxxyyzz\` where the set has that ISO 2022 escape; what has no meaning here (`\Zxx\`, `\Cxxyy\` of
 * another set, an escape that does not end) stays as it stands. HL7 v2.5.1 chapter 2.7.
 */
export function unescape(text: string, delimiters: Delimiters, charset: Charset): string {
  const mark = delimiters.escape;
  if (mark === null || !text.includes(mark)) return text;
  let output = '';
  let at = 0;
  for (;;) {
    const start = text.indexOf(mark, at);
    const end = start < 0 ? -1 : text.indexOf(mark, start + 1);
    if (end < 0) return output + text.slice(at);
    const code = text.slice(start + 1, end);
    const shifted = charset.shifts && /^[CM](?:[0-9A-Fa-f]{2}){2,3}$/u.test(code) ? readShifted(code, text, end + 1, mark, charset) : null;
    if (shifted !== null) {
      output += text.slice(at, start) + shifted.text;
      at = shifted.next;
      continue;
    }
    const meaning = letterOf(code, delimiters) ?? (isKept(code) ? mark + code + mark : meaningOf(code, charset));
    // No escape after all: the second mark may begin one of its own (a path such as `\\server\F\`).
    output += text.slice(at, start) + (meaning ?? mark + code);
    at = meaning === null ? end : end + 1;
  }
}

/** The stretch up to the next escape as the bytes that it stands for, after the ISO 2022 escape that the code names. */
function readShifted(
  code: string,
  text: string,
  from: number,
  mark: string,
  charset: Charset,
): { readonly text: string; readonly next: number } | null {
  const stop = text.indexOf(mark, from);
  const next = stop < 0 ? text.length : stop;
  const stretch = text.slice(from, next);
  const shift = Buffer.from(`1b${code.slice(1)}`, 'hex');
  const read = /^[ -~]*$/u.test(stretch) ? charset.decode(Buffer.concat([shift, Buffer.from(stretch, 'latin1')])) : null;
  return read === null ? null : { text: read, next };
}

/** Of an escape of one letter; null for another. */
function letterOf(code: string, delimiters: Delimiters): string | null {
  switch (code) {
    case 'F':
      return delimiters.field;
    case 'S':
      return delimiters.component;
    case 'T':
      return delimiters.subcomponent;
    case 'R':
      return delimiters.repetition;
    case 'E':
      return delimiters.escape;
    case 'P':
      return delimiters.truncation;
    case 'H':
    case 'N':
      return '';
    default:
      return null;
  }
}

function meaningOf(code: string, charset: Charset): string | null {
  if (/^X(?:[0-9A-Fa-f]{2})+$/u.test(code)) return bytesOf(code, charset);
  const lines = /^\.(br|ce|sp)\s*\+?(\d{0,3})$/u.exec(code);
  if (lines !== null) return '\n'.repeat(Math.max(1, Number(lines[2] ?? '')));
  return /^\.(?:in|ti|sk)\s*[+-]?\d{0,3}$|^\.(?:fi|nf)$/u.test(code) ? '' : null;
}

/** A control character such as ESC, alone, is nothing that a set which switches by it could read: it is ASCII. */
function bytesOf(code: string, charset: Charset): string | null {
  const bytes = Buffer.from(code.slice(1), 'hex');
  return charset.decode(bytes) ?? (isAscii(bytes) ? bytes.toString('latin1') : null);
}

function isKept(code: string): boolean {
  return /^(?:Z[^\r\n]{0,80}|C[0-9A-Fa-f]{4}|M[0-9A-Fa-f]{4,6})$/u.test(code);
}

/** Text as one value of a field: whatever it holds, it can't become a field, a segment or a message, nor the HL7 null `""`. */
export function escape(text: string, delimiters: WholeDelimiters): string {
  // Letters, digits and blanks are no delimiter: most values are nothing else.
  if (/^[A-Za-z0-9 ]*$/u.test(text)) return text;
  const mark = delimiters.escape;
  const letters = new Map<string, string>([[mark, 'E']]);
  for (const [sign, letter] of [
    [delimiters.field, 'F'],
    [delimiters.component, 'S'],
    [delimiters.subcomponent, 'T'],
    [delimiters.repetition, 'R'],
    [delimiters.truncation, 'P'],
  ] as const) {
    if (sign !== null) letters.set(sign, letter);
  }
  if (text === '""') return `${mark}X22${mark}${mark}X22${mark}`;
  let output = '';
  for (const next of text) {
    const letter = letters.get(next);
    if (letter !== undefined) output += mark + letter + mark;
    else if (next === '\n' && !letters.has('.')) output += `${mark}.br${mark}`;
    else if (next < ' ' || next === '\u007f') output += `${mark}X${next.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}${mark}`;
    else output += next;
  }
  return output;
}
