import { isAscii } from 'node:buffer';
import { TextDecoder } from 'node:util';

/**
 * Characters as bytes, both ways. `null` where they do not fit. Where Node only reads a coding, the way back is a table made from its decoder when
 * first written, so that what was read can be written.
 */
export interface Coding {
  readonly decode: (bytes: Buffer) => string | null;
  readonly encode: (text: string) => Buffer | null;
  /** Which bytes are the character of the same number wherever they stand: then the text need not be decoded. */
  readonly transparent: 'all' | 'ascii' | 'none';
  /** Does it switch by ISO 2022 escapes? */
  readonly shifts: boolean;
}

const decoders = new Map<string, TextDecoder>();

export function byDecoder(label: string, bytes: Buffer): string | null {
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
export function singleByte(label: string): Coding {
  return remembered(label, () => {
    const table = Array.from({ length: 256 }, (_, byte) => character(label, byte));
    const bytes = new Map(table.flatMap((text, byte) => (text === null ? [] : [[text, byte] as const])));
    const isLatin = label === 'latin1';
    return {
      decode: (input) => {
        if (isLatin || isAscii(input)) return input.toString('latin1');
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
      transparent: isLatin ? 'all' : 'ascii',
      shifts: false,
    };
  });
}

function character(label: string, byte: number): string | null {
  const control = byte >= 0x80 && byte < 0xa0 && label.startsWith('iso-8859');
  if (label === 'latin1' || byte < 0x80 || control) return String.fromCharCode(byte);
  return byDecoder(label === 'iso-8859-9' ? 'windows-1254' : label === 'iso-8859-11' ? 'windows-874' : label, Buffer.from([byte]));
}

/** Two bytes a character; GB 18030 also four. */
export function doubleByte(label: 'gb18030' | 'big5' | 'euc-kr'): Coding {
  return remembered(label, () => {
    let table: ReadonlyMap<string, Buffer> | null = null;
    return {
      decode: (bytes) => byDecoder(label, bytes),
      encode: (text) => {
        const ready = (table ??= written(
          label,
          (label === 'gb18030' ? [...pairs(), ...fours()] : pairs()).map((code) => [code, code]),
        ));
        const output: Buffer[] = [];
        for (const next of text) {
          const bytes = next < '\u0080' ? Buffer.from(next, 'latin1') : (ready.get(next) ?? (label === 'gb18030' ? beyondBmp(next) : null));
          if (bytes === null) return null;
          output.push(bytes);
        }
        return Buffer.concat(output);
      },
      transparent: 'ascii',
      shifts: false,
    };
  });
}

/** What the decoder makes of each code: all in one go, each with a line feed after it, which is part of none. */
function written<Code>(label: string, codes: readonly (readonly [Buffer, Code])[]): ReadonlyMap<string, Code> {
  const lineFeed = Buffer.from('\n');
  const texts = new TextDecoder(label, { ignoreBOM: true }).decode(Buffer.concat(codes.flatMap(([bytes]) => [bytes, lineFeed]))).split('\n');
  const table = new Map<string, Code>();
  codes.forEach(([, code], index) => {
    const text = texts[index] ?? '';
    if ([...text].length === 1 && text !== '\ufffd' && !table.has(text)) table.set(text, code);
  });
  return table;
}

function pairs(): Buffer[] {
  const codes: Buffer[] = [];
  for (let lead = 0x81; lead < 0xff; lead += 1) {
    for (let trail = 0x40; trail < 0xff; trail += 1) codes.push(Buffer.from([lead, trail]));
  }
  return codes;
}

/** The 39,420 codes of four bytes for the Basic Multilingual Plane (GB 18030-2005). */
function fours(): Buffer[] {
  return Array.from({ length: 39_420 }, (_, index) => four(index));
}

function four(index: number): Buffer {
  return Buffer.from([
    0x81 + Math.floor(index / 12_600),
    0x30 + (Math.floor(index / 1_260) % 10),
    0x81 + (Math.floor(index / 10) % 126),
    0x30 + (index % 10),
  ]);
}

/** Beyond the Basic Multilingual Plane the codes run on in order from 90 30 81 30. */
function beyondBmp(character: string): Buffer | null {
  const point = character.codePointAt(0) ?? 0;
  return point > 0xffff ? four(189_000 + point - 0x10000) : null;
}

/** ISO 2022 escapes that Japanese text switches by: ASCII, JIS X 0208, and the Roman letters and katakana of JIS X 0201. */
const shifts = { ascii: '\u001b(B', double: '\u001b$B', roman: '\u001b(J', katakana: '\u001b(I' } as const;
type Shift = keyof typeof shifts;

/** ISO IR87 with ASCII or ISO IR14. Every line begins in ASCII; so does every field, because its separator is ASCII. */
export function japanese(): Coding {
  return remembered('iso-2022-jp', () => {
    let table: ReadonlyMap<string, readonly [Shift, string]> | null = null;
    return {
      decode: (bytes) => byDecoder('iso-2022-jp', bytes),
      encode: (text) => {
        const ready = (table ??= japaneseTable());
        let output = '';
        let state: Shift = 'ascii';
        for (const next of text) {
          const found = /^[\0-\u007f]$/u.test(next) && !/[\u000e\u000f\u001b]/u.test(next) ? (['ascii', next] as const) : ready.get(next);
          if (found === undefined) return null;
          if (found[0] !== state) output += shifts[found[0]];
          state = found[0];
          output += found[1];
        }
        return Buffer.from(state === 'ascii' ? output : output + shifts.ascii, 'latin1');
      },
      transparent: 'none',
      shifts: true,
    };
  });
}

function japaneseTable(): ReadonlyMap<string, readonly [Shift, string]> {
  const graphic = Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index));
  const codes = [
    ...graphic.flatMap((lead) => graphic.map((trail) => ['double', lead + trail] as const)),
    ...graphic.map((code) => ['katakana', code] as const),
    ...graphic.map((code) => ['roman', code] as const),
  ];
  return written(
    'iso-2022-jp',
    codes.map((code) => [Buffer.from(shifts[code[0]] + code[1] + shifts.ascii), code]),
  );
}

/** UTF-16 with its bytes in the order of the message. Only of text, and of the bytes of a `\X..\` escape. */
export function utf16(order: 'le' | 'be', marked: boolean): Coding {
  return {
    decode: (bytes) => (bytes.every((byte) => byte < 0x20) ? bytes.toString('latin1') : byDecoder('utf-16be', bytes)),
    encode: (text) => {
      if (!text.isWellFormed()) return null;
      const bytes = Buffer.from(marked ? `\ufeff${text}` : text, 'utf16le');
      return order === 'le' ? bytes : bytes.swap16();
    },
    transparent: 'none',
    shifts: false,
  };
}
