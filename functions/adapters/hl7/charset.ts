import { isAscii, isUtf8 } from 'node:buffer';
import { byDecoder, doubleByte, japanese, singleByte } from './charset-tables.ts';
import type { Coding } from './charset-tables.ts';
import { remembering } from './remembering.ts';

/** A character set of HL7 table 0211, both ways. `null` where bytes or text do not fit in it: never a silent substitute. */
export interface Charset extends Coding {
  /** As MSH-18 names it; empty when the message names none. */
  readonly name: string;
}

/** The set of a message that names none: UTF-8 where the bytes are UTF-8, else one character a byte (ISO 8859-1), so that nothing is lost. */
export function undeclared(bytes: Buffer): Charset {
  return isUtf8(bytes) ? undeclaredUtf8 : undeclaredLatin;
}

/** One character a byte: for what can't be read in its own set. */
export const asBytes: Charset = { name: '8859/1', ...singleByte('latin1') };

/**
 * The set that MSH-18 names; null for one that can't be read here.
 * @param declared the repetitions of MSH-18, at least one not empty. The first is the default, the others are switched to by ISO 2022 escapes.
 */
export function charsetNamed(declared: readonly string[]): Charset | null {
  // The names are put together with `~`: one that holds it itself is no name.
  return declared.some((name) => name.includes('~')) ? null : charsetByName(declared.join('~'));
}

const charsetByName = remembering((name: string): Charset | null => {
  const coding = codingOf(tokensOf(name.split('~')));
  return coding === null ? null : { name, ...coding };
});

/** Why it is null: a sentence for the answer. `wide`: may the bytes be UTF-16 where they came in? */
export function whyUnreadable(declared: readonly string[], wide: boolean): string {
  const names = tokensOf(declared);
  const named = ([['UTF16', 'UNICODE UTF-16'], ['UTF32', 'UNICODE UTF-32'], ['ISOIR159', 'ISO IR159 (JIS X 0212)'], ['CNS11643', 'CNS 11643']] as const)
    .find(([token]) => names.some((name) => name.includes(token)))?.[1]; // prettier-ignore
  if (named === 'UNICODE UTF-16') {
    return wide
      ? 'MSH-18 says UNICODE UTF-16, but the bytes are not. Send UNICODE UTF-8.'
      : 'UNICODE UTF-16 (MSH-18) can not be read over MLLP: its bytes can end a frame. Send UNICODE UTF-8.';
  }
  return `The character set of MSH-18${named === undefined ? '' : `, ${named},`} can not be read here. Send UNICODE UTF-8, or another set that infra/docs/interfaces.md lists.`;
}

/** Does MSH-18 name UTF-16, or nothing? Only then may the bytes be UTF-16. */
export function allowsWide(declared: readonly string[]): boolean {
  return tokensOf(declared).every((name) => ['UNICODEUTF16', 'UTF16', 'UTF16LE', 'UTF16BE', 'UNICODE'].includes(name));
}

function tokensOf(declared: readonly string[]): readonly string[] {
  return [...new Set(declared.map((name) => name.toUpperCase().replace(/[^A-Z0-9]/gu, '')))].filter((name) => name !== '');
}

function codingOf(names: readonly string[]): Coding | null {
  const [first, ...others] = names;
  if (first === undefined) return null;
  if (names.includes('ISOIR87')) return names.every((name) => ['ASCII', 'ISOIR14', 'ISOIR87'].includes(name)) ? japanese() : null;
  if (names.includes('KSX1001')) return names.every((name) => ['ASCII', 'ISOIR14', 'KSX1001'].includes(name)) ? korean : null;
  if (others.some((name) => name !== 'ASCII')) return null;
  const part = /^(?:ISO)?8859([1-9]|1[0-5])$/u.exec(first)?.[1];
  if (part !== undefined) return part === '12' ? null : singleByte(part === '1' ? 'latin1' : `iso-8859-${part}`);
  const page = /^(?:WINDOWS|CP)?(125[0-8])$/u.exec(first)?.[1];
  if (page !== undefined) return singleByte(`windows-${page}`);
  switch (first) {
    case 'ASCII':
      return ascii;
    case 'UNICODEUTF8':
    case 'UTF8':
    case 'UNICODE':
      return utf8;
    case 'GB180302000':
    case 'GB18030':
      return doubleByte('gb18030');
    case 'BIG5':
      return doubleByte('big5');
    case 'ISOIR14':
      return singleByte('shift_jis');
    default:
      return null;
  }
}

const utf8: Coding = {
  decode: (bytes) => (isUtf8(bytes) ? bytes.toString('utf8') : null),
  encode: (text) => (text.isWellFormed() ? Buffer.from(text, 'utf8') : null),
  transparent: 'ascii',
  shifts: false,
};

const undeclaredUtf8: Charset = { name: '', ...utf8 };
const undeclaredLatin: Charset = { name: '', ...singleByte('latin1') };

const ascii: Coding = {
  decode: (bytes) => (isAscii(bytes) ? bytes.toString('latin1') : null),
  encode: asciiBytes,
  transparent: 'ascii',
  shifts: false,
};

export function asciiBytes(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'utf8');
  return isAscii(bytes) ? bytes : null;
}

/** KS X 1001 in G1. The announcer ESC $ ) C changes nothing for the decoder and is left out. */
const korean: Coding = {
  decode: (bytes) => byDecoder('euc-kr', bytes)?.replaceAll('\u001b$)C', '') ?? null,
  encode: (text) => doubleByte('euc-kr').encode(text),
  transparent: 'none',
  shifts: true,
};
