import { buildAck } from '#adapters/hl7/ack.js';
import { decode } from '#adapters/hl7/message.js';
import { bytesOf, judged, MSH, noon, OBR, ORC, PID } from './hl7-samples.ts';

function header(field: number, value: string): string {
  const fields = MSH.split('|');
  fields[field - 1] = value;
  return fields.join('|');
}

describe('what is refused, with the place in an ERR', () => {
  it.each([
    ['an empty message', [''], 'AR', 'MSH', 0, '100'],
    ['garbage', ['GET / HTTP/1.1'], 'AR', 'MSH', 0, '100'],
    ['a message without MSH', [PID, ORC, OBR], 'AR', 'MSH', 0, '100'],
    ['two messages in one frame', [MSH, PID, ORC, OBR, MSH, PID, ORC, OBR], 'AR', 'MSH', 0, '100'],
    ['muddled delimiters', [header(2, '^^\\&'), PID, ORC, OBR], 'AR', 'MSH', 2, '102'],
    ['no message type', [header(9, ''), PID, ORC, OBR], 'AR', 'MSH', 9, '101'],
    ['no control id', [header(10, ''), PID, ORC, OBR], 'AR', 'MSH', 10, '101'],
    ['no processing id', [header(11, ''), PID, ORC, OBR], 'AR', 'MSH', 11, '101'],
    ['a processing id that is none', [header(11, 'X'), PID, ORC, OBR], 'AR', 'MSH', 11, '202'],
    ['no version', [header(12, ''), PID, ORC, OBR], 'AR', 'MSH', 12, '101'],
    ['version 3', [header(12, '3.0'), PID, ORC, OBR], 'AR', 'MSH', 12, '203'],
    ['a character set that is not read', [`${MSH}||||||UNICODE UTF-16`, PID, ORC, OBR], 'AR', 'MSH', 18, '103'],
    ['bytes outside their character set', [`${MSH}||||||ASCII`, PID.replace('DOE', 'DÖE'), ORC, OBR], 'AE', 'PID', 0, '102'],
    ['no PID', [MSH, ORC, OBR], 'AE', 'PID', 0, '100'],
    ['no ORC', [MSH, PID, OBR], 'AE', 'ORC', 0, '100'],
    ['no OBR', [MSH, PID, ORC], 'AE', 'OBR', 0, '100'],
    ['OBR before ORC', [MSH, PID, OBR, ORC], 'AE', 'OBR', 0, '100'],
    ['an empty ORC-1', [MSH, PID, ORC.replace('NW', ''), OBR], 'AE', 'ORC', 1, '101'],
    ['neither placer nor filler number', [MSH, PID, 'ORC|NW', 'OBR|1|||CTHEAD'], 'AE', 'ORC', 2, '101'],
    ['two orders', [MSH, PID, ORC, OBR, 'ORC|NW|P2^HIS', 'OBR|2|||CTHEAD'], 'AE', 'ORC', 2, '102'],
    ['two orders numbered in OBR', [MSH, PID, 'ORC|NW', 'OBR|1|P1||CTHEAD', 'OBR|2|P2||CTHEAD'], 'AE', 'ORC', 2, '102'],
    ['a new order and the cancel of another', [MSH, PID, ORC, OBR, 'ORC|CA|P2^HIS', 'OBR|2|||CTHEAD'], 'AE', 'ORC', 2, '102'],
    ['a status and a cancel in one message', [MSH, PID, 'ORC|SC|P2', 'OBR|1', 'ORC|CA|P3', 'OBR|1'], 'AE', 'ORC', 2, '102'],
    ['an order number cut by its sender', [header(2, '^~\\&#'), PID, 'ORC|NW|P12#^HIS', OBR], 'AE', 'ORC', 2, '102'],
  ])('%s', (_, lines, ack, segment, field, code) => {
    const verdict = judged(...lines);
    expect(verdict.ackCode).toBe(ack);
    expect(verdict.errors[0]).toMatchObject({ segment, field, code });
    expect(verdict.orderEvent).toBeNull();
    expect(verdict.reason).not.toBeNull();
    expect(verdict.reason).not.toMatch(/DOE|DÖE|JANE|A1/u);
  });

  it('names every missing segment at once', () => {
    expect(judged(MSH).errors.map((error) => error.segment)).toEqual(['PID', 'ORC', 'OBR']);
  });
});

describe('what is accepted and kept, but not used', () => {
  it.each([
    ['an unknown trigger', [MSH.replace('ORM^O01', 'ZZZ^Z01')], 'other'],
    ['an admission', [MSH.replace('ORM^O01', 'ADT^A01'), PID], 'admission'],
    ['a merge', [MSH.replace('ORM^O01', 'ADT^A40'), PID, 'MRG|B2'], 'merge'],
    ['an appointment', [MSH.replace('ORM^O01', 'SIU^S12')], 'appointment'],
    ['a report', [MSH.replace('ORM^O01', 'ORU^R01'), PID, 'OBR|1'], 'report'],
    ['an acknowledgment', [MSH.replace('ORM^O01', 'ACK'), 'MSA|AA|1'], 'ack'],
    ['an order status', [MSH, PID, ORC.replace('NW', 'SC'), OBR], 'order'],
  ])('%s', (_, lines, kind) => {
    expect(judged(...lines)).toMatchObject({ ackCode: 'AA', errors: [], orderEvent: null, kind });
    expect(judged(...lines).reason).not.toBeNull();
  });
});

describe('the answer', () => {
  const error = { segment: 'OBR', field: 4, code: '101', text: 'OBR-4 is empty | so what' };

  function answered(lines: readonly string[], code: 'AA' | 'AE' = 'AE', errors = [error]): string {
    const { message } = decode(bytesOf(...lines));
    return buildAck(message, code, errors, noon, 'ID1').toString('utf8');
  }

  it('swaps sender and receiver, mirrors trigger, version and control id, and names the place in ERR-2', () => {
    expect(answered([MSH.replace('HIS', 'HIS^1.2^ISO')]).split('\r')).toEqual([
      'MSH|^~\\&|RADLOOP|NORTH|HIS^1.2^ISO|NORTH|20261125120000+0000||ACK^O01^ACK|ID1|P|2.5.1',
      'MSA|AE|MSG1',
      'ERR||OBR^1^4|101^Required field missing^HL70357|E||||OBR-4 is empty \\F\\ so what',
      '',
    ]);
  });

  it('has ERR-1 and MSA-3 for versions before 2.5', () => {
    expect(
      answered([MSH.replace('2.5.1', '2.3')])
        .split('\r')
        .slice(1),
    ).toEqual(['MSA|AE|MSG1|OBR-4 is empty \\F\\ so what', 'ERR|OBR^1^4^101&Required field missing&HL70357', '']);
  });

  it('mirrors delimiters and character set, in the bytes of that set', () => {
    const lines = ['MSH*:!$%*KLINIK MÜNCHEN*N*RIS*N*2026**ORM:O01*7*P*2.5******8859/1'];
    const { message } = decode(Buffer.from(`${lines.join('\r')}\r`, 'latin1'));
    const ack = buildAck(message, 'AE', [error], noon, 'ID1').toString('latin1');
    expect(ack).toContain('MSH*:!$%*RIS*N*KLINIK MÜNCHEN*N*20261125120000+0000**ACK:O01:ACK*ID1*P*2.5******8859/1\rMSA*AE*7\rERR**OBR:1:4*');
  });

  it('gives back a control id with components as it came', () => {
    expect(answered([MSH.replace('MSG1', 'A^B&C')])).toContain('MSA|AE|A^B&C\r');
  });

  it('answers what is no HL7 with its own header', () => {
    const ack = buildAck(null, 'AR', judged('garbage').errors, noon, 'ID1').toString();
    expect(ack).toMatch(/^MSH\|\^~\\&\|\|\|\|\|20261125120000\+0000\|\|ACK\|ID1\|P\|2\.5\.1\rMSA\|AR\rERR\|\|MSH\^1\|100\^/u);
  });

  it('does not claim a character set that it could not read', () => {
    const verdict = judged(`${MSH}||||||UNICODE UTF-16`);
    const again = decode(buildAck(verdict.message, verdict.ackCode, verdict.errors, noon, 'ID1'));
    expect(again).toMatchObject({ ok: true });
    expect(again.message?.text('MSH-18')).toBe('');
    expect(again.message?.text('MSA-2')).toBe('MSG1');
  });

  it('is the same bytes for the same arguments', () => {
    expect(answered([MSH])).toBe(answered([MSH]));
  });
});
