import fc from 'fast-check';
import { fieldsOf } from '#adapters/hl7/fields.js';
import { masked, shapeOf } from '#engine/masked.js';

const message = (...segments: string[]): Buffer => Buffer.from(`${segments.join('\r')}\r`);
const MSH = 'MSH|^~\\&|RIS|NORTH|RADLOOP|NORTH|20261125100000||ORM^O01|M1|P|2.5.1';
const shown = (...segments: string[]) => Object.fromEntries((masked(message(...segments), fieldsOf) ?? []).map(({ at, value }) => [at, value]));

describe('a message as an operator sees it', () => {
  it('shows letters as x and digits as 9, in any alphabet, with separators and escapes as they stand', () => {
    expect(shown(MSH, 'PID|||123^^^MRN~77^^^NHS||Müller^Zoë^^^Dr.||19541005')).toMatchObject({
      'PID-3': '999^^^xxx~99^^^xxx',
      'PID-5': 'xxxxxx^xxx^^^xx.',
      'PID-7': '99999999',
    });
    expect(shown(MSH.replace('|2.5.1', '|2.5.1||||||UNICODE UTF-8'), 'PID|||1||山田^太郎')['PID-5']).toBe('xx^xx');
    expect(shown(MSH, 'NTE|1||Fell \\T\\ hit \\.br\\ the head')['NTE-3']).toBe('xxxx \\x\\ xxx \\.xx\\ xxx xxxx');
  });

  it('shows who sent what to whom, what was answered and where it failed', () => {
    expect(shown(MSH, 'MSA|AE|M1|Patient Abara is unknown', 'ERR||PID^1^3|204^Unknown key^HL70357|E||||Vera Abara')).toMatchObject({
      'MSH-3': 'RIS',
      'MSH-9': 'ORM^O01',
      'MSH-10': 'M1',
      'MSA-1': 'AE',
      'MSA-2': 'M1',
      'MSA-3': 'xxxxxxx xxxxx xx xxxxxxx',
      'ERR-2': 'PID^1^3',
      'ERR-3': '204^Unknown key^HL70357',
      'ERR-8': 'xxxx xxxxx',
    });
    expect(shown(MSH, 'ORC|NW|P1')).toMatchObject({ 'ORC-1': 'NW', 'ORC-2': 'x9' });
  });

  it('masks a header that has swallowed the segments after it, and a header field that looks like no header field', () => {
    const swallowed = shown(`${MSH}||||||||||PID|1||M4811000||Abara^Vera||19541005|F||||||||||`);
    expect(Object.values(swallowed).join(' ')).not.toMatch(/Abara|M4811000|RIS/u);
    expect(shown(MSH.replace('|RIS|', '|Vera Abara (née Müller)|'))['MSH-3']).toBe('xxxx xxxxx (xxx xxxxxx)');
  });

  it('counts what is long', () => {
    expect(shown(MSH, `OBX|1|ED|||${'QUJD'.repeat(100)}`)['OBX-5']).toBe(`${'x'.repeat(60)}… (400 characters)`);
  });

  it('gives nothing of what is no message but its shape', () => {
    expect(masked(Buffer.from('hello'), fieldsOf)).toBeNull();
    expect(shapeOf('GET /Abara 12\u0007')).toBe('xxx /xxxxx 99?');
  });

  it('lets no letter and no digit of any value through but x and 9, whatever the message', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { maxLength: 12 }), (values) => {
        const text = [MSH.replace('|2.5.1', '|2.5.1||||||UNICODE UTF-8'), `PID|${values.join('|')}`, `ZPI|${values.join('|')}`].join('\r');
        for (const { at, value } of masked(Buffer.from(text), fieldsOf) ?? []) {
          if (/^(MSH|MSA|ERR|ORC|…)/u.test(at)) continue;
          const body = value.replace(/… \(\d+ characters\)$/u, '');
          expect(body).not.toMatch(/[^\P{L}x]|[^\P{N}9]/u);
        }
      }),
    );
  });
});
