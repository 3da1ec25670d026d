import { buildAck } from '#adapters/hl7/ack.js';
import { decode } from '#adapters/hl7/message.js';
import { bytesOf, header, judged, MSH, noon, OBR, ORC, PID } from './hl7-samples.ts';

function withField(field: number, value: string): string {
  return header('ORM^O01', { [field]: value });
}

describe('what is refused, with the place in an ERR', () => {
  it.each([
    ['an empty message', [''], 'AR', 'MSH', 0, '100'],
    ['garbage', ['GET / HTTP/1.1'], 'AR', 'MSH', 0, '100'],
    ['a message without MSH', [PID, ORC, OBR], 'AR', 'MSH', 0, '100'],
    ['two messages in one frame', [MSH, PID, ORC, OBR, MSH, PID, ORC, OBR], 'AR', 'MSH', 0, '100'],
    ['muddled delimiters', [withField(2, '^^\\&'), PID, ORC, OBR], 'AR', 'MSH', 2, '102'],
    ['no message type', [withField(9, ''), PID, ORC, OBR], 'AR', 'MSH', 9, '101'],
    ['no control id', [withField(10, ''), PID, ORC, OBR], 'AR', 'MSH', 10, '101'],
    ['no processing id', [withField(11, ''), PID, ORC, OBR], 'AR', 'MSH', 11, '101'],
    ['a processing id that is none', [withField(11, 'X'), PID, ORC, OBR], 'AR', 'MSH', 11, '202'],
    ['no version', [withField(12, ''), PID, ORC, OBR], 'AR', 'MSH', 12, '101'],
    ['version 3', [withField(12, '3.0'), PID, ORC, OBR], 'AR', 'MSH', 12, '203'],
    ['a character set that is not read', [`${MSH}||||||UNICODE UTF-16`, PID, ORC, OBR], 'AR', 'MSH', 18, '103'],
    ['bytes outside their character set', [`${MSH}||||||ASCII`, PID.replace('DOE', 'DÖE'), ORC, OBR], 'AE', 'PID', 0, '102'],
    ['no PID', [MSH, ORC, OBR], 'AE', 'PID', 0, '100'],
    ['no ORC', [MSH, PID, OBR], 'AE', 'ORC', 0, '100'],
    ['no OBR', [MSH, PID, ORC], 'AE', 'OBR', 0, '100'],
    ['OBR before ORC', [MSH, PID, OBR, ORC], 'AE', 'OBR', 0, '100'],
    ['an empty ORC-1', [MSH, PID, ORC.replace('NW', ''), OBR], 'AE', 'ORC', 1, '101'],
    ['neither placer nor filler number', [MSH, PID, 'ORC|NW', 'OBR|1|||CTHEAD'], 'AE', 'ORC', 2, '101'],
    ['an order of several without an OBR', [MSH, PID, ORC, OBR, 'ORC|NW|P2^HIS'], 'AE', 'OBR', 0, '100'],
    ['an order of several without a number', [MSH, PID, ORC, OBR, 'ORC|NW', 'OBR|2|||CTHEAD'], 'AE', 'ORC', 2, '101'],
    ['orders of two patients', [MSH, PID, ORC, OBR, 'PID|2||B2', 'ORC|NW|P2', 'OBR|1'], 'AE', 'PID', 3, '102'],
    ['an ADT message about two patients', [header('ADT^A08'), PID, 'PID|2||B2'], 'AE', 'PID', 3, '102'],
    ['an appointment of two patients', [header('SIU^S12'), 'SCH|1', PID, 'PID|2||B2'], 'AE', 'PID', 3, '102'],
    ['an ADT message without PID', [header('ADT^A08')], 'AE', 'PID', 0, '100'],
    ['a merge without MRG', [header('ADT^A40'), PID], 'AE', 'MRG', 0, '100'],
    ['a merge of two patients with one MRG', [header('ADT^A40'), PID, 'PID|2||B2', 'MRG|C3'], 'AE', 'MRG', 0, '100'],
    ['an appointment without SCH', [header('SIU^S12'), PID], 'AE', 'SCH', 0, '100'],
    ['a result without OBR', [header('ORU^R01'), PID], 'AE', 'OBR', 0, '100'],
    ['a document without TXA', [header('MDM^T02'), PID, 'OBX|1|TX|||x'], 'AE', 'TXA', 0, '100'],
    ['a message that is continued', [MSH, PID, ORC, OBR, 'DSC|77|F'], 'AR', 'DSC', 1, '200'],
    ['the continuation of a message', [MSH, 'ADD|rest of a text'], 'AR', 'ADD', 0, '200'],
    ['an order number cut by its sender', [withField(2, '^~\\&#'), PID, 'ORC|NW|P12#^HIS', OBR], 'AE', 'ORC', 2, '102'],
  ])('%s', (_, lines, ack, segment, field, code) => {
    const verdict = judged(...lines);
    expect(verdict.ackCode).toBe(ack);
    expect(verdict.errors[0]).toMatchObject({ segment, field, code });
    expect(verdict.events).toEqual([]);
    expect(verdict.reason).not.toBeNull();
    expect(verdict.reason).not.toMatch(/DOE|DÖE|JANE|A1/u);
  });

  it('names every missing segment at once', () => {
    expect(judged(MSH).errors.map((error) => error.segment)).toEqual(['PID', 'ORC', 'OBR']);
  });
});

describe('what is accepted and kept, but not used', () => {
  it.each([
    ['an unknown trigger', [header('ZZZ^Z01')], 'other'],
    ['an ADT trigger that is not used', [header('ADT^A60'), PID], 'admission'],
    ['a merge of accounts, which joins no patients', [header('ADT^A35'), PID, 'MRG|A1^^^NORTH-MRN||ACC9'], 'merge'],
    ['a merge that names the same identifier twice', [header('ADT^A40'), PID, 'MRG|A1^^^NORTH-MRN'], 'merge'],
    ['an admission of nobody', [header('ADT^A01'), 'PID|1'], 'admission'],
    ['a scheduling trigger that is not used', [header('SIU^S18'), 'SCH|1', PID], 'appointment'],
    ['an appointment for no patient and no order', [header('SIU^S12'), 'SCH|1'], 'appointment'],
    ['an appointment for what is not imaging', [header('SIU^S12'), 'SCH|1', PID, 'AIS|1||CBC'], 'appointment'],
    ['a laboratory result', [header('ORU^R01'), PID, `OBR|1${'|'.repeat(23)}LAB`, 'OBX|1|TX|||x'], 'report'],
    ['a result of what is not imaging', [header('ORU^R01'), PID, 'OBR|1|||CBC', 'OBX|1|TX|||x'], 'report'],
    ['a result of nobody', [header('ORU^R01'), 'OBR|1', 'OBX|1|TX|||x'], 'report'],
    ['a result of numbers alone', [header('ORU^R01'), PID, 'OBR|1', 'OBX|1|NM|||7'], 'report'],
    ['a document trigger without content', [header('MDM^T01'), PID, 'TXA|1'], 'report'],
    ['an acknowledgement of nothing', [header('ACK'), 'MSA|AA|'], 'ack'],
    ['an acknowledgement with a code that is none', [header('ACK'), 'MSA|OK|1'], 'ack'],
    ['an answer of another type', [header('RSP^K22'), 'MSA|AA|1'], 'ack'],
    ['an order response code', [MSH, PID, ORC.replace('NW', 'OK'), OBR], 'order'],
  ])('%s', (_, lines, kind) => {
    const verdict = judged(...lines);
    expect(verdict).toMatchObject({ ackCode: 'AA', errors: [], events: [], acknowledgement: null, kind });
    expect(verdict.reason).not.toBeNull();
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

  it('leaves out what can not be written in the set of the answer, never a question mark in its place: field report 12', () => {
    const bytes = Buffer.from(`${header('ORM^O01', { 4: 'KLINIK MÜNCHEN', 18: 'ASCII' })}\r`, 'latin1');
    const decoded = decode(bytes);
    expect(decoded.ok).toBe(false);
    const ack = buildAck(decoded.message, 'AE', [error], noon, 'ID1').toString('latin1');
    expect(ack).toContain('MSH|^~\\&|RADLOOP|NORTH|HIS||20261125120000+0000||ACK^O01^ACK|ID1|P|2.5.1||||||ASCII\rMSA|AE|MSG1\r');
  });

  it('is in ASCII where the set of MSH-18 can not be read: field report 12', () => {
    const bytes = Buffer.from(`${header('ORM^O01', { 4: 'KLINIK MÜNCHEN', 18: 'KLINGON' })}\r`, 'latin1');
    const { message } = decode(bytes);
    const ack = buildAck(message, 'AR', [{ segment: 'MSH', field: 18, code: '103', text: 'x' }], noon, 'ID1');
    expect([...ack].every((byte) => byte < 0x80)).toBe(true);
    expect(ack.toString()).not.toContain('?');
  });

  it('is the same bytes for the same arguments', () => {
    expect(answered([MSH])).toBe(answered([MSH]));
  });
});
