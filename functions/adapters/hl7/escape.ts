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
 * set; what has no meaning here (`\Zxx\`, `\Cxxyy\`, `\Mxxyyzz\`, an escape that does not end) stays as it stands. HL7 v2.5.1 chapter 2.7.
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
    const meaning = isKept(code) ? mark + code + mark : meaningOf(code, delimiters, charset);
    // No escape after all: the second mark may begin one of its own (a path such as `\\server\F\`).
    output += text.slice(at, start) + (meaning ?? mark + code);
    at = meaning === null ? end : end + 1;
  }
}

function meaningOf(code: string, delimiters: Delimiters, charset: Charset): string | null {
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
  }
  if (/^X(?:[0-9A-Fa-f]{2})+$/u.test(code)) return charset.decode(Buffer.from(code.slice(1), 'hex'));
  const lines = /^\.(br|ce|sp)\s*\+?(\d{0,3})$/u.exec(code);
  if (lines !== null) return '\n'.repeat(Math.max(1, Number(lines[2] ?? '')));
  return /^\.(?:in|ti|sk)\s*[+-]?\d{0,3}$|^\.(?:fi|nf)$/u.test(code) ? '' : null;
}

function isKept(code: string): boolean {
  return /^(?:Z[^\r\n]{0,80}|C[0-9A-Fa-f]{4}|M[0-9A-Fa-f]{4,6})$/u.test(code);
}

/** Text as one value of a field: whatever it holds, it can't become a field, a segment or a message, nor the HL7 null `""`. */
export function escape(text: string, delimiters: WholeDelimiters): string {
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
    else if (next === '\n') output += `${mark}.br${mark}`;
    else if (next < ' ' || next === '\u007f') output += `${mark}X${next.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}${mark}`;
    else output += next;
  }
  return output;
}
