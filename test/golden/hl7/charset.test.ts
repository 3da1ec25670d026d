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

it.each(['UNICODE UTF-16', 'CNS 11643-1992', 'ISO IR159', '8859/12', 'x~y', '8859/1~8859/2'])('refuses set %s, which it can not read', (set) => {
  const decoded = decode(message(set, Buffer.from('X')));
  expect(decoded).toMatchObject({ ok: false, problem: { segment: 'MSH', field: 18, code: '103' } });
  expect(decoded.message?.text('MSH-10')).toBe('1');
});

it.each([
  ['ASCII', 'fc'],
  ['UNICODE UTF-8', 'fc'],
  ['8859/7', 'ff'],
  ['GB 18030-2000', 'ff'],
  ['KS X 1001', 'ff'],
])('refuses bytes that are not valid in the declared set %s', (set, bytes) => {
  expect(decode(message(set, hex(bytes)))).toMatchObject({ ok: false, problem: { segment: 'PID', code: '102' } });
});

it.each(['ASCII', '8859/1', '8859/5', '8859/9', '8859/15', 'UNICODE UTF-8', 'WINDOWS-1252', 'GB 18030-2000', 'BIG-5', 'KS X 1001'])(
  'writes in set %s what it reads in it',
  (set) => {
    const charset = charsetNamed([set]);
    const samples = ['Miller', 'Müller', 'Иван', 'ş', '€', '中文', '김'];
    const written = samples.flatMap((text) => {
      const bytes = charset?.encode(text) ?? null;
      return bytes === null ? [] : [[text, charset?.decode(bytes)] as const];
    });
    expect(written.length).toBeGreaterThan(0);
    for (const [text, again] of written) expect(again).toBe(text);
  },
);
