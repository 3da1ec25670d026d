import { judge } from '#adapters/hl7/door.js';
import { orderControls } from '#adapters/hl7/messages-used.js';
import type { OrderReceived } from '#domain/order.js';
import { bytesOf, events, header, judged, MSH, noon, OBR, only, ORC, PID, segment, site } from './hl7-samples.ts';

const one = (...lines: readonly string[]): OrderReceived => only('orderReceived', ...lines);

/** OBR with fields by number. */
function request(fields: Readonly<Record<number, string>>): string {
  return segment('OBR', { 1: '1', 4: 'CTHEAD^CT head^L', ...fields });
}

describe('what an order message wants', () => {
  it.each(Object.entries(orderControls).map(([control, { verb }]) => [control, verb] as const))('ORC-1 %s: %s', (control, verb) => {
    expect(one(MSH, PID, ORC.replace('NW', control), OBR).verb).toBe(verb);
  });

  it.each([
    ['CA', 'cancel'],
    ['DC', 'cancel'],
    ['CM', 'status'],
    ['IP', 'status'],
    ['SC', 'status'],
    ['', 'status'],
  ])('a status (ORC-1 SC) with ORC-5 %s: %s', (status, verb) => {
    const event = one(MSH, PID, segment('ORC', { 1: 'SC', 2: 'P1', 5: status }), OBR);
    expect(event).toMatchObject({ verb, orderStatus: status === '' ? null : status });
  });

  it.each([['ORM^O01^ORM_O01'], ['OMG^O19^OMG_O19'], ['OMI^O23^OMI_O23'], ['ORM']])('in %s', (type) => {
    expect(one(header(type), PID, ORC, OBR).verb).toBe('new');
  });

  it.each(['2.2', '2.3', '2.3.1', '2.4', '2.5', '2.5.1', '2.6', '2.7.1', '2.8'])('in version %s', (version) => {
    expect(one(header('ORM^O01', { 12: version }), PID, ORC, OBR).verb).toBe('new');
  });
});

describe('several orders in one message', () => {
  it('are as many events, each with what is its own', () => {
    const both = events(
      MSH,
      PID,
      'ORC|NW|P1^HIS',
      'TQ1|1||||||||S',
      request({ 18: 'ACC1', 31: '^fall' }),
      'DG1|1||S06.0^Concussion^I10',
      'ORC|CA|P2^HIS',
      request({ 4: 'CTNECK^CT neck^L', 18: 'ACC2' }),
    );
    expect(both).toMatchObject([
      { verb: 'new', order: { placerOrderNumber: { id: 'P1' }, accessionNumber: 'ACC1', priority: 'S', indication: 'fall', reasonCodes: ['S06.0'] } },
      { verb: 'cancel', order: { placerOrderNumber: { id: 'P2' }, accessionNumber: 'ACC2', priority: null, indication: null } },
    ]);
    expect(both[1]).not.toHaveProperty('order.reasonCodes');
  });

  it('take the accession number of their own IPC, also where ORC has no number', () => {
    const both = events(header('OMI^O23'), PID, 'ORC|NW', request({ 2: 'P1' }), 'IPC|A1||||CT', request({ 2: 'P2' }), 'IPC|A2||||CT');
    expect(both).toMatchObject([
      { order: { placerOrderNumber: { id: 'P1' }, accessionNumber: 'A1' } },
      { order: { placerOrderNumber: { id: 'P2' }, accessionNumber: 'A2' } },
    ]);
  });

  it('are one order where the number is the same, in OBR under one ORC or in ORC groups', () => {
    const { order } = one(MSH, PID, ORC, OBR, 'OBR|2|||CTNECK^CT neck^L', ORC, 'OBR|3|||CTCHEST^CT chest^L');
    expect([order.procedure, ...order.procedures].map((each) => each?.code)).toEqual(['CTHEAD', 'CTNECK', 'CTCHEST']);
  });

  it('are one order where a filler made several of one placer order, and the case is told so', () => {
    const event = one(MSH, PID, 'ORC|NW|P1|F1', request({ 18: 'ACC1' }), 'ORC|NW|P1|F2', request({ 4: 'CTNECK^CT neck^L', 18: 'ACC2' }));
    expect(event.order).toMatchObject({ fillerOrderNumber: { id: 'F1' }, accessionNumber: 'ACC1', procedures: [{ code: 'CTNECK' }] });
    expect(event.quality).toContainEqual(expect.objectContaining({ code: 'several-accessions' }));
  });

  it('leave out a group whose control code is not used', () => {
    expect(events(MSH, PID, 'ORC|PA|P9', 'ORC|NW|P1', OBR)).toMatchObject([{ order: { placerOrderNumber: { id: 'P1' } } }]);
  });
});

describe('by what orders are put in order', () => {
  const at = (fields: { readonly control?: string; readonly sent?: string }): unknown => {
    const { sortTime, timeSource } = one(
      header('ORM^O01', { 7: fields.sent ?? '' }),
      PID,
      segment('ORC', { 1: 'NW', 2: 'P1', 9: fields.control ?? '' }),
      OBR,
    );
    return [sortTime, timeSource];
  };

  it('ORC-9, else MSH-7, else nothing: then arrival decides', () => {
    expect(at({ control: '20261125103000+0100', sent: '20261125104000+0100' })).toEqual(['2026-11-25T09:30:00.000Z', 'ORC-9']);
    expect(at({ sent: '20261125104000+0100' })).toEqual(['2026-11-25T09:40:00.000Z', 'MSH-7']);
    expect(at({ control: 'yesterday', sent: '20261125104000+0100' })).toEqual(['2026-11-25T09:40:00.000Z', 'MSH-7']);
    expect(at({})).toEqual([null, 'arrival']);
  });

  it('keeps the times as they were sent, to the byte: field report 13', () => {
    const event = one(header('ORM^O01', { 7: '202611251040+0530' }), PID, segment('ORC', { 1: 'NW', 2: 'P1', 9: '20261125' }), OBR);
    expect(event.messageTime).toBe('202611251040+0530');
    expect(event.order.orderedAt).toBe('20261125');
    expect(event.sortTime).toBe('2026-11-25T05:00:00.000Z');
  });
});

describe('what a message deletes is told apart from what it does not say', () => {
  it('HL7 null clears, an empty field does not', () => {
    const nulls = one(
      MSH,
      PID,
      'PV1|1|""',
      segment('ORC', { 1: 'XO', 2: 'P1', 7: '^^^^^""', 12: '""' }),
      request({ 4: '""', 13: '""', 18: '""', 31: '""' }),
    );
    expect(nulls.cleared).toEqual(['accessionNumber', 'priority', 'indication', 'patientClass', 'orderingProvider', 'procedure']);
    expect(nulls.order).toMatchObject({
      accessionNumber: null,
      priority: null,
      indication: null,
      patientClass: null,
      orderingProvider: null,
      procedure: null,
    });
    expect(one(MSH, PID, 'PV1|1|', 'ORC|XO|P1', 'OBR|1|||').cleared).toEqual([]);
  });

  it('a field that is said elsewhere is not cleared', () => {
    expect(one(MSH, PID, segment('ORC', { 1: 'XO', 2: 'P1', 12: '""' }), request({ 16: 'D7^SMITH' })).cleared).toEqual([]);
  });
});

describe('the accession number stands where the site puts it', () => {
  const lines = [PID, 'ORC|NW|P1', request({ 3: 'F3', 18: 'A18', 20: 'A20' }), 'IPC|AIPC||||CT', 'ZDS|1.2.3^RADLOOP^Application^DICOM'];
  it.each([
    [['OBR-18'], 'A18'],
    [['OBR-20'], 'A20'],
    [['OBR-3'], 'F3'],
    [['IPC-1'], 'AIPC'],
    [['ZDS-1'], '1.2.3'],
    [['ZDS-1.2'], 'RADLOOP'],
    [['ZXX-1', 'OBR-20', 'OBR-18'], 'A20'],
    [[], 'A18'],
  ])('%j: %s', (accessionNumber, expected) => {
    const other = { ...site, fieldMap: { ...site.fieldMap, accessionNumber } };
    expect(judge(bytesOf(MSH, ...lines), other, noon).events).toMatchObject([{ order: { accessionNumber: expected } }]);
  });
});

it.each([
  ['IPC-3', ['IPC|A1||1.2.840.1|S1|CT'], '1.2.840.1'],
  ['ZDS-1 of the IHE form', ['ZDS|1.2.840.2^RADLOOP^Application^DICOM'], '1.2.840.2'],
  ['IPC-3 before ZDS-1', ['IPC|A1||1.2.840.1', 'ZDS|1.2.840.2'], '1.2.840.1'],
  ['nowhere', ['IPC|A1||none yet'], undefined],
])('takes the study instance UID from %s', (_, lines, uid) => {
  expect(one(MSH, PID, ORC, OBR, ...lines).order.studyInstanceUid).toBe(uid);
});

describe('the character set is the one that MSH-18 names, of each message for itself: field report 12', () => {
  const named = (set: string, bytes: Buffer): unknown => {
    const head = Buffer.from(`${header('ORM^O01', { 18: set })}\rPID|1||A1||`);
    const verdict = judge(Buffer.concat([head, bytes, Buffer.from(`\r${ORC}\r${OBR}\r`)]), site, noon);
    return verdict.errors[0]?.segment ?? (verdict.events[0] as OrderReceived).order.patient.name?.family;
  };
  const utf8 = Buffer.from('MÜLLER');
  const latin = Buffer.from('MÜLLER', 'latin1');

  it.each([
    ['UNICODE UTF-8', utf8, 'MÜLLER'],
    ['8859/1', latin, 'MÜLLER'],
    ['8859/15', latin, 'MÜLLER'],
    ['8859/5', Buffer.from([0xb8, 0xd2, 0xd0, 0xdd]), 'Иван'],
    ['UNICODE UTF-8', latin, 'PID'],
    ['ASCII', utf8, 'PID'],
    ['KLINGON', utf8, 'MSH'],
  ])('%s', (set, bytes, expected) => {
    expect(named(set, bytes)).toBe(expected);
  });
});

it('a message about two patients is refused: nothing of one reaches the other, invariant 12', () => {
  const verdict = judged(MSH, PID, ORC, OBR, 'PID|2||B2^^^NORTH-MRN', 'ORC|NW|P2', OBR);
  expect(verdict).toMatchObject({ ackCode: 'AE', events: [], errors: [{ segment: 'PID', field: 3 }] });
  expect(verdict.reason).not.toMatch(/B2|A1/u);
});

it('takes a PID that is repeated for the same patient', () => {
  expect(events(header('OMG^O19'), PID, ORC, OBR, PID, 'ORC|PR|P0', OBR)).toHaveLength(1);
});
