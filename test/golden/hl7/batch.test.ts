import { batchOf, isContinued, splitBatch } from '#adapters/hl7/batch.js';
import { decode } from '#adapters/hl7/message.js';
import { instant } from '#core/time.js';

const message = (id: number, signs = '|^~\\&'): string => `MSH${signs}${signs.charAt(0)}HIS\rNTE|${id}\r`;
const split = (text: string): ReturnType<typeof splitBatch> => splitBatch(Buffer.from(text, 'latin1'));

it.each(['\r', '\n', '\r\n', '\r\n\r\n'])('takes a batch apart and leaves every message its own bytes (line end %j)', (end) => {
  const messages = [1, 2, 3].map((id) => message(id).replaceAll('\r', end));
  const batch = split(`FHS|^~\\&${end}BHS|^~\\&|HIS${end}${messages.join('')}BTS|3${end}FTS|1${end}`);
  expect(batch?.messages.map(String)).toEqual(messages);
  expect(batch?.problem).toBeNull();
});

it('takes BHS alone, several batches of a file, other delimiters, a byte order mark and a missing end', () => {
  expect(split(`\u00ef\u00bb\u00bfBHS|^~\\&\r${message(1)}`)?.messages.map(String)).toEqual([message(1)]);
  const several = split(`FHS*:!$%\rBHS*:!$%\r${message(1, '*:!$%')}BTS*1\rBHS*:!$%\r${message(2)}${message(3)}BTS*2\rFTS*2`);
  expect(several?.messages.map(String)).toEqual([message(1, '*:!$%'), message(2), message(3)]);
  expect(several?.problem).toBeNull();
});

it('keeps a text with a line end in it with its message', () => {
  const two = 'MSH|^~\\&|HIS\rOBX|1|TX|||one\ntwo\nBTSX\r';
  expect(split(`BHS|^~\\&\r${two}BTS|1\r`)?.messages.map(String)).toEqual([two]);
});

it('gives no messages for an empty batch, and null for a message that is none', () => {
  expect(split('BHS|^~\\&\rBTS|0\r')?.messages).toEqual([]);
  expect(split(message(1))).toBeNull();
  expect(split('FHSA')).toBeNull();
  expect(split('')).toBeNull();
});

it('says when the count of the batch is not what came: a part of it was lost', () => {
  expect(split(`BHS|^~\\&\r${message(1)}BTS|2\r`)?.problem).toMatchObject({ segment: 'BTS', field: 1 });
  expect(split(`FHS|^~\\&\rBHS|^~\\&\r${message(1)}BTS|1\rFTS|2\r`)?.problem).toMatchObject({ segment: 'FTS', field: 1 });
  expect(split(`BHS|^~\\&\r${message(1)}BTS|one\r`)?.problem).not.toBeNull();
  expect(split(`BHS|^~\\&\r${message(1)}BTS\r`)?.problem).toBeNull();
});

it('puts the answers into a batch that can be taken apart again', () => {
  const answers = [Buffer.from('MSH|^~\\&|A\rMSA|AA|1\r'), Buffer.from('MSH|^~\\&|A\rMSA|AE|2\r')];
  const batch = batchOf(answers, instant.parse('2026-11-25T10:40:00.000Z'));
  expect(batch.toString()).toBe(`BHS|^~\\&|||||20261125104000+0000\r${answers.join('')}BTS|2\r`);
  expect(splitBatch(batch)).toEqual({ messages: answers, problem: null });
});

it('knows a message that goes on in another: DSC-1 filled, or ADD', () => {
  const read = (more: string): boolean => {
    const decoded = decode(Buffer.from(`MSH|^~\\&|HIS\r${more}`));
    return decoded.message !== null && isContinued(decoded.message);
  };
  expect(read('PID|1\rDSC|next|F\r')).toBe(true);
  expect(read('ADD|rest\r')).toBe(true);
  expect(read('PID|1\rDSC||\r')).toBe(false);
  expect(read('PID|1\r')).toBe(false);
});
