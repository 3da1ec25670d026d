import fc from 'fast-check';
import { build, NULL, usualWriting } from '#adapters/hl7/build.js';
import { charsetNamed } from '#adapters/hl7/charset.js';
import { usualDelimiters } from '#adapters/hl7/escape.js';
import { decode } from '#adapters/hl7/message.js';
import type { Message } from '#adapters/hl7/message.js';
import { pathOf } from '#adapters/hl7/path.js';

const HEADER = 'MSH|^~\\&|HIS|NORTH|RIS|NORTH|20261125104000||ORM^O01|1|P|2.5.1';

function read(text: string | Buffer): Message {
  const decoded = decode(Buffer.isBuffer(text) ? text : Buffer.from(text));
  if (!decoded.ok) throw new Error(decoded.problem.text);
  return decoded.message;
}

/** A message whose second segment is `NTE|<field>`. */
function field(raw: string, header = HEADER): Message {
  return read(`${header}\rNTE|${raw}\r`);
}

describe('reading', () => {
  it('counts fields, repetitions, components and subcomponents from 1, and MSH-1 as the separator', () => {
    const message = read(`${HEADER}\rPID|1||A1^^^NORTH&1.2.3&ISO^MR~B2^^^SOUTH||DOE&VAN^JANE\rOBX|1\rOBX|2\r`);
    expect(message.text('MSH-1')).toBe('|');
    expect(message.text('MSH-2')).toBe('^~\\&');
    expect(message.text('MSH-9.2')).toBe('O01');
    expect(message.text('PID-3.1')).toBe('A1');
    expect(message.text('PID-3.4.2')).toBe('1.2.3');
    expect(message.text('PID-3.4')).toBe('NORTH&1.2.3&ISO');
    expect(message.text('PID-3(2).4')).toBe('SOUTH');
    expect(message.text('OBX[2]-1')).toBe('2');
    expect(message.text('PID-30')).toBe('');
    expect(message.text('ZZZ-1')).toBe('');
  });

  it('tells the HL7 null from nothing', () => {
    const message = read(`${HEADER}\rPID|1||A1^""|""|\r`);
    expect([message.said('PID-3.2'), message.said('PID-4'), message.said('PID-5'), message.said('PID-3.1')]).toEqual([
      'null',
      'null',
      'absent',
      'text',
    ]);
    expect(message.text('PID-4')).toBe('');
  });

  it.each([
    ['\\F\\\\S\\\\T\\\\R\\\\E\\', '|^&~\\'],
    ['one\\.br\\two\\.sp2\\three', 'one\ntwo\n\nthree'],
    ['\\X48\\\\X4c37\\', 'HL7'],
    ['\\H\\bold\\N\\', 'bold'],
    ['\\Zsite\\ \\C2842\\ \\M2442\\', '\\Zsite\\ \\C2842\\ \\M2442\\'],
    ['C:\\temp', 'C:\\temp'],
    ['\\\\server\\F\\share', '\\\\server|share'],
    ['\\XZZ\\', '\\XZZ\\'],
    ['a\\.in+4\\b', 'ab'],
  ])('reads %s', (raw, text) => {
    expect(field(raw).text('NTE-1')).toBe(text);
  });

  it('takes other delimiters from MSH-1 and MSH-2', () => {
    const message = read('MSH*:!$%*HIS*NORTH*RIS*NORTH*20261125**ORM:O01*7*P*2.5\rPID*1**A1:::N%1.2!B2**O$F$NEIL:PAT\r');
    expect(message.text('MSH-9.2')).toBe('O01');
    expect(message.text('PID-3.4.2')).toBe('1.2');
    expect(message.text('PID-3(2).1')).toBe('B2');
    expect(message.text('PID-5.1')).toBe('O*NEIL');
  });

  it('knows a truncated value where MSH-2 names the sign', () => {
    const message = field('a long te#|whole', HEADER.replace('^~\\&', '^~\\&#'));
    expect(message.first('NTE')?.isTruncated(1)).toBe(true);
    expect(message.first('NTE')?.isTruncated(2)).toBe(false);
    expect(field('C#').first('NTE')?.isTruncated(1)).toBe(false);
    expect(field('\\P\\', HEADER.replace('^~\\&', '^~\\&#')).text('NTE-1')).toBe('#');
  });

  it('names a segment by its name alone when a stray line follows it, so that no text of a patient is taken for a name', () => {
    const message = read(`${HEADER}\rPID\nDOE^JANE\rOBR|1\r`);
    expect(message.segments.map((segment) => segment.name)).toEqual(['MSH', 'PID', 'OBR']);
  });

  it('reads MSH-18 with the escapes that its delimiters may need, and the one of the whole header', () => {
    expect(read('MSH|^-?&|||||||ORM|1|P|2.5||||||BIG?R?5\r').syntax.charset.name).toBe('BIG-5');
    expect(decode(Buffer.from(`${HEADER}||||||UNICODE UTF-8\n9\r`))).toMatchObject({ ok: false, problem: { segment: 'MSH', field: 18 } });
  });

  it('takes a line that begins like no segment as text of the field before it', () => {
    const message = read(`${HEADER}\rOBX|1|TX|||first line\nsecond line|mg\rOBX|2\r`);
    expect(message.text('OBX-5')).toBe('first line\nsecond line');
    expect(message.text('OBX-6')).toBe('mg');
    expect(message.all('OBX')).toHaveLength(2);
  });

  it.each([
    ['nothing', ''],
    ['a segment without header', 'PID|1\r'],
    ['a letter as separator', 'MSHA^~\\&AHIS'],
    ['XML', '<?xml version="1.0"?>'],
    ['zeros', '\0\0\0\0'],
  ])('refuses %s', (_, text) => {
    expect(decode(Buffer.from(text)).ok).toBe(false);
  });

  it('refuses delimiters that mean two things', () => {
    expect(decode(Buffer.from(HEADER.replace('^~\\&', '^^\\&')))).toMatchObject({ ok: false, problem: { segment: 'MSH', field: 2 } });
  });

  it('refuses a path that is none', () => {
    expect(() => pathOf('OBR.4')).toThrow('is no HL7 path');
  });
});

describe('writing back', () => {
  it.each(['\r', '\n', '\r\n', '\r\r\n', '\n\n'])('keeps line ends %j', (end) => {
    const bytes = Buffer.from(`${HEADER}${end}PID|1||A1\\F\\~~^^${end}OBR|1|||||${end}`);
    expect(read(bytes).encode()).toEqual(bytes);
  });

  it('keeps mixed line ends, a byte order mark, blanks, a missing last line end and the log form', () => {
    const mixed = Buffer.from(`\ufeff  ${HEADER}\r\nPID|1 \n\rOBR|1\rtext\nNTE|2`);
    expect(read(mixed).encode()).toEqual(mixed);
    const log = Buffer.from(`${HEADER}<R>\r\nPID|1<R>OBR|2<R>\n`);
    const decoded = decode(log, true);
    expect(decoded.message?.encode()).toEqual(log);
    expect(decoded.message?.segments.map((segment) => segment.name)).toEqual(['MSH', 'PID', 'OBR']);
  });

  it('keeps any bytes at all after a header', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (tail) => {
        const bytes = Buffer.concat([Buffer.from(`${HEADER}\r`), tail]);
        expect(decode(bytes).message?.encode()).toEqual(bytes);
      }),
    );
  });
});

describe('building', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.string({ unit: fc.constantFrom(...'|^~\\&#\r\n\u000b\u001c"X.brFE'), maxLength: 20 }),
  );

  it('gives back every text that was put in, and only as many segments as were built', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text, text), { minLength: 1, maxLength: 4 }), (rows) => {
        const bytes = build([
          ['MSH', { 9: ['ORM', 'O01'], 18: 'UNICODE UTF-8' }],
          ...rows.map(([a, b, c]) => ['NTE', { 1: a, 3: [b, ['x', c]] }] as const),
        ]);
        expect(bytes).not.toBeNull();
        const message = read(bytes ?? Buffer.alloc(0));
        expect(message.segments).toHaveLength(rows.length + 1);
        const readBack = message.all('NTE').map((note) => [note.value(1), note.value(3, 1), note.value(3, 2, 2)]);
        expect(readBack).toEqual(rows.map((row) => [...row]));
        expect(bytes?.includes(0x0b)).toBe(false);
        expect(bytes?.includes(0x1c)).toBe(false);
      }),
    );
  });

  it('writes the HL7 null only when told, and escapes a text that looks like it', () => {
    const message = read(
      build([
        ['MSH', { 9: 'ORM' }],
        ['NTE', { 1: NULL, 2: '""' }],
      ]) ?? '',
    );
    expect(message.said('NTE-1')).toBe('null');
    expect(message.text('NTE-2')).toBe('""');
  });

  it('refuses text that the character set of the link does not have, and half characters', () => {
    const writing = { delimiters: usualDelimiters, charset: charsetNamed(['8859/1']) ?? usualWriting.charset };
    expect(build([['NTE', { 3: 'Müller' }]], writing)).toEqual(Buffer.from('NTE|||M\u00fcller\r', 'latin1'));
    expect(build([['NTE', { 3: '山田' }]], writing)).toBeNull();
    expect(build([['NTE', { 3: '\ud800' }]])).toBeNull();
  });

  it('escapes a line end also where the full stop of its escape is a delimiter', () => {
    const signs = { ...usualDelimiters, repetition: '.' };
    const bytes = build([['MSH', {}], ['NTE', { 3: 'one\ntwo' }]], { ...usualWriting, delimiters: signs }); // prettier-ignore
    expect(read(bytes ?? '').text('NTE-3')).toBe('one\ntwo');
  });

  it('refuses a segment name that is none', () => {
    expect(() => build([['PID|1\rOBR', {}]])).toThrow('is no segment name');
  });
});

it('reads 10 MB in one segment or in a million without slowing down', () => {
  const started = performance.now();
  const long = read(`${HEADER}\rOBX|1|ED|||${'A\\F\\'.repeat(2_000_000)}\r`);
  expect(long.text('OBX-5')).toHaveLength(4_000_000);
  expect(read(`${HEADER}\r${'NTE|1\r'.repeat(1_000_000)}`).segments).toHaveLength(1_000_001);
  expect(performance.now() - started).toBeLessThan(10_000);
});
