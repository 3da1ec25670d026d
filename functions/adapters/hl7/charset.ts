import { isAscii, isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';

/** A character set of HL7 table 0211, both ways. `null` where bytes or text do not fit in it: never a silent substitute. */
export interface Charset {
  /** As MSH-18 names it; empty when the message names none. */
  readonly name: string;
  readonly decode: (bytes: Buffer) => string | null;
  readonly encode: (text: string) => Buffer | null;
}

type Coding = Omit<Charset, 'name'>;

/** The set of a message that names none: UTF-8 where the bytes are UTF-8, else one character a byte (ISO 8859-1), so that nothing is lost. */
export function undeclared(bytes: Buffer): Charset {
  return { name: '', ...(isUtf8(bytes) ? utf8 : singleByte('latin1')) };
}

/**
 * The set that MSH-18 names; null for one that can't be read here.
 * @param declared the repetitions of MSH-18, at least one not empty. The first is the default, the others are switched to by ISO 2022 escapes.
 */
export function charsetNamed(declared: readonly string[]): Charset | null {
  const names = [...new Set(declared.map((name) => name.toUpperCase().replace(/[^A-Z0-9]/gu, '')))];
  const coding = codingOf(names.filter((name) => name !== ''));
  return coding === null ? null : { name: declared.join('~'), ...coding };
}

function codingOf(names: readonly string[]): Coding | null {
  const [first, ...others] = names;
  if (first === undefined) return null;
  if (names.includes('ISOIR87')) return names.every((name) => ['ASCII', 'ISOIR14', 'ISOIR87'].includes(name)) ? iso2022jp : null;
  if (names.includes('KSX1001')) return names.every((name) => ['ASCII', 'ISOIR14', 'KSX1001'].includes(name)) ? ksx1001 : null;
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
  encode: (text) => (/\p{Surrogate}/u.test(text) ? null : Buffer.from(text, 'utf8')),
};

const ascii: Coding = {
  decode: (bytes) => (isAscii(bytes) ? bytes.toString('latin1') : null),
  encode: asciiBytes,
};

function asciiBytes(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'utf8');
  return isAscii(bytes) ? bytes : null;
}

/** JIS X 0208 by ESC $ B. Written only where ASCII is enough: nothing is sent in it. */
const iso2022jp: Coding = { decode: (bytes) => byDecoder('iso-2022-jp', bytes), encode: asciiBytes };

/** KS X 1001 in G1. The announcer ESC $ ) C changes nothing for the decoder and is left out. */
const ksx1001: Coding = {
  decode: (bytes) => {
    const text = byDecoder('euc-kr', bytes);
    return text === null ? null : text.replaceAll('\u001b$)C', '');
  },
  encode: (text) => doubleByte('euc-kr').encode(text),
};

const decoders = new Map<string, TextDecoder>();

function byDecoder(label: string, bytes: Buffer): string | null {
  const known = decoders.get(label);
  const decoder = known ?? new TextDecoder(label, { fatal: true, ignoreBOM: true });
  if (known === undefined) decoders.set(label, decoder);
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

const codings = new Map<string, Coding>();

function remembered(label: string, make: () => Coding): Coding {
  const known = codings.get(label);
  if (known !== undefined) return known;
  const made = make();
  codings.set(label, made);
  return made;
}

/** One byte a character. By a table of our own, because TextDecoder reads the labels iso-8859-1, -9 and -11 as the Windows pages. */
function singleByte(label: string): Coding {
  return remembered(label, () => {
    const table = Array.from({ length: 256 }, (_, byte) => character(label, byte));
    const bytes = new Map(table.flatMap((text, byte) => (text === null ? [] : [[text, byte] as const])));
    return {
      decode: (input) => {
        if (label === 'latin1' || isAscii(input)) return input.toString('latin1');
        let text = '';
        for (const byte of input) {
          const next = table[byte] ?? null;
          if (next === null) return null;
          text += next;
        }
        return text;
      },
      encode: (text) => {
        const output: number[] = [];
        for (const next of text) {
          const byte = bytes.get(next);
          if (byte === undefined) return null;
          output.push(byte);
        }
        return Buffer.from(output);
      },
    };
  });
}

function character(label: string, byte: number): string | null {
  const control = byte >= 0x80 && byte < 0xa0 && label.startsWith('iso-8859');
  if (label === 'latin1' || byte < 0x80 || control) return String.fromCharCode(byte);
  return byDecoder(label === 'iso-8859-9' ? 'windows-1254' : label === 'iso-8859-11' ? 'windows-874' : label, Buffer.from([byte]));
}

/** Two bytes a character (GB 18030 also four). The way back is a table of the two-byte characters, made when first written. */
function doubleByte(label: string): Coding {
  return remembered(label, () => {
    let table: ReadonlyMap<string, Buffer> | null = null;
    return {
      decode: (bytes) => byDecoder(label, bytes),
      encode: (text) => {
        const ready = (table ??= pairs(label));
        const output: Buffer[] = [];
        for (const next of text) {
          const bytes = next < '\u0080' ? Buffer.from(next, 'latin1') : ready.get(next);
          if (bytes === undefined) return null;
          output.push(bytes);
        }
        return Buffer.concat(output);
      },
    };
  });
}

function pairs(label: string): ReadonlyMap<string, Buffer> {
  const table = new Map<string, Buffer>();
  for (let lead = 0x81; lead < 0xff; lead += 1) {
    for (let trail = 0x40; trail < 0xff; trail += 1) {
      const bytes = Buffer.from([lead, trail]);
      const text = byDecoder(label, bytes);
      if (text !== null && [...text].length === 1 && !table.has(text)) table.set(text, bytes);
    }
  }
  return table;
}
