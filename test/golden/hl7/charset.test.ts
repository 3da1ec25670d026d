import { charsetNamed } from '#adapters/hl7/charset.js';
import { decode } from '#adapters/hl7/message.js';

function message(set: string, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`MSH|^~\\&|HIS|N|RIS|N|20261125||ORM^O01|1|P|2.5.1||||||${set}\rPID|1||A1||`), name, Buffer.from('^X\r')]);
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

it.each([
  ['', Buffer.from('Müller'), 'Müller'],
  ['', hex('4dfc6c6c6572'), 'Müller'],
  ['ASCII', Buffer.from('Mueller'), 'Mueller'],
  ['8859/1', hex('4dfc6c6c6572'), 'Müller'],
  ['8859/1', hex('4180'), 'A\u0080'],
  ['8859/2', hex('a3f364bc'), 'Łódź'],
  ['8859/5', hex('b8d2d0dd'), 'Иван'],
  ['8859/7', hex('c1'), 'Α'],
  ['8859/9', hex('fe80'), 'ş\u0080'],
  ['8859/15', hex('a4'), '€'],
  ['UNICODE UTF-8', Buffer.from('山田'), '山田'],
  ['UTF-8', Buffer.from('김'), '김'],
  ['GB 18030-2000', hex('d5c5c8fd'), '张三'],
  ['BIG-5', hex('a4a4a4e5'), '中文'],
  ['~ISO IR87', hex('1b2442 3b33 4544 1b2842'), '山田'],
  ['ISO IR14~ISO IR87', hex('1b2442 3b33 4544 1b284a'), '山田'],
  ['KS X 1001', hex('b1e8'), '김'],
  ['~KS X 1001', hex('1b242943 b1e8'), '김'],
  ['WINDOWS-1252', hex('80'), '€'],
  ['CP1250', hex('8c'), 'Ś'],
  ['ISO8859-1', hex('e9'), 'é'],
])('reads set %j', (set, bytes, text) => {
  const decoded = decode(message(set, bytes));
  expect(decoded.ok && decoded.message.text('PID-5.1')).toBe(text);
  expect(decoded.message?.encode()).toEqual(message(set, bytes));
});

it('reads delimiters that are second bytes of a character as part of it (GB 18030, Big5, JIS)', () => {
  const decoded = decode(message('GB 18030-2000', hex('815e 817c 817e')));
  expect(decoded.ok && [...decoded.message.text('PID-5.1')]).toHaveLength(3);
  expect(decoded.ok && decoded.message.text('PID-5.2')).toBe('X');
});

it.each(['UNICODE UTF-16', 'UNICODE UTF-32', 'CNS 11643-1992', 'ISO IR159', '~ISO IR87~ISO IR159', '8859/12', 'x~y', '8859/1~8859/2'])(
  'refuses set %s, which it can not read',
  (set) => {
    const decoded = decode(message(set, Buffer.from('X')));
    expect(decoded).toMatchObject({ ok: false, problem: { segment: 'MSH', field: 18, code: '103' } });
    expect(decoded.message?.text('MSH-10')).toBe('1');
  },
);

it.each([
  ['ASCII', 'fc'],
  ['UNICODE UTF-8', 'fc'],
  ['8859/7', 'ff'],
  ['GB 18030-2000', 'ff'],
  ['KS X 1001', 'ff'],
])('refuses bytes that are not valid in the declared set %s', (set, bytes) => {
  expect(decode(message(set, hex(bytes)))).toMatchObject({ ok: false, problem: { segment: 'PID', code: '102' } });
});

it('says which set it can not read, in words that an interface engineer can act on', () => {
  const why = (set: string): string => {
    const decoded = decode(message(set, Buffer.from('X')));
    return decoded.ok ? '' : decoded.problem.text;
  };
  expect(why('~ISO IR87~ISO IR159')).toContain('ISO IR159 (JIS X 0212)');
  expect(why('UNICODE UTF-32')).toContain('UNICODE UTF-32');
  expect(why('UNICODE UTF-16')).toContain('over MLLP');
  expect(why('PATIENT NAME')).not.toContain('PATIENT');
});

it('refuses a header whose MSH-18 is another one when its bytes are read in the set it names', () => {
  const bytes = Buffer.from('MSH|^~\\&|HIS||||20261125||ORM^O01|1|P|2.5.1||||\u00a2||GB 18030-2000\r', 'latin1');
  expect(decode(bytes)).toMatchObject({ ok: false, problem: { segment: 'MSH', code: '102' } });
});

it('names the segment whose bytes are not valid by its name alone, never by its text', () => {
  const bytes = Buffer.concat([
    Buffer.from('MSH|^~\\&|||||20261125||ORM^O01|1|P|2.5.1||||||ASCII\rNTE|1||first\n'),
    hex('4dfc6c6c'),
    Buffer.from('\r'),
  ]);
  expect(decode(bytes)).toMatchObject({ ok: false, problem: { segment: 'NTE', code: '102' } });
});

describe('writing in a set what is read in it', () => {
  // Samples of each set, the Japanese half-width and Roman forms and four-byte GB 18030 among them: an answer mirrors MSH in the set of the message.
  it.each([
    ['ASCII', 'Miller'],
    ['8859/1', 'Müller \u0080'],
    ['8859/2', 'Łódź'],
    ['8859/3', 'Ħ'],
    ['8859/4', 'ŖĪ'],
    ['8859/5', 'Иван'],
    ['8859/6', 'محمد'],
    ['8859/7', 'Ελένη'],
    ['8859/8', 'דוד'],
    ['8859/9', 'ş\u0080'],
    ['8859/10', 'Đ'],
    ['8859/11', 'สมชาย'],
    ['8859/13', 'Ģ'],
    ['8859/14', 'Ẁ'],
    ['8859/15', '€'],
    ['UNICODE UTF-8', 'Müller 山田 김 😀'],
    ['WINDOWS-1250', 'Ś'],
    ['WINDOWS-1251', 'Иван'],
    ['WINDOWS-1252', '€'],
    ['WINDOWS-1253', 'Ελένη'],
    ['WINDOWS-1254', 'ş'],
    ['WINDOWS-1255', 'דוד'],
    ['WINDOWS-1256', 'محمد'],
    ['WINDOWS-1257', 'Ģ'],
    ['WINDOWS-1258', 'Đ'],
    ['GB 18030-2000', '张三 € Müller \u0080 😀 㐀'],
    ['BIG-5', '中文'],
    ['ISO IR14', 'ﾔﾏﾀﾞ'],
    ['ISO IR87', '山田 X 太郎 ﾔﾏﾀﾞ ¥ ‾'],
    ['KS X 1001', '김철수'],
  ])('%s', (set, text) => {
    const charset = charsetNamed([set]);
    const bytes = charset?.encode(text) ?? null;
    expect(bytes === null ? null : charset?.decode(bytes)).toBe(text);
  });

  it.each([
    ['ASCII', 'ü'],
    ['8859/1', '€'],
    ['ISO IR87', 'ü'],
    ['ISO IR87', '\u001b'],
    ['BIG-5', '김'],
    ['UNICODE UTF-8', '\ud800'],
    ['GB 18030-2000', '\ud800'],
  ])('%s refuses what it lacks instead of a substitute', (set, text) => {
    expect(charsetNamed([set])?.encode(text)).toBeNull();
  });

  it('every character of the Basic Multilingual Plane goes through GB 18030 and back', () => {
    const charset = charsetNamed(['GB 18030-2000']);
    const lost: string[] = [];
    for (let point = 0; point < 0xfffe; point += 1) {
      const text = String.fromCharCode(point);
      if (point >= 0xd800 && point < 0xe000) continue;
      const bytes = charset?.encode(text) ?? null;
      if (bytes === null || charset?.decode(bytes) !== text) lost.push(point.toString(16));
    }
    // Characters for private use have codes that no decoder reads. The replacement character says that something was not readable: it is not sent on.
    expect(lost.filter((hexPoint) => !/^(?:e...|f[0-8]..)$/u.test(hexPoint))).toEqual(['fffd']);
  });
});

describe('ISO 2022 by the escapes \\C and \\M', () => {
  const japanese = decode(message('~ISO IR87', Buffer.from('\\M2442\\;3ED\\C2842\\ X')));
  it('are followed where the set of MSH-18 has them', () => {
    expect(japanese.ok && japanese.message.text('PID-5.1')).toBe('山田 X');
  });

  it('stay as they stand in a message of another set', () => {
    const decoded = decode(message('8859/1', Buffer.from('\\M2442\\;3ED\\C2842\\')));
    expect(decoded.ok && decoded.message.text('PID-5.1')).toBe('\\M2442\\;3ED\\C2842\\');
  });
});

describe('UTF-16, in files and over HTTPS', () => {
  const text = 'MSH|^~\\&|HIS|N|RIS|N|20261125||ORM^O01|1|P|2.5.1||||||UNICODE UTF-16\r\nPID|1||A1||山\\X0D\\田^😀\r';
  const little = (from: string): Buffer => Buffer.from(from, 'utf16le');
  const big = (from: string): Buffer => little(from).swap16();
  it.each([
    ['little endian', little(text)],
    ['big endian', big(text)],
    ['little endian with its mark', little(`\ufeff${text}`)],
    ['big endian with its mark', big(`\ufeff${text}`)],
  ])('%s is read, and every byte kept', (_, bytes) => {
    const decoded = decode(bytes, false, true);
    expect(decoded.ok && [decoded.message.text('PID-5.1'), decoded.message.text('PID-5.2')]).toEqual(['山\r田', '😀']);
    expect(decoded.message?.encode()).toEqual(bytes);
    expect(decoded.message?.segments.map((segment) => segment.name)).toEqual(['MSH', 'PID']);
    const answer = decoded.message?.syntax.charset.encode('MSH|^~\\&|山') ?? Buffer.alloc(0);
    expect(decode(answer, false, true).message?.text('MSH-3')).toBe('山');
  });

  it('is refused over MLLP with the header for the answer, which is then written in ASCII', () => {
    const decoded = decode(little(text));
    expect(decoded).toMatchObject({ ok: false, problem: { segment: 'MSH', field: 18, code: '103' } });
    expect(decoded.message?.text('MSH-10')).toBe('1');
    expect(decoded.message?.syntax.charset.encode('ACK')).toEqual(Buffer.from('ACK'));
    expect(decoded.message?.syntax.charset.encode('山')).toBeNull();
  });

  it('is refused where MSH-18 says otherwise, and where it is cut within a character', () => {
    expect(decode(little(text.replace('UNICODE UTF-16', '8859/1')), false, true)).toMatchObject({ ok: false, problem: { field: 18 } });
    const cut = Buffer.concat([little(text), Buffer.from([0x41])]);
    expect(decode(cut, false, true)).toMatchObject({ ok: false, problem: { code: '102' } });
    expect(decode(cut, false, true).message?.encode()).toEqual(cut);
    expect(decode(little('MSH|^~\\&|\ud800'), false, true).ok).toBe(false);
  });

  it('is refused where MSH-18 says UTF-16 and the bytes are not', () => {
    expect(decode(message('UNICODE UTF-16', Buffer.from('X')), false, true)).toMatchObject({ ok: false, problem: { field: 18 } });
  });
});
