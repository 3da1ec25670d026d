import fc from 'fast-check';
import { build, NULL } from '#adapters/hl7/build.js';
import type { Component, Fields, Leaf, Value } from '#adapters/hl7/build.js';
import { charsetNamed } from '#adapters/hl7/charset.js';
import type { Charset } from '#adapters/hl7/charset.js';
import type { WholeDelimiters } from '#adapters/hl7/escape.js';
import { decode } from '#adapters/hl7/message.js';
import type { Message, Segment } from '#adapters/hl7/message.js';

const SETS = [
  'ASCII',
  '8859/1',
  '8859/2',
  '8859/5',
  '8859/7',
  '8859/15',
  'UNICODE UTF-8',
  'GB 18030-2000',
  'BIG-5',
  'ISO IR14',
  '~ISO IR87',
  'KS X 1001',
  'WINDOWS-1252',
];
const SIGNS = [...'!#$%&*+,-./:;<=>?@[\\]^_`{|}~'];

/** Any five or six different signs. */
const delimiters: fc.Arbitrary<WholeDelimiters> = fc
  .tuple(fc.shuffledSubarray(SIGNS, { minLength: 6, maxLength: 6 }), fc.boolean())
  .map(([[field = '', component = '', repetition = '', escape = '', subcomponent = '', truncation = ''], truncates]) => ({
    field, component, repetition, escape, subcomponent, truncation: truncates ? truncation : null,
  })); // prettier-ignore

/** Texts of anything, and of what could break out: signs, line ends, framing, what looks like an escape, a null or a segment. */
const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom(...SIGNS, '\r', '\n', '\v', '\u001c', '"', 'X', '.', 'b', 'r', 'F', ' '), maxLength: 20 }),
  fc.constantFrom('""', '\rPID|1', '\nOBX|', 'MSH|^~\\&|', '\\X0D\\', '\\F\\', '\u001c\r', '山田', 'Müller', 'ﾔﾏ', '김', '张三', '😀', '\u001b$B'),
);
const leaf: fc.Arbitrary<Leaf> = fc.oneof({ weight: 8, arbitrary: text }, { weight: 1, arbitrary: fc.constant(NULL) });
const components: fc.Arbitrary<readonly Component[]> = fc.array(fc.oneof(leaf, fc.array(leaf, { minLength: 1, maxLength: 3 })), {
  minLength: 1,
  maxLength: 4,
});
const value: fc.Arbitrary<Value> = fc.oneof(
  leaf,
  components,
  fc.record({ repetitions: fc.array(fc.oneof(leaf, components), { minLength: 1, maxLength: 3 }) }),
);
const segments = fc.array(
  fc.tuple(fc.constantFrom('PID', 'ORC', 'OBX', 'ZDS', 'NTE'), fc.dictionary(fc.integer({ min: 1, max: 9 }).map(String), value, { maxKeys: 5 })),
  {
    minLength: 1,
    maxLength: 5,
  },
);

type Row = readonly [name: string, fields: Fields];

it('parse(build(x)) = x for any texts, structure, delimiters and every set that has the characters; no text becomes a field, segment or message', () => {
  fc.assert(
    fc.property(segments, delimiters, fc.constantFrom(...SETS), (made, signs, set) => {
      const charset = charsetNamed(set.split('~'));
      if (charset === null) throw new Error(`${set} is not known`);
      const rows: Row[] = made.map(([name, fields]) => [name, fitting(fields, charset)]);
      const all: Row[] = [['MSH', { 9: 'ORM', 18: { repetitions: set.split('~') } }], ...rows];
      const bytes = build(all, { delimiters: signs, charset });
      if (bytes === null) throw new Error('could not be written');
      const decoded = decode(bytes);
      if (!decoded.ok) throw new Error(decoded.problem.text);
      expect(decoded.message.segments.map(({ name }) => name)).toEqual(all.map(([name]) => name));
      rows.forEach(([, fields], index) => {
        expectFields(decoded.message.segments[index + 1], fields);
      });
      expect(decoded.message.encode()).toEqual(bytes);
      expect(bytes.includes(0x0b) || bytes.includes(0x1c)).toBe(false);
    }),
    { numRuns: 500 },
  );
});

/** Without the characters that the set lacks; those that are escaped fit in every set. */
function fitting(fields: Fields, charset: Charset): Fields {
  const one = (leaf: Leaf): Leaf => (leaf === NULL ? leaf : [...leaf].filter((next) => next < ' ' || charset.encode(next) !== null).join(''));
  const part = (component: Component): Component => (typeof component === 'object' ? component.map(one) : one(component));
  const whole = (given: Value): Value => {
    if (typeof given !== 'object') return one(given);
    if (!('repetitions' in given)) return given.map(part);
    return { repetitions: given.repetitions.map((repeated) => (typeof repeated === 'object' ? repeated.map(part) : one(repeated))) };
  };
  return Object.fromEntries(Object.entries(fields).map(([field, given]) => [field, whole(given)]));
}

it('gives null for a text that the set lacks, never a substitute', () => {
  fc.assert(
    fc.property(text, fc.constantFrom(...SETS), (any, set) => {
      const charset = charsetNamed(set.split('~'));
      const bytes = charset?.encode(any) ?? null;
      if (bytes !== null) expect(charset?.decode(bytes)).toBe(any);
      else expect(charset === null || [...any].some((next) => charset.encode(next) === null)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

/** Every value where it was put, and nothing beyond: as many fields, repetitions and components as were given. */
function expectFields(segment: Segment | undefined, fields: Fields): void {
  if (segment === undefined) throw new Error('a segment is missing');
  for (let field = 1; field <= 9; field += 1) {
    const value = fields[field] ?? '';
    const repetitions = typeof value === 'object' && 'repetitions' in value ? value.repetitions : [value];
    repetitions.forEach((one, at) => {
      const parts = typeof one === 'object' ? one : [one];
      for (let component = 1; component <= 5; component += 1) {
        const part = parts[component - 1] ?? '';
        const leaves = typeof part === 'object' ? part : [part];
        for (let sub = 1; sub <= 4; sub += 1) {
          const given = leaves[sub - 1] ?? '';
          const expected = given === NULL ? ['', 'null'] : [given, given === '' ? 'absent' : 'text'];
          const read = [segment.value(field, component, sub, at + 1), segment.said(field, component, sub, at + 1)];
          if (read[0] !== expected[0] || read[1] !== expected[1]) expect(read).toEqual(expected);
        }
      }
    });
    expect(segment.repetitions(field)).toBeLessThanOrEqual(repetitions.length);
  }
  expect(segment.length).toBeLessThanOrEqual(9);
}

it('bytes = encode(decode(bytes)) for any bytes that begin with an MSH', () => {
  const header = fc.tuple(delimiters, fc.constantFrom('', ...SETS, 'UNICODE UTF-16', 'ISO IR159')).map(([signs, set]) => {
    const { field, component, repetition, escape, subcomponent } = signs;
    return `MSH${field}${component}${repetition}${escape}${subcomponent}${field.repeat(16)}${set.replaceAll('~', repetition)}`;
  });
  const tail = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .string({ unit: fc.constantFrom('\r', '\n', '|', '^', 'PID', 'OBX', ' ', 'ü', '\ufeff', '\\'), maxLength: 60 })
      .map((made) => Buffer.from(made)),
  );
  fc.assert(
    fc.property(fc.constantFrom('', ' \r\n', '\ufeff'), header, tail, fc.boolean(), fc.boolean(), (lead, head, rest, logForm, wide) => {
      const bytes = Buffer.concat([Buffer.from(`${lead}${head}\r`), rest]);
      const { message } = decode(bytes, logForm, wide);
      expect(message?.encode()).toEqual(bytes);
      for (const segment of message?.segments ?? []) expect(segment.raw(segment.length + 1)).toBe('');
    }),
    { numRuns: 1000 },
  );
});

it('reads the same in UTF-8 and in UTF-16, in either order and with or without its mark', () => {
  const body = fc.string({
    unit: fc.oneof(fc.constantFrom('\r', 'PID|', '^', '~', '&', '|', '\\F\\', '\n'), fc.constantFrom('ü', '山', '😀', 'a')),
    maxLength: 40,
  });
  fc.assert(
    fc.property(body, fc.boolean(), fc.boolean(), (rest, isBig, isMarked) => {
      const of = (set: string): string => `MSH|^~\\&|HIS||||20261125||ORM^O01|1|P|2.5.1||||||${set}\rNTE|${rest}`;
      const bytes = Buffer.from((isMarked ? '\ufeff' : '') + of('UNICODE UTF-16'), 'utf16le');
      const wide = decode(isBig ? bytes.swap16() : bytes, false, true).message;
      expect(valuesOf(wide).slice(1)).toEqual(valuesOf(decode(Buffer.from(of('UNICODE UTF-8'))).message).slice(1));
    }),
  );
});

function valuesOf(message: Message | null): unknown[] {
  return (message?.segments ?? []).map((segment) => [segment.name, ...Array.from({ length: segment.length }, (_, at) => segment.value(at + 1, 1))]);
}

describe('time is linear', () => {
  const header = 'MSH|^~\\&|HIS||||20261125||ORM^O01|1|P|2.5.1\r';
  const read = (message: Message | null): void => {
    for (const segment of message?.segments ?? []) {
      const repetitions = segment.repetitions(1);
      for (let repetition = 1; repetition <= repetitions; repetition += 1) segment.text(1, 1, 1, repetition);
    }
  };
  it.each([
    ['one segment of one field', (size: number) => `OBX|${'x'.repeat(size)}`],
    ['segments without a separator', (size: number) => 'NTE\r'.repeat(size / 4)],
    ['segments without a component', (size: number) => 'NTE|1\r'.repeat(size / 6)],
    ['repetitions', (size: number) => `NTE|${'a~'.repeat(size / 2)}`],
    ['components', (size: number) => `NTE|${'a^'.repeat(size / 2)}`],
    ['escapes', (size: number) => `NTE|${'\\F\\'.repeat(size / 3)}`],
    ['escapes that do not end', (size: number) => `NTE|${'\\ '.repeat(size / 2)}`],
    ['line ends', (size: number) => `NTE|1${'\r\n'.repeat(size / 2)}`],
    ['lines that go on', (size: number) => `NTE|1${'\n text'.repeat(size / 6)}`],
    ['letters of two bytes', (size: number) => `NTE|${'ü'.repeat(size / 2)}`],
  ])('for %s: eight times the bytes take at most 24 times as long', (_, made) => {
    const time = (size: number): number => {
      const bytes = Buffer.from(header + made(size));
      const times = [0, 1, 2].map(() => {
        const started = process.cpuUsage().user;
        read(decode(bytes).message);
        return (process.cpuUsage().user - started) / 1000;
      });
      return Math.min(...times);
    };
    const [short, long] = [time(50_000), time(400_000)];
    expect(long).toBeLessThan(Math.max(short, 10) * 24);
  });
});
